//! Rotate the sealing key. What is sealed under the old key is sealed again, while everybody can sign in as
//! usual:
//!
//! 1. The next key is created, and every process reads it within a second. Nothing is sealed under it until
//!    all hold it.
//! 2. The signing keys are sealed again. From then on each process seals under the key that it finds them
//!    under.
//! 3. The rest is sealed again, and once more after all processes have switched, until nothing is left.
//! 4. The next key becomes the current one. The old one stays for what browsers carry, until [`finish`]
//!    removes it.
//!
//! Each step can be interrupted; the next call of [`rotate`] does it again.

mod passes;

use std::time::Duration;

use tokio::time::Instant;

use crate::domain::admin::Actor;
use crate::domain::audit::{Decision, Event};
use crate::domain::audit_change::ValueChange;
use crate::domain::{MINUTE, Millis};
use crate::flow::installation::context::OperationParts;
use crate::flow::installation::fault::{Fault, carries_faults};
use crate::flow::installation::nodes::serving;
use crate::keys::{KeyError, KeyId};
use crate::store::{NodeRow, StoreError};

pub use passes::{Holding, Pass, holdings};

/// How long to wait for other processes: longer than one that was killed counts as running.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long a process needs at most to notice that the old key was removed.
const SETTLING: Duration = Duration::from_secs(3);
/// A process needs less from reading its keys to registering itself.
const START: Duration = Duration::from_secs(1);
const LOOK: Duration = Duration::from_millis(250);
/// How often the wait is reported.
const REPORT_EVERY: Duration = Duration::from_secs(15);
/// Codes, and pages that add an authenticator, are valid for less.
const SHORT_LIVED: Millis = 20 * MINUTE;

/// The progress of a rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RotationProgress {
    Begun(KeyId),
    /// These processes don't hold the next key yet.
    WaitingForKey(Vec<NodeRow>),
    /// These processes don't seal with it yet.
    WaitingForUse(Vec<NodeRow>),
    Resealed(Pass),
}

/// Why a rotation stopped. It can be called again at any time.
#[derive(Debug, thiserror::Error)]
pub enum SealingError {
    /// An earlier rotation is not finished on these nodes, or they have another key.
    #[error("not every node holds only the current sealing key")]
    NotSettled(Vec<NodeRow>),
    #[error("not every node holds sealing key {0} yet")]
    NotHeld(KeyId, Vec<NodeRow>),
    #[error("not every node seals with key {0} yet; the log of the node says why")]
    NotUsed(KeyId, Vec<NodeRow>),
    #[error("others keep changing the keys at the same time; try again")]
    Overtaken,
    #[error("there is no old sealing key to remove")]
    NothingToFinish,
    #[error("the rotation is not complete; run: cloudsync-idp keys rotate --sealing")]
    UnderWay,
    /// The store still holds values under the old key.
    #[error(
        "values in the store are still sealed under key {0}; run the command again, and see: cloudsync-idp keys list --sealing"
    )]
    StillNeeded(KeyId),
    /// What browsers carry may still be under the old key.
    #[error("sign-ins in progress may still need the old key")]
    TooEarly(Millis),
    #[error(transparent)]
    Fault(#[from] Fault),
}

carries_faults!(SealingError: StoreError, KeyError);

/// The result of a rotation, or of its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RotationResult {
    pub key: KeyId,
    pub old: KeyId,
    /// From when the old key can be removed; `None` if it was.
    pub finish_from: Option<Millis>,
}

/// Rotates the sealing key, or resumes a rotation that was interrupted.
pub async fn rotate(
    parts: &OperationParts,
    actor: &Actor,
    report: &(dyn Fn(RotationProgress) + Sync),
) -> Result<RotationResult, SealingError> {
    let sealer = &parts.keys.sealer;
    sealer.read_again()?;
    let before = sealer.files();
    if before.next.is_none() && before.old.is_none() {
        settled(parts, before.current).await?;
    }
    sealer.begin_rotation()?;
    let files = sealer.files();
    let (old, Some(next)) = (files.current, files.next) else { return Err(SealingError::Overtaken) };
    report(RotationProgress::Begun(next));
    held(parts, next, report).await?;
    // A process that was starting has registered itself by now.
    tokio::time::sleep(START).await;
    held(parts, next, report).await?;
    reseal_all(parts, (next, actor), report).await?;
    let finish_from = retire(parts, old, (next, actor)).await?;
    sealer.complete_rotation()?;
    Ok(RotationResult { key: next, old, finish_from: Some(finish_from) })
}

