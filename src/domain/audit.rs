//! Audit events: one per decision, written in the same transaction. They never contain a secret or a full
//! entry.

mod detail;

use core::net::IpAddr;

use serde::Serialize;

pub use self::detail::{Budget, Detail, GateRecord};

use super::account::AccountId;
use super::admin::{Actor, Role};
use super::entry::DirectoryId;
use super::{DAY, HOUR, Millis, words};

words! {
    /// What was decided.
    pub enum Decision {
        SignedIn = "signed_in",
        /// A sign-in was refused; the gate says why.
        SignInRefused = "sign_in_refused",
        /// A sign-in could not be decided (directory unavailable, overload).
        SignInUndecided = "sign_in_undecided",
        /// A sign-in was refused unchecked, after too many failed attempts.
        SignInThrottled = "sign_in_throttled",
        FactorRefused = "factor_refused",
        /// A person changed the directory password.
        PasswordChanged = "password_changed",
        /// The directory refused a new password.
        PasswordChangeRefused = "password_change_refused",
        /// A code was exchanged for tokens.
        CodeExchanged = "code_exchanged",
        /// A code was presented a second time; the tokens from its first use were revoked.
        CodeReplayed = "code_replayed",
        /// A refresh token was used.
        Refreshed = "refreshed",
        RefreshRefused = "refresh_refused",
        /// A refresh token was presented a second time; its family was revoked.
        RefreshReplayed = "refresh_replayed",
        /// A client revoked one of its tokens, which ended the family.
        TokenRevoked = "token_revoked",
        /// An existing session answered an authorization request.
        SessionUsed = "session_used",
        /// An existing session was refused at an authorization request.
        SessionRefused = "session_refused",
        SignedOut = "signed_out",
        /// A client was told that a session has ended, and has confirmed it.
        BackchannelLogout = "backchannel_logout",
        /// A client could not be told for a day.
        BackchannelLogoutFailed = "backchannel_logout_failed",
        /// All sessions and tokens of an account were ended, or the owner ended all but the current one.
        SessionsEnded = "sessions_ended",
        SettingsChanged = "settings_changed",
        KeysRotated = "keys_rotated",
        AccountsImported = "accounts_imported",
        FactorAdded = "factor_added",
        FactorRemoved = "factor_removed",
        /// An administrator removed all second factors of an account.
        FactorsReset = "factors_reset",
        FactorsImported = "factors_imported",
        RecoveryCodesMade = "recovery_codes_made",
        RecoveryCodeUsed = "recovery_code_used",
        /// An administrator created a code that lets a person set up a factor, or sign in once without one.
        InvitationMade = "invitation_made",
        InvitationUsed = "invitation_used",
        /// An administrator erased an account and all data about its person.
        AccountErased = "account_erased",
        /// An administrator linked an account to a different entry.
        AccountHandedOver = "account_handed_over",
        /// An administrator suspended an account here.
        PersonSuspended = "person_suspended",
        /// An administrator locked a person down: suspended here, signed out everywhere, told to every service.
        PersonLockedDown = "person_locked_down",
        /// Every step of a lock-down was confirmed by a client or service, or given up.
        LockDownEnded = "lock_down_ended",
        /// An administrator ended such a suspension.
        PersonReactivated = "person_reactivated",
        /// An admin downloaded the audit log.
        AuditExported = "audit_exported",
        /// An admin asked for a check of the audit log.
        AuditCheckAsked = "audit_check_asked",
        /// An admin downloaded a list of people.
        PeopleExported = "people_exported",
        /// A client failed to authenticate.
        ClientRefused = "client_refused",
        /// A client sent the secret before the current one, which is still accepted.
        OldSecretUsed = "old_secret_used",
        /// A person with a role, or somebody with a break-glass link, entered the admin panel.
        AdminEntered = "admin_entered",
        /// A person without a role was refused at the admin panel, or lost the role of a session.
        AdminRefused = "admin_refused",
        /// A user of the server created a break-glass link.
        AdminLinkMade = "admin_link_made",
        /// A break-glass link was used.
        AdminLinkUsed = "admin_link_used",
        /// A user of the server ended what break-glass links had opened.
        AdminLinksEnded = "admin_links_ended",
        /// An owner said that the use of a break-glass link was their own or a colleague's.
        AdminLinkConfirmed = "admin_link_confirmed",
        /// A sync found the object of a group that gives a role: from now on it does.
        AdminGroupFound = "admin_group_found",
        /// An administrator decided about a person whom the guard holds.
        HeldDecided = "held_decided",
        /// An administrator stopped a run, which pauses the sync of the directory.
        SyncStopped = "sync_stopped",
        /// An admin tested single sign-on; the tokens of the test were revoked.
        SsoTested = "sso_tested",
        /// A script got a token for the admin panel.
        ClientTokenIssued = "client_token_issued",
        /// An admin ordered long work in the panel, or a user of the server on the command line.
        TaskOrdered = "task_ordered",
        /// An admin stopped it.
        TaskStopped = "task_stopped",
        /// An admin asked another owner to approve what needs two.
        ApprovalAsked = "approval_asked",
        /// Another owner approved it, and it was done.
        ApprovalApproved = "approval_approved",
        ApprovalRejected = "approval_rejected",
        /// The admin who had asked withdrew it.
        ApprovalWithdrawn = "approval_withdrawn",
        /// Nobody decided in time, or the settings were changed.
        ApprovalExpired = "approval_expired",
        /// An administrator paused the sync of a directory.
        SyncPaused = "sync_paused",
        SyncResumed = "sync_resumed",
        /// An administrator downloaded the sync log.
        SyncLogExported = "sync_log_exported",
        /// An admin downloaded a support bundle.
        SupportBundleMade = "support_bundle_made",
        /// An administrator tested the connection to a directory.
        ConnectionTested = "connection_tested",
        /// A service gets nothing any more until an administrator resumes it or its settings change.
        DeliveryStopped = "delivery_stopped",
        /// A service has not answered as it should for fifteen minutes.
        DeliveryAway = "delivery_away",
        /// An administrator resumed a service, or had tried again whom it has refused.
        DeliveryRetried = "delivery_retried",
        /// An administrator tested the connection to a service.
        DeliveryTested = "delivery_tested",
        /// A service was compared with what it should have: by an administrator, or daily with a difference.
        DeliveryCompared = "delivery_compared",
        /// An administrator created a code with which an agent enrols.
        AgentInvited = "agent_invited",
        /// An agent has enrolled its key with a code.
        AgentEnrolled = "agent_enrolled",
        AgentConnected = "agent_connected",
        /// The connection of an agent has ended.
        AgentGone = "agent_gone",
        /// An agent has replaced its key.
        AgentKeyRenewed = "agent_key_renewed",
        /// The list of what an agent may reach was changed, at the agent.
        AgentTargetsChanged = "agent_targets_changed",
        /// An agent was not let in.
        AgentRefused = "agent_refused",
        /// An administrator revoked an agent.
        AgentRevoked = "agent_revoked",
    }
}

