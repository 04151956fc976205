//! Distinguished names (RFC 4514): parsed once and compared as names, not as text.

use std::fmt;
use std::hash::{Hash, Hasher};

use super::name::without_case;

/// A distinguished name. Equality and hashing ignore case, Unicode composition, spaces around separators and
/// the form of escaping.
#[derive(Clone, Debug)]
pub struct Dn {
    text: String,
    /// One normalised `attribute=value` (multi-valued RDNs joined with `+`) per level, the leaf first.
    levels: Vec<String>,
}

/// Why a text is not a distinguished name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DnError {
    #[error("a part without \"attribute=value\"")]
    NotAPair,
    /// A backslash followed by neither a special character nor two hexadecimal digits.
    #[error("a backslash that escapes nothing")]
    BadEscape,
    #[error("escaped bytes that are not UTF-8")]
    NotUtf8,
}

impl Dn {
    /// Parses the string form of RFC 4514 section 3. The empty text is the root.
    pub fn parse(text: &str) -> Result<Self, DnError> {
        let text = trim_unescaped(text);
        let levels = match text {
            "" => Vec::new(),
            _ => split_unescaped(text, |c| matches!(c, ',' | ';'))
                .into_iter()
                .map(normal_level)
                .collect::<Result<_, _>>()?,
        };
        Ok(Self { text: text.to_owned(), levels })
    }

    /// The name as the directory wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its lowest level, as the directory wrote it.
    #[must_use]
    pub fn leaf(&self) -> &str {
        let levels = split_unescaped(&self.text, |c| matches!(c, ',' | ';'));
        levels.first().map_or("", |leaf| trim_unescaped(leaf))
    }

    /// The name of what contains it; `None` for the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let mut text = split_unescaped(&self.text, |c| matches!(c, ',' | ';'));
        let levels = self.levels.get(1..)?.to_vec();
        text.remove(0);
        Some(Self { text: trim_unescaped(&text.join(",")).to_owned(), levels })
    }

    /// True if this name is `base` or lies below it.
    #[must_use]
    pub fn is_within(&self, base: &Self) -> bool {
        self.levels.ends_with(&base.levels)
    }

    /// The number of levels.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.levels.len()
    }

    /// The form that all spellings of this name share, for use as a key.
    #[must_use]
    pub fn key(&self) -> String {
        self.levels.join(",")
    }

    /// The DNS name from the `DC` levels (RFC 2247); `None` if there are none.
    #[must_use]
    pub fn dns_name(&self) -> Option<String> {
        let labels: Vec<&str> = self.levels.iter().filter_map(|level| level.strip_prefix("dc=")).collect();
        (!labels.is_empty()).then(|| labels.join("."))
    }

    /// The key with the root first, each level ended by one or two zero bytes. A name lies below another one
    /// exactly if its path starts with the other's path. The length is odd, so that no path looks like an id.
    #[must_use]
    pub fn path(&self) -> Vec<u8> {
        path(self.levels.iter().rev().map(String::as_str))
    }

    /// This name after `from` was renamed or moved to `to`; `None` if it does not lie at or below `from`.
    #[must_use]
    pub fn moved(&self, from: &Self, to: &Self) -> Option<Self> {
        if !self.is_within(from) {
            return None;
        }
        let kept = self.depth() - from.depth();
        let mut text = split_unescaped(&self.text, |c| matches!(c, ',' | ';'));
        text.truncate(kept);
        if to.depth() > 0 {
            text.push(&to.text);
        }
        let levels = self.levels[..kept].iter().chain(&to.levels).cloned().collect();
        Some(Self { text: text.join(","), levels })
    }
}

/// The path of a name, from its key.
#[must_use]
pub fn path_of_key(key: &str) -> Vec<u8> {
    if key.is_empty() {
        return Vec::new();
    }
    path(split_unescaped(key, |c| c == ',').into_iter().rev())
}

fn path<'a>(levels: impl Iterator<Item = &'a str>) -> Vec<u8> {
    let mut path = Vec::new();
    for level in levels {
        // Zero bytes and backslashes inside a value are escaped, so that neither ends a level.
        level.bytes().for_each(|byte| match byte {
            0 => path.extend_from_slice(b"\\0"),
            byte => path.push(byte),
        });
        path.push(0);
        // Keep the length odd after each level: ids have sixteen bytes, and both are stored in one column.
        if path.len() % 2 == 0 {
            path.push(0);
        }
    }
    path
}

