//! `cloudsync-idp`: an OpenID Connect provider for people who live in Active Directory.
//!
//! The rooms, and which way things flow, are described in `docs/architecture.md`;
//! `tests/architecture.rs` holds the code to it.

pub mod clock;
pub mod config;
pub mod directory;
pub mod domain;
pub mod flow;
pub mod keys;
pub mod oidc;
pub mod store;
pub mod volatile;
