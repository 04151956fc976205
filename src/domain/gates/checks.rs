//! One function per gate. They read the bind's result through [`bind_of`] only.

use super::{FoundEntry, Gate, GateInput, GateResult, JudgementMode, Verdict};
use crate::domain::account::Status;
use crate::domain::bind::{BindOutcome, BindRefusal};
use crate::domain::email;
use crate::domain::entry::{Entry, PasswordState};
use crate::domain::{Millis, timestamp};

/// The bind's result counts only in password mode: in the other modes it could be another person's.
pub(super) fn bind_of(facts: &GateInput<'_>) -> Option<BindOutcome> {
    facts.bind.filter(|_| facts.mode == JudgementMode::Password)
}

pub(super) fn password_proven(facts: &GateInput<'_>) -> bool {
    bind_of(facts).is_some_and(BindOutcome::proves_password)
}

const HIDDEN: &str = "the service account can't read it; the directory checks it at each bind";
const UNLOOKED: &str = "not checked before the password is proven";

/// Before the password is proven, groups are not read and nobody is imported: then a missing value means
/// nothing, and an earlier gate has failed.
fn is_unlooked(facts: &GateInput<'_>) -> bool {
    facts.mode == JudgementMode::Password && !password_proven(facts)
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

fn judged(gate: Gate, (verdict, evidence): Said) -> GateResult {
    GateResult { gate, verdict, evidence }
}

/// For a judgement by the account alone: the last judgement of the entry stays valid.
pub(super) fn known(gate: Gate) -> GateResult {
    judged(gate, not_tried("the directory was asked recently"))
}

fn on_entry(facts: &GateInput<'_>, gate: Gate, check: impl Fn(&Entry) -> Said) -> GateResult {
    let said = match facts.found {
        FoundEntry::One(entry) => check(entry),
        FoundEntry::Nobody | FoundEntry::Ambiguous => not_tried("no entry to check"),
    };
    judged(gate, said)
}

fn unless_living(facts: &GateInput<'_>, gate: Gate, check: impl Fn(&Entry) -> Said) -> GateResult {
    match facts.mode {
        JudgementMode::Living => judged(gate, not_tried("not checked for an existing session")),
        JudgementMode::Password | JudgementMode::Explain => on_entry(facts, gate, check),
    }
}

pub(super) fn sso_enabled(facts: &GateInput<'_>) -> GateResult {
    let evidence =
        if facts.sso_enabled { "switched on" } else { "switched off in the settings, [sso] enabled" };
    judged(Gate::SsoEnabled, verdict(facts.sso_enabled, evidence))
}

pub(super) fn found(facts: &GateInput<'_>) -> GateResult {
    let said = match facts.found {
        FoundEntry::One(entry) => passed(entry.dn.as_str()),
        FoundEntry::Nobody => failed("no person below the base DN has this name"),
        FoundEntry::Ambiguous => failed("more than one person has this name"),
    };
    judged(Gate::Found, said)
}

pub(super) fn bound(facts: &GateInput<'_>) -> GateResult {
    use BindRefusal as R;
    let said = match bind_of(facts) {
        None if facts.mode == JudgementMode::Password && matches!(facts.found, FoundEntry::One(_)) => {
            failed("no bind was made for this entry")
        }
        None => not_tried("not tried"),
        Some(BindOutcome::Accepted) => passed("the directory accepted the password"),
        // These refusals have their own gates further down, which name the true reason.
        Some(BindOutcome::Refused(
            refusal @ (R::Disabled | R::AccountExpired | R::PasswordExpired | R::PasswordMustChange),
        )) => passed(format!("the password is correct; {}", words(refusal))),
        // A locked account is refused before the password is checked, so this says nothing about the
        // password.
        Some(BindOutcome::Refused(R::Locked)) => not_tried(words(R::Locked)),
        Some(BindOutcome::Refused(refusal)) => failed(words(refusal)),
    };
    judged(Gate::Bound, said)
}

fn words(refusal: BindRefusal) -> String {
    use BindRefusal as R;
    let text = match refusal {
        R::InvalidCredentials => "the password is wrong (52e)",
        R::NoSuchUser => "the directory has no such user (525)",
        R::AccountRestriction => "an account restriction (52f)",
        R::LogonHours => "the password is correct, but the account may not log on at this hour (530)",
        R::Workstation => {
            "the password is correct, but the account may not log on from this workstation \
            (531)"
        }
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

fn refused_with(facts: &GateInput<'_>, refusal: BindRefusal) -> bool {
    bind_of(facts) == Some(BindOutcome::Refused(refusal))
}

pub(super) fn enabled(facts: &GateInput<'_>) -> GateResult {
    on_entry(facts, Gate::Enabled, |entry| {
        let off = entry.disabled || refused_with(facts, BindRefusal::Disabled);
        verdict(!off, if off { "disabled in the directory" } else { "enabled" })
    })
}

pub(super) fn not_expired(facts: &GateInput<'_>) -> GateResult {
    on_entry(facts, Gate::NotExpired, |entry| {
        if refused_with(facts, BindRefusal::AccountExpired) {
            return failed("the directory reports that the account has expired");
        }
        lifetime(entry, facts.now)
    })
}

/// An entry whose start or end date can't be read is rejected earlier.
fn lifetime(entry: &Entry, now: Millis) -> Said {
    if let Some(start) = entry.starts_at.filter(|start| now < *start) {
        return failed(format!("begins at {}", timestamp(start)));
    }
    if let Some(end) = entry.idle_at.filter(|end| *end <= now) {
        return failed(format!("unused for too long, since {} (pwdMaxIdle)", timestamp(end)));
    }
    match entry.expires_at {
        None => passed("never expires"),
        Some(end) => verdict(now < end, format!("ends at {}", timestamp(end))),
    }
}

pub(super) fn password_allowed(facts: &GateInput<'_>) -> GateResult {
    on_entry(facts, Gate::PasswordAllowed, |entry| match entry.smart_card_required {
        true => failed("the directory requires a smart card (SMARTCARD_REQUIRED in userAccountControl)"),
        false => passed("no smart card is required"),
    })
}

pub(super) fn not_locked(facts: &GateInput<'_>) -> GateResult {
    unless_living(facts, Gate::NotLocked, |entry| {
        // The bind is newer than the attribute. A directory checks the lock before the password: if it
        // confirmed the password, even with a refusal, the lock has just ended.
        match entry.locked {
            _ if refused_with(facts, BindRefusal::Locked) => failed("locked in the directory"),
            Some(true) if !password_proven(facts) => failed("locked in the directory"),
            None if !password_proven(facts) => not_tried(HIDDEN),
            _ => passed("not locked"),
        }
    })
}

/// Whether a date alone tells that the password is too old.
fn by_date(entry: &Entry) -> bool {
    entry.password == PasswordState::Usable
}

pub(super) fn password_usable(facts: &GateInput<'_>) -> GateResult {
    unless_living(facts, Gate::PasswordUsable, |entry| {
        let state = match bind_of(facts) {
            Some(BindOutcome::Refused(BindRefusal::PasswordExpired)) => PasswordState::Expired,
            Some(BindOutcome::Refused(BindRefusal::PasswordMustChange)) => PasswordState::MustChange,
            Some(BindOutcome::Accepted) => PasswordState::Usable,
            _ => entry.password_at(facts.now),
        };
        match state {
            PasswordState::Usable => passed("usable"),
            PasswordState::MustChange => failed("the password must be changed before it can be used"),
            // A date alone: a server may still take the password, for a while or for ever.
            PasswordState::Expired if by_date(entry) && bind_of(facts).is_none() => failed(
                "the password has expired by its date; at a sign-in the server's bind has the last word",
            ),
            PasswordState::Expired => failed("the password has expired"),
            PasswordState::Unknown => not_tried(HIDDEN),
        }
    })
}

pub(super) fn in_scope(facts: &GateInput<'_>) -> GateResult {
    on_entry(facts, Gate::InScope, |entry| match (facts.scope, facts.excluded) {
        (Some(reason), _) => passed(reason.to_string()),
        (None, _) if is_unlooked(facts) => not_tried(UNLOOKED),
        (None, Some(exclusion)) => failed(format!("{}: {exclusion}", entry.dn)),
        (None, None) => failed(format!("{} is in no synced OU and no synced group", entry.dn)),
    })
}

pub(super) fn mail_present(facts: &GateInput<'_>) -> GateResult {
    on_entry(facts, Gate::MailPresent, |entry| match &entry.email {
        Some(email) => facts.mail_fault.map_or_else(|| passed(email), failed),
        None => failed("the entry has no email address, or the service account can't read it"),
    })
}

pub(super) fn account_exists(facts: &GateInput<'_>) -> GateResult {
    on_entry(facts, Gate::AccountExists, |entry| {
        match facts.account {
            // A matching email address is not enough: the account must be linked to this entry, whatever the
            // caller looked up.
            Some(account) if account.link.as_ref().is_none_or(|link| link.entry != entry.id) => {
                failed(format!("account {} is not linked to this entry", account.id))
            }
            Some(account) => passed(format!("account {}", account.id)),
            None if is_unlooked(facts) => not_tried(UNLOOKED),
            None => failed(facts.why_not_written.unwrap_or("no account is linked to this entry")),
        }
    })
}

pub(super) fn mail_matches(facts: &GateInput<'_>) -> GateResult {
    let said = match (facts.found, facts.account) {
        (FoundEntry::One(Entry { email: Some(mail), .. }), Some(account)) => {
            let same = email::same(mail, &account.profile.email);
            let reason = facts.why_not_written.map_or(String::new(), |why| format!(": {why}"));
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

pub(super) fn not_suspended(facts: &GateInput<'_>) -> GateResult {
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
