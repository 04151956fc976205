//! Decide what becomes of an account when a change of it is reverted: its state before the change, unless
//! somebody has decided otherwise since.

use super::Millis;
use super::account::{Account, Link, Profile, Status, SuspendedBecause};
use super::entry::{DirectoryId, EntryId};
use super::history::{AccountSnapshot, ChangeKind};

/// A change that is to be reverted, and the account as it is now.
pub struct PastChange<'a> {
    pub directory: &'a DirectoryId,
    /// `None`: the change created the account.
    pub before: Option<AccountSnapshot>,
    pub after: AccountSnapshot,
    pub current: &'a Account,
}

/// What becomes of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    pub account: Account,
    /// What is not as before the change, and why: for the history.
    pub notes: Vec<String>,
}

impl PastChange<'_> {
    /// Whether the account differs from what the change made of it.
    #[must_use]
    pub fn differs(&self) -> bool {
        AccountSnapshot::new(self.current).limited_to(&self.after) != self.after
    }

    /// Reverts the change. `changed_since`: the account was changed by something else than this revert.
    #[must_use]
    pub fn reverted(self, changed_since: bool, now: Millis) -> Restored {
        let (current, has_another_entry) = (self.current, self.has_another_entry());
        let (mut account, note) = match self.before {
            Some(before) => before_change(current, before, self.directory, now),
            None => (before_creation(current, now), None),
        };
        let changed = changed_since.then_some("the account was changed since the run");
        let mut notes: Vec<&str> = changed.into_iter().chain(note).collect();
        // Without a note, only this revert has changed the account since, so the other entry is its own doing.
        if has_another_entry && !notes.is_empty() {
            notes.push("the account was linked to another entry since; that link was kept");
            account = Account { link: current.link.clone(), status: current.status, ..account };
        }
        Restored { account, notes: notes.into_iter().map(str::to_owned).collect() }
    }

    /// True if the account is linked to another entry than the change left it with, as by a hand-over.
    fn has_another_entry(&self) -> bool {
        let after = self.after.entry.as_deref().and_then(EntryId::from_entry_uuid);
        self.current.link.as_ref().is_some_and(|link| Some(link.entry) != after)
    }
}

impl Restored {
    /// What becomes of it instead, in the order in which they are tried: without the email address, if another
    /// account has that now; and without the entry too, if another account has both.
    #[must_use]
    pub fn fallbacks(&self, current: &Account) -> [Self; 2] {
        let email = &self.account.profile.email;
        let profile = Profile { email: current.profile.email.clone(), ..self.account.profile.clone() };
        let without_email = Account { profile, ..self.account.clone() };
        let without_entry = Account { link: current.link.clone(), ..without_email.clone() };
        let with = |account: Account, note: String| Self {
            account,
            notes: self.notes.iter().cloned().chain([note]).collect(),
        };
        [
            with(
                without_email,
                format!("another account has the email address {email} now; it was not restored"),
            ),
            with(
                without_entry,
                "another account has the email address and the entry now; neither was restored".to_owned(),
            ),
        ]
    }

    /// Whether what was opened with the account ends: it may not be used any more, or by another person.
    #[must_use]
    pub fn ends_sessions(&self, current: &Account) -> bool {
        let unlinked = current.link.is_some() && current.link != self.account.link;
        self.account.status != Status::Active || unlinked
    }

    /// What the history calls the revert.
    #[must_use]
    pub fn kind(&self, current: &Account) -> ChangeKind {
        let (before, after) = (current, &self.account);
        match (before.status == Status::Active, after.status == Status::Active) {
            _ if before.link.is_some() && after.link.is_none() => ChangeKind::Unlinked,
            _ if before.link.is_none() && after.link.is_some() => ChangeKind::Linked,
            (true, false) => ChangeKind::Suspended,
            (false, true) => ChangeKind::Reactivated,
            _ => ChangeKind::Updated,
        }
    }
}

/// The account that the change created is not deleted, since it may have been used, but suspended.
fn before_creation(current: &Account, now: Millis) -> Account {
    let undone = Status::Suspended { because: SuspendedBecause::Undone, since: now };
    let status = if current.status == Status::Active { undone } else { current.status };
    Account { status, ..current.clone() }
}

fn before_change(
    current: &Account,
    before: AccountSnapshot,
    directory: &DirectoryId,
    now: Millis,
) -> (Account, Option<&'static str>) {
    let link = link(current, &before, directory);
    let (status, note) = status(current.status, before.because, now);
    let attributes = before.attributes.over(&current.profile.attributes);
    let profile = Profile { email: before.email, login_name: before.login_name, attributes };
    (Account { link, profile, status, expires_at: before.expires_at, ..current.clone() }, note)
}

/// A link that was created is cut; one that was cut is restored, and the next sync adds the SID.
fn link(current: &Account, before: &AccountSnapshot, directory: &DirectoryId) -> Option<Link> {
    let entry = EntryId::from_entry_uuid(before.entry.as_deref()?)?;
    let same = current.link.clone().filter(|link| link.entry == entry);
    same.or(Some(Link { directory: directory.clone(), entry, sid: None }))
}

