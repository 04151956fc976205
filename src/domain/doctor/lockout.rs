//! When the directory locks accounts, in words, and what that leaves to people who sign in here.

use super::facts::Lockout;
use super::{Finding, Verdict};
use crate::domain::MINUTE;
use crate::domain::lockout::{Browser, LockoutPolicy};

/// The policy that holds for most people, and the budget that follows from it.
#[must_use]
pub fn lockout(known: &Lockout) -> Finding {
    let new = |verdict, what: String| Finding::new("lockout", verdict, what);
    let Some(domain) = known.domain else {
        if known.assumed.threshold == 0 && !known.policy_control {
            return new(
                Verdict::Info,
                "the settings say that no number of wrong passwords locks an account".to_owned(),
            )
            .seen("assumed_lockout_threshold = 0, and the server does not speak of password policies");
        }
        let assumed = in_words(known.assumed);
        return new(Verdict::Warning, format!("the lockout policy can't be read; assumed: {assumed}"))
            .seen(budget(known.assumed))
            .mend(
                "Let the service account read it: lockoutThreshold of the domain, or the entry that password_policy of the \
                 settings names (OpenLDAP's ppolicy_default). Set assumed_lockout_threshold to the truth until then.",
            );
    };
    let policy = in_force(known, domain);
    match policy.threshold {
        0 => new(Verdict::Info, in_words(policy)).seen("wrong passwords are limited by this product alone"),
        1 => new(Verdict::Error, in_words(policy)).seen(budget(policy)).mend(TIGHT),
        2 => new(Verdict::Warning, in_words(policy)).seen(budget(policy)).mend(TIGHT),
        _ => new(Verdict::Ok, in_words(policy)).seen(budget(policy)),
    }
}

const TIGHT: &str = "Raise the lockout threshold of the directory: 10 is Microsoft's baseline, 5 serves. The last tries are \
                     never spent here, so that no stranger can lock an account.";

/// What holds for somebody without a policy of their own. See `directory::policies`.
fn in_force(known: &Lockout, domain: LockoutPolicy) -> LockoutPolicy {
    match known.fine_grained_readable {
        Some(true) => known.fine_grained.iter().fold(domain, |all, (_, one)| all.and(*one)),
        Some(false) => domain.and(known.assumed),
        None => domain,
    }
}

fn in_words(policy: LockoutPolicy) -> String {
    match policy.threshold {
        0 => "no number of wrong passwords locks an account".to_owned(),
        1 => format!(
            "1 wrong password locks an account; it is forgotten after {} minutes",
            policy.window / MINUTE
        ),
        threshold => {
            format!(
                "{threshold} wrong passwords lock an account; they are forgotten after {} minutes",
                policy.window / MINUTE
            )
        }
    }
}

fn budget(policy: LockoutPolicy) -> String {
    let limit = |browser| policy.limit(browser).unwrap_or(0);
    match (limit(Browser::Unknown), limit(Browser::Known)) {
        (0, 0) if policy.threshold == 0 => "wrong passwords are limited by this product alone".to_owned(),
        (0, 0) => "nobody can sign in: no try is left that could not lock the account".to_owned(),
        (0, known) => format!("nobody can sign in from a browser that is not known; one that is has {known}"),
        (unknown, known) => format!(
            "tries that we spend: {unknown} from a browser that is not known, {known} from one that is"
        ),
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
        assumed: u32,
    ) -> Finding {
        lockout(&Lockout {
            domain,
            fine_grained: own.iter().map(|policy| ("own".to_owned(), *policy)).collect(),
            fine_grained_readable: readable,
            assumed: LockoutPolicy::assumed(assumed),
            policy_control: true,
        })
    }

    #[test]
    fn a_threshold_is_told_with_the_budget_that_it_leaves() {
        let table = [
            (0, Verdict::Info, "limited by this product alone"),
            (1, Verdict::Error, "nobody can sign in: "),
            (2, Verdict::Warning, "from a browser that is not known; one that is has 1"),
            (3, Verdict::Ok, "1 from a browser that is not known, 2 from one that is"),
            (10, Verdict::Ok, "8 from a browser that is not known, 9 from one that is"),
        ];
        for (threshold, verdict, evidence) in table {
            let finding = of(Some(policy(threshold, 30)), Some(true), &[], 3);
            assert_eq!(finding.verdict, verdict, "{finding:?}");
            assert!(finding.evidence.as_ref().is_some_and(|text| text.contains(evidence)), "{finding:?}");
        }
        let ten = of(Some(policy(10, 15)), None, &[], 0);
        assert_eq!(ten.what, "10 wrong passwords lock an account; they are forgotten after 15 minutes");
    }

    #[test]
    fn hidden_and_own_policies_count() {
        let five = Some(policy(5, 10));
        assert!(of(five, Some(false), &[], 3).what.starts_with("3 wrong"));
        assert!(of(five, Some(false), &[], 0).what.starts_with("5 wrong"));
        assert!(of(five, Some(true), &[policy(2, 10)], 3).what.starts_with("2 wrong"));
        let nothing = of(None, None, &[], 3);
        assert!(
            nothing.verdict == Verdict::Warning && nothing.what.contains("assumed: 3 wrong"),
            "{nothing:?}"
        );
    }
}
