//! Accounts that CloudSync already had: tied to entries one to one by mail, and only when that is safe.

use cloudsync_idp::clock::Clock;
use cloudsync_idp::domain::DAY;
use cloudsync_idp::domain::account::AccountId;
use cloudsync_idp::flow::accounts::import;

use super::{Corner, account, counts, deeds, held, synced};
use crate::support::browser::Browser;
use crate::support::provider::{Provider, Setup};

async fn load(provider: &Provider, lines: &str) {
    let file = format!("id,email,name\n{lines}");
    let outcome = import(&provider.parts, file.as_bytes()).await.expect("a good file");
    assert!(outcome.conflicts.is_empty(), "{outcome:?}");
}

async fn id_of(provider: &Provider, mail: &str) -> Option<AccountId> {
    account(provider, mail).await.map(|account| account.id)
}

#[tokio::test]
async fn the_first_import_ties_them_to_their_entries_and_keeps_their_ids() {
    for corner in [Corner::ad(), Corner::ldap()] {
        let provider = corner.provider().await;
        let (known, new) = (corner.person(), corner.person());
        load(
            &provider,
            &format!("42,{},Old Name\n43,nobody@else.example,Nobody\n", known.mail.to_uppercase()),
        )
        .await;
        let report = synced(&provider).await;
        assert_eq!(deeds(&report), counts(|counts| (counts.linked, counts.created) = (1, 1)));
        let linked = account(&provider, &known.mail).await.expect("linked");
        assert_eq!(linked.id, AccountId("42".into()));
        assert_eq!(linked.profile.email, known.mail, "as the directory writes it");
        assert!(account(&provider, "nobody@else.example").await.expect("loaded").link.is_none());
        assert!(id_of(&provider, &new.mail).await.is_some());
        let cloudsync = provider.cloudsync();
        let page = Browser::new().sign_in(&cloudsync.authorize(&[]), &known.account, &corner.password).await;
        assert_eq!(cloudsync.exchange(&page).await.payload("id_token")["sub"], "42");
        // After that only the GUID counts.
        corner.mail(&known, &format!("other-{}", known.mail));
        assert_eq!(synced(&provider).await.counts.updated, 1);
        assert_eq!(id_of(&provider, &format!("other-{}", known.mail)).await, Some(AccountId("42".into())));
    }
}

#[tokio::test]
async fn where_people_write_their_own_mail_only_the_first_import_ties_by_it() {
    let corner = Corner::ldap();
    let settings = corner
        .settings(&corner.unit, "")
        .replace("email_written_by_admins_only = true", "email_written_by_admins_only = false");
    let provider = Provider::start(Setup::new(&settings)).await;
    let (known, thief) = (corner.person(), corner.person());
    load(&provider, &format!("42,{},\n43,boss@example.org,The Boss\n", known.mail)).await;
    let first = synced(&provider).await;
    assert_eq!((first.counts.linked, first.counts.created), (1, 1));
    let newcomer = corner.person();
    corner.mail(&newcomer, "boss@example.org");
    let second = synced(&provider).await;
    assert_eq!(
        held(&second),
        [(newcomer.account.as_str(), "mail_taken")],
        "nobody takes over the boss's account"
    );
    assert!(account(&provider, "boss@example.org").await.expect("loaded").link.is_none());
    let page = Browser::new()
        .sign_in(&provider.cloudsync().authorize(&[]), &newcomer.account, &corner.password)
        .await;
    assert!(page.parameter("code").is_none(), "nor at the door");

    // Accounts that are loaded again open the way once more: an administrator says so.
    load(&provider, "43,boss@example.org,The Boss\n44,next@example.org,\n").await;
    assert_eq!(synced(&provider).await.counts.linked, 1);
    assert_eq!(id_of(&provider, "boss@example.org").await, Some(AccountId("43".into())));
    corner.mail(&thief, "next@example.org");
    assert_eq!(held(&synced(&provider).await), [(thief.account.as_str(), "mail_taken")]);
}

#[tokio::test]
async fn the_first_import_stays_the_first_when_its_run_is_cleaned_away() {
    let corner = Corner::ldap();
    let settings = corner
        .settings(&corner.unit, "")
        .replace("email_written_by_admins_only = true", "email_written_by_admins_only = false");
    let clock = Clock::fixed(Clock::System.now());
    let provider = Provider::start(Setup { clock, ..Setup::new(&settings) }).await;
    corner.person();
    load(&provider, "43,boss@example.org,The Boss\n").await;
    synced(&provider).await;

    let parts = &provider.parts;
    parts.clock.advance(500 * DAY);
    let expired =
        parts.store.expire(&parts.current().settings.session, parts.now()).await.expect("it expires");
    let log = parts.store.expire_log(&[], parts.now()).await.expect("it expires");
    assert!(log.runs > 0 && expired.events > 0, "{log:?} {expired:?}");
    let newcomer = corner.person();
    corner.mail(&newcomer, "boss@example.org");
    assert_eq!(held(&synced(&provider).await), [(newcomer.account.as_str(), "mail_taken")]);
    assert!(account(&provider, "boss@example.org").await.expect("loaded").link.is_none());
}

#[tokio::test]
async fn where_administrators_write_the_mails_later_imports_tie_too() {
    let corner = Corner::ldap();
    let provider = corner.provider().await;
    corner.person();
    load(&provider, "43,later@example.org,Later\n").await;
    synced(&provider).await;
    let newcomer = corner.person();
    corner.mail(&newcomer, "later@example.org");
    assert_eq!(synced(&provider).await.counts.linked, 1);
    assert_eq!(id_of(&provider, "later@example.org").await, Some(AccountId("43".into())));
}

#[tokio::test]
async fn an_account_that_two_entries_claim_is_given_to_neither() {
    let corner = Corner::ldap();
    let provider = corner.provider().await;
    let (one, two) = (corner.person(), corner.person());
    corner.mail(&one, &two.mail);
    load(&provider, &format!("42,{},\n", two.mail)).await;
    let report = synced(&provider).await;
    let both = [(one.account.as_str(), "mail_shared"), (two.account.as_str(), "mail_shared")];
    assert_eq!(held(&report), both);
    assert!(account(&provider, &two.mail).await.expect("loaded").link.is_none());
}
