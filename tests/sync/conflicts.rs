//! An email address that two people have: reported and shown as a conflict, while all others are synced.

use super::{Subtree, account, changes, conflicts_of, counts, effects, is_active, synced};
use crate::support::browser::Browser;
use crate::support::lab;
use crate::support::provider::{Provider, Setup};

#[tokio::test]
async fn two_entries_with_one_email_address_get_no_account_and_others_do() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let provider = subtree.provider().await;
        let (one, two, three) = (subtree.person(), subtree.person(), subtree.person());
        subtree.mail(&two, &one.mail.to_uppercase());
        let report = synced(&provider).await;
        let both = [(one.account.as_str(), "mail_shared"), (two.account.as_str(), "mail_shared")];
        assert_eq!(conflicts_of(&report), both);
        assert_eq!(effects(&report), counts(|counts| (counts.created, counts.conflicts) = (1, 2)));
        assert_eq!(account(&provider, &one.mail).await, None);
        assert!(is_active(&provider, &three.mail).await);
        subtree.mail(&two, &two.mail);
        let fixed = synced(&provider).await;
        assert!(fixed.conflicts.is_empty());
        assert_eq!(effects(&fixed), counts(|counts| (counts.created, counts.kept) = (2, 1)));
    }
}

#[tokio::test]
async fn an_email_address_of_another_account_is_reported_and_the_old_one_stays() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let provider = subtree.provider().await;
        let (owner, ines) = (subtree.person(), subtree.person());
        synced(&provider).await;
        let owner_id = account(&provider, &owner.mail).await.expect("created").id;
        subtree.mail(&ines, &owner.mail);
        let newcomer = subtree.person();
        let report = synced(&provider).await;
        assert_eq!(conflicts_of(&report), [(ines.account.as_str(), "mail_taken")]);
        let row = &report.conflicts[0];
        assert_eq!((row.email.as_ref(), row.taken_by.as_ref()), (Some(&owner.mail), Some(&owner_id)));
        assert_eq!(
            effects(&report),
            counts(|counts| (counts.created, counts.kept, counts.conflicts) = (1, 2, 1)),
            "each is counted once"
        );
        assert!(is_active(&provider, &newcomer.mail).await, "the others are synced");
        assert!(is_active(&provider, &ines.mail).await, "a person with a conflict keeps account and address");

        let before = changes(&provider).await;
        assert_eq!(conflicts_of(&synced(&provider).await), [(ines.account.as_str(), "mail_taken")]);
        assert_eq!(changes(&provider).await, before, "a second run changes nothing");
        sign_in_is_refused(&provider, &subtree, &ines.account).await;

        subtree.mail(&ines, &ines.mail);
        assert!(synced(&provider).await.conflicts.is_empty());
    }
}

async fn sign_in_is_refused(provider: &crate::support::provider::Provider, subtree: &Subtree, name: &str) {
    let page = Browser::new().sign_in(&provider.cloudsync().authorize(&[]), name, &subtree.password).await;
    assert_eq!(page.status, reqwest::StatusCode::FORBIDDEN, "{}", page.text());
}

#[tokio::test]
async fn an_email_address_that_becomes_free_is_assigned_in_the_same_run() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let provider = subtree.provider().await;
        let chain: Vec<_> = (0..4).map(|_| subtree.person()).collect();
        let subs = ids(&provider, &chain, synced(&provider).await.counts.created).await;
        // In whatever order the entries come, the first of the chain must change before the last can.
        for pair in chain.windows(2) {
            subtree.mail(&pair[0], &pair[1].mail);
        }
        subtree.mail(&chain[3], &format!("fresh-{}", chain[3].mail));
        let report = synced(&provider).await;
        assert!(report.conflicts.is_empty(), "{:?}", report.conflicts);
        assert_eq!(effects(&report), counts(|counts| counts.updated = 4));
        assert_eq!(account(&provider, &chain[1].mail).await.expect("moved").id, subs[0]);
    }
}

async fn ids(
    provider: &crate::support::provider::Provider,
    people: &[crate::support::lab::Person],
    created: u64,
) -> Vec<cloudsync_idp::domain::account::AccountId> {
    assert_eq!(created, people.len() as u64);
    let mut ids = Vec::new();
    for person in people {
        ids.push(account(provider, &person.mail).await.expect("created").id);
    }
    ids
}

