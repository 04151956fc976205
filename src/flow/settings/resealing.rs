//! Seal the stored versions of the settings under the current key: their passwords, tokens and marks.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::sealing::{SEALED, SERVICE_PASSWORD};
use super::stored::{key_of_mark, mark};
use super::tokens::{SERVICE_TOKEN, TOKENS};
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

/// Each sealed secret: its list, its key, and as what it is sealed.
const SECRETS: [(&str, &str, &str); 3] = [
    ("directories", "service_account_password", SERVICE_PASSWORD),
    ("provisioning", TOKENS[0], SERVICE_TOKEN),
    ("provisioning", TOKENS[1], SERVICE_TOKEN),
];

/// The document with each secret sealed by the current key. A secret that does not open stays as it is.
fn resealed(sealer: &Sealer, document: &str) -> String {
    let table: toml::Table = document.parse().unwrap_or_default();
    let mut text = document.to_owned();
    for (list, key, kind) in SECRETS {
        let entries = table.get(list).and_then(toml::Value::as_array);
        for entry in entries.into_iter().flatten() {
            let value = |key: &str| entry.get(key).and_then(toml::Value::as_str);
            let (Some(id), Some(old)) = (value("id"), value(key)) else { continue };
            if let Ok(Some(new)) = resealed_secret(sealer, (kind, id), old) {
                text = text.replace(old, &new);
            }
        }
    }
    text
}

fn resealed_secret(sealer: &Sealer, (kind, id): (&str, &str), old: &str) -> Result<Option<String>, KeyError> {
    let bytes = old.strip_prefix(SEALED).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let new = sealer.reseal(kind, id, &Sealed(bytes.ok_or(KeyError::Unsealable)?))?;
    Ok(new.map(|Sealed(bytes)| format!("{SEALED}{}", URL_SAFE_NO_PAD.encode(bytes))))
}
