//! Settings in a real store.

use std::path::Path;

use super::{WHOLE, sealer, secrets};
use crate::domain::audit::{Decision, Event};
use crate::flow::settings::{AppliedSettings, Mode, SettingsError, SettingsFile, apply, load};
use crate::store::{AuditFilter, Store};

async fn store(folder: &tempfile::TempDir) -> Store {
    Store::open(&format!("sqlite:{}", folder.path().join("idp.db").display())).await.expect("opened")
}

async fn applied(store: &Store, text: &str) -> Result<AppliedSettings, SettingsError> {
    let file = SettingsFile { name: "settings.toml", text, folder: Path::new("/nowhere") };
    let event = Event::new(1_000, Decision::SettingsChanged);
    apply(store, &secrets(), &file, Mode::Merge, event).await
}

#[tokio::test]
async fn a_file_is_saved_once_and_audited_without_a_secret() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store(&folder).await;
    assert_eq!(load(&store, sealer()).await.expect("loaded").generation, 0);
    let first = applied(&store, WHOLE).await.expect("right");
    assert_eq!(first.changed, ["sso", "directories[corp]", "clients[cloudsync]"]);
    let again = applied(&store, WHOLE).await.expect("right");
    assert_eq!((again.generation, again.changed.len()), (first.generation, 0));
    let loaded = load(&store, sealer()).await.expect("loaded");
    assert_eq!((loaded.generation, loaded.settings.clients.len()), (1, 1));

    let events = store.login().audit_page(None, 10, &AuditFilter::All).await.expect("read");
    assert_eq!(events.len(), 1);
    let detail = events[0].detail.clone().expect("there");
    for secret in ["reads the directory", "cloudsync-demo-secret", "hmac-sha256", "sealed:"] {
        assert!(!detail.contains(secret), "{detail}");
    }
    let detail: serde_json::Value = serde_json::from_str(&detail).expect("JSON");
    assert_eq!(detail["changed"], serde_json::json!(["sso", "directories[corp]", "clients[cloudsync]"]));
    assert_eq!(detail["replaced"], false);
    let changed = detail["differences"].as_array().expect("a list");
    let change = |key: &str| {
        let found = changed.iter().find(|one| one["key"] == key).unwrap_or_else(|| panic!("{key}: {detail}"));
        (found["before"].as_str(), found["after"].as_str())
    };
    assert_eq!(change("directories[corp].netbios_name"), (None, Some("\"CORP\"")));
    assert_eq!(change("clients[cloudsync].client_secret_hash"), (None, Some("(another secret)")));
}

#[tokio::test]
async fn a_wrong_file_leaves_the_store_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store(&folder).await;
    applied(&store, WHOLE).await.expect("right");
    let before = store.settings().settings().await.expect("read");
    let wrong = "[sso]\nenabled = false\n[session]\nidle_minutes = 0\n";
    assert!(matches!(applied(&store, wrong).await, Err(SettingsError::Wrong(_))));
    assert_eq!(store.settings().settings().await.expect("read"), before);
    assert_eq!(store.login().audit_page(None, 10, &AuditFilter::All).await.expect("read").len(), 1);
}

/// Changes of two administrators at once are both in force in the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_at_the_same_time_are_both_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store(&folder).await;
    applied(&store, WHOLE).await.expect("right");
    for round in 0..10 {
        let sso = format!("[sso]\nhelp_contact = \"desk {round}\"\n");
        let session = format!("[session]\nidle_minutes = {}\n", 30 + round);
        let (one, other) = tokio::join!(applied(&store, &sso), applied(&store, &session));
        one.expect("right");
        other.expect("right");
        let settings = load(&store, sealer()).await.expect("loaded").settings;
        assert_eq!(settings.sso.help_contact, format!("desk {round}"));
        assert_eq!(settings.session.idle_minutes, 30 + round);
    }
}

#[tokio::test]
async fn a_new_installation_is_asked_for_its_second_factor() {
    for (policy, asked) in [
        ("", vec!["required"]),
        ("[second_factor]\nrequired = \"nobody\"\n", vec![]),
        ("[second_factor]\nrequired = \"everyone\"\n", vec!["enrolment"]),
        ("[second_factor]\nrequired = \"everyone\"\nenrolment = \"alone\"\n", vec![]),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(&folder).await;
        let first = applied(&store, &format!("{policy}{WHOLE}")).await.expect("right");
        let places: Vec<String> = first.warnings.iter().map(|warning| warning.place.to_string()).collect();
        let expected: Vec<String> = asked.iter().map(|key| format!("second_factor.{key}")).collect();
        assert_eq!(places, expected, "{policy}");
        let later = applied(&store, "[session]\nidle_minutes = 60\n").await.expect("right");
        assert!(later.warnings.is_empty(), "once: {:?}", later.warnings);
    }
}
