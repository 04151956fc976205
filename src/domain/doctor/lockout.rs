//! Describe when the directory locks accounts, and how many attempts that leaves for sign-ins here.

use super::facts::Lockout;
use super::{Finding, Severity};
use crate::domain::MINUTE;
use crate::domain::lockout::{Browser, LockoutPolicy};

/// The policy that applies to most people, and the resulting budget.
#[must_use]
pub fn lockout(known: &Lockout) -> Finding {
    let new = |verdict, what: String| Finding::new("lockout", verdict, what);
    let Some(domain) = known.domain else {
        if known.assumed == Some(LockoutPolicy::NEVER) && !known.policy_control {
            return new(
                Severity::Info,
                "the settings say that no number of wrong passwords locks an account".to_owned(),
            )
            .seen("assumed_lockout_threshold = 0, and the server does not support password policies");
        }
        let assumed = known.assumed.unwrap_or_else(LockoutPolicy::unreadable);
        return new(
            Severity::Warning,
            format!("the lockout policy can't be read; assumed: {}", in_words(assumed)),
        )
        .seen(budget(assumed))
        .fix(
            "Let the service account read it: lockoutThreshold of the domain, or the entry named by \
                 password_policy in the settings (OpenLDAP's ppolicy_default). Until then, set \
                 assumed_lockout_threshold to the real threshold.",
        );
    };
    let policy = in_force(known, domain);
    match policy.threshold {
        0 => new(Severity::Info, in_words(policy)).seen("only this product limits wrong passwords"),
        1 => new(Severity::Error, in_words(policy)).seen(budget(policy)).fix(TIGHT),
        2 | 3 => new(Severity::Warning, in_words(policy)).seen(budget(policy)).fix(TIGHT),
        _ => new(Severity::Ok, in_words(policy)).seen(budget(policy)),
    }
}

const TIGHT: &str = "Raise the lockout threshold of the directory: 10 is Microsoft's baseline, 5 is enough. \
                     The last attempt is never used here, so that no stranger can lock an account. Below 4, \
                     no attempt can be reserved for known browsers, so a stranger can keep a person out \
                     until the count is reset.";

/// The policy for a person without a policy of their own. See `directory::policies`.
fn in_force(known: &Lockout, domain: LockoutPolicy) -> LockoutPolicy {
    match known.fine_grained_readable {
        Some(true) => known.fine_grained.iter().fold(domain, |all, (_, one)| all.and(*one)),
        Some(false) => domain.and(known.assumed.unwrap_or(LockoutPolicy::NEVER)),
        None => domain,
    }
}

fn in_words(policy: LockoutPolicy) -> String {
    match policy.threshold {
        0 => "no number of wrong passwords locks an account".to_owned(),
        1 => format!(
            "1 wrong password locks an account; the count is reset after {} minutes",
            policy.window / MINUTE
        ),
        threshold => {
            format!(
                "{threshold} wrong passwords lock an account; the count is reset after {} minutes",
                policy.window / MINUTE
            )
        }
    }
}

fn budget(policy: LockoutPolicy) -> String {
    let limit = |browser| policy.limit(browser).unwrap_or(0);
    match (limit(Browser::Unknown), limit(Browser::Known)) {
        (0, 0) if policy.threshold == 0 => "only this product limits wrong passwords".to_owned(),
        (0, 0) => "nobody can sign in: every attempt could lock the account".to_owned(),
        (unknown, known) => {
            format!("attempts we allow: {unknown} from an unknown browser, {known} from a known one")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Millis;

    fn policy(threshold: u32, minutes: Millis) -> LockoutPolicy {
        LockoutPolicy { threshold, window: minutes * MINUTE }
    }

    fn of(
        domain: Option<LockoutPolicy>,
        readable: Option<bool>,
        own: &[LockoutPolicy],
        assumed: Option<u32>,
    ) -> Finding {
        lockout(&Lockout {
            domain,
            fine_grained: own.iter().map(|policy| ("own".to_owned(), *policy)).collect(),
            fine_grained_readable: readable,
            assumed: assumed.map(LockoutPolicy::assumed),
            policy_control: true,
        })
    }

    #[test]
    fn a_threshold_is_shown_with_its_budget() {
        let table = [
            (0, Severity::Info, "only this product limits"),
            (1, Severity::Error, "nobody can sign in: "),
            (2, Severity::Warning, "1 from an unknown browser, 1 from a known one"),
            (3, Severity::Warning, "2 from an unknown browser, 2 from a known one"),
            (4, Severity::Ok, "2 from an unknown browser, 3 from a known one"),
            (10, Severity::Ok, "8 from an unknown browser, 9 from a known one"),
        ];
        for (threshold, verdict, evidence) in table {
            let finding = of(Some(policy(threshold, 30)), Some(true), &[], None);
            assert_eq!(finding.verdict, verdict, "{finding:?}");
            assert!(finding.evidence.as_ref().is_some_and(|text| text.contains(evidence)), "{finding:?}");
        }
        let ten = of(Some(policy(10, 15)), None, &[], Some(0));
        assert_eq!(ten.what, "10 wrong passwords lock an account; the count is reset after 15 minutes");
    }

    #[test]
    fn hidden_and_own_policies_count() {
        let five = Some(policy(5, 10));
        assert!(of(five, Some(false), &[], Some(3)).what.starts_with("3 wrong"));
        assert!(of(five, Some(false), &[], Some(0)).what.starts_with("5 wrong"));
        assert!(of(five, Some(false), &[], None).what.starts_with("5 wrong"));
        assert!(of(five, Some(true), &[policy(2, 10)], Some(3)).what.starts_with("2 wrong"));
        let nothing = of(None, None, &[], None);
        assert!(
            nothing.verdict == Severity::Warning && nothing.what.contains("assumed: 3 wrong"),
            "{nothing:?}"
        );
    }
}
