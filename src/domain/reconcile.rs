//! Compare an entry with the stored accounts and decide what to change. The caller reads the data, and
//! applies the result in one transaction.
//!
//! Each decision is about one entry. An email address that an account gives up in a run becomes free for
//! another entry of the same run. A caller that decides for many entries therefore retries those with
//! [`Conflict::MailTaken`] until nothing changes; then the order of entries makes no difference.

mod conflict;

pub use self::conflict::{Conflict, ConflictKind, StoredConflict};
use super::account::{Account, AccountId, Link, Profile, Status, SuspendedBecause};
use super::entry::{DirectoryId, Entry, EntryId, Sid};
use super::{Millis, email};

/// One entry as a sync run saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// objectGUID or entryUUID.
    pub entry: EntryId,
    pub sid: Option<Sid>,
    /// `None` if the entry has no email address.
    pub profile: Option<Profile>,
    /// The login name, to identify the person in a conflict.
    pub login_name: String,
    /// Whether it is in a synced OU or group.
    pub in_scope: bool,
    pub disabled: bool,
    /// When the account becomes valid in the directory.
    pub starts_at: Option<Millis>,
    /// When the account expires in the directory.
    pub expires_at: Option<Millis>,
    /// When the password was set, by the directory's clock.
    pub password_changed_at: Option<Millis>,
}

impl Observed {
    /// Extracts the account data from an entry.
    #[must_use]
    pub fn new(entry: &Entry, in_scope: bool) -> Self {
        Self {
            entry: entry.id,
            sid: entry.sid.clone(),
            profile: entry.email.as_ref().map(|email| Profile {
                email: email.clone(),
                login_name: Some(entry.login_name.clone()),
                attributes: entry.shown_attributes(),
            }),
            login_name: entry.login_name.clone(),
            in_scope,
            disabled: entry.disabled,
            starts_at: entry.starts_at,
            expires_at: entry.expires_at,
            password_changed_at: entry.password_changed_at,
        }
    }

    /// Why this entry's account may not be used: the cause that an administrator would name first.
    #[must_use]
    pub fn suspension_reason(&self, now: Millis) -> Option<SuspendedBecause> {
        // An entry that is not valid yet counts as disabled until then.
        if self.disabled || self.starts_at.is_some_and(|start| now < start) {
            Some(SuspendedBecause::Disabled)
        } else if self.expires_at.is_some_and(|end| end <= now) {
            Some(SuspendedBecause::Expired)
        } else if !self.in_scope {
            Some(SuspendedBecause::OutOfScope)
        } else {
            None
        }
    }
}

/// The stored data that matters for one entry.
#[derive(Clone, Copy, Debug, Default)]
pub struct StoredAccounts<'a> {
    /// The account that is linked to this entry.
    pub linked: Option<&'a Account>,
    /// The unlinked account that an administrator has mapped to this entry by its id.
    pub mapped: Option<&'a Account>,
    /// The account with this entry's email address, whatever entry it is linked to.
    pub email_owner: Option<&'a Account>,
    /// True if an administrator has mapped that account to an entry: then no other entry gets it by its email
    /// address.
    pub owner_is_mapped: bool,
    /// True if another entry that may get an account has the same email address: then neither gets it,
    /// because the order of the entries would decide.
    pub email_is_shared: bool,
    /// True if another entry, in scope or not, has the same email address: then neither gets an account that
    /// CloudSync already had by its address.
    pub email_is_contested: bool,
    /// True if an account that CloudSync already had may be linked by its email address: only if
    /// administrators alone write addresses, or in a plan that names each link. Otherwise a person who can
    /// write their own address could take over another person's account (OWASP ASVS 5.0, 6.8.1).
    pub may_link: bool,
    /// The domains of the addresses that the directory may assign; empty: any.
    pub email_domains: &'a [String],
}

impl<'a> StoredAccounts<'a> {
    /// The account that the outcome links to the entry, if it does.
    #[must_use]
    pub fn to_link(self, outcome: &Outcome) -> Option<&'a Account> {
        let Action::Link(id, _) = &outcome.action else { return None };
        [self.mapped, self.email_owner].into_iter().flatten().find(|account| account.id == *id)
    }
}

