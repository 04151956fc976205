//! Why an address of a service has not answered as it should, and what to do.

use crate::domain::delivery::Failure;
use crate::domain::doctor::{Finding, Severity};

/// Why an address has not answered as it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A redirect, which is not followed: a token is for one host.
    Redirect {
        status: u16,
        to: String,
    },
    Failed(Failure),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Trouble {
    /// The finding of a check that failed so.
    pub(super) fn finding(&self, check: &'static str) -> Finding {
        let (what, fix) = self.described();
        Finding::new(check, Severity::Error, what).seen(self.evidence()).fix(fix)
    }

    /// The words of the service or of the connection.
    pub(super) fn evidence(&self) -> String {
        match self {
            Self::Redirect { status, to } if to.is_empty() => format!("status {status}"),
            Self::Redirect { status, to } => format!("status {status}, to {to}"),
            Self::Failed(failure) => failure.to_string(),
        }
    }

    fn described(&self) -> (&'static str, &'static str) {
        let failure = match self {
            Self::Redirect { .. } => {
                return (
                    "the address redirects to another one",
                    "Set base_url to the final address. Redirects are not followed, since a token is for one host. If it \
                     leads to a sign-in page, this is not the address for SCIM.",
                );
            }
            Self::Failed(failure) => failure,
        };
        match failure {
            Failure::NotSent(_) | Failure::Lost(_) => (
                "the service does not answer",
                "Check base_url, that the service runs, and that no firewall or proxy cuts the connection off.",
            ),
            Failure::Garbage(_) => (
                "the answer is no SCIM",
                "Check base_url: it is the address above /Users and /Groups, often with /scim/v2 at its end. A sign-in \
                 page or a proxy in between answers so too.",
            ),
            Failure::Unauthorized(_) => (
                "the service refuses the token",
                "Make a new token in the service and set it (token_file); with client credentials, check oauth_scope and \
                 that the service trusts the token endpoint.",
            ),
            Failure::NotFound(_) | Failure::Broken { status: 404, .. } => (
                "the service has no such address",
                "Check the path of base_url: it is the address above /Users and /Groups, often with /scim/v2 at its end.",
            ),
            Failure::Busy { .. } => ("the service asks to wait", "Wait a little and test again."),
            Failure::Broken { .. } => {
                ("the service fails", "Test again later; if it lasts, ask whoever runs the service.")
            }
            Failure::Refused { status: 401 | 403, .. } => (
                "the token may not do this",
                "Give the token the right to read and write users and groups, where it was made.",
            ),
            Failure::Conflict(_) | Failure::Changed(_) | Failure::TooLarge(_) | Failure::Refused { .. } => (
                "the service refuses the request",
                "The service's own words say why; its documentation says what it expects.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_has_its_own_text_and_fix() {
        let words = || "their words".to_owned();
        let refused = |status| Failure::Refused { status, words: words() };
        for (trouble, what, fix) in [
            (Trouble::Redirect { status: 302, to: words() }, "redirects", "final address"),
            (Failure::NotSent(words()).into(), "does not answer", "firewall"),
            (Failure::Lost(words()).into(), "does not answer", "firewall"),
            (Failure::Garbage(words()).into(), "no SCIM", "/scim/v2"),
            (Failure::Unauthorized(words()).into(), "refuses the token", "token_file"),
            (Failure::Broken { status: 404, words: words() }.into(), "no such address", "path"),
            (Failure::Broken { status: 500, words: words() }.into(), "fails", "later"),
            (refused(403).into(), "may not", "right"),
            (refused(400).into(), "refuses the request", "own words"),
        ] {
            let finding = trouble.finding("users");
            assert_eq!(finding.verdict, Severity::Error);
            assert!(finding.what.contains(what), "{finding:?}");
            assert!(finding.fix.as_ref().is_some_and(|text| text.contains(fix)), "{finding:?}");
            assert!(finding.evidence.is_some_and(|text| text.contains("their words")), "{trouble:?}");
        }
        let busy = Trouble::from(Failure::Busy { status: 429, retry_after: None }).finding("users");
        assert_eq!(busy.evidence.as_deref(), Some("429 later"));
    }
}
