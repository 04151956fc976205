//! Remember recently refused passwords, so that a repeat does not count as a new attempt: a phone with an old
//! password uses up one attempt, not all. Only keyed digests are stored, never a password.

use super::Millis;

/// How many are remembered per person.
const MOST: usize = 5;

/// A keyed digest of a password, the person, and the time when that person's password was set: after a reset
/// nothing is a repeat.
pub type Mark = [u8; 8];

/// A password that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusedPassword {
    pub mark: Mark,
    /// How long it is remembered.
    pub until: Millis,
}

/// The recently refused passwords of one person, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refused(pub Vec<RefusedPassword>);

impl Refused {
    /// Remembers a password, and forgets the oldest if there are too many.
    pub fn remember(&mut self, mark: Mark, until: Millis) {
        self.0.retain(|refusal| refusal.mark != mark);
        self.0.insert(0, RefusedPassword { mark, until });
        self.0.truncate(MOST);
    }

    /// True if this password was refused before and is still remembered.
    #[must_use]
    pub fn holds(&self, mark: Mark, now: Millis) -> bool {
        self.0.iter().any(|refusal| now < refusal.until && refusal.mark == mark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_is_recognised_until_it_expires() {
        let mut refused = Refused::default();
        refused.remember([1; 8], 100);
        for (mark, now, expected) in [(1, 99, true), (2, 99, false), (1, 100, false)] {
            assert_eq!(refused.holds([mark; 8], now), expected, "{mark} {now}");
        }
    }

    #[test]
    fn the_last_five_are_remembered_each_once() {
        let mut refused = Refused::default();
        for mark in [1, 2, 3, 1, 4, 5, 6] {
            refused.remember([mark; 8], 100);
        }
        let marks: Vec<u8> = refused.0.iter().map(|refusal| refusal.mark[0]).collect();
        assert_eq!(marks, [6, 5, 4, 1, 3]);
    }
}
