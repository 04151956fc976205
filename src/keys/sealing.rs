//! The sealing key: a file of 32 random bytes that nobody else may read. Subkeys for sealing and hashing are derived
//! from it, one for each purpose, so that a value made for one is worth nothing for another.

use std::collections::HashMap;
use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::{PoisonError, RwLock};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hkdf::{HKDF_SHA256, Prk, Salt};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::domain::secret::{Hashed, Sealed};

use super::KeyError;
use super::random::{random, random_id};

const FILE: &str = "sealing.key";
const KEY_LEN: usize = 32;
/// The first byte of what is sealed: whoever changes the format counts on.
const VERSION: u8 = 1;
const SALT_LEN: usize = 16;
const PREFIX: usize = 1 + SALT_LEN + NONCE_LEN;
const TOKEN_RANDOM: usize = 32;
/// Under which label the secret part of the next token is made.
const SUCCESSOR: &str = "successor";
const TOKEN_MAC: usize = 16;

/// Seals, opens and hashes under keys derived from the sealing key.
pub struct Sealer {
    /// Makes the key of each single sealed value.
    sealing: hmac::Key,
    root: Prk,
    labels: RwLock<HashMap<&'static str, hmac::Key>>,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer([redacted])")
    }
}

impl Sealer {
    /// Reads `sealing.key` in `dir`, or makes both at the first start.
    pub fn open_dir(dir: &Path) -> Result<Self, KeyError> {
        let path = dir.join(FILE);
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| KeyError::File { path, source }
        };
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(at(dir))?;
                create(dir, &path).map_err(at(&path))?;
                File::open(&path).map_err(at(&path))?
            }
            Err(error) => return Err(at(&path)(error)),
        };
        // The mode of the opened file, not of the name: nobody can exchange the one for the other in between.
        let mode = file.metadata().map_err(at(&path))?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Exposed { path, mode });
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(KEY_LEN + 1));
        file.take(KEY_LEN as u64 + 1).read_to_end(&mut bytes).map_err(at(&path))?;
        let key = <&[u8; KEY_LEN]>::try_from(bytes.as_slice());
        key.map_or_else(|_| Err(KeyError::NotAKey { path, found: bytes.len() }), Self::new)
    }

    /// A sealer with this key.
    pub fn new(key: &[u8; KEY_LEN]) -> Result<Self, KeyError> {
        let root = Salt::new(HKDF_SHA256, b"cloudsync-idp").extract(key);
        let sealing = derived(&root, "seal")?;
        Ok(Self { sealing, root, labels: RwLock::default() })
    }

    /// Seals a value for one place: it opens only under the same kind and id.
    ///
    /// # Panics
    /// If the cryptographic library can't encrypt a few bytes in memory.
    #[must_use]
    pub fn seal(&self, kind: &str, id: &str, plaintext: &[u8]) -> Sealed {
        let mut sealed = Vec::with_capacity(PREFIX + plaintext.len() + AES_256_GCM.tag_len());
        sealed.push(VERSION);
        sealed.extend(random::<SALT_LEN>());
        sealed.extend(random::<NONCE_LEN>());
        let (key, nonce) = self.key_and_nonce(&sealed).expect("the prefix was just made");
        let mut content = plaintext.to_vec();
        key.seal_in_place_append_tag(nonce, aad(kind, id), &mut content).expect("AES-GCM encrypts");
        sealed.append(&mut content);
        Sealed(sealed)
    }

    /// Opens what was sealed for this place.
    pub fn open(&self, kind: &str, id: &str, sealed: &Sealed) -> Result<Vec<u8>, KeyError> {
        let unsealable = |_| KeyError::Unsealable;
        if sealed.0.len() < PREFIX || sealed.0[0] != VERSION {
            return Err(KeyError::Unsealable);
        }
        let (prefix, content) = sealed.0.split_at(PREFIX);
        let (key, nonce) = self.key_and_nonce(prefix)?;
        let mut content = content.to_vec();
        let length = key.open_in_place(nonce, aad(kind, id), &mut content).map_err(unsealable)?.len();
        content.truncate(length);
        Ok(content)
    }

    /// A keyed digest, under a key of its own for each label.
    ///
    /// # Panics
    /// If the cryptographic library can't derive a key.
    #[must_use]
    pub fn hmac(&self, label: &'static str, data: &[u8]) -> Hashed {
        let known = self.labels.read().unwrap_or_else(PoisonError::into_inner).get(label).cloned();
        let key = known.unwrap_or_else(|| self.learn(label));
        let mut digest = [0; 32];
        digest.copy_from_slice(hmac::sign(&key, data).as_ref());
        Hashed(digest)
    }

    /// A new random token that we can later tell from any value that somebody made up, without having kept it.
    #[must_use]
    pub fn new_token(&self, label: &'static str, context: &str) -> String {
        let mut token = random::<TOKEN_RANDOM>().to_vec();
        let mac = self.token_mac(label, context, &token);
        token.extend(mac);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// The one token that follows this one: of many who ask, each is told the same, and nobody else can tell.
    #[must_use]
    pub fn next_token(&self, label: &'static str, context: &str, previous: &str) -> String {
        let Hashed(secret) =
            self.hmac(SUCCESSOR, &[label, "\0", context, "\0", previous].concat().into_bytes());
        let mac = self.token_mac(label, context, &secret);
        URL_SAFE_NO_PAD.encode([secret.as_slice(), &mac].concat())
    }

    /// True for a token that [`Sealer::new_token`] or [`Sealer::next_token`] made for this label and context.
    #[must_use]
    pub fn is_token(&self, label: &'static str, context: &str, token: &str) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else { return false };
        if bytes.len() != TOKEN_RANDOM + TOKEN_MAC {
            return false;
        }
        let (random, mac) = bytes.split_at(TOKEN_RANDOM);
        verify_slices_are_equal(&self.token_mac(label, context, random), mac).is_ok()
    }

    fn token_mac(&self, label: &'static str, context: &str, random: &[u8]) -> [u8; TOKEN_MAC] {
        // The random part has a fixed length, so the two can't be split otherwise.
        let Hashed(digest) = self.hmac(label, &[random, context.as_bytes()].concat());
        std::array::from_fn(|index| digest[index])
    }

    /// Random nonces of 96 bits may be used some four thousand million times under one key (NIST SP 800-38D section
    /// 8.3). Each value has a key of its own, made with 128 more random bits, so nobody has to count.
    fn key_and_nonce(&self, prefix: &[u8]) -> Result<(LessSafeKey, Nonce), KeyError> {
        let (head, nonce) = prefix.split_at(PREFIX - NONCE_LEN);
        let key = hmac::sign(&self.sealing, head);
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_ref())?);
        Ok((key, Nonce::try_assume_unique_for_key(nonce)?))
    }

    fn learn(&self, label: &'static str) -> hmac::Key {
        let key = derived(&self.root, &format!("hmac:{label}")).expect("HKDF gives 32 bytes");
        self.labels.write().unwrap_or_else(PoisonError::into_inner).insert(label, key.clone());
        key
    }
}

