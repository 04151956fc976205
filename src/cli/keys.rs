//! `cloudsync-idp keys`: list, rotate and revoke signing keys.

mod sealing;

use std::path::Path;

use anyhow::{Result, ensure};
use serde::Serialize;

use super::actor::actor;
use super::table::Table;
use super::{output, printable};
use crate::domain::timestamp;
use crate::flow::installation::context::OperationParts;
use crate::flow::installation::rotation::{self, Rotated};
use crate::store::KeyRow;

/// Commands for signing keys and the sealing key.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Sign with the next keys from now on; the current keys stay published until their last token expires
    Rotate {
        /// Rotate the sealing key instead: seal all stored values again while people sign in as usual
        #[arg(long)]
        sealing: bool,
        /// Remove the old sealing key when no stored value needs it
        #[arg(long, requires = "sealing")]
        finish: bool,
        /// Don't wait for sign-ins in progress that may need the old key: these people start again
        #[arg(long, requires = "finish")]
        now: bool,
    },
    /// Replace a key at once, because it may be compromised
    Revoke {
        /// The key's id, as `keys list` shows it
        #[arg(allow_hyphen_values = true)]
        kid: String,
    },
    /// List the keys
    List {
        /// List the sealing keys instead, and how many stored values are under each
        #[arg(long)]
        sealing: bool,
    },
}

/// A signing key as JSON.
#[derive(Serialize)]
struct KeyShape<'a> {
    kid: &'a str,
    alg: &'a str,
    state: &'a str,
    created_at: String,
    state_since: String,
}

impl<'a> From<&'a KeyRow> for KeyShape<'a> {
    fn from(key: &'a KeyRow) -> Self {
        Self {
            kid: &key.kid,
            alg: key.alg.as_str(),
            state: key.state.as_str(),
            created_at: timestamp(key.created_at),
            state_since: timestamp(key.state_since),
        }
    }
}

/// Runs the command.
pub async fn run(parts: &OperationParts, keys_dir: &Path, command: Command, json: bool) -> Result<u8> {
    let changed = match &command {
        Command::Rotate { sealing: true, finish, now } => {
            return sealing::rotate(parts, keys_dir, finish.then_some(*now)).await;
        }
        Command::List { sealing: true } => return sealing::list(parts, json).await,
        Command::Rotate { .. } => rotation::by_command(parts, &actor()).await?,
        Command::Revoke { kid } => {
            let revoked = rotation::revoke(parts, kid, &actor()).await?;
            ensure!(
                revoked != Rotated::NothingDue,
                "there is no key {}; `keys list` shows them",
                printable(kid)
            );
            errln!(
                "revoked: tokens that it signed are refused here. Clients with a cached key set accept them until they \
                 fetch it again; restart a client that must refuse them now"
            );
            revoked
        }
        Command::List { .. } => Rotated::NothingDue,
    };
    ensure!(changed != Rotated::Overtaken, "another process changes the keys at the same time; try again");
    let keys = parts.store.settings().signing_keys().await?.1;
    if json {
        output::json(&keys.iter().map(KeyShape::from).collect::<Vec<_>>())?;
        return Ok(0);
    }
    let mut table = Table::new(&["key id", "algorithm", "state", "since"]);
    for key in &keys {
        table.row([&key.kid, key.alg.as_str(), key.state.as_str(), &timestamp(key.state_since)]);
    }
    table.finish();
    Ok(0)
}
