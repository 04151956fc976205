//! Audit events: one per decision, written in the transaction that decides. Never a secret, never a full entry.

use core::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::bind::{BindOutcome, BindRefusal};
use super::gates::{Judgement, Verdict};
use super::{DAY, HOUR, Millis};

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
    /// A code of the second factor was refused.
    FactorRefused,
    /// A person changed the directory password.
    PasswordChanged,
    /// The directory refused a new password.
    PasswordChangeRefused,
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
    /// All sessions and tokens of an account were ended, or all others by their owner.
    SessionsEnded,
    /// Settings were changed.
    SettingsChanged,
    /// Signing keys were rotated.
    KeysRotated,
    /// Accounts were loaded from a file.
    AccountsImported,
    /// An authenticator was set up.
    FactorAdded,
    /// An authenticator was removed by its owner.
    FactorRemoved,
    /// All that an account had of second factors was taken away by an administrator.
    FactorsReset,
    /// Authenticators were loaded from a file.
    FactorsImported,
    /// A new set of recovery codes was made.
    RecoveryCodesMade,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// An administrator made a code with which somebody may set up a factor, or sign in once without.
    InvitationMade,
    /// Such a code was used.
    InvitationUsed,
    /// An administrator erased an account with all that was kept of its person.
    AccountErased,
    /// An administrator linked an account to another entry than before.
    AccountHandedOver,
    /// Somebody did not prove to be the client that they claimed to be.
    ClientRefused,
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
            Self::FactorRefused => "factor_refused",
            Self::PasswordChanged => "password_changed",
            Self::PasswordChangeRefused => "password_change_refused",
            Self::CodeExchanged => "code_exchanged",
            Self::CodeReplayed => "code_replayed",
            Self::Refreshed => "refreshed",
            Self::RefreshRefused => "refresh_refused",
            Self::RefreshReplayed => "refresh_replayed",
            Self::SessionUsed => "session_used",
            Self::SessionRefused => "session_refused",
            Self::SignedOut => "signed_out",
            Self::SessionsEnded => "sessions_ended",
            Self::SettingsChanged => "settings_changed",
            Self::KeysRotated => "keys_rotated",
            Self::AccountsImported => "accounts_imported",
            Self::FactorAdded => "factor_added",
            Self::FactorRemoved => "factor_removed",
            Self::FactorsReset => "factors_reset",
            Self::FactorsImported => "factors_imported",
            Self::RecoveryCodesMade => "recovery_codes_made",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::InvitationMade => "invitation_made",
            Self::InvitationUsed => "invitation_used",
            Self::AccountErased => "account_erased",
            Self::AccountHandedOver => "account_handed_over",
            Self::ClientRefused => "client_refused",
        }
    }
}

/// How long an event is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Keep {
    /// Whatever anybody can bring about who has no password: while an attack goes on, that is most of all events.
    Short,
    /// Everything else.
    #[default]
    Long,
}

impl Keep {
    /// For so long: a month is enough to ask why somebody did not get in, and somewhat more than a year for last year's
    /// question.
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
    /// Evidence as JSON: [`Detail`] of a sign-in, the counts of an import.
    pub detail: Option<String>,
    /// How long it is kept.
    #[serde(skip)]
    pub keep: Keep,
    /// Who was meant, where no account is known: the DN of the entry. What is kept short is counted by it.
    #[serde(skip)]
    pub subject: Option<String>,
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
            keep: Keep::Long,
            subject: None,
        }
    }

    /// What this event has in common with others that are one row of the trail together: `None` for one that has its own.
    /// Anybody can bring about what is kept short, thousands of times; the row has the latest of them and how many there were.
    /// An IPv6 address counts as its /64, which one subscriber has at least.
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

/// The address; of IPv6 its /64.
fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|parsed| parsed.to_canonical()) {
        Ok(IpAddr::V6(parsed)) => {
            let [a, b, c, d, ..] = parsed.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
        _ => address.to_owned(),
    }
}

/// What an attempt was decided on: enough to tell an administrator later why it came to nothing, without asking anybody
/// again. Kept as JSON; gates and codes stay words, so that a trail that another version wrote can still be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Detail {
    /// The server that answered, `host:port`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The DN of the entry that was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// What the directory said to the bind: `accepted`, or the sub-code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bind: Option<String>,
    /// The lockout budget, where a bind was about to be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// What was done about the second factor, in a few words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor: Option<String>,
    /// What could not be done, and why, in the words of whoever failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// All gates in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub judgement: Vec<GateTold>,
}

