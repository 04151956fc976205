//! A try against a person's password in the directory: reserved before it is made, counted before it is sent, settled
//! when the answer is known. Strangers who try passwords use up their share of what the directory bears, never the last
//! of it: nobody gets an account locked through us.
//!
//! One try at a time for each person, over all nodes, since what is decided here is written before the next one reads.
//! What we keep is the count as it would stand after our try, so that a count which a server told before that try is not
//! taken for the present one. A name that nobody has is counted alike, so that it runs out as a person's does.

mod counts;

use tokio::time::{Duration, Instant, sleep_until};

use self::counts::{Ours, Place};
use crate::directory::{Bound, DirectoryError, LockoutStanding};
use crate::domain::audit::Budget;
use crate::domain::bind::BindOutcome;
use crate::domain::entry::Entry;
use crate::domain::lockout::{Browser, allows, spent};
use crate::domain::password::ChangeOutcome;
use crate::domain::{Millis, SECOND};
use crate::flow::context::Parts;
use crate::flow::estate::Site;
use crate::flow::fault::Fault;
use crate::keys;

/// What our counts are kept and sealed as.
const KIND: &str = "tries";
/// A claim outlives the deadline of its try by this much; only that of a node that died lasts so long.
const GRACE: Millis = 2 * SECOND;
/// Who finds the person claimed looks again so often, and gives up after so long.
const LOOK: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_millis(1_500);

/// Whose try it is.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// A person who was found.
    Entry(&'a Entry),
    /// A name that nobody, or more than one, answers to; folded ([`crate::domain::name::fold`]).
    Name(&'a str),
    /// A name in the form in which somebody typed it (folded), of the person who was found by it. Its tries are counted
    /// as those of a name that nobody has, whatever else is known of the person: what a page tells by this count, it
    /// tells of every name.
    Form(&'a Entry, &'a str),
}

/// Whether there is a try left.
#[derive(Debug)]
pub enum Reserved {
    /// One is reserved.
    Go(Reservation),
    /// None for this browser: no password may be sent.
    Spent(Tally),
}

/// How much of the directory's patience was used up before a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Wrong passwords on the count.
    pub spent: u32,
    /// How many lock the account; 0: none ever does.
    pub threshold: u32,
}

impl Tally {
    /// For the trail.
    #[must_use]
    pub fn told(self, browser: Browser) -> Budget {
        let Self { spent, threshold } = self;
        Budget { spent, threshold, known_browser: browser == Browser::Known }
    }
}

/// What became of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// The directory took the password, which ends its own count too.
    Accepted,
    /// It confirmed the password and barred the bind, or it is certain that it never saw it: nothing is on its count.
    Uncounted,
    /// The password was wrong, or nobody knows.
    Counted,
}

/// A reserved try. One that is dropped without being settled stays counted, and keeps others waiting for seconds.
#[derive(Debug)]
pub struct Reservation {
    /// `None` where nothing ever locks an account.
    held: Option<Held>,
    tally: Tally,
}

#[derive(Debug)]
struct Held {
    place: Place,
    holder: String,
    /// The count of ours before this try, and until when it counted.
    before: Option<Ours>,
}

impl Tried {
    /// What a bind came to. A password that was refused unseen counts: so does one of a name that nobody has.
    #[must_use]
    pub fn by_bind(bound: &Result<Bound, DirectoryError>) -> Self {
        match bound {
            Ok(Bound { outcome: BindOutcome::Accepted, .. }) => Self::Accepted,
            Ok(bound) if bound.outcome.proves_password() => Self::Uncounted,
            Ok(_) => Self::Counted,
            Err(error) => Self::by_error(error),
        }
    }

    /// What a change of password came to.
    #[must_use]
    pub fn by_change(changed: &Result<ChangeOutcome, DirectoryError>) -> Self {
        match changed {
            Ok(ChangeOutcome::Accepted) => Self::Accepted,
            // A rule may have been checked before the old password was.
            Ok(ChangeOutcome::Refused(_)) => Self::Uncounted,
            Ok(ChangeOutcome::WrongOldPassword) => Self::Counted,
            Err(error) => Self::by_error(error),
        }
    }

    fn by_error(error: &DirectoryError) -> Self {
        if error.may_have_been_sent() { Self::Counted } else { Self::Uncounted }
    }
}

/// Reserves a try, waiting for another one that is under way; [`DirectoryError::Busy`] when that takes too long.
pub async fn reserve(
    parts: &Parts,
    site: &Site,
    subject: Subject<'_>,
    browser: Browser,
    deadline: Instant,
) -> Result<Reserved, Fault> {
    let standing = site.directory.lockout(subject.entry(), deadline).await?;
    if standing.policy.threshold == 0 {
        return Ok(Reserved::Go(Reservation { held: None, tally: Tally::of(parts, &standing, None) }));
    }
    let place = Place::of(subject, parts, site);
    let holder = match claim(parts, &standing, &place, browser, deadline).await? {
        Claimed::Held(holder) => holder,
        Claimed::Spent(tally) => return Ok(Reserved::Spent(tally)),
    };
    let reserved = reserve_claimed(parts, &standing, &place, browser).await;
    match reserved {
        Ok((tally, Some(before))) => {
            Ok(Reserved::Go(Reservation { held: Some(Held { place, holder, before }), tally }))
        }
        Ok((tally, None)) => {
            parts.volatile.release(&place.key, &holder).await?;
            Ok(Reserved::Spent(tally))
        }
        Err(error) => {
            parts.volatile.release(&place.key, &holder).await?;
            Err(error)
        }
    }
}

