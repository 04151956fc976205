//! List the keys that would change in the settings. A secret is never shown, only that it differs.

use std::collections::{BTreeMap, BTreeSet};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::Serialize;
use toml::{Table, Value};
use utoipa::ToSchema;

use super::fingerprint::fingerprint;
use super::report::SettingPath;
use super::schema::{ROOT, SettingKey, ValueKind};
use crate::directory::probe::read_certificate;
use crate::domain::settings::{Directory, Settings};

/// Of a longer text only the length and the digest are shown.
const LONGEST_SHOWN: usize = 200;

/// A key that would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettingDifference {
    /// The key with its section or entry: `directories[corp].base_dn`.
    pub key: String,
    /// The current value; `None` if it is new.
    pub before: Option<String>,
    /// The new value; `None` if it is removed.
    pub after: Option<String>,
}

/// In place of the groups that give a role, for whoever is no owner: whoever may create a group at such a DN that no
/// sync has found yet would have its role.
pub const ONLY_FOR_OWNERS: &str = "(only owners see this)";

impl SettingDifference {
    /// The same for whoever is no owner: that the groups of a role change, not which they are.
    #[must_use]
    pub fn without_role_groups(self) -> Self {
        if !names_role_groups(&self.key) {
            return self;
        }
        let hidden = |value: Option<String>| value.map(|_| ONLY_FOR_OWNERS.to_owned());
        Self { before: hidden(self.before), after: hidden(self.after), key: self.key }
    }
}

/// True for the key of the groups that give a role, as [`SettingDifference`] names it.
#[must_use]
pub fn names_role_groups(key: &str) -> bool {
    key.rsplit_once('.').is_some_and(|(_, last)| Directory::ROLE_GROUPS.contains(&last))
}

/// The keys in which two settings differ, sorted.
#[must_use]
pub fn differences(before: &Settings, after: &Settings) -> Vec<SettingDifference> {
    // A table of plain structs can always be written as TOML.
    let tables = [before, after].map(|settings| Table::try_from(settings).unwrap_or_default());
    let [before, after] = tables.each_ref().map(flat);
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = keys.into_iter().filter(|key| before.get(*key) != after.get(*key));
    let in_words = |value: Option<&KeyValue<'_>>, other: &str| {
        value.map(|value| match value {
            KeyValue::Secret(_) => other.to_owned(),
            KeyValue::Shown(kind, value) => shown(*kind, value),
            KeyValue::Row => "set".to_owned(),
        })
    };
    changed
        .map(|key| SettingDifference {
            key: key.clone(),
            before: in_words(before.get(key), "(a secret)"),
            after: in_words(after.get(key), "(another secret)"),
        })
        .collect()
}

/// The whole value of a key: what is shown of two different ones may be the same.
#[derive(PartialEq)]
enum KeyValue<'a> {
    Secret(&'a Value),
    Shown(ShownAs, &'a Value),
    /// A table that is identified by its content.
    Row,
}

/// How a value is shown.
#[derive(Clone, Copy, PartialEq)]
enum ShownAs {
    Certificates,
    Text,
}

type Flat<'a> = BTreeMap<String, KeyValue<'a>>;

fn flat(table: &Table) -> Flat<'_> {
    let mut flat = Flat::new();
    walk(&SettingPath::default(), table, ROOT, &mut flat);
    flat
}

fn walk<'a>(place: &SettingPath, table: &'a Table, keys: &[SettingKey], flat: &mut Flat<'a>) {
    for key in keys {
        let Some(value) = table.get(key.name) else { continue };
        match (key.kind, value) {
            (ValueKind::Table(keys), Value::Table(inner)) => walk(&place.key(key.name), inner, keys, flat),
            (ValueKind::Named(by, keys), Value::Array(entries)) => {
                for entry in entries.iter().filter_map(Value::as_table) {
                    let name = entry.get(by).and_then(Value::as_str).unwrap_or_default();
                    walk(&SettingPath::named(key.name, name), entry, keys, flat);
                }
            }
            (ValueKind::Rows(_), Value::Array(rows)) => {
                flat.extend(rows.iter().map(|row| (format!("{} {row}", key.name), KeyValue::Row)));
            }
            (kind, value) => {
                let kept = match kind {
                    ValueKind::Secret => KeyValue::Secret(value),
                    ValueKind::Pem => KeyValue::Shown(ShownAs::Certificates, value),
                    _ => KeyValue::Shown(ShownAs::Text, value),
                };
                flat.insert(place.key(key.name).to_string(), kept);
            }
        }
    }
}

fn shown(kind: ShownAs, value: &Value) -> String {
    match (kind, value) {
        (ShownAs::Certificates, Value::String(pem)) => certificates(pem),
        (_, Value::String(text)) if text.len() > LONGEST_SHOWN => {
            let (lines, characters) = (text.lines().count(), text.chars().count());
            format!("({lines} lines, {characters} characters, SHA-256 {})", fingerprint(text.as_bytes()))
        }
        (_, value) => value.to_string(),
    }
}

