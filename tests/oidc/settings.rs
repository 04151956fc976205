//! Settings changed by another process apply as soon as this one has read them.

use std::path::Path;

use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::flow::settings::{Mode, Secrets, SettingsFile, apply};
use reqwest::StatusCode;

use super::{INVALID_GRANT, NOTES, Stage};
use crate::support::browser::Browser;
use crate::support::lab;
use crate::support::provider::{Setup, ldap_settings};

#[tokio::test]
async fn settings_of_another_process_apply_once_they_are_read() {
    let stage = Stage::new().await;
    let (browser, tokens) = stage.signed_in().await;
    let other = stage.provider.another_process().await;
    let secrets = Secrets::new(&other.keys.sealer, |_| None);
    let file = SettingsFile { name: "notes.toml", text: NOTES, folder: Path::new("/") };
    apply(&other.store, &secrets, &file, Mode::Merge, Event::new(other.now(), Decision::SettingsChanged))
        .await
        .expect("good settings");
    let asked = stage.notes().authorize(&[]);
    assert_eq!(stage.outcome(&browser, &asked).await, "400", "not known yet");
    stage.provider.parts.installation.refresh().await.expect("a look");
    assert_eq!(stage.outcome(&browser, &asked).await, "code");
    assert_eq!(stage.cloudsync.refresh(tokens.text("refresh_token")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_client_that_is_taken_away_can_do_nothing_any_more() {
    let stage = Stage::with(NOTES).await;
    let (browser, _) = stage.signed_in().await;
    let notes = stage.notes();
    let tokens = notes.exchange(&browser.follow(&notes.authorize(&[]).url).await).await;
    let waiting = Browser::new().follow(&notes.authorize(&[]).url).await;
    let without = crate::support::provider::Setup::new(&crate::support::provider::ldap_settings(&[
        crate::support::lab::ldap(),
    ]));
    stage.provider.apply(&without.settings, Mode::Replace).await.expect("good settings");
    assert_eq!(stage.outcome(&browser, &notes.authorize(&[])).await, "400");
    let refused = notes.refresh(tokens.text("refresh_token")).await;
    assert_eq!(super::error(&refused), (StatusCode::UNAUTHORIZED, "invalid_client"));
    assert_eq!(stage.opens(&tokens).await, StatusCode::UNAUTHORIZED);
    assert_eq!(waiting.status, StatusCode::OK);
}

/// Nobody can tell a public client from one that is added later under its id.
const PUBLIC: &str = "[[clients]]\nclient_id = \"notes\"\ntoken_endpoint_auth_method = \"none\"\n\
     redirect_uris = [\"https://notes.example/callback\"]\n";

#[tokio::test]
async fn a_client_with_the_id_of_one_that_was_removed_gets_nothing_of_it() {
    let stage = Stage::with(PUBLIC).await;
    let (browser, kept) = stage.signed_in().await;
    let mut notes = stage.notes();
    notes.secret = None;
    let asked = notes.authorize(&[]);
    let tokens = notes.exchange(&browser.follow(&asked.url).await).await;
    let code = browser.follow(&asked.url).await;
    let all = Setup::new(&ldap_settings(&[lab::ldap()])).settings;
    stage.provider.apply(&all, Mode::Replace).await.expect("good settings");
    stage.provider.apply(PUBLIC, Mode::Merge).await.expect("good settings");
    assert_eq!(super::error(&notes.refresh(tokens.text("refresh_token")).await), INVALID_GRANT);
    assert_eq!(stage.opens(&tokens).await, StatusCode::UNAUTHORIZED);
    assert_eq!(
        super::error(&notes.exchange_code(&code.parameter("code").expect("a code")).await),
        INVALID_GRANT
    );
    assert_eq!(
        stage.cloudsync.refresh(kept.text("refresh_token")).await.status,
        StatusCode::OK,
        "the other client's"
    );
    let again = notes.exchange(&browser.follow(&asked.url).await).await;
    assert_eq!(notes.refresh(again.text("refresh_token")).await.status, StatusCode::OK, "its own");
}

#[tokio::test]
async fn a_sign_in_does_not_lead_to_a_client_or_address_that_was_taken_away_meanwhile() {
    let stage = Stage::with(NOTES).await;
    let (moved, gone) = (Browser::new(), Browser::new());
    let to_moved = moved.follow(&stage.notes().authorize(&[]).url).await;
    let to_gone = gone.follow(&stage.notes().authorize(&[]).url).await;
    let password = &crate::support::lab::ldap().user_password;
    let elsewhere = NOTES.replace("notes.example/callback", "notes.example/elsewhere");
    stage.provider.apply(&elsewhere, Mode::Merge).await.expect("good settings");
    let page = moved.submit(&to_moved, "alice", password).await;
    assert_eq!(page.location, None, "{}", page.text());
    let without = crate::support::provider::Setup::new(&crate::support::provider::ldap_settings(&[
        crate::support::lab::ldap(),
    ]));
    stage.provider.apply(&without.settings, Mode::Replace).await.expect("good settings");
    let page = gone.submit(&to_gone, "alice", password).await;
    assert_eq!(page.location, None, "{}", page.text());
}

#[tokio::test]
async fn a_code_does_not_outlive_its_settings_but_refresh_and_session_go_on() {
    let stage = Stage::new().await;
    let (browser, tokens) = stage.signed_in().await;
    let code = browser.follow(&stage.cloudsync.authorize(&[]).url).await.parameter("code").unwrap();
    let other = stage.provider.another_process().await;
    let secrets = Secrets::new(&other.keys.sealer, |_| None);
    let change = "[sso]\nhelp_contact = \"somebody else\"\n";
    let file = SettingsFile { name: "change.toml", text: change, folder: Path::new("/") };
    apply(&other.store, &secrets, &file, Mode::Merge, Event::new(other.now(), Decision::SettingsChanged))
        .await
        .expect("good settings");
    let exchanged = stage.cloudsync.exchange_code(&code).await;
    assert_eq!((exchanged.status, exchanged.text("error")), (StatusCode::BAD_REQUEST, "invalid_grant"));
    assert_eq!(stage.cloudsync.refresh(tokens.text("refresh_token")).await.status, StatusCode::OK);
    assert_eq!(stage.ask(&browser, &[("prompt", "none")]).await, "code");
}

#[tokio::test]
async fn directory_settings_are_in_force_with_their_groups_or_not_at_all() {
    let stage = Stage::new().await;
    stage.tokens().await;
    let parts = &stage.provider.parts;
    let corp = DirectoryId("corp".into());
    let graph = || parts.current().site(&corp).expect("the directory").graph().iter().count();
    let stats = || parts.current().site(&corp).expect("the directory").directory.stats();
    let (groups, before) = (graph(), stats());
    assert!(groups > 0 && before.searches.opened > 0, "{groups} groups, {before:?}");

    let renamed = |name: &str| format!("[[directories]]\nid = \"corp\"\nname = \"{name}\"\n");
    stage.provider.apply(&renamed("Corp"), Mode::Merge).await.expect("good settings");
    assert_eq!((graph(), stats()), (groups, before), "the connections and what is known of servers are kept");

    let secrets = Secrets::new(&parts.keys.sealer, |_| None);
    let text = renamed("Corporation");
    let file = SettingsFile { name: "name.toml", text: &text, folder: Path::new("/") };
    apply(&parts.store, &secrets, &file, Mode::Merge, Event::new(parts.now(), Decision::SettingsChanged))
        .await
        .expect("good settings");
    stage.provider.cut_store(&["directory_groups"]);
    assert!(parts.installation.refresh().await.is_err(), "the groups can't be read");
    let current = parts.current();
    assert_eq!(
        current.site(&corp).map(|site| site.settings.name.as_str()),
        Some("Corp"),
        "the old one stays"
    );
    assert_eq!(graph(), groups);
}
