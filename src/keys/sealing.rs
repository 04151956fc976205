//! Seal values and make digests and tokens with the keys in `keys_dir`. Each purpose has a key of its own, so
//! a value made for one is invalid for another.
//!
//! A sealed value names the key that it was sealed under. During a rotation several keys are held: the one in
//! force seals, and all of them open.

mod digests;
mod files;
mod key;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use aws_lc_rs::aead::{Aad, NONCE_LEN, Nonce};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::secret::{Hashed, Sealed};

use self::digests::{DigestSecrets, Digests};
use self::key::{ID_LEN, KEY_LEN, SealingKey, Secret};
use super::KeyError;
use super::random::random;

pub use self::digests::Label;
pub use self::key::KeyId;

/// The first byte of a sealed value. Version 1 did not name its key: `1 | salt | nonce | ciphertext`.
const VERSION_1: u8 = 1;
/// `2 | id of the key | salt | nonce | ciphertext`.
const VERSION_2: u8 = 2;
const SALT_LEN: usize = 16;
const TOKEN_RANDOM: usize = 32;
const TOKEN_MAC: usize = 16;

/// Seals, opens and hashes.
pub struct Sealer {
    keys: ArcSwap<KeySet>,
    /// Where the keys are read again; `None` in tests of a single key.
    dir: Option<PathBuf>,
    /// The key that should be in force; held while keys are exchanged.
    wanted: Mutex<Option<KeyId>>,
    /// A value of an unknown key makes us read the files once; [`Sealer::read_again`] allows the next.
    may_look: AtomicBool,
}

/// Which keys the files hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyFiles {
    /// In `sealing.key`.
    pub current: KeyId,
    /// In `sealing.next.key`: a rotation is in progress.
    pub next: Option<KeyId>,
    /// In `sealing.old.key`: a rotation is not finished.
    pub old: Option<KeyId>,
}

/// All keys at one moment.
struct KeySet {
    /// The one in force first.
    keys: Vec<Arc<SealingKey>>,
    digests: Digests,
    files: KeyFiles,
}

impl KeySet {
    fn new(
        current: &Secret,
        next: Option<&Secret>,
        old: Option<&Secret>,
        digests: &DigestSecrets,
    ) -> Result<Self, KeyError> {
        let current = SealingKey::new(current)?;
        let [next, old] = [next, old].map(|key| key.map(|key| SealingKey::new(key)));
        let (next, old) = (next.transpose()?, old.transpose()?);
        let id = |key: &Option<SealingKey>| key.as_ref().map(|key| key.id);
        let files = KeyFiles { current: current.id, next: id(&next), old: id(&old) };
        let keys = [Some(current), next, old].into_iter().flatten().map(Arc::new).collect();
        Ok(Self { keys, digests: Digests::new(digests), files })
    }

    fn read(dir: &Path) -> Result<Self, KeyError> {
        let found = files::read(dir)?;
        Self::new(&found.current, found.next.as_ref(), found.old.as_ref(), &found.digests)
    }

    /// Puts the wanted key first, if it is held.
    fn led_by(mut self, wanted: Option<KeyId>) -> Self {
        self.keys.sort_by_key(|key| Some(key.id) != wanted);
        self
    }

    fn in_force(&self) -> &SealingKey {
        &self.keys[0]
    }

    fn by_id(&self, id: KeyId) -> Option<&SealingKey> {
        self.keys.iter().find(|key| key.id == id).map(AsRef::as_ref)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer([redacted])")
    }
}

impl Sealer {
    /// Reads the keys in `dir`, or creates the directory and a key at the first start.
    pub fn open_dir(dir: &Path) -> Result<Self, KeyError> {
        files::make(dir)?;
        Ok(Self::of(KeySet::read(dir)?, Some(dir.to_owned())))
    }

    /// A sealer with this key and no directory.
    pub fn new(key: &[u8; KEY_LEN]) -> Result<Self, KeyError> {
        let digests = DigestSecrets::derived(key)?;
        Ok(Self::of(KeySet::new(&(*key).into(), None, None, &digests)?, None))
    }

    fn of(keys: KeySet, dir: Option<PathBuf>) -> Self {
        Self {
            keys: ArcSwap::from_pointee(keys),
            dir,
            wanted: Mutex::default(),
            may_look: AtomicBool::new(true),
        }
    }

    /// Reads the files again, to notice a rotation by another process. Call it about every second.
    pub fn read_again(&self) -> Result<(), KeyError> {
        self.may_look.store(true, Ordering::Relaxed);
        self.look()
    }

