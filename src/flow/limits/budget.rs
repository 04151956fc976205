//! A try against a person's password in the directory: reserved before it is made, counted before it is sent, settled
//! when the answer is known. Strangers who try passwords use up their share of what the directory bears, never the last
//! of it: nobody gets an account locked through us.
//!
//! One try at a time for each person, over all nodes, since what is decided here is written before the next one reads.
//! What we keep is the count as it would stand after our try, so that a count which a server told before that try is not
//! taken for the present one. A name that nobody has is counted alike, so that it runs out as a person's does.
//!
//! The same wrong password again is no new try: the last refused ones are remembered by keyed digests ([`marks`]), and a
//! repeat is refused without asking the directory.

mod counts;
mod marks;
mod reservation;

pub use crate::flow::limits::budget::tally::tally;
pub use reservation::{Candidate, Reservation, look};

use tokio::time::Instant;

use self::counts::Ours;
use crate::directory::{Bound, Directory, DirectoryError, LockoutState};
use crate::domain::Millis;
use crate::domain::audit::Budget;
use crate::domain::bind::{BindOutcome, BindRefusal};
use crate::domain::entry::Entry;
use crate::domain::lockout::{Browser, LockoutPolicy, spent, spent_until};
use crate::domain::password::ChangeOutcome;
use crate::domain::secret::Plain;
use crate::flow::installation::context::Parts;
use crate::flow::installation::current::Site;
use crate::flow::installation::fault::Fault;

/// What our counts are kept and sealed as. Another word for another form, so that nodes of two versions never read
/// each other's.
const KIND: &str = "tries_2";

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

/// One password, typed for somebody.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    pub subject: Subject<'a>,
    pub browser: Browser,
    pub password: &'a Plain,
}

/// Why no password may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// This browser has no try left.
    Spent(Tally),
    /// The same password was refused before; nothing is counted.
    Repeated(Tally),
}

/// Whether there is a try left.
#[derive(Debug)]
pub enum Reserved {
    Go(Reservation),
    /// No password may be sent.
    Stopped(Stop),
}

/// How much of the directory's patience was used up before a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Wrong passwords on the count.
    pub spent: u32,
    /// When the account is locked.
    pub policy: LockoutPolicy,
    /// Until when the last of them counts, where that is known.
    pub until: Option<Millis>,
}

impl Tally {
    fn of(parts: &Parts, standing: &LockoutState, ours: Option<&Ours>) -> Self {
        let (now, policy) = (parts.now(), standing.policy);
        let server_now = standing.server_now.unwrap_or(now);
        let spent = spent(&standing.counts, ours.map_or(0, |ours| ours.count), policy, server_now);
        let told = spent_until(&standing.counts, policy, server_now);
        // the server's clock may be another one
        let told = told.map(|until| until.saturating_sub(server_now).saturating_add(now));
        let until = ours.filter(|ours| ours.count > 0).map(|ours| ours.until).max(told);
        Self { spent, policy, until }
    }

    /// For the trail.
    #[must_use]
    pub fn told(self, browser: Browser) -> Budget {
        let Self { spent, policy, .. } = self;
        Budget { spent, threshold: policy.threshold, known_browser: browser == Browser::Known }
    }

    /// When the window is over at the latest, unless another wrong password comes.
    #[must_use]
    pub fn over_at(self, now: Millis) -> Millis {
        self.until.unwrap_or_else(|| self.policy.counts_until(now))
    }
}

/// What became of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// The directory took the password, which ends its own count too.
    Accepted,
    /// It confirmed the password and barred the bind, or it is certain that it never saw it: nothing is on its count.
    Uncounted,
    /// It was refused for another reason than the password, or nobody knows.
    Counted,
    /// The directory says that the password is wrong: it is remembered.
    Refused,
}

impl Tried {
    /// What a bind came to. A password that was refused unseen counts: so does one of a name that nobody has.
    #[must_use]
    pub fn by_bind(bound: &Result<Bound, DirectoryError>) -> Self {
        match bound {
            Ok(Bound { outcome: BindOutcome::Accepted, .. }) => Self::Accepted,
            Ok(bound) if bound.outcome.proves_password() => Self::Uncounted,
            Ok(Bound { outcome: BindOutcome::Refused(BindRefusal::InvalidCredentials), server: Some(_) }) => {
                Self::Refused
            }
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

/// Strangers have their own way into a directory, so that they hold up nobody else.
#[must_use]
pub fn way_in(site: &Site, browser: Browser) -> Directory {
    match browser {
        Browser::Known => site.directory.clone(),
        Browser::Unknown => site.directory.for_unknown_browsers(),
    }
}

/// Looks and reserves in one: for whoever waits for nothing in between. Another try that is under way is waited for;
/// [`DirectoryError::Busy`] when that takes too long.
pub async fn reserve(
    parts: &Parts,
    site: &Site,
    attempt: Attempt<'_>,
    deadline: Instant,
) -> Result<Reserved, Fault> {
    match look(parts, site, attempt, deadline).await? {
        Ok(candidate) => candidate.reserve(parts, deadline).await,
        Err(stop) => Ok(Reserved::Stopped(stop)),
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
        let bound = |outcome| Ok(Bound { outcome, server: Some("dc1:636".to_owned()) });
        let unasked =
            Ok(Bound { outcome: BindOutcome::Refused(BindRefusal::InvalidCredentials), server: None });
        let refused = |why| bound(BindOutcome::Refused(why));
        let table = [
            (bound(BindOutcome::Accepted), Tried::Accepted),
            (refused(BindRefusal::PasswordMustChange), Tried::Uncounted),
            (refused(BindRefusal::Disabled), Tried::Uncounted),
            (refused(BindRefusal::InvalidCredentials), Tried::Refused),
            (unasked, Tried::Counted),
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
pub(super) mod tally;
