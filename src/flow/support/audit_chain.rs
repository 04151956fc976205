//! The chain over the audit log: link new events, remove links of events that have ended, check all of it.

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::audit::Event;
use crate::domain::audit_chain::{
    self as chain, ChainBreak, ChainCheck, ChainCode, ChainEnd, ChainLink, ChainPlace, Checked, SealedEnd,
};
use crate::domain::{DAY, Millis};
use crate::flow::account::views::in_rfc_3339;
use crate::flow::installation::context::{LoginParts, OperationParts};
use crate::flow::installation::lease::{Lease, LeaseLost};
use crate::keys::{Keys, Label};
use crate::store::{ChainCheckRow, Store, StoreError};

/// How many events or links are read at once.
const BATCH: u32 = 1_000;

/// How far behind the newest linked event one may be committed later. What is older is found by
/// [`AuditChain::link_all`].
const OUT_OF_ORDER: i64 = 2_000;

/// What to do where [`ChainReport::is_noted`] is false.
pub const NOT_NOTED: &str = "that the chain of the audit log has begun is not noted in keys_dir, so a chain that somebody \
    empties in the database would begin anew unnoticed; let the server write to keys_dir, or create the empty file \
    audit-chain.begun there";

/// The chain, at a time.
#[derive(Clone, Copy)]
pub struct AuditChain<'a> {
    pub store: &'a Store,
    pub keys: &'a Keys,
    pub now: Millis,
}

/// What a check has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainReport {
    pub result: Result<Checked, ChainBreak>,
    /// Events that have no link yet.
    pub waiting: u64,
    /// False for a chain whose beginning is not noted beside the keys: if it were emptied, it would begin anew.
    pub is_noted: bool,
}

/// Why nothing was linked or removed.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    #[error("the audit log was changed: {0}")]
    Broken(#[from] ChainBreak),
    #[error("another process has taken over")]
    Lost,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<LeaseLost> for ChainError {
    fn from(_: LeaseLost) -> Self {
        Self::Lost
    }
}

/// What a page shows of the chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChainView {
    /// The newest place, to be noted elsewhere.
    pub head: Option<String>,
    /// The last check that is finished.
    pub last: Option<ChainCheckView>,
    /// True while a check is asked for or runs.
    pub is_running: bool,
}

/// A check that is finished.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChainCheckView {
    #[serde(serialize_with = "in_rfc_3339")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Millis,
    /// How many events are there, unchanged.
    pub events: u64,
    /// The first fault, in English.
    pub problem: Option<String>,
}

/// Reads it.
pub async fn view(parts: &LoginParts) -> Result<ChainView, StoreError> {
    let trail = parts.store.login();
    let checks = trail.chain_checks(2).await?;
    let is_running = checks.first().is_some_and(|check| check.finished_at.is_none());
    let finished = |check: ChainCheckRow| {
        let (events, problem) = (check.events, check.problem);
        check.finished_at.map(|at| ChainCheckView { at, events, problem })
    };
    let last = checks.into_iter().find_map(finished);
    let head = trail.chain_end(ChainEnd::Last).await?.map(|last| last.place.to_string());
    Ok(ChainView { head, last, is_running })
}

/// Asks for a check, which a job makes within seconds. One that was asked for in the last minutes is enough.
pub async fn ask(parts: &LoginParts, event: Event) -> Result<(), StoreError> {
    if parts.store.login().ask_for_check(parts.now()).await? {
        parts.store.login().append(&event).await?;
    }
    Ok(())
}

/// Checks the chain if an admin has asked for it, and else once a day. Of several nodes one does it.
pub async fn check_if_due(parts: &OperationParts) -> Result<Option<ChainCheckRow>, ChainError> {
    let (trail, now) = (parts.store.login(), parts.now());
    let newest = trail.chain_checks(1).await?.pop();
    match newest {
        Some(check) if check.finished_at.is_none() => {}
        Some(check) if now - check.asked_at < DAY => return Ok(None),
        _ => {
            trail.ask_for_check(now).await?;
        }
    }
    let name = "audit check".to_owned();
    match Lease::take(&parts.store, &parts.clock, name, Duration::ZERO).await? {
        Some(lease) => lease.spend(check_now(parts)).await.map(Some),
        None => Ok(None),
    }
}

