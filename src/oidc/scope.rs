//! Scopes: the known ones, as a set. Others are never granted.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A known scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OAuthScope {
    /// The request is OpenID Connect (OpenID Connect Core section 3.1.2.1).
    OpenId,
    /// Names (OpenID Connect Core section 5.4).
    Profile,
    /// The email address (OpenID Connect Core section 5.4).
    Email,
    /// The phone number (OpenID Connect Core section 5.4).
    Phone,
    /// Title, department and employee number (our own scope).
    Employment,
    /// Groups of the directory (our own scope).
    Groups,
    /// Team Shares of the directory's groups (our own scope).
    TeamShares,
    /// A refresh token (OpenID Connect Core section 11).
    OfflineAccess,
    /// The admin panel's interface for scripts (our own scope).
    Admin,
}

impl OAuthScope {
    /// Every scope, in output order.
    pub const ALL: [Self; 9] = [
        Self::OpenId,
        Self::Profile,
        Self::Email,
        Self::Phone,
        Self::Employment,
        Self::Groups,
        Self::TeamShares,
        Self::OfflineAccess,
        Self::Admin,
    ];

    /// The value on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenId => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Employment => "employment",
            Self::Groups => "groups",
            Self::TeamShares => "team_shares",
            Self::OfflineAccess => "offline_access",
            Self::Admin => "admin",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }

    fn bit(self) -> u16 {
        1 << (self as u16)
    }
}

/// A set of known scopes, written and stored as words separated by spaces.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub struct ScopeSet(u16);

/// A scope parameter with invalid characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("scope is malformed")]
pub struct Malformed;

/// A parsed scope parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parsed {
    pub known: ScopeSet,
    /// True if there were unknown ones.
    pub has_unknown: bool,
}

impl ScopeSet {
    // RFC 6749 section 3.3: scope = scope-token *( SP scope-token ); scope-token = 1*( %x21 / %x23-5B /
    // %x5D-7E ). Several spaces in a row are accepted: they are harmless.
    /// Reads a scope parameter.
    ///
    /// # Errors
    /// A character that no scope may contain.
    pub fn parse(text: &str) -> Result<Parsed, Malformed> {
        let allowed = |byte: u8| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        if !text.bytes().all(allowed) {
            return Err(Malformed);
        }
        let words = || text.split(' ').filter(|word| !word.is_empty());
        let known = words().filter_map(OAuthScope::parse).collect();
        Ok(Parsed { known, has_unknown: words().any(|word| OAuthScope::parse(word).is_none()) })
    }

    /// The known scopes in a text of our own (settings, the store).
    #[must_use]
    pub fn known_in(text: &str) -> Self {
        text.split_ascii_whitespace().filter_map(OAuthScope::parse).collect()
    }

    /// Every scope.
    #[must_use]
    pub fn all() -> Self {
        OAuthScope::ALL.into_iter().collect()
    }

    /// True if the set contains `scope`.
    #[must_use]
    pub fn has(self, scope: OAuthScope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// The intersection.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The set without `scope`.
    #[must_use]
    pub fn without(self, scope: OAuthScope) -> Self {
        Self(self.0 & !scope.bit())
    }

    /// True if `other` contains all of it.
    #[must_use]
    pub fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// True if the set is empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The scopes, in output order.
    pub fn iter(self) -> impl Iterator<Item = OAuthScope> {
        OAuthScope::ALL.into_iter().filter(move |scope| self.has(*scope))
    }
}

impl FromIterator<OAuthScope> for ScopeSet {
    fn from_iter<T: IntoIterator<Item = OAuthScope>>(scopes: T) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.iter().enumerate() {
            let gap = if index == 0 { "" } else { " " };
            write!(f, "{gap}{}", scope.as_str())?;
        }
        Ok(())
    }
}

impl fmt::Debug for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{self}]")
    }
}

impl From<ScopeSet> for String {
    fn from(set: ScopeSet) -> Self {
        set.to_string()
    }
}

impl From<String> for ScopeSet {
    fn from(text: String) -> Self {
        Self::known_in(&text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_scopes_are_kept_and_unknown_ones_reported() {
        let table = [
            ("openid", "openid", false),
            ("email openid", "openid email", false),
            ("openid  openid ", "openid", false),
            ("openid address OPENID", "openid", true),
            ("", "", false),
        ];
        for (text, known, has_unknown) in table {
            let parsed = ScopeSet::parse(text).unwrap();
            assert_eq!(
                (parsed.known.to_string().as_str(), parsed.has_unknown),
                (known, has_unknown),
                "{text:?}"
            );
        }
        for text in ["openid\temail", "openid \"x\"", "open\\id", "é", "openid\n"] {
            assert_eq!(ScopeSet::parse(text), Err(Malformed), "{text:?}");
        }
    }

    #[test]
    fn set_operations_work() {
        let some = ScopeSet::known_in("openid email");
        assert!(some.is_within(ScopeSet::all()));
        assert!(!ScopeSet::all().is_within(some));
        assert_eq!(ScopeSet::all().and(some), some);
        assert_eq!(some.without(OAuthScope::Email).to_string(), "openid");
        assert!(ScopeSet::default().is_empty());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = ScopeSet::parse(&text);
        }

        #[test]
        fn written_scopes_read_back(bits: u16) {
            let set = ScopeSet(bits).and(ScopeSet::all());
            let json = serde_json::to_string(&set).unwrap();
            prop_assert_eq!(serde_json::from_str::<ScopeSet>(&json).unwrap(), set);
        }
    }
}
