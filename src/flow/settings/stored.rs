//! Load settings, and save them on top of the version that was read, with the audit event in one transaction.

use std::collections::BTreeSet;

use serde_json::json;

use super::diff::differences;
use super::error::SettingsError;
use super::plan::{Mode, SettingsFile, SettingsPlan, parse, plan};
use super::report::{Problem, SettingPath};
use super::secrets::Secrets;
use crate::domain::audit::Event;
use crate::domain::secret::Hashed;
use crate::domain::settings::{Required, SecondFactor, Settings};
use crate::keys::{KeyId, Sealer};
use crate::store::{DeliveryTarget, NewSettings, SaveOutcome, SettingsVersion, Store, StoreError};

/// How often a file is merged again if another process saved in between.
const TRIES: usize = 5;

/// Settings in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadedSettings {
    /// Compared in every issuing transaction; 0 before anything was saved.
    pub generation: i64,
    /// Incremented only by changes of the second-factor policy.
    pub policy_generation: i64,
    pub settings: Settings,
}

/// The result of applying a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedSettings {
    /// The generation now in force.
    pub generation: i64,
    /// Sections and entries that changed; if none, nothing was stored.
    pub changed: Vec<String>,
    /// What is allowed but worth a warning; see [`Problem::in_file`].
    pub warnings: Vec<Problem>,
}

/// The settings in force; the defaults before anything was saved.
pub async fn load(store: &Store, sealer: &Sealer) -> Result<LoadedSettings, SettingsError> {
    match genuine(store, sealer).await? {
        Some(SettingsVersion { generation, policy_generation, document, .. }) => {
            Ok(LoadedSettings { generation, policy_generation, settings: parse(&document)? })
        }
        None => Ok(LoadedSettings { generation: 0, policy_generation: 0, settings: Settings::default() }),
    }
}

/// An earlier version of the settings; `None` if it was never saved, or was changed in the database.
pub async fn load_version(
    store: &Store,
    sealer: &Sealer,
    generation: i64,
) -> Result<Option<Settings>, SettingsError> {
    if generation == 0 {
        return Ok(Some(Settings::default()));
    }
    let version = store.settings().settings_version(generation).await?;
    let genuine = version.filter(|version| is_genuine(sealer, version));
    Ok(genuine.map(|version| parse(&version.document)).transpose()?)
}

/// The stored settings, whoever wrote them: to be read, never to be put in force.
pub async fn load_unverified(store: &Store) -> Result<Settings, SettingsError> {
    let version = store.settings().settings().await?;
    Ok(version.map(|version| parse(&version.document)).transpose()?.unwrap_or_default())
}

async fn genuine(store: &Store, sealer: &Sealer) -> Result<Option<SettingsVersion>, SettingsError> {
    match store.settings().settings().await? {
        Some(version) if !is_genuine(sealer, &version) => Err(SettingsError::Altered(version.generation)),
        version => Ok(version),
    }
}

/// Write access to the database is not enough to change the settings: that takes the sealing key as well.
fn is_genuine(sealer: &Sealer, version: &SettingsVersion) -> bool {
    key_of_mark(sealer, version).is_some()
}

/// The sealing key with which a version was marked, if it is one of ours.
pub(super) fn key_of_mark(sealer: &Sealer, version: &SettingsVersion) -> Option<KeyId> {
    let covered = covered(version.generation, version.policy_generation, &version.document);
    sealer.key_of_settings_mark(&covered, version.mark.as_deref()?)
}

pub(super) fn mark(sealer: &Sealer, generation: i64, policy_generation: i64, document: &str) -> Hashed {
    sealer.settings_mark(&covered(generation, policy_generation, document))
}

/// Both numbers are digits, so the three can't be split otherwise.
fn covered(generation: i64, policy_generation: i64, document: &str) -> Vec<u8> {
    format!("{generation}.{policy_generation}.{document}").into_bytes()
}

/// The stored settings, and what a file would make of them. Writes nothing.
pub async fn review(
    store: &Store,
    secrets: &Secrets<'_>,
    file: &SettingsFile<'_>,
    mode: Mode,
) -> Result<(Settings, SettingsPlan), SettingsError> {
    let document = match genuine(store, secrets.sealer()).await {
        Err(SettingsError::Altered(_)) if mode == Mode::Replace => None,
        version => version?.map(|version| version.document),
    };
    let stored = document.as_deref().map(parse).transpose()?.unwrap_or_default();
    Ok((stored, plan(document.as_deref(), file, mode, secrets)?))
}

/// Applies a file: all of it, or nothing. `event` says who does it, and when; its detail is filled in.
pub async fn apply(
    store: &Store,
    secrets: &Secrets<'_>,
    file: &SettingsFile<'_>,
    mode: Mode,
    event: Event,
) -> Result<AppliedSettings, SettingsError> {
    for _ in 0..TRIES {
        let base = Base::read(store, secrets.sealer(), mode).await?;
        let mut plan = plan(base.document.as_deref(), file, mode, secrets)?;
        let generation = base.generation;
        if generation == 0 {
            plan.warnings.extend(undecided(file.text, &plan.settings.second_factor));
        }
        if plan.changed.is_empty() && base.document.is_some() {
            return Ok(AppliedSettings { generation, changed: plan.changed, warnings: plan.warnings });
        }
        let event = Event { detail: Some(detail(&base, &plan, mode)?), ..event.clone() };
        if let SaveOutcome::Saved(generation) = base.save(store, secrets.sealer(), &plan, &event).await? {
            return Ok(AppliedSettings { generation, changed: plan.changed, warnings: plan.warnings });
        }
    }
    Err(SettingsError::Busy)
}