    fn look(&self) -> Result<(), KeyError> {
        let Some(dir) = &self.dir else { return Ok(()) };
        let wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        self.keys.store(Arc::new(KeySet::read(dir)?.led_by(*wanted)));
        Ok(())
    }

    /// Seals with this key from now on, or as soon as it is held.
    pub fn put_in_force(&self, id: KeyId) -> Result<(), KeyError> {
        *self.wanted.lock().unwrap_or_else(PoisonError::into_inner) = Some(id);
        self.look()
    }

    /// The key that seals.
    #[must_use]
    pub fn in_force(&self) -> KeyId {
        self.keys.load().in_force().id
    }

    /// All held keys, the one in force first.
    #[must_use]
    pub fn held(&self) -> Vec<KeyId> {
        self.keys.load().keys.iter().map(|key| key.id).collect()
    }

    /// Which file holds which key.
    #[must_use]
    pub fn files(&self) -> KeyFiles {
        self.keys.load().files
    }

    /// Begins a rotation: creates the next key, unless there is one, and reads it.
    pub fn begin_rotation(&self) -> Result<(), KeyError> {
        self.dir.as_deref().map_or(Ok(()), files::begin)?;
        self.look()
    }

    /// Completes a rotation: the next key becomes the current one, and the current one the old one.
    pub fn complete_rotation(&self) -> Result<(), KeyError> {
        self.dir.as_deref().map_or(Ok(()), files::complete)?;
        self.look()
    }

    /// Removes the old key for good.
    pub fn forget_old_key(&self) -> Result<(), KeyError> {
        self.dir.as_deref().map_or(Ok(()), files::forget_old)?;
        self.look()
    }

    /// Whether the chain of the audit log has begun, by a file beside the keys: whoever can write to the database
    /// can't remove it. Without a directory nobody has noted it.
    pub fn is_chained(&self) -> Result<bool, KeyError> {
        self.dir.as_deref().map_or(Ok(false), files::is_chained)
    }

    /// Notes that it has.
    pub fn note_chained(&self) -> Result<(), KeyError> {
        self.dir.as_deref().map_or(Ok(()), files::note_chained)
    }

    /// The key that a value names; `None` for a value of version 1, which names none.
    #[must_use]
    pub fn key_of(sealed: &Sealed) -> Option<KeyId> {
        let rest = sealed.0.strip_prefix(&[VERSION_2])?;
        rest.first_chunk().map(|id| KeyId(*id))
    }

    /// Seals a value for one place: it opens only under the same kind and id.
    ///
    /// # Panics
    ///
    /// If the cryptographic library can't encrypt a few bytes in memory.
    #[must_use]
    pub fn seal(&self, kind: &str, id: &str, plaintext: &[u8]) -> Sealed {
        let keys = self.keys.load();
        let key = keys.in_force();
        let mut sealed = Vec::with_capacity(100 + plaintext.len());
        sealed.push(VERSION_2);
        sealed.extend(key.id.0);
        sealed.extend(random::<SALT_LEN>());
        let nonce = random::<NONCE_LEN>();
        let value_key = key.value_key(&sealed).expect("a derived key has the right length");
        sealed.extend(nonce);
        let mut content = plaintext.to_vec();
        let nonce = Nonce::assume_unique_for_key(nonce);
        value_key.seal_in_place_append_tag(nonce, aad(kind, id), &mut content).expect("AES-GCM encrypts");
        sealed.append(&mut content);
        Sealed(sealed)
    }

    /// Opens what was sealed for this place.
    pub fn open(&self, kind: &str, id: &str, sealed: &Sealed) -> Result<Vec<u8>, KeyError> {
        let keys = self.keys.load();
        if sealed.0.first() == Some(&VERSION_1) {
            let mut opened = keys.keys.iter().map(|key| opened(key, 1, (kind, id), sealed));
            return opened.find_map(Result::ok).ok_or(KeyError::Unsealable);
        }
        let named = Self::key_of(sealed).ok_or(KeyError::Unsealable)?;
        if let Some(key) = keys.by_id(named) {
            return opened(key, 1 + ID_LEN, (kind, id), sealed);
        }
        // Once until the next regular read, so that made-up ids cost nothing.
        if self.may_look.swap(false, Ordering::Relaxed) {
            self.look()?;
        }
        let keys = self.keys.load();
        let key = keys.by_id(named).ok_or(KeyError::UnknownKey(named))?;
        opened(key, 1 + ID_LEN, (kind, id), sealed)
    }