fn normal_level(level: &str) -> Result<String, DnError> {
    let mut pairs =
        split_unescaped(level, |c| c == '+').into_iter().map(normal_pair).collect::<Result<Vec<_>, _>>()?;
    pairs.sort_unstable();
    Ok(pairs.join("+"))
}

fn normal_pair(pair: &str) -> Result<String, DnError> {
    let (attribute, value) = pair.split_once('=').ok_or(DnError::NotAPair)?;
    let attribute = attribute.trim().to_ascii_lowercase();
    if !is_attribute(&attribute) {
        return Err(DnError::NotAPair);
    }
    Ok(format!("{attribute}={}", escape(&without_case(&unescape(trim_unescaped(value))?))))
}

/// RFC 4512 section 1.4: a descriptor or a numeric OID (and the underscore, which some servers allow). Any
/// other character could make two levels look like one in [`Dn::key`].
fn is_attribute(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

/// Trims spaces (only those of RFC 4514: a no-break space belongs to the name), but not a trailing space that
/// is escaped.
fn trim_unescaped(value: &str) -> &str {
    let value = value.trim_start_matches(' ');
    let trimmed = value.trim_end_matches(' ');
    let backslashes = trimmed.chars().rev().take_while(|c| *c == '\\').count();
    if backslashes % 2 == 1 && trimmed.len() < value.len() { &value[..=trimmed.len()] } else { trimmed }
}

/// Resolves both `\,` and `\2C` (RFC 4514 section 2.4).
fn unescape(value: &str) -> Result<String, DnError> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let escaped = rest.next().ok_or(DnError::BadEscape)?;
        match (escaped as char).to_digit(16) {
            Some(high) => {
                let low = rest.next().and_then(|low| (low as char).to_digit(16)).ok_or(DnError::BadEscape)?;
                bytes.push(u8::try_from(high * 16 + low).map_err(|_| DnError::BadEscape)?);
            }
            None if escaped.is_ascii_punctuation() || escaped == b' ' => bytes.push(escaped),
            None => return Err(DnError::BadEscape),
        }
    }
    String::from_utf8(bytes).map_err(|_| DnError::NotUtf8)
}

/// Escapes again, so that joined levels stay unambiguous.
fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for c in value.chars() {
        if matches!(c, ',' | '+' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

fn split_unescaped(text: &str, separator: impl Fn(char) -> bool) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if separator(c) {
            parts.push(&text[start..at]);
            start = at + c.len_utf8();
        }
    }
    parts.push(&text[start..]);
    parts
}

impl PartialEq for Dn {
    fn eq(&self, other: &Self) -> bool {
        self.levels == other.levels
    }
}

impl Eq for Dn {}

impl Hash for Dn {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.levels.hash(state);
    }
}

