//! The one thing to do about a person who can't sign in, by the first gate that is shut. What only the directory
//! can change has no button here: the page says where to change it.

use crate::domain::gates::Gate;
use crate::flow::account::views::AccountView;
use crate::flow::support::explain::ExplainedPerson;

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fix {
    /// Switch single sign-on on.
    EnableSso,
    /// Change the entry in the directory, then ask again.
    ChangeEntry,
    /// Add the OU or a group of the person to the sync scope, or remove the exclusion.
    WidenScope,
    /// Sync the person now: the account is missing or older than the entry.
    SyncNow,
    /// The guard holds a change of this person, or the person has a conflict: decide in the Sync Log.
    Decide,
    /// Reactivate the account that was suspended here.
    Reactivate,
    /// Wait until wrong passwords no longer count, or issue a code for signing in without counting.
    WaitOrInvite,
}

/// What to do about this person; `None` if nothing keeps them out.
#[must_use]
pub fn fix(person: &ExplainedPerson, account: Option<&AccountView>, is_held: bool) -> Option<Fix> {
    let Some(gate) = person.cause else {
        return person.tries.stops_known().map(|_| Fix::WaitOrInvite);
    };
    Some(match gate {
        Gate::SsoEnabled => Fix::EnableSso,
        Gate::InScope => Fix::WidenScope,
        Gate::AccountExists | Gate::MailMatches if is_held || is_conflict(person.reason) => Fix::Decide,
        Gate::AccountExists | Gate::MailMatches => Fix::SyncNow,
        Gate::NotSuspended => suspended(account, is_held),
        Gate::Found
        | Gate::Bound
        | Gate::Enabled
        | Gate::NotExpired
        | Gate::PasswordAllowed
        | Gate::NotLocked
        | Gate::PasswordUsable
        | Gate::MailPresent => Fix::ChangeEntry,
    })
}

/// The gates of the entry are open, so the directory no longer gives a reason for the suspension.
fn suspended(account: Option<&AccountView>, is_held: bool) -> Fix {
    match account.and_then(|account| account.suspended_because) {
        Some("admin") => Fix::Reactivate,
        _ if is_held => Fix::Decide,
        _ => Fix::SyncNow,
    }
}

/// The words of [`crate::domain::advice::Cause`] for accounts that a sync can't write.
fn is_conflict(reason: &str) -> bool {
    ["mail_taken", "mail_shared", "mail_foreign", "mail_invalid", "link_pending", "link_contested"]
        .contains(&reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::advice::Cause;
    use crate::domain::samples;
    use crate::flow::support::explain::{Count, UsedAttempts};

    fn count(is_spent: bool) -> Count {
        Count {
            spent: 3,
            threshold: 5,
            unknown_browser_limit: None,
            known_browser_limit: None,
            until: None,
            spent_for_unknown: is_spent,
            spent_for_known: is_spent,
        }
    }

    fn person(cause: Option<Gate>, reason: &'static str, is_spent: bool) -> ExplainedPerson {
        let tries = UsedAttempts {
            person: Some(count(is_spent)),
            name: count(is_spent),
            throttles: Vec::new(),
            complete: true,
        };
        ExplainedPerson {
            name: "alice".into(),
            directory: "corp".into(),
            account: None,
            cause,
            reason,
            what: "",
            advice: "",
            judgement: Vec::new(),
            tries,
        }
    }

    fn account(because: Option<&'static str>) -> AccountView {
        AccountView { suspended_because: because, ..AccountView::new(&samples::account(), 0) }
    }

    #[test]
    fn every_shut_gate_has_one_fix() {
        for gate in Gate::ALL {
            assert!(fix(&person(Some(gate), "x", false), None, false).is_some(), "{gate:?}");
        }
        assert_eq!(fix(&person(None, "none", false), None, false), None);
    }

    #[test]
    fn the_fix_depends_on_what_keeps_the_person_out() {
        let admin = account(Some("admin"));
        let scope = account(Some("out_of_scope"));
        for (cause, reason, held, account, expected) in [
            (Some(Gate::Enabled), "disabled", false, None, Fix::ChangeEntry),
            (Some(Gate::InScope), "out_of_scope", false, None, Fix::WidenScope),
            (Some(Gate::AccountExists), "no_account", false, None, Fix::SyncNow),
            (Some(Gate::AccountExists), "mail_taken", false, None, Fix::Decide),
            (Some(Gate::MailMatches), "mail_differs", true, None, Fix::Decide),
            (Some(Gate::NotSuspended), "suspended_here", false, Some(&admin), Fix::Reactivate),
            (Some(Gate::NotSuspended), "suspended_by_directory", false, Some(&scope), Fix::SyncNow),
            (Some(Gate::NotSuspended), "suspended_by_directory", true, Some(&scope), Fix::Decide),
        ] {
            assert_eq!(
                fix(&person(cause, reason, true), account, held),
                Some(expected),
                "{cause:?} {reason}"
            );
        }
        assert_eq!(fix(&person(None, "none", true), None, false), Some(Fix::WaitOrInvite));
    }

    #[test]
    fn conflicts_are_words_of_causes() {
        for word in
            ["mail_taken", "mail_shared", "mail_foreign", "mail_invalid", "link_pending", "link_contested"]
        {
            assert!(is_conflict(word) && Cause::ALL.iter().any(|cause| cause.word() == word), "{word}");
        }
    }
}
