//! Second factors: what is stored about an authenticator, and how its codes are checked.
//!
//! Contains the kinds of factor, RFC 6238 and the format of authenticator secrets. It has no state: the store
//! ensures that a code is accepted only once (a conditional update of [`Factor::last_step`]), and a secret is
//! in memory only while it is used.

mod totp;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Millis;
use super::account::{Account, AccountId};
use super::place::Place;
use super::secret::{Hashed, Sealed};

pub use totp::{SecretError, TotpSecret, code_at, is_totp, matching_step, otpauth_uri, parse_otpauth_uri};

/// Hash, digits and period of an authenticator (RFC 6238 section 1.2). Stored with each factor: changed
/// settings do not affect authenticators that are already on people's phones.
pub type TotpParameters = super::settings::Totp;

/// The longest name of a factor.
pub const LONGEST_NAME: usize = 60;

/// The id of a factor. Its secret is sealed for this id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FactorId(pub String);

impl fmt::Display for FactorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The kind of a factor. Passkeys will be another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FactorKind {
    /// Time-based codes of an authenticator app or token.
    Totp(TotpParameters),
}

/// A factor as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factor {
    pub id: FactorId,
    pub account: AccountId,
    pub kind: FactorKind,
    /// The name that its owner gave it.
    pub name: String,
    /// Sealed for the factor's id.
    pub secret: Sealed,
    /// The time step of the last accepted code: neither this step nor an older one is accepted again.
    pub last_step: Option<i64>,
    pub created_at: Millis,
    pub used_at: Option<Millis>,
}

/// An authenticator that is being set up. Nothing is stored yet: the sealed value travels with the form until
/// a code proves that the phone has the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolling {
    /// The new secret; also shown as text, for people who can't scan.
    pub secret: TotpSecret,
    pub parameters: TotpParameters,
}

impl Enrolling {
    /// The content of the QR code. The names tell the phone's owner which entry of the app it is.
    #[must_use]
    pub fn uri(&self, issuer_name: &str, login_name: &str) -> String {
        // The parameters come from validated settings, so that the URI can always be built.
        otpauth_uri(&self.secret, &self.parameters, issuer_name, login_name).unwrap_or_default()
    }
}

/// A browser that may skip the second factor for a while. It proves nothing else, and never `mfa`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// Digest of the id in the cookie.
    pub id_hash: Hashed,
    pub account: AccountId,
    /// The generation of the policy that allowed it: invalid under any other.
    pub policy_generation: i64,
    /// The generation of the account at that time: a suspension or a reset invalidates it.
    pub account_generation: i64,
    /// When the password that was proven with the factor had been set, by the directory's clock, else when it
    /// was checked: a newer password invalidates it.
    pub password_as_of: Millis,
    pub created_at: Millis,
    pub expires_at: Millis,
    /// Shown to the owner, to recognise the browser.
    pub place: Place,
}

impl Remembered {
    /// True if it can replace the second factor of this account under this policy now.
    #[must_use]
    pub fn is_good(&self, account: &Account, policy_generation: i64, now: Millis) -> bool {
        let newest = account.password_changed_at;
        self.account == account.id
            && self.account_generation == account.generation
            && newest.is_none_or(|newest| newest <= self.password_as_of)
            && self.policy_generation == policy_generation
            && now < self.expires_at
    }
}

/// A factor's name from typed text; `None` if it is blank, too long or not printable.
#[must_use]
pub fn factor_name(typed: &str) -> Option<String> {
    let name = typed.trim();
    let usable =
        !name.is_empty() && name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control);
    usable.then(|| name.to_owned())
}

#[cfg(test)]
mod tests;
