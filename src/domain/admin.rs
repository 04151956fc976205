//! Who may do what in the admin panel. The roles come from groups of a directory; the one table of
//! capabilities is in `capability`.

mod actor;
mod approval;
mod capability;
mod groups;
mod merge;
mod task;

pub use actor::{Actor, ActorRequest};
pub use approval::{
    APPROVAL_LIFETIME, Approval, ApprovalOrder, ApprovalState, LET_IN, LetIn, decides_from, needs_two,
    only_ends_four_eyes,
};
pub use capability::{Capability, Intent};
pub use groups::AdminGroups;
pub use merge::{MergedField, merged_field};
pub use task::{AdminTask, TASK_ABANDONED, TASK_BEAT, TASK_TAKEN, TaskKind, TaskOrder, TaskRoom, TaskState};

pub use super::role::Role;

use super::account::AccountId;
use super::secret::Hashed;
use super::{DAY, HOUR, MINUTE, Millis};

/// How recent the second factor must be for a dangerous action.
pub const FRESH_FACTOR: Millis = 5 * MINUTE;
/// How long the role that was confirmed last counts for reading while the directory is not available.
pub const ROLE_WITHOUT_DIRECTORY: Millis = 10 * MINUTE;
/// How old the directory's last answer about a role may be.
pub const ROLE_SEEN: Millis = MINUTE;
/// How long a break-glass link can be used.
pub const LINK_LIFETIME: Millis = 10 * MINUTE;
/// How long the session of a break-glass link lasts.
pub const LINK_SESSION: Millis = HOUR;
/// How long what was sent waits to be confirmed with a fresh second factor.
pub const DRAFT_LIFETIME: Millis = 10 * MINUTE;
/// How far the clocks of nodes may differ.
pub const CLOCK_SKEW: Millis = MINUTE;
/// How long every admin sees that a break-glass link was used.
pub const LINK_NOTICE: Millis = 7 * DAY;

/// Who a session of the panel belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdminHolder {
    /// A person, in the browser session with this public id.
    Person { account: AccountId, sid: String },
    /// Whoever used the link that this user of the server has made.
    Link { made_by: String },
    /// A script with an access token. Never stored.
    Token,
}

/// A session of the panel, as stored. The id itself is only in the browser's cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminSession {
    /// Digest of the id in the cookie.
    pub id_hash: Hashed,
    pub holder: AdminHolder,
    /// It ends when the person no longer has this role.
    pub role: Role,
    /// When a second factor was proven, at the earliest.
    pub factor_at: Millis,
    /// When the directory last confirmed the role.
    pub role_seen_at: Millis,
    pub created_at: Millis,
    pub used_at: Millis,
}

impl AdminSession {
    /// True while neither lifetime has expired. A clock that was set back by more than nodes differ ends it too.
    #[must_use]
    pub fn is_alive(&self, idle: Millis, absolute: Millis, now: Millis) -> bool {
        let absolute = match self.holder {
            AdminHolder::Person { .. } | AdminHolder::Token => absolute,
            AdminHolder::Link { .. } => absolute.min(LINK_SESSION),
        };
        now >= self.created_at - CLOCK_SKEW && now - self.used_at < idle && now - self.created_at < absolute
    }

    /// Who owns what was typed in it: a person in one browser, who may sign in again meanwhile, or one session of a
    /// link or script.
    #[must_use]
    pub fn owner_of_drafts(&self) -> String {
        match &self.holder {
            AdminHolder::Person { account, sid } => format!("{} {sid}", account.0),
            AdminHolder::Link { .. } | AdminHolder::Token => {
                format!("session {}", hex::encode(self.id_hash.0))
            }
        }
    }

    /// True if the factor was proven recently enough for a dangerous action.
    #[must_use]
    pub fn is_fresh(&self, now: Millis) -> bool {
        let longest = match self.holder {
            AdminHolder::Person { .. } | AdminHolder::Token => FRESH_FACTOR,
            // The link is the factor.
            AdminHolder::Link { .. } => LINK_LIFETIME,
        };
        (-CLOCK_SKEW..longest).contains(&(now - self.factor_at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(holder: AdminHolder) -> AdminSession {
        let (role, id_hash) = (Role::Owner, Hashed([0; 32]));
        AdminSession { id_hash, holder, role, factor_at: 0, role_seen_at: 0, created_at: 0, used_at: 0 }
    }

    #[test]
    fn a_session_ends_by_its_age_and_when_it_is_not_used() {
        let person = || AdminHolder::Person { account: AccountId("a".into()), sid: "s".into() };
        let link = || AdminHolder::Link { made_by: "root@host".into() };
        for (holder, used_at, now, alive) in [
            (person(), 0, 30 * MINUTE - 1, true),
            (person(), 0, 30 * MINUTE, false),
            (person(), 7 * HOUR, 7 * HOUR + MINUTE, true),
            (person(), 8 * HOUR - 1, 8 * HOUR, false),
            (person(), 0, -CLOCK_SKEW, true),
            (person(), 0, -CLOCK_SKEW - 1, false),
            (link(), HOUR - MINUTE, HOUR - 1, true),
            (link(), HOUR - MINUTE, HOUR, false),
        ] {
            let session = AdminSession { used_at, ..session(holder) };
            assert_eq!(session.is_alive(30 * MINUTE, 8 * HOUR, now), alive, "{session:?} at {now}");
        }
    }

    #[test]
    fn a_session_of_a_link_owns_its_own_drafts() {
        let with = |holder, id: u8| AdminSession { id_hash: Hashed([id; 32]), ..session(holder) };
        let person = |id| with(AdminHolder::Person { account: AccountId("a".into()), sid: "s".into() }, id);
        let link = |id| with(AdminHolder::Link { made_by: "root@host".into() }, id);
        assert_eq!(
            person(1).owner_of_drafts(),
            person(2).owner_of_drafts(),
            "a new session of the same browser"
        );
        assert_ne!(link(1).owner_of_drafts(), link(2).owner_of_drafts());
    }

    #[test]
    fn a_factor_counts_for_dangerous_actions_for_some_minutes() {
        let person = session(AdminHolder::Person { account: AccountId("a".into()), sid: "s".into() });
        let link = session(AdminHolder::Link { made_by: "root@host".into() });
        for (now, of_person, of_link) in [
            (0, true, true),
            (FRESH_FACTOR - 1, true, true),
            (FRESH_FACTOR, false, true),
            (LINK_LIFETIME, false, false),
            (-CLOCK_SKEW, true, true),
            (-CLOCK_SKEW - 1, false, false),
        ] {
            assert_eq!((person.is_fresh(now), link.is_fresh(now)), (of_person, of_link), "{now}");
        }
    }
}
