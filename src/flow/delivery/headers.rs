//! Headers of an answer that say more than its status.

use crate::delivery::http::HttpReply;
use crate::domain::{Millis, SECOND};

/// A header as text.
pub(super) fn header(reply: &HttpReply, name: &str) -> Option<String> {
    reply.headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// `Retry-After`, as a duration from `now`.
pub(super) fn retry_after_of(reply: &HttpReply, now: Millis) -> Option<Millis> {
    header(reply, "retry-after").and_then(|text| retry_after(&text, now))
}

/// RFC 9110 section 10.2.3: seconds, or a date.
fn retry_after(text: &str, now: Millis) -> Option<Millis> {
    if let Ok(seconds) = text.trim().parse::<u32>() {
        return Some(Millis::from(seconds) * SECOND);
    }
    let at = jiff::fmt::rfc2822::parse(text.trim()).ok()?;
    Some((at.timestamp().as_millisecond() - now).max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = 784_111_777_000;
        for (text, expected) in [
            ("120", Some(120 * SECOND)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:40 GMT", Some(3 * SECOND)),
            ("Sun, 06 Nov 1994 08:49:30 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(retry_after(text, now), expected, "{text}");
        }
    }
}