/// What to do with one person's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Unchanged; only the time it was seen is written.
    Keep(AccountId),
    /// No account, and none is needed.
    Ignore,
    Create(Change),
    /// Link an account that CloudSync already had to this entry.
    Link(AccountId, Change),
    Update(AccountId, Change),
    /// Suspend the account, and update it.
    Suspend(AccountId, SuspendedBecause, Change),
    /// Reactivate the account, and update it.
    Reactivate(AccountId, Change),
}

impl Action {
    /// The account that it concerns; `None` if there is none yet.
    #[must_use]
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Keep(id)
            | Self::Link(id, _)
            | Self::Update(id, _)
            | Self::Suspend(id, ..)
            | Self::Reactivate(id, _) => Some(id),
            Self::Ignore | Self::Create(_) => None,
        }
    }
}

/// The values to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The entry that the account is linked to.
    pub link: Link,
    /// `None` keeps the stored profile (a conflict, or an entry that lost its email address).
    pub profile: Option<Profile>,
    /// When the account expires in the directory.
    pub expires_at: Option<Millis>,
}

/// The decision for one entry: what to do, and the conflict if there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub action: Action,
    /// What an administrator must fix.
    pub conflict: Option<Conflict>,
}

impl Outcome {
    /// The same without the suspension, which waits for an administrator. `linked` is the account that the
    /// outcome was decided for.
    #[must_use]
    pub fn without_suspension(self, linked: Option<&Account>) -> Self {
        let (Action::Suspend(id, _, change), Some(account)) = (&self.action, linked) else { return self };
        let change = Change { expires_at: account.expires_at, ..change.clone() };
        let action = match differs(account, &change) {
            true => Action::Update(id.clone(), change),
            false => Action::Keep(id.clone()),
        };
        Self { action, ..self }
    }
}

/// Decides for one entry that the directory returned.
#[must_use]
pub fn decide(directory: &DirectoryId, seen: &Observed, stored: StoredAccounts<'_>, now: Millis) -> Outcome {
    // Never relinked: an account linked to another entry, or to another directory with a copy of this one,
    // does not count.
    let linked = stored.linked.filter(|account| {
        account.link.as_ref().is_some_and(|link| link.entry == seen.entry && link.directory == *directory)
    });
    match linked {
        Some(account) => decide_linked(directory, seen, account, stored, now),
        None => decide_new(directory, seen, stored, now),
    }
}

/// Decides for a linked account whose entry was missing in a complete run.
#[must_use]
pub fn gone(account: &Account) -> Option<SuspendedBecause> {
    (account.status == Status::Active && account.link.is_some()).then_some(SuspendedBecause::OutOfScope)
}

fn decide_linked(
    directory: &DirectoryId,
    seen: &Observed,
    account: &Account,
    stored: StoredAccounts<'_>,
    now: Millis,
) -> Outcome {
    let conflict = conflict_of(seen, stored, Some(&account.id));
    let profile = if conflict.is_none() { seen.profile.clone() } else { None };
    let change = Change { link: link(directory, seen), profile, expires_at: seen.expires_at };
    let differs = differs(account, &change);
    let id = account.id.clone();
    let action = match (account.status, seen.suspension_reason(now)) {
        (Status::Active, Some(because)) => Action::Suspend(id, because, change),
        // The directory does not reactivate an account that an administrator suspended here.
        (Status::Suspended { because: SuspendedBecause::Admin, .. }, None)
        | (_, Some(_))
        | (Status::Active, None)
            if differs =>
        {
            Action::Update(id, change)
        }
        (Status::Suspended { because, .. }, None) if because != SuspendedBecause::Admin => {
            Action::Reactivate(id, change)
        }
        _ => Action::Keep(id),
    };
    // If the person may not sign in anyway, a missing, invalid or shared address does not matter. A taken one
    // does: the account would give up an address of its own.
    let barred = seen.suspension_reason(now).is_some();
    let conflict = conflict.filter(|why| !barred || matches!(why, Conflict::MailTaken { .. }));
    Outcome { action, conflict }
}

fn decide_new(directory: &DirectoryId, seen: &Observed, stored: StoredAccounts<'_>, now: Millis) -> Outcome {
    if seen.suspension_reason(now).is_some() {
        return Outcome { action: Action::Ignore, conflict: None };
    }
    let account = match account_for(stored) {
        Ok(account) => account,
        Err(conflict) => {
            // A fault of the entry itself comes first, because `account_for` does not check the address.
            let conflict = own_fault(seen, stored).unwrap_or(conflict);
            return Outcome { action: Action::Ignore, conflict: Some(conflict) };
        }
    };
    if let Some(conflict) = conflict_of(seen, stored, account.map(|account| &account.id)) {
        return Outcome { action: Action::Ignore, conflict: Some(conflict) };
    }
    let change =
        Change { link: link(directory, seen), profile: seen.profile.clone(), expires_at: seen.expires_at };
    let action = match account {
        Some(account) => Action::Link(account.id.clone(), change),
        None => Action::Create(change),
    };
    Outcome { action, conflict: None }
}

