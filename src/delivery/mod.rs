//! The client of targets: HTTP, SCIM 2.0 over it (RFC 7643, RFC 7644), and access tokens for client credentials.

pub mod http;
pub mod oauth;
pub mod probe;
pub mod scim;
