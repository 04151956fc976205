//! When to warn that a certificate expires.

use super::{DAY, Millis};

/// So many days before the end an administrator is warned.
pub const WARNINGS: [i64; 3] = [30, 14, 3];

/// A certificate that a server has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenCertificate {
    /// Its first host name, or its subject.
    pub subject: String,
    pub not_after: Millis,
}

/// The last warning that is due: so many days before the end. `None` before the first.
#[must_use]
pub fn warning(not_after: Millis, now: Millis) -> Option<i64> {
    WARNINGS.into_iter().rev().find(|days| not_after.saturating_sub(now) <= days * DAY)
}

/// The warning that has become due since the certificate was seen last; `None` for `seen_at`: never.
#[must_use]
pub fn new_warning(not_after: Millis, seen_at: Option<Millis>, now: Millis) -> Option<i64> {
    let before = seen_at.and_then(|seen_at| warning(not_after, seen_at));
    warning(not_after, now).filter(|days| before != Some(*days))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_warning_is_due_once() {
        let end = 100 * DAY;
        let mut warned = Vec::new();
        for day in 0..120 {
            let seen_at = (day > 0).then(|| (day - 1) * DAY);
            warned.extend(new_warning(end, seen_at, day * DAY).map(|days| (100 - day, days)));
        }
        assert_eq!(warned, [(30, 30), (14, 14), (3, 3)]);
    }

    #[test]
    fn a_first_look_warns_of_what_is_near_and_of_what_is_over() {
        for (left, expected) in
            [(31, None), (30, Some(30)), (15, Some(30)), (14, Some(14)), (3, Some(3)), (-1, Some(3))]
        {
            assert_eq!(new_warning(left * DAY, None, 0), expected, "{left} days");
        }
        assert_eq!(warning(i64::MAX, i64::MIN), None);
    }
}
