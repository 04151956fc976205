//! RFC 6238: secrets, codes, and the `otpauth` URI by which a phone takes a secret over.
//!
//! The arithmetic is `totp-rs`'s. What is decided here: how much skew is forgiven, what a typed code may look like, and
//! which secrets and parameters are taken from elsewhere.

use std::fmt;

use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use totp_rs::{Algorithm, Builder, Secret, Totp};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::TotpParameters;
use crate::domain::settings::TotpAlgorithm;
use crate::domain::{Millis, SECOND};

/// RFC 4226 section 4, R6: "The length of the shared secret MUST be at least 128 bits. This document RECOMMENDs a shared
/// secret length of 160 bits."
const NEW: usize = 20;
/// Many systems, and the first authenticator apps, made secrets of 80 bits. People who have one move in with it: 2^80
/// tries of a code that is seen now and then are out of reach too.
const SHORTEST: usize = 10;
/// Twice what the widest hash takes in without hashing it first.
const LONGEST: usize = 256;
/// RFC 6238 section 5.2: "We RECOMMEND that at most one time step is allowed as the network delay." One step behind for
/// the slow reader, one ahead for the phone that runs fast.
const SKEW: u16 = 1;

/// The shared secret of an authenticator. It prints as `[redacted]`, is wiped when dropped, and is serialised only into
/// what is sealed: as base32, as people see it.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TotpSecret(Vec<u8>);

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Why a text is no secret that we take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Not base32.
    #[error("the secret is not base32 (the letters A to Z and the digits 2 to 7)")]
    NotBase32,
    /// Too short to be safe, or longer than any.
    #[error("the secret has {bits} bits; 80 to 2048 are accepted")]
    Length {
        /// Its length.
        bits: usize,
    },
    /// Not a URI of a time-based authenticator.
    #[error("not an otpauth URI of a time-based authenticator: {0}")]
    Uri(String),
    /// Parameters that no authenticator has, or none that is worth having.
    #[error("{0}")]
    Parameters(&'static str),
}

impl TotpSecret {
    /// A new secret of 160 bits.
    #[must_use]
    pub fn new(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0; NEW]);
        rng.fill_bytes(bytes.as_mut());
        Self(bytes.to_vec())
    }

    /// The secret with these bytes.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, SecretError> {
        let secret = Self(bytes);
        match secret.0.len() {
            SHORTEST..=LONGEST => Ok(secret),
            length => Err(SecretError::Length { bits: length * 8 }),
        }
    }

    /// Reads base32 as people copy it: in groups, in small letters, with or without padding (RFC 4648 section 6).
    pub fn from_base32(typed: &str) -> Result<Self, SecretError> {
        let upper = typed.to_ascii_uppercase();
        let letters: String =
            upper.trim_end_matches('=').chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let letters = Zeroizing::new(letters);
        let secret = Secret::try_from_base32(letters.as_str()).map_err(|_| SecretError::NotBase32)?;
        Self::from_bytes(secret.as_bytes().to_vec())
    }

    /// The bytes, for what seals them.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Base32 without padding, as authenticator apps take it by hand.
    #[must_use]
    pub fn to_base32(&self) -> String {
        Secret::from(self.0.as_slice()).to_base32()
    }
}

impl TryFrom<String> for TotpSecret {
    type Error = SecretError;

    fn try_from(base32: String) -> Result<Self, SecretError> {
        Self::from_base32(&Zeroizing::new(base32))
    }
}

impl From<TotpSecret> for String {
    fn from(secret: TotpSecret) -> Self {
        secret.to_base32()
    }
}

/// True for what may be a code of an authenticator; what is not one may be a recovery code.
#[must_use]
pub fn is_totp(typed: &str) -> bool {
    let code = digits_of(typed);
    (6..=8).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit())
}

/// The step of the code, if it is right now: that of `now`, or one next to it. Codes are compared in constant time, and
/// spaces in them, as apps show them, are ignored.
///
/// A right code may have been used before: whoever accepts it writes the step down, in one statement that looks whether
/// an equal or later one is there already.
#[must_use]
pub fn matching_step(secret: &[u8], parameters: &TotpParameters, typed: &str, now: Millis) -> Option<i64> {
    let seconds = u64::try_from(now / SECOND).ok()?;
    let step = machine(secret, parameters)?.check(&digits_of(typed), seconds)?;
    i64::try_from(step).ok()
}

/// The code that an authenticator shows at this time; `None` before 1970 and for parameters that make no sense.
#[must_use]
pub fn code_at(secret: &[u8], parameters: &TotpParameters, now: Millis) -> Option<String> {
    let seconds = u64::try_from(now / SECOND).ok()?;
    Some(machine(secret, parameters)?.generate(seconds).to_string())
}

