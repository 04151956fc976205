//! Each cause is found from the audit trail, and has advice of its own.

use std::collections::HashSet;

use super::*;
use crate::domain::audit::GateRecord;
use crate::domain::gates::Verdict;
use crate::domain::throttle::Counted;

fn detail(gate: &str, evidence: &str, bind: Option<&str>) -> Detail {
    let record =
        GateRecord { gate: gate.to_owned(), verdict: Verdict::Failed, evidence: evidence.to_owned() };
    Detail { bind: bind.map(str::to_owned), judgement: vec![record], ..Detail::default() }
}

#[test]
fn the_evidence_of_a_failed_gate_leads_to_its_cause() {
    let table = [
        ("sso_enabled", "switched off", None, Cause::SsoOff),
        ("found", "no person below the base DN has this name", None, Cause::NobodyFound),
        ("found", "more than one person has this name", None, Cause::SeveralFound),
        ("bound", "", Some("52e"), Cause::WrongPassword),
        ("bound", "", Some("525"), Cause::NoSuchUser),
        ("bound", "", Some("52f"), Cause::Restriction),
        ("bound", "", Some("530"), Cause::LogonHours),
        ("bound", "", Some("531"), Cause::Workstation),
        ("bound", "", Some("568"), Cause::TooManyGroups),
        ("bound", "", Some("569"), Cause::LogonType),
        ("bound", "", Some("999"), Cause::UnknownRefusal),
        ("bound", "no bind was made for this entry", None, Cause::NotBound),
        ("enabled", "disabled in the directory", Some("533"), Cause::Disabled),
        ("not_expired", "ended", Some("701"), Cause::AccountExpired),
        ("not_expired", "begins at 2030-01-01T00:00:00Z", Some("775"), Cause::NotBegun),
        ("not_expired", "unused for too long, since yesterday (pwdMaxIdle)", None, Cause::Unused),
        ("password_allowed", "the directory requires a smart card", Some("accepted"), Cause::SmartCard),
        ("not_locked", "locked in the directory", Some("775"), Cause::Locked),
        (
            "password_usable",
            "the password must be changed before it can be used",
            Some("773"),
            Cause::MustChange,
        ),
        ("password_usable", "the password has expired", Some("532"), Cause::PasswordExpired),
        ("in_scope", "in no synced OU", Some("accepted"), Cause::OutOfScope),
        ("mail_present", "the entry has no email address", Some("accepted"), Cause::NoMail),
        ("mail_present", "n/a is not an email address (it has no at sign)", None, Cause::MailInvalid),
        ("mail_present", "the domain of a@x is not in email_domains", None, Cause::MailForeign),
        ("account_exists", "a@x already belongs to account b", None, Cause::MailTaken),
        ("account_exists", "more than one entry has the email address a@x", None, Cause::MailShared),
        (
            "account_exists",
            "the email address of the entry is longer than 320 octets",
            None,
            Cause::ValueTooLong,
        ),
        (
            "account_exists",
            "account b was loaded with a@x and is not linked to an entry yet",
            None,
            Cause::LinkPending,
        ),
        (
            "account_exists",
            "it is not linked to an entry yet; more than one entry",
            None,
            Cause::LinkContested,
        ),
        ("account_exists", "no account is linked to this entry", None, Cause::NoAccount),
        ("mail_matches", "the directory says a: a already belongs to account b", None, Cause::MailTaken),
        ("mail_matches", "the directory says a, the account b", None, Cause::MailDiffers),
        ("not_suspended", "suspended since yesterday (admin)", None, Cause::SuspendedHere),
        ("not_suspended", "suspended since yesterday (out_of_scope)", None, Cause::SuspendedByDirectory),
        ("not_suspended", "the account's end date has passed", None, Cause::SuspendedByDirectory),
    ];
    for (gate, evidence, bind, cause) in table {
        assert_eq!(Cause::of(Some(gate), true, &detail(gate, evidence, bind)), cause, "{gate}: {evidence}");
    }
    let elsewhere = detail("found", "no person below the base DN has this name", None);
    assert_eq!(Cause::of(Some("found"), false, &elsewhere), Cause::UnknownDomain);
}

#[test]
fn other_causes_are_found_by_their_word() {
    let gates: Vec<&str> = Gate::ALL.iter().map(|gate| gate.as_str()).collect();
    for cause in Cause::ALL {
        assert!(!gates.contains(&cause.word()), "{cause:?} has a gate's word");
        assert_eq!(Cause::of(Some(cause.word()), true, &Detail::default()), *cause);
    }
    assert_eq!(Cause::of(None, true, &Detail::default()), Cause::Nothing);
    assert_eq!(Cause::of(Some("of tomorrow"), true, &Detail::default()), Cause::Unknown);
    for by in Counted::ALL {
        assert_ne!(Cause::of(Some(by.as_str()), false, &Detail::default()), Cause::Unknown, "{by:?}");
    }
}

#[test]
fn each_cause_has_a_sentence_and_advice() {
    for cause in Cause::ALL {
        for text in [cause.what(), cause.advice()] {
            assert!(text.ends_with('.') && text.starts_with(|c: char| c.is_uppercase()), "{text}");
        }
    }
    let words: HashSet<_> = Cause::ALL.iter().map(|cause| cause.word()).collect();
    let sentences: HashSet<_> = Cause::ALL.iter().map(|cause| cause.what()).collect();
    assert_eq!((words.len(), sentences.len()), (Cause::ALL.len(), Cause::ALL.len()));
}
