//! The owner of a session: judged again, with what the person may do on the account page.

use crate::domain::account::Account;
use crate::domain::evidence::Level;
use crate::domain::login::LivingSession;
use crate::domain::session::Session;
use crate::domain::settings::{Enrolment, Required};
use crate::domain::{MINUTE, Millis};
use crate::flow::account::change_password;
use crate::flow::account::factors::{self, AccountFactors};
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::fault::Fault;
use crate::flow::person::admin_role;
use crate::flow::person::rejudge::{self, Groups};

/// How recent the sign-in must be for a change.
pub const FRESH: Millis = 5 * MINUTE;

/// The owner of a session, judged again.
#[derive(Clone, Debug)]
pub struct Owner {
    pub account: Account,
    pub session: Session,
    pub standing: AccountFactors,
    pub may: OwnerRights,
}

impl Owner {
    /// What the person types to sign in.
    #[must_use]
    pub fn login_name(&self) -> &str {
        self.account.profile.login_name.as_deref().unwrap_or(&self.account.profile.email)
    }
}

/// What the owner of a session may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnerRights {
    /// Change a factor: the sign-in is recent, and with every factor that the person has.
    pub change: bool,
    /// Add another authenticator. The first one is set up at sign-in if the help desk has to approve it.
    pub add: bool,
    pub remove_last: bool,
    /// Change the directory password, once the sign-in is recent enough.
    pub password: bool,
}

/// Judges the owner of a session; `None` for a session that is no longer valid.
pub async fn owner(parts: &LoginParts, session: Session) -> Result<Option<Owner>, Fault> {
    let current = parts.current();
    let policy = &current.settings.second_factor;
    let groups = if policy.required == Required::Groups { Groups::Needed } else { Groups::Unneeded };
    let judged =
        rejudge::by_record_or_live(&parts.store, &parts.clock, &current, &session.evidence.account, groups)
            .await?;
    let now = parts.now();
    let living = judged
        .judgement
        .passed()
        .and_then(|passed| LivingSession::new(passed, &session, &current.settings.session, now));
    let (Some(_), Some(account)) = (living, judged.account) else { return Ok(None) };
    let standing = factors::account_factors(parts, &account.id).await?;
    let may = OwnerRights {
        change: is_fresh(&session, now) && is_sure(&session, &standing),
        add: standing.has_factor()
            || policy.required != Required::Nobody
                && policy.enrolment == Enrolment::Alone
                && !admin_role::may_have_one(&parts.store, &parts.clock, &current, &account.id).await?,
        remove_last: match policy.required {
            Required::Nobody | Required::Optional => true,
            Required::Groups => !judged.in_policy_group,
            Required::Everyone => false,
        },
        password: change_password::site_of(&current, &account).is_some(),
    };
    Ok(Some(Owner { account, session, standing, may }))
}

/// A clock that was set back ends it as well.
fn is_fresh(session: &Session, now: Millis) -> bool {
    (0..FRESH).contains(&(now - session.evidence.auth_time))
}

/// An owner with a factor must have proven it: a remembered browser is not enough here.
fn is_sure(session: &Session, standing: &AccountFactors) -> bool {
    !standing.has_factor() || session.evidence.level() == Level::Mfa
}
