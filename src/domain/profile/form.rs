//! Which values of a profile attribute an account stores, and in which form.

/// The form of an attribute's values. Values are compared character by character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueForm {
    /// A person with a name that is too long has a conflict ([`crate::domain::reconcile::Conflict`]).
    Name,
    /// A value of more characters is left out, and that is no conflict.
    Text { longest: usize },
    /// The first language of a list as in `Accept-Language`: `de-AT, en;q=0.8` (RFC 2798 section 2.7).
    Language,
}

impl ValueForm {
    /// The value as an account stores it; `None` leaves it out. Control characters become spaces.
    #[must_use]
    pub fn accept(self, value: &str) -> Option<String> {
        let text: String = value.chars().map(|one| if one.is_control() { ' ' } else { one }).collect();
        let text = text.trim();
        let text = match self {
            Self::Name => text.to_owned(),
            Self::Text { longest } => text.chars().nth(longest).is_none().then(|| text.to_owned())?,
            Self::Language => language(text)?,
        };
        (!text.is_empty()).then_some(text)
    }
}

/// The longest language tag (RFC 5646 section 4.4.1 asks for room for 35 characters).
const LONGEST_TAG: usize = 35;

/// The first language tag (RFC 5646 section 2.1). Many directories have `de_AT`.
fn language(list: &str) -> Option<String> {
    let tag = list.split([',', ';']).next()?.trim().replace('_', "-");
    let is_subtag =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let begins_with_language = tag.bytes().take_while(u8::is_ascii_alphabetic).count() >= 2;
    (tag.len() <= LONGEST_TAG && begins_with_language && tag.split('-').all(is_subtag)).then_some(tag)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_one_line_and_not_too_long() {
        let text = ValueForm::Text { longest: 4 };
        let table = [
            (" Lead ", Some("Lead")),
            ("\u{e4}\u{e4}\u{e4}\u{e4}", Some("\u{e4}\u{e4}\u{e4}\u{e4}")),
            ("Leads", None),
            ("a\nb", Some("a b")),
            ("\u{1b}\u{9b}", None),
            ("", None),
        ];
        for (value, expected) in table {
            assert_eq!(text.accept(value).as_deref(), expected, "{value:?}");
        }
        assert_eq!(ValueForm::Name.accept(&"x".repeat(300)).map(|name| name.len()), Some(300));
    }

    #[test]
    fn the_first_language_of_a_list_counts() {
        let table = [
            ("de", Some("de")),
            ("de-AT", Some("de-AT")),
            ("de_AT", Some("de-AT")),
            ("fr, en-gb;q=0.8, en;q=0.7", Some("fr")),
            ("en;q=0.5", Some("en")),
            ("zh-Hant-TW", Some("zh-Hant-TW")),
            ("*", None),
            ("German (Austria)", None),
            ("d", None),
            ("1-2", None),
            ("de--AT", None),
            ("languages", None),
        ];
        for (value, expected) in table {
            assert_eq!(ValueForm::Language.accept(value).as_deref(), expected, "{value:?}");
        }
    }

    proptest! {
        #[test]
        fn no_control_character_and_no_blank_value_is_accepted(value in any::<String>()) {
            for form in [ValueForm::Name, ValueForm::Text { longest: 8 }, ValueForm::Language] {
                if let Some(text) = form.accept(&value) {
                    prop_assert!(!text.trim().is_empty() && !text.chars().any(char::is_control), "{text:?}");
                }
            }
        }
    }
}
