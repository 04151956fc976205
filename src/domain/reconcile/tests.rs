//! The documented cases, and a small store in memory that runs are applied to.

mod addresses;
mod linking;
mod without_suspension;

use proptest::prelude::*;

use super::*;
use crate::domain::samples::{self, NOW, directory, entry_id};

/// Entry 1, `alice`, in scope and without faults.
fn seen() -> Observed {
    Observed::new(&samples::entry(), true)
}

fn seen_with(change: impl FnOnce(&mut Observed)) -> Observed {
    let mut seen = seen();
    change(&mut seen);
    seen
}

fn account() -> Account {
    Account { profile: seen().profile.expect("alice has a mail"), ..samples::account() }
}

fn account_with(change: impl FnOnce(&mut Account)) -> Account {
    let mut account = account();
    change(&mut account);
    account
}

fn suspended(because: SuspendedBecause) -> Account {
    account_with(|account| account.status = Status::Suspended { because, since: 1 })
}

fn another() -> Account {
    account_with(|account| {
        account.id = AccountId("a2".into());
        account.link = Some(Link { directory: directory(), entry: entry_id(2), sid: None });
    })
}

fn unlinked() -> Account {
    account_with(|account| account.link = None)
}

fn email(seen: &mut Observed, email: &str) {
    seen.profile.as_mut().expect("a profile").email = email.into();
}

/// By the email address, and by the name.
fn too_long() -> [Observed; 2] {
    let name = samples::entry_named(&"ä".repeat(257));
    [seen_with(|seen| email(seen, &"a".repeat(321))), Observed::new(&name, true)]
}

fn decided(seen: &Observed, linked: Option<&Account>, owner: Option<&Account>, shared: bool) -> Outcome {
    let stored = StoredAccounts {
        linked,
        email_owner: owner,
        email_is_shared: shared,
        email_is_contested: shared,
        may_link: true,
        ..StoredAccounts::default()
    };
    decide(&directory(), seen, stored, NOW)
}

/// The action in a word, the email address it writes, and the conflict.
fn said(outcome: &Outcome) -> (&'static str, Option<&str>, Option<&'static str>) {
    let (word, change) = match &outcome.action {
        Action::Keep(_) => ("keep", None),
        Action::Ignore => ("ignore", None),
        Action::Create(change) => ("create", Some(change)),
        Action::Link(_, change) => ("link", Some(change)),
        Action::Update(_, change) => ("update", Some(change)),
        Action::Suspend(_, because, change) => (because.as_str(), Some(change)),
        Action::Reactivate(_, change) => ("reactivate", Some(change)),
    };
    let email = change.and_then(|change| change.profile.as_ref()).map(|profile| profile.email.as_str());
    (word, email, outcome.conflict.as_ref().map(|conflict| conflict.kind().as_str()))
}

const ALICE: Option<&str> = Some("alice@example.com");

