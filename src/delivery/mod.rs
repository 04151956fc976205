//! The client of targets: SCIM 2.0 (RFC 7643, RFC 7644).

pub mod scim;
