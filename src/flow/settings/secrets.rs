//! Turn given secrets (in the file, in a file of their own, in the environment) into what may be stored:
//! sealed or hashed. A secret never appears in a message.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use toml::{Table, Value};

use super::report::{ProblemReport, SettingPath};
use super::sealing::{
    HASHED, Recipients, hash_client_secret, hold_given, open_given, open_service_password,
    seal_service_password,
};
use super::tokens::{ServiceSecret, hold_service_secret, is_sealed_service_secret};
use crate::domain::entry::DirectoryId;
use crate::domain::secret::Plain;
use crate::domain::settings::{Directory, SecretText, Settings};
use crate::keys::Sealer;

/// RFC 6819 section 5.1.4.2.2: secrets that nobody can guess. The keyed digest does not slow guessing down.
const SHORTEST_CLIENT_SECRET: usize = 16;
/// A secret's file is a line, not a disk image.
const LARGEST_FILE: u64 = 256 * 1_024;

type Variable<'a> = dyn Fn(&str) -> Option<String> + Send + Sync + 'a;

/// The key and the environment for reading secrets.
pub struct Secrets<'a> {
    sealer: &'a Sealer,
    environment: Box<Variable<'a>>,
}

impl<'a> Secrets<'a> {
    /// Secrets are protected by the keys of `sealer`; variables are read by `environment`.
    pub fn new(sealer: &'a Sealer, environment: impl Fn(&str) -> Option<String> + Send + Sync + 'a) -> Self {
        Self { sealer, environment: Box::new(environment) }
    }

    pub(super) fn sealer(&self) -> &'a Sealer {
        self.sealer
    }
}

/// Replaces every secret of the patch by its stored form, and every `ca_file` and `logo_file` by its content.
/// Passwords of directories are finished by [`bind_passwords`], secrets of services by `bind_service_secrets`.
pub(super) fn resolve(patch: &mut Table, folder: &Path, secrets: &Secrets<'_>, report: &mut ProblemReport) {
    let mut resolver = Resolver { folder, secrets, report };
    if let Some(branding) = patch.get_mut("branding").and_then(Value::as_table_mut) {
        resolver.logo(branding);
    }
    for entry in entries(patch, "directories") {
        resolver.directory(entry);
    }
    for entry in entries(patch, "clients") {
        resolver.client(entry);
    }
    for entry in entries(patch, "provisioning") {
        resolver.service(entry);
    }
}

fn entries<'t>(table: &'t mut Table, list: &str) -> impl Iterator<Item = &'t mut Table> {
    let entries = table.get_mut(list).and_then(Value::as_array_mut);
    entries.into_iter().flatten().filter_map(Value::as_table_mut)
}

struct Resolver<'a, 's, 'r> {
    folder: &'a Path,
    secrets: &'a Secrets<'s>,
    report: &'r mut ProblemReport,
}

