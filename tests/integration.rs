//! Everything that is tested on real servers, in one binary: one domain, one OpenLDAP, one PostgreSQL and one Redis
//! serve all of it.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod admin;
mod agent;
mod delivery;
mod directory;
mod lab;
mod login;
mod oidc;
mod panel;
mod store;
mod support;
mod sync;
mod volatile;
