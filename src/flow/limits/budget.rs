//! Reserve an attempt at a person's directory password before it is made, count it before it is sent, and
//! settle it when the result is known. Unknown browsers can use up their share of the attempts that the
//! directory allows, but never the last ones: nobody can lock an account through us.
//!
//! Only one attempt per person is made at a time, across all nodes, because each decision is written before
//! the next attempt reads it. The stored count is the one after our attempt, so that an older count reported
//! by a server is not taken for the current one. Names that do not exist are counted the same way, so that
//! they run out like any other.
//!
//! The same wrong password again is not a new attempt: keyed digests of the last refused ones are stored
//! ([`marks`]), and a repeat is refused without asking the directory.

mod counts;
mod marks;
mod reservation;
pub(super) mod tally;

pub use crate::flow::limits::budget::tally::tally;
pub use reservation::{AttemptCandidate, Reservation, look};

use tokio::time::Instant;

use self::counts::OwnCount;
use crate::directory::{Bound, Directory, DirectoryError, LockoutState};
use crate::domain::Millis;
use crate::domain::audit::Budget;
use crate::domain::bind::{BindOutcome, BindRefusal};
use crate::domain::entry::Entry;
use crate::domain::lockout::{Browser, LockoutPolicy, spent, spent_until};
use crate::domain::password::ChangeOutcome;
use crate::domain::secret::Plain;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::current::Site;
use crate::flow::installation::fault::Fault;

/// The kind under which counts are stored and sealed. A new format gets a new kind, so that nodes of two
/// versions never read each other's.
const KIND: &str = "tries_2";

/// What an attempt is counted for.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// An entry that was found.
    Entry(&'a Entry),
    /// A name that no entry, or more than one, has; folded ([`crate::domain::name::fold`]).
    Name(&'a str),
    /// One form of a person's name (folded). Its attempts count like those of a name that does not exist, so
    /// that a page that depends on this count reveals nothing.
    Form(&'a Entry, &'a str),
}

/// A password typed for a subject.
#[derive(Clone, Copy, Debug)]
pub struct PasswordAttempt<'a> {
    pub subject: Subject<'a>,
    pub browser: Browser,
    pub password: &'a Plain,
}

/// Why no password may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptBarred {
    /// This browser has no attempt left.
    Spent(BudgetTally),
    Repeated(BudgetTally),
}

/// The result of a reservation.
#[derive(Debug)]
pub enum Reserved {
    Go(Reservation),
    Stopped(AttemptBarred),
}

/// How many of the directory's allowed attempts were used up before this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetTally {
    /// Wrong passwords that count.
    pub spent: u32,
    /// When the directory locks the account.
    pub policy: LockoutPolicy,
    /// Until when the last of them counts, if known.
    pub until: Option<Millis>,
}

impl BudgetTally {
    fn of(parts: &LoginParts, standing: &LockoutState, ours: Option<&OwnCount>) -> Self {
        let (now, policy) = (parts.now(), standing.policy);
        let server_now = standing.server_now.unwrap_or(now);
        let spent = spent(&standing.counts, ours.map_or(0, |ours| ours.count), policy, server_now);
        let reported = spent_until(&standing.counts, policy, server_now);
        // The server's clock may differ from ours.
        let reported = reported.map(|until| until.saturating_sub(server_now).saturating_add(now));
        let until = ours.filter(|ours| ours.count > 0).map(|ours| ours.until).max(reported);
        Self { spent, policy, until }
    }

    /// The tally for the audit trail.
    #[must_use]
    pub fn for_audit(self, browser: Browser) -> Budget {
        let Self { spent, policy, .. } = self;
        Budget { spent, threshold: policy.threshold, known_browser: browser == Browser::Known }
    }

    /// When the window ends at the latest, unless another wrong password follows.
    #[must_use]
    pub fn over_at(self, now: Millis) -> Millis {
        self.until.unwrap_or_else(|| self.policy.counts_until(now))
    }
}

/// The result of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptResult {
    /// The directory accepted the password, which also resets its own count.
    Accepted,
    /// The directory confirmed the password but refused the bind, or certainly never saw it.
    Uncounted,
    /// It was refused for another reason than the password, or the result is unknown.
    Counted,
    /// The directory reported a wrong password, which is remembered.
    Refused,
}

impl AttemptResult {
    /// The result of a bind. A password refused without asking the directory counts, as for an unknown name.
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

    /// The result of a password change.
    #[must_use]
    pub fn by_change(changed: &Result<ChangeOutcome, DirectoryError>) -> Self {
        match changed {
            Ok(ChangeOutcome::Accepted) => Self::Accepted,
            // The directory may have checked a password rule before it checked the old password.
            Ok(ChangeOutcome::Refused(_)) => Self::Uncounted,
            Ok(ChangeOutcome::WrongOldPassword) => Self::Counted,
            Err(error) => Self::by_error(error),
        }
    }

    fn by_error(error: &DirectoryError) -> Self {
        if error.may_have_been_sent() { Self::Counted } else { Self::Uncounted }
    }
}

/// Unknown browsers use connections of their own, so that they block nobody else.
#[must_use]
pub fn directory_for(site: &Site, browser: Browser) -> Directory {
    match browser {
        Browser::Known => site.directory.clone(),
        Browser::Unknown => site.directory.for_unknown_browsers(),
    }
}

/// Looks and reserves in one call, if nothing has to happen in between. Waits for an attempt in progress;
/// fails with [`DirectoryError::Busy`] if that takes too long.
pub async fn reserve(
    parts: &LoginParts,
    site: &Site,
    attempt: PasswordAttempt<'_>,
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
            (bound(BindOutcome::Accepted), AttemptResult::Accepted),
            (refused(BindRefusal::PasswordMustChange), AttemptResult::Uncounted),
            (refused(BindRefusal::Disabled), AttemptResult::Uncounted),
            (refused(BindRefusal::InvalidCredentials), AttemptResult::Refused),
            (unasked, AttemptResult::Counted),
            (refused(BindRefusal::Locked), AttemptResult::Counted),
            (refused(BindRefusal::Unknown(1)), AttemptResult::Counted),
            (Err(DirectoryError::Unanswered(vec![])), AttemptResult::Counted),
            (Err(DirectoryError::Refused { code: 80, text: String::new() }), AttemptResult::Counted),
            (Err(DirectoryError::Unavailable(vec![])), AttemptResult::Uncounted),
            (Err(DirectoryError::Timeout(vec![])), AttemptResult::Uncounted),
            (Err(DirectoryError::Busy), AttemptResult::Uncounted),
        ];
        for (bound, expected) in table {
            assert_eq!(AttemptResult::by_bind(&bound), expected, "{bound:?}");
        }
    }

    #[test]
    fn a_wrong_old_password_counts_and_a_bad_new_one_does_not() {
        let table = [
            (Ok(ChangeOutcome::Accepted), AttemptResult::Accepted),
            (Ok(ChangeOutcome::WrongOldPassword), AttemptResult::Counted),
            (Ok(ChangeOutcome::Refused(ChangeRefusal::InHistory)), AttemptResult::Uncounted),
            (Err(DirectoryError::Unanswered(vec![])), AttemptResult::Counted),
            (Err(DirectoryError::Busy), AttemptResult::Uncounted),
        ];
        for (changed, expected) in table {
            assert_eq!(AttemptResult::by_change(&changed), expected, "{changed:?}");
        }
    }
}
