//! The life of an account, step by step, on Active Directory and on OpenLDAP.

use cloudsync_idp::domain::account::SuspendedBecause;
use cloudsync_idp::flow::sync::RunReport;
use reqwest::StatusCode;

use super::{Subtree, account, changes, conflicts_of, counts, effects, is_active, suspended, synced};
use crate::support::browser::Browser;
use crate::support::lab::unique;
use crate::support::provider::Provider;
use crate::support::rows::LogRows;

/// Before the Unix epoch and after the first of January 1601.
const LONG_AGO: &str = "116000000000000000";

#[tokio::test]
async fn an_account_follows_its_entry_in_active_directory() {
    follows(&Subtree::ad()).await;
}

#[tokio::test]
async fn an_account_follows_its_entry_in_openldap() {
    follows(&Subtree::ldap()).await;
}

async fn follows(subtree: &Subtree) {
    let provider = subtree.provider().await;
    let (stays, moves) = (subtree.person(), subtree.person());
    let created = synced(&provider).await;
    assert_eq!(effects(&created), counts(|counts| counts.created = 2));
    let sub = account(&provider, &moves.mail).await.expect("created").id;

    second_run_changes_nothing(&provider, &created).await;

    let (mail, name) = (format!("new-{}", moves.mail), "O'Brien, Zo\u{eb} (Ops)");
    subtree.mail(&moves, &mail);
    subtree.admin.replace(&moves.dn, "displayName", &[name]);
    assert_eq!(effects(&synced(&provider).await), counts(|counts| (counts.updated, counts.kept) = (1, 1)));
    let updated = account(&provider, &mail).await.expect("under the new email address");
    assert_eq!((updated.id, updated.profile.name()), (sub.clone(), Some(name)));
    assert_eq!(account(&provider, &moves.mail).await, None);

    let moved = subtree.move_to(&moves, &subtree.outside);
    assert_eq!(effects(&synced(&provider).await), counts(|counts| (counts.suspended, counts.kept) = (1, 1)));
    assert_eq!(suspended(&provider, &mail).await, Some(SuspendedBecause::OutOfScope));

    let back = subtree.move_to(&moved, &subtree.unit);
    assert_eq!(
        effects(&synced(&provider).await),
        counts(|counts| (counts.reactivated, counts.kept) = (1, 1))
    );
    assert_eq!(account(&provider, &mail).await.expect("still there").id, sub, "the same person");

    subtree.disable(&back);
    assert_eq!(effects(&synced(&provider).await), counts(|counts| (counts.suspended, counts.kept) = (1, 1)));
    assert_eq!(suspended(&provider, &mail).await, Some(SuspendedBecause::Disabled));
    subtree.enable(&back);
    assert_eq!(synced(&provider).await.counts.reactivated, 1);

    subtree.admin.delete(&back.dn);
    assert_eq!(synced(&provider).await.counts.suspended, 1);
    assert_eq!(suspended(&provider, &mail).await, Some(SuspendedBecause::OutOfScope));
    assert!(is_active(&provider, &stays.mail).await);
    assert_eq!(
        kinds(&provider, &sub).await,
        ["created", "updated", "suspended", "reactivated", "suspended", "reactivated", "suspended",]
    );
}

async fn second_run_changes_nothing(provider: &Provider, first: &RunReport) {
    let before = changes(provider).await;
    let again = synced(provider).await;
    assert_eq!(effects(&again), counts(|counts| counts.kept = first.counts.created));
    assert_eq!(changes(provider).await, before);
}

/// The kinds of the changes to one account, in order.
async fn kinds(provider: &Provider, sub: &cloudsync_idp::domain::account::AccountId) -> Vec<String> {
    let rows = provider.parts.store.sync().changes_page(Some(sub), 100).await.expect("the store answers");
    rows.into_iter().rev().map(|row| row.kind.to_string()).collect()
}

#[tokio::test]
async fn a_past_expiry_date_counts_as_disabled() {
    let subtree = Subtree::ad();
    let provider = subtree.provider().await;
    let (person, _other) = (subtree.person(), subtree.person());
    synced(&provider).await;
    subtree.admin.replace(&person.dn, "accountExpires", &[LONG_AGO]);
    assert_eq!(synced(&provider).await.counts.suspended, 1);
    assert_eq!(suspended(&provider, &person.mail).await, Some(SuspendedBecause::Expired));
    for never in ["0", "9223372036854775807"] {
        subtree.admin.replace(&person.dn, "accountExpires", &[never]);
        synced(&provider).await;
        assert!(is_active(&provider, &person.mail).await, "{never}");
    }
}

