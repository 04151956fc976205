//! Settings in the store: read whole, written whole on top of the version that was read, with the audit event in the same
//! transaction.

use super::plan::{Mode, Plan, SettingsFile, parse, plan};
use super::report::{Problem, Problems};
use super::secrets::Secrets;
use crate::domain::Millis;
use crate::domain::audit::{Decision, Event};
use crate::domain::entry::DirectoryId;
use crate::domain::settings::Settings;
use crate::store::{SaveOutcome, SettingsVersion, Store, StoreError};

/// How often a file is laid anew over what somebody else saved in between.
const TRIES: usize = 5;

/// Settings in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Their number, compared in every issuing transaction; 0 before anything was saved.
    pub generation: i64,
    /// Goes up with each change of the policy of the second factor, and with nothing else.
    pub policy_generation: i64,
    /// What they say.
    pub settings: Settings,
}

/// What applying a file did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The generation now in force.
    pub generation: i64,
    /// Which sections and entries changed; none: the store was left alone.
    pub changed: Vec<String>,
    /// What is allowed and yet worth a word; [`Problem::in_file`] says it.
    pub warnings: Vec<Problem>,
}

/// Why settings could not be read or saved. Nothing was saved then.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file, or what is stored, is wrong.
    #[error(transparent)]
    Wrong(#[from] Problems),
    /// Others kept saving in between.
    #[error("others are changing the settings at the same time; try again")]
    Busy,
    /// A directory's password was sealed by another installation, or is missing.
    #[error(
        "directory {0}: the password of its service account can't be opened with this installation's sealing key; \
         restore the key, or set the password again with service_account_password_file"
    )]
    Sealed(DirectoryId),
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The settings in force; the defaults before anything was saved.
pub async fn load(store: &Store) -> Result<Loaded, SettingsError> {
    match store.settings().await? {
        Some(SettingsVersion { generation, policy_generation, document }) => {
            Ok(Loaded { generation, policy_generation, settings: parse(&document)? })
        }
        None => Ok(Loaded { generation: 0, policy_generation: 0, settings: Settings::default() }),
    }
}

/// What is stored, and what a file would make of it. Writes nothing.
pub async fn review(
    store: &Store,
    secrets: &Secrets<'_>,
    file: &SettingsFile<'_>,
    mode: Mode,
) -> Result<(Settings, Plan), SettingsError> {
    let document = store.settings().await?.map(|version| version.document);
    let stored = document.as_deref().map(parse).transpose()?.unwrap_or_default();
    Ok((stored, plan(document.as_deref(), file, mode, secrets)?))
}

/// Applies a file: all of it, or nothing.
pub async fn apply(
    store: &Store,
    secrets: &Secrets<'_>,
    file: &SettingsFile<'_>,
    mode: Mode,
    now: Millis,
) -> Result<Applied, SettingsError> {
    for _ in 0..TRIES {
        let current = store.settings().await?;
        let (generation, document) =
            current.map_or((0, None), |version| (version.generation, Some(version.document)));
        let plan = plan(document.as_deref(), file, mode, secrets)?;
        if plan.changed.is_empty() && document.is_some() {
            return Ok(Applied { generation, changed: plan.changed, warnings: plan.warnings });
        }
        let event = event(&plan, mode, now);
        if let SaveOutcome::Saved(generation) =
            store.save_settings(generation, &plan.document, plan.changes_policy(), &event).await?
        {
            return Ok(Applied { generation, changed: plan.changed, warnings: plan.warnings });
        }
    }
    Err(SettingsError::Busy)
}

/// Names what changed; values stay out, for some are secrets.
fn event(plan: &Plan, mode: Mode, now: Millis) -> Event {
    let detail = serde_json::json!({ "changed": plan.changed, "replaced": mode == Mode::Replace });
    Event { detail: Some(detail.to_string()), ..Event::new(now, Decision::SettingsChanged) }
}
