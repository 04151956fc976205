//! Parse the arguments and run the command.

#![deny(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use clap::Parser;
use cloudsync_idp::cli;

#[tokio::main]
async fn main() -> ExitCode {
    // Libraries that take no crypto provider use this one. It fails only if one is already installed.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    cli::run(cli::Arguments::parse()).await
}
