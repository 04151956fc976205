//! A login, step by step.
//!
//! - [`authorize`]: answer an authorization request from the session, or start a login
//! - [`pending`]: the login in progress, sealed and carried by the browser
//! - [`sign_in`]: check the user name and password in the directory
//! - [`second_factor`]: check codes and set up an authenticator
//! - [`expired_password`]: change an expired password during the login
//! - [`standing`]: which second factor the account has and policy demands
//! - [`advance`]: decide what comes next
//! - `judge_again`, `session`: judge the owner again: of a login that waited, of the browser's session
//! - `finish`, [`issue`]: end the login, create the session and the code
//! - [`mint`]: create tokens
//! - [`step`], [`page`], [`refusal`], [`outcome`]: one request of a login, and what it leads to

pub mod advance;
pub mod authorize;
pub mod expired_password;
mod finish;
pub mod issue;
mod judge_again;
pub mod mint;
pub mod outcome;
pub mod page;
pub mod pending;
pub mod refusal;
pub mod second_factor;
mod session;
pub mod sign_in;
pub mod standing;
pub mod step;
