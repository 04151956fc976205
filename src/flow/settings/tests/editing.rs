//! Settings changed by a form, in a real store.

use std::path::Path;

use super::{WHOLE, sealer, secrets};
use crate::domain::admin::Actor;
use crate::domain::audit::{Decision, Event};
use crate::domain::client::ClientAuthMethod;
use crate::domain::entry::DirectoryId;
use crate::domain::secret::Plain;
use crate::domain::settings::{SecretText, Settings};
use crate::flow::settings::{
    Edit, EditError, EditedSettings, Mode, SettingField, SettingTexts, SettingsError, SettingsFile,
    TypedSecret, apply, edit, load, load_version, review_edit, service_password,
};
use crate::store::{AuditFilter, Store};

const IDLE: SettingField = SettingField::new("session", "idle_minutes");
const CONTACT: SettingField = SettingField::new("sso", "help_contact");

pub(super) struct Lab {
    pub(super) store: Store,
    _folder: tempfile::TempDir,
}

impl Lab {
    /// With the whole file as its first version.
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite:{}", folder.path().join("idp.db").display());
        let store = Store::open(&url).await.expect("opened");
        let file = SettingsFile { name: "f", text: WHOLE, folder: Path::new("/nowhere") };
        apply(&store, &secrets(), &file, Mode::Merge, event()).await.expect("right");
        Self { store, _folder: folder }
    }

    pub(super) async fn settings(&self) -> Settings {
        load(&self.store, sealer()).await.expect("loaded").settings
    }

    async fn fields(
        &self,
        expected: i64,
        fields: &[(SettingField, &str)],
    ) -> Result<EditedSettings, EditError> {
        let fields: Vec<_> = fields.iter().map(|(field, text)| (field.clone(), (*text).to_owned())).collect();
        let order = Edit { expected, fields: &fields, secrets: &[] };
        edit(&self.store, sealer(), &order, event(), |_| ()).await
    }

    async fn changed(
        &self,
        secrets: &[TypedSecret],
        change: impl FnOnce(&mut Settings) + Send,
    ) -> Result<EditedSettings, EditError> {
        edit(&self.store, sealer(), &Edit { expected: 1, fields: &[], secrets }, event(), change).await
    }
}

pub(super) fn event() -> Event {
    Event::new(2_000, Decision::SettingsChanged).by(&Actor::command("root@idp".into()))
}

fn corp() -> DirectoryId {
    DirectoryId("corp".into())
}

