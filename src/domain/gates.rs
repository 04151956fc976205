//! The login decision: entry, account and settings in, an ordered list of named gates out.
//!
//! Eligibility and explanation are the same: a sign-in is refused by the first failing gate, and `explain`
//! prints that gate. A cause in the directory is checked before its consequence here, so that the first
//! failing gate is the true reason.

mod checks;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::checks::{bind_of, password_proven};
use super::Millis;
use super::account::{Account, AccountId};
use super::bind::{BindOutcome, BindRefusal};
use super::entry::Entry;
use super::evidence::Generations;
use super::scope::{Exclusion, ScopeReason};

/// One named check, in the order of judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// `[sso] enabled` is true.
    SsoEnabled,
    /// Exactly one entry has the name.
    Found,
    /// The directory accepted the password.
    Bound,
    Enabled,
    /// The entry is already valid, and not expired.
    NotExpired,
    /// The directory accepts a password for this entry: no smart card is required.
    PasswordAllowed,
    NotLocked,
    /// The password need not be changed first.
    PasswordUsable,
    /// The entry is in a synced OU or group.
    InScope,
    /// The entry has an email address.
    MailPresent,
    /// There is an account for the entry.
    AccountExists,
    /// The entry's email address is the account's.
    MailMatches,
    NotSuspended,
}

impl Gate {
    /// All gates, in that order.
    pub const ALL: [Self; 13] = [
        Self::SsoEnabled,
        Self::Found,
        Self::Bound,
        Self::Enabled,
        Self::NotExpired,
        Self::PasswordAllowed,
        Self::NotLocked,
        Self::PasswordUsable,
        Self::InScope,
        Self::MailPresent,
        Self::AccountExists,
        Self::MailMatches,
        Self::NotSuspended,
    ];

    /// Parses a name.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|gate| gate.as_str() == word)
    }

    /// The gate's name in the audit log and on the terminal.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SsoEnabled => "sso_enabled",
            Self::Found => "found",
            Self::Bound => "bound",
            Self::Enabled => "enabled",
            Self::NotExpired => "not_expired",
            Self::PasswordAllowed => "password_allowed",
            Self::NotLocked => "not_locked",
            Self::PasswordUsable => "password_usable",
            Self::InScope => "in_scope",
            Self::MailPresent => "mail_present",
            Self::AccountExists => "account_exists",
            Self::MailMatches => "mail_matches",
            Self::NotSuspended => "not_suspended",
        }
    }
}

/// The result of a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Passed,
    Failed,
    /// Not checked: an earlier gate failed and its result is needed, or this mode skips the gate.
    NotTried,
}

/// The result of one gate, with evidence for an administrator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GateResult {
    pub gate: Gate,
    pub verdict: Verdict,
    pub evidence: String,
}

/// How many entries have the name.
#[derive(Clone, Copy, Debug)]
pub enum FoundEntry<'a> {
    Nobody,
    One(&'a Entry),
    /// Several: the first hit is never used.
    Ambiguous,
}

/// The kind of decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JudgementMode {
    /// A typed password: all gates.
    Password,
    /// `explain`: all gates except the bind, which is not tried.
    Explain,
    /// An existing session or a refresh: without lock and password age, or anyone could sign a person out by
    /// locking the account with wrong passwords.
    Living,
}

/// The input of all gates.
#[derive(Clone, Copy, Debug)]
pub struct GateInput<'a> {
    pub mode: JudgementMode,
    /// `[sso] enabled`.
    pub sso_enabled: bool,
    pub found: FoundEntry<'a>,
    /// The result of the bind, if one was made; used in [`JudgementMode::Password`] only.
    pub bind: Option<BindOutcome>,
    /// Why the entry is in scope, if it is.
    pub scope: Option<&'a ScopeReason>,
    /// Why the entry is excluded, even if it is selected.
    pub excluded: Option<&'a Exclusion>,
    /// The entry's account, after this sign-in has updated it.
    pub account: Option<&'a Account>,
    /// Why this sign-in did not create or update it, in words.
    pub why_not_written: Option<&'a str>,
    /// Why the entry's address may not be used, in words: it is invalid, or in a foreign domain.
    pub mail_fault: Option<&'a str>,
    /// The generation of the current settings.
    pub settings_generation: i64,
    pub now: Millis,
}

impl<'a> GateInput<'a> {
    /// The input where no single entry was found, so that nothing about an entry is known.
    #[must_use]
    pub fn without_entry(
        mode: JudgementMode,
        found: FoundEntry<'a>,
        sso_enabled: bool,
        settings_generation: i64,
        now: Millis,
    ) -> Self {
        Self {
            mode,
            sso_enabled,
            found,
            bind: None,
            scope: None,
            excluded: None,
            account: None,
            why_not_written: None,
            mail_fault: None,
            settings_generation,
            now,
        }
    }
}

/// The ordered list of gates with their verdicts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Judgement {
    gates: Vec<GateResult>,
    #[serde(skip)]
    passed: Option<Passed>,
    #[serde(skip)]
    after_change: Option<Passed>,
    #[serde(skip)]
    password_proven: bool,
}

/// Why a correct password must be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Renewal {
    /// It is too old.
    Expired,
    /// An administrator requires a new one.
    MustChange,
}

/// Proof that no gate failed, for one account under these generations. Only [`judge`] and [`judge_known`]
/// create it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    account: AccountId,
    generations: Generations,
    mode: JudgementMode,
    password_set_at: Option<Millis>,
    needs_new_password: Option<Renewal>,
}

