//! What people can do for themselves.
//!
//! - [`change_password`]: change a directory password with the old one
//! - [`lock_down`]: lock down a person; [`lock_down_view`]: what of it is confirmed
//! - [`own_password`]: the same on the account page, with the sessions that it ends
//! - [`factors`]: second factors: check codes, set up, reset, import
//! - [`owner`]: the owner of a session, with what the person may do
//! - [`security`]: the account page: authenticators, recovery codes, sessions, remembered browsers
//! - [`sessions`]: list and end sessions, for the help desk
//! - [`sign_out`]: end the browser's session and its tokens
//! - [`suspension`]: suspend an account here
//! - [`views`]: what commands and the panel show of accounts, factors and sessions

pub(crate) mod change_password;
pub mod factors;
pub mod lock_down;
pub mod lock_down_view;
pub(crate) mod own_password;
pub(crate) mod owner;
pub(crate) mod security;
pub mod sessions;
pub(crate) mod sign_out;
pub mod suspension;
pub mod views;