impl Resolver<'_, '_, '_> {
    fn directory(&mut self, entry: &mut Table) {
        let id = text(entry, "id").unwrap_or_default();
        let place = SettingPath::named("directories", &id);
        self.certificates(entry, &place);
        let Some(given) = self.given(entry, &place, "service_account_password", &[]) else { return };
        let id = DirectoryId(id);
        let sealed = match given {
            GivenSecret::Stored(at, sealed) => self.known(&id, sealed, &at),
            GivenSecret::Plain(_, plain) => Some(hold_given(self.secrets.sealer, &id, &plain)),
        };
        if let Some(sealed) = sealed {
            entry.insert("service_account_password".to_owned(), Value::String(sealed));
        }
    }

    fn client(&mut self, entry: &mut Table) {
        let id = text(entry, "client_id").unwrap_or_default();
        let place = SettingPath::named("clients", &id);
        if let Some(old) = text(entry, "client_secret_old_hash").filter(|old| !old.is_empty()) {
            self.well_formed(old, &place.key("client_secret_old_hash"));
        }
        let Some(given) = self.given(entry, &place, "client_secret", &["client_secret_hash"]) else { return };
        self.stands_for(given.place(), &place.key("client_secret_hash"));
        let hash = match given {
            GivenSecret::Stored(at, hash) => self.well_formed(hash, &at),
            GivenSecret::Plain(at, plain) => {
                let hashed = hashed_client_secret(self.secrets.sealer, &id, &plain);
                hashed.map_err(|advice| self.report.problem(&at, advice)).ok()
            }
        };
        if let Some(hash) = hash {
            entry.insert("client_secret_hash".to_owned(), Value::String(hash));
        }
    }

    fn service(&mut self, entry: &mut Table) {
        let id = text(entry, "id").unwrap_or_default();
        let place = SettingPath::named("provisioning", &id);
        self.certificates(entry, &place);
        for secret in ServiceSecret::ALL {
            let name = secret.key();
            // An empty text alone removes a secret.
            let other_way = ["file", "env"].iter().any(|way| entry.contains_key(&format!("{name}_{way}")));
            if !other_way && text(entry, name).is_some_and(|given| given.is_empty()) {
                continue;
            }
            let sealed = match self.given(entry, &place, name, &[]) {
                None => continue,
                Some(GivenSecret::Plain(at, plain)) => {
                    self.stands_for(&at, &place.key(name));
                    self.service_secret(secret, &id, &plain, &at)
                }
                Some(GivenSecret::Stored(at, sealed)) => self.known_to_service(secret, &id, sealed, &at),
            };
            if let Some(sealed) = sealed {
                entry.insert(name.to_owned(), Value::String(sealed));
            }
        }
    }

    fn service_secret(
        &mut self,
        secret: ServiceSecret,
        id: &str,
        plain: &Plain,
        at: &SettingPath,
    ) -> Option<String> {
        match sendable(secret, plain) {
            Ok(()) => Some(hold_service_secret(self.secrets.sealer, secret, id, plain)),
            Err(advice) => {
                self.report.problem(at, advice);
                None
            }
        }
    }

    fn known_to_service(
        &mut self,
        secret: ServiceSecret,
        id: &str,
        sealed: String,
        at: &SettingPath,
    ) -> Option<String> {
        if is_sealed_service_secret(self.secrets.sealer, secret, id, &sealed) {
            return Some(sealed);
        }
        let what = if secret == ServiceSecret::ClientSecret { "client secret" } else { "token" };
        let advice = format!(
            "this installation can't open that sealed {what} (it was sealed by another one, or for another service \
             id); give the {what} itself, with its `_file` or `_env` key"
        );
        self.report.problem(at, advice);
        None
    }

    /// Takes a secret out of the entry; only one way to give it is allowed.
    fn given(
        &mut self,
        entry: &mut Table,
        place: &SettingPath,
        name: &str,
        more: &[&str],
    ) -> Option<GivenSecret> {
        let ways = [name.to_owned(), format!("{name}_file"), format!("{name}_env")];
        let all = ways.iter().map(String::as_str).chain(more.iter().copied());
        let mut found: Vec<(String, String)> =
            all.filter_map(|way| Some((way.to_owned(), take_text(entry, way)?))).collect();
        let (way, value) = found.pop()?;
        let at = place.key(&way);
        if let Some((other, _)) = found.first() {
            self.report.problem(&at, format!("give the secret in one way only; `{other}` is there too"));
            return None;
        }
        if more.contains(&way.as_str()) || (way == name && value.starts_with("sealed:")) {
            return Some(GivenSecret::Stored(at, value));
        }
        let plain = match way {
            way if way == ways[1] => self.read_secret(&value, &at)?,
            way if way == ways[2] => self.variable(&value, &at)?,
            _ => Plain::new(value),
        };
        if let Err(advice) = usable(&plain) {
            self.report.problem(&at, advice);
            return None;
        }
        Some(GivenSecret::Plain(at, plain))
    }

    fn known(&mut self, id: &DirectoryId, sealed: String, at: &SettingPath) -> Option<String> {
        if open_service_password(self.secrets.sealer, id, &sealed).is_some() {
            return Some(sealed);
        }
        let advice = "this installation can't open that sealed password (it was sealed by another one, or for another \
                      directory id); give the password itself, with service_account_password_file or \
                      service_account_password_env";
        self.report.problem(at, advice);
        None
    }

    fn well_formed(&mut self, hash: String, at: &SettingPath) -> Option<String> {
        let digits = hash.strip_prefix(HASHED).unwrap_or_default();
        let lower = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if digits.len() == 64 && lower {
            return Some(hash);
        }
        let advice = format!(
            "must be {HASHED} and 64 hexadecimal digits, as an export of this installation writes it; give a new \
             secret with client_secret, client_secret_file or client_secret_env"
        );
        self.report.problem(at, advice);
        None
    }

    fn certificates(&mut self, entry: &mut Table, place: &SettingPath) {
        let Some(file) = take_text(entry, "ca_file") else { return };
        let at = place.key("ca_file");
        if entry.contains_key("ca_pem") {
            self.report.problem(&at, "give ca_file or ca_pem, not both");
            return;
        }
        if let Some(pem) = self.read(&file, &at) {
            self.stands_for(&at, &place.key("ca_pem"));
            entry.insert("ca_pem".to_owned(), Value::String(pem));
        }
    }

    fn logo(&mut self, branding: &mut Table) {
        let Some(file) = take_text(branding, "logo_file") else { return };
        let at = SettingPath::section("branding").key("logo_file");
        if branding.contains_key("logo") {
            self.report.problem(&at, "give logo_file or logo, not both");
            return;
        }
        if let Some(bytes) = self.read_bytes(&file, &at) {
            self.stands_for(&at, &SettingPath::section("branding").key("logo"));
            branding.insert("logo".to_owned(), Value::String(in_lines(&bytes)));
        }
    }

    /// A later problem at `stored` is reported on the line of `given`.
    fn stands_for(&mut self, given: &SettingPath, stored: &SettingPath) {
        if let Some(line) = self.report.noted(given) {
            self.report.note(stored, line);
        }
    }

    fn variable(&mut self, name: &str, at: &SettingPath) -> Option<Plain> {
        let value = (self.secrets.environment)(name).filter(|value| !value.is_empty());
        if value.is_none() {
            self.report.problem(at, format!("the environment variable {name} is not set"));
        }
        value.map(Plain::new)
    }

    fn read_secret(&mut self, file: &str, at: &SettingPath) -> Option<Plain> {
        let text = Plain::new(self.read(file, at)?);
        if readable_by_all(&self.folder.join(file)) {
            self.report.warning(at, format!("every user of this machine can read {file}; chmod 600 it"));
        }
        let line = text.expose().strip_suffix('\n').unwrap_or(text.expose());
        Some(Plain::new(line.strip_suffix('\r').unwrap_or(line)))
    }

    fn read(&mut self, file: &str, at: &SettingPath) -> Option<String> {
        let bytes = self.read_bytes(file, at)?;
        let text = String::from_utf8(bytes);
        text.map_err(|_| self.report.problem(at, format!("can't read {file}: it is not text"))).ok()
    }

    fn read_bytes(&mut self, file: &str, at: &SettingPath) -> Option<Vec<u8>> {
        let path = self.folder.join(file);
        let text = match fs::metadata(&path) {
            Err(error) => Err(error.to_string()),
            Ok(found) if !found.is_file() => Err("it is not a file".to_owned()),
            Ok(found) if found.len() > LARGEST_FILE => Err("it is too large".to_owned()),
            Ok(found) if found.len() == 0 => Err("it is empty".to_owned()),
            Ok(_) => fs::read(&path).map_err(|error| error.to_string()),
        };
        text.map_err(|why| self.report.problem(at, format!("can't read {}: {why}", path.display()))).ok()
    }
}

