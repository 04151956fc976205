//! `cloudsync-idp`: an OpenID Connect provider for the people in Active Directory or another LDAP directory.
//!
//! `docs/architecture.md` describes the modules and their dependencies; `tests/architecture.rs` checks them.

// println! panics when its reader is gone; `cli::output` handles that.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod agent;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod delivery;
pub mod directory;
mod dns;
pub mod domain;
pub mod flow;
pub mod jobs;
pub mod keys;
mod oidc;
pub mod store;
mod tls;
pub mod volatile;
pub mod web;
