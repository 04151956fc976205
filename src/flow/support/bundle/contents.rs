//! The parts of a bundle. A part that can't be read says why, and does not affect the others.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tokio::time::{Duration, Instant, timeout_at};

use crate::domain::doctor::worst;
use crate::domain::entry::DirectoryId;
use crate::domain::settings::Directory;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::OperationParts;
use crate::flow::settings::{export_redacted, load};
use crate::flow::support::doctor::{glance, stored_settings};
use crate::flow::sync::history::{in_json, sync_status};
use crate::store::{RunFilter, StoreError};

/// How long the doctor may take for one directory, and for all of them.
const GLANCE: Duration = Duration::from_secs(20);
const ALL_GLANCES: Duration = Duration::from_secs(45);

const RUNS: u32 = 30;

/// The stored settings, line by line.
pub(super) async fn settings(parts: &OperationParts) -> Value {
    match load(&parts.store, &parts.keys.sealer).await {
        Ok(loaded) => {
            let text = export_redacted(&loaded.settings);
            let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
            json!({ "generation": loaded.generation, "lines": lines })
        }
        Err(error) => failed(&error),
    }
}

pub(super) async fn directories(parts: &OperationParts, only: Option<&DirectoryId>) -> Value {
    let (mut sections, deadline) = (Vec::new(), Instant::now() + ALL_GLANCES);
    for directory in &stored_settings(parts).await.directories {
        if only.is_none_or(|only| *only == directory.id) {
            sections.push(one(parts, directory, deadline).await);
        }
    }
    Value::from(sections)
}

async fn one(parts: &OperationParts, directory: &Directory, deadline: Instant) -> Value {
    let status = sync_status(&parts.store, &directory.id).await;
    let status = status.map(|status| in_json::sync_status(directory, &status, parts.now()));
    json!({
        "id": directory.id.0,
        "status": status.unwrap_or_else(|error| failed(&error)),
        "conflicts": conflicts(parts, &directory.id).await.unwrap_or_else(|error| failed(&error)),
        "runs": runs(parts, &directory.id).await.unwrap_or_else(|error| failed(&error)),
        "doctor": doctor(parts, &directory.id, deadline).await,
    })
}

/// How many of each kind, without names.
async fn conflicts(parts: &OperationParts, directory: &DirectoryId) -> Result<Value, StoreError> {
    let kinds: BTreeMap<_, _> = parts.store.sync().conflict_kinds(directory).await?.into_iter().collect();
    Ok(json!(kinds))
}

async fn runs(parts: &OperationParts, directory: &DirectoryId) -> Result<Value, StoreError> {
    let newest = RunFilter { directory: Some(directory.clone()), limit: RUNS, ..RunFilter::default() };
    Ok(parts.store.sync().runs_of(&newest).await?.iter().map(in_json::run).collect())
}

/// What the doctor finds without counting everybody.
async fn doctor(parts: &OperationParts, directory: &DirectoryId, deadline: Instant) -> Value {
    let deadline = deadline.min(Instant::now() + GLANCE);
    match timeout_at(deadline, glance(parts, &directory.0)).await {
        Ok(Ok(examined)) => examined
            .iter()
            .map(|one| json!({ "verdict": worst(&one.findings), "findings": one.findings }))
            .next()
            .unwrap_or_default(),
        Ok(Err(error)) => failed(&error),
        Err(_) => json!({ "error": "the directory did not respond completely in time" }),
    }
}

fn failed(error: &(dyn std::error::Error + 'static)) -> Value {
    json!({ "error": Causes(error).to_string() })
}
