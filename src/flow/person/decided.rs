//! What is to be done for one person, whether the mirror of a run or a live entry says so.

use std::collections::BTreeSet;

use crate::directory::{DirectoryError, Found};
use crate::domain::account::{Account, AccountId, SuspendedBecause};
use crate::domain::entry::EntryId;
use crate::domain::reconcile::{self, Action, Observed, Outcome, StoredAccounts};
use crate::domain::team_share::{Share, ShareChange, ShareDiff};
use crate::domain::{Millis, email};
use crate::flow::installation::fault::Fault;
use crate::flow::person::look::{LiveDetails, LiveEntry};
use crate::store::{AccountsFor, Loss, Store, StoreError};

/// What is to be done for one person.
#[derive(Clone, Debug)]
pub(in crate::flow) struct DecidedPerson {
    pub entry: EntryId,
    pub login_name: String,
    /// The account that is linked to the entry, as it was.
    pub account: Option<Account>,
    /// The account to link, if the outcome says so.
    pub to_link: Option<Account>,
    pub outcome: Outcome,
    /// Team Shares to join and to leave.
    pub shares: ShareDiff,
    /// When the password was set, by the directory's clock.
    pub password_changed_at: Option<Millis>,
    /// False if the account alone is not enough to judge the person by, so that its sessions are judged on a
    /// live read.
    pub confirms: bool,
}

impl DecidedPerson {
    /// True if the person loses something: an active account is suspended, or a Team Share is left.
    pub(in crate::flow) fn takes(&self) -> bool {
        matches!(self.outcome.action, Action::Suspend(..)) || !self.shares.left.is_empty()
    }

    /// What the person loses.
    pub(in crate::flow) fn loss(&self) -> Loss {
        let suspend = match self.outcome.action {
            Action::Suspend(_, because, _) => Some(because),
            _ => None,
        };
        let shares: BTreeSet<&Share> = self.shares.left.iter().map(|change| &change.share).collect();
        Loss { suspend, shares: shares.into_iter().map(|share| share.team_share.clone()).collect() }
    }

    /// The same without what the person would lose, which waits for an administrator.
    pub(in crate::flow) fn without_loss(mut self) -> Self {
        self.outcome = self.outcome.without_suspension(self.account.as_ref());
        self.shares.left.clear();
        self
    }

    /// The account that the outcome is about, as it was.
    pub(in crate::flow) fn subject(&self) -> Option<&Account> {
        self.account.as_ref().or(self.to_link.as_ref())
    }

    /// The account and the time of its password, if that is newer than recorded.
    pub(in crate::flow) fn newer_password(&self) -> Option<(AccountId, Millis)> {
        self.account.as_ref()?.newer_password(self.password_changed_at)
    }

    /// True if nothing is to be written but when the account was seen, and whether it is confirmed.
    pub(in crate::flow) fn is_unchanged(&self) -> bool {
        matches!(self.outcome.action, Action::Keep(_))
            && self.shares.is_empty()
            && self.newer_password().is_none()
    }
}

/// Decides for a live entry. No Team Share is left by it: for a single person, leaving a group can't be
/// distinguished from a group that is gone.
pub(in crate::flow) async fn decide_live(
    store: &Store,
    live: &LiveEntry<'_>,
    details: &LiveDetails,
    now: Millis,
) -> Result<DecidedPerson, Fault> {
    let mut person = decide_account(store, live, details, now).await?;
    // Nor can leaving a selected OU be distinguished from an OU that was renamed: the gate refuses, and only a
    // run that has found its scope suspends.
    if let Action::Suspend(id, SuspendedBecause::OutOfScope, _) = &person.outcome.action {
        person.outcome.action = Action::Keep(id.clone());
        person.confirms = false;
    }
    person.shares.joined = joined(store, live, details, &person, now).await?;
    Ok(person)
}

