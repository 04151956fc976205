//! List the keys that would change in the settings. A secret is never shown, only that it differs.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use toml::{Table, Value};
use utoipa::ToSchema;

use super::report::SettingPath;
use super::schema::{ROOT, SettingKey, ValueKind};
use crate::domain::settings::Settings;

/// Of a longer text only the length is shown.
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

/// The keys in which two settings differ, sorted.
#[must_use]
pub fn differences(before: &Settings, after: &Settings) -> Vec<SettingDifference> {
    let (before, after) = (flat(before), flat(after));
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = keys.into_iter().filter(|key| before.get(*key) != after.get(*key));
    let shown = |value: Option<&KeyValue>, other: &str| {
        value.map(|value| if value.secret { other.to_owned() } else { value.text.clone() })
    };
    changed
        .map(|key| SettingDifference {
            key: key.clone(),
            before: shown(before.get(key), "(a secret)"),
            after: shown(after.get(key), "(another secret)"),
        })
        .collect()
}

#[derive(PartialEq)]
struct KeyValue {
    text: String,
    secret: bool,
}

type Flat = BTreeMap<String, KeyValue>;

fn flat(settings: &Settings) -> Flat {
    // A table of plain structs can always be written as TOML.
    let table = Table::try_from(settings).unwrap_or_default();
    let mut flat = Flat::new();
    walk(&SettingPath::default(), &table, ROOT, &mut flat);
    flat
}

fn walk(place: &SettingPath, table: &Table, keys: &[SettingKey], flat: &mut Flat) {
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
                for row in rows {
                    flat.insert(
                        format!("{} {row}", key.name),
                        KeyValue { text: "set".into(), secret: false },
                    );
                }
            }
            (kind, value) => {
                let kept = KeyValue { text: text(value), secret: matches!(kind, ValueKind::Secret) };
                flat.insert(place.key(key.name).to_string(), kept);
            }
        }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) if text.len() > LONGEST_SHOWN => {
            let lines: Vec<&str> = text.lines().collect();
            format!("({} lines, {} characters)", lines.len(), text.chars().count())
        }
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Mode, Secrets, SettingsFile, plan};
    use super::*;
    use crate::keys::Sealer;

    fn settings(text: &str) -> Settings {
        let sealer = Sealer::new(&[7; 32]).expect("a key");
        let secrets = Secrets::new(&sealer, |_| None);
        let file = SettingsFile { name: "f", text, folder: std::path::Path::new(".") };
        plan(None, &file, Mode::Replace, &secrets).expect("good settings").settings
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
