//! Collect the values of the file and the environment by key, each with its place for error messages.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Reads an environment variable.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Every key, its environment variable, and its default.
pub(super) const KEYS: [(&str, &str, Option<&str>); 10] = [
    ("public_url", "CLOUDSYNC_IDP_PUBLIC_URL", None),
    ("listen", "CLOUDSYNC_IDP_LISTEN", Some("127.0.0.1:8080")),
    ("store", "CLOUDSYNC_IDP_STORE", Some("sqlite:idp.db")),
    ("volatile", "CLOUDSYNC_IDP_VOLATILE", Some("memory")),
    ("keys_dir", "CLOUDSYNC_IDP_KEYS_DIR", Some("keys")),
    ("log_format", "CLOUDSYNC_IDP_LOG_FORMAT", Some("human")),
    ("trusted_proxies", "CLOUDSYNC_IDP_TRUSTED_PROXIES", Some("")),
    ("sqlite_synchronous", "CLOUDSYNC_IDP_SQLITE_SYNCHRONOUS", Some("normal")),
    ("tls.certificate", "CLOUDSYNC_IDP_TLS_CERTIFICATE", Some("")),
    ("tls.private_key", "CLOUDSYNC_IDP_TLS_PRIVATE_KEY", Some("")),
];

/// One value and its place.
#[derive(Clone, Debug)]
pub(super) struct ConfigValue {
    pub(super) value: String,
    /// The folder for relative paths: the file's, or the current one for the environment.
    pub(super) folder: PathBuf,
    place: String,
}

impl ConfigValue {
    pub(super) fn path(&self) -> PathBuf {
        self.folder.join(&self.value)
    }
}

/// All values and all errors.
pub(super) struct ConfigValues {
    file: String,
    values: BTreeMap<&'static str, ConfigValue>,
    /// Keys with an error already, which are not reported as missing too.
    misread: Vec<&'static str>,
    pub(super) problems: Vec<String>,
}

impl ConfigValues {
    pub(super) fn gather(path: &Path, text: &str, environment: Environment<'_>) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut values =
            Self { file: name, values: BTreeMap::new(), misread: Vec::new(), problems: Vec::new() };
        values.defaults(path.parent().unwrap_or(Path::new("")));
        values.add_file(path.parent().unwrap_or(Path::new("")), text);
        values.add_environment(environment);
        values
    }

    /// Parses the value of a key; an error is collected with its place.
    pub(super) fn read<T>(
        &mut self,
        key: &str,
        parse: impl FnOnce(&ConfigValue) -> Result<T, String>,
    ) -> Option<T> {
        let Some(value) = self.values.get(key) else {
            if KEYS.iter().any(|(name, _, default)| *name == key && default.is_none()) {
                self.lacks::<T>(key, "there is no default for it");
            }
            return None;
        };
        parse(value).map_err(|wrong| self.problems.push(format!("{}: {wrong}", value.place))).ok()
    }

    /// Records that a key is missing.
    pub(super) fn lacks<T>(&mut self, key: &str, why: &str) -> Option<T> {
        if self.misread.contains(&key) {
            return None;
        }
        let variable = KEYS.iter().find(|(name, ..)| *name == key).map_or("", |(_, variable, _)| variable);
        let file = if self.file.is_empty() { "the configuration file" } else { &self.file };
        self.problems.push(format!("{key} is missing, and {why}: set it in {file} or in {variable}"));
        None
    }

    fn defaults(&mut self, folder: &Path) {
        for (key, _, default) in KEYS {
            let Some(value) = default.filter(|value| !value.is_empty()) else { continue };
            self.put(key, value.to_owned(), folder, format!("default of {key}"));
        }
    }

    /// An empty variable counts as not set. Unknown ones are ignored: Kubernetes derives some from a
    /// service's name.
    fn add_environment(&mut self, environment: Environment<'_>) {
        for (key, variable, _) in KEYS {
            if let Some(value) = environment(variable).filter(|value| !value.is_empty()) {
                self.put(key, value, Path::new(""), variable.to_owned());
            }
        }
    }

    fn add_file(&mut self, folder: &Path, text: &str) {
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            // Only the message: its Display would repeat the line, which may contain a password.
            let line = line(text, error.span().unwrap_or(0..0).start);
            self.problems.push(format!("{}:{line}: not TOML: {}", self.file, error.message()));
        }
        if errors.is_empty() {
            self.table("", document.get_ref(), folder, text);
        } else {
            self.misread.extend(KEYS.iter().map(|(key, ..)| *key));
        }
    }

    fn table(&mut self, prefix: &str, table: &DeTable<'_>, folder: &Path, text: &str) {
        for (name, value) in table {
            let key = format!("{prefix}{}", name.get_ref());
            let place = format!("{}:{}: {}", self.file, line(text, name.span().start), key.escape_debug());
            if let ("tls", DeValue::Table(inner)) = (key.as_str(), value.get_ref()) {
                self.table("tls.", inner, folder, text);
                continue;
            }
            let Some((known, ..)) = KEYS.iter().find(|(known, ..)| *known == key) else {
                let names: Vec<&str> = KEYS.iter().map(|(known, ..)| *known).collect();
                self.problems
                    .push(format!("{place}: there is no such key; the keys are {}", names.join(", ")));
                continue;
            };
            match text_of(known, value) {
                Ok(value) => self.put(known, value, folder, place),
                Err(expected) => {
                    self.misread.push(known);
                    self.problems.push(format!("{place}: must be {expected}"));
                }
            }
        }
    }

    fn put(&mut self, key: &'static str, value: String, folder: &Path, place: String) {
        self.values.insert(key, ConfigValue { value, folder: folder.to_path_buf(), place });
    }
}

/// A list becomes comma-separated text, as in its environment variable.
fn text_of(key: &str, value: &Spanned<DeValue<'_>>) -> Result<String, &'static str> {
    let list = key == "trusted_proxies";
    match value.get_ref() {
        DeValue::String(text) if !list && !text.is_empty() => Ok(text.clone().into_owned()),
        DeValue::Array(items) if list => {
            let texts: Option<Vec<&str>> = items.iter().map(|item| item.get_ref().as_str()).collect();
            texts.map(|texts| texts.join(",")).ok_or("a list of texts, such as [\"10.0.0.0/8\"]")
        }
        _ if list => Err("a list of texts, such as [\"10.0.0.0/8\"]"),
        _ => Err("a text in quotes that is not empty"),
    }
}

fn line(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}
