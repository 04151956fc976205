//! Addresses that are invalid, in a foreign domain, or of a person who has left.

use super::*;

#[test]
fn an_address_in_a_foreign_domain_is_a_conflict() {
    let (mine, free) = (account(), unlinked());
    let domains = ["example.com".to_owned(), "b\u{fc}cher.example".to_owned()];
    let foreign = seen_with(|seen| email(seen, "alice@partner.example"));
    let encoded = seen_with(|seen| email(seen, "alice@xn--bcher-kva.example"));
    let none = seen_with(|seen| email(seen, "n/a"));
    let stored = StoredAccounts { email_domains: &domains, may_link: true, ..StoredAccounts::default() };
    let linked = StoredAccounts { linked: Some(&mine), ..stored };
    #[rustfmt::skip]
    let table = [
        ("new, in one of them", &seen(), stored, ("create", ALICE, None)),
        ("new, in the other form of one", &encoded, stored, ("create", Some("alice@xn--bcher-kva.example"), None)),
        ("new, in another one", &foreign, stored, ("ignore", None, Some("mail_foreign"))),
        ("new, in none", &none, stored, ("ignore", None, Some("mail_invalid"))),
        ("with an account to link", &foreign, StoredAccounts { email_owner: Some(&free), ..stored }, ("ignore", None, Some("mail_foreign"))),
        ("with an account", &foreign, linked, ("keep", None, Some("mail_foreign"))),
        ("with an account that has it", &foreign, StoredAccounts { email_owner: Some(&mine), ..linked }, ("keep", None, Some("mail_foreign"))),
        ("outside", &Observed { in_scope: false, ..foreign.clone() }, linked, ("out_of_scope", None, None)),
    ];
    for (what, seen, stored, expected) in table {
        assert_eq!(said(&decide(&directory(), seen, stored, NOW)), expected, "{what}");
    }
    let conflict = decide(&directory(), &foreign, stored, NOW).conflict.expect("a conflict");
    assert!(conflict.bars_the_address());
}

/// For a person who may not sign in anyway, only another account's address is a conflict.
#[test]
fn a_leaver_without_an_address_is_no_conflict() {
    let (mine, off) = (account(), suspended(SuspendedBecause::Disabled));
    let taker = account_with(|account| {
        account.id = AccountId("a3".into());
        account.profile.email = "berg@example.com".into();
    });
    let no_mail = seen_with(|seen| seen.profile = None);
    let none = seen_with(|seen| email(seen, "n/a"));
    let moved = seen_with(|seen| email(seen, "berg@example.com"));
    let disabled = |seen: &Observed| Observed { disabled: true, ..seen.clone() };
    let expired = |seen: &Observed| Observed { expires_at: Some(NOW), ..seen.clone() };
    let free = StoredAccounts::default();
    let linked = StoredAccounts { linked: Some(&mine), email_owner: Some(&mine), ..free };
    #[rustfmt::skip]
    let table = [
        ("in use, and none", none.clone(), linked, ("keep", None, Some("mail_invalid"))),
        ("disabled, and lost", disabled(&no_mail), linked, ("disabled", None, None)),
        ("disabled before, and lost", disabled(&no_mail), StoredAccounts { linked: Some(&off), ..free }, ("keep", None, None)),
        ("disabled, and none", disabled(&none), linked, ("disabled", None, None)),
        ("expired, and lost", expired(&no_mail), linked, ("expired", None, None)),
        ("disabled, and another's", disabled(&moved), StoredAccounts { email_owner: Some(&taker), ..linked }, ("disabled", None, Some("mail_taken"))),
        ("new, and none", none.clone(), free, ("ignore", None, Some("mail_invalid"))),
        ("new, disabled, and none", disabled(&none), free, ("ignore", None, None)),
        ("new, disabled, and lost", disabled(&no_mail), free, ("ignore", None, None)),
    ];
    for (what, seen, stored, expected) in table {
        assert_eq!(said(&decide(&directory(), &seen, stored, NOW)), expected, "{what}");
    }
}

/// Advice that can be followed: the account's id, since when it is suspended, and a command for each
/// solution.
#[test]
fn the_address_of_a_leaver_comes_with_both_solutions() {
    let mut left = suspended(SuspendedBecause::Disabled);
    left.id = AccountId("it's; rm -rf".into());
    let again = seen_with(|seen| seen.entry = entry_id(9));
    let conflict = decided(&again, None, Some(&left), false).conflict.expect("a conflict");
    let advice = conflict.advice(again.entry);
    let quoted = r"'it'\''s; rm -rf'";
    for part in [
        "has been suspended since 1970-01-01T00:00:00",
        &format!("cloudsync-idp accounts hand-over {quoted} {}", entry_id(9)),
        &format!("cloudsync-idp admin accounts purge {quoted}"),
    ] {
        assert!(advice.contains(part), "{part} in {advice}");
    }
    let in_use = decided(&again, None, Some(&account()), false).conflict.expect("a conflict");
    assert!(!in_use.advice(again.entry).contains("hand-over"), "an account in use is nobody's to take");
}
