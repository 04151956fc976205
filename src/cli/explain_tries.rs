//! `explain NAME`: the password attempts that a person has left.

use super::printable;
use crate::flow::limits::throttle::Used;
use crate::flow::support::explain::{Count, UsedAttempts};

/// Whether the right password would be accepted, or no attempt is left.
pub(super) fn sign_in_text(tries: &UsedAttempts) -> String {
    let until =
        |count: &Count| count.until.clone().unwrap_or_else(|| "the failed attempts expire".to_owned());
    if let Some(count) = tries.stops_known() {
        return format!("would be refused in every browser until {}: no attempt is left", until(count));
    }
    if let Some(count) = tries.stops_unknown() {
        let until = until(count);
        return format!(
            "could sign in with the right password in a browser that they have used before; refused in any other browser \
             until {until}: no attempt is left there"
        );
    }
    match tries.complete {
        true => "could sign in with the right password".to_owned(),
        false => "could sign in with the right password, unless the running server has counted too many failed attempts: it \
                  keeps its counts in memory, and this command sees only those of the directory"
            .to_owned(),
    }
}

/// Prints the lockout budget and the throttles, a line each.
pub(super) fn print(tries: &UsedAttempts) {
    let spent = |count: &Count| match (count.unknown_browser_limit, count.known_browser_limit) {
        (Some(unknown), Some(known)) => format!(
            "{} wrong passwords count{}; {unknown} block an unknown browser, {known} a known one; {} lock the account",
            count.spent,
            count.until.as_ref().map(|until| format!(", until {until}")).unwrap_or_default(),
            count.threshold,
        ),
        _ => "no number of wrong passwords locks the account".to_owned(),
    };
    if let Some(person) = &tries.person {
        outln!("  {:<16} {}", "budget", spent(person));
    }
    if tries.complete {
        outln!("  {:<16} {}", "with this name", spent(&tries.name));
        for Used { throttle, wrong, most } in &tries.throttles {
            outln!("  {:<16} {wrong} of {most} wrong passwords this minute", printable(throttle));
        }
    } else {
        for Used { throttle, most, .. } in &tries.throttles {
            outln!(
                "  {:<16} {most} wrong passwords a minute; counted by the running server",
                printable(throttle)
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MINUTE;
    use crate::domain::lockout::LockoutPolicy;
    use crate::flow::limits::budget::BudgetTally;

    fn tries(person: u32, name: u32, complete: bool) -> UsedAttempts {
        let policy = LockoutPolicy { threshold: 4, window: 30 * MINUTE };
        let count = |spent| Count::from(BudgetTally { spent, policy, until: Some(1_800_000_000_000) });
        UsedAttempts { person: Some(count(person)), name: count(name), throttles: Vec::new(), complete }
    }

    #[test]
    fn used_up_attempts_are_reported_with_their_end() {
        let until = "until 2027-01-15T08:00:00Z";
        for (person, name, words) in
            [(2, 0, "refused in any other"), (0, 2, "refused in any other"), (3, 2, "every browser")]
        {
            let text = sign_in_text(&tries(person, name, true));
            assert!(text.contains(words) && text.contains(until), "{text}");
        }
        assert_eq!(sign_in_text(&tries(1, 1, true)), "could sign in with the right password");
        assert!(sign_in_text(&tries(1, 1, false)).contains("unless the running server"));
    }
}