/// The subject and the fingerprint of each certificate.
fn certificates(pem: &str) -> String {
    let encoded = CertificateDer::pem_slice_iter(pem.as_bytes()).filter_map(Result::ok);
    let each = encoded.map(|der| {
        let subject = read_certificate(&der).map(|certificate| certificate.subject).unwrap_or_default();
        format!("{subject} (SHA-256 {})", fingerprint(&der))
    });
    each.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::super::{Mode, Secrets, SettingsFile, plan};
    use super::*;
    use crate::domain::entry::DirectoryId;
    use crate::keys::Sealer;

    fn settings(text: &str) -> Settings {
        let sealer = Sealer::new(&[7; 32]).expect("a key");
        let secrets = Secrets::new(&sealer, |_| None);
        let file = SettingsFile { name: "f", text, folder: std::path::Path::new(".") };
        plan(None, &file, Mode::Replace, &secrets).expect("good settings").settings
    }

    /// A self-signed CA: two of them differ, and mostly in nothing that can be counted.
    fn ca() -> String {
        let mut parameters = rcgen::CertificateParams::default();
        parameters.distinguished_name.push(rcgen::DnType::CommonName, "Corp CA");
        let key = rcgen::KeyPair::generate().expect("a key");
        parameters.self_signed(&key).expect("a certificate").pem()
    }

    #[test]
    fn a_long_text_is_compared_as_a_whole_and_shown_by_its_digest() {
        let with = |ca: &str, url: &str| {
            let mut settings = settings(
                "[[directories]]\nid = \"corp\"\nname = \"Corp\"\nservers = [{ host = \"dc1.corp.example\" }]\n\
                 base_dn = \"DC=corp,DC=example\"\nservice_account = \"CN=s,DC=corp,DC=example\"\n\
                 service_account_password = \"secret\"\n",
            );
            settings.directories[0].ca_pem = Some(ca.to_owned());
            settings.sso.forgot_password_url = url.to_owned();
            settings
        };
        let urls = ["a", "b"].map(|letter| format!("https://example.com/{}", letter.repeat(300)));
        let first = ca();
        let second = std::iter::repeat_with(ca).find(|other| other.len() == first.len()).expect("endless");
        let mut changed = differences(&with(&first, &urls[0]), &with(&second, &urls[1]));
        // Sealed twice, so it differs.
        changed.retain(|one| !one.key.ends_with("password"));
        assert_eq!(changed.len(), 2, "{changed:?}");
        for SettingDifference { key, before, after } in changed {
            assert_ne!(before, after, "{key}");
            let texts = [before, after].map(Option::unwrap_or_default);
            assert!(
                texts.iter().all(|text| text.contains("SHA-256 ") && text.len() < 200),
                "{key}: {texts:?}"
            );
            assert_eq!(texts[0].contains("CN=Corp CA"), key.ends_with("ca_pem"), "{texts:?}");
        }
    }

    #[test]
    fn groups_that_give_a_role_are_for_owners() {
        let directory = |groups: &[String]| {
            let mut directory =
                Directory { id: DirectoryId("corp".into()), base_dn: "DC=x".into(), ..Directory::default() };
            directory.admin_groups = groups.to_vec();
            directory.operator_groups = groups.to_vec();
            directory.help_desk_groups = groups.to_vec();
            directory.auditor_groups = groups.to_vec();
            Settings { directories: vec![directory], ..Settings::default() }
        };
        let changed = differences(&directory(&[]), &directory(&["CN=Secret,DC=x".into()]));
        assert!(changed.len() == 4 && format!("{changed:?}").contains("CN=Secret"), "{changed:?}");
        let hidden: Vec<_> = changed.into_iter().map(SettingDifference::without_role_groups).collect();
        assert!(!format!("{hidden:?}").contains("CN=Secret"), "{hidden:?}");
        assert!(hidden.iter().all(|one| one.after.as_deref() == Some(ONLY_FOR_OWNERS)), "{hidden:?}");
        let other = SettingDifference {
            key: "second_factor.groups".into(),
            before: None,
            after: Some("CN=Y".into()),
        };
        assert_eq!(other.clone().without_role_groups(), other);
    }

    #[test]
    fn each_key_that_differs_is_named_and_no_secret_is_shown() {
        let client = |secret: &str, uri: &str| {
            format!(
                "[[clients]]\nclient_id = \"c\"\nclient_secret = \"{secret}\"\nredirect_uris = [\"{uri}\"]\n"
            )
        };
        let before = settings(&client("0123456789abcdef", "https://a.example/cb"));
        let text = client("fedcba9876543210", "https://b.example/cb") + "[session]\nidle_minutes = 5\n";
        let after = settings(&text);
        let changed = differences(&before, &after);
        let keys: Vec<&str> = changed.iter().map(|one| one.key.as_str()).collect();
        assert_eq!(
            keys,
            ["clients[c].client_secret_hash", "clients[c].redirect_uris", "session.idle_minutes"]
        );
        assert_eq!(changed[0].before.as_deref(), Some("(a secret)"));
        assert_eq!(changed[0].after.as_deref(), Some("(another secret)"));
        assert_eq!(changed[1].after.as_deref(), Some("[\"https://b.example/cb\"]"));
        assert_eq!(differences(&after, &after), []);
        assert!(differences(&after, &Settings::default()).iter().any(|one| one.after.is_none()));
    }
}