/// Warns if the first file leaves out a choice that has no default for everybody.
fn undecided(text: &str, policy: &SecondFactor) -> Vec<Problem> {
    let file: toml::Table = text.parse().unwrap_or_default();
    let says = |key: &str| file.get("second_factor").is_some_and(|section| section.get(key).is_some());
    let problem = |key: &str, message: &str| Problem {
        line: 0,
        place: SettingPath::section("second_factor").key(key),
        message: message.to_owned(),
    };
    let mut problems = Vec::new();
    if !says("required") {
        problems.push(problem(
            "required",
            "is not set, so a password alone signs in; set it to everyone (recommended), groups or optional, or \
             to nobody if you accept that",
        ));
    }
    if policy.required != Required::Nobody && !says("enrolment") {
        problems.push(problem(
            "enrolment",
            "is not set, so a thief of a password may set up their own phone; set it to invited (the help desk \
             issues codes), or to alone if you accept that",
        ));
    }
    problems
}

/// The settings into which a file is merged.
pub(super) struct Base {
    pub(super) generation: i64,
    /// `None` if the stored one can't be trusted: the policy then counts as changed.
    policy_generation: Option<i64>,
    pub(super) document: Option<String>,
    /// The ids of its clients, also if it can't be trusted.
    clients: BTreeSet<String>,
}

impl Base {
    /// A complete file needs nothing of what is stored, so it may replace settings that were changed by hand.
    pub(super) async fn read(store: &Store, sealer: &Sealer, mode: Mode) -> Result<Self, SettingsError> {
        let Some(version) = store.settings().settings().await? else {
            let clients = BTreeSet::new();
            return Ok(Self { generation: 0, policy_generation: Some(0), document: None, clients });
        };
        let clients = parse(&version.document).map(|stored| client_ids(&stored)).unwrap_or_default();
        match version {
            version if is_genuine(sealer, &version) => Ok(Self {
                generation: version.generation,
                policy_generation: Some(version.policy_generation),
                document: Some(version.document),
                clients,
            }),
            SettingsVersion { generation, .. } if mode == Mode::Replace => {
                Ok(Self { generation, policy_generation: None, document: None, clients })
            }
            version => Err(SettingsError::Altered(version.generation)),
        }
    }

    /// Saves on top of this, unless another version was saved since it was read.
    pub(super) async fn save(
        &self,
        store: &Store,
        sealer: &Sealer,
        plan: &SettingsPlan,
        event: &Event,
    ) -> Result<SaveOutcome, StoreError> {
        let next = self.next(sealer, &plan.document, &plan.settings, plan.changes_policy());
        store.settings().save_settings(self.generation, next.version(&plan.document), event).await
    }

    /// What the next version is saved with.
    pub(super) fn next(
        &self,
        sealer: &Sealer,
        document: &str,
        settings: &Settings,
        changes_policy: bool,
    ) -> NextVersion {
        let new = self.generation + 1;
        let policy_generation = if changes_policy { new } else { self.policy_generation.unwrap_or(new) };
        // A client that is added counts too: an exchange that ran while the id was removed may have been
        // written after that.
        let clients = client_ids(settings);
        NextVersion {
            policy_generation,
            mark: mark(sealer, new, policy_generation, document),
            changed_clients: self.clients.symmetric_difference(&clients).cloned().collect(),
            targets: settings.provisioning.iter().map(DeliveryTarget::from).collect(),
        }
    }
}

/// What a document is saved with on top of a version.
#[derive(Clone, Debug)]
pub(super) struct NextVersion {
    policy_generation: i64,
    mark: Hashed,
    changed_clients: Vec<String>,
    targets: Vec<DeliveryTarget>,
}

impl NextVersion {
    pub(super) fn version<'a>(&'a self, document: &'a str) -> NewSettings<'a> {
        let Self { policy_generation, mark, changed_clients, targets } = self;
        NewSettings { policy_generation: *policy_generation, document, mark, changed_clients, targets }
    }
}

fn client_ids(settings: &Settings) -> BTreeSet<String> {
    settings.clients.iter().map(|client| client.client_id.clone()).collect()
}

/// What changes, before and after. Of a secret only that it changes.
fn detail(base: &Base, plan: &SettingsPlan, mode: Mode) -> Result<String, SettingsError> {
    let before = parse(base.document.as_deref().unwrap_or_default())?;
    let differences = differences(&before, &plan.settings);
    let replaced = mode == Mode::Replace;
    let detail = json!({ "changed": plan.changed, "replaced": replaced, "differences": differences });
    Ok(detail.to_string())
}