fn status(current: Status, before: Option<SuspendedBecause>, now: Millis) -> (Status, Option<&'static str>) {
    match (current, before) {
        (Status::Suspended { because: SuspendedBecause::Admin, .. }, before)
            if before != Some(SuspendedBecause::Admin) =>
        {
            (current, Some("an administrator has suspended the account; it stays suspended"))
        }
        (Status::Suspended { because: present, .. }, Some(because)) if because == present => (current, None),
        (_, Some(because)) => (Status::Suspended { because, since: now }, None),
        (_, None) => (Status::Active, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples::{NOW, account, directory, entry_id};

    const SINCE: Millis = NOW - 5_000;

    fn suspended(because: SuspendedBecause) -> Account {
        Account { status: Status::Suspended { because, since: SINCE }, ..account() }
    }

    fn unlinked() -> Account {
        Account { link: None, ..account() }
    }

    fn linked_to(number: u128) -> Account {
        let link = Link { directory: directory(), entry: entry_id(number), sid: None };
        Account { link: Some(link), ..account() }
    }

    fn named(email: &str) -> Account {
        Account { profile: Profile { email: email.to_owned(), ..account().profile }, ..account() }
    }

    fn reverted(before: Option<&Account>, after: &Account, current: &Account) -> Restored {
        let change = PastChange {
            directory: &directory(),
            before: before.map(AccountSnapshot::new),
            after: AccountSnapshot::new(after),
            current,
        };
        let changed = change.differs();
        change.reverted(changed, NOW)
    }

    #[test]
    fn an_account_gets_the_state_before_the_change_back() {
        use SuspendedBecause::{Admin, Disabled, OutOfScope, Undone};
        let now = |because| Account { status: Status::Suspended { because, since: NOW }, ..account() };
        let table = [
            ("a suspension", Some(account()), suspended(OutOfScope), account(), ChangeKind::Reactivated),
            ("a reactivation", Some(suspended(Disabled)), account(), now(Disabled), ChangeKind::Suspended),
            ("a creation", None, account(), now(Undone), ChangeKind::Suspended),
            ("a creation, suspended since", None, suspended(Admin), suspended(Admin), ChangeKind::Updated),
            ("a link", Some(unlinked()), account(), unlinked(), ChangeKind::Unlinked),
            ("a cut link", Some(linked_to(2)), unlinked(), linked_to(2), ChangeKind::Linked),
            ("a new address", Some(named("a@b.c")), account(), named("a@b.c"), ChangeKind::Updated),
            (
                "the same reason",
                Some(suspended(Admin)),
                suspended(Admin),
                suspended(Admin),
                ChangeKind::Updated,
            ),
        ];
        for (what, before, after, expected, kind) in table {
            let restored = reverted(before.as_ref(), &after, &after);
            assert_eq!(restored, Restored { account: expected, notes: Vec::new() }, "{what}");
            assert_eq!(restored.kind(&after), kind, "{what}");
        }
    }

    #[test]
    fn what_was_decided_since_is_kept_and_noted() {
        use SuspendedBecause::{Admin, OutOfScope};
        let changed = "the account was changed since the run";
        let by_admin = "an administrator has suspended the account; it stays suspended";
        let other = "the account was linked to another entry since; that link was kept";
        let table = [
            ("renamed since", account(), suspended(OutOfScope), named("x@y.z"), account(), vec![changed]),
            (
                "suspended here",
                account(),
                named("x@y.z"),
                suspended(Admin),
                suspended(Admin),
                vec![changed, by_admin],
            ),
            (
                "handed over",
                account(),
                suspended(OutOfScope),
                linked_to(2),
                linked_to(2),
                vec![changed, other],
            ),
        ];
        for (what, before, after, current, expected, notes) in table {
            let restored = reverted(Some(&before), &after, &current);
            let notes = notes.into_iter().map(str::to_owned).collect();
            assert_eq!(restored, Restored { account: expected, notes }, "{what}");
        }
    }

    #[test]
    fn what_another_account_has_now_is_not_restored() {
        let (before, after) = (Account { profile: named("a@b.c").profile, ..linked_to(2) }, account());
        let [without_email, without_entry] = reverted(Some(&before), &after, &after).fallbacks(&after);
        assert_eq!(without_email.account, Account { profile: after.profile.clone(), ..before });
        assert!(without_email.notes[0].contains("a@b.c now; it was not restored"), "{without_email:?}");
        assert_eq!(without_entry.account, after);
        assert!(without_entry.notes[0].contains("neither was restored"), "{without_entry:?}");
    }

    #[test]
    fn sessions_end_if_the_account_is_suspended_or_gets_another_entry() {
        let table = [
            (account(), account(), false),
            (account(), suspended(SuspendedBecause::Undone), true),
            (account(), unlinked(), true),
            (account(), linked_to(2), true),
            (unlinked(), account(), false),
        ];
        for (current, account, ends) in table {
            assert_eq!(Restored { account, notes: Vec::new() }.ends_sessions(&current), ends, "{current:?}");
        }
    }
}