impl fmt::Display for Dn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn dn(text: &str) -> Dn {
        Dn::parse(text).expect("a DN")
    }

    #[test]
    fn spelling_does_not_matter() {
        let same = [
            ("CN=Clark\\, Carol,OU=Eng,DC=example", "cn=clark\\2c carol, ou=ENG ,dc=Example"),
            ("CN=O'Brien\\, Zoë (Ops),DC=x", "cn=o'brien\\2C zo\\C3\\AB (ops);dc=x"),
            ("CN=a+SN=b,DC=x", "sn=B + cn=A,DC=x"),
            ("CN=Zoë,DC=x", "cn=zoe\u{308},dc=x"),
            ("OU=ΟΔΟΣ,DC=x", "ou=οδος,dc=x"),
        ];
        for (one, other) in same {
            assert_eq!(dn(one), dn(other));
        }
        assert_ne!(dn("CN=a\\,DC=x,DC=y"), dn("CN=a,DC=x,DC=y"));
        assert_ne!(dn("CN=a\\ ,DC=y"), dn("CN=a,DC=y"));
        assert_ne!(dn("OU=\u{a0}Staff,DC=x"), dn("OU=Staff,DC=x"));
        assert_ne!(dn("CN=a\\+SN=b,DC=x").key(), dn("CN=a+SN=b,DC=x").key());
    }

    #[test]
    fn within_compares_levels_not_letters() {
        let base = dn("OU=Staff,DC=example");
        assert!(dn("CN=a,OU=Sales,ou=staff,dc=EXAMPLE").is_within(&base));
        assert!(base.is_within(&base));
        for outside in ["CN=a,OU=NotStaff,DC=example", "CN=x\\,OU=Staff,DC=example", "DC=example"] {
            assert!(!dn(outside).is_within(&base), "{outside}");
        }
    }

    #[test]
    fn the_parent_is_the_name_without_its_lowest_level() {
        let parent = |text: &str| dn(text).parent().map(|dn| dn.as_str().to_owned());
        assert_eq!(parent("CN=Clark\\, Carol, OU=Eng\\,x,DC=y").as_deref(), Some("OU=Eng\\,x,DC=y"));
        assert_eq!(dn("CN=a,OU=Eng,DC=y").parent(), Some(dn("ou=eng, dc=y")));
        assert_eq!((parent("DC=y").as_deref(), parent("")), (Some(""), None));
    }

    #[test]
    fn a_path_starts_only_with_the_paths_above_it() {
        let base = dn("OU=Staff,DC=example").path();
        assert_eq!(base, b"dc=example\0ou=staff\0\0", "of odd length, so never an id");
        assert!(dn("CN=a,ou=STAFF; dc=example").path().starts_with(&base));
        for outside in ["OU=Staffs,DC=example", "OU=Staff\\00CN=a,DC=example", "OU=Staff\\, a,DC=example"] {
            assert!(!dn(outside).path().starts_with(&base), "{outside}");
        }
        assert_ne!(dn("cn=a\\00,dc=x").path(), dn("cn=a\\\\0,dc=x").path());
    }

    #[test]
    fn names_below_a_moved_name_move_too() {
        let (from, to) = (dn("ou=a,dc=x"), dn("OU=Neu\\, b,DC=y"));
        let moved = |text: &str| dn(text).moved(&from, &to).map(|dn| dn.as_str().to_owned());
        assert_eq!(moved("CN=C\\, d, OU=A,DC=x").as_deref(), Some("CN=C\\, d,OU=Neu\\, b,DC=y"));
        assert_eq!(moved("OU=A,DC=X").as_deref(), Some("OU=Neu\\, b,DC=y"));
        assert_eq!(moved("CN=c,OU=b,DC=x"), None);
    }

    #[test]
    fn malformed_names_are_refused() {
        assert_eq!(Dn::parse("alice").map(|_| ()), Err(DnError::NotAPair));
        for bad in ["=a", "CN=a,", "CN=a,,DC=x", "a\\,b=c", "c\u{212a}=a", "CN=a+,DC=x"] {
            assert_eq!(Dn::parse(bad).map(|_| ()), Err(DnError::NotAPair), "{bad}");
        }
        assert_eq!(Dn::parse("CN=\\é").map(|_| ()), Err(DnError::BadEscape));
        assert_eq!(Dn::parse("CN=a\\").map(|_| ()), Err(DnError::BadEscape));
        assert_eq!(Dn::parse("CN=\\FF").map(|_| ()), Err(DnError::NotUtf8));
    }

    proptest! {
        #[test]
        fn any_text_parses_or_is_refused(text in "\\PC*") {
            let _ = Dn::parse(&text);
        }

        #[test]
        fn a_value_survives_escaping(value in "[a-z,+\\\\;\"<>#= é]{1,20}") {
            let escaped: String = value.bytes().map(|byte| format!("\\{byte:02x}")).collect();
            let name = dn(&format!("cn={escaped},dc=x"));
            prop_assert_eq!(name.depth(), 2);
            prop_assert!(name.is_within(&dn("dc=x")));
        }

        #[test]
        fn keys_compare_like_names(value in "[a-z,+\\\\;\"<>#= \0é]{1,20}") {
            let escaped: String = value.bytes().map(|byte| format!("\\{byte:02x}")).collect();
            let name = dn(&format!("cn={escaped},ou=b+sn={escaped},dc=x"));
            prop_assert_eq!(path_of_key(&name.key()), name.path());
            let (from, to) = (dn("dc=x"), dn("o=y"));
            let moved = name.moved(&from, &to).expect("it lies below");
            prop_assert_eq!(&moved, &dn(moved.as_str()));
        }

        /// No value can move the entry into another subtree.
        #[test]
        fn no_value_leaves_its_subtree(value in "\\PC{1,20}", unit in "[a-z]{1,5}") {
            let escaped: String = value.bytes().map(|byte| format!("\\{byte:02x}")).collect();
            let name = dn(&format!("cn={escaped}\\,ou={unit},dc=x"));
            let other = dn(&format!("ou={unit},dc=x"));
            prop_assert!(!name.is_within(&other));
        }
    }
}
