//! One sealing key: its id, and the keys derived from it that go when it goes.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Prk, Salt};
use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use super::super::KeyError;

/// How many bytes a sealing key has.
pub(super) const KEY_LEN: usize = 32;

/// Bytes of a key that are wiped when they are dropped.
pub(super) type Secret = Zeroizing<[u8; KEY_LEN]>;

/// How many bytes name a sealing key.
pub(super) const ID_LEN: usize = 4;

/// The name of a sealing key, derived from it. It is no secret: each sealed value carries it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(pub(super) [u8; ID_LEN]);

impl KeyId {
    /// Reads the form that it is displayed in.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut id = [0; ID_LEN];
        hex::decode_to_slice(text, &mut id).ok()?;
        Some(Self(id))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// A sealing key, and what follows it: these two are never made by a key that was rotated away.
pub(super) struct SealingKey {
    pub id: KeyId,
    sealing: hmac::Key,
    /// Authenticates the stored settings.
    pub settings: hmac::Key,
    /// Makes the next refresh token of a family.
    pub successor: hmac::Key,
}

impl SealingKey {
    pub fn new(key: &[u8; KEY_LEN]) -> Result<Self, KeyError> {
        let root = root(key);
        let derived = |label: &str| -> Result<hmac::Key, KeyError> {
            Ok(hmac::Key::new(hmac::HMAC_SHA256, expand(&root, label)?.as_ref()))
        };
        let mut id = [0; ID_LEN];
        id.copy_from_slice(&expand(&root, "id")?[..ID_LEN]);
        Ok(Self {
            id: KeyId(id),
            sealing: derived("seal")?,
            settings: derived("hmac:settings")?,
            successor: derived("hmac:successor")?,
        })
    }

    /// Random nonces of 96 bits may be used some four thousand million times under one key (NIST SP 800-38D section
    /// 8.3). Each value has a key of its own, made with 128 more random bits, so nobody has to count. Everything before the
    /// nonce is in it, so a value that names another key does not open.
    pub fn value_key(&self, head: &[u8]) -> Result<LessSafeKey, KeyError> {
        let key = hmac::sign(&self.sealing, head);
        Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_ref())?))
    }
}

pub(super) fn root(key: &[u8; KEY_LEN]) -> Prk {
    Salt::new(HKDF_SHA256, b"cloudsync-idp").extract(key)
}

pub(super) fn expand(root: &Prk, label: &str) -> Result<Secret, KeyError> {
    let mut key = Zeroizing::new([0; KEY_LEN]);
    root.expand(&[label.as_bytes()], HKDF_SHA256)?.fill(key.as_mut())?;
    Ok(key)
}
