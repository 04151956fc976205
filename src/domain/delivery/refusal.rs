//! Why a target refuses somebody, for counting, and for the advice of what to do about it.

use crate::domain::words;

words! {
    /// The cause of a quarantine.
    pub enum RefusalCause {
        /// 409: a value that has to be unique belongs to somebody else over there.
        Taken = "taken",
        /// 404: it was there, and is not there any more.
        Gone = "gone",
        /// 403: the token may not do this.
        Forbidden = "forbidden",
        /// 412: it is changed over there again and again.
        Changed = "changed",
        /// 413: one request is too large.
        TooLarge = "too_large",
        /// 400 and any other refusal of exactly this request.
        Invalid = "invalid",
        /// The target has failed many times about this one, while others went on.
        Failing = "failing",
    }
}

impl RefusalCause {
    /// Reads the cause from the words of a quarantine, which `Failure` has written; their first three letters are
    /// enough.
    #[must_use]
    pub fn of_words(words: &str) -> Self {
        match words.get(..3) {
            Some("409") => Self::Taken,
            Some("404") => Self::Gone,
            Some("403") => Self::Forbidden,
            Some("412") => Self::Changed,
            Some("413") => Self::TooLarge,
            Some("401" | "429") => Self::Failing,
            // Implemented never, so asking again changes nothing.
            Some("501") => Self::Invalid,
            Some(status) if status.starts_with('4') => Self::Invalid,
            _ => Self::Failing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::delivery::answer::Failure;

    #[test]
    fn each_failure_has_its_cause_in_its_words() {
        let words = || "\u{e9} said".to_owned();
        for (failure, expected) in [
            (Failure::of_status(400, words(), None), RefusalCause::Invalid),
            (Failure::of_status(401, words(), None), RefusalCause::Failing),
            (Failure::of_status(403, words(), None), RefusalCause::Forbidden),
            (Failure::of_status(404, words(), None), RefusalCause::Gone),
            (Failure::of_status(409, words(), None), RefusalCause::Taken),
            (Failure::of_status(412, words(), None), RefusalCause::Changed),
            (Failure::of_status(413, words(), None), RefusalCause::TooLarge),
            (Failure::of_status(422, words(), None), RefusalCause::Invalid),
            (Failure::of_status(429, words(), None), RefusalCause::Failing),
            (Failure::of_status(500, words(), None), RefusalCause::Failing),
            (Failure::of_status(501, words(), None), RefusalCause::Invalid),
            (Failure::of_status(503, words(), None), RefusalCause::Failing),
            (Failure::of_status(302, words(), None), RefusalCause::Failing),
            (Failure::NotSent(words()), RefusalCause::Failing),
            (Failure::Lost(words()), RefusalCause::Failing),
            (Failure::Garbage(words()), RefusalCause::Failing),
        ] {
            let text = failure.to_string();
            assert_eq!(RefusalCause::of_words(&text), expected, "{text}");
            let head: String = text.chars().take(3).collect();
            assert_eq!(RefusalCause::of_words(&head), expected, "{head}");
        }
        assert_eq!(RefusalCause::of_words(""), RefusalCause::Failing);
    }
}
