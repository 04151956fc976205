//! RFC 6238: secrets, codes, and the `otpauth` URI that transfers a secret to a phone.
//!
//! The crate `totp-rs` does the arithmetic. Decided here: the accepted clock skew, the format of a typed
//! code, and which secrets and parameters of other systems are accepted.

use std::fmt;

use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use totp_rs::{Algorithm, Builder, Secret, Totp};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::TotpParameters;
use crate::domain::settings::TotpAlgorithm;
use crate::domain::{Millis, SECOND};

/// RFC 4226 section 4, R6: "The length of the shared secret MUST be at least 128 bits. This document
/// RECOMMENDs a shared secret length of 160 bits."
const NEW: usize = 20;
/// Many systems, and the first authenticator apps, used secrets of 80 bits. They are accepted, so that people
/// can keep them: 2^80 attempts against a code that is seen occasionally are infeasible too.
const SHORTEST: usize = 10;
/// Twice the block size of the widest hash.
const LONGEST: usize = 256;
/// RFC 6238 section 5.2: "We RECOMMEND that at most one time step is allowed as the network delay." One step
/// back for slow typing, one ahead for a fast clock.
const SKEW: u16 = 1;

/// The shared secret of an authenticator. It prints as `[redacted]`, is wiped on drop, and is serialised only
/// into sealed values: as base32, the form people see.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TotpSecret(Vec<u8>);

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Why a secret is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    #[error("the secret is not base32 (the letters A to Z and the digits 2 to 7)")]
    NotBase32,
    /// Too short to be safe, or longer than any real one.
    #[error("the secret has {bits} bits; 80 to 2048 are accepted")]
    Length { bits: usize },
    /// Not a URI of a time-based authenticator.
    #[error("not an otpauth URI of a time-based authenticator: {0}")]
    Uri(String),
    /// Parameters that no authenticator uses, or that are unsafe.
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

    /// Parses base32 as people type it: in groups, in lower case, with or without padding (RFC 4648 section
    /// 6).
    pub fn from_base32(typed: &str) -> Result<Self, SecretError> {
        let upper = typed.to_ascii_uppercase();
        let letters: String =
            upper.trim_end_matches('=').chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let letters = Zeroizing::new(letters);
        let secret = Secret::try_from_base32(letters.as_str()).map_err(|_| SecretError::NotBase32)?;
        Self::from_bytes(secret.as_bytes().to_vec())
    }

    /// The bytes, for sealing.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Base32 without padding, for typing into an authenticator app.
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

/// True if the text may be an authenticator code; otherwise it may be a recovery code.
#[must_use]
pub fn is_totp(typed: &str) -> bool {
    let code = digits_of(typed);
    (6..=8).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit())
}

/// The time step of the code, if the code is valid now: the current step or an adjacent one. Codes are
/// compared in constant time; spaces, which apps display, are ignored.
///
/// A valid code may have been used before: the caller that accepts it must store the step in one statement
/// that checks for an equal or later step.
#[must_use]
pub fn matching_step(secret: &[u8], parameters: &TotpParameters, typed: &str, now: Millis) -> Option<i64> {
    let seconds = u64::try_from(now / SECOND).ok()?;
    let step = machine(secret, parameters)?.check(&digits_of(typed), seconds)?;
    i64::try_from(step).ok()
}

/// The code that an authenticator shows at this time; `None` before 1970 and for invalid parameters.
#[must_use]
pub fn code_at(secret: &[u8], parameters: &TotpParameters, now: Millis) -> Option<String> {
    let seconds = u64::try_from(now / SECOND).ok()?;
    Some(machine(secret, parameters)?.generate(seconds).to_string())
}

/// The URI in the QR code. The issuer and the name tell the phone's owner which entry of the app it is.
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

/// Parses the `otpauth` URI of another system.
pub fn parse_otpauth_uri(uri: &str) -> Result<(TotpSecret, TotpParameters), SecretError> {
    // "Unchecked" lets shorter secrets pass: our own rule checks the length.
    let totp = Totp::from_url_unchecked(&*with_plain_secret(uri))
        .map_err(|error| SecretError::Uri(without_secret(&error)))?;
    let parameters = TotpParameters {
        algorithm: match totp.algorithm() {
            Algorithm::SHA1 => TotpAlgorithm::Sha1,
            Algorithm::SHA256 => TotpAlgorithm::Sha256,
            Algorithm::SHA512 => TotpAlgorithm::Sha512,
            _ => return Err(SecretError::Parameters("the algorithm is not SHA1, SHA256 or SHA512")),
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

/// The URI with its secret as the library requires it: in upper case, without padding (RFC 4648 section 6 has
/// no lower-case letters, but other systems write them).
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

/// No error of the library contains the secret, but a URL that is parsed wrongly may have it in any part.
fn without_secret(error: &totp_rs::TotpError) -> String {
    use totp_rs::TotpError as E;
    match error {
        E::SecretNotSet | E::InvalidSecret => "it has no secret in base32",
        E::InvalidHost { .. } | E::InvalidScheme { .. } => "it does not begin with otpauth://totp/",
        E::InvalidAlgorithm { .. } => "the algorithm is not SHA1, SHA256 or SHA512",
        E::DigitsParse { .. } | E::StepParse { .. } => "digits and period must be numbers",
        E::IssuerMismatch { .. } => "it contains two different issuers",
        _ => "it can't be read",
    }
    .to_owned()
}

/// A colon separates the two halves of the label, so neither may contain one.
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

/// "Non-compliant" lets secrets of 80 bits pass. The library's other checks are made here.
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