/// Nobody can type an empty secret or a NUL.
pub(super) fn usable(plain: &Plain) -> Result<(), &'static str> {
    let wrong = plain.is_blank() || plain.expose().contains('\0');
    if wrong { Err("the secret is empty or holds a NUL") } else { Ok(()) }
}

/// RFC 6750 section 2.1 and RFC 6749 appendix A.2: what a header and a form can carry.
pub(super) fn sendable(secret: ServiceSecret, plain: &Plain) -> Result<(), &'static str> {
    let all = |allowed: fn(u8) -> bool| plain.expose().bytes().all(allowed);
    match secret {
        ServiceSecret::Token | ServiceSecret::NextToken => all(|byte| byte.is_ascii_graphic())
            .then_some(())
            .ok_or("is no bearer token: it may hold only printable ASCII characters, and no spaces"),
        ServiceSecret::ClientSecret => all(|byte| matches!(byte, b' '..=b'~'))
            .then_some(())
            .ok_or("is no client secret: it may hold only printable ASCII characters"),
    }
}

/// The stored form of a client's secret.
pub(super) fn hashed_client_secret(
    sealer: &Sealer,
    client_id: &str,
    plain: &Plain,
) -> Result<String, String> {
    if plain.expose().chars().count() < SHORTEST_CLIENT_SECRET {
        return Err(format!(
            "a client secret needs {SHORTEST_CLIENT_SECRET} characters or more and must be hard to guess; \
             `openssl rand -hex 32` makes one"
        ));
    }
    Ok(hash_client_secret(sealer, client_id, plain.expose()))
}

