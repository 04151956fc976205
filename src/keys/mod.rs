//! Keys: the sealing keys in their files, and the signing keys that the store keeps sealed.
//!
//! Private parts leave this module only sealed. Nothing here reads the clock or the store: who calls brings records and
//! times, and writes down what is planned.

mod pair;
mod random;
mod ring;
mod rotation;
mod sealing;

use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::domain::client::SigningAlgorithm;

pub use random::{random_attempt_id, random_id};
pub use ring::{KeyRecord, KeyRing, VerifyError};
pub use rotation::{KeyState, Policy, Step, plan_revocation, plan_rotation};
pub use sealing::{KeyFiles, KeyId, Label, Sealer};

/// What can go wrong with keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The sealing key's file or directory can't be made or read.
    #[error("{}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    /// Others on this machine can read the sealing key.
    #[error("{path} can be read by others (mode {mode:03o}); run: chmod 600 {path}", path = path.display())]
    Exposed { path: PathBuf, mode: u32 },
    /// The sealing key's file is not what we wrote.
    #[error(
        "{} is no sealing key: it has {found} bytes, not 32; restore it from a backup (a new one could not read what \
         the old one sealed)", path.display()
    )]
    NotAKey { path: PathBuf, found: usize },
    /// The sealing key's file is gone, but others beside it show that there was one.
    #[error(
        "{} is missing, though {} is there; restore it from a backup or copy it from another node (a new one could not \
         read what is stored)", path.display(), other.display()
    )]
    Missing { path: PathBuf, other: PathBuf },
    /// A sealing key that a rotation made stands alone.
    #[error(
        "{} is missing: the sealing key was rotated, and digests in the store can't be compared without this file; copy \
         it from another node or restore it from a backup", path.display()
    )]
    DigestsMissing { path: PathBuf },
    /// The keys of digests can't be read.
    #[error("{} is damaged; copy it from another node or restore it from a backup", path.display())]
    DigestsDamaged { path: PathBuf },
    /// The old key of an earlier rotation is still there.
    #[error(
        "an earlier rotation of the sealing key is not finished: {} is still there; run: cloudsync-idp keys rotate \
         --sealing --finish", path.display()
    )]
    Unfinished { path: PathBuf },
    /// A value names a sealing key that is not here.
    #[error(
        "a value is sealed by key {0}, which is not in keys_dir; copy its file from a node that has it, or restore it from \
         a backup"
    )]
    UnknownKey(KeyId),
    /// What was sealed can't be opened: another sealing key, another place, or damaged.
    #[error("a sealed value can't be opened: it was sealed by another key, for another place, or is damaged")]
    Unsealable,
    /// There is no current signing key for this algorithm.
    #[error("no current signing key for {}", .0.as_str())]
    NoSigningKey(SigningAlgorithm),
    /// A signing key in the store is not what its name says.
    #[error("signing key {kid} is damaged")]
    Damaged { kid: String },
    /// What should be signed can't be written as JSON.
    #[error("the claims can't be written as JSON")]
    Unserializable,
    /// The cryptographic library refused.
    #[error("the cryptographic library failed")]
    Crypto,
}

impl From<aws_lc_rs::error::Unspecified> for KeyError {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::Crypto
    }
}

/// All keys of a process: one sealer, and the ring of signing keys as last read.
#[derive(Debug)]
pub struct Keys {
    /// Seals, opens and hashes.
    pub sealer: Arc<Sealer>,
    ring: ArcSwap<KeyRing>,
}

impl Keys {
    /// Keys with an empty ring; [`Keys::replace_ring`] fills it.
    #[must_use]
    pub fn new(sealer: Arc<Sealer>) -> Self {
        Self { sealer, ring: ArcSwap::default() }
    }

    /// The signing keys as they are now.
    #[must_use]
    pub fn ring(&self) -> Arc<KeyRing> {
        self.ring.load_full()
    }

    /// Puts other signing keys in force (they were rotated, perhaps by another process).
    pub fn replace_ring(&self, ring: KeyRing) {
        self.ring.store(Arc::new(ring));
    }
}
