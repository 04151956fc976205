//! The name that a person types, and the one way in which names are compared.

use unicode_normalization::UnicodeNormalization;

/// A typed name by its form; the directory decides which attributes each form may match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypedName {
    /// `alice`: sAMAccountName or uid.
    Login(String),
    /// `CORP\alice`: the same, in the directory with this NetBIOS name.
    InDomain {
        /// What stands before the backslash.
        domain: String,
        /// What stands behind it.
        login: String,
    },
    /// `alice@example.com`: userPrincipalName or mail.
    Address(String),
}

/// The longest name we look up. A userPrincipalName may have 1,024 characters, a mail address 320; real ones are shorter.
pub const LONGEST: usize = 320;

impl TypedName {
    /// Reads a typed name; `None` for what can't be anybody's name (blank, too long, control characters).
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

/// True when both names are the same to us: without regard to case and composition, but with regard to accents and
/// width, which Active Directory's own matching ignores (a search for `ines` also finds `inês`).
#[must_use]
pub fn same_name(one: &str, other: &str) -> bool {
    fold(one) == fold(other)
}

/// The form by which names and mail addresses are compared and kept unique: NFC, lower case, trimmed.
#[must_use]
pub fn fold(name: &str) -> String {
    name.trim().nfc().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_form_is_told_apart() {
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
    fn accents_and_width_count_but_case_does_not() {
        assert!(same_name("Alice", "alice"));
        assert!(same_name("Zo\u{eb}", "zoe\u{308}"));
        assert!(!same_name("ines", "in\u{ea}s"));
        assert!(!same_name("alice", "\u{ff41}lice"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(typed in any::<String>()) {
            let _ = TypedName::parse(&typed);
        }
    }
}
