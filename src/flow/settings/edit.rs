//! Change settings from a page: on exactly the version that the admin has seen, so that two admins never
//! overwrite each other. Secrets are given apart from the settings. No key may name a file or a variable of
//! the server, since whoever sends a form must not read these.

use toml::{Table, Value};

use super::diff::{SettingDifference, differences};
use super::error::SettingsError;
use super::export::without_secrets;
use super::field::{SettingField, names_the_server};
use super::merge::forget_secrets_of_public_clients;
use super::plan::{Mode, SettingsPlan, checked, parse, stored_table};
use super::read::read;
use super::report::{Problem, ProblemReport, Problems, SettingPath};
use super::schema::{ROOT, ValueKind};
use super::secrets::Secrets;
use super::stored::Base;
use super::typed_secret::{TypedSecret, forget_other_way, give};
use crate::domain::admin::needs_two;
use crate::domain::audit::Event;
use crate::domain::settings::Settings;
use crate::keys::Sealer;
use crate::store::{SaveOutcome, Store};

/// What problems are said to be in.
const NAME: &str = "settings";

/// Keys that may not be set, by the list of entries (or section) that has them.
const SERVER_KEYS: [(&str, &str); 13] = [
    ("branding", "logo_file"),
    ("directories", "ca_file"),
    ("directories", "service_account_password_file"),
    ("directories", "service_account_password_env"),
    ("clients", "client_secret_file"),
    ("clients", "client_secret_env"),
    ("provisioning", "ca_file"),
    ("provisioning", "token_file"),
    ("provisioning", "token_env"),
    ("provisioning", "next_token_file"),
    ("provisioning", "next_token_env"),
    ("provisioning", "oauth_client_secret_file"),
    ("provisioning", "oauth_client_secret_env"),
];

/// A change of the settings.
#[derive(Clone, Debug)]
pub struct Edit<'a> {
    /// The generation that the admin has seen.
    pub expected: i64,
    /// What was typed into fields.
    pub fields: &'a [(SettingField, String)],
    /// Secrets that were typed; all others stay.
    pub secrets: &'a [TypedSecret],
}

/// What a change stores, or would store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditedSettings {
    /// The generation in force.
    pub generation: i64,
    /// Key by key; if there is none, nothing was stored.
    pub differences: Vec<SettingDifference>,
    /// What is allowed but worth a warning.
    pub warnings: Vec<Problem>,
    pub before: Settings,
    pub after: Settings,
}

/// A change that needs a second owner: checked, and not stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingSettings {
    /// On which it was made.
    pub generation: i64,
    /// What is to be stored, with secrets sealed or hashed.
    pub document: String,
    pub before: Settings,
    pub after: Settings,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// Somebody else has saved since.
    #[error("the settings were changed in the meantime")]
    Stale,
    /// It is good, but the settings demand a second owner for it (`four_eyes`).
    #[error("this change needs a second owner")]
    NeedsTwo(Box<WaitingSettings>),
    #[error(transparent)]
    Settings(#[from] SettingsError),
}

/// Changes the settings: first by `change`, then by the fields. `event` says who does it; its detail is filled
/// in.
pub async fn edit(
    store: &Store,
    sealer: &Sealer,
    edit: &Edit<'_>,
    event: Event,
    change: impl FnOnce(&mut Settings) + Send,
) -> Result<EditedSettings, EditError> {
    let (base, plan, edited) = prepared(store, sealer, edit, change).await?;
    if edited.differences.is_empty() {
        return Ok(edited);
    }
    if needs_two(&edited.before, &edited.after) {
        let EditedSettings { generation, before, after, .. } = edited;
        let waiting = WaitingSettings { generation, document: plan.document, before, after };
        return Err(EditError::NeedsTwo(Box::new(waiting)));
    }
    let event = Event { detail: Some(detail(&plan.changed, &edited.differences).to_string()), ..event };
    match base.save(store, sealer, &plan, &event).await.map_err(SettingsError::from)? {
        SaveOutcome::Saved(generation) => Ok(EditedSettings { generation, ..edited }),
        SaveOutcome::Conflict => Err(EditError::Stale),
    }
}

/// The detail of the event of a change.
pub(super) fn detail(changed: &[String], differences: &[SettingDifference]) -> serde_json::Value {
    serde_json::json!({ "changed": changed, "replaced": false, "differences": differences })
}

