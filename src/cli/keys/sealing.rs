//! `cloudsync-idp keys rotate --sealing` and `keys list --sealing`.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use super::super::actor::actor;
use super::super::table::Table;
use super::super::{output, printable};
use crate::domain::timestamp;
use crate::flow::installation::context::OperationParts;
use crate::flow::support::sealing::{self, Holding, RotationProgress, RotationResult, SealingError};
use crate::keys::KeyId;
use crate::store::NodeRow;

/// A sealing key as JSON.
#[derive(Serialize)]
struct SealingShape {
    key: Option<String>,
    state: &'static str,
    signing_keys: u64,
    settings: u64,
    factors: u64,
}

/// Rotates the sealing key, or removes the old one.
pub async fn rotate(parts: &OperationParts, keys_dir: &Path, finish: Option<bool>) -> Result<u8> {
    let (tell, actor) = (|told: RotationProgress| say(&told, keys_dir), actor());
    let done = match finish {
        None => sealing::rotate(parts, &actor, &tell).await,
        Some(at_once) => sealing::finish(parts, at_once, &actor, &tell).await,
    };
    match done {
        Ok(done) => {
            conclude(&done);
            Ok(0)
        }
        Err(error) => refused(error, keys_dir),
    }
}

fn say(told: &RotationProgress, keys_dir: &Path) {
    match told {
        RotationProgress::Begun(key) => errln!("the next sealing key is {key}"),
        RotationProgress::WaitingForKey(nodes) => {
            errln!("waiting for {}. {}", names(nodes), to_copy(keys_dir))
        }
        RotationProgress::WaitingForUse(nodes) => {
            errln!("waiting until {} seals with the new key", names(nodes))
        }
        RotationProgress::Resealed(pass) => errln!(
            "sealed again: {} signing keys, {} versions of the settings, {} authenticators",
            pass.signing_keys,
            pass.settings,
            pass.factors
        ),
    }
}

fn names(nodes: &[NodeRow]) -> String {
    let name = |node: &NodeRow| format!("{} (last seen {})", printable(&node.host), timestamp(node.noted_at));
    nodes.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn to_copy(keys_dir: &Path) -> String {
    format!(
        "If it is on another machine, copy sealing.next.key and digest.keys from {} to its keys_dir (mode 0600). A node \
         that was killed is waited for until 90 seconds after it was last seen",
        keys_dir.display()
    )
}

fn conclude(done: &RotationResult) {
    let RotationResult { key, old, finish_from } = done;
    match finish_from {
        Some(at) => errln!(
            "sealing key {key} is in force, and nothing in the store is under {old} any more. {old} stays in \
             sealing.old.key for sign-ins that are under way; remove it after {} with: cloudsync-idp keys rotate --sealing \
             --finish\nBack up keys_dir again (sealing.key and digest.keys). With several nodes, run this command on each, so \
             that each has the same files",
            timestamp(*at)
        ),
        None => errln!(
            "sealing key {old} is removed here; {key} is in force. With several nodes, run this command on each. Backups of \
             the database from before need {old}: keep its backup as long as those"
        ),
    }
}

fn refused(error: SealingError, keys_dir: &Path) -> Result<u8> {
    match &error {
        SealingError::NotSettled(nodes) => errln!(
            "{error}: {}. Nothing was begun: first finish the earlier rotation there (`keys rotate --sealing`, then \
             `--finish`), or give the node the same files in keys_dir",
            names(nodes)
        ),
        SealingError::NotHeld(_, nodes) => {
            errln!("{error}: {}. {}; then run this command again", names(nodes), to_copy(keys_dir));
        }
        SealingError::NotUsed(_, nodes) => errln!("{error}: {}; then run this command again", names(nodes)),
        SealingError::TooEarly(at) => errln!(
            "{error}: run this command again after {}. With --now people who are signing in start again, as do those whose \
             browser is known here only under the old key",
            timestamp(*at)
        ),
        _ => return Err(error.into()),
    }
    Ok(1)
}

/// Lists the sealing keys and how much is under each.
pub async fn list(parts: &OperationParts, json: bool) -> Result<u8> {
    let mut holdings = sealing::holdings(parts).await?;
    let (files, in_force) = (parts.keys.sealer.files(), parts.keys.sealer.in_force());
    let state = |key: KeyId| match key {
        key if key == in_force => "in force",
        key if Some(key) == files.next => "next",
        key if Some(key) == files.old || key == files.current => "old",
        _ => "missing",
    };
    let held = parts.keys.sealer.held().into_iter().map(Some);
    let mut keys: Vec<Option<KeyId>> = held.collect();
    keys.extend(holdings.keys().filter(|key| !keys.contains(key)).copied().collect::<Vec<_>>());
    let shape = |key: Option<KeyId>| {
        let Holding { signing_keys, settings, factors } = holdings.remove(&key).unwrap_or_default();
        let (key, state) = (key.map(|key| key.to_string()), key.map_or("not named", state));
        SealingShape { key, state, signing_keys, settings, factors }
    };
    let shapes: Vec<_> = keys.into_iter().map(shape).collect();
    if json {
        output::json(&shapes)?;
        return Ok(0);
    }
    let mut table = Table::new(&["key id", "state", "signing keys", "settings", "authenticators"]);
    for SealingShape { key, state, signing_keys, settings, factors } in &shapes {
        let counts = [signing_keys, settings, factors].map(ToString::to_string);
        table.row([key.as_deref().unwrap_or("-"), state, &counts[0], &counts[1], &counts[2]]);
    }
    table.finish();
    Ok(0)
}