/// The problems, each with its place.
pub(super) fn problems(result: Result<EditedSettings, EditError>) -> Vec<String> {
    match result {
        Err(EditError::Settings(SettingsError::Wrong(problems))) => {
            assert!(problems.problems.iter().all(|problem| problem.line == 0), "{problems}");
            problems.problems.iter().map(|one| format!("{}: {}", one.place, one.message)).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_field_is_saved_with_who_changed_it_from_what_to_what() {
    let lab = Lab::new().await;
    let saved = lab.fields(1, &[(IDLE, "60"), (CONTACT, "the desk")]).await.expect("saved");
    assert_eq!(saved.generation, 2);
    let keys: Vec<&str> = saved.differences.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(keys, ["session.idle_minutes", "sso.help_contact"]);
    let settings = lab.settings().await;
    assert_eq!((settings.session.idle_minutes, settings.sso.help_contact.as_str()), (60, "the desk"));
    assert_eq!(settings.clients.len(), 1, "all else stays");

    let events = lab.store.login().audit_page(None, 10, &AuditFilter::All).await.expect("read");
    let event = &events[0];
    assert_eq!(event.actor.as_deref(), Some("command root@idp"));
    let detail = event.detail.as_deref().expect("there");
    assert!(detail.contains(r#"{"after":"60","before":"480","key":"session.idle_minutes"}"#), "{detail}");
}

#[tokio::test]
async fn nothing_is_stored_if_nothing_differs() {
    let lab = Lab::new().await;
    let saved = lab.fields(1, &[(IDLE, "480")]).await.expect("right");
    assert_eq!((saved.generation, saved.differences.len()), (1, 0));
    assert_eq!(lab.store.settings().settings_generation().await.expect("read"), 1);
}

#[tokio::test]
async fn a_version_that_somebody_has_replaced_is_never_overwritten() {
    let lab = Lab::new().await;
    lab.fields(1, &[(IDLE, "60")]).await.expect("saved");
    for stale in [1, 0, 3, -1, i64::MAX] {
        let again = lab.fields(stale, &[(CONTACT, "mine")]).await;
        assert!(matches!(again, Err(EditError::Stale)), "{stale}: {again:?}");
    }
    assert_eq!(lab.settings().await.session.idle_minutes, 60);
    let seen = load_version(&lab.store, sealer(), 1).await.expect("read").expect("there");
    assert_eq!(seen.session.idle_minutes, 480, "what the other page had shown");
    assert_eq!(load_version(&lab.store, sealer(), 9).await.expect("read"), None);
}

#[tokio::test]
async fn of_two_at_once_one_is_saved() {
    let lab = Lab::new().await;
    let (first, second) = ([(IDLE, "60")], [(IDLE, "90")]);
    let (one, other) = tokio::join!(lab.fields(1, &first), lab.fields(1, &second));
    let results = [one, other];
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    assert!(results.iter().any(|result| matches!(result, Err(EditError::Stale))), "{results:?}");
}

/// The same words as for a file, at the same places.
#[tokio::test]
async fn what_is_wrong_is_said_at_its_field_and_nothing_is_stored() {
    let lab = Lab::new().await;
    let groups = SettingField::of_entry("directories", "corp", "admin_groups");
    for (field, typed, expected) in [
        (IDLE, "0", "session.idle_minutes: 0 is not allowed; use 1 to 10080"),
        (IDLE, "soon", "session.idle_minutes: must be a whole number from 1 to 10080, not a text"),
        (IDLE, "", "session.idle_minutes: must be a whole number from 1 to 10080, not a text"),
        (IDLE, "10000", "session.idle_minutes: is longer than absolute_hours allows; use at most 1440"),
        (CONTACT, "a\u{7}b", "sso.help_contact: must be one line without control characters"),
        (CONTACT, "a\nb", "sso.help_contact: must be one line without control characters"),
        (SettingField::new("sso", "enabled"), "maybe", "sso.enabled: must be true or false, not a text"),
        (
            SettingField::new("second_factor", "required"),
            "sometimes",
            "second_factor.required: \"sometimes\" is not allowed; use one of nobody, optional, everyone, groups",
        ),
        (
            SettingField::of_entry("directories", "corp", "ca_file"),
            "/etc/shadow",
            "directories[corp].ca_file: can't be set by a form",
        ),
    ] {
        assert_eq!(problems(lab.fields(1, &[(field, typed)]).await), [expected]);
    }
    let outside = problems(lab.fields(1, &[(groups, "CN=Admins,DC=elsewhere")]).await);
    assert!(outside[0].starts_with("directories[corp].admin_groups[0]: "), "{outside:?}");
    assert_eq!(lab.store.settings().settings_generation().await.expect("read"), 1);
}

#[tokio::test]
async fn a_review_says_the_same_and_stores_nothing() {
    let lab = Lab::new().await;
    let fields = [(IDLE, "60".to_owned())];
    let order = Edit { expected: 1, fields: &fields, secrets: &[] };
    let review = review_edit(&lab.store, sealer(), &order, |_| ()).await.expect("right");
    assert_eq!((review.generation, review.differences[0].after.as_deref()), (1, Some("60")));
    assert_eq!(lab.settings().await.session.idle_minutes, 480);
}

#[tokio::test]
async fn secrets_stay_and_only_typed_ones_replace_them() {
    let lab = Lab::new().await;
    let before = lab.settings().await;
    let planted = |settings: &mut Settings| {
        settings.directories[0].service_account_password = Some(SecretText("sealed:v2:AAAA".into()));
        settings.clients[0].client_secret_hash = Some(format!("hmac-sha256:{}", "0".repeat(64)));
        settings.clients[0].client_secret = Some("a secret in the wrong place".into());
        settings.session.idle_minutes = 60;
    };
    lab.changed(&[], planted).await.expect("saved");
    let after = lab.settings().await;
    assert_eq!(after.directories, before.directories);
    assert_eq!(after.clients, before.clients);

    // A password that looks like a stored one is the password itself.
    let lab = Lab::new().await;
    let typed = Plain::new("sealed:v2:AAAA");
    let secret = TypedSecret::ServiceAccount(corp(), typed.clone());
    let saved = lab.changed(&[secret], |_| ()).await.expect("saved");
    assert_eq!(saved.differences[0].after.as_deref(), Some("(another secret)"));
    let directory = lab.settings().await.directories.remove(0);
    assert_eq!(service_password(&directory, sealer()).expect("opened"), typed);
}

#[tokio::test]
async fn unusable_secrets_are_refused_and_never_repeated() {
    let lab = Lab::new().await;
    let service = |text: &str| TypedSecret::ServiceAccount(corp(), Plain::new(text));
    let client = |id: &str, text: &str| TypedSecret::Client(id.into(), Plain::new(text));
    for (secret, place) in [
        (service(""), "directories[corp].service_account_password: "),
        (service("a\0b"), "directories[corp].service_account_password: "),
        (client("cloudsync", "tooshort"), "clients[cloudsync].client_secret: "),
        (client("other", "long-enough-secret"), "clients[other].client_secret: "),
    ] {
        let found = problems(lab.changed(&[secret], |_| ()).await);
        assert!(found.len() == 1 && found[0].starts_with(place), "{found:?}");
        assert!(!found[0].contains("tooshort"), "{found:?}");
    }
}

/// Whoever can press "Save" without knowing the password can't have it sent to a server of their own.
#[tokio::test]
async fn a_stored_password_is_not_sent_to_another_server() {
    let lab = Lab::new().await;
    let moved = |settings: &mut Settings| settings.directories[0].servers[0].host = "192.0.2.66".into();
    let found = problems(lab.changed(&[], moved).await);
    assert!(
        found[0].starts_with("directories[corp].servers: the password of the service account"),
        "{found:?}"
    );
    let typed = TypedSecret::ServiceAccount(corp(), Plain::new("typed again"));
    lab.changed(&[typed], moved).await.expect("saved");
}

#[tokio::test]
async fn no_key_names_a_file_or_a_variable_of_the_server() {
    let lab = Lab::new().await;
    type Change = fn(&mut Settings);
    let changes: [(Change, &str); 6] = [
        (|all| all.branding.logo_file = Some("/etc/shadow".into()), "branding.logo_file"),
        (|all| all.directories[0].ca_file = Some("/etc/shadow".into()), "directories.ca_file"),
        (
            |all| all.directories[0].service_account_password_file = Some("/etc/shadow".into()),
            "directories.service_account_password_file",
        ),
        (
            |all| all.directories[0].service_account_password_env = Some("PATH".into()),
            "directories.service_account_password_env",
        ),
        (|all| all.clients[0].client_secret_file = Some("/etc/shadow".into()), "clients.client_secret_file"),
        (|all| all.clients[0].client_secret_env = Some("PATH".into()), "clients.client_secret_env"),
    ];
    for (change, place) in changes {
        let found = problems(lab.changed(&[], change).await);
        assert!(found[0].starts_with(&format!("{place}: names a file")), "{found:?}");
    }
}

#[tokio::test]
async fn an_entry_can_be_removed_and_an_edited_document_is_shown_as_saved() {
    let lab = Lab::new().await;
    lab.changed(&[], |settings| settings.clients.clear()).await.expect("saved");
    let settings = lab.settings().await;
    assert!(settings.clients.is_empty());
    assert_eq!(SettingTexts::new(&settings).of(&IDLE), "480");
}

/// A client that becomes public can't keep a secret, however it was changed.
#[tokio::test]
async fn a_client_that_becomes_public_loses_its_secret() {
    let public = |settings: &mut Settings| {
        settings.clients[0].token_endpoint_auth_method = Some(ClientAuthMethod::None);
        settings.clients[0].require_pkce = true;
    };
    let by_field = SettingField::of_entry("clients", "cloudsync", "token_endpoint_auth_method");
    for is_field in [true, false] {
        let lab = Lab::new().await;
        assert!(lab.settings().await.clients[0].client_secret_hash.is_some());
        match is_field {
            true => lab.fields(1, &[(by_field.clone(), "none")]).await.expect("saved"),
            false => lab.changed(&[], public).await.expect("saved"),
        };
        assert_eq!(lab.settings().await.clients[0].client_secret_hash, None);
    }
}

#[tokio::test]
async fn the_old_secret_of_a_client_stays_too() {
    let old = format!("hmac-sha256:{}", "0".repeat(64));
    let lab = Lab::new().await;
    let with_old = |settings: &mut Settings| {
        settings.clients[0].client_secret_old_until = Some("2026-01-31T12:00:00Z".into());
    };
    let text = format!(
        "[[clients]]\nclient_id = \"cloudsync\"\nclient_secret_old_hash = {old:?}\n\
         client_secret_old_until = \"2026-01-30T12:00:00Z\"\n"
    );
    let file = SettingsFile { name: "f", text: &text, folder: Path::new("/nowhere") };
    apply(&lab.store, &secrets(), &file, Mode::Merge, event()).await.expect("right");
    let order = Edit { expected: 2, fields: &[(IDLE, "60".to_owned())], secrets: &[] };
    edit(&lab.store, sealer(), &order, event(), with_old).await.expect("saved");
    let client = lab.settings().await.clients.remove(0);
    assert_eq!(client.client_secret_old_hash, Some(old));
    assert_eq!(client.client_secret_old_until.as_deref(), Some("2026-01-31T12:00:00Z"));
    assert!(client.client_secret_hash.is_some());
}