    /// The value under the key in force; `None` if it is already. It opens only in its place.
    pub fn reseal(&self, kind: &str, id: &str, sealed: &Sealed) -> Result<Option<Sealed>, KeyError> {
        if Self::key_of(sealed) == Some(self.in_force()) {
            return Ok(None);
        }
        let content = zeroize::Zeroizing::new(self.open(kind, id, sealed)?);
        Ok(Some(self.seal(kind, id, &content)))
    }

    /// A keyed digest, under a key of its own for each label. Rotations do not change it.
    #[must_use]
    pub fn hmac(&self, label: Label, data: &[u8]) -> Hashed {
        Hashed(self.keys.load().digests.sign(label, data))
    }

    /// The mark that proves that settings were written with the key in force.
    #[must_use]
    pub fn settings_mark(&self, data: &[u8]) -> Hashed {
        signed(&self.keys.load().in_force().settings, data)
    }

    /// The held key that made this mark. Compared in constant time.
    #[must_use]
    pub fn key_of_settings_mark(&self, data: &[u8], mark: &[u8]) -> Option<KeyId> {
        let keys = self.keys.load();
        let made = |key: &&Arc<SealingKey>| hmac::verify(&key.settings, data, mark).is_ok();
        keys.keys.iter().find(made).map(|key| key.id)
    }

    /// A new random token that can later be recognised as ours without being stored.
    #[must_use]
    pub fn new_token(&self, label: Label, context: &str) -> String {
        let mut token = random::<TOKEN_RANDOM>().to_vec();
        let mac = self.token_mac(label, context, &token);
        token.extend(mac);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// The token that follows this one: the same for every request, and unpredictable for others. The first
    /// is the one to give out; during a rotation another node may have given out one of the others.
    #[must_use]
    pub fn next_tokens(&self, label: Label, context: &str, previous: &str) -> Vec<String> {
        let data = [label.as_str(), "\0", context, "\0", previous].concat();
        let next = |key: &Arc<SealingKey>| {
            let Hashed(secret) = signed(&key.successor, data.as_bytes());
            let mac = self.token_mac(label, context, &secret);
            URL_SAFE_NO_PAD.encode([secret.as_slice(), &mac].concat())
        };
        self.keys.load().keys.iter().map(next).collect()
    }

    /// True for a token of [`Sealer::new_token`] or [`Sealer::next_tokens`] with this label and context.
    #[must_use]
    pub fn is_token(&self, label: Label, context: &str, token: &str) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else { return false };
        if bytes.len() != TOKEN_RANDOM + TOKEN_MAC {
            return false;
        }
        let (random, mac) = bytes.split_at(TOKEN_RANDOM);
        verify_slices_are_equal(&self.token_mac(label, context, random), mac).is_ok()
    }

    fn token_mac(&self, label: Label, context: &str, random: &[u8]) -> [u8; TOKEN_MAC] {
        // The random part has a fixed length, so the two can't be split otherwise.
        let Hashed(digest) = self.hmac(label, &[random, context.as_bytes()].concat());
        std::array::from_fn(|index| digest[index])
    }
}

/// `named` is the length of version and key id.
fn opened(
    key: &SealingKey,
    named: usize,
    (kind, id): (&str, &str),
    sealed: &Sealed,
) -> Result<Vec<u8>, KeyError> {
    let unsealable = |_| KeyError::Unsealable;
    let (head, rest) = sealed.0.split_at_checked(named + SALT_LEN).ok_or(KeyError::Unsealable)?;
    let (nonce, content) = rest.split_first_chunk::<NONCE_LEN>().ok_or(KeyError::Unsealable)?;
    let (value_key, mut content) = (key.value_key(head)?, content.to_vec());
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let length = value_key.open_in_place(nonce, aad(kind, id), &mut content).map_err(unsealable)?.len();
    content.truncate(length);
    Ok(content)
}

fn signed(key: &hmac::Key, data: &[u8]) -> Hashed {
    let mut digest = [0; 32];
    digest.copy_from_slice(hmac::sign(key, data).as_ref());
    Hashed(digest)
}

/// The place that a value is bound to. The length in front distinguishes `("ab", "c")` from `("a", "bc")`.
fn aad(kind: &str, id: &str) -> Aad<Vec<u8>> {
    let mut bound = (kind.len() as u64).to_be_bytes().to_vec();
    bound.extend(kind.as_bytes());
    bound.extend(id.as_bytes());
    Aad::from(bound)
}

#[cfg(test)]
mod tests;
