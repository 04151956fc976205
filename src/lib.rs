//! `cloudsync-idp`: an OpenID Connect provider for people who live in Active Directory.
//!
//! The rooms, and which way things flow, are described in `docs/architecture.md`;
//! `tests/architecture.rs` holds the code to it.

// println! panics when its reader is gone: `cli::output` writes on the terminal.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod directory;
pub mod domain;
pub mod flow;
pub mod jobs;
pub mod keys;
pub mod oidc;
pub mod store;
pub mod volatile;
pub mod web;