#[tokio::test]
async fn an_entry_disabled_or_expired_from_the_beginning_gets_no_account() {
    let subtree = Subtree::ad();
    let provider = subtree.provider().await;
    let (off, over, fine) = (subtree.person(), subtree.person(), subtree.person());
    subtree.disable(&off);
    subtree.admin.replace(&over.dn, "accountExpires", &[LONG_AGO]);
    let report = synced(&provider).await;
    assert_eq!(effects(&report), counts(|counts| counts.created = 1));
    assert!(report.conflicts.is_empty(), "nothing to fix: {:?}", report.conflicts);
    assert_eq!(account(&provider, &off.mail).await, None);
    assert_eq!(account(&provider, &over.mail).await, None);
    assert!(is_active(&provider, &fine.mail).await);
    subtree.enable(&off);
    assert_eq!(synced(&provider).await.counts.created, 1, "once enabled, it gets an account");
}

#[tokio::test]
async fn without_an_email_address_there_is_no_account() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let provider = subtree.provider().await;
        let (bare, fine) = (subtree.person(), subtree.person());
        subtree.mail(&bare, "");
        let report = synced(&provider).await;
        assert_eq!(conflicts_of(&report), [(bare.account.as_str(), "no_mail")]);
        assert_eq!(effects(&report), counts(|counts| (counts.created, counts.conflicts) = (1, 1)));
        assert!(is_active(&provider, &fine.mail).await);
        subtree.mail(&bare, &bare.mail);
        let fixed = synced(&provider).await;
        assert!(fixed.conflicts.is_empty() && is_active(&provider, &bare.mail).await);
        // A person whose email address is removed keeps the account, and is reported.
        subtree.mail(&bare, "");
        let lost = synced(&provider).await;
        assert_eq!(conflicts_of(&lost), [(bare.account.as_str(), "no_mail")]);
        assert!(is_active(&provider, &bare.mail).await);
    }
}

#[tokio::test]
async fn special_characters_in_names_are_kept() {
    let subtree = Subtree::ad();
    let odd = format!("OU=O'Brien\\, Zo\u{eb} (Ops) \\+ *{},{}", unique("x"), subtree.unit);
    subtree.add_unit(&odd);
    let person = subtree.person_in(&odd);
    let moved = subtree.admin.move_to(&person.dn, "CN=O'Brien\\, Zo\u{eb} (Ops) \\#1", &odd);
    subtree.admin.replace(&moved, "displayName", &["O'Brien, Zo\u{eb} (Ops)"]);
    let elsewhere = subtree.person();
    let group = subtree.group(&[&moved, &elsewhere.dn]);
    let group = subtree.admin.move_to(&group, "CN=Ops (Zo\u{eb}\\, *\\\\)", &subtree.unit);
    for settings in [subtree.settings(&odd, ""), subtree.settings("", &group)] {
        // A literal TOML string contains the backslashes as they are.
        let provider =
            Provider::start(crate::support::provider::Setup::new(&literal(&settings, &[&odd, &group]))).await;
        synced(&provider).await;
        let found = account(&provider, &person.mail).await.expect("created");
        assert_eq!(found.profile.name(), Some("O'Brien, Zo\u{eb} (Ops)"));
        synced(&provider).await;
        assert!(is_active(&provider, &person.mail).await);
    }
}

/// `subtree.settings` quotes DNs as Rust strings; these need TOML's literal strings.
fn literal(settings: &str, dns: &[&str]) -> String {
    dns.iter().fold(settings.to_owned(), |text, dn| text.replace(&format!("{dn:?}"), &format!("'''{dn}'''")))
}

#[tokio::test]
async fn sessions_and_grants_end_with_the_account() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let provider = subtree.provider().await;
        let (leaver, _other) = (subtree.person(), subtree.person());
        synced(&provider).await;
        let (cloudsync, browser) = (provider.cloudsync(), Browser::new());
        let arrived = browser.sign_in(&cloudsync.authorize(&[]), &leaver.account, &subtree.password).await;
        let tokens = cloudsync.exchange(&arrived).await;
        let sub = account(&provider, &leaver.mail).await.expect("an account").id;
        assert_eq!(provider.parts.store.login().sessions_of(&sub).await.expect("an answer").len(), 1);

        subtree.move_to(&leaver, &subtree.outside);
        assert_eq!(synced(&provider).await.counts.suspended, 1);
        assert!(provider.parts.store.login().sessions_of(&sub).await.expect("an answer").is_empty());
        let refused = cloudsync.refresh(tokens.text("refresh_token")).await;
        assert_eq!((refused.status, refused.text("error")), (StatusCode::BAD_REQUEST, "invalid_grant"));
        let silent = browser.follow(&cloudsync.authorize(&[("prompt", "none")]).url).await;
        assert_eq!(silent.parameter("error").as_deref(), Some("login_required"));
    }
}
