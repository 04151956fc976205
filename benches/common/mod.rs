//! Shared by the benchmarks: a small HTTP client, the provider as a process, one complete login, runs of a sync, and
//! the figures.

#![allow(dead_code, reason = "no bench needs all of it")]

pub mod figures;
pub mod http;
pub mod journey;
pub mod process;
pub mod runs;
