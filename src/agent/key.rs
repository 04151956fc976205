//! The key of an agent. It is made on the agent's machine and never leaves it: a file that only its owner can read.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::domain::Millis;

/// A key of an agent with the agent's id.
pub(crate) struct AgentKey {
    pub(crate) agent: String,
    pub(crate) made_at: Millis,
    pkcs8: Zeroizing<Vec<u8>>,
    pair: Ed25519KeyPair,
}

/// The content of a key's file.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct KeyFile {
    agent: String,
    made_at: Millis,
    /// PKCS#8 in hexadecimal.
    private_key: String,
}

/// Why a key can't be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    #[error("{}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{} is not the key of an agent; enrol the agent again with a new code", path.display())]
    Damaged { path: PathBuf },
    #[error("{path} can be read by others (mode {mode:03o}); run: chmod 600 {path}", path = path.display())]
    Exposed { path: PathBuf, mode: u32 },
    #[error("the cryptographic library failed")]
    Crypto,
}

impl AgentKey {
    /// Makes a key.
    pub(crate) fn make(agent: &str, made_at: Millis) -> Result<Self, KeyFileError> {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| KeyFileError::Crypto)?;
        Self::of(agent.to_owned(), made_at, Zeroizing::new(pkcs8.as_ref().to_vec()))
            .ok_or(KeyFileError::Crypto)
    }

    fn of(agent: String, made_at: Millis, pkcs8: Zeroizing<Vec<u8>>) -> Option<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).ok()?;
        Some(Self { agent, made_at, pkcs8, pair })
    }

    /// Reads a key; `None` if there is no such file.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, KeyFileError> {
        let bytes = match fs::read(path) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(KeyFileError::File { path: path.to_owned(), source }),
        };
        refuse_exposed(path)?;
        let damaged = || KeyFileError::Damaged { path: path.to_owned() };
        let file: KeyFile = serde_json::from_slice(&bytes).map_err(|_| damaged())?;
        let pkcs8 = Zeroizing::new(hex::decode(&file.private_key).map_err(|_| damaged())?);
        Self::of(file.agent.clone(), file.made_at, pkcs8).map(Some).ok_or_else(damaged)
    }

    /// Writes the key, readable by its owner only, and replaces an older file as a whole.
    pub(crate) fn write(&self, path: &Path) -> Result<(), KeyFileError> {
        let failed = |source| KeyFileError::File { path: path.to_owned(), source };
        let file = KeyFile {
            agent: self.agent.clone(),
            made_at: self.made_at,
            private_key: hex::encode(self.pkcs8.as_slice()),
        };
        let text = Zeroizing::new(serde_json::to_vec(&file).map_err(|_| KeyFileError::Crypto)?);
        let mut unfinished = path.to_owned().into_os_string();
        unfinished.push(".new");
        let unfinished = PathBuf::from(unfinished);
        // A file of an interrupted attempt could be readable by others.
        match fs::remove_file(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let mut written = private_file(&unfinished).map_err(failed)?;
        written.write_all(&text).and_then(|()| written.sync_all()).map_err(failed)?;
        drop(written);
        fs::rename(&unfinished, path).map_err(failed)
    }

    /// The public key in hexadecimal.
    pub(crate) fn public(&self) -> String {
        hex::encode(self.public_bytes())
    }

    /// The public key.
    pub(crate) fn public_bytes(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// The signature of a message, in hexadecimal.
    pub(crate) fn sign(&self, message: &[u8]) -> String {
        hex::encode(self.pair.sign(message).as_ref())
    }
}

/// Whether this is the signature of the message by the owner of the public key.
#[must_use]
pub fn is_signed(public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public_key).verify(message, signature).is_ok()
}

#[cfg(unix)]
fn private_file(path: &Path) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Elsewhere the folder's permissions protect the file.
#[cfg(not(unix))]
fn private_file(path: &Path) -> io::Result<fs::File> {
    fs::OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(unix)]
fn refuse_exposed(path: &Path) -> Result<(), KeyFileError> {
    use std::os::unix::fs::PermissionsExt;
    let read = fs::metadata(path).map_err(|source| KeyFileError::File { path: path.to_owned(), source })?;
    match read.permissions().mode() & 0o777 {
        mode if mode & 0o077 == 0 => Ok(()),
        mode => Err(KeyFileError::Exposed { path: path.to_owned(), mode }),
    }
}

#[cfg(not(unix))]
fn refuse_exposed(_: &Path) -> Result<(), KeyFileError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written_and_signs_alike() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("agent.key");
        assert!(AgentKey::read(&path).expect("no error").is_none());
        let key = AgentKey::make("a1", 7).expect("a key");
        key.write(&path).expect("written");
        key.write(&path).expect("written again");
        let read = AgentKey::read(&path).expect("no error").expect("a key");
        assert_eq!((read.agent.as_str(), read.made_at, read.public()), ("a1", 7, key.public()));
        let signature = hex::decode(read.sign(b"message")).expect("hexadecimal");
        assert!(is_signed(key.public_bytes(), b"message", &signature));
        assert!(!is_signed(key.public_bytes(), b"another", &signature));
        let other = AgentKey::make("a1", 7).expect("a key");
        assert!(!is_signed(other.public_bytes(), b"message", &signature));
        assert!(!is_signed(b"short", b"message", &signature));
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("agent.key");
        AgentKey::make("a1", 7).expect("a key").write(&path).expect("written");
        assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("changed");
        assert!(matches!(AgentKey::read(&path), Err(KeyFileError::Exposed { mode: 0o640, .. })));
    }

    #[test]
    fn another_file_is_no_key() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("agent.key");
        let mut file = private_file(&path).expect("a file");
        file.write_all(b"{\"agent\":\"a\",\"made_at\":1,\"private_key\":\"00\"}").expect("written");
        assert!(matches!(AgentKey::read(&path), Err(KeyFileError::Damaged { .. })));
    }
}