/// The unlinked account for an entry that has none: by an administrator's mapping, or by its email address if
/// that is allowed. `None` if an account must be created.
fn account_for(stored: StoredAccounts<'_>) -> Result<Option<&Account>, Conflict> {
    if let Some(account) = stored.mapped.filter(|account| account.link.is_none()) {
        return Ok(Some(account));
    }
    let Some(account) = stored.email_owner.filter(|owner| owner.link.is_none() && !stored.owner_is_mapped)
    else {
        return Ok(None);
    };
    let (email, account_id) = (account.profile.email.clone(), account.id.clone());
    if stored.email_is_contested {
        return Err(Conflict::LinkContested { email, account: account_id });
    }
    if !stored.may_link {
        return Err(Conflict::LinkPending { email, account: account_id });
    }
    Ok(Some(account))
}

/// What is wrong with the entry alone, regardless of other entries and accounts.
fn own_fault(seen: &Observed, stored: StoredAccounts<'_>) -> Option<Conflict> {
    let Some(profile) = &seen.profile else { return Some(Conflict::NoMail) };
    if profile.email_is_too_long() {
        return Some(Conflict::MailTooLong);
    }
    let email = &profile.email;
    if email::fault(email).is_some() {
        return Some(Conflict::MailInvalid { email: email.clone() });
    }
    if !email::is_in(email, stored.email_domains) {
        return Some(Conflict::MailForeign { email: email.clone() });
    }
    profile.has_too_long_name().then_some(Conflict::NameTooLong)
}

/// The conflict about this entry's email address, for the account `own` that has or would get it.
fn conflict_of(seen: &Observed, stored: StoredAccounts<'_>, own: Option<&AccountId>) -> Option<Conflict> {
    if let Some(fault) = own_fault(seen, stored) {
        return Some(fault);
    }
    let email = seen.profile.as_ref().map(|profile| profile.email.clone()).unwrap_or_default();
    match stored.email_owner {
        Some(owner) if Some(&owner.id) != own => Some(Conflict::taken(email, owner)),
        // An account keeps the address it already has, even if other entries claim it.
        Some(_) => None,
        None if stored.email_is_shared => Some(Conflict::MailShared { email }),
        None => None,
    }
}

fn link(directory: &DirectoryId, seen: &Observed) -> Link {
    Link { directory: directory.clone(), entry: seen.entry, sid: seen.sid.clone() }
}

fn differs(account: &Account, change: &Change) -> bool {
    change.profile.as_ref().is_some_and(|profile| *profile != account.profile)
        || account.expires_at != change.expires_at
        || account.link.as_ref() != Some(&change.link)
}

/// The entry's account after `outcome`, for an explanation that writes nothing. `account` is the account that
/// the outcome is about, if it exists.
#[must_use]
pub fn preview(account: Option<&Account>, outcome: &Outcome, now: Millis) -> Option<Account> {
    let old = account.map_or(Status::Active, |account| account.status);
    let (change, status) = match &outcome.action {
        Action::Keep(_) => return account.cloned(),
        Action::Ignore => return None,
        Action::Create(change) | Action::Reactivate(_, change) => (change, Status::Active),
        Action::Link(_, change) | Action::Update(_, change) => (change, old),
        Action::Suspend(_, because, change) => (change, Status::Suspended { because: *because, since: now }),
    };
    let profile = change.profile.clone().or_else(|| account.map(|account| account.profile.clone()))?;
    Some(Account {
        id: account.map_or_else(|| AccountId("(new)".to_owned()), |account| account.id.clone()),
        link: Some(change.link.clone()),
        profile,
        profile_changed_at: account.and_then(|account| account.profile_changed_at),
        status,
        expires_at: change.expires_at,
        generation: account.map_or(0, |account| account.generation),
        password_changed_at: account.and_then(|account| account.password_changed_at),
        seen_at: Some(now),
    })
}

#[cfg(test)]
mod tests;
