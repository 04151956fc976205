//! Keys: the sealing keys in their files, and the signing keys that the store holds sealed.
//!
//! Private parts leave this module only sealed. Nothing here reads the clock or the store: the caller passes
//! records and times, and writes what is planned.

mod pair;
mod random;
mod record;
mod ring;
mod rotation;
mod sealing;

use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::domain::client::SigningAlgorithm;

pub use random::{random_attempt_id, random_id, random_nonce};
pub use record::KeyRecord;
pub use ring::{KeyRing, VerifyError};
pub use rotation::{Policy, RotationStep, plan_revocation, plan_rotation};
pub use sealing::{KeyFiles, KeyId, Label, Sealer};

/// Errors of keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The sealing key's file or directory can't be created or read.
    #[error("{}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("{path} can be read by others (mode {mode:03o}); run: chmod 600 {path}", path = path.display())]
    Exposed { path: PathBuf, mode: u32 },
    /// The sealing key's file has another content than we wrote.
    #[error(
        "{} is no sealing key: it has {found} bytes, not 32; restore it from a backup (a new one could not read what \
         the old one sealed)", path.display()
    )]
    NotAKey { path: PathBuf, found: usize },
    /// The sealing key's file is missing, but other files show that there was one.
    #[error(
        "{} is missing, though {} is there; restore it from a backup or copy it from another node (a new one could not \
         read what is stored)", path.display(), other.display()
    )]
    Missing { path: PathBuf, other: PathBuf },
    /// A sealing key that a rotation made lacks its digest keys.
    #[error(
        "{} is missing: the sealing key was rotated, and digests in the store can't be compared without this file; copy \
         it from another node or restore it from a backup", path.display()
    )]
    DigestsMissing { path: PathBuf },
    /// The digest keys can't be read.
    #[error("{} is damaged; copy it from another node or restore it from a backup", path.display())]
    DigestsDamaged { path: PathBuf },
    /// The old key of an earlier rotation still exists.
    #[error(
        "an earlier rotation of the sealing key is not finished: {} is still there; run: cloudsync-idp keys rotate \
         --sealing --finish", path.display()
    )]
    Unfinished { path: PathBuf },
    #[error(
        "a value is sealed by key {0}, which is not in keys_dir; copy its file from a node that has it, or restore it from \
         a backup"
    )]
    UnknownKey(KeyId),
    #[error("a sealed value can't be opened: it was sealed by another key, for another place, or is damaged")]
    Unsealable,
    #[error("no current signing key for {}", .0.as_str())]
    NoSigningKey(SigningAlgorithm),
    /// A signing key in the store does not match its name.
    #[error("signing key {kid} is damaged")]
    Damaged { kid: String },
    #[error("the claims can't be written as JSON")]
    Unserializable,
    #[error("the cryptographic library failed")]
    Crypto,
}

impl KeyError {
    /// True where this process lacks a key that another node has, or can't read its own now: it ends by itself or by
    /// its operator, and the request was valid.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::UnknownKey(_) | Self::File { .. })
    }
}

impl From<aws_lc_rs::error::Unspecified> for KeyError {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::Crypto
    }
}

/// All keys of a process: one sealer, and the ring of signing keys as last read.
#[derive(Debug)]
pub struct Keys {
    pub sealer: Arc<Sealer>,
    ring: ArcSwap<KeyRing>,
}

impl Keys {
    /// Keys with an empty ring; [`Keys::replace_ring`] fills it.
    #[must_use]
    pub fn new(sealer: Arc<Sealer>) -> Self {
        Self { sealer, ring: ArcSwap::default() }
    }

    /// The current signing keys.
    #[must_use]
    pub fn ring(&self) -> Arc<KeyRing> {
        self.ring.load_full()
    }

    /// Replaces the signing keys (they were rotated, perhaps by another process).
    pub fn replace_ring(&self, ring: KeyRing) {
        self.ring.store(Arc::new(ring));
    }
}