/// Decides again, now that nobody else can, and counts. The inner value is our count before.
async fn reserve_claimed(
    parts: &Parts,
    standing: &LockoutStanding,
    place: &Place,
    browser: Browser,
) -> Result<(Tally, Option<Option<Ours>>), Fault> {
    let before = place.read(parts).await?;
    let tally = Tally::of(parts, standing, before);
    if !allows(standing.policy, tally.spent, browser) {
        return Ok((tally, None));
    }
    let until = standing.policy.counts_until(parts.now());
    place.write(parts, Ours { count: tally.spent.saturating_add(1), until }).await?;
    Ok((tally, Some(before)))
}

enum Claimed {
    Held(String),
    Spent(Tally),
}

/// Waits for its turn. Who has nothing left is told so at once, and keeps nobody waiting: not the owner, above all.
async fn claim(
    parts: &Parts,
    standing: &LockoutStanding,
    place: &Place,
    browser: Browser,
    deadline: Instant,
) -> Result<Claimed, Fault> {
    let holder = keys::random_id();
    let give_up = deadline.min(Instant::now() + PATIENCE);
    loop {
        let tally = Tally::of(parts, standing, place.read(parts).await?);
        if !allows(standing.policy, tally.spent, browser) {
            return Ok(Claimed::Spent(tally));
        }
        let now = parts.now();
        let left = deadline.saturating_duration_since(Instant::now()).as_millis();
        let until = now.saturating_add(Millis::try_from(left).unwrap_or(0)).saturating_add(GRACE);
        if parts.volatile.claim(&place.key, &holder, until, now).await? {
            return Ok(Claimed::Held(holder));
        }
        let next = Instant::now() + LOOK;
        if next >= give_up {
            return Err(DirectoryError::Busy.into());
        }
        sleep_until(next).await;
    }
}

impl Tally {
    fn of(parts: &Parts, standing: &LockoutStanding, ours: Option<Ours>) -> Self {
        let now = standing.server_now.unwrap_or_else(|| parts.now());
        let spent = spent(&standing.counts, ours.map_or(0, |ours| ours.count), standing.policy, now);
        Self { spent, threshold: standing.policy.threshold }
    }
}

impl Reservation {
    /// What was used up before this try.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Says what became of the try, and lets the next one begin.
    pub async fn settle(self, parts: &Parts, tried: Tried) -> Result<(), Fault> {
        let Some(Held { place, holder, before }) = self.held else { return Ok(()) };
        let settled = match (tried, before) {
            (Tried::Counted, _) => Ok(()),
            (Tried::Uncounted, Some(before)) => place.write(parts, before).await,
            (Tried::Accepted, _) | (Tried::Uncounted, None) => {
                place.write(parts, Ours { count: 0, until: parts.now() }).await
            }
        };
        parts.volatile.release(&place.key, &holder).await?;
        settled
    }
}

impl Subject<'_> {
    fn entry(&self) -> Option<&Entry> {
        match self {
            Self::Entry(entry) => Some(entry),
            Self::Name(_) | Self::Form(..) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::bind::BindRefusal;
    use crate::domain::password::ChangeRefusal;

    #[test]
    fn only_what_the_directory_can_not_have_counted_is_given_back() {
        let bound = |outcome| Ok(Bound { outcome, server: None });
        let refused = |why| bound(BindOutcome::Refused(why));
        let table = [
            (bound(BindOutcome::Accepted), Tried::Accepted),
            (refused(BindRefusal::PasswordMustChange), Tried::Uncounted),
            (refused(BindRefusal::Disabled), Tried::Uncounted),
            (refused(BindRefusal::InvalidCredentials), Tried::Counted),
            (refused(BindRefusal::Locked), Tried::Counted),
            (refused(BindRefusal::Unknown(1)), Tried::Counted),
            (Err(DirectoryError::Unanswered(vec![])), Tried::Counted),
            (Err(DirectoryError::Refused { code: 80, text: String::new() }), Tried::Counted),
            (Err(DirectoryError::Unavailable(vec![])), Tried::Uncounted),
            (Err(DirectoryError::Timeout(vec![])), Tried::Uncounted),
            (Err(DirectoryError::Busy), Tried::Uncounted),
        ];
        for (bound, expected) in table {
            assert_eq!(Tried::by_bind(&bound), expected, "{bound:?}");
        }
    }

    #[test]
    fn a_wrong_old_password_counts_and_a_bad_new_one_does_not() {
        let table = [
            (Ok(ChangeOutcome::Accepted), Tried::Accepted),
            (Ok(ChangeOutcome::WrongOldPassword), Tried::Counted),
            (Ok(ChangeOutcome::Refused(ChangeRefusal::InHistory)), Tried::Uncounted),
            (Err(DirectoryError::Unanswered(vec![])), Tried::Counted),
            (Err(DirectoryError::Busy), Tried::Uncounted),
        ];
        for (changed, expected) in table {
            assert_eq!(Tried::by_change(&changed), expected, "{changed:?}");
        }
    }
}
