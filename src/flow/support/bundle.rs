//! Create a support bundle: how this installation is set up and the state of its directories, in one file
//! without a password, a secret or a key. It names servers, OUs, groups and, in errors, some people.

mod contents;
mod file;

use std::path::Path;

use serde_json::{Map, Value, json};

pub use file::write_new;

use crate::domain::entry::DirectoryId;
use crate::domain::{Millis, timestamp};
use crate::flow::installation::context::OperationParts;
use crate::flow::installation::process::Startup;
use crate::flow::settings::service_password;
use crate::flow::support::doctor::stored_settings;

/// A shorter text is no password, and would be found everywhere.
const SHORTEST: usize = 4;

/// The bundle about all directories or the named one.
pub async fn bundle(parts: &OperationParts, only: Option<&DirectoryId>, why: &str) -> Value {
    let startup = &parts.process.startup;
    let configuration: Map<String, Value> = startup
        .configuration
        .iter()
        .map(|(key, value)| ((*key).to_owned(), Value::from(value.as_str())))
        .collect();
    let mut bundle = json!({
        "what": "A support bundle of cloudsync-idp. It contains no password, secret or key; it names objects of the directories.",
        "made_at": timestamp(parts.now()),
        "why": why,
        "version": env!("CARGO_PKG_VERSION"),
        "machine": machine(startup),
        "configuration": configuration,
        "job_that_keeps_dying": parts.process.background.failing(),
        "settings": contents::settings(parts).await,
        "directories": contents::directories(parts, only).await,
    });
    scrub(&mut bundle, &secrets(parts).await);
    bundle
}

/// Writes the bundle of a directory to the first writable folder; returns the place in words.
pub async fn write_by_itself(
    parts: &OperationParts,
    directory: &DirectoryId,
    why: &str,
) -> std::io::Result<String> {
    let text = text(&bundle(parts, Some(directory), why).await);
    let name = file_name(directory, parts.now());
    let mut refused = std::io::Error::other("there is no folder for it");
    for folder in &parts.process.startup.folders {
        let path = folder.join(&name);
        match write_new(&path, &text) {
            Ok(()) => return Ok(place(&path, &parts.process.startup.host)),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

/// The bundle as text for a file.
#[must_use]
pub fn text(bundle: &Value) -> String {
    format!("{bundle:#}\n")
}

fn place(path: &Path, host: &str) -> String {
    match host {
        "" => path.display().to_string(),
        host => format!("{} on {host}", path.display()),
    }
}

/// A directory id may contain characters that a file name may not.
fn file_name(directory: &DirectoryId, now: Millis) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let id: String = directory.0.chars().take(40).map(plain).collect();
    format!("support-bundle-{id}-{}.json", now / 1_000)
}

fn machine(startup: &Startup) -> Value {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    json!({
        "name": startup.host, "system": std::env::consts::OS, "architecture": std::env::consts::ARCH,
        "cores": cores, "memory_of_this_process": memory(),
    })
}

/// Linux only.
fn memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.trim_start_matches("VmHWM:").trim().to_owned())
}

/// Every password that this process knows.
async fn secrets(parts: &OperationParts) -> Vec<String> {
    let settings = stored_settings(parts).await;
    let directories = settings.directories.iter();
    let passwords = directories.filter_map(|one| service_password(one, &parts.keys.sealer).ok());
    let of_process = parts.process.startup.secrets.iter().map(|secret| secret.expose().to_owned());
    let all = of_process.chain(passwords.map(|password| password.expose().to_owned()));
    all.filter(|secret| secret.len() >= SHORTEST).collect()
}

/// Removes secrets from all text: no part contains one, but a server may have repeated one, and an
/// administrator may have entered one elsewhere too.
fn scrub(value: &mut Value, secrets: &[String]) {
    match value {
        Value::String(text) => {
            for secret in secrets.iter().filter(|secret| text.contains(secret.as_str())).collect::<Vec<_>>() {
                *text = text.replace(secret.as_str(), "[redacted]");
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|one| scrub(one, secrets)),
        Value::Object(all) => all.values_mut().for_each(|one| scrub(one, secrets)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_wherever_it_stands() {
        let mut value =
            json!({ "a": ["x hunter22 y hunter22", { "b": "hunter22" }], "c": 7, "d": "hunter2" });
        scrub(&mut value, &["hunter22".to_owned()]);
        assert_eq!(
            value,
            json!({ "a": ["x [redacted] y [redacted]", { "b": "[redacted]" }], "c": 7, "d": "hunter2" })
        );
    }

    #[test]
    fn a_file_name_holds_no_path() {
        let name = file_name(&DirectoryId("../co rp/\u{e9}".into()), 1_700_000_000_123);
        assert_eq!(name, "support-bundle----co-rp---1700000000.json");
    }
}