#[test]
fn an_entry_without_an_account() {
    let (well, other, free) = (seen(), another(), unlinked());
    let no_mail = seen_with(|seen| seen.profile = None);
    let disabled = seen_with(|seen| seen.disabled = true);
    let expired = seen_with(|seen| seen.expires_at = Some(NOW));
    let outside = seen_with(|seen| seen.in_scope = false);
    let capitals = seen_with(|seen| email(seen, "ALICE@example.com"));
    let [endless, named] = too_long();
    let copied = account_with(|account| {
        account.link = Some(Link { directory: DirectoryId("copy".into()), entry: entry_id(1), sid: None });
    });
    let off = Account { link: None, ..suspended(SuspendedBecause::Admin) };
    #[rustfmt::skip]
    let table = [
        ("new in scope", &well, None, false, ("create", ALICE, None)),
        ("without mail", &no_mail, None, false, ("ignore", None, Some("no_mail"))),
        ("disabled at first sight", &disabled, None, false, ("ignore", None, None)),
        ("expired at first sight", &expired, None, false, ("ignore", None, None)),
        ("outside", &outside, None, false, ("ignore", None, None)),
        ("outside, with another's mail", &outside, Some(&other), false, ("ignore", None, None)),
        ("mail of another account", &well, Some(&other), false, ("ignore", None, Some("mail_taken"))),
        ("mail of another account, by case", &capitals, Some(&other), false, ("ignore", None, Some("mail_taken"))),
        ("a mail that is too long", &endless, None, false, ("ignore", None, Some("mail_too_long"))),
        ("a name that is too long", &named, None, false, ("ignore", None, Some("name_too_long"))),
        ("shared mail", &well, None, true, ("ignore", None, Some("mail_shared"))),
        ("shared mail of an account to link", &well, Some(&free), true, ("ignore", None, Some("link_contested"))),
        ("the same, too long", &endless, Some(&free), true, ("ignore", None, Some("mail_too_long"))),
        ("an account that CloudSync had", &well, Some(&free), false, ("link", ALICE, None)),
        ("the same, by case", &capitals, Some(&free), false, ("link", Some("ALICE@example.com"), None)),
        ("the same, switched off here", &well, Some(&off), false, ("link", ALICE, None)),
        ("the account of a copy of this directory", &well, Some(&copied), false, ("ignore", None, Some("mail_taken"))),
    ];
    for (what, seen, owner, shared, expected) in table {
        assert_eq!(said(&decided(seen, None, owner, shared)), expected, "{what}");
    }
}

#[test]
fn an_entry_with_an_account() {
    use SuspendedBecause as Why;
    let (well, mine, other) = (seen(), account(), another());
    let disabled = seen_with(|seen| seen.disabled = true);
    let expired = seen_with(|seen| seen.expires_at = Some(NOW));
    let ending = seen_with(|seen| seen.expires_at = Some(NOW + 1));
    let outside = seen_with(|seen| seen.in_scope = false);
    let no_mail = seen_with(|seen| seen.profile = None);
    let renamed = Observed::new(&samples::entry_named("Alice Berg"), true);
    let moved = seen_with(|seen| email(seen, "berg@example.com"));
    let capitals = seen_with(|seen| email(seen, "Alice@Example.com"));
    let leaver = seen_with(|seen| {
        seen.disabled = true;
        email(seen, "left@example.com");
    });
    let [endless, named] = too_long();
    let named_off = Observed { disabled: true, ..named.clone() };
    let taker = account_with(|account| {
        account.id = AccountId("a3".into());
        account.profile.email = "berg@example.com".into();
    });
    let [off, gone, ended, admin] = [Why::Disabled, Why::OutOfScope, Why::Expired, Why::Admin].map(suspended);
    #[rustfmt::skip]
    let table = [
        ("unchanged", &well, &mine, Some(&mine), false, ("keep", None, None)),
        ("unchanged, even if another entry claims its address", &well, &mine, Some(&mine), true, ("keep", None, None)),
        ("disabled", &disabled, &mine, Some(&mine), false, ("disabled", ALICE, None)),
        ("expired", &expired, &mine, Some(&mine), false, ("expired", ALICE, None)),
        ("with an end to come", &ending, &mine, Some(&mine), false, ("update", ALICE, None)),
        ("out of scope", &outside, &mine, Some(&mine), false, ("out_of_scope", ALICE, None)),
        ("renamed", &renamed, &mine, Some(&mine), false, ("update", ALICE, None)),
        ("a new mail", &moved, &mine, None, false, ("update", Some("berg@example.com"), None)),
        ("a new spelling of the mail", &capitals, &mine, Some(&mine), false, ("update", Some("Alice@Example.com"), None)),
        ("a new mail that is another's", &moved, &mine, Some(&taker), false, ("keep", None, Some("mail_taken"))),
        ("a new mail that is too long", &endless, &mine, None, false, ("keep", None, Some("mail_too_long"))),
        ("a new name that is too long", &named, &mine, Some(&mine), false, ("keep", None, Some("name_too_long"))),
        ("the same, disabled", &named_off, &mine, Some(&mine), false, ("disabled", None, None)),
        ("a new mail that two want", &moved, &mine, None, true, ("keep", None, Some("mail_shared"))),
        ("the mail lost", &no_mail, &mine, None, false, ("keep", None, Some("no_mail"))),
        ("the mail lost, and disabled", &outside, &mine, None, false, ("out_of_scope", ALICE, None)),
        ("back: enabled", &well, &off, Some(&off), false, ("reactivate", ALICE, None)),
        ("back: in scope", &well, &gone, Some(&gone), false, ("reactivate", ALICE, None)),
        ("back: end moved", &ending, &ended, Some(&ended), false, ("reactivate", ALICE, None)),
        ("back, but another has the mail", &moved, &off, Some(&taker), false, ("reactivate", None, Some("mail_taken"))),
        ("switched off here", &well, &admin, Some(&admin), false, ("keep", None, None)),
        ("switched off here, renamed there", &renamed, &admin, Some(&admin), false, ("update", ALICE, None)),
        ("switched off here, disabled there", &disabled, &admin, Some(&admin), false, ("keep", None, None)),
        ("still disabled", &disabled, &off, Some(&off), false, ("keep", None, None)),
        ("a leaver gives up the mail", &leaver, &off, None, false, ("update", Some("left@example.com"), None)),
        ("another's account as if linked", &well, &other, Some(&other), false, ("ignore", None, Some("mail_taken"))),
    ];
    for (what, seen, linked, owner, shared, expected) in table {
        assert_eq!(said(&decided(seen, Some(linked), owner, shared)), expected, "{what}");
    }
}

