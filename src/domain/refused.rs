//! Passwords that were refused lately, so that the same one again is no new try: a phone with an old password spends one
//! try and not all. Pure: keyed digests and the time come in, and no password ever does.

use super::Millis;

/// How many are remembered of one person.
const MOST: usize = 5;

/// A keyed digest of a password, of the person, and of when that person's password was set: after a reset nothing is a
/// repeat.
pub type Mark = [u8; 8];

/// A password that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which.
    pub mark: Mark,
    /// How long it is remembered.
    pub until: Millis,
}

/// The last refused passwords of one person, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refused(pub Vec<Refusal>);

impl Refused {
    /// Remembers one, and forgets the oldest where there are too many.
    pub fn remember(&mut self, mark: Mark, until: Millis) {
        self.0.retain(|refusal| refusal.mark != mark);
        self.0.insert(0, Refusal { mark, until });
        self.0.truncate(MOST);
    }

    /// True when this password was refused before, and that still counts.
    #[must_use]
    pub fn holds(&self, mark: Mark, now: Millis) -> bool {
        self.0.iter().any(|refusal| now < refusal.until && refusal.mark == mark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_is_known_until_its_time_is_over() {
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
