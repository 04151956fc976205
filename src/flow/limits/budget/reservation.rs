//! An attempt from the first look at its count to its result.

use tokio::time::{Duration, Instant, sleep_until};

use super::counts::{CountSlot, OwnCount};
use super::{AttemptBarred, AttemptResult, BudgetTally, PasswordAttempt, Reserved, directory_for, marks};
use crate::directory::{DirectoryError, LockoutState};
use crate::domain::lockout::{Browser, allows};
use crate::domain::refused::{Mark, Refused};
use crate::domain::{Millis, SECOND};
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::current::Site;
use crate::flow::installation::fault::Fault;
use crate::keys;

/// A claim outlives the deadline of its attempt by this much; only the claim of a crashed node lasts so long.
const GRACE: Millis = 2 * SECOND;
/// How long an attempt waits for another one at the same account.
const PATIENCE: Duration = Duration::from_secs(3);

/// An attempt that may be reserved, as far as a first look shows.
#[derive(Debug)]
pub struct AttemptCandidate {
    standing: LockoutState,
    browser: Browser,
    /// `None` if the directory locks no account.
    slot: Option<CountSlot>,
    mark: Option<Mark>,
}

/// A reserved attempt. One that is dropped without being settled stays counted, and blocks others for
/// seconds.
#[derive(Debug)]
pub struct Reservation {
    held: Option<SlotClaim>,
    tally: BudgetTally,
}

#[derive(Debug)]
struct SlotClaim {
    slot: CountSlot,
    holder: String,
    /// Our count before this attempt.
    before: Option<OwnCount>,
    /// Our count including this attempt.
    counted: OwnCount,
    mark: Option<Mark>,
}

/// Checks if an attempt is left. If not, the answer comes at once and blocks nobody: above all not the owner.
pub async fn look(
    parts: &LoginParts,
    site: &Site,
    attempt: PasswordAttempt<'_>,
    deadline: Instant,
) -> Result<Result<AttemptCandidate, AttemptBarred>, Fault> {
    let directory = directory_for(site, attempt.browser);
    let standing = directory.lockout(attempt.subject.entry(), deadline).await?;
    let slot = (standing.policy.threshold > 0).then(|| CountSlot::of(attempt.subject, parts, site));
    let mark = slot.as_ref().and_then(|slot| marks::of(parts, slot, &attempt));
    let candidate = AttemptCandidate { standing, browser: attempt.browser, slot, mark };
    let Some(slot) = &candidate.slot else { return Ok(Ok(candidate)) };
    let ours = slot.read(parts).await?;
    Ok(match candidate.stop(parts, ours.as_ref()) {
        Some(stop) => Err(stop),
        None => Ok(candidate),
    })
}

impl AttemptCandidate {
    /// Reserves the attempt; fails with [`DirectoryError::Busy`] if one in progress takes too long.
    pub async fn reserve(mut self, parts: &LoginParts, deadline: Instant) -> Result<Reserved, Fault> {
        let Some(slot) = self.slot.take() else {
            return Ok(Reserved::Go(Reservation {
                held: None,
                tally: BudgetTally::of(parts, &self.standing, None),
            }));
        };
        let holder = match self.claim(parts, &slot, deadline).await? {
            Ok(holder) => holder,
            Err(stop) => return Ok(Reserved::Stopped(stop)),
        };
        match self.count(parts, &slot).await {
            Ok(Ok((tally, before, counted))) => {
                let held = Some(SlotClaim { slot, holder, before, counted, mark: self.mark });
                Ok(Reserved::Go(Reservation { held, tally }))
            }
            Ok(Err(stop)) => {
                parts.volatile.release(&slot.key, &holder).await?;
                Ok(Reserved::Stopped(stop))
            }
            Err(error) => {
                parts.volatile.release(&slot.key, &holder).await?;
                Err(error)
            }
        }
    }

    fn stop(&self, parts: &LoginParts, ours: Option<&OwnCount>) -> Option<AttemptBarred> {
        let tally = BudgetTally::of(parts, &self.standing, ours);
        if !allows(self.standing.policy, tally.spent, self.browser) {
            return Some(AttemptBarred::Spent(tally));
        }
        let repeated = self.mark.zip(ours).is_some_and(|(mark, ours)| ours.refused.holds(mark, parts.now()));
        repeated.then_some(AttemptBarred::Repeated(tally))
    }

    /// Decides again while holding the claim, and counts: returns our count before and after this attempt.
    async fn count(
        &self,
        parts: &LoginParts,
        slot: &CountSlot,
    ) -> Result<Result<(BudgetTally, Option<OwnCount>, OwnCount), AttemptBarred>, Fault> {
        let before = slot.read(parts).await?;
        if let Some(stop) = self.stop(parts, before.as_ref()) {
            return Ok(Err(stop));
        }
        let tally = BudgetTally::of(parts, &self.standing, before.as_ref());
        let counted = OwnCount {
            count: tally.spent.saturating_add(1),
            until: self.standing.policy.counts_until(parts.now()),
            refused: before.as_ref().map(|before| before.refused.clone()).unwrap_or_default(),
        };
        slot.write(parts, counted.clone()).await?;
        Ok(Ok((tally, before, counted)))
    }

    async fn claim(
        &self,
        parts: &LoginParts,
        slot: &CountSlot,
        deadline: Instant,
    ) -> Result<Result<String, AttemptBarred>, Fault> {
        let holder = keys::random_id();
        let give_up = deadline.min(Instant::now() + PATIENCE);
        loop {
            if let Some(stop) = self.stop(parts, slot.read(parts).await?.as_ref()) {
                return Ok(Err(stop));
            }
            let now = parts.now();
            let left = deadline.saturating_duration_since(Instant::now()).as_millis();
            let until = now.saturating_add(Millis::try_from(left).unwrap_or(0)).saturating_add(GRACE);
            if parts.volatile.claim(&slot.key, &holder, until, now).await? {
                return Ok(Ok(holder));
            }
            let next = Instant::now() + self.looks_again();
            if next >= give_up {
                return Err(DirectoryError::Busy.into());
            }
            sleep_until(next).await;
        }
    }

    /// A known browser checks more often, so that the owner is likely to be next.
    fn looks_again(&self) -> Duration {
        Duration::from_millis(if self.browser == Browser::Known { 5 } else { 40 })
    }
}

impl Reservation {
    /// What was used up before this attempt.
    #[must_use]
    pub fn tally(&self) -> BudgetTally {
        self.tally
    }

    /// Records the result of the attempt and releases the claim.
    pub async fn settle(self, parts: &LoginParts, result: AttemptResult) -> Result<(), Fault> {
        let Some(held) = self.held else { return Ok(()) };
        let written = match held.after(result, parts.now()) {
            Some(ours) => held.slot.write(parts, ours).await,
            None => Ok(()),
        };
        parts.volatile.release(&held.slot.key, &held.holder).await?;
        written
    }
}

impl SlotClaim {
    /// The count to write after an attempt; `None` if it is stored already.
    fn after(&self, result: AttemptResult, now: Millis) -> Option<OwnCount> {
        let nothing = || OwnCount { count: 0, until: now, refused: Refused::default() };
        match result {
            AttemptResult::Accepted => Some(nothing()),
            AttemptResult::Uncounted => Some(self.before.clone().unwrap_or_else(nothing)),
            AttemptResult::Counted => None,
            AttemptResult::Refused => self.mark.map(|mark| {
                let mut counted = self.counted.clone();
                counted.refused.remember(mark, counted.until);
                counted
            }),
        }
    }
}