/// Removes the old key, once nothing needs it. `at_once`: even while browsers may carry something under it.
pub async fn finish(
    parts: &OperationParts,
    at_once: bool,
    actor: &Actor,
    report: &(dyn Fn(RotationProgress) + Sync),
) -> Result<RotationResult, SealingError> {
    let sealer = &parts.keys.sealer;
    sealer.read_again()?;
    let files = sealer.files();
    if files.next.is_some() && files.old.is_none() {
        return Err(SealingError::UnderWay);
    }
    let (key, old) = (files.current, files.old.ok_or(SealingError::NothingToFinish)?);
    // With a next key beside the old one, this node missed the end of an earlier rotation: all was sealed
    // again elsewhere.
    if files.next.is_none() {
        reseal_all(parts, (key, actor), report).await?;
        let finish_from = retire(parts, old, (key, actor)).await?;
        if parts.now() < finish_from && !at_once {
            return Err(SealingError::TooEarly(finish_from));
        }
    }
    // Removing the key can't be undone, so the store is counted once more.
    if holdings(parts).await?.contains_key(&Some(old)) {
        return Err(SealingError::StillNeeded(old));
    }
    let event = event(parts, "sealing_key_removed", old, key).by(actor);
    parts.store.login().append(&event).await?;
    sealer.forget_old_key()?;
    Ok(RotationResult { key, old, finish_from: None })
}

/// An earlier rotation must be finished everywhere before a new one begins: a node that still has
/// `sealing.next.key` would lose that key when the next one is copied over it.
async fn settled(parts: &OperationParts, current: KeyId) -> Result<(), SealingError> {
    let settled = |node: &NodeRow| node.sealing_keys == [current.to_string()];
    wait(parts, SETTLING, settled, &|_| {}).await?.map_err(SealingError::NotSettled)
}

/// Waits until all processes hold this key.
async fn held(
    parts: &OperationParts,
    key: KeyId,
    report: &(dyn Fn(RotationProgress) + Sync),
) -> Result<(), SealingError> {
    let holds = |node: &NodeRow| node.sealing_keys.contains(&key.to_string());
    wait(parts, PATIENCE, holds, &|nodes| report(RotationProgress::WaitingForKey(nodes)))
        .await?
        .map_err(|nodes| SealingError::NotHeld(key, nodes))
}

/// Seals everything under this key, and waits until no process seals under another.
async fn reseal_all(
    parts: &OperationParts,
    (key, actor): (KeyId, &Actor),
    report: &(dyn Fn(RotationProgress) + Sync),
) -> Result<(), SealingError> {
    let mut pass = Pass { signing_keys: passes::signing_keys(parts, key, actor).await?, ..Pass::default() };
    pass += passes::others(parts).await?;
    report(RotationProgress::Resealed(pass));
    let uses = |node: &NodeRow| node.sealing_keys.first() == Some(&key.to_string());
    wait(parts, PATIENCE, uses, &|nodes| report(RotationProgress::WaitingForUse(nodes)))
        .await?
        .map_err(|nodes| SealingError::NotUsed(key, nodes))?;
    loop {
        let pass = passes::others(parts).await?;
        if pass.is_empty() {
            return Ok(());
        }
        report(RotationProgress::Resealed(pass));
    }
}

/// Notes that nothing in the store is under the old key, and from when it can be removed.
async fn retire(
    parts: &OperationParts,
    old: KeyId,
    (new, actor): (KeyId, &Actor),
) -> Result<Millis, SealingError> {
    let (id, event) = (old.to_string(), event(parts, "sealing_rotated", old, new).by(actor));
    parts.store.settings().retire_sealing_key(&id, &event).await?;
    let retired = parts.store.settings().sealing_key_retired_at(&id).await?.unwrap_or_else(|| parts.now());
    Ok(retired + parts.current().settings.login.pending().max(SHORT_LIVED))
}

fn event(parts: &OperationParts, cause: &str, old: KeyId, new: KeyId) -> Event {
    let event = Event { cause: Some(cause.to_owned()), ..Event::new(parts.now(), Decision::KeysRotated) };
    event.changing([ValueChange::new("sealing_key", old, new)])
}

/// Waits until all running processes are as wanted; after a while, returns those that are not.
async fn wait(
    parts: &OperationParts,
    patience: Duration,
    so: impl Fn(&NodeRow) -> bool,
    report: &(dyn Fn(Vec<NodeRow>) + Sync),
) -> Result<Result<(), Vec<NodeRow>>, SealingError> {
    let begun = Instant::now();
    let mut reported_at: Option<Instant> = None;
    loop {
        let nodes = serving(parts).await?;
        let missing: Vec<NodeRow> = nodes.into_iter().filter(|node| !so(node)).collect();
        if missing.is_empty() {
            return Ok(Ok(()));
        }
        if begun.elapsed() > patience {
            return Ok(Err(missing));
        }
        // A process on this machine needs a second or two, which is not worth a message.
        let last = reported_at.unwrap_or(begun);
        if last.elapsed() > if reported_at.is_some() { REPORT_EVERY } else { REPORT_EVERY / 5 } {
            reported_at = Some(Instant::now());
            report(missing);
        }
        tokio::time::sleep(LOOK).await;
    }
}
