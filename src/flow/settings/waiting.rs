//! A change that one admin can't make alone: checked, and kept as the document that is to be stored, so that a
//! second owner decides about exactly this one. It is good only on the version on which it was made.

use super::diff::differences;
use super::edit::{EditedSettings, detail};
use super::error::SettingsError;
use super::plan::{Mode, changed_places, changes_policy, parse};
use super::stored::{Base, NextVersion};
use crate::keys::Sealer;
use crate::store::{NewSettings, Store};

/// Such a change, ready to be stored.
#[derive(Clone, Debug)]
pub struct PreparedSettings {
    pub edited: EditedSettings,
    /// The detail of its event.
    pub detail: serde_json::Value,
    document: String,
    next: NextVersion,
}

impl PreparedSettings {
    /// The version to be stored on top of `edited.generation`.
    #[must_use]
    pub fn version(&self) -> NewSettings<'_> {
        self.next.version(&self.document)
    }
}

/// Prepares a document that was made on this version. `None` if another one is stored by now.
pub async fn prepare(
    store: &Store,
    sealer: &Sealer,
    generation: i64,
    document: String,
) -> Result<Option<PreparedSettings>, SettingsError> {
    let base = Base::read(store, sealer, Mode::Merge).await?;
    if base.generation != generation {
        return Ok(None);
    }
    let before = parse(base.document.as_deref().unwrap_or_default())?;
    let after = parse(&document)?;
    let changed = changed_places(&before, &after);
    let next = base.next(sealer, &document, &after, changes_policy(&changed));
    let differences = differences(&before, &after);
    let detail = detail(&changed, &differences);
    let edited = EditedSettings { generation, differences, warnings: Vec::new(), before, after };
    Ok(Some(PreparedSettings { edited, detail, document, next }))
}
