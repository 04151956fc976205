//! `cloudsync-idp keys`.

use anyhow::{Result, ensure};

use crate::flow::context::Parts;
use crate::flow::rotation::{self, Rotated};

/// What to do with signing keys.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Let the next keys sign from now on; the current ones stay published until their last token is over
    Rotate,
    /// List the keys
    List,
}

/// Runs the command.
pub async fn run(parts: &Parts, command: Command) -> Result<u8> {
    if let Command::Rotate = command {
        let rotated = rotation::by_command(parts).await?;
        ensure!(rotated != Rotated::Overtaken, "others keep changing the keys at the same time; try again");
    }
    for key in parts.store.signing_keys().await?.1 {
        outln!("{}\t{}\t{}", key.kid, key.alg.as_str(), key.state);
    }
    Ok(0)
}