#[tokio::test]
async fn swapped_email_addresses_are_reported_and_fixed_one_after_the_other() {
    let subtree = Subtree::ldap();
    let provider = subtree.provider().await;
    let (one, two) = (subtree.person(), subtree.person());
    let subs = ids(&provider, &[one.clone(), two.clone()], synced(&provider).await.counts.created).await;
    subtree.mail(&one, &two.mail);
    subtree.mail(&two, &one.mail);
    let report = synced(&provider).await;
    let both = [(one.account.as_str(), "mail_taken"), (two.account.as_str(), "mail_taken")];
    assert_eq!(conflicts_of(&report), both);
    assert_eq!(effects(&report), counts(|counts| (counts.kept, counts.conflicts) = (2, 2)));
    assert!(is_active(&provider, &one.mail).await && is_active(&provider, &two.mail).await);

    subtree.mail(&one, &format!("between-{}", one.mail));
    assert!(synced(&provider).await.conflicts.is_empty(), "two gets the address that one gave up");
    subtree.mail(&one, &two.mail);
    assert!(synced(&provider).await.conflicts.is_empty());
    assert_eq!(account(&provider, &two.mail).await.expect("swapped").id, subs[0]);
    assert_eq!(account(&provider, &one.mail).await.expect("swapped").id, subs[1]);
}

/// PostgreSQL cannot index an incompressible value of 3,000 letters: one would fail a whole page.
#[tokio::test(flavor = "multi_thread")]
async fn a_too_long_email_address_or_name_is_reported_and_holds_back_nobody_else() {
    let subtree = Subtree::ldap();
    for store in [String::new(), lab::postgres().url()] {
        let setup = Setup { store, ..Setup::new(&subtree.settings(&subtree.unit, "")) };
        let provider = Provider::start(setup).await;
        let (endless, named, fine) = (subtree.person(), subtree.person(), subtree.person());
        subtree.mail(&endless, &format!("{}@example.org", letters(3_000)));
        subtree.admin.replace(&named.dn, "displayName", &[&letters(3_000)]);
        let report = synced(&provider).await;
        assert_eq!(
            conflicts_of(&report),
            [(endless.account.as_str(), "mail_too_long"), (named.account.as_str(), "name_too_long")]
        );
        assert!(is_active(&provider, &fine.mail).await);
        sign_in_is_refused(&provider, &subtree, &endless.account).await;
        sign_in_is_refused(&provider, &subtree, &named.account).await;

        // An existing account stays as it is.
        subtree.admin.replace(&fine.dn, "displayName", &[&letters(257)]);
        subtree.mail(&endless, &endless.mail);
        subtree.admin.replace(&named.dn, "displayName", &[&letters(256)]);
        let report = synced(&provider).await;
        assert_eq!(conflicts_of(&report), [(fine.account.as_str(), "name_too_long")]);
        assert!(is_active(&provider, &fine.mail).await && is_active(&provider, &named.mail).await);
        for person in [&endless, &named, &fine] {
            subtree.admin.delete(&person.dn);
        }
    }
}

/// This many letters in no order.
fn letters(many: usize) -> String {
    let mut dice = 7_u32;
    let letter = |_| {
        dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b'a' + u8::try_from(dice >> 24).unwrap_or_default() % 26)
    };
    (0..many).map(letter).collect()
}

#[tokio::test]
async fn a_leavers_email_address_given_to_a_newcomer_is_reported() {
    let subtree = Subtree::ldap();
    let provider = subtree.provider().await;
    let (leaver, _other) = (subtree.person(), subtree.person());
    synced(&provider).await;
    let leaver_id = account(&provider, &leaver.mail).await.expect("created").id;
    subtree.admin.delete(&leaver.dn);
    let newcomer = subtree.person();
    subtree.mail(&newcomer, &leaver.mail);
    let report = synced(&provider).await;
    assert_eq!(conflicts_of(&report), [(newcomer.account.as_str(), "mail_taken")]);
    assert_eq!(report.conflicts[0].taken_by.as_ref(), Some(&leaver_id));
    assert!(report.conflicts[0].suspended_since.is_some(), "{:?}", report.conflicts);
}

#[tokio::test]
async fn a_deleted_entry_has_no_conflict_any_more() {
    let subtree = Subtree::ldap();
    let provider = subtree.provider().await;
    let (bare, _fine) = (subtree.person(), subtree.person());
    subtree.mail(&bare, "");
    assert_eq!(synced(&provider).await.conflicts.len(), 1);
    subtree.admin.delete(&bare.dn);
    assert!(synced(&provider).await.conflicts.is_empty(), "in the same run that does not find the entry");
}
