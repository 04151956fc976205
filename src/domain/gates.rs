//! The login decision: entry, account and settings in, an ordered list of named gates out.
//!
//! Eligibility and explanation are one thing: whoever signs in is refused by the first failing gate, and that same gate
//! is what `explain` prints. The cause in the directory stands before its consequence here, so that the first failing
//! gate is the true reason.

use serde::Serialize;

use super::Millis;
use super::account::{Account, AccountId, Status};
use super::bind::{BindOutcome, BindRefusal};
use super::entry::{Entry, PasswordState};
use super::evidence::Generations;
use super::name::same_name;
use super::scope::ScopeReason;

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
    /// The entry's end date has not come.
    NotExpired,
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
    /// The gate's name in the audit log and on the terminal.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SsoEnabled => "sso_enabled",
            Self::Found => "found",
            Self::Bound => "bound",
            Self::Enabled => "enabled",
            Self::NotExpired => "not_expired",
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
    /// What the directory said to the bind, if one was made.
    pub bind: Option<BindOutcome>,
    /// Why the entry is in scope, if it is.
    pub scope: Option<&'a ScopeReason>,
    /// The account of the entry, after the entry was imported on the spot.
    pub account: Option<&'a Account>,
    /// Why the entry could not be imported on the spot, in words.
    pub held_back: Option<&'a str>,
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
    password_proven: bool,
}

/// A judgement without a failing gate, for one account under these generations. Only [`judge`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    account: AccountId,
    generations: Generations,
    mode: Mode,
}

impl Passed {
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
}

impl Judgement {
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
        sso_enabled(facts),
        found(facts),
        bound(facts),
        on_entry(facts, Gate::Enabled, enabled),
        on_entry(facts, Gate::NotExpired, not_expired),
        unless_living(facts, Gate::NotLocked, not_locked),
        unless_living(facts, Gate::PasswordUsable, password_usable),
        on_entry(facts, Gate::InScope, in_scope),
        on_entry(facts, Gate::MailPresent, |_, entry| mail_present(entry)),
        on_entry(facts, Gate::AccountExists, |facts, _| account_exists(facts)),
        mail_matches(facts),
        not_suspended(facts),
    ];
    let mut judgement = Judgement {
        gates,
        passed: None,
        password_proven: facts.bind.is_some_and(BindOutcome::proves_password),
    };
    judgement.passed = pass(facts, &judgement);
    judgement
}

/// A passed judgement needs more than the absence of a failure: a typed password must have been accepted.
fn pass(facts: &Facts<'_>, judgement: &Judgement) -> Option<Passed> {
    let open = judgement.refusal().is_none()
        && match facts.mode {
            Mode::Password => facts.bind == Some(BindOutcome::Accepted),
            Mode::Living => true,
            Mode::Explain => false,
        };
    let account = facts.account.filter(|_| open && matches!(facts.found, Found::One(_)))?;
    Some(Passed {
        account: account.id.clone(),
        generations: Generations { account: account.generation, settings: facts.settings_generation },
        mode: facts.mode,
    })
}

type Said = (Verdict, String);

fn passed(evidence: impl Into<String>) -> Said {
    (Verdict::Passed, evidence.into())
}

fn failed(evidence: impl Into<String>) -> Said {
    (Verdict::Failed, evidence.into())
}

fn not_tried(evidence: impl Into<String>) -> Said {
    (Verdict::NotTried, evidence.into())
}

fn verdict(open: bool, evidence: impl Into<String>) -> Said {
    if open { passed(evidence) } else { failed(evidence) }
}

fn judged(gate: Gate, (verdict, evidence): Said) -> Judged {
    Judged { gate, verdict, evidence }
}

fn on_entry(facts: &Facts<'_>, gate: Gate, check: impl Fn(&Facts<'_>, &Entry) -> Said) -> Judged {
    let said = match facts.found {
        Found::One(entry) => check(facts, entry),
        Found::Nobody | Found::Ambiguous => not_tried("no entry to look at"),
    };
    judged(gate, said)
}

fn unless_living(facts: &Facts<'_>, gate: Gate, check: impl Fn(&Facts<'_>, &Entry) -> Said) -> Judged {
    match facts.mode {
        Mode::Living => judged(gate, not_tried("not asked of a living session")),
        Mode::Password | Mode::Explain => on_entry(facts, gate, check),
    }
}

fn sso_enabled(facts: &Facts<'_>) -> Judged {
    let evidence =
        if facts.sso_enabled { "switched on" } else { "switched off in the settings, [sso] enabled" };
    judged(Gate::SsoEnabled, verdict(facts.sso_enabled, evidence))
}

fn found(facts: &Facts<'_>) -> Judged {
    let said = match facts.found {
        Found::One(entry) => passed(entry.dn.as_str()),
        Found::Nobody => failed("no person below the base DN has this name"),
        Found::Ambiguous => failed("more than one person has this name"),
    };
    judged(Gate::Found, said)
}

