//! The client of targets: HTTP, and SCIM 2.0 over it (RFC 7643, RFC 7644).

pub mod http;
pub mod scim;
