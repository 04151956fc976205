//! What is kept of a completed sign-in: who, by which methods, when, and under which generations of account and policy.

use serde::{Deserialize, Serialize};

use super::Millis;
use super::account::AccountId;

/// One authentication method, by its name in `amr` (RFC 8176 section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The directory password.
    Pwd,
    /// A one-time code.
    Otp,
}

impl Method {
    /// The value in `amr`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pwd => "pwd",
            Self::Otp => "otp",
        }
    }

    /// Reads the value in `amr`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Pwd, Self::Otp].into_iter().find(|method| method.as_str() == word)
    }
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
    /// When the password was checked (claim `auth_time`).
    pub auth_time: Millis,
    /// The account's generation at that time.
    pub account_generation: i64,
}
