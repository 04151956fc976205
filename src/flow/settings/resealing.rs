//! Seal the stored versions of the settings under the current key: their passwords, tokens and marks.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::sealing::{SEALED, SERVICE_PASSWORD};
use super::stored::{key_of_mark, mark};
use super::tokens::ServiceSecret;
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
fn secrets() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let of_services = ServiceSecret::ALL.into_iter();
    let of_services = of_services.map(|secret| ("provisioning", secret.key(), secret.sealed_as()));
    std::iter::once(("directories", "service_account_password", SERVICE_PASSWORD)).chain(of_services)
}

/// The document with each secret sealed by the current key. A secret that does not open stays as it is.
fn resealed(sealer: &Sealer, document: &str) -> String {
    let table: toml::Table = document.parse().unwrap_or_default();
    let mut text = document.to_owned();
    for (list, key, kind) in secrets() {
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::domain::settings::Settings;
    use crate::flow::settings::{
        Mode, Secrets, SettingsFile, parse, plan, service_client_secret, service_password, service_tokens,
    };

    const TEXT: &str = r#"
[[directories]]
id = "corp"
name = "Corp"
base_dn = "DC=corp,DC=example"
servers = [{ host = "dc1.corp.example" }]
service_account = "CN=s,DC=corp,DC=example"
service_account_password = "the password"

[[provisioning]]
id = "one"
base_url = "https://one.example.com/scim"
token = "the-token"
next_token = "the-next-token"

[[provisioning]]
id = "two"
base_url = "https://two.example.com/scim"
oauth_token_endpoint = "https://login.example.com/token"
oauth_client_id = "idp"
oauth_client_secret = "the client secret"
"#;

    fn opened(sealer: &Sealer, document: &str) -> Vec<String> {
        let Settings { directories, provisioning, .. } = parse(document).expect("readable");
        let password = service_password(&directories[0], sealer).expect("the password opens");
        let mut secrets = service_tokens(&provisioning[0], sealer).expect("the tokens open");
        secrets.extend(service_client_secret(&provisioning[1], sealer).expect("the client secret opens"));
        secrets.push(password);
        secrets.iter().map(|secret| secret.expose().to_owned()).collect()
    }

    #[test]
    fn each_secret_is_sealed_by_the_new_key_and_opens_without_the_old_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let sealer = Sealer::open_dir(folder.path()).expect("a key");
        let file = SettingsFile { name: "settings", text: TEXT, folder: Path::new("/nowhere") };
        let planned = plan(None, &file, Mode::Replace, &Secrets::new(&sealer, |_| None));
        let before = planned.unwrap_or_else(|problems| panic!("{problems}")).document;
        assert_eq!(resealed(&sealer, &before), before, "nothing is sealed by another key");
        let secrets = opened(&sealer, &before);
        assert_eq!(secrets, ["the-token", "the-next-token", "the client secret", "the password"]);

        sealer.begin_rotation().expect("a new key");
        sealer.complete_rotation().expect("it is in force");
        let after = resealed(&sealer, &before);
        let sealed = |document: &str| document.matches(SEALED).count();
        assert_eq!((sealed(&before), sealed(&after)), (4, 4));
        for line in before.lines().filter(|line| line.contains(SEALED)) {
            assert!(!after.contains(line), "still sealed by the old key: {line}");
        }
        sealer.forget_old_key().expect("it is removed");
        let alone = Sealer::open_dir(folder.path()).expect("the new key");
        assert_eq!(opened(&alone, &after), secrets);
        assert!(service_tokens(&parse(&before).expect("readable").provisioning[0], &alone).is_err());
    }
}
