//! Audit events: one per decision, written in the transaction that decides. Never a secret, never a full entry.

use serde::Serialize;

use super::Millis;

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Somebody signed in.
    SignedIn,
    /// A sign-in was refused; the gate says why.
    SignInRefused,
    /// A sign-in could not be decided (directory away, overload).
    SignInUndecided,
    /// Too many wrong tries came before; nothing was looked at.
    SignInThrottled,
    /// A code was exchanged for tokens.
    CodeExchanged,
    /// A code came a second time; what the first gave is revoked.
    CodeReplayed,
    /// A refresh token was used.
    Refreshed,
    /// A refresh was refused.
    RefreshRefused,
    /// A refresh token came a second time; its family is revoked.
    RefreshReplayed,
    /// A living session answered an authorization request.
    SessionUsed,
    /// A living session was refused at an authorization request.
    SessionRefused,
    /// A session was ended by its owner.
    SignedOut,
    /// Settings were changed.
    SettingsChanged,
    /// Signing keys were rotated.
    KeysRotated,
    /// Accounts were loaded from a file.
    AccountsImported,
}

impl Decision {
    /// The word in the store and in the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::SignInRefused => "sign_in_refused",
            Self::SignInUndecided => "sign_in_undecided",
            Self::SignInThrottled => "sign_in_throttled",
            Self::CodeExchanged => "code_exchanged",
            Self::CodeReplayed => "code_replayed",
            Self::Refreshed => "refreshed",
            Self::RefreshRefused => "refresh_refused",
            Self::RefreshReplayed => "refresh_replayed",
            Self::SessionUsed => "session_used",
            Self::SessionRefused => "session_refused",
            Self::SignedOut => "signed_out",
            Self::SettingsChanged => "settings_changed",
            Self::KeysRotated => "keys_rotated",
            Self::AccountsImported => "accounts_imported",
        }
    }
}

/// One audit event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// When.
    pub at: Millis,
    /// What was decided.
    pub decision: Decision,
    /// The id that the person was shown.
    pub attempt_id: Option<String>,
    /// Whose account, where one is known.
    pub account_id: Option<String>,
    /// Which directory, where one was asked.
    pub directory: Option<String>,
    /// Which client.
    pub client_id: Option<String>,
    /// From which address.
    pub address: Option<String>,
    /// The first failing gate, or another cause in one word.
    pub cause: Option<String>,
    /// Evidence as JSON: the judgement of a sign-in, the counts of an import.
    pub detail: Option<String>,
}

impl Event {
    /// An event with nothing but its time and decision.
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
        }
    }
}