#[test]
fn a_conflict_names_the_address_and_its_account() {
    let other = another();
    let conflict = decided(&seen(), None, Some(&other), false).conflict.expect("taken");
    assert_eq!(conflict.email(), ALICE);
    assert_eq!(
        conflict,
        Conflict::MailTaken { email: "alice@example.com".into(), by: other.id, suspended_since: None }
    );
}

#[test]
fn a_missing_entry_suspends_its_account_once() {
    assert_eq!(gone(&account()), Some(SuspendedBecause::OutOfScope));
    assert_eq!(gone(&suspended(SuspendedBecause::Admin)), None);
    assert_eq!(gone(&suspended(SuspendedBecause::OutOfScope)), None);
    assert_eq!(gone(&unlinked()), None, "the directory never had it");
}

#[test]
fn a_recreated_entry_does_not_take_over_the_old_account() {
    let mut store = Model { accounts: vec![account()] };
    let again = seen_with(|seen| seen.entry = entry_id(9));
    store.run(std::slice::from_ref(&again), NOW);
    assert_eq!(
        store.status_of(1),
        Some(Status::Suspended { because: SuspendedBecause::OutOfScope, since: NOW })
    );
    assert_eq!(store.status_of(9), None);
    let stored = store.stored(&again, std::slice::from_ref(&again));
    assert_eq!(
        decide(&directory(), &again, stored, NOW).conflict.map(|conflict| conflict.kind().as_str()),
        Some("mail_taken")
    );
}

#[test]
fn an_address_given_up_in_a_run_is_free_in_that_run_in_any_order() {
    let newcomer = seen_with(|seen| seen.entry = entry_id(9));
    let moved = seen_with(|seen| email(seen, "berg@example.com"));
    for order in [[newcomer.clone(), moved.clone()], [moved, newcomer]] {
        let mut store = Model { accounts: vec![account()] };
        store.run(&order, NOW);
        assert_eq!((store.status_of(1), store.status_of(9)), (Some(Status::Active), Some(Status::Active)));
    }
}

/// Neither gives up an address before it has the other's: an administrator gives one of them a third address
/// for one run.
#[test]
fn two_people_who_swap_addresses_get_a_conflict_and_stay_active() {
    let mut second = another();
    second.profile.email = "berg@example.com".into();
    let mut store = Model { accounts: vec![account(), second] };
    let before = store.active();
    let swapped =
        [seen_with(|seen| email(seen, "berg@example.com")), seen_with(|seen| seen.entry = entry_id(2))];
    store.run(&swapped, NOW);
    assert_eq!(store.active(), before);
    for seen in &swapped {
        let outcome = decide(&directory(), seen, store.stored(seen, &swapped), NOW);
        assert_eq!(outcome.conflict.map(|conflict| conflict.kind().as_str()), Some("mail_taken"));
    }
}

