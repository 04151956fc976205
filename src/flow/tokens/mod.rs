//! What clients request with codes and tokens.
//!
//! - [`exchange`]: a code for tokens
//! - [`refresh`]: a refresh token for new tokens
//! - [`request`]: the request of an authenticated client
//! - [`error`]: why there are no tokens
//! - [`old_secret`]: record that a client still sends its old secret
//! - [`client`]: a token for a client itself
//! - [`access`]: what an access token stands for
//! - [`userinfo`]: an access token for the person's claims
//! - `presented`: what a token is that a client presents
//! - [`revocation`]: a client ends a token
//! - [`introspection`]: a client asks whether a token is valid
//! - [`backchannel`]: clients are told that a session has ended

pub(in crate::flow) mod access;
pub mod backchannel;
pub mod client;
pub mod error;
pub mod exchange;
pub mod introspection;
pub mod old_secret;
mod presented;
pub mod refresh;
pub mod request;
pub mod revocation;
pub mod userinfo;
