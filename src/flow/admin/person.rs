//! What an admin does to one person. Who may act on whom is decided here, never by a page: nobody acts on a
//! person with a higher or equal role, unless as an owner, and nobody on their own factors.

use crate::domain::account::{Account, AccountId};
use crate::domain::admin::Role;
use crate::flow::account::factors::{self, Invitation};
use crate::flow::account::lock_down;
use crate::flow::account::lock_down_view::{LockDownView, lock_down_of};
use crate::flow::account::sessions::{self, EndedView};
use crate::flow::account::suspension::{self, SuspensionError};
use crate::flow::admin::acting::actor_name;
use crate::flow::admin::session::{self, CheckedAdmin};
use crate::flow::installation::context::{LoginParts, Visit};
use crate::flow::installation::fault::Fault;
use crate::flow::person::admin_role;
use crate::store::StoreError;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    #[error("there is no such account")]
    Unknown,
    #[error("an admin can't do this to the own account")]
    Oneself,
    #[error("the person has a higher or equal role in the admin panel")]
    HigherRole,
    #[error("the directory can't say whether the person has a role in the admin panel")]
    RoleUnknown,
    #[error("the account is in use, or the person has no conflict about it any more")]
    NotHandedOver,
    #[error(transparent)]
    Suspension(SuspensionError),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for ActError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<SuspensionError> for ActError {
    fn from(error: SuspensionError) -> Self {
        match error {
            SuspensionError::Unknown => Self::Unknown,
            SuspensionError::Store(error) => error.into(),
            other => Self::Suspension(other),
        }
    }
}

/// An admin who acts on people, in one request.
#[derive(Clone, Copy)]
pub struct Acting<'a> {
    pub parts: &'a LoginParts,
    pub visit: &'a Visit,
    pub admin: &'a CheckedAdmin,
}

/// The lock-down of a person, with the name of the admin; `None` if there is none.
pub async fn locked_down(parts: &LoginParts, id: &str) -> Result<Option<(Account, LockDownView)>, Fault> {
    let Some(account) = parts.store.identity().account(&AccountId(id.to_owned())).await? else {
        return Ok(None);
    };
    let Some(view) = lock_down_of(parts, &account).await? else { return Ok(None) };
    let by = actor_name(parts, &view.by).await?;
    Ok(Some((account, LockDownView { by, ..view })))
}

/// Whether an admin may do something to the own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OnOneself {
    Allowed,
    Refused,
}

impl Acting<'_> {
    /// Ends all sessions and tokens of a person.
    pub async fn end_sessions(&self, id: &str) -> Result<EndedView, ActError> {
        let account = self.target(id, OnOneself::Allowed).await?;
        Ok(sessions::end_sessions(self.parts, &account.id, &self.admin.actor).await?)
    }

    /// Issues a code to read out to a person.
    pub async fn invite(&self, id: &str) -> Result<Invitation, ActError> {
        let account = self.target(id, OnOneself::Refused).await?;
        Ok(factors::invite(self.parts, &account.id, &self.admin.actor).await?)
    }

    /// Removes all second factors of a person.
    pub async fn reset_factors(&self, id: &str) -> Result<(), ActError> {
        let account = self.target(id, OnOneself::Refused).await?;
        Ok(factors::reset(self.parts, &account.id, &self.admin.actor).await?)
    }

    /// Suspends a person here.
    pub async fn suspend(&self, id: &str) -> Result<EndedView, ActError> {
        let account = self.target(id, OnOneself::Refused).await?;
        Ok(suspension::suspend(self.parts, &account, &self.admin.actor).await?)
    }

    /// Locks a person down.
    pub async fn lock_down(&self, id: &str) -> Result<LockDownView, ActError> {
        let account = self.target(id, OnOneself::Refused).await?;
        Ok(lock_down::lock_down(self.parts, &account, &self.admin.actor).await?)
    }

    /// Ends a suspension that was made here.
    pub async fn reactivate(&self, id: &str) -> Result<(), ActError> {
        let account = self.target(id, OnOneself::Refused).await?;
        Ok(suspension::reactivate(self.parts, &account, &self.admin.actor).await?)
    }

    /// The account of another person, if the admin may act on them.
    pub(super) async fn other_person(&self, id: &str) -> Result<Account, ActError> {
        self.target(id, OnOneself::Refused).await
    }

    /// The account, if the admin may act on its person. A refusal is recorded.
    async fn target(&self, id: &str, on_oneself: OnOneself) -> Result<Account, ActError> {
        let account = self.parts.store.identity().account(&AccountId(id.to_owned())).await?;
        let account = account.ok_or(ActError::Unknown)?;
        if let Err(error) = self.permitted(&account, on_oneself).await {
            let cause = match &error {
                ActError::Oneself => "person:oneself",
                ActError::HigherRole => "person:higher_role",
                ActError::RoleUnknown => "person:role_unknown",
                _ => return Err(error),
            };
            session::record_refusal(self.parts, self.visit, self.admin, cause.to_owned()).await?;
            return Err(error);
        }
        Ok(account)
    }

    async fn permitted(&self, account: &Account, on_oneself: OnOneself) -> Result<(), ActError> {
        if self.admin.actor.account() == Some(&account.id) {
            return if on_oneself == OnOneself::Allowed { Ok(()) } else { Err(ActError::Oneself) };
        }
        let role = self.admin.session.role;
        if role == Role::Owner || role.may_act_on(self.role_of(account).await?) {
            return Ok(());
        }
        Err(ActError::HigherRole)
    }

    async fn role_of(&self, account: &Account) -> Result<Option<Role>, ActError> {
        let (parts, current) = (self.parts, self.parts.current());
        match admin_role::highest(&parts.store, &parts.clock, &current, account).await {
            Err(Fault::Directory(_)) => Err(ActError::RoleUnknown),
            role => Ok(role?),
        }
    }
}
