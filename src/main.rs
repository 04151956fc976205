//! Arguments to command.

use std::process::ExitCode;

use clap::Parser;
use cloudsync_idp::cli;

#[tokio::main]
async fn main() -> ExitCode {
    match cli::run(cli::Arguments::parse()).await {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("cloudsync-idp: {error:#}");
            ExitCode::from(2)
        }
    }
}