fn bound(facts: &Facts<'_>) -> Judged {
    use BindRefusal as R;
    let said = match facts.bind {
        None if facts.mode == Mode::Password && matches!(facts.found, Found::One(_)) => {
            failed("no bind was made for this entry")
        }
        None => not_tried("not tried"),
        Some(BindOutcome::Accepted) => passed("the directory accepted the password"),
        // These have a gate of their own further down, which is the true reason.
        Some(BindOutcome::Refused(
            refusal @ (R::Disabled | R::AccountExpired | R::PasswordExpired | R::PasswordMustChange),
        )) => passed(format!("the password is right; {}", words(refusal))),
        // Locked, whatever the password: nothing is known of the password.
        Some(BindOutcome::Refused(R::Locked)) => not_tried(words(R::Locked)),
        Some(BindOutcome::Refused(refusal)) => failed(words(refusal)),
    };
    judged(Gate::Bound, said)
}

fn words(refusal: BindRefusal) -> String {
    use BindRefusal as R;
    let text = match refusal {
        R::InvalidCredentials => "the password is wrong (52e)",
        R::NoSuchUser => "the directory knows no such user (525)",
        R::AccountRestriction => "an account restriction (52f)",
        R::LogonHours => "the password is right, but not at this hour (530)",
        R::Workstation => "the password is right, but not from this workstation (531)",
        R::PasswordExpired => "the password has expired (532)",
        R::Disabled => "the account is disabled (533)",
        R::TooManyGroups => "the account is in too many groups (568)",
        R::LogonTypeNotGranted => "this kind of logon is not granted (569)",
        R::AccountExpired => "the account has expired (701)",
        R::PasswordMustChange => "the password must be changed first (773)",
        R::Locked => "the account is locked, whatever the password (775)",
        R::Unknown(code) => return format!("refused with the unknown sub-code {code:x}"),
    };
    text.to_owned()
}

fn refused_with(facts: &Facts<'_>, refusal: BindRefusal) -> bool {
    facts.bind == Some(BindOutcome::Refused(refusal))
}

fn enabled(facts: &Facts<'_>, entry: &Entry) -> Said {
    let off = entry.disabled || refused_with(facts, BindRefusal::Disabled);
    verdict(!off, if off { "disabled in the directory" } else { "enabled" })
}

fn not_expired(facts: &Facts<'_>, entry: &Entry) -> Said {
    let ended = entry.expires_at.is_some_and(|end| end <= facts.now);
    let evidence = match entry.expires_at {
        None => "never expires".to_owned(),
        Some(end) => format!("ends at {}", timestamp(end)),
    };
    verdict(!ended && !refused_with(facts, BindRefusal::AccountExpired), evidence)
}

fn not_locked(facts: &Facts<'_>, entry: &Entry) -> Said {
    // An accepted bind is newer than the attribute: the lock has just ended.
    let locked = facts.bind != Some(BindOutcome::Accepted) && entry.locked;
    let locked = locked || refused_with(facts, BindRefusal::Locked);
    verdict(!locked, if locked { "locked in the directory" } else { "not locked" })
}

fn password_usable(facts: &Facts<'_>, entry: &Entry) -> Said {
    let state = match facts.bind {
        Some(BindOutcome::Refused(BindRefusal::PasswordExpired)) => PasswordState::Expired,
        Some(BindOutcome::Refused(BindRefusal::PasswordMustChange)) => PasswordState::MustChange,
        Some(BindOutcome::Accepted) => PasswordState::Usable,
        _ => entry.password,
    };
    match state {
        PasswordState::Usable => passed("usable"),
        PasswordState::MustChange => failed("it must be changed before it can be used"),
        PasswordState::Expired => failed("it has expired"),
    }
}

fn in_scope(facts: &Facts<'_>, entry: &Entry) -> Said {
    match facts.scope {
        Some(reason) => passed(reason.to_string()),
        None => failed(format!("{} is in no synced OU and no synced group", entry.dn)),
    }
}

fn mail_present(entry: &Entry) -> Said {
    match &entry.email {
        Some(email) => passed(email),
        None => failed("the entry has no mail"),
    }
}

fn account_exists(facts: &Facts<'_>) -> Said {
    match facts.account {
        Some(account) => passed(format!("account {}", account.id)),
        None => failed(facts.held_back.unwrap_or("no account is linked to this entry")),
    }
}

fn mail_matches(facts: &Facts<'_>) -> Judged {
    let said = match (facts.found, facts.account) {
        (Found::One(Entry { email: Some(mail), .. }), Some(account)) => {
            let same = same_name(mail, &account.profile.email);
            let reason = facts.held_back.map_or(String::new(), |why| format!(": {why}"));
            let evidence = if same {
                format!("both are {mail}")
            } else {
                format!("the directory says {mail}, the account {}{reason}", account.profile.email)
            };
            verdict(same, evidence)
        }
        _ => not_tried("nothing to compare"),
    };
    judged(Gate::MailMatches, said)
}

fn not_suspended(facts: &Facts<'_>) -> Judged {
    let said = match facts.account {
        None => not_tried("no account"),
        Some(account) => match account.status {
            Status::Suspended { because, since } => {
                failed(format!("suspended since {} ({})", timestamp(since), because.as_str()))
            }
            Status::Active if !account.is_usable(facts.now) => failed("the account's end date has passed"),
            Status::Active => passed("active"),
        },
    };
    judged(Gate::NotSuspended, said)
}

/// RFC 3339, in UTC, to the second.
fn timestamp(at: Millis) -> String {
    time::OffsetDateTime::from_unix_timestamp(at.div_euclid(1_000))
        .ok()
        .and_then(|at| at.format(&time::format_description::well_known::Rfc3339).ok())
        .unwrap_or_else(|| format!("{at} ms"))
}
