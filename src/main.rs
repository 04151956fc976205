//! Arguments to command.

#![deny(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use clap::Parser;
use cloudsync_idp::cli;

#[tokio::main]
async fn main() -> ExitCode {
    // One crypto stack: libraries that do not take a provider find this one. It fails only if there is one already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    cli::run(cli::Arguments::parse()).await
}
