//! What is kept of a completed sign-in: who, by which methods, when, and under which generations of account and policy.

use serde::{Deserialize, Serialize};

use super::Millis;
use super::account::AccountId;

/// One thing that was done to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The directory password.
    Pwd,
    /// A one-time code of an authenticator.
    Otp,
    /// A recovery code, or the help desk's.
    Recovery,
    /// No code was asked for, because the browser was remembered. It is no factor.
    Remembered,
}

impl Method {
    const ALL: [Self; 4] = [Self::Pwd, Self::Otp, Self::Recovery, Self::Remembered];

    /// The word that the store keeps.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pwd => "pwd",
            Self::Otp => "otp",
            Self::Recovery => "recovery",
            Self::Remembered => "remembered",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == word)
    }

    /// True for what proves that the person has something, beside the password that they know.
    #[must_use]
    pub fn is_second_factor(self) -> bool {
        matches!(self, Self::Otp | Self::Recovery)
    }
}

/// How sure a sign-in is of the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// One factor.
    Sfa,
    /// A password, and something that the person has.
    Mfa,
}

/// The generations that evidence was made under. Each is compared in every issuing transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generations {
    /// [`super::account::Account::generation`].
    pub account: i64,
    /// Of the settings document, which holds the policy.
    pub settings: i64,
}

/// What a session and a refresh family remember of the sign-in that made them. It proves nothing by itself: each door
/// in [`super::login`] checks it against today's account and policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Whose.
    pub account: AccountId,
    /// What was done, in order, without repeats.
    pub methods: Vec<Method>,
    /// When the password was checked (claim `auth_time`). No other factor renews it.
    pub auth_time: Millis,
    /// The account's generation at that time.
    pub account_generation: i64,
    /// The policy's generation at that time: a browser is remembered under one policy only.
    pub policy_generation: i64,
    /// When the password that was checked had been set, by the directory's clock; `None` where it does not say.
    pub password_set_at: Option<Millis>,
}

impl Evidence {
    /// How sure it is.
    #[must_use]
    pub fn level(&self) -> Level {
        let second = self.methods.iter().any(|method| method.is_second_factor());
        if second && self.methods.contains(&Method::Pwd) { Level::Mfa } else { Level::Sfa }
    }

    /// Claim `amr` (RFC 8176 section 2): `mfa` stands beside the methods that it is made of.
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

    /// True when the directory has had a newer password than the one that was checked: whoever knew the old one is not
    /// signed in any more.
    #[must_use]
    pub fn is_outdated_by(&self, newest: Option<Millis>) -> bool {
        is_outdated(self.password_set_at, self.auth_time, newest)
    }
}

/// True when a password that had been set at `set_at`, and was checked at `checked_at`, is older than the newest. When
/// passwords were set is told by the directory's clock; ours stands in where the directory did not say.
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
    fn two_factors_are_a_password_and_something_else_that_was_proven_now() {
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
    fn a_newer_password_ends_what_the_older_one_opened() {
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
    fn stored_words_come_back() {
        for method in Method::ALL {
            assert_eq!(Method::parse(method.as_str()), Some(method));
        }
    }
}
