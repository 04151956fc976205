//! Parse LDAP times (RFC 4517 section 3.3.13): minutes and seconds may be missing, the last unit may have a
//! fraction, and the zone is `Z` or an offset from UTC.

use std::ops::Range;

use jiff::civil::{Date, Time};

use crate::domain::{HOUR, MINUTE, Millis, SECOND, since_epoch};

/// Milliseconds since 1970; `None` for invalid text.
pub(crate) fn generalized_time(text: &str) -> Option<Millis> {
    let (local, ahead) = zone(text.trim())?;
    let (digits, fraction) = match local.find(['.', ',']) {
        Some(at) => (&local[..at], &local[at + 1..]),
        None => (local, ""),
    };
    let billionths = if local.len() == digits.len() { 0 } else { billionths(fraction)? };
    let number = |range: Range<usize>| digits.get(range).map_or(Some(0), |two| two.parse::<i8>().ok());
    let unit = match digits.len() {
        10 => HOUR,
        12 => MINUTE,
        14 => SECOND,
        _ => return None,
    };
    let date = Date::new(digits.get(..4)?.parse().ok()?, number(4..6)?, number(6..8)?).ok()?;
    // a leap second counts as the second before it
    let time = Time::new(number(8..10)?, number(10..12)?, number(12..14)?.min(59), 0).ok()?;
    let rest = billionths * unit / 1_000_000_000;
    since_epoch(date.to_datetime(time)).checked_add(rest)?.checked_sub(ahead)
}

/// Splits off the zone: the time of day, and the offset from UTC.
fn zone(text: &str) -> Option<(&str, Millis)> {
    if let Some(local) = text.strip_suffix('Z') {
        return Some((local, 0));
    }
    let at = text.find(['+', '-'])?;
    let (local, distance) = text.split_at(at);
    let (sign, digits) = distance.split_at(1);
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let hours: Millis = digits[..2].parse().ok()?;
    let minutes: Millis = if digits.len() == 4 { digits[2..].parse().ok()? } else { 0 };
    let distance = hours * HOUR + minutes * MINUTE;
    (hours < 24 && minutes < 60).then_some((local, if sign == "-" { -distance } else { distance }))
}

/// `5` of `.5` is a half; digits below a billionth are ignored.
fn billionths(digits: &str) -> Option<Millis> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| format!("{digits:0<9}").get(..9)?.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_are_read_in_every_form_that_ldap_has() {
        let table = [
            ("19700101000000Z", Some(0)),
            ("20260131235959.0Z", Some(1_769_903_999_000)),
            ("20260131235959.123456Z", Some(1_769_903_999_123)),
            ("20260131235959,5Z", Some(1_769_903_999_500)),
            ("20260131235960Z", Some(1_769_903_999_000)),
            ("197001010030Z", Some(30 * MINUTE)),
            ("1970010101Z", Some(HOUR)),
            ("1970010101.5Z", Some(HOUR + 30 * MINUTE)),
            ("197001010100.5Z", Some(HOUR + 30 * SECOND)),
            ("19700101010000+0100", Some(0)),
            ("19700101000000-0130", Some(90 * MINUTE)),
            ("19700101010000+01", Some(0)),
            ("000001010000Z", Some(-62_167_219_200_000)),
            ("99991231235959Z", Some(253_402_300_799_000)),
            ("20260230000000Z", None),
            ("2026-131235959Z", None),
            ("20260131235959", None),
            ("20260131235959+1", None),
            ("20260131235959+2460", None),
            ("20260131235959.-1Z", None),
            ("20260131235959.Z", None),
            ("20260131 35959Z", None),
            ("2026Z", None),
            ("é0260131235959Z", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(generalized_time(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_time_makes_the_reader_panic(text in "\\PC*", digits in "[0-9]{0,16}") {
            let _ = generalized_time(&text);
            for tried in [format!("{digits}{text}"), format!("20260131235959{text}Z"), format!("{digits}+{text}")] {
                let _ = generalized_time(&tried);
            }
        }
    }
}
