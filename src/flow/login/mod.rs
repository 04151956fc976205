//! A login, step by step: authorize, sign in, prove the second factor, issue.

pub mod advance;
pub mod authorize;
pub mod changed_settings;
pub mod expired_password;
pub mod issue;
pub mod mint;
pub mod pending;
pub mod second_factor;
pub mod sign_in;
pub(super) mod stale_proof;
pub mod standing;
