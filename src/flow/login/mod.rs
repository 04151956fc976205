//! A login, step by step: authorize, sign in, prove the second factor, issue.

pub mod advance;
pub mod authorize;
pub mod expired_password;
pub mod issue;
pub mod mint;
pub mod new_settings;
pub(super) mod parked;
pub mod pending;
pub mod second_factor;
pub mod sign_in;
pub mod standing;
