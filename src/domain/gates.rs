//! The login decision: entry, account and settings in, an ordered list of named gates out.
//!
//! Eligibility and explanation are one thing: whoever signs in is refused by the first failing gate, and that same gate
//! is what `explain` prints. The cause in the directory stands before its consequence here, so that the first failing
//! gate is the true reason.

mod checks;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use self::checks::{bind_of, password_proven};
use super::Millis;
use super::account::{Account, AccountId};
use super::bind::{BindOutcome, BindRefusal};
use super::entry::Entry;
use super::evidence::Generations;
use super::scope::{Exclusion, ScopeReason};

/// One named check on the way to a login, in the order in which they are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// Signing in with directory credentials is switched on.
    SsoEnabled,
    /// Exactly one entry has the name.
    Found,
    /// The directory accepted the password.
    Bound,
    /// The entry is not disabled.
    Enabled,
    /// The entry has begun, and its end date has not come.
    NotExpired,
    /// The directory lets the entry in with a password: no smart card is required.
    PasswordAllowed,
    /// The directory has not locked the entry.
    NotLocked,
    /// The password need not be changed first.
    PasswordUsable,
    /// A synced OU or group holds the entry.
    InScope,
    /// The entry has a mail.
    MailPresent,
    /// There is an account for the entry.
    AccountExists,
    /// The mail is the account's email.
    MailMatches,
    /// The account is not suspended.
    NotSuspended,
}

impl Gate {
    /// All of them, in that order.
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

    /// Reads the name back.
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

/// What a gate said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Open.
    Passed,
    /// Shut.
    Failed,
    /// It could not be asked: what it needs is missing because of an earlier gate, or this mode leaves it out.
    NotTried,
}

/// One gate with its verdict and the evidence, in words for an administrator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// Which gate.
    pub gate: Gate,
    /// What it said.
    pub verdict: Verdict,
    /// Why.
    pub evidence: String,
}

/// How many entries have the name.
#[derive(Clone, Copy, Debug)]
pub enum Found<'a> {
    /// None.
    Nobody,
    /// This one.
    One(&'a Entry),
    /// Several: never the first hit.
    Ambiguous,
}

/// What is being decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A typed password: all gates.
    Password,
    /// `explain`: all gates but the bind, which is not tried.
    Explain,
    /// A living session or a refresh: without lock and password age, or anyone could sign a person out by locking the
    /// account with wrong passwords.
    Living,
}

/// Everything that the gates look at.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Which decision.
    pub mode: Mode,
    /// `[sso] enabled`.
    pub sso_enabled: bool,
    /// What the search found.
    pub found: Found<'a>,
    /// What the directory said to the bind, if one was made; looked at in [`Mode::Password`] alone.
    pub bind: Option<BindOutcome>,
    /// Why the entry is in scope, if it is.
    pub scope: Option<&'a ScopeReason>,
    /// Why it stays outside, whatever selects it.
    pub excluded: Option<&'a Exclusion>,
    /// The account of the entry, after the entry was imported on the spot.
    pub account: Option<&'a Account>,
    /// Why the entry could not be imported on the spot, in words.
    pub held_back: Option<&'a str>,
    /// Why nobody may sign in with the entry's address, in words: it is none, or in a foreign domain.
    pub mail_fault: Option<&'a str>,
    /// The generation of the settings that are in force.
    pub settings_generation: i64,
    /// The time.
    pub now: Millis,
}

/// The ordered list of gates with their verdicts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Judgement {
    gates: Vec<Judged>,
    #[serde(skip)]
    passed: Option<Passed>,
    #[serde(skip)]
    after_change: Option<Passed>,
    #[serde(skip)]
    password_proven: bool,
}

/// Why a right password must be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Renewal {
    /// It is too old.
    Expired,
    /// An administrator wants a new one first.
    MustChange,
}

/// A judgement without a failing gate, for one account under these generations. Only [`judge`] and [`judge_known`] make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    account: AccountId,
    generations: Generations,
    mode: Mode,
    password_set_at: Option<Millis>,
    needs_new_password: Option<Renewal>,
}

