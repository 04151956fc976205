//! Seal the stored versions of the settings under the current key: their passwords and their marks.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::sealing::{SEALED, SERVICE_PASSWORD};
use super::stored::{key_of_mark, mark};
use crate::domain::secret::Sealed;
use crate::keys::{KeyError, KeyId, Sealer};
use crate::store::{Store, StoreError};

/// Seals every version that needs it; returns their number.
pub async fn reseal(store: &Store, sealer: &Sealer) -> Result<usize, StoreError> {
    let (mut written, mut before) = (0, i64::MAX);
    while let Some(version) = store.settings().settings_before(before).await? {
        before = version.generation;
        let Some(made_by) = key_of_mark(sealer, &version) else { continue };
        let document = resealed(sealer, &version.document);
        if document == version.document && made_by == sealer.in_force() {
            continue;
        }
        let mark = mark(sealer, version.generation, version.policy_generation, &document);
        written += usize::from(store.settings().reseal_settings(&version, &document, &mark).await?);
    }
    Ok(written)
}

/// The key of the mark of each version; `None` for a version marked by no available key.
pub async fn keys_of_versions(store: &Store, sealer: &Sealer) -> Result<Vec<Option<KeyId>>, StoreError> {
    let (mut keys, mut before) = (Vec::new(), i64::MAX);
    while let Some(version) = store.settings().settings_before(before).await? {
        before = version.generation;
        keys.push(key_of_mark(sealer, &version));
    }
    Ok(keys)
}

/// The document with each password sealed by the current key. A password that does not open stays as it is.
fn resealed(sealer: &Sealer, document: &str) -> String {
    let table: toml::Table = document.parse().unwrap_or_default();
    let directories = table.get("directories").and_then(toml::Value::as_array);
    let mut text = document.to_owned();
    for directory in directories.into_iter().flatten() {
        let value = |key: &str| directory.get(key).and_then(toml::Value::as_str);
        let (Some(id), Some(old)) = (value("id"), value("service_account_password")) else { continue };
        if let Ok(Some(new)) = resealed_password(sealer, id, old) {
            text = text.replace(old, &new);
        }
    }
    text
}

fn resealed_password(sealer: &Sealer, id: &str, old: &str) -> Result<Option<String>, KeyError> {
    let bytes = old.strip_prefix(SEALED).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let new = sealer.reseal(SERVICE_PASSWORD, id, &Sealed(bytes.ok_or(KeyError::Unsealable)?))?;
    Ok(new.map(|Sealed(bytes)| format!("{SEALED}{}", URL_SAFE_NO_PAD.encode(bytes))))
}