/// What an admin does to a person that may let somebody else sign in as them: whoever reads the code, or has the
/// account from now on.
pub const LETS_IN: [Decision; 4] = [
    Decision::FactorsReset,
    Decision::InvitationMade,
    Decision::PersonReactivated,
    Decision::AccountHandedOver,
];

/// How long an event is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Keep {
    /// Events that can be caused without a password: during an attack, most of them.
    Short,
    #[default]
    Long,
}

impl Keep {
    /// The lifetime: one month to find out why a person could not sign in; a little over a year for
    /// everything else.
    #[must_use]
    pub fn lifetime(self) -> Millis {
        match self {
            Self::Short => 30 * DAY,
            Self::Long => 400 * DAY,
        }
    }
}

/// One audit event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    pub at: Millis,
    pub decision: Decision,
    /// The id that was shown to the person.
    pub attempt_id: Option<String>,
    pub account_id: Option<String>,
    pub directory: Option<String>,
    pub client_id: Option<String>,
    pub address: Option<String>,
    /// The first failed gate, or another cause in one word.
    pub cause: Option<String>,
    /// Evidence as JSON: [`Detail`] of a sign-in, the counts of an import.
    pub detail: Option<String>,
    /// The admin who did it.
    pub actor: Option<String>,
    /// The role in the panel in which it was done.
    pub role: Option<&'static str>,
    #[serde(skip)]
    pub keep: Keep,
    /// The DN of the entry, where no account is known. Short-lived events are grouped by it.
    #[serde(skip)]
    pub subject: Option<String>,
}