/// Accounts in memory, as a store would keep them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Model {
    accounts: Vec<Account>,
}

impl Model {
    fn linked(&self, entry: EntryId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.link.as_ref().is_some_and(|link| link.entry == entry))
    }

    fn status_of(&self, number: u128) -> Option<Status> {
        self.linked(entry_id(number)).map(|account| account.status)
    }

    fn stored(&self, seen: &Observed, all: &[Observed]) -> StoredAccounts<'_> {
        let key = seen.profile.as_ref().map(Profile::email_key);
        let same = |profile: &Profile| Some(profile.email_key()) == key;
        StoredAccounts {
            may_link: true,
            email_is_contested: all
                .iter()
                .any(|other| other.entry != seen.entry && other.profile.as_ref().is_some_and(same)),
            mapped: None,
            owner_is_mapped: false,
            email_domains: &[],
            linked: self.linked(seen.entry),
            email_owner: self.accounts.iter().find(|account| same(&account.profile)),
            email_is_shared: all.iter().any(|other| {
                let counts = other.in_scope || self.linked(other.entry).is_some();
                other.entry != seen.entry && counts && other.profile.as_ref().is_some_and(same)
            }),
        }
    }

    /// One run over a complete read of the directory.
    fn run(&mut self, all: &[Observed], now: Millis) {
        let mut waiting: Vec<&Observed> = all.iter().collect();
        loop {
            let before = self.clone();
            waiting.retain(|seen| {
                let outcome = decide(&directory(), seen, self.stored(seen, all), now);
                self.apply(outcome.action, now);
                matches!(outcome.conflict, Some(Conflict::MailTaken { .. }))
            });
            if *self == before {
                break;
            }
        }
        for account in &mut self.accounts {
            let is_seen = |link: &Link| all.iter().any(|seen| seen.entry == link.entry);
            if let (false, Some(because)) = (account.link.as_ref().is_some_and(is_seen), gone(account)) {
                account.status = Status::Suspended { because, since: now };
            }
        }
    }

    fn apply(&mut self, action: Action, now: Millis) {
        let (id, change, status) = match action {
            Action::Keep(_) | Action::Ignore => return,
            Action::Create(change) => {
                let id = AccountId(format!("of {}", change.link.entry));
                let profile = change.profile.clone().expect("an account is made with a mail");
                self.accounts.push(Account { id: id.clone(), link: None, profile, ..samples::account() });
                (id, change, Some(Status::Active))
            }
            Action::Link(id, change) | Action::Update(id, change) => (id, change, None),
            Action::Suspend(id, because, change) => {
                (id, change, Some(Status::Suspended { because, since: now }))
            }
            Action::Reactivate(id, change) => (id, change, Some(Status::Active)),
        };
        let account =
            self.accounts.iter_mut().find(|account| account.id == id).expect("an account that we hold");
        account.profile = change.profile.unwrap_or_else(|| account.profile.clone());
        account.status = status.unwrap_or(account.status);
        account.expires_at = change.expires_at;
        account.link = Some(change.link);
    }

    fn links(&self) -> Vec<(AccountId, Option<(DirectoryId, EntryId)>)> {
        let link = |link: &Link| (link.directory.clone(), link.entry);
        self.accounts.iter().map(|account| (account.id.clone(), account.link.as_ref().map(link))).collect()
    }

    /// The people who may sign in, with their email addresses.
    fn active(&self) -> Vec<(EntryId, String)> {
        let active = self.accounts.iter().filter(|account| account.status == Status::Active);
        let mut active: Vec<_> = active
            .filter_map(|account| Some((account.link.as_ref()?.entry, account.profile.email.clone())))
            .collect();
        active.sort_unstable();
        active
    }
}

const MAILS: [&str; 4] = ["a@x.org", "A@X.org", "b@x.org", "c@x.org"];

