//! Queue the attempts of unknown browsers at one name, each as long as any refusal takes, whether or not the
//! name exists. Otherwise the second of two simultaneous attempts would wait only if there is an entry to
//! bind as.

use tokio::time::{Duration, Instant, sleep_until};

use crate::directory::DirectoryError;
use crate::domain::entry::DirectoryId;
use crate::domain::{Millis, SECOND};
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::fault::Fault;
use crate::flow::login::refusal::ALIKE;
use crate::keys::Label;

/// How long an attempt waits for its turn.
const PATIENCE: Duration = Duration::from_secs(3);
/// The interval of checks while waiting. Counted from the beginning of the attempt, so that what it did
/// before does not show in the time of its turn.
const PAUSE: Duration = Duration::from_millis(100);
/// How many attempts at one name may begin to wait within [`QUEUE_WINDOW`].
const LONGEST_QUEUE: u64 = 20;
const QUEUE_WINDOW: Millis = 3 * SECOND;
/// A turn outlives the deadline of its attempt by this much; only the turn of a crashed node lasts so long.
const GRACE: Millis = 2 * SECOND;

/// One attempt, with the time at which it began.
pub(super) struct NameTurn {
    since: Instant,
    /// The claim and its holder.
    held: Option<(String, String)>,
    /// It waited for a turn in vain.
    pub turned_away: bool,
}

impl NameTurn {
    /// An attempt that holds no turn yet.
    pub fn begun() -> Self {
        Self { since: Instant::now(), held: None, turned_away: false }
    }

    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Waits for the turn of this name; fails with [`DirectoryError::Busy`] if it takes too long or too many
    /// wait.
    pub async fn take(
        &mut self,
        parts: &LoginParts,
        directory: &DirectoryId,
        folded_name: &str,
        deadline: Instant,
    ) -> Result<(), Fault> {
        let digest = parts.keys.sealer.hmac(Label::Turn, format!("{directory}\0{folded_name}").as_bytes()).0;
        let (id, holder) = (hex::encode(&digest[..16]), parts.random_id());
        let (key, queue) = (format!("turn:{id}"), format!("turn-queue:{id}"));
        let (begun, mut slot) = (self.since, self.since);
        loop {
            let now = parts.now();
            let left = deadline.saturating_duration_since(Instant::now()).as_millis();
            let until = now.saturating_add(Millis::try_from(left).unwrap_or(0)).saturating_add(GRACE);
            if parts.volatile.claim(&key, &holder, until, now).await? {
                (self.since, self.held) = (slot, Some((key, holder)));
                return Ok(());
            }
            let is_first = slot == begun;
            slot = next_slot(begun, Instant::now());
            let is_too_long = slot >= deadline.min(begun + PATIENCE);
            if is_too_long
                || (is_first && parts.volatile.count(&queue, QUEUE_WINDOW, now).await? > LONGEST_QUEUE)
            {
                self.turned_away = true;
                return Err(DirectoryError::Busy.into());
            }
            sleep_until(slot).await;
        }
    }

    /// Waits until a refusal may be answered.
    pub async fn refused(&self) {
        sleep_until(self.since + ALIKE).await;
    }

    /// Releases the turn.
    pub async fn end(&mut self, parts: &LoginParts) -> Result<(), Fault> {
        if let Some((key, holder)) = self.held.take() {
            parts.volatile.release(&key, &holder).await?;
        }
        Ok(())
    }
}

/// The next whole number of pauses after the beginning.
fn next_slot(begun: Instant, now: Instant) -> Instant {
    let passed = now.saturating_duration_since(begun).as_millis() / PAUSE.as_millis();
    begun + PAUSE * u32::try_from(passed + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_an_attempt_looks_again_depends_on_its_beginning_alone() {
        let begun = Instant::now();
        let after = |millis| next_slot(begun, begun + Duration::from_millis(millis)) - begun;
        for (passed, slot) in [(0, 100), (1, 100), (99, 100), (100, 200), (101, 200), (299, 300)] {
            assert_eq!(after(passed), Duration::from_millis(slot), "{passed}");
        }
    }
}
