//! Typed names: parse them, and compare names.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// A typed name by its form; the directory decides which attributes each form may match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypedName {
    /// `alice`: sAMAccountName or uid.
    Login(String),
    /// `CORP\alice`: a login name in the directory with this NetBIOS name.
    InDomain {
        /// The part before the backslash.
        domain: String,
        /// The part after the backslash.
        login: String,
    },
    /// `alice@example.com`: userPrincipalName or mail.
    Address(String),
}

/// The longest name we look up. A userPrincipalName may have 1,024 characters, an email address 320; real
/// ones are shorter.
pub const LONGEST: usize = 320;

impl TypedName {
    /// Parses a typed name; `None` for an impossible name (blank, too long, control characters).
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let name: String = typed.trim().nfc().collect();
        if name.is_empty() || name.chars().count() > LONGEST || name.chars().any(char::is_control) {
            return None;
        }
        if let Some((domain, login)) = name.split_once('\\') {
            let usable = !domain.is_empty() && !login.is_empty() && !login.contains('\\');
            return usable.then(|| Self::InDomain { domain: domain.to_owned(), login: login.to_owned() });
        }
        Some(if name.contains('@') { Self::Address(name) } else { Self::Login(name) })
    }
}

impl fmt::Display for TypedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Login(name) | Self::Address(name) => f.write_str(name),
            Self::InDomain { domain, login } => write!(f, "{domain}\\{login}"),
        }
    }
}

/// True if two names are equal for us: ignoring case and composition, but not accents and width, which Active
/// Directory's matching ignores (a search for `ines` also finds `inês`).
///
/// An entry is accepted only if the directory's matching and this one agree. Where this one is the coarser
/// (Unicode pairs letters that an old server's tables do not know), the directory has already kept the two
/// names apart.
#[must_use]
pub fn same_name(one: &str, other: &str) -> bool {
    fold(one) == fold(other)
}

/// The form for comparing names and email addresses and keeping them unique: trimmed, without case, NFC.
#[must_use]
pub fn fold(name: &str) -> String {
    without_case(name.trim())
}

/// The part of a typed name that identifies the person, folded: the same for `alice`, `CORP\alice` and
/// `alice@corp.example.com`, even if these belong to different people.
#[must_use]
pub fn login_part(typed: &str) -> String {
    let folded = fold(typed);
    let behind = folded.rsplit_once('\\').map_or(folded.as_str(), |(_, login)| login);
    behind.split_once('@').map_or(behind, |(login, _)| login).to_owned()
}

/// One form for all spellings by case and composition (the Unicode Standard, definition D145, with lower case
/// in place of full case folding: `ß` and `ss` stay different).
#[must_use]
pub fn without_case(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // Decomposed first, because composing hides letters from lower-casing; composed last, because
    // lower-casing makes new compositions possible (h with a line below exists as one letter, H with a line
    // below does not).
    text.nfd().flat_map(char::to_lowercase).map(one_sigma).nfc().collect()
}

/// Greek has two small sigmas and one capital; the one at the end of a word is a matter of spelling, not of
/// case.
fn one_sigma(c: char) -> char {
    if c == 'ς' { 'σ' } else { c }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_form_of_a_name_is_recognised() {
        let table = [
            ("alice", Some(TypedName::Login("alice".into()))),
            ("  alice ", Some(TypedName::Login("alice".into()))),
            ("CORP\\alice", Some(TypedName::InDomain { domain: "CORP".into(), login: "alice".into() })),
            ("alice@example.com", Some(TypedName::Address("alice@example.com".into()))),
            ("*)(uid=*", Some(TypedName::Login("*)(uid=*".into()))),
            ("", None),
            ("\\", None),
            ("CORP\\", None),
            ("a\\b\\c", None),
            ("al\0ice", None),
        ];
        for (typed, expected) in table {
            assert_eq!(TypedName::parse(typed), expected, "{typed:?}");
        }
        assert_eq!(TypedName::parse(&"x".repeat(LONGEST + 1)), None);
    }

    #[test]
    fn all_forms_of_a_login_have_the_same_part() {
        for typed in ["alice", " ALICE ", "CORP\\Alice", "alice@corp.example.com", "Alice@example.com"] {
            assert_eq!(login_part(typed), "alice", "{typed}");
        }
        for (typed, part) in [("", ""), ("@x", ""), ("CORP\\", ""), ("alice.b@x", "alice.b")] {
            assert_eq!(login_part(typed), part, "{typed}");
        }
    }

    #[test]
    fn accents_and_width_count_but_case_does_not() {
        assert!(same_name("Alice", "alice"));
        assert!(same_name("Zo\u{eb}", "zoe\u{308}"));
        assert!(!same_name("ines", "in\u{ea}s"));
        assert!(!same_name("alice", "\u{ff41}lice"));
    }

    #[test]
    fn spellings_in_every_script_have_one_form() {
        let same = [
            ("\u{130}nci", "i\u{307}nci"),
            ("I\u{307}\u{316}", "i\u{316}\u{307}"),
            ("\u{212a}im", "kim"),
            ("\u{212b}sa", "a\u{30a}sa"),
            ("H\u{331}an", "\u{1e96}an"),
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
            ("STRA\u{1e9e}E", "straße"),
        ];
        for (one, other) in same {
            assert!(same_name(one, other), "{one} and {other}: {:?} {:?}", fold(one), fold(other));
        }
    }

    /// Names that Active Directory's matching, upper-casing or compatibility forms would treat as equal.
    #[test]
    fn names_that_only_look_alike_stay_different() {
        let apart = [
            ("\u{130}nci", "inci"),
            ("\u{131}nci", "inci"),
            ("straße", "strasse"),
            ("ali\u{ad}ce", "alice"),
            ("ali\u{200b}ce", "alice"),
            ("\u{430}lice", "alice"),
            ("\u{17f}am", "sam"),
            ("o\u{fb03}ce", "office"),
            ("al\u{131}ce", "ALICE"),
            ("zoe", "zoë"),
            ("alice", "alice\u{20dd}"),
        ];
        for (one, other) in apart {
            assert!(!same_name(one, other), "{one} and {other} are both {:?}", fold(one));
        }
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(name in "\\PC{0,12}") {
            let form = fold(&name);
            prop_assert_eq!(fold(&form), form);
        }

        #[test]
        fn case_and_composition_never_matter(name in "\\PC{0,12}") {
            prop_assert!(same_name(&name, &name.to_lowercase()));
            prop_assert!(same_name(&name, &name.nfd().collect::<String>()));
            prop_assert!(same_name(&name.nfc().collect::<String>(), &name.nfd().collect::<String>()));
        }

        #[test]
        fn any_text_is_parsed_or_refused(typed in any::<String>()) {
            if let Some(name) = TypedName::parse(&typed) {
                prop_assert_eq!(fold(&name.to_string()), fold(&typed));
            }
        }
    }
}