fn derived(root: &Prk, label: &str) -> Result<hmac::Key, KeyError> {
    let mut key = Zeroizing::new([0; KEY_LEN]);
    root.expand(&[label.as_bytes()], HKDF_SHA256)?.fill(key.as_mut())?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, key.as_ref()))
}

/// What a value is bound to. The length in front keeps `("ab", "c")` and `("a", "bc")` apart.
fn aad(kind: &str, id: &str) -> Aad<Vec<u8>> {
    let mut bound = (kind.len() as u64).to_be_bytes().to_vec();
    bound.extend(kind.as_bytes());
    bound.extend(id.as_bytes());
    Aad::from(bound)
}

/// Makes the file whole or not at all: it is written under another name and then linked, and a link is refused where a
/// name is taken. So of two processes that start at once both read the same key.
fn create(dir: &Path, path: &Path) -> std::io::Result<()> {
    let temporary = dir.join(format!(".{FILE}.{}", random_id()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
    let written = file
        .write_all(Zeroizing::new(random::<KEY_LEN>()).as_ref())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::hard_link(&temporary, path));
    fs::remove_file(&temporary)?;
    match written {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        // The name must last as long as what is sealed under the key.
        _ => File::open(dir)?.sync_all(),
    }
}

#[cfg(test)]
mod tests;
