//! Accounts that CloudSync already had: when and by whom they are linked.

use super::*;

/// When an account that CloudSync already had may be linked, and who decides it.
#[test]
fn only_an_administrator_decides_to_link_an_account() {
    let (well, mine, other, linked) = (seen(), unlinked(), unlinked_with_another_mail(), another());
    let no_mail = seen_with(|seen| seen.profile = None);
    let disabled = seen_with(|seen| seen.disabled = true);
    let outside = seen_with(|seen| seen.in_scope = false);
    let by_mail =
        |may_link| StoredAccounts { email_owner: Some(&mine), may_link, ..StoredAccounts::default() };
    let contested = |may_link| StoredAccounts { email_is_contested: true, ..by_mail(may_link) };
    let mapped = StoredAccounts { mapped: Some(&other), ..StoredAccounts::default() };
    let taken = StoredAccounts { email_owner: Some(&linked), ..mapped };
    #[rustfmt::skip]
    let table = [
        ("by mail, where people may write theirs", &well, by_mail(false), ("ignore", None, Some("link_pending"))),
        ("by mail, by an administrator's word", &well, by_mail(true), ("link", ALICE, None)),
        ("a contested mail", &well, contested(false), ("ignore", None, Some("link_contested"))),
        ("a contested address", &well, contested(true), ("ignore", None, Some("link_contested"))),
        ("by mail, outside", &outside, by_mail(true), ("ignore", None, None)),
        ("mapped to this entry", &well, mapped, ("link", ALICE, None)),
        ("mapped, and its mail is contested", &well, StoredAccounts { mapped: Some(&mine), ..contested(false) }, ("link", ALICE, None)),
        ("mapped, with a new mail that is shared", &well, StoredAccounts { email_is_shared: true, ..mapped }, ("ignore", None, Some("mail_shared"))),
        ("mapped, with a mail that another account has", &well, taken, ("ignore", None, Some("mail_taken"))),
        ("mapped, with a mail that waits for its own link", &well, StoredAccounts { email_owner: Some(&mine), ..mapped }, ("ignore", None, Some("mail_taken"))),
        ("mapped, without mail", &no_mail, mapped, ("ignore", None, Some("no_mail"))),
        ("mapped, disabled", &disabled, mapped, ("ignore", None, None)),
        ("mapped, outside", &outside, mapped, ("ignore", None, None)),
        ("mapped, and linked since", &well, StoredAccounts { mapped: Some(&linked), ..StoredAccounts::default() }, ("create", ALICE, None)),
        ("its mail's account is mapped to another entry", &well, StoredAccounts { owner_is_mapped: true, ..by_mail(true) }, ("ignore", None, Some("mail_taken"))),
    ];
    for (what, seen, stored, expected) in table {
        let outcome = decide(&directory(), seen, stored, NOW);
        assert_eq!(said(&outcome), expected, "{what}");
        let id = stored.to_link(&outcome).map(|account| &account.id);
        assert_eq!(id.is_some(), expected.0 == "link", "{what}");
    }
    let both = StoredAccounts { mapped: Some(&other), email_owner: None, ..by_mail(true) };
    let outcome = decide(&directory(), &well, both, NOW);
    assert_eq!(both.to_link(&outcome).map(|account| account.id.0.as_str()), Some("a9"));
}

fn unlinked_with_another_mail() -> Account {
    let mut account = unlinked();
    account.id = AccountId("a9".into());
    account.profile.email = "adams@example.com".into();
    account
}

#[test]
fn a_link_conflict_names_the_account_and_the_fix() {
    let mine = unlinked();
    for (contested, words) in [(false, "sync --plan"), (true, "guid column")] {
        let stored = StoredAccounts {
            email_owner: Some(&mine),
            email_is_contested: contested,
            ..StoredAccounts::default()
        };
        let conflict = decide(&directory(), &seen(), stored, NOW).conflict.expect("a conflict");
        assert_eq!((conflict.email(), conflict.account()), (ALICE, Some(&mine.id)));
        let advice = conflict.advice(entry_id(1));
        assert!(advice.contains(&mine.id.0) && advice.contains(words), "{advice}");
    }
}

proptest! {
    /// Whatever email addresses people write: without an administrator's decision no account is linked.
    #[test]
    fn writing_an_address_never_takes_over_an_account(
        owner in prop::sample::select(vec!["a@x.org", "b@x.org"]),
        state in any_state(),
        contested: bool,
    ) {
        let old = Account { link: None, profile: Profile { email: owner.into(), ..Profile::default() }, ..samples::account() };
        for seen in &state {
            let has_it = seen.profile.as_ref().is_some_and(|profile| profile.email_key() == owner);
            let stored = StoredAccounts { email_owner: has_it.then_some(&old), email_is_contested: contested, ..StoredAccounts::default() };
            let outcome = decide(&directory(), seen, stored, NOW);
            prop_assert!(!matches!(outcome.action, Action::Link(..)), "{:?}", outcome);
            if has_it && seen.suspension_reason(NOW).is_none() {
                let expected = if contested { "link_contested" } else { "link_pending" };
                prop_assert_eq!(outcome.conflict.map(|conflict| conflict.kind().as_str()), Some(expected));
            }
        }
    }
}
