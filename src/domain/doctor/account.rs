//! Check the service account's bind and the server's clock.

use super::facts::{RootDse, ServiceBind};
use super::{Finding, Severity};
use crate::domain::bind::BindRefusal;
use crate::domain::settings::Encryption;
use crate::domain::{Millis, SECOND, timestamp};

/// RFC 4511 section 4.1.9: strongerAuthRequired and confidentialityRequired.
const STRONGER_AUTH_REQUIRED: u32 = 8;
const CONFIDENTIALITY_REQUIRED: u32 = 13;
/// SEC_E_BAD_BINDINGS: the domain controller requires a channel binding token, which a simple bind does not
/// have.
const BAD_BINDINGS: u32 = 0x8009_0346;

/// The result of the bind, and whether the server requires signing or channel binding.
#[must_use]
pub fn bind(server: &str, account: &str, bind: &ServiceBind, encryption: Encryption) -> Vec<Finding> {
    let new = |check, verdict, what: &str| Finding::new(check, verdict, what).at(server);
    match bind {
        ServiceBind::Bound => {
            let bound = new("bind", Severity::Ok, "the service account binds").seen(account);
            vec![bound, signing_met(encryption).at(server)]
        }
        ServiceBind::Refused { code: STRONGER_AUTH_REQUIRED | CONFIDENTIALITY_REQUIRED, text, .. } => {
            vec![
                new(
                    "signing",
                    Severity::Error,
                    "the server requires signing or TLS, and this connection has \
                    neither",
                )
                .seen(text.trim_end_matches('\0'))
                .fix("Set encryption = \"ldaps\" (port 636) or \"start_tls\" (port 389)."),
            ]
        }
        ServiceBind::Refused { why: Some(BindRefusal::Unknown(BAD_BINDINGS)), text, .. } => vec![
            new("signing", Severity::Error, "the server requires a channel binding token")
                .seen(text.trim_end_matches('\0'))
                .fix(
                    "Set LdapEnforceChannelBinding of the domain controllers to \"when supported\" (1). \
                     Simple binds over TLS have no token.",
                ),
        ],
        ServiceBind::Refused { code, text, why } => vec![refused(server, account, *code, text, *why)],
        ServiceBind::Failed(why) => vec![
            new("bind", Severity::Error, "the server failed before it answered the service account's bind")
                .seen(why)
                .fix("Check the other findings for this server, and its log."),
        ],
        ServiceBind::Withheld => vec![
            new("bind", Severity::CantTell, "the service account's bind was not tried")
                .seen("another server refused this password: a second attempt could lock the account"),
        ],
    }
}

fn signing_met(encryption: Encryption) -> Finding {
    let what = match encryption {
        Encryption::Ldaps | Encryption::StartTls => {
            "the server accepts our binds without signing or channel binding"
        }
        Encryption::UnencryptedLoopbackOnly => "the server accepts passwords in clear text",
    };
    let finding = Finding::new("signing", Severity::Ok, what);
    match encryption {
        Encryption::Ldaps | Encryption::StartTls => finding.seen("a simple bind inside TLS was accepted"),
        Encryption::UnencryptedLoopbackOnly => Finding { verdict: Severity::Info, ..finding }
            .seen("unencrypted_loopback_only")
            .fix("Only for tests on one machine: require TLS on the server."),
    }
}

fn refused(server: &str, account: &str, code: u32, text: &str, why: Option<BindRefusal>) -> Finding {
    let (reason, fix) = why.map_or(("the directory refuses it", OTHERWISE), words);
    let text = text.trim_end_matches('\0');
    let evidence = if text.is_empty() { format!("result {code}") } else { format!("result {code}: {text}") };
    Finding::new("bind", Severity::Error, format!("the service account can't bind: {reason}"))
        .at(server)
        .seen(format!("{account}; {evidence}"))
        .fix(fix)
}

const OTHERWISE: &str = "Check the log of the server for this time.";

fn words(why: BindRefusal) -> (&'static str, &'static str) {
    match why {
        BindRefusal::InvalidCredentials | BindRefusal::NoSuchUser => (
            "its name or password is wrong",
            "Correct service_account and its password in the settings. The password was tried only once, so \
             as not to lock the account.",
        ),
        BindRefusal::AccountRestriction => {
            ("a restriction of the account", "Remove its log-on restrictions; it needs none.")
        }
        BindRefusal::LogonHours => ("not at this hour", "Allow it to log on at all hours."),
        BindRefusal::Workstation => ("not from this machine", "Remove its list of workstations."),
        BindRefusal::PasswordExpired => (
            "its password has expired",
            "Set a new one, with \"password never expires\" (or renew it in time).",
        ),
        BindRefusal::Disabled => ("it is disabled", "Enable it in the directory."),
        BindRefusal::TooManyGroups => {
            ("it is in too many groups", "Remove it from its groups: it needs none.")
        }
        BindRefusal::LogonTypeNotGranted => {
            ("this kind of logon is not granted to it", "Grant it \"access this computer from the network\".")
        }
        BindRefusal::AccountExpired => ("it has expired", "Set its expiry to \"never\"."),
        BindRefusal::PasswordMustChange => {
            ("it must change its password first", "Set a password without \"must change at next logon\".")
        }
        BindRefusal::Locked => (
            "it is locked",
            "Unlock it, and find out which system uses an old password for it; only then \
                try again.",
        ),
        BindRefusal::Unknown(_) => ("the directory refuses it", OTHERWISE),
    }
}