async fn decide_account(
    store: &Store,
    live: &LiveEntry<'_>,
    details: &LiveDetails,
    now: Millis,
) -> Result<DecidedPerson, Fault> {
    let LiveEntry { site, entry, .. } = *live;
    let seen = Observed::new(entry, details.scope.is_some());
    let keys: Vec<String> = entry.email.iter().map(|address| email::key(address)).collect();
    let AccountsFor { linked, email_owners } =
        store.identity().accounts_for(site.id(), &[entry.id], &keys).await?;
    let owner = email_owners.first();
    let (mapped, owner_is_mapped) = match linked.is_empty() {
        true => mapped_accounts(store, live, owner).await?,
        false => (None, false),
    };
    let mut stored = StoredAccounts {
        linked: linked.first(),
        mapped: mapped.as_ref(),
        email_owner: owner,
        owner_is_mapped,
        may_link: site.settings.email_written_by_admins_only,
        email_domains: &site.settings.email_domains,
        ..StoredAccounts::default()
    };
    let mut outcome = reconcile::decide(site.id(), &seen, stored, now);
    if gives_an_email(&outcome.action, owner) {
        // The account or the email address is new to this person: check that no other entry has it.
        let elsewhere = !store.sync().emails_elsewhere(site.id(), &keys).await?.is_empty();
        stored.email_is_shared = email_is_shared(live).await?;
        stored.email_is_contested = stored.email_is_shared || elsewhere;
        outcome = reconcile::decide(site.id(), &seen, stored, now);
    }
    Ok(DecidedPerson {
        entry: entry.id,
        login_name: entry.login_name.clone(),
        account: stored.linked.cloned(),
        to_link: stored.to_link(&outcome).cloned(),
        outcome,
        shares: ShareDiff::default(),
        password_changed_at: entry.password_changed_at,
        confirms: !entry.must_be_looked_at(now),
    })
}

/// The account mapped to the entry, and whether the owner of its email address is mapped to any.
async fn mapped_accounts(
    store: &Store,
    live: &LiveEntry<'_>,
    owner: Option<&Account>,
) -> Result<(Option<Account>, bool), StoreError> {
    let (site, entry) = (live.site, live.entry.id);
    let mapped = store.identity().mapped_to(site.id(), &[entry]).await?.remove(&entry);
    let unlinked = owner.filter(|owner| owner.link.is_none()).map(|owner| owner.id.clone());
    Ok((mapped, !store.identity().mapped_among(unlinked.as_slice()).await?.is_empty()))
}

/// True if the action gives an account a new email address, or a person the account that has the address.
fn gives_an_email(action: &Action, owner: Option<&Account>) -> bool {
    match action {
        Action::Create(_) | Action::Link(..) => true,
        Action::Update(_, change) | Action::Suspend(_, _, change) | Action::Reactivate(_, change) => {
            change.profile.is_some() && owner.is_none()
        }
        Action::Keep(_) | Action::Ignore => false,
    }
}

/// Whether another entry has the email address too: then a sync run decides, which knows both scopes.
async fn email_is_shared(live: &LiveEntry<'_>) -> Result<bool, DirectoryError> {
    let Some(email) = &live.entry.email else { return Ok(false) };
    let found = live.site.directory.person_with_email(email, live.deadline).await?;
    Ok(!matches!(found, Found::One(other) if other.id == live.entry.id))
}

/// The Team Shares that the person does not have yet, so that a new person has them with the first token.
async fn joined(
    store: &Store,
    live: &LiveEntry<'_>,
    details: &LiveDetails,
    person: &DecidedPerson,
    now: Millis,
) -> Result<Vec<ShareChange>, StoreError> {
    let due = &details.shares_due;
    let after = reconcile::preview(person.subject(), &person.outcome, now);
    if due.is_empty() || !after.is_some_and(|after| after.is_usable(now)) {
        return Ok(Vec::new());
    }
    let Some(account) = &person.account else { return Ok(due.clone()) };
    let has = store.sync().shares_by_account(live.site.id(), std::slice::from_ref(&account.id)).await?;
    let has = has.get(&account.id);
    let new = |change: &&ShareChange| has.is_none_or(|has| !has.contains(&change.share));
    Ok(due.iter().filter(new).cloned().collect())
}