impl Passed {
    fn of(account: &Account, facts: &GateInput<'_>) -> Self {
        let generations = Generations { account: account.generation, settings: facts.settings_generation };
        // The later one: a server that replication has not reached yet reports an older change.
        let reported = match facts.found {
            FoundEntry::One(entry) => entry.password_changed_at,
            FoundEntry::Nobody | FoundEntry::Ambiguous => None,
        };
        let password_set_at = reported.max(account.password_changed_at);
        let (account, mode) = (account.id.clone(), facts.mode);
        Self { account, generations, mode, password_set_at, needs_new_password: None }
    }

    /// The judged account.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The generations at the time of the judgement.
    #[must_use]
    pub fn generations(&self) -> Generations {
        self.generations
    }

    /// The kind of decision.
    #[must_use]
    pub fn mode(&self) -> JudgementMode {
        self.mode
    }

    /// When the current password was set, by the directory's clock; `None` if unknown.
    #[must_use]
    pub fn password_set_at(&self) -> Option<Millis> {
        self.password_set_at
    }

    /// Why the correct password must be changed first; `None` if it need not be.
    #[must_use]
    pub fn needs_new_password(&self) -> Option<Renewal> {
        self.needs_new_password
    }
}

impl Judgement {
    fn of(gates: Vec<GateResult>, password_proven: bool) -> Self {
        Self { gates, passed: None, after_change: None, password_proven }
    }

    /// All gates in order.
    #[must_use]
    pub fn gates(&self) -> &[GateResult] {
        &self.gates
    }

    /// The first failing gate: the reason of a refusal.
    #[must_use]
    pub fn refusal(&self) -> Option<Gate> {
        self.gates.iter().find(|judged| judged.verdict == Verdict::Failed).map(|judged| judged.gate)
    }

    /// Proof that no gate failed.
    #[must_use]
    pub fn passed(&self) -> Option<&Passed> {
        self.passed.as_ref()
    }

    /// Proof that only the age of a correct password prevents the sign-in, so that changing it is enough.
    #[must_use]
    pub fn passed_after_change(&self) -> Option<&Passed> {
        self.after_change.as_ref()
    }

    /// True if the directory confirmed the password, so that the person may see the reason.
    #[must_use]
    pub fn password_proven(&self) -> bool {
        self.password_proven
    }
}

/// Judges all gates.
#[must_use]
pub fn judge(facts: &GateInput<'_>) -> Judgement {
    let gates = vec![
        checks::sso_enabled(facts),
        checks::found(facts),
        checks::bound(facts),
        checks::enabled(facts),
        checks::not_expired(facts),
        checks::password_allowed(facts),
        checks::not_locked(facts),
        checks::password_usable(facts),
        checks::in_scope(facts),
        checks::mail_present(facts),
        checks::account_exists(facts),
        checks::mail_matches(facts),
        checks::not_suspended(facts),
    ];
    let mut judgement = Judgement::of(gates, password_proven(facts));
    judgement.passed = pass(facts, &judgement);
    judgement.after_change = pass_after_change(facts, &judgement);
    judgement
}

/// Judges the owner of an existing session by the account alone, which the directory confirmed recently. The
/// caller checks how recently.
#[must_use]
pub fn judge_known(account: &Account, sso_enabled: bool, settings_generation: i64, now: Millis) -> Judgement {
    let (mode, found) = (JudgementMode::Living, FoundEntry::Nobody);
    let facts = GateInput {
        account: Some(account),
        ..GateInput::without_entry(mode, found, sso_enabled, settings_generation, now)
    };
    // All other gates need the entry.
    let gates = Gate::ALL.map(|gate| match gate {
        Gate::SsoEnabled => checks::sso_enabled(&facts),
        Gate::NotSuspended => checks::not_suspended(&facts),
        _ => checks::known(gate),
    });
    let mut judgement = Judgement::of(gates.into(), false);
    if judgement.refusal().is_none() {
        judgement.passed = Some(Passed::of(account, &facts));
    }
    judgement
}

/// Requires more than the absence of a failure: a typed password must have been accepted.
fn pass(facts: &GateInput<'_>, judgement: &Judgement) -> Option<Passed> {
    let open = judgement.refusal().is_none()
        && match facts.mode {
            JudgementMode::Password => bind_of(facts) == Some(BindOutcome::Accepted),
            JudgementMode::Living => true,
            JudgementMode::Explain => false,
        };
    let account = facts.account.filter(|_| open && matches!(facts.found, FoundEntry::One(_)))?;
    Some(Passed::of(account, facts))
}

/// 532 and 773 prove the password but refuse the bind: if every other gate passes, only a new password is
/// missing.
fn pass_after_change(facts: &GateInput<'_>, judgement: &Judgement) -> Option<Passed> {
    let renewal = match bind_of(facts)? {
        BindOutcome::Refused(BindRefusal::PasswordExpired) => Renewal::Expired,
        BindOutcome::Refused(BindRefusal::PasswordMustChange) => Renewal::MustChange,
        _ => return None,
    };
    let shut = |judged: &GateResult| judged.verdict == Verdict::Failed && judged.gate != Gate::PasswordUsable;
    let open = !judgement.gates.iter().any(shut);
    let account = facts.account.filter(|_| open && matches!(facts.found, FoundEntry::One(_)))?;
    Some(Passed { needs_new_password: Some(renewal), ..Passed::of(account, facts) })
}
