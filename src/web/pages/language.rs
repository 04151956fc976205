//! Chooses a page's language: the client's `ui_locales`, then the browser's preference.
//!
//! Any input gives a language that we have; nothing here can fail.

/// How many ranges of a preference list are read; a real browser sends a handful.
const MOST_RANGES: usize = 32;

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    #[default]
    English,
    /// German, in the polite form.
    German,
}

impl Language {
    /// Every language, the default first.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// The language for this request.
    ///
    /// OpenID Connect Core 3.1.2.1: `ui_locales` is ordered by preference, and unknown values are no error.
    /// RFC 9110 12.5.4: `Accept-Language` is a weighted list; weight 0 means "not this one".
    #[must_use]
    pub fn negotiate(ui_locales: &[String], accept_language: &str) -> Self {
        let asked = ui_locales.iter().take(MOST_RANGES).find_map(|tag| Self::of_range(tag));
        asked.unwrap_or_else(|| Self::preferred(accept_language))
    }

    /// The value of `<html lang>`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    fn preferred(accept_language: &str) -> Self {
        let ranges: Vec<(&str, u16)> =
            accept_language.split(',').take(MOST_RANGES).filter_map(weighted).collect();
        let weight_of = |language: Self| {
            let own = ranges.iter().filter(|(range, _)| Self::of_range(range) == Some(language));
            let any = || ranges.iter().find(|(range, _)| *range == "*").map_or(0, |(_, weight)| *weight);
            own.map(|(_, weight)| *weight).max().unwrap_or_else(any)
        };
        let rank_of = |language: Self| {
            ranges.iter().position(|(range, _)| Self::of_range(range) == Some(language)).unwrap_or(usize::MAX)
        };
        let mut best = Self::default();
        for language in Self::ALL {
            let better = weight_of(language) > weight_of(best)
                || (weight_of(language) == weight_of(best) && rank_of(language) < rank_of(best));
            if better && weight_of(language) > 0 {
                best = language;
            }
        }
        best
    }

    /// RFC 4647 3.4 (lookup): `de-AT` is served by `de`.
    fn of_range(range: &str) -> Option<Self> {
        let primary = range.trim().split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }
}

/// `de;q=0.8` as (`de`, 800). RFC 9110 12.4.2: the default is 1; a range with a malformed weight is ignored.
fn weighted(part: &str) -> Option<(&str, u16)> {
    let mut pieces = part.split(';');
    let range = pieces.next()?.trim();
    let weight = match pieces.next() {
        None => 1000,
        Some(parameter) => {
            thousandths(parameter.trim().strip_prefix(['q', 'Q'])?.trim_start().strip_prefix('=')?)?
        }
    };
    // "de-AT;q=0" refuses Austrian German only, which we do not have.
    let narrow = weight == 0 && range.contains('-');
    (!range.is_empty() && !narrow).then_some((range, weight))
}

fn thousandths(weight: &str) -> Option<u16> {
    let weight: f32 = weight.trim().parse().ok()?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
    (0.0..=1.0).contains(&weight).then_some((weight * 1000.0).round() as u16)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Language::{self, English, German};

    fn accept(header: &str) -> Language {
        Language::negotiate(&[], header)
    }

    #[test]
    fn the_browser_preference_is_used() {
        for (header, language) in [
            ("", English),
            ("de", German),
            ("de-CH,fr;q=0.9", German),
            ("fr, de;q=0.3", German),
            ("fr", English),
            ("en-US,en;q=0.9,de;q=0.8", English),
            ("en;q=0.5, de;q=0.9", German),
            ("DE , en", German),
            ("de;q=0, en;q=0.1", English),
            ("en;q=0, *", German),
            ("*", English),
            ("de;q=7, en;q=0.1", English),
            ("de-AT;q=0, de", German),
            ("en;q=0", English),
        ] {
            assert_eq!(accept(header), language, "{header}");
        }
    }

    #[test]
    fn the_client_preference_comes_first() {
        let asked = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
        assert_eq!(Language::negotiate(&asked(&["de-AT"]), "en"), German);
        assert_eq!(Language::negotiate(&asked(&["fr", "en", "de"]), "de"), English);
        assert_eq!(Language::negotiate(&asked(&["fr"]), "de"), German);
    }

    proptest! {
        #[test]
        fn any_header_gives_a_language(ui in prop::collection::vec(any::<String>(), 0..4), header in any::<String>()) {
            let language = Language::negotiate(&ui, &header);
            prop_assert!(Language::ALL.contains(&language));
        }

        #[test]
        fn the_heavier_weight_wins(en in 1u16..1000, de in 1u16..1000) {
            prop_assume!(en != de);
            let language = accept(&format!("en;q=0.{en:03}, de;q=0.{de:03}"));
            prop_assert_eq!(language, if en > de { English } else { German });
        }
    }
}