/// What [`edit`] would store. Writes nothing.
pub async fn review_edit(
    store: &Store,
    sealer: &Sealer,
    edit: &Edit<'_>,
    change: impl FnOnce(&mut Settings) + Send,
) -> Result<EditedSettings, EditError> {
    let (_, _, edited) = prepared(store, sealer, edit, change).await?;
    Ok(edited)
}

async fn prepared(
    store: &Store,
    sealer: &Sealer,
    edit: &Edit<'_>,
    change: impl FnOnce(&mut Settings) + Send,
) -> Result<(Base, SettingsPlan, EditedSettings), EditError> {
    let base = Base::read(store, sealer, Mode::Merge).await?;
    if base.generation != edit.expected {
        return Err(EditError::Stale);
    }
    let document = base.document.as_deref();
    let before = parse(document.unwrap_or_default()).map_err(SettingsError::from)?;
    let plan = edited(document, &before, sealer, edit, change)
        .map_err(|Problems { file, problems }| Problems { file, problems: without_lines(problems) })
        .map_err(SettingsError::from)?;
    let edited = EditedSettings {
        generation: base.generation,
        differences: differences(&before, &plan.settings),
        warnings: without_lines(plan.warnings.clone()),
        before,
        after: plan.settings.clone(),
    };
    Ok((base, plan, edited))
}

/// The changed settings, read again as strictly as a file.
fn edited(
    document: Option<&str>,
    stored: &Settings,
    sealer: &Sealer,
    edit: &Edit<'_>,
    change: impl FnOnce(&mut Settings),
) -> Result<SettingsPlan, Problems> {
    let (mut settings, mut report) = (stored.clone(), ProblemReport::default());
    change(&mut settings);
    let stored = stored_table(document)?;
    // A table of plain structs can always be written as TOML.
    let mut table = Table::try_from(&settings).unwrap_or_default();
    take_secrets_of(&stored, &mut table);
    forget_other_way(&mut table, edit.secrets);
    for secret in edit.secrets {
        give(&mut table, secret, sealer, &mut report);
    }
    refuse_server_keys(&table, &mut report);
    for (field, typed) in edit.fields {
        field.set(&mut table, typed, &mut report);
    }
    let mut strict = read(&without_secrets(&table), &mut report);
    take_secrets_of(&table, &mut strict);
    let clients = strict.clone();
    forget_secrets_of_public_clients(&mut strict, &clients);
    let secrets = Secrets::new(sealer, |_| None);
    checked(strict, &stored, &secrets, report, NAME)
}

/// Each secret in `table` becomes the one that `source` has for the same entry; one that it does not have is
/// removed.
fn take_secrets_of(source: &Table, table: &mut Table) {
    for (list, by, key) in secret_keys() {
        let Some(Value::Array(entries)) = table.get_mut(list) else { continue };
        let known = source.get(list).and_then(Value::as_array);
        for entry in entries.iter_mut().filter_map(Value::as_table_mut) {
            if entry.remove(key).is_none() {
                continue;
            }
            let same = |other: &&Value| other.get(by) == entry.get(by);
            let held =
                known.and_then(|known| known.iter().find(same)).and_then(|held| held.get(key)).cloned();
            if let Some(secret) = held {
                entry.insert(key.to_owned(), secret);
            }
        }
    }
}

/// Each secret: its list, by what an entry of the list is identified, and its key.
fn secret_keys() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let lists = ROOT.iter().filter_map(|list| match list.kind {
        ValueKind::Named(by, keys) => Some((list.name, by, keys)),
        _ => None,
    });
    lists.flat_map(|(list, by, keys)| {
        let secrets = keys.iter().filter(|key| matches!(key.kind, ValueKind::Secret));
        secrets.map(move |key| (list, by, key.name))
    })
}

fn refuse_server_keys(table: &Table, report: &mut ProblemReport) {
    for (section, key) in SERVER_KEYS {
        debug_assert!(names_the_server(key));
        let found = match table.get(section) {
            Some(Value::Array(entries)) => entries.iter().any(|entry| entry.get(key).is_some()),
            Some(section) => section.get(key).is_some(),
            None => false,
        };
        if found {
            let message = "names a file or a variable of the server; give the content itself";
            report.problem(&SettingPath::section(section).key(key), message);
        }
    }
}

/// Lines of a text that nobody has written mean nothing.
fn without_lines(problems: Vec<Problem>) -> Vec<Problem> {
    problems.into_iter().map(|problem| Problem { line: 0, ..problem }).collect()
}
