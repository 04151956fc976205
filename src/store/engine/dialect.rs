//! How the two databases write placeholders.

use std::fmt::Write as _;

/// Which of the two. A placeholder is a bare `?` in SQLite, which counts them, and `$1` in PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// Appends `many` placeholders; the first has the number `first` (from 1).
    pub fn placeholders(self, text: &mut String, first: usize, many: usize) {
        for place in first..first + many {
            let comma = if place == first { "" } else { ", " };
            // Writing to a string does not fail.
            let _ = match self {
                Self::Sqlite => write!(text, "{comma}?"),
                Self::Postgres => write!(text, "{comma}${place}"),
            };
        }
    }
}