enum GivenSecret {
    /// Already in its stored form.
    Stored(SettingPath, String),
    Plain(SettingPath, Plain),
}

impl GivenSecret {
    fn place(&self) -> &SettingPath {
        match self {
            Self::Stored(place, _) | Self::Plain(place, _) => place,
        }
    }
}

/// Seals each given password for the servers of its directory, once all of it is known. A password sealed
/// before is kept, and refused if it would be sent to other servers. `stored` are the settings in force: an
/// unchanged password keeps its sealed text.
pub(super) fn bind_passwords(
    settings: &mut Settings,
    stored: &Settings,
    secrets: &Secrets<'_>,
    report: &mut ProblemReport,
) {
    for directory in &mut settings.directories {
        let Some(held) = directory.service_account_password.clone() else { continue };
        if let Some(plain) = open_given(secrets.sealer, &directory.id, &held.0) {
            let sealed = sealed_before(stored, directory, &plain, secrets.sealer)
                .unwrap_or_else(|| seal_service_password(secrets.sealer, directory, &plain));
            directory.service_account_password = Some(SecretText(sealed));
        } else if let Some(known) = open_service_password(secrets.sealer, &directory.id, &held.0)
            && !known.recipients.cover(&Recipients::of(directory))
        {
            let advice = "the password of the service account was given for other servers or another CA; give it again, \
                          with service_account_password_file or service_account_password_env, so that nobody can \
                          have it sent elsewhere by changing the settings";
            report.problem(&SettingPath::named("directories", &directory.id.0).key("servers"), advice);
        }
    }
}

fn sealed_before(stored: &Settings, directory: &Directory, plain: &Plain, sealer: &Sealer) -> Option<String> {
    let sealed = stored.directory(&directory.id)?.service_account_password.as_ref()?;
    let held = open_service_password(sealer, &directory.id, &sealed.0)?;
    (held.password == *plain && held.recipients.cover(&Recipients::of(directory))).then(|| sealed.0.clone())
}

/// Base64 in lines that an editor can show.
fn in_lines(bytes: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(bytes);
    let lines = text.as_bytes().chunks(76).map(String::from_utf8_lossy);
    lines.map(|line| format!("{line}\n")).collect()
}

fn text(table: &Table, key: &str) -> Option<String> {
    table.get(key)?.as_str().map(str::to_owned)
}

fn take_text(table: &mut Table, key: &str) -> Option<String> {
    match table.remove(key)? {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// Only a warning: container platforms mount secrets with mode 0444.
#[cfg(unix)]
fn readable_by_all(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn readable_by_all(_: &Path) -> bool {
    false
}
