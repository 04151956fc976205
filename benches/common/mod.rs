//! What the benches share: a small HTTP client, the provider as a process, one complete login.

pub mod http;
pub mod journey;
pub mod process;
