//! A time for the macro `when`.

use std::borrow::Cow;

use crate::domain::{Millis, timestamp};
use crate::web::pages::{Language, Moment};

/// A time as the macro `when` shows it.
pub(in crate::web::admin) struct ShownTime {
    /// In RFC 3339, UTC.
    pub stamp: String,
    pub text: Cow<'static, str>,
}

impl ShownTime {
    /// A time, as seen now.
    pub(super) fn new(at: Millis, now: Millis, language: Language) -> Self {
        Self { stamp: timestamp(at), text: Moment { at, now }.text(language) }
    }
}
