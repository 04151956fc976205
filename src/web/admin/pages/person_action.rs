//! What an admin can do for one person: the buttons of the page, and the messages after them.

use std::borrow::Cow;

use crate::domain::admin::Capability;
use crate::flow::account::views::AccountView;
use crate::flow::support::people::PersonView;
use crate::web::admin::address::LOCK_DOWN;
use crate::web::pages::Language;

/// One action, with a page of its own to post to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web::admin) enum PersonAction {
    SyncNow,
    EndSessions,
    Invite,
    ResetFactors,
    Suspend,
    LockDown,
    Reactivate,
}

impl PersonAction {
    pub(in crate::web::admin) const ALL: [Self; 7] = [
        Self::SyncNow,
        Self::EndSessions,
        Self::Invite,
        Self::ResetFactors,
        Self::Suspend,
        Self::LockDown,
        Self::Reactivate,
    ];

    /// Where the form is posted to, with the field `account`.
    pub(in crate::web::admin) const fn path(self) -> &'static str {
        match self {
            Self::SyncNow => "/admin/people/sync",
            Self::EndSessions => "/admin/people/end-sessions",
            Self::Invite => "/admin/people/invite",
            Self::ResetFactors => "/admin/people/reset-factors",
            Self::Suspend => "/admin/people/suspend",
            Self::LockDown => LOCK_DOWN,
            Self::Reactivate => "/admin/people/reactivate",
        }
    }

    /// The action at this path.
    pub(in crate::web::admin) fn at(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.path() == path)
    }

    /// What it needs.
    pub(in crate::web::admin) const fn capability(self) -> Capability {
        match self {
            Self::SyncNow => Capability::SyncPerson,
            Self::EndSessions => Capability::EndSessions,
            Self::Invite => Capability::Invite,
            Self::ResetFactors => Capability::ResetFactors,
            Self::Suspend | Self::LockDown | Self::Reactivate => Capability::SuspendHere,
        }
    }

    /// False if it would do nothing.
    pub(in crate::web::admin) fn fits(self, account: &AccountView) -> bool {
        let is_suspended_here = account.suspended_because == Some("admin");
        match self {
            Self::Suspend => !is_suspended_here,
            Self::Reactivate => is_suspended_here,
            Self::SyncNow => account.directory.is_some(),
            // Ordered again, it repeats what is not confirmed.
            Self::EndSessions | Self::Invite | Self::ResetFactors | Self::LockDown => true,
        }
    }

    /// The text of the button, which says how much ends.
    pub(in crate::web::admin) fn label(self, language: Language, person: &PersonView) -> Cow<'static, str> {
        match self {
            Self::EndSessions => {
                let (sessions, tokens) = (person.sessions.sessions.len(), person.sessions.refresh_families);
                let ended = [("sessions", sessions.into()), ("tokens", tokens.into())];
                language.with_all("do-end-sessions", ended)
            }
            Self::ResetFactors => language.with("do-reset-factors", "count", person.factors.len()),
            Self::SyncNow | Self::Invite | Self::Suspend | Self::LockDown | Self::Reactivate => {
                language.text(self.keys()[0])
            }
        }
    }

    /// The keys of the button and of what it does.
    pub(in crate::web::admin) const fn keys(self) -> [&'static str; 2] {
        match self {
            Self::SyncNow => ["do-sync-now", "do-sync-now.what"],
            Self::EndSessions => ["do-end-sessions", "do-end-sessions.what"],
            Self::Invite => ["do-invite", "do-invite.what"],
            Self::ResetFactors => ["do-reset-factors", "do-reset-factors.what"],
            Self::Suspend => ["do-suspend", "do-suspend.what"],
            Self::LockDown => ["do-lock-down", "do-lock-down.what"],
            Self::Reactivate => ["do-reactivate", "do-reactivate.what"],
        }
    }
}

/// A button with the token of its form.
#[derive(Clone, Debug)]
pub(in crate::web::admin) struct PersonButton {
    pub action: PersonAction,
    pub token: String,
}

/// What the page says after an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web::admin) enum PersonNotice {
    SessionsEnded,
    FactorsReset,
    Suspended,
    Reactivated,
    Unknown,
    Oneself,
    HigherRole,
    RoleUnknown,
    NotHandedOver,
    /// Somebody else was faster.
    Changed,
}

impl PersonNotice {
    pub(super) const ALL: [Self; 10] = [
        Self::SessionsEnded,
        Self::FactorsReset,
        Self::Suspended,
        Self::Reactivated,
        Self::Unknown,
        Self::Oneself,
        Self::HigherRole,
        Self::RoleUnknown,
        Self::NotHandedOver,
        Self::Changed,
    ];

    /// Its word in a notice; also the key of the text.
    pub(in crate::web::admin) const fn word(self) -> &'static str {
        match self {
            Self::SessionsEnded => "done-sessions-ended",
            Self::FactorsReset => "done-factors-reset",
            Self::Suspended => "done-suspended",
            Self::Reactivated => "done-reactivated",
            Self::Unknown => "refused-unknown",
            Self::Oneself => "refused-oneself",
            Self::HigherRole => "refused-higher-role",
            Self::RoleUnknown => "refused-role-unknown",
            Self::NotHandedOver => "refused-not-handed-over",
            Self::Changed => "refused-changed",
        }
    }

    /// Parses the value.
    pub(in crate::web::admin) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.word() == word)
    }

    /// The kind for the macro `notice`.
    pub(super) fn kind(self) -> &'static str {
        if self.word().starts_with("done") { "good" } else { "trouble" }
    }
}
