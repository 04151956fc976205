//! Strangers' tries at one name come one after another, each as long as any refusal takes, whether anybody has the name or
//! not. Otherwise the second of two tries at once would wait for a bind only where there is somebody to bind as.

use tokio::time::{Duration, Instant, sleep_until};

use super::ALIKE;
use super::gather::Asked;
use crate::directory::DirectoryError;
use crate::domain::{Millis, SECOND};
use crate::flow::installation::context::Parts;
use crate::flow::installation::fault::Fault;
use crate::flow::limits::budget::{self, Attempt, Stop, Tally};
use crate::keys::Label;

/// Who waits gives up after so long.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often who waits looks again.
const PAUSE: Duration = Duration::from_millis(40);
/// A turn outlives the deadline of its try by this much; only that of a node that died lasts so long.
const GRACE: Millis = 2 * SECOND;

/// One try, from when its time began to count.
pub(super) struct Turn {
    since: Instant,
    /// The claim and the name under which it is held.
    held: Option<(String, String)>,
}

impl Turn {
    /// Of who waits for nobody, so far.
    pub fn begun() -> Self {
        Self { since: Instant::now(), held: None }
    }

    /// Waits for the turn of this name. Whoever has no try left is told so, and waits no longer; [`DirectoryError::Busy`]
    /// when it takes too long.
    pub async fn take(
        &mut self,
        parts: &Parts,
        asked: &Asked<'_>,
        (name, attempt): (&str, Attempt<'_>),
        deadline: Instant,
    ) -> Result<Option<Tally>, Fault> {
        let digest = parts.keys.sealer.hmac(Label::Turn, format!("{}\0{name}", asked.site.id()).as_bytes()).0;
        let (key, holder) = (format!("turn:{}", hex::encode(&digest[..16])), parts.random_id());
        let give_up = deadline.min(Instant::now() + PATIENCE);
        loop {
            let now = parts.now();
            let left = deadline.saturating_duration_since(Instant::now()).as_millis();
            let until = now.saturating_add(Millis::try_from(left).unwrap_or(0)).saturating_add(GRACE);
            if parts.volatile.claim(&key, &holder, until, now).await? {
                *self = Self { since: Instant::now(), held: Some((key, holder)) };
                return Ok(None);
            }
            if let Err(Stop::Spent(tally)) = budget::look(parts, asked.site, attempt, deadline).await? {
                return Ok(Some(tally));
            }
            let next = Instant::now() + PAUSE;
            if next >= give_up {
                return Err(DirectoryError::Busy.into());
            }
            sleep_until(next).await;
        }
    }

    /// Waits until a refusal may be told.
    pub async fn refused(&self) {
        sleep_until(self.since + ALIKE).await;
    }

    /// Lets the next one begin.
    pub async fn end(&mut self, parts: &Parts) -> Result<(), Fault> {
        if let Some((key, holder)) = self.held.take() {
            parts.volatile.release(&key, &holder).await?;
        }
        Ok(())
    }
}
