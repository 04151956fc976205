//! What the file and the environment say, key by key, each with the place that a message has to name.

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

/// One value and where it was given.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) value: String,
    /// What relative paths are relative to: the file's folder, or the current one for the environment.
    pub(super) folder: PathBuf,
    place: String,
}

impl Given {
    pub(super) fn path(&self) -> PathBuf {
        self.folder.join(&self.value)
    }
}

/// All values, and all that is wrong.
pub(super) struct Givens {
    file: String,
    values: BTreeMap<&'static str, Given>,
    /// Keys of which a problem was noted already: nobody needs to hear that they are missing.
    misread: Vec<&'static str>,
    pub(super) problems: Vec<String>,
}

impl Givens {
    pub(super) fn gather(path: &Path, text: &str, environment: Environment<'_>) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut givens =
            Self { file: name, values: BTreeMap::new(), misread: Vec::new(), problems: Vec::new() };
        givens.defaults(path.parent().unwrap_or(Path::new("")));
        givens.add_file(path.parent().unwrap_or(Path::new("")), text);
        givens.add_environment(environment);
        givens
    }

    /// The value of a key as its type; what is wrong with it is noted under its place.
    pub(super) fn read<T>(
        &mut self,
        key: &str,
        parse: impl FnOnce(&Given) -> Result<T, String>,
    ) -> Option<T> {
        let Some(given) = self.values.get(key) else {
            if KEYS.iter().any(|(name, _, default)| *name == key && default.is_none()) {
                self.lacks::<T>(key, "there is no default for it");
            }
            return None;
        };
        parse(given).map_err(|wrong| self.problems.push(format!("{}: {wrong}", given.place))).ok()
    }

    /// Notes that a key is missing.
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

    /// An empty variable counts as not set. Unknown ones are left alone: Kubernetes makes some from a service's name.
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
            // the message alone: its Display would repeat the line, and a line may hold a password
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
        self.values.insert(key, Given { value, folder: folder.to_path_buf(), place });
    }
}

/// A list becomes what its environment variable would be: its items with commas between them.
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
