//! A login, step by step.
//!
//! - [`authorize`]: answer an authorization request from the session, or start a login
//! - [`pending`]: the login in progress, sealed and carried by the browser
//! - [`sign_in`]: check the user name and password in the directory
//! - [`second_factor`]: check codes and set up an authenticator
//! - [`expired_password`]: change an expired password during the login
//! - [`standing`]: which second factor the account has and policy demands
//! - [`changed_settings`], `stale_proof`: judge the person again after a change of settings or a long wait
//! - [`advance`]: decide what comes next
//! - [`issue`]: create the session and the code
//! - [`mint`]: create tokens

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