/// The URI that a phone reads out of the QR code. The issuer and the name tell its owner which entry of the app it is.
#[must_use]
pub fn otpauth_uri(
    secret: &TotpSecret,
    parameters: &TotpParameters,
    issuer: &str,
    name: &str,
) -> Option<String> {
    let issuer = label(issuer, "CloudSync");
    let builder = builder(secret.bytes(), parameters)?;
    builder
        .with_issuer(Some(issuer))
        .with_account_name(label(name, "account"))
        .build_noncompliant()
        .to_url()
        .ok()
}

/// Reads the `otpauth` URI of another system.
pub fn parse_otpauth_uri(uri: &str) -> Result<(TotpSecret, TotpParameters), SecretError> {
    // Unchecked means that shorter secrets pass: the length is judged by our rule.
    let totp = Totp::from_url_unchecked(&*with_plain_secret(uri))
        .map_err(|error| SecretError::Uri(without_secret(&error)))?;
    let parameters = TotpParameters {
        algorithm: match totp.algorithm() {
            Algorithm::SHA1 => TotpAlgorithm::Sha1,
            Algorithm::SHA256 => TotpAlgorithm::Sha256,
            Algorithm::SHA512 => TotpAlgorithm::Sha512,
            _ => return Err(SecretError::Parameters("the algorithm is none of SHA1, SHA256, SHA512")),
        },
        digits: totp.digits(),
        period: u32::try_from(totp.step()).unwrap_or(u32::MAX),
    };
    if !(6..=8).contains(&parameters.digits) {
        return Err(SecretError::Parameters("codes must have 6 to 8 digits"));
    }
    if !(15..=120).contains(&parameters.period) {
        return Err(SecretError::Parameters("a code must be shown for 15 to 120 seconds"));
    }
    Ok((TotpSecret::from_bytes(totp.secret().as_bytes().to_vec())?, parameters))
}

/// The URI with its secret as the library wants it: in capitals, without padding (RFC 4648 section 6 knows no small letters, and
/// other systems write them).
fn with_plain_secret(uri: &str) -> Zeroizing<String> {
    let Some((head, query)) = uri.split_once('?') else { return Zeroizing::new(uri.to_owned()) };
    let mut plain = Zeroizing::new(format!("{head}?"));
    for (at, pair) in query.split('&').enumerate() {
        plain.push_str(if at == 0 { "" } else { "&" });
        match pair.split_once('=') {
            Some((name, secret)) if name.eq_ignore_ascii_case("secret") => {
                let secret = Zeroizing::new(secret.to_ascii_uppercase().replace("%3D", "="));
                plain.push_str("secret=");
                plain.push_str(secret.trim_end_matches('='));
            }
            _ => plain.push_str(pair),
        }
    }
    plain
}

/// No error of the library names the secret, but a URL that is read wrongly may have it in any of its parts.
fn without_secret(error: &totp_rs::TotpError) -> String {
    use totp_rs::TotpError as E;
    match error {
        E::SecretNotSet | E::InvalidSecret => "it has no secret in base32",
        E::InvalidHost { .. } | E::InvalidScheme { .. } => "it does not begin with otpauth://totp/",
        E::InvalidAlgorithm { .. } => "the algorithm is none of SHA1, SHA256, SHA512",
        E::DigitsParse { .. } | E::StepParse { .. } => "digits and period must be numbers",
        E::IssuerMismatch { .. } => "it names two different issuers",
        _ => "it can't be read",
    }
    .to_owned()
}

/// A colon separates the two halves of the label, so neither may have one.
fn label(text: &str, otherwise: &str) -> String {
    let clean: String = text.chars().filter(|c| *c != ':' && !c.is_control()).collect();
    if clean.trim().is_empty() { otherwise.to_owned() } else { clean.trim().to_owned() }
}

fn digits_of(typed: &str) -> Zeroizing<String> {
    Zeroizing::new(typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect())
}

fn machine(secret: &[u8], parameters: &TotpParameters) -> Option<Totp> {
    builder(secret, parameters).map(Builder::build_noncompliant)
}

/// "Non-compliant" lets secrets of 80 bits pass. What else the library would check is checked here.
fn builder(secret: &[u8], parameters: &TotpParameters) -> Option<Builder> {
    let sound = (6..=8).contains(&parameters.digits) && parameters.period > 0 && secret.len() >= SHORTEST;
    let algorithm = match parameters.algorithm {
        TotpAlgorithm::Sha1 => Algorithm::SHA1,
        TotpAlgorithm::Sha256 => Algorithm::SHA256,
        TotpAlgorithm::Sha512 => Algorithm::SHA512,
    };
    sound.then(|| {
        Builder::new()
            .with_algorithm(algorithm)
            .with_digits(parameters.digits)
            .with_step_duration(u64::from(parameters.period))
            .with_skew(SKEW)
            .with_secret(secret)
    })
}
