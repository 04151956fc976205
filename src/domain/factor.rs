//! Second factors: what is kept of an authenticator, and what its codes are worth.
//!
//! Owns the kinds of factor, RFC 6238 and the form of authenticator secrets. It keeps no state: that a code is accepted
//! once is the store's promise ([`Factor::last_step`] by a conditional update), and a secret is here only while it is used.

mod totp;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Millis;
use super::account::{Account, AccountId};
use super::place::Place;
use super::secret::{Hashed, Sealed};

pub use totp::{SecretError, TotpSecret, code_at, is_totp, matching_step, otpauth_uri, parse_otpauth_uri};

/// Hash, digits and period of an authenticator (RFC 6238 section 1.2). They are kept with each factor: what the settings
/// say for new ones changes nothing about those that are on people's phones.
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

/// What kind of factor it is. Passkeys will be another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FactorKind {
    /// Time-based codes of an authenticator app or token.
    Totp(TotpParameters),
}

/// A factor as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factor {
    /// Its id.
    pub id: FactorId,
    /// Whose.
    pub account: AccountId,
    /// Its kind, with what belongs to the kind.
    pub kind: FactorKind,
    /// What its owner calls it.
    pub name: String,
    /// Its secret, sealed for its id.
    pub secret: Sealed,
    /// The step of the last code that was accepted: neither that one nor an older one is accepted again.
    pub last_step: Option<i64>,
    /// When it was set up.
    pub created_at: Millis,
    /// When a code was last accepted.
    pub used_at: Option<Millis>,
}

/// An authenticator that is being set up. Nothing of it is stored: it travels sealed, until a code proves that the phone
/// has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolling {
    /// The new secret; shown to its owner as text too, for who can't scan.
    pub secret: TotpSecret,
    /// What its codes are like.
    pub parameters: TotpParameters,
}

impl Enrolling {
    /// What the QR code says. The names tell the phone's owner which entry of the app it is.
    #[must_use]
    pub fn uri(&self, issuer_name: &str, login_name: &str) -> String {
        // The parameters are those of settings that were checked, so there is one.
        otpauth_uri(&self.secret, &self.parameters, issuer_name, login_name).unwrap_or_default()
    }
}

/// A browser that need not prove the second factor for a while. It proves nothing else, and never `mfa`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// Digest of the id in its cookie.
    pub id_hash: Hashed,
    /// Whose second factor it stands for.
    pub account: AccountId,
    /// The generation of the policy that allowed it: under another one it is worth nothing.
    pub policy_generation: i64,
    /// The generation of the account at that time: a suspension or a reset ends it.
    pub account_generation: i64,
    /// When the password that was proven with the factor had been set, by the directory's clock, or else when it was
    /// checked: a newer one ends it.
    pub password_as_of: Millis,
    /// Since when.
    pub created_at: Millis,
    /// Until when.
    pub expires_at: Millis,
    /// Where it was then, for its owner to recognise it.
    pub place: Place,
}

impl Remembered {
    /// True while it stands for the second factor of this account, as it is now, under this policy.
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

/// A name for a factor as a person typed it; `None` for one that is blank, too long or not printable.
#[must_use]
pub fn factor_name(typed: &str) -> Option<String> {
    let name = typed.trim();
    let usable =
        !name.is_empty() && name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control);
    usable.then(|| name.to_owned())
}

#[cfg(test)]
mod tests;
