//! One sealing key: its id, and the keys derived from it that are removed with it.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Prk, Salt};
use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use super::super::KeyError;

/// The length of a sealing key in bytes.
pub(super) const KEY_LEN: usize = 32;

/// Bytes of a key that are wiped when they are dropped.
pub(super) type Secret = Zeroizing<[u8; KEY_LEN]>;

/// The length of a sealing key's id in bytes.
pub(super) const ID_LEN: usize = 4;

/// The id of a sealing key, derived from it. It is no secret: each sealed value carries it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(pub(super) [u8; ID_LEN]);

impl KeyId {
    /// Parses the displayed form.
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

/// A sealing key with the two keys that a rotated-out key must not provide.
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

    /// Random nonces of 96 bits may be used some four thousand million times under one key (NIST SP 800-38D
    /// section 8.3). Each value has a key of its own, made with 128 more random bits, so nobody has to count.
    /// The key depends on everything before the nonce, so a value that names another key does not open.
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
