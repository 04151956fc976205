//! Turn a file and the stored settings into what would be stored, or a list of every problem. Writes nothing.

use std::path::Path;

use toml::{Table, Value};

use super::check::{self, check};
use super::export::export;
use super::merge::merge;
use super::read::read;
use super::report::{Problem, ProblemReport, Problems, SettingPath};
use super::schema::{ROOT, ValueKind};
use super::secrets::{Secrets, bind_passwords, resolve};
use super::tokens::bind_service_secrets;
use crate::domain::settings::{Provisioning, Settings};

/// A settings file to be applied.
#[derive(Clone, Copy, Debug)]
pub struct SettingsFile<'a> {
    /// Its name, for messages.
    pub name: &'a str,
    pub text: &'a str,
    /// The folder of the files that it names.
    pub folder: &'a Path,
}

/// How a file is applied to the stored settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Merge the file into the stored settings.
    Merge,
    /// The file is complete; what it omits gets its default, or is removed.
    Replace,
}

/// What applying a file would store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsPlan {
    /// Checked, with secrets sealed or hashed.
    pub settings: Settings,
    /// The same as text, as the store keeps it.
    pub document: String,
    /// Sections and entries that differ from the stored ones, such as `session` or `clients[cloudsync]`.
    pub changed: Vec<String>,
    /// What is allowed but worth a warning. Shown with the file's name, like problems.
    pub warnings: Vec<Problem>,
}

impl SettingsPlan {
    /// True if it changes who must prove a second factor: remembered browsers are then forgotten.
    #[must_use]
    pub fn changes_policy(&self) -> bool {
        changes_policy(&self.changed)
    }
}

/// True if who must prove a second factor is among these sections and entries.
pub(super) fn changes_policy(changed: &[String]) -> bool {
    changed.iter().any(|place| place == "second_factor")
}

/// Reads, resolves, merges and checks. `current` is the stored document, if there is one.
pub fn plan(
    current: Option<&str>,
    file: &SettingsFile<'_>,
    mode: Mode,
    secrets: &Secrets<'_>,
) -> Result<SettingsPlan, Problems> {
    let mut report = ProblemReport::default();
    let mut patch = read(file.text, &mut report);
    let stored = stored_table(current)?;
    let mut later = report.next();
    resolve(&mut patch, file.folder, secrets, &mut later);
    report.absorb(later);

    let base = if mode == Mode::Merge { stored.clone() } else { Table::new() };
    checked(merge(base, patch), &stored, secrets, report, file.name)
}

/// Types and checks a whole document whose secrets are sealed or hashed, and seals given passwords for their
/// servers. `report` has the problems so far; `name` is the document's, for messages.
pub(super) fn checked(
    table: Table,
    stored: &Table,
    secrets: &Secrets<'_>,
    mut report: ProblemReport,
    name: &str,
) -> Result<SettingsPlan, Problems> {
    let mut later = report.next();
    let mut settings = typed(table, &mut later);
    let before: Settings = stored.clone().try_into().unwrap_or_default();
    bind_passwords(&mut settings, &before, secrets, &mut later);
    bind_service_secrets(&mut settings, &before, secrets.sealer(), &mut later);
    check(&settings, &mut later);
    settings.team_shares.sort();
    report.absorb(later);

    let warnings = report.finish(name)?;
    let changed = differences(stored, &settings);
    Ok(SettingsPlan { document: export(&settings), settings, changed, warnings })
}

/// Checks a service as it was typed, before it is tested: its addresses, and that it has one kind of secret.
pub fn check_service(service: &Provisioning) -> Result<(), Problems> {
    let mut report = ProblemReport::default();
    check::service(service, &mut report);
    report.finish("settings").map(|_| ())
}

/// Parses the stored document. It was checked before, so one that can't be parsed was changed by hand.
pub fn parse(document: &str) -> Result<Settings, Problems> {
    let table = stored_table(Some(document))?;
    table.try_into().map_err(|error: toml::de::Error| unreadable(&error))
}

pub(super) fn stored_table(document: Option<&str>) -> Result<Table, Problems> {
    document.unwrap_or_default().parse().map_err(|error: toml::de::Error| unreadable(&error))
}

fn unreadable(error: &toml::de::Error) -> Problems {
    let message = format!("can't be read: {}", error.message());
    Problems {
        file: "stored settings".to_owned(),
        problems: vec![Problem { line: 0, place: SettingPath::default(), message }],
    }
}

fn typed(table: Table, report: &mut ProblemReport) -> Settings {
    match table.try_into::<Settings>() {
        Ok(settings) => without_empty_options(settings),
        Err(error) => {
            report.problem(&SettingPath::default(), format!("can't be read: {}", error.message()));
            Settings::default()
        }
    }
}

/// An empty text resets an optional key to "not set".
fn without_empty_options(mut settings: Settings) -> Settings {
    let unset = |option: &mut Option<String>| *option = option.take().filter(|text| !text.is_empty());
    for directory in &mut settings.directories {
        unset(&mut directory.ca_pem);
        for server in &mut directory.servers {
            unset(&mut server.tls_name);
        }
    }
    for client in &mut settings.clients {
        unset(&mut client.client_uri);
        unset(&mut client.backchannel_logout_uri);
        unset(&mut client.client_secret_old_hash);
        unset(&mut client.client_secret_old_until);
    }
    for service in &mut settings.provisioning {
        unset(&mut service.client);
        unset(&mut service.ca_pem);
        unset(&mut service.proxy);
        unset(&mut service.oauth_token_endpoint);
        unset(&mut service.oauth_client_id);
        unset(&mut service.oauth_scope);
        for secret in [&mut service.token, &mut service.next_token, &mut service.oauth_client_secret] {
            *secret = secret.take().filter(|text| !text.0.is_empty());
        }
    }
    settings
}

/// Sections and entries with different content. A different order alone is no change.
fn differences(stored: &Table, settings: &Settings) -> Vec<String> {
    changed_places(&stored.clone().try_into::<Settings>().unwrap_or_default(), settings)
}

pub(super) fn changed_places(before: &Settings, after: &Settings) -> Vec<String> {
    let (before, after) = (places(before), places(after));
    let gone = before.iter().filter(|(name, _)| !after.iter().any(|(other, _)| other == name));
    let new = after.iter().filter(|entry| !before.contains(entry));
    new.chain(gone).map(|(name, _)| name.clone()).collect()
}

fn places(settings: &Settings) -> Vec<(String, Value)> {
    let table = Table::try_from(settings).unwrap_or_default();
    let mut places = Vec::new();
    for key in ROOT {
        match (key.kind, table.get(key.name)) {
            (ValueKind::Named(by, _), Some(Value::Array(entries))) => {
                for entry in entries {
                    let name = entry.get(by).and_then(Value::as_str).unwrap_or_default();
                    places.push((SettingPath::named(key.name, name).to_string(), entry.clone()));
                }
            }
            (_, Some(section)) => places.push((key.name.to_owned(), section.clone())),
            (_, None) => {}
        }
    }
    places
}
