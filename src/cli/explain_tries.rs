//! What `explain NAME` says of the tries that are left.

use super::printable;
use crate::flow::explain::{Count, Tries};
use crate::flow::throttle::Used;

/// Whether the right password would do: never without saying that the tries are used up.
pub(super) fn let_in(tries: &Tries) -> String {
    let until =
        |count: &Count| count.until.clone().unwrap_or_else(|| "the wrong passwords are forgotten".to_owned());
    if let Some(count) = tries.stops_known() {
        return format!("would be refused in every browser until {}: no try is left", until(count));
    }
    if let Some(count) = tries.stops_unknown() {
        let until = until(count);
        return format!(
            "would be let in with the right password in a browser in which they have signed in before; refused in any other \
             until {until}: no try is left there"
        );
    }
    match tries.complete {
        true => "would be let in with the right password".to_owned(),
        false => "would be let in with the right password, unless the running server has counted too many wrong ones: it \
                  keeps its own counts in its memory, and only those of the directory are seen here"
            .to_owned(),
    }
}

/// The budget and the throttles, a line each.
pub(super) fn print(tries: &Tries) {
    let spent = |count: &Count| match (count.unknown_browser_limit, count.known_browser_limit) {
        (Some(unknown), Some(known)) => format!(
            "{} wrong passwords count{}; {unknown} stop a browser that is not known, {known} one that is; {} lock the account",
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
            outln!("  {:<16} {wrong} of {most} wrong passwords in this minute", printable(throttle));
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
    use crate::flow::budget::Tally;

    fn tries(person: u32, name: u32, complete: bool) -> Tries {
        let policy = LockoutPolicy { threshold: 4, window: 30 * MINUTE };
        let count = |spent| Count::from(Tally { spent, policy, until: Some(1_800_000_000_000) });
        Tries { person: Some(count(person)), name: count(name), throttles: Vec::new(), complete }
    }

    #[test]
    fn nobody_is_let_in_without_a_word_on_tries_that_are_used_up() {
        let until = "until 2027-01-15T08:00:00Z";
        for (person, name, words) in
            [(2, 0, "refused in any other"), (0, 2, "refused in any other"), (3, 2, "every browser")]
        {
            let told = let_in(&tries(person, name, true));
            assert!(told.contains(words) && told.contains(until), "{told}");
        }
        assert_eq!(let_in(&tries(1, 1, true)), "would be let in with the right password");
        assert!(let_in(&tries(1, 1, false)).contains("unless the running server"));
    }
}
