//! The signing keys in memory: sign, publish, and verify our own tokens.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::domain::client::SigningAlgorithm;

use super::pair::Pair;
use super::record::{KeyRecord, SEALED_AS};
use super::{KeyError, Sealer};
use crate::domain::signing_key::KeyState;

/// The longest hint: an ID token lists every group of its person.
const LONGEST_TOKEN: usize = 32 * 1024;

/// Why a token is not one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Not a compact JWS, or one with something that we never write.
    #[error("not a token that we made")]
    Malformed,
    #[error("no published key with this id")]
    UnknownKey,
    #[error("a token for another purpose")]
    WrongType,
    #[error("the signature is not ours")]
    BadSignature,
}

/// All published signing keys. The default is empty.
#[derive(Default)]
pub struct KeyRing {
    generation: i64,
    keys: Vec<Key>,
    jwks: String,
}

struct Key {
    kid: String,
    alg: SigningAlgorithm,
    state: KeyState,
    pair: Pair,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kids: Vec<&str> = self.keys.iter().map(|key| key.kid.as_str()).collect();
        write!(f, "KeyRing({} {kids:?})", self.generation)
    }
}

/// The header of a JWS (RFC 7515 section 4.1) as we write it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header<'a> {
    alg: &'a str,
    typ: &'a str,
    kid: &'a str,
}

impl KeyRing {
    /// Opens the private parts. `generation` is that of the records, to compare when they may have changed.
    pub fn open(generation: i64, records: &[KeyRecord], sealer: &Sealer) -> Result<Self, KeyError> {
        let keys = records.iter().map(|record| Key::open(record, sealer)).collect::<Result<Vec<_>, _>>()?;
        let published: Vec<_> = keys.iter().map(|key| key.pair.public_jwk(key.alg)).collect();
        let jwks = serde_json::json!({ "keys": published }).to_string();
        Ok(Self { generation, keys, jwks })
    }

    /// The generation of the records with which this ring was opened.
    #[must_use]
    pub fn generation(&self) -> i64 {
        self.generation
    }

    /// The published keys (RFC 7517 section 5): next, current and retired ones.
    #[must_use]
    pub fn jwks(&self) -> &str {
        &self.jwks
    }

    /// Signs claims into a compact JWS (RFC 7515 section 3.1).
    pub fn sign(&self, alg: SigningAlgorithm, typ: &str, claims: &[u8]) -> Result<String, KeyError> {
        let current = |key: &&Key| key.alg == alg && key.state == KeyState::Current;
        let key = self.keys.iter().find(current).ok_or(KeyError::NoSigningKey(alg))?;
        let header = serde_json::json!({ "alg": alg.as_str(), "typ": typ, "kid": key.kid }).to_string();
        let mut token = URL_SAFE_NO_PAD.encode(header);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = key.pair.sign(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    /// The claims of a token that we signed for this purpose. The caller compares its times with `now`.
    pub fn verify(&self, token: &str, typ: &str) -> Result<Vec<u8>, VerifyError> {
        if token.len() > LONGEST_TOKEN {
            return Err(VerifyError::Malformed);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(VerifyError::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(VerifyError::Malformed)?;
        let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| VerifyError::Malformed);
        let (header, claims, signature) = (decoded(header)?, decoded(claims)?, decoded(signature)?);
        let header: Header<'_> = serde_json::from_slice(&header).map_err(|_| VerifyError::Malformed)?;
        let key = self.keys.iter().find(|key| key.kid == header.kid).ok_or(VerifyError::UnknownKey)?;
        // RFC 8725 section 3.1: the key determines the algorithm, not the token ("none", or a public key as
        // HMAC).
        if key.alg.as_str() != header.alg {
            return Err(VerifyError::UnknownKey);
        }
        if !key.pair.verifies(message.as_bytes(), &signature) {
            return Err(VerifyError::BadSignature);
        }
        // RFC 8725 section 3.11: explicit types keep an ID token from being used as an access token.
        if header.typ != typ {
            return Err(VerifyError::WrongType);
        }
        Ok(claims)
    }
}

impl Key {
    fn open(record: &KeyRecord, sealer: &Sealer) -> Result<Self, KeyError> {
        let document =
            zeroize::Zeroizing::new(sealer.open(SEALED_AS, &record.kid, &record.sealed_private)?);
        let pair = Pair::from_pkcs8(record.alg, &document).filter(|pair| pair.thumbprint() == record.kid);
        let pair = pair.ok_or_else(|| KeyError::Damaged { kid: record.kid.clone() })?;
        Ok(Self { kid: record.kid.clone(), alg: record.alg, state: record.state, pair })
    }
}

#[cfg(test)]
mod tests;