impl Passed {
    fn of(account: &Account, facts: &Facts<'_>) -> Self {
        let generations = Generations { account: account.generation, settings: facts.settings_generation };
        // The newer of both: a server that replication has not reached yet tells of an older one.
        let told = match facts.found {
            Found::One(entry) => entry.password_changed_at,
            Found::Nobody | Found::Ambiguous => None,
        };
        let password_set_at = told.max(account.password_changed_at);
        let (account, mode) = (account.id.clone(), facts.mode);
        Self { account, generations, mode, password_set_at, needs_new_password: None }
    }

    /// Whose.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// Under which generations.
    #[must_use]
    pub fn generations(&self) -> Generations {
        self.generations
    }

    /// What was decided.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// When the directory was given the password that holds now, by its own clock; `None` where it does not say.
    #[must_use]
    pub fn password_set_at(&self) -> Option<Millis> {
        self.password_set_at
    }

    /// Why the password, right as it is, must be changed before anything else; `None` when it need not.
    #[must_use]
    pub fn needs_new_password(&self) -> Option<Renewal> {
        self.needs_new_password
    }
}

impl Judgement {
    fn of(gates: Vec<Judged>, password_proven: bool) -> Self {
        Self { gates, passed: None, after_change: None, password_proven }
    }

    /// All gates in order.
    #[must_use]
    pub fn gates(&self) -> &[Judged] {
        &self.gates
    }

    /// The first failing gate: the reason of a refusal.
    #[must_use]
    pub fn refusal(&self) -> Option<Gate> {
        self.gates.iter().find(|judged| judged.verdict == Verdict::Failed).map(|judged| judged.gate)
    }

    /// The proof that no gate failed.
    #[must_use]
    pub fn passed(&self) -> Option<&Passed> {
        self.passed.as_ref()
    }

    /// The proof that nothing but the age of a right password stands in the way: whoever changes it gets in.
    #[must_use]
    pub fn passed_after_change(&self) -> Option<&Passed> {
        self.after_change.as_ref()
    }

    /// True when the directory confirmed the password, so that the person may be told the reason.
    #[must_use]
    pub fn password_proven(&self) -> bool {
        self.password_proven
    }
}

/// Judges all gates.
#[must_use]
pub fn judge(facts: &Facts<'_>) -> Judgement {
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

/// Judges the owner of a living session by our own record alone, which the directory confirmed a moment ago: how long a
/// moment may be is the caller's to check.
#[must_use]
pub fn judge_known(account: &Account, sso_enabled: bool, settings_generation: i64, now: Millis) -> Judgement {
    let facts = Facts {
        mode: Mode::Living,
        sso_enabled,
        found: Found::Nobody,
        bind: None,
        scope: None,
        excluded: None,
        account: Some(account),
        held_back: None,
        mail_fault: None,
        settings_generation,
        now,
    };
    // All others are asked of the entry.
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

/// A passed judgement needs more than the absence of a failure: a typed password must have been accepted.
fn pass(facts: &Facts<'_>, judgement: &Judgement) -> Option<Passed> {
    let open = judgement.refusal().is_none()
        && match facts.mode {
            Mode::Password => bind_of(facts) == Some(BindOutcome::Accepted),
            Mode::Living => true,
            Mode::Explain => false,
        };
    let account = facts.account.filter(|_| open && matches!(facts.found, Found::One(_)))?;
    Some(Passed::of(account, facts))
}

/// 532 and 773 prove the password but bar the bind: with every other gate open, a new password is all that is missing.
fn pass_after_change(facts: &Facts<'_>, judgement: &Judgement) -> Option<Passed> {
    let renewal = match bind_of(facts)? {
        BindOutcome::Refused(BindRefusal::PasswordExpired) => Renewal::Expired,
        BindOutcome::Refused(BindRefusal::PasswordMustChange) => Renewal::MustChange,
        _ => return None,
    };
    let shut = |judged: &Judged| judged.verdict == Verdict::Failed && judged.gate != Gate::PasswordUsable;
    let open = !judgement.gates.iter().any(shut);
    let account = facts.account.filter(|_| open && matches!(facts.found, Found::One(_)))?;
    Some(Passed { needs_new_password: Some(renewal), ..Passed::of(account, facts) })
}
