//! Claims about a person by name, and sets of them: which scope gives which claim, and which a request may
//! name individually (OpenID Connect Core sections 5.4 and 5.5).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::scope::{OAuthScope, ScopeSet};
use crate::domain::profile::{ProfileAttribute, ProfileScope, TABLE};

/// A claim about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Of the table of profile attributes.
    Attribute(ProfileAttribute),
    PreferredUsername,
    UpdatedAt,
    Email,
    EmailVerified,
    Groups,
    TeamShares,
}

impl Claim {
    /// The claims beside those of profile attributes.
    const OTHERS: [Self; 6] = [
        Self::PreferredUsername,
        Self::UpdatedAt,
        Self::Email,
        Self::EmailVerified,
        Self::Groups,
        Self::TeamShares,
    ];

    /// Every claim, in output order.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| Self::Attribute(row.attribute)).chain(Self::OTHERS)
    }

    /// The claim's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Attribute(attribute) => attribute.row().claim,
            Self::PreferredUsername => "preferred_username",
            Self::UpdatedAt => "updated_at",
            Self::Email => "email",
            Self::EmailVerified => "email_verified",
            Self::Groups => "groups",
            Self::TeamShares => "team_shares",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::all().find(|claim| claim.as_str() == name)
    }

    /// The scopes that include it.
    fn scopes(self) -> &'static [OAuthScope] {
        match self {
            Self::Attribute(attribute) => match attribute.row().scope {
                ProfileScope::Profile => &[OAuthScope::Profile],
                ProfileScope::Employment => &[OAuthScope::Employment],
                ProfileScope::Phone => &[OAuthScope::Phone],
            },
            Self::PreferredUsername | Self::UpdatedAt => &[OAuthScope::Profile],
            Self::Email | Self::EmailVerified => &[OAuthScope::Email],
            Self::Groups => &[OAuthScope::Groups],
            Self::TeamShares => &[OAuthScope::Groups, OAuthScope::TeamShares],
        }
    }

    /// Profile attributes have the bits of their rows, the other claims the highest bits.
    fn bit(self) -> u32 {
        match self {
            Self::Attribute(attribute) => 1 << (attribute as u32),
            Self::PreferredUsername => 1 << 31,
            Self::Email => 1 << 30,
            Self::EmailVerified => 1 << 29,
            Self::Groups => 1 << 28,
            Self::TeamShares => 1 << 27,
            Self::UpdatedAt => 1 << 26,
        }
    }
}

/// A set of claims, written and stored as their names separated by spaces.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub struct ClaimSet(u32);

impl ClaimSet {
    /// The claims of these scopes.
    #[must_use]
    pub fn of_scopes(scopes: ScopeSet) -> Self {
        let given = |claim: &Claim| claim.scopes().iter().any(|scope| scopes.has(*scope));
        Claim::all().filter(given).collect()
    }

    /// The known claims among these names.
    pub fn known<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        names.into_iter().filter_map(Claim::parse).collect()
    }

    /// True if the set contains `claim`.
    #[must_use]
    pub fn has(self, claim: Claim) -> bool {
        self.0 & claim.bit() != 0
    }

    /// The intersection.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The union.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn names(self) -> impl Iterator<Item = &'static str> {
        Claim::all().filter(move |claim| self.has(*claim)).map(Claim::as_str)
    }
}

impl FromIterator<Claim> for ClaimSet {
    fn from_iter<T: IntoIterator<Item = Claim>>(claims: T) -> Self {
        Self(claims.into_iter().fold(0, |bits, claim| bits | claim.bit()))
    }
}

impl fmt::Display for ClaimSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.names().enumerate() {
            write!(f, "{}{name}", if index == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

impl fmt::Debug for ClaimSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{self}]")
    }
}

impl From<ClaimSet> for String {
    fn from(set: ClaimSet) -> Self {
        set.to_string()
    }
}

impl From<String> for ClaimSet {
    fn from(text: String) -> Self {
        Self::known(text.split_ascii_whitespace())
    }
}

/// Claims that a request asked for by name, for each of the two places that can deliver them (section 5.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamedClaims {
    pub id_token: ClaimSet,
    /// From the userinfo endpoint.
    pub userinfo: ClaimSet,
}

impl NamedClaims {
    /// Those of them that are in `allowed`.
    #[must_use]
    pub fn within(self, allowed: ClaimSet) -> Self {
        Self { id_token: self.id_token.and(allowed), userinfo: self.userinfo.and(allowed) }
    }

    /// The claims of both places together.
    #[must_use]
    pub fn anywhere(self) -> ClaimSet {
        self.id_token.or(self.userinfo)
    }

    /// The stored form; `None` for no claim at all.
    #[must_use]
    pub fn to_text(self) -> Option<String> {
        (self != Self::default()).then(|| format!("{};{}", self.id_token, self.userinfo))
    }

    /// Reads the text of [`Self::to_text`]. Names that are no longer known are left out.
    #[must_use]
    pub fn from_text(text: Option<&str>) -> Self {
        let (id_token, userinfo) = text.and_then(|text| text.split_once(';')).unwrap_or_default();
        let read = |names: &str| ClaimSet::known(names.split_ascii_whitespace());
        Self { id_token: read(id_token), userinfo: read(userinfo) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_scope_gives_its_claims() {
        let table = [
            ("openid offline_access", ""),
            ("openid profile", "name given_name family_name locale preferred_username updated_at"),
            ("openid phone", "phone_number"),
            ("openid employment", "title department employeeNumber"),
            ("openid email", "email email_verified"),
            ("groups", "groups team_shares"),
            ("team_shares", "team_shares"),
        ];
        for (scopes, claims) in table {
            assert_eq!(ClaimSet::of_scopes(ScopeSet::known_in(scopes)).to_string(), claims, "{scopes}");
        }
        assert_eq!(ClaimSet::known(["email", "shoe_size", "Name"]).to_string(), "email");
    }

    #[test]
    fn each_claim_has_its_own_bit_and_name() {
        for claim in Claim::all() {
            assert_eq!(Claim::all().filter(|other| other.bit() == claim.bit()).count(), 1, "{claim:?}");
            assert_eq!(Claim::parse(claim.as_str()), Some(claim));
        }
    }

    fn any_claims() -> impl Strategy<Value = ClaimSet> {
        any::<u32>().prop_map(|bits| Claim::all().filter(|claim| bits & claim.bit() != 0).collect())
    }

    proptest! {
        #[test]
        fn named_claims_read_back_as_they_were_written(id_token in any_claims(), userinfo in any_claims()) {
            let named = NamedClaims { id_token, userinfo };
            prop_assert_eq!(NamedClaims::from_text(named.to_text().as_deref()), named);
            let json = serde_json::to_string(&named).unwrap();
            prop_assert_eq!(serde_json::from_str::<NamedClaims>(&json).unwrap(), named);
        }

        #[test]
        fn any_text_reads(text in any::<String>()) {
            let named = NamedClaims::from_text(Some(&text));
            prop_assert_eq!(named.anywhere().and(Claim::all().collect()), named.anywhere());
        }
    }
}
