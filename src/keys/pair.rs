//! One signing key: generated, stored as PKCS#8, published as a JWK. The library's parsed form is kept,
//! because parsing an RSA key costs more than a signature.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::domain::client::SigningAlgorithm;

use super::KeyError;

/// A key pair with its algorithm.
pub(super) struct Pair {
    private: Private,
    public: ParsedPublicKey,
    jwk: Jwk,
}

enum Private {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

/// The members of a public JWK for its thumbprint, in the order of RFC 7638 section 3.3.
#[derive(Clone)]
struct Jwk(Vec<(&'static str, String)>);

impl Pair {
    /// Generates a key; the PKCS#8 document is for sealing.
    pub fn generate(alg: SigningAlgorithm) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let random = SystemRandom::new();
        Ok(Zeroizing::new(match alg {
            SigningAlgorithm::RS256 => RsaKeyPair::generate(KeySize::Rsa2048)?.as_der()?.as_ref().to_vec(),
            SigningAlgorithm::ES256 => {
                EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)?.as_ref().to_vec()
            }
            SigningAlgorithm::EdDSA => Ed25519KeyPair::generate_pkcs8(&random)?.as_ref().to_vec(),
        }))
    }

    /// Parses a PKCS#8 document.
    pub fn from_pkcs8(alg: SigningAlgorithm, document: &[u8]) -> Option<Self> {
        Some(match alg {
            SigningAlgorithm::RS256 => {
                let pair = RsaKeyPair::from_pkcs8(document).ok()?;
                let public = pair.public_key().as_ref().to_vec();
                let parsed = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &public).ok()?;
                Self { private: Private::Rsa(pair), public: parsed, jwk: rsa_jwk(&public)? }
            }
            SigningAlgorithm::ES256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document).ok()?;
                let public = pair.public_key().as_ref().to_vec();
                let parsed = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &public).ok()?;
                Self { private: Private::Ec(pair), public: parsed, jwk: ec_jwk(&public)? }
            }
            SigningAlgorithm::EdDSA => {
                let pair = Ed25519KeyPair::from_pkcs8(document).ok()?;
                let public = pair.public_key().as_ref().to_vec();
                let parsed = ParsedPublicKey::new(&ED25519, &public).ok()?;
                Self { private: Private::Ed(pair), public: parsed, jwk: ed_jwk(&public) }
            }
        })
    }

    /// The signature in JWS form (RFC 7518 sections 3.3 and 3.4, RFC 8037 section 3.1).
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let random = SystemRandom::new();
        Ok(match &self.private {
            Private::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)?;
                signature
            }
            Private::Ec(pair) => pair.sign(&random, message)?.as_ref().to_vec(),
            Private::Ed(pair) => pair.try_sign(message)?.as_ref().to_vec(),
        })
    }

    /// Whether the signature was made by this key.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.public.verify_sig(message, signature).is_ok()
    }

    /// RFC 7638: the digest of the required members, in order, without whitespace.
    pub fn thumbprint(&self) -> String {
        let members: Vec<String> =
            self.jwk.0.iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
        let text = format!("{{{}}}", members.join(","));
        URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
    }

    /// The public part as it is published (RFC 7517 section 4).
    pub fn public_jwk(&self, alg: SigningAlgorithm) -> serde_json::Value {
        let about = [("kid", self.thumbprint()), ("use", "sig".into()), ("alg", alg.as_str().into())];
        let members = self.jwk.0.iter().cloned().chain(about);
        members.map(|(name, value)| (name.to_owned(), value.into())).collect::<serde_json::Map<_, _>>().into()
    }
}

/// From PKCS#1: `SEQUENCE { modulus INTEGER, publicExponent INTEGER }` (RFC 8017 appendix A.1.1).
fn rsa_jwk(public: &[u8]) -> Option<Jwk> {
    let (sequence, _) = der(public, 0x30)?;
    let (modulus, rest) = der(sequence, 0x02)?;
    let (exponent, _) = der(rest, 0x02)?;
    // RFC 7518 section 6.3.1: no leading zero, which DER adds if the first bit is set.
    let number = |bytes: &[u8]| {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        URL_SAFE_NO_PAD.encode(&bytes[zeros..])
    };
    Some(Jwk(vec![("e", number(exponent)), ("kty", "RSA".into()), ("n", number(modulus))]))
}

/// From an uncompressed point (SEC 1 section 2.3.3): 4, x, y.
fn ec_jwk(public: &[u8]) -> Option<Jwk> {
    let (4, point) = public.split_first().map(|(first, rest)| (*first, rest))? else { return None };
    let (x, y) = point.split_at_checked(32)?;
    let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    Some(Jwk(vec![("crv", "P-256".into()), ("kty", "EC".into()), ("x", number(x)), ("y", number(y))]))
}

fn ed_jwk(public: &[u8]) -> Jwk {
    Jwk(vec![("crv", "Ed25519".into()), ("kty", "OKP".into()), ("x", URL_SAFE_NO_PAD.encode(public))])
}

/// One DER element with this tag, and the bytes after it.
fn der(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[found, first], rest) = bytes.split_first_chunk::<2>()?;
    if found != tag {
        return None;
    }
    let (length, rest) = match first {
        0..=127 => (usize::from(first), rest),
        129 => (usize::from(*rest.first()?), rest.get(1..)?),
        130 => (usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?])), rest.get(2..)?),
        _ => return None,
    };
    rest.split_at_checked(length)
}
