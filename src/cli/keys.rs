//! `cloudsync-idp keys`: list, rotate and revoke signing keys.

use anyhow::{Result, ensure};
use serde::Serialize;

use super::table::Table;
use super::{output, printable};
use crate::domain::timestamp;
use crate::flow::context::Parts;
use crate::flow::rotation::{self, Rotated};
use crate::store::KeyRow;

/// Commands for signing keys.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Sign with the next keys from now on; the current keys stay published until their last token expires
    Rotate,
    /// Replace a key at once, because it may be compromised
    Revoke {
        /// The key's id, as `keys list` shows it
        #[arg(allow_hyphen_values = true)]
        kid: String,
    },
    /// List the keys
    List,
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
            state: &key.state,
            created_at: timestamp(key.created_at),
            state_since: timestamp(key.state_since),
        }
    }
}

/// Runs the command.
pub async fn run(parts: &Parts, command: Command, json: bool) -> Result<u8> {
    let changed = match &command {
        Command::Rotate => rotation::by_command(parts).await?,
        Command::Revoke { kid } => {
            let revoked = rotation::revoke(parts, kid).await?;
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
        Command::List => Rotated::NothingDue,
    };
    ensure!(changed != Rotated::Overtaken, "another process changes the keys at the same time; try again");
    let keys = parts.store.signing_keys().await?.1;
    if json {
        output::json(&keys.iter().map(KeyShape::from).collect::<Vec<_>>())?;
        return Ok(0);
    }
    let mut table = Table::new(&["key id", "algorithm", "state", "since"]);
    for key in &keys {
        table.row([&key.kid, key.alg.as_str(), &key.state, &timestamp(key.state_since)]);
    }
    table.finish();
    Ok(0)
}
