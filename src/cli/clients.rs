//! `cloudsync-idp clients`: change the secrets of clients.

use anyhow::Result;
use serde::Serialize;

use super::actor::actor;
use super::output;
use crate::domain::audit::{Decision, Event};
use crate::domain::secret::Plain;
use crate::domain::{HOUR, Millis, timestamp};
use crate::flow::installation::context::OperationParts;
use crate::flow::settings::{NewClientSecret, end_old_client_secret, rotate_client_secret};
use crate::keys::random_id;

/// Commands for clients.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Give a client a new secret, and accept the old one for a while
    RotateSecret {
        /// The client's id
        client: String,
        /// For how long the old secret is accepted as well; 0: not at all
        #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u32).range(0..=720))]
        overlap_hours: u32,
    },
    /// End the secret before the current one
    EndOldSecret {
        /// The client's id
        client: String,
    },
}

/// A new secret as JSON.
#[derive(Serialize)]
struct SecretShape<'a> {
    client_id: &'a str,
    client_secret: &'a str,
    old_accepted_until: Option<String>,
}

/// Runs the command.
pub async fn run(parts: &OperationParts, command: Command, json: bool) -> Result<u8> {
    match command {
        Command::RotateSecret { client, overlap_hours } => rotate(parts, &client, overlap_hours, json).await,
        Command::EndOldSecret { client } => end(parts, &client, json).await,
    }
}

fn event(parts: &OperationParts) -> Event {
    Event::new(parts.now(), Decision::SettingsChanged).by(&actor())
}

async fn rotate(parts: &OperationParts, client_id: &str, overlap_hours: u32, json: bool) -> Result<u8> {
    let (now, secret) = (parts.now(), random_id());
    let old_until = now + Millis::from(overlap_hours) * HOUR;
    let new = NewClientSecret { client_id, secret: &Plain::new(secret.as_str()), old_until };
    rotate_client_secret(&parts.store, &parts.keys.sealer, &new, event(parts)).await?;
    let old_accepted_until = (now < old_until).then(|| timestamp(old_until));
    if json {
        output::json(&SecretShape { client_id, client_secret: &secret, old_accepted_until })?;
        return Ok(0);
    }
    outln!("client secret: {secret}");
    outln!("It is shown only once. Enter it in the client now.");
    match old_accepted_until {
        Some(until) => outln!("The old secret is accepted until {until}."),
        None => outln!("The old secret is not accepted any more."),
    }
    Ok(0)
}

async fn end(parts: &OperationParts, client_id: &str, json: bool) -> Result<u8> {
    let ended = end_old_client_secret(&parts.store, &parts.keys.sealer, client_id, event(parts)).await?;
    match (json, ended) {
        (true, _) => output::json(&serde_json::json!({ "client_id": client_id, "ended": ended }))?,
        (false, true) => outln!("the old secret of {client_id} is not accepted any more"),
        (false, false) => outln!("no old secret of {client_id} was accepted"),
    }
    Ok(0)
}
