//! Write the files of a new installation: configuration, settings and CA certificate.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use toml::Value;

use super::Arguments;
use super::answers::{answer, given_or};

pub(super) const CONFIGURATION: &str = "idp.toml";
pub(super) const SETTINGS: &str = "settings.toml";
pub(super) const CA: &str = "ca.pem";

/// The folder of the installation.
pub(super) struct Files {
    folder: PathBuf,
}

impl Files {
    /// A folder without an installation; it is created if it does not exist.
    pub(super) fn new(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("can't create {}", folder.display()))?;
        let folder = folder.canonicalize().with_context(|| format!("can't open {}", folder.display()))?;
        for name in [CONFIGURATION, SETTINGS] {
            let path = folder.join(name);
            ensure!(
                !path.exists(),
                "{} already exists: change an installation with settings apply, or use another --folder",
                path.display()
            );
        }
        Ok(Self { folder })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(super) fn configuration(&self) -> PathBuf {
        self.path(CONFIGURATION)
    }

    /// Writes a new file that only its owner may change. An existing file is never overwritten; one with the same content is
    /// kept.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.path(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o640);
        let mut file = match options.open(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let is_same = std::fs::read(&path).is_ok_and(|held| held == text.as_bytes());
                ensure!(
                    is_same,
                    "{} already exists with other content: move it away, or use another --folder",
                    path.display()
                );
                return Ok(());
            }
            opened => opened.with_context(|| format!("can't write {}", path.display()))?,
        };
        file.write_all(text.as_bytes()).with_context(|| format!("can't write {}", path.display()))
    }
}

/// The text of the configuration.
pub(super) fn process(arguments: &Arguments) -> Result<String> {
    let url = given_or(arguments.public_url.clone(), "public-url", || {
        errln!(
            "At which URL will browsers find this provider? Plain http works only for a trial on this machine."
        );
        answer("Public URL", Some("http://localhost:8080"))
    })?;
    let port = url.rsplit_once(':').and_then(|(_, port)| port.trim_end_matches('/').parse::<u16>().ok());
    let https = url.starts_with("https://");
    let (mut certificate, mut proxies) = (arguments.tls_certificate.clone(), arguments.proxies.clone());
    let mut key = arguments.tls_key.clone();
    if https && certificate.is_none() && proxies.is_empty() {
        errln!("This process serves TLS with your certificate, or a proxy in front of it terminates TLS.");
        let question = "Certificate file (PEM, the chain), or nothing if a proxy terminates TLS";
        certificate = answer(question, None)?;
        if certificate.is_some() {
            key = Some(given_or(None, "tls-key", || answer("Key file", None))?);
        } else {
            proxies.push(given_or(None, "proxy", || answer("Address of the proxy", Some("127.0.0.1")))?);
        }
    }
    let listen = match (&arguments.listen, https && certificate.is_some()) {
        (Some(listen), _) => listen.clone(),
        (None, true) => format!("0.0.0.0:{}", port.unwrap_or(443)),
        (None, false) => format!("127.0.0.1:{}", port.filter(|_| !https).unwrap_or(8080)),
    };
    Ok(text(&url, &listen, certificate.zip(key), &proxies))
}

fn text(url: &str, listen: &str, tls: Option<(String, String)>, proxies: &[String]) -> String {
    let mut text = "# Written by cloudsync-idp init. docs/configuration.md explains every key.\n".to_owned();
    let mut line = |key: &str, value: Value| text += &format!("{key} = {value}\n");
    line("public_url", url.into());
    line("listen", listen.into());
    if !proxies.is_empty() {
        line("trusted_proxies", Value::Array(proxies.iter().map(|one| one.as_str().into()).collect()));
    }
    if let Some((certificate, key)) = tls {
        line("tls.certificate", certificate.into());
        line("tls.private_key", key.into());
    }
    text
}
