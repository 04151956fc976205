//! `admin accounts purge`: erase one account.

use super::process::{Installation, Ran};
use crate::support::lab::Person;
use crate::support::provider::CLIENT;
use crate::support::subtree::Subtree;

fn purge(idp: &Installation, arguments: &[&str]) -> Ran {
    idp.run(&[&["admin", "accounts", "purge"], arguments].concat())
}

/// The person's line in the list of accounts.
fn listed(idp: &Installation, person: &Person) -> Option<String> {
    idp.run(&["accounts", "list"]).out.lines().find(|line| line.contains(&person.mail)).map(str::to_owned)
}

#[test]
fn an_active_account_is_erased_only_with_the_option() {
    let subtree = Subtree::ldap();
    let (alice, bob) = (subtree.person(), subtree.person());
    let idp = Installation::new();
    idp.apply(&format!("{CLIENT}{}", subtree.settings(&subtree.unit, "")));
    assert_eq!(idp.run(&["sync"]).status, Some(0));
    let refused = purge(&idp, &[&alice.account]);
    assert_eq!((refused.status, refused.out.as_str()), (Some(2), ""));
    assert!(
        refused.err.contains("is active") && refused.err.contains("--yes-erase-active"),
        "{}",
        refused.err
    );
    subtree.disable(&alice);
    assert_eq!(idp.run(&["sync"]).status, Some(0));
    let id = listed(&idp, &alice).expect("an account").split('\t').next().expect("an id").to_owned();
    let erased = purge(&idp, &[&alice.mail]);
    assert_eq!(erased.status, Some(0), "{erased:?}");
    assert!(erased.out.starts_with(&format!("account {id} is erased\n")), "{}", erased.out);
    assert!(erased.out.contains("  accounts: 1\n") && erased.out.contains("What stays:"), "{}", erased.out);
    for name in [&alice.account, &alice.mail] {
        assert!(!erased.out.contains(name), "no name: {}", erased.out);
    }
    assert_eq!(listed(&idp, &alice), None);
    let again = purge(&idp, &[&id]);
    assert!(again.status == Some(2) && again.err.contains("no account has this name"), "{}", again.err);
    assert_eq!(idp.run(&["sync"]).status, Some(0));
    assert_eq!(listed(&idp, &alice), None, "a disabled person gets no new account");

    let active = purge(&idp, &[&bob.account, "--yes-erase-active"]);
    assert_eq!(active.status, Some(0), "{active:?}");
    assert_eq!(idp.run(&["sync", "--person", &bob.account]).status, Some(0));
    assert!(
        listed(&idp, &bob).is_some(),
        "who is still in scope gets a new one as soon as they are read again"
    );
}
