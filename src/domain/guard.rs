//! Hold back mass changes: if accounts or Team Shares would be taken from many people within a day, the
//! changes wait for an administrator. The caller knows which accounts have lost something.

use std::collections::HashSet;
use std::fmt;

use super::account::AccountId;
use super::entry::EntryId;
use super::{DAY, Millis};

/// How long a removal counts.
pub const WINDOW: Millis = DAY;

/// This many people may always lose something: small teams have leavers too.
pub const FEWEST: u64 = 3;

/// From how many people something may be taken in a day: at most `people` and at most `percent` of the
/// accounts, but always [`FEWEST`]. Neither limit can be switched off: 0 still allows [`FEWEST`].
#[must_use]
pub fn limit(people: u32, percent: u32, linked_accounts: u64) -> u64 {
    let part = u128::from(linked_accounts) * u128::from(percent.min(100)) / 100;
    let part = u64::try_from(part).unwrap_or(u64::MAX);
    u64::from(people).min(part).max(FEWEST)
}

/// A held person as an administrator saw them: a decision does not apply to another loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenHeld {
    pub entry: EntryId,
    /// Since when the person would lose exactly what was seen.
    pub what_since: Millis,
}

impl SeenHeld {
    /// Parses the value of a form, as displayed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (entry, since) = text.split_once('@')?;
        Some(Self { entry: EntryId::from_entry_uuid(entry)?, what_since: since.parse().ok()? })
    }
}

impl fmt::Display for SeenHeld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.entry, self.what_since)
    }
}

/// From which accounts something may still be taken.
#[derive(Clone, Debug)]
pub struct Allowance {
    limit: u64,
    taken: HashSet<AccountId>,
}

impl Allowance {
    /// Starts with the accounts from which something was taken in the last [`WINDOW`].
    #[must_use]
    pub fn new(limit: u64, taken: impl IntoIterator<Item = AccountId>) -> Self {
        Self { limit, taken: taken.into_iter().collect() }
    }

    /// Whether something may be taken from this account. The same account counts only once.
    pub fn take(&mut self, account: &AccountId) -> bool {
        self.taken.contains(account) || self.left() > 0 && self.taken.insert(account.clone())
    }

    /// From how many more accounts something may be taken.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.limit.saturating_sub(self.taken.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(number: u32) -> AccountId {
        AccountId(number.to_string())
    }

    #[test]
    fn the_smaller_limit_applies() {
        let table = [
            // people, percent, accounts, limit
            (50, 10, 1_000, 50),
            (50, 10, 500, 50),
            (50, 10, 499, 49),
            (50, 10, 100, 10),
            (50, 10, 39, 3),
            (50, 10, 10, 3),
            (50, 10, 0, 3),
            (1, 10, 1_000, 3),
            (0, 10, 1_000, 3),
            (50, 0, 1_000, 3),
            (50, 100, 20, 20),
            (50, 1_000, 20, 20),
            (u32::MAX, 100, u64::MAX, u64::from(u32::MAX)),
        ];
        for (people, percent, accounts, expected) in table {
            assert_eq!(limit(people, percent, accounts), expected, "{people} {percent} {accounts}");
        }
    }

    #[test]
    fn a_held_person_is_read_from_a_form_as_written() {
        let seen = SeenHeld { entry: EntryId(uuid::Uuid::from_u128(7)), what_since: 1_795_000_000_000 };
        assert_eq!(SeenHeld::parse(&seen.to_string()), Some(seen));
        for junk in
            ["", "@", "x@1", "00000000-0000-0000-0000-000000000007", "00000000-0000-0000-0000-000000000007@x"]
        {
            assert_eq!(SeenHeld::parse(junk), None, "{junk}");
        }
    }

    #[test]
    fn the_same_person_counts_once() {
        let mut allowance = Allowance::new(3, [id(1), id(2)]);
        assert!(allowance.take(&id(1)) && allowance.take(&id(2)) && allowance.take(&id(3)));
        assert_eq!(allowance.left(), 0);
        assert!(!allowance.take(&id(4)));
        assert!(allowance.take(&id(3)), "who was taken from before");
    }

    proptest! {
        #[test]
        fn removals_reach_the_limit_and_never_exceed_it(
            limit in 3_u64..20,
            before in prop::collection::hash_set(0_u32..30, 0..10),
            wished in prop::collection::vec(0_u32..30, 0..60),
        ) {
            let before: HashSet<AccountId> = before.into_iter().map(id).collect();
            let mut allowance = Allowance::new(limit, before.clone());
            let (mut taken, mut held) = (before.clone(), HashSet::new());
            for account in wished.iter().copied().map(id) {
                if allowance.take(&account) {
                    prop_assert!(!held.contains(&account), "once refused, always refused");
                    taken.insert(account);
                } else {
                    held.insert(account);
                }
            }
            prop_assert!(taken.len() as u64 <= limit.max(before.len() as u64));
            prop_assert!(held.is_empty() || taken.len() as u64 >= limit, "held although there was room");
        }

        #[test]
        fn a_larger_setting_never_allows_fewer(people: u32, percent in 0_u32..200, accounts: u64) {
            let one = limit(people, percent, accounts);
            prop_assert!(one >= FEWEST);
            prop_assert!(one <= limit(people.saturating_add(1), percent, accounts));
            prop_assert!(one <= limit(people, percent + 1, accounts));
            prop_assert!(one <= limit(people, percent, accounts.saturating_add(1)));
        }
    }
}