/// A difference that is not worth a warning: servers report times in whole seconds.
const NEAR: Millis = 5 * SECOND;
/// From here on, expiry dates, lockout windows and Kerberos tickets go wrong.
const FAR: Millis = 300 * SECOND;

/// Compares the server's clock with ours.
#[must_use]
pub fn clock(server: &str, dse: &RootDse, ours: Millis) -> Finding {
    let new = |verdict, what: String| Finding::new("clock", verdict, what).at(server);
    let Some(theirs) = dse.time else {
        return new(Severity::CantTell, "the server does not report its time".to_owned())
            .seen("no currentTime in the root DSE")
            .fix("Synchronize both clocks with the same time source (NTP).");
    };
    let skew = theirs.saturating_sub(ours);
    let verdict = match skew.saturating_abs() {
        apart if apart <= NEAR => Severity::Ok,
        apart if apart <= FAR => Severity::Warning,
        _ => Severity::Error,
    };
    let evidence = format!("server {}, this machine {}", timestamp(theirs), timestamp(ours));
    let direction = if skew < 0 { "behind" } else { "ahead of" };
    let finding = match verdict {
        Severity::Ok => new(verdict, "the clocks agree".to_owned()),
        _ => new(
            verdict,
            format!("its clock is {} s {direction} this machine's", skew.saturating_abs() / SECOND),
        ),
    };
    let finding = finding.seen(evidence);
    if verdict == Severity::Ok {
        finding
    } else {
        finding.fix(
            "Synchronize both clocks with the same time \
        source (NTP).",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: u32, why: Option<BindRefusal>) -> Finding {
        let outcome = ServiceBind::Refused { code, text: "text\0".into(), why };
        let mut found = bind("dc1", "CN=svc", &outcome, Encryption::Ldaps);
        assert_eq!(found.len(), 1);
        found.remove(0)
    }

    #[test]
    fn each_refusal_has_a_fix() {
        let table = [
            (8, None, "signing", "ldaps"),
            (13, None, "signing", "ldaps"),
            (49, Some(BindRefusal::Unknown(0x8009_0346)), "signing", "LdapEnforceChannelBinding"),
            (49, Some(BindRefusal::InvalidCredentials), "bind", "so as not to lock"),
            (49, Some(BindRefusal::Locked), "bind", "Unlock"),
            (49, Some(BindRefusal::PasswordExpired), "bind", "new one"),
            (49, Some(BindRefusal::Disabled), "bind", "Enable"),
            (53, None, "bind", "log of the server"),
        ];
        for (code, why, check, fix) in table {
            let finding = refused(code, why);
            assert_eq!((finding.check, finding.verdict), (check, Severity::Error), "{finding:?}");
            assert!(finding.fix.as_ref().is_some_and(|text| text.contains(fix)), "{finding:?}");
            assert!(!finding.evidence.unwrap_or_default().contains('\0'));
        }
    }

    #[test]
    fn an_untried_bind_is_not_reported_as_ok() {
        let found = bind("dc1", "CN=svc", &ServiceBind::Withheld, Encryption::Ldaps);
        assert_eq!(found.first().map(|finding| finding.verdict), Some(Severity::CantTell));
    }

    #[test]
    fn clocks_are_compared_in_both_directions() {
        let ours = 1_700_000_000_000;
        let at = |skew| RootDse { time: Some(ours + skew), ..RootDse::default() };
        let table = [
            (NEAR, Severity::Ok),
            (-NEAR, Severity::Ok),
            (NEAR + 1, Severity::Warning),
            (-FAR, Severity::Warning),
            (-FAR - 1, Severity::Error),
        ];
        for (skew, expected) in table {
            assert_eq!(clock("dc1", &at(skew), ours).verdict, expected, "{skew}");
        }
        assert_eq!(clock("dc1", &RootDse::default(), ours).verdict, Severity::CantTell);
        assert!(clock("dc1", &at(-60 * SECOND), ours).what.contains("60 s behind"));
    }
}