prop_compose! {
    fn any_person(number: u128)(
        mail in prop::option::weighted(0.9, prop::sample::select(MAILS.to_vec())),
        name in prop::sample::select(vec!["One", "Two"]),
        in_scope in prop::bool::weighted(0.8),
        disabled in prop::bool::weighted(0.15),
        expires_at in prop::option::weighted(0.2, NOW - 2..NOW + 12),
        starts_at in prop::option::weighted(0.1, NOW - 2..NOW + 12),
    ) -> Observed {
        let profile = |mail: &str| samples::profile(mail, name);
        Observed {
            entry: entry_id(number),
            sid: None,
            profile: mail.map(profile),
            password_changed_at: None,
            login_name: format!("p{number}"),
            in_scope,
            disabled,
            starts_at,
            expires_at,
        }
    }
}

/// What a directory returns in one run, in some order: each of five people, or not.
fn any_state() -> impl Strategy<Value = Vec<Observed>> {
    let someone = |number| prop::option::weighted(0.85, any_person(number));
    (someone(1), someone(2), someone(3), someone(4), someone(5))
        .prop_map(|(a, b, c, d, e)| [a, b, c, d, e].into_iter().flatten().collect::<Vec<_>>())
        .prop_shuffle()
}

/// Accounts that CloudSync had, each with its own email address.
fn any_start() -> impl Strategy<Value = Model> {
    prop::sample::subsequence(vec!["a@x.org", "b@x.org", "c@x.org"], 0..=3).prop_map(|addresses| {
        let account = |mail: &str| Account {
            id: AccountId(format!("old {mail}")),
            link: None,
            profile: Profile { email: mail.into(), ..Profile::default() },
            ..samples::account()
        };
        Model { accounts: addresses.into_iter().map(account).collect() }
    })
}

fn assert_unique(store: &Model) {
    let mut addresses: Vec<String> =
        store.accounts.iter().map(|account| account.profile.email_key()).collect();
    let mut entries: Vec<_> = store.links().into_iter().filter_map(|(_, link)| link).collect();
    let (all_addresses, all_entries) = (addresses.len(), entries.len());
    addresses.sort_unstable();
    addresses.dedup();
    entries.sort_unstable();
    entries.dedup();
    assert_eq!((addresses.len(), entries.len()), (all_addresses, all_entries), "{store:#?}");
}

/// After a run, a linked account is active exactly if the directory returned its entry in scope and without a
/// fault.
fn assert_in_step(store: &Model, state: &[Observed], now: Millis) {
    for account in &store.accounts {
        let Some(link) = &account.link else { continue };
        let seen = state.iter().find(|seen| seen.entry == link.entry);
        let well = seen.is_some_and(|seen| seen.suspension_reason(now).is_none());
        let by_admin = matches!(account.status, Status::Suspended { because: SuspendedBecause::Admin, .. });
        assert_eq!(account.status == Status::Active, well && !by_admin, "{account:#?} {seen:#?}");
    }
}

proptest! {
    #[test]
    fn runs_keep_accounts_up_to_date(
        start in any_start(),
        runs in prop::collection::vec((any_state(), prop::option::weighted(0.2, any::<prop::sample::Index>())), 1..6),
        turn in any::<prop::sample::Index>(),
    ) {
        let mut store = start;
        for (at, (state, admin)) in runs.into_iter().enumerate() {
            let now = NOW + Millis::try_from(at).expect("a few") * 2;
            if let Some(admin) = admin && !store.accounts.is_empty() {
                let account = admin.index(store.accounts.len());
                store.accounts[account].status = Status::Suspended { because: SuspendedBecause::Admin, since: now };
            }
            let before = store.clone();
            store.run(&state, now);
            assert_unique(&store);
            assert_in_step(&store, &state, now);
            for (old, new) in before.links().iter().zip(store.links()) {
                prop_assert!(old.0 == new.0 && (old.1.is_none() || old.1 == new.1), "relinked: {:?} {:?}", old, new);
            }

            let mut again = store.clone();
            again.run(&state, now);
            prop_assert_eq!(&again, &store, "the second run changed something");

            let mut turned = state.clone();
            turned.reverse();
            let start = turn.index(turned.len().max(1));
            turned.rotate_left(start);
            let mut other = before;
            other.run(&turned, now);
            prop_assert_eq!(other.active(), store.active(), "the order of entries decided");
        }
    }
}