async fn check_now(parts: &OperationParts) -> Result<ChainCheckRow, ChainError> {
    let chain = AuditChain { store: &parts.store, keys: &parts.keys, now: parts.now() };
    match chain.link_all().await {
        // The check finds it too, and says more.
        Ok(_) | Err(ChainError::Broken(_)) => {}
        Err(error) => return Err(error),
    }
    let report = chain.check(None).await?;
    let found = ChainCheckRow {
        asked_at: chain.now,
        finished_at: Some(parts.now()),
        events: report.result.map_or(0, |checked| checked.events),
        waiting: report.waiting,
        problem: report.result.err().map(|broken| broken.to_string()),
    };
    parts.store.login().record_check(&found).await?;
    Ok(found)
}

impl AuditChain<'_> {
    /// Links events that were written since the last time; returns how many.
    pub async fn link_new(&self) -> Result<u64, ChainError> {
        let highest = self.store.login().highest_linked().await?;
        self.link_after(highest - OUT_OF_ORDER).await
    }

    /// Links every event that has no link, also one that was committed late.
    pub async fn link_all(&self) -> Result<u64, ChainError> {
        self.link_after(i64::MIN).await
    }

    async fn link_after(&self, mut after: i64) -> Result<u64, ChainError> {
        let (trail, sign) = (self.store.login(), |data: &[u8]| self.sign(data));
        let mut linked = 0;
        loop {
            let events = trail.unlinked(after, self.now, BATCH).await?;
            let Some(newest) = events.last() else { return Ok(linked) };
            after = newest.id;
            // After an end that somebody else has written nothing is linked: that would hide what is missing.
            let last = trail.chain_end(ChainEnd::Last).await?;
            self.is_begun_by(last.as_ref())?;
            let mut place = chain::opened(&sign, ChainEnd::Last, last)?;
            let links: Vec<ChainLink> = events
                .iter()
                .map(|event| {
                    let digest = chain::digest(&sign, &event.bytes);
                    let link = chain::link(&sign, &place, event.id, event.kept_until, digest);
                    place = ChainPlace::from(&link);
                    link
                })
                .collect();
            // Another process was faster: the next pass sees what it has left.
            if !trail.append_links(&links, &chain::seal(&sign, ChainEnd::Last, place)).await? {
                return Ok(linked);
            }
            self.note_begun();
            linked += links.len() as u64;
            if links.len() < BATCH as usize {
                return Ok(linked);
            }
        }
    }

    /// Without a recorded end, only a chain that nobody has noted begins.
    fn is_begun_by(&self, last: Option<&SealedEnd>) -> Result<(), ChainBreak> {
        match last {
            Some(_) => Ok(()),
            // What can't be read is no permission to begin anew.
            None if self.keys.sealer.is_chained().unwrap_or(true) => Err(ChainBreak::EndMissing),
            None => Ok(()),
        }
    }

    /// True if it is noted beside the keys that the chain has begun.
    #[must_use]
    pub fn is_noted(&self) -> bool {
        self.keys.sealer.is_chained().unwrap_or(false)
    }

    fn note_begun(&self) {
        if let Err(error) = self.keys.sealer.note_chained() {
            tracing::debug!(%error, "that the chain of the audit log has begun can't be noted beside the keys");
        }
    }

    /// Removes links at the beginning whose events have ended.
    pub async fn remove_ended(&self) -> Result<(), ChainError> {
        let (trail, sign) = (self.store.login(), |data: &[u8]| self.sign(data));
        loop {
            let first = trail.chain_end(ChainEnd::First).await?;
            let mut check = ChainCheck::begin(&sign, self.now, [first, None], None)?;
            let from = check.place();
            for (link, event) in trail.links(from.seq, i64::MAX, BATCH).await? {
                if link.kept_until > self.now {
                    break;
                }
                check.next(&link, event.as_ref())?;
            }
            if check.place() == from {
                return Ok(());
            }
            trail.remove_links(&chain::seal(&sign, ChainEnd::First, check.place())).await?;
        }
    }

    /// Checks every link with its event; the chain must contain `head`, if one is given.
    pub async fn check(&self, head: Option<ChainPlace>) -> Result<ChainReport, StoreError> {
        loop {
            let ends = self.ends().await?;
            let result = self.check_between(ends, head).await?;
            // The clean-up, or the first link of all, came in between.
            if result.is_err() && self.has_moved(ends).await? {
                continue;
            }
            let waiting = self.store.login().count_unlinked(self.now).await?;
            let is_noted = ends[1].is_none() || self.is_noted();
            return Ok(ChainReport { result, waiting, is_noted });
        }
    }

    /// The newest place, to be noted elsewhere.
    pub async fn head(&self) -> Result<Option<ChainPlace>, StoreError> {
        Ok(self.store.login().chain_end(ChainEnd::Last).await?.map(|last| last.place))
    }

    /// The newest place of a chain that still contains `before`, the newest place of an earlier look: an older copy
    /// of the log and its end, put back into the database, does not.
    pub async fn head_after(&self, before: Option<ChainPlace>) -> Result<Option<ChainPlace>, ChainError> {
        let [first, last] = self.ends().await?;
        let sign = |data: &[u8]| self.sign(data);
        let removed = chain::opened(&sign, ChainEnd::First, first)?;
        let head = chain::opened(&sign, ChainEnd::Last, last)?;
        // The clean-up has removed links up to the beginning.
        if let Some(before) = before.filter(|before| before.seq > removed.seq) {
            let found = self.store.login().links(before.seq - 1, before.seq, 1).await?;
            let found = found.first().map(|(link, _)| ChainPlace::from(link));
            if found != Some(before) || head.seq < before.seq {
                return Err(ChainBreak::HeadMissing.into());
            }
        }
        Ok(last.map(|_| head))
    }

    async fn ends(&self) -> Result<[Option<SealedEnd>; 2], StoreError> {
        let trail = self.store.login();
        Ok([trail.chain_end(ChainEnd::First).await?, trail.chain_end(ChainEnd::Last).await?])
    }

    async fn has_moved(&self, [first, last]: [Option<SealedEnd>; 2]) -> Result<bool, StoreError> {
        let [now_first, now_last] = self.ends().await?;
        Ok(now_first != first || last.is_none() && now_last.is_some())
    }

    async fn check_between(
        &self,
        ends: [Option<SealedEnd>; 2],
        head: Option<ChainPlace>,
    ) -> Result<Result<Checked, ChainBreak>, StoreError> {
        let sign = |data: &[u8]| self.sign(data);
        if let Err(broken) = self.is_begun_by(ends[1].as_ref()) {
            return Ok(Err(broken));
        }
        let mut check = match ChainCheck::begin(&sign, self.now, ends, head) {
            Ok(check) => check,
            Err(broken) => return Ok(Err(broken)),
        };
        let up_to = ends[1].map_or(i64::MAX, |last| last.place.seq);
        loop {
            let page = self.store.login().links(check.place().seq, up_to, BATCH).await?;
            if page.is_empty() {
                return Ok(check.finish());
            }
            for (link, event) in page {
                if let Err(broken) = check.next(&link, event.as_ref()) {
                    return Ok(Err(broken));
                }
            }
        }
    }

    fn sign(&self, data: &[u8]) -> ChainCode {
        self.keys.sealer.hmac(Label::AuditChain, data).0
    }
}