/// How much of the domain's patience was used up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Wrong passwords that count at this time.
    pub spent: u32,
    /// How many lock the account; 0: none ever does.
    pub threshold: u32,
    /// Whether the person has signed in in this browser before.
    pub known_browser: bool,
}

/// One gate, as the trail keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateTold {
    /// The gate's name.
    pub gate: String,
    /// What it said.
    pub verdict: Verdict,
    /// Why.
    pub evidence: String,
}

impl Detail {
    /// The JSON for [`Event::detail`].
    #[must_use]
    pub fn to_json(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    /// Reads it back. Before there was more to tell, the judgement stood there alone.
    #[must_use]
    pub fn read(json: &str) -> Option<Self> {
        let judged = || serde_json::from_str(json).map(|judgement| Self { judgement, ..Self::default() });
        serde_json::from_str(json).or_else(|_| judged()).ok()
    }

    /// Adds all gates of a judgement.
    #[must_use]
    pub fn judged(mut self, judgement: &Judgement) -> Self {
        let told = judgement.gates().iter().map(|judged| GateTold {
            gate: judged.gate.as_str().to_owned(),
            verdict: judged.verdict,
            evidence: judged.evidence.clone(),
        });
        self.judgement = told.collect();
        self
    }

    /// Keeps the gate that was shut and no other: enough to say why, where there may be thousands.
    #[must_use]
    pub fn in_brief(mut self) -> Self {
        self.judgement.retain(|told| told.verdict == Verdict::Failed);
        self.judgement.truncate(1);
        self
    }

    /// Adds what the directory said to the bind, and the server that said it.
    #[must_use]
    pub fn bound(mut self, outcome: BindOutcome, server: Option<String>) -> Self {
        self.bind = Some(match outcome {
            BindOutcome::Accepted => ACCEPTED.to_owned(),
            BindOutcome::Refused(refusal) => format!("{:x}", refusal.sub_code()),
        });
        self.server = server;
        self
    }

    /// Why the bind was refused, if it was.
    #[must_use]
    pub fn refusal(&self) -> Option<BindRefusal> {
        u32::from_str_radix(self.bind.as_deref()?, 16).ok().map(BindRefusal::from_sub_code)
    }

    /// What a gate said, or nothing.
    #[must_use]
    pub fn evidence(&self, gate: &str) -> &str {
        self.judgement.iter().find(|told| told.gate == gate).map_or("", |told| &told.evidence)
    }

    /// The first gate that was shut.
    #[must_use]
    pub fn shut(&self) -> Option<&GateTold> {
        self.judgement.iter().find(|told| told.verdict == Verdict::Failed)
    }
}

const ACCEPTED: &str = "accepted";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::gates::Mode;
    use crate::domain::samples::Scene;

    #[test]
    fn a_detail_reads_back_as_it_was_written() {
        let scene = Scene { bind: None, ..Scene::default() };
        let refused = BindOutcome::Refused(BindRefusal::Disabled);
        let budget = Budget { spent: 1, threshold: 3, known_browser: true };
        let detail = Detail { entry: Some("CN=Alice".into()), budget: Some(budget), ..Detail::default() }
            .judged(&scene.judge(Mode::Password))
            .bound(refused, Some("dc1:636".into()));
        let json = detail.to_json().expect("plain data");
        assert_eq!(Detail::read(&json).as_ref(), Some(&detail), "{json}");
        assert_eq!(detail.refusal(), Some(BindRefusal::Disabled));
        assert_eq!(detail.shut().map(|told| told.gate.as_str()), Some("bound"));
        assert_eq!(detail.evidence("bound"), "no bind was made for this entry");
        assert_eq!(detail.bound(BindOutcome::Accepted, None).refusal(), None);
    }

    #[test]
    fn what_strangers_bring_about_shares_a_row_for_an_hour_an_address_and_a_subject() {
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

    #[test]
    fn what_other_versions_wrote_is_read_as_far_as_it_goes() {
        let before = r#"[{"gate":"found","verdict":"failed","evidence":"nobody"}]"#;
        assert_eq!(Detail::read(before).expect("a judgement alone").evidence("found"), "nobody");
        let later = r#"{"bind":"52e","moon":"full"}"#;
        assert_eq!(Detail::read(later).expect("more than we know").bind.as_deref(), Some("52e"));
        assert_eq!(Detail::read("nonsense"), None);
    }
}
