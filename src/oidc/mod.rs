//! The protocol: requests in, checked requests or an [`error::OAuthError`] out. Pure: no I/O, no clock, no web framework.
//!
//! Each module owns one message of OpenID Connect; `docs/protocol.md` lists the sections that are implemented. Nothing
//! here looks up a session, a code or a key: callers bring what they found, and are told what the protocol makes of it.

pub mod authorize;
pub mod bearer;
pub mod claim_set;
pub mod claims;
pub mod claims_request;
pub mod client_auth;
pub mod discovery;
pub mod error;
pub mod hint;
pub mod logout;
pub mod params;
pub mod pkce;
pub mod redirect_uri;
pub mod reply;
mod request_object;
pub mod scope;
pub mod token;
