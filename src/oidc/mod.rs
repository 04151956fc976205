//! The protocol: turns requests into checked requests or an [`error::OAuthError`]. No I/O, clock or web
//! framework.
//!
//! Each module handles one message of OpenID Connect; `docs/protocol.md` lists the implemented sections.
//! Nothing here looks up a session, a code or a key: the caller passes what it found.

pub mod acr;
pub mod authorize;
pub mod bearer;
pub mod claim_set;
pub mod claims;
pub mod claims_request;
pub mod client_auth;
pub mod discovery;
pub mod error;
pub mod hint;
pub mod introspection;
pub mod logout;
pub mod logout_token;
pub mod params;
pub mod pkce;
pub mod presented_token;
pub mod redirect_uri;
pub mod reply;
mod request_object;
pub mod scope;
pub mod token;