impl Event {
    /// An event with only its time and decision.
    #[must_use]
    pub fn new(at: Millis, decision: Decision) -> Self {
        Self {
            at,
            decision,
            attempt_id: None,
            account_id: None,
            directory: None,
            client_id: None,
            address: None,
            cause: None,
            detail: None,
            actor: None,
            role: None,
            keep: Keep::Long,
            subject: None,
        }
    }

    /// The same about this account, in its directory where that is known.
    #[must_use]
    pub fn about(self, account: &AccountId, directory: Option<&DirectoryId>) -> Self {
        let (account_id, directory) = (Some(account.0.clone()), directory.map(|id| id.0.clone()));
        Self { account_id, directory, ..self }
    }

    /// Done by this admin, in the request that they have made.
    #[must_use]
    pub fn by(self, actor: &Actor) -> Self {
        let request = actor.request();
        Self {
            actor: Some(actor.to_string()),
            role: actor.role().map(Role::as_str),
            attempt_id: self.attempt_id.or_else(|| request.map(|request| request.attempt_id.clone())),
            address: self.address.or_else(|| request.map(|request| request.address.clone())),
            ..self
        }
    }

    /// The key under which short-lived events share one row; `None` for an event with its own row.
    /// Short-lived events can be caused by anybody, thousands of times; the row holds the latest one and a
    /// count. An IPv6 address is grouped by its /64, the smallest network of a subscriber.
    #[must_use]
    pub fn bucket(&self) -> Option<String> {
        if self.keep == Keep::Long {
            return None;
        }
        let hour = (self.at / HOUR).to_string();
        let network = self.address.as_deref().map(network).unwrap_or_default();
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let parts = [
            hour,
            self.decision.as_str().to_owned(),
            text(&self.cause),
            text(&self.account_id),
            text(&self.directory),
            text(&self.client_id),
            network,
            text(&self.subject),
        ];
        Some(parts.join("\0"))
    }
}

/// The address; for IPv6 its /64.
fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|parsed| parsed.to_canonical()) {
        Ok(IpAddr::V6(parsed)) => {
            let [a, b, c, d, ..] = parsed.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_lived_events_share_a_row_per_hour_address_and_subject() {
        let event = |at, address: &str, subject: &str, cause: &str| Event {
            address: Some(address.to_owned()),
            subject: Some(subject.to_owned()),
            cause: Some(cause.to_owned()),
            keep: Keep::Short,
            ..Event::new(at, Decision::SignInRefused)
        };
        let first = event(HOUR, "192.0.2.1", "CN=Alice", "bound").bucket();
        assert_eq!(event(2 * HOUR - 1, "192.0.2.1", "CN=Alice", "bound").bucket(), first);
        for other in [
            event(2 * HOUR, "192.0.2.1", "CN=Alice", "bound"),
            event(HOUR, "192.0.2.2", "CN=Alice", "bound"),
            event(HOUR, "192.0.2.1", "CN=Bob", "bound"),
            event(HOUR, "192.0.2.1", "CN=Alice", "found"),
        ] {
            assert_ne!(other.bucket(), first, "{other:?}");
        }
        let six = |address: &str| event(HOUR, address, "", "bound").bucket();
        assert_eq!(six("2001:db8:1:2::1"), six("2001:db8:1:2:ffff::9"));
        assert_eq!(six("2001:db8::1"), six("2001:db8:0:0:7:8:9:a"));
        assert_ne!(six("2001:db8:1:2::1"), six("2001:db8:1:3::1"));
        assert_ne!(six("::1"), six("2001:db8::1"));
        assert_ne!(six("::ffff:192.0.2.1"), six("::ffff:192.0.2.2"), "IPv4 in the form of IPv6");
        let owned = |account: &str| {
            let whose = Some(account.to_owned());
            Event { account_id: whose, ..event(HOUR, "192.0.2.1", "", "") }.bucket()
        };
        assert_ne!(owned("a"), owned("b"), "two people behind one address");
        let proven = Event { keep: Keep::Long, ..event(HOUR, "192.0.2.1", "CN=Alice", "in_scope") };
        assert_eq!(proven.bucket(), None, "with a right password each attempt has its row");
    }
}
