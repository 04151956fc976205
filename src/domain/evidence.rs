//! Evidence of a completed sign-in: the account, methods, time, and generations of account and policy.

use serde::{Deserialize, Serialize};

use super::Millis;
use super::account::AccountId;

/// One sign-in method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    Pwd,
    /// A one-time code of an authenticator.
    Otp,
    /// A recovery code, or a help-desk code.
    Recovery,
    /// No code was requested, because the browser was remembered. It is not a factor.
    Remembered,
}

impl Method {
    const ALL: [Self; 4] = [Self::Pwd, Self::Otp, Self::Recovery, Self::Remembered];

    /// The value in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pwd => "pwd",
            Self::Otp => "otp",
            Self::Recovery => "recovery",
            Self::Remembered => "remembered",
        }
    }

    /// Parses the stored value.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == word)
    }

    /// True for methods that prove possession, in addition to the password.
    #[must_use]
    pub fn is_second_factor(self) -> bool {
        matches!(self, Self::Otp | Self::Recovery)
    }
}

/// How strongly the person was authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Sfa,
    /// A password and a second factor.
    Mfa,
}

/// The generations under which evidence was created. Every transaction that issues something compares both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generations {
    /// [`super::account::Account::generation`].
    pub account: i64,
    /// Of the settings document, which contains the policy.
    pub settings: i64,
}

/// What a session and a refresh family store about their sign-in. It proves nothing by itself: each entry
/// point in [`super::login`] checks it against the current account and policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    pub account: AccountId,
    /// In order, without duplicates.
    pub methods: Vec<Method>,
    /// When the password was checked (claim `auth_time`). No other factor renews it.
    pub auth_time: Millis,
    pub account_generation: i64,
    /// A browser is remembered under one policy only.
    pub policy_generation: i64,
    /// When the checked password had been set, by the directory's clock; `None` if unknown.
    pub password_set_at: Option<Millis>,
}

impl Evidence {
    /// The level of these methods.
    #[must_use]
    pub fn level(&self) -> Level {
        let second = self.methods.iter().any(|method| method.is_second_factor());
        if second && self.methods.contains(&Method::Pwd) { Level::Mfa } else { Level::Sfa }
    }

    /// Claim `amr` (RFC 8176 section 2): `mfa` in addition to the methods themselves.
    #[must_use]
    pub fn amr(&self) -> Vec<&'static str> {
        let mut words = Vec::with_capacity(3);
        if self.methods.contains(&Method::Pwd) {
            words.push("pwd");
        }
        if self.methods.iter().any(|method| method.is_second_factor()) {
            words.push("otp");
        }
        if self.level() == Level::Mfa {
            words.push("mfa");
        }
        words
    }

    /// True if the password has been changed since it was checked: a person who knew only the old one is
    /// signed out.
    #[must_use]
    pub fn is_outdated_by(&self, newest: Option<Millis>) -> bool {
        is_outdated(self.password_set_at, self.auth_time, newest)
    }
}

/// True if a password that was set at `set_at` and checked at `checked_at` is older than the newest one.
/// Times of password changes are by the directory's clock; our own time of the check replaces a missing
/// `set_at`.
#[must_use]
pub fn is_outdated(set_at: Option<Millis>, checked_at: Millis, newest: Option<Millis>) -> bool {
    newest.is_some_and(|newest| newest > set_at.unwrap_or(checked_at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(methods: &[Method]) -> Evidence {
        Evidence {
            account: AccountId("a1".into()),
            methods: methods.to_vec(),
            auth_time: 1_000,
            account_generation: 1,
            policy_generation: 1,
            password_set_at: Some(500),
        }
    }

    #[test]
    fn mfa_needs_a_password_and_a_factor_proven_now() {
        use Method::{Otp, Pwd, Recovery, Remembered};
        #[rustfmt::skip]
        let table: [(&[Method], Level, &[&str]); 6] = [
            (&[Pwd], Level::Sfa, &["pwd"]),
            (&[Pwd, Otp], Level::Mfa, &["pwd", "otp", "mfa"]),
            (&[Pwd, Recovery], Level::Mfa, &["pwd", "otp", "mfa"]),
            (&[Pwd, Otp, Recovery], Level::Mfa, &["pwd", "otp", "mfa"]),
            (&[Pwd, Remembered], Level::Sfa, &["pwd"]),
            (&[Otp], Level::Sfa, &["otp"]),
        ];
        for (methods, level, amr) in table {
            let evidence = evidence(methods);
            assert_eq!((evidence.level(), evidence.amr().as_slice()), (level, amr), "{methods:?}");
        }
    }

    #[test]
    fn a_newer_password_outdates_older_evidence() {
        let known = evidence(&[Method::Pwd]);
        let unknown = Evidence { password_set_at: None, ..known.clone() };
        for (set_at, known_ends, unknown_ends) in [
            (None, false, false),
            (Some(499), false, false),
            (Some(500), false, false),
            (Some(501), true, false),
            (Some(1_000), true, false),
            (Some(1_001), true, true),
        ] {
            assert_eq!(known.is_outdated_by(set_at), known_ends, "{set_at:?}");
            assert_eq!(unknown.is_outdated_by(set_at), unknown_ends, "{set_at:?}");
        }
    }

    #[test]
    fn stored_methods_are_parsed_back() {
        for method in Method::ALL {
            assert_eq!(Method::parse(method.as_str()), Some(method));
        }
    }
}
