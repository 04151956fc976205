//! The roles of the panel.

use serde::{Deserialize, Serialize};

/// A role, the highest first: of several roles a person has the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Owner,
    Operator,
    HelpDesk,
    Auditor,
}

impl Role {
    /// All roles, the highest first.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Operator, Self::HelpDesk, Self::Auditor];

    /// The value in the store and in the audit log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Operator => "operator",
            Self::HelpDesk => "help_desk",
            Self::Auditor => "auditor",
        }
    }

    /// True if an admin in this role may act on a person with that role. Owners may act on everybody; others
    /// only on people with a lower role or none: whoever resets the factors of an admin can become that admin.
    #[must_use]
    pub fn may_act_on(self, other: Option<Self>) -> bool {
        self == Self::Owner || other.is_none_or(|other| self < other)
    }

    /// Parses the stored value.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_acts_on_a_person_with_a_higher_or_equal_role_unless_owner() {
        // By the admin's role: nobody, owner, operator, help desk, auditor.
        for (role, may) in [
            (Role::Owner, [true; 5]),
            (Role::Operator, [true, false, false, true, true]),
            (Role::HelpDesk, [true, false, false, false, true]),
            (Role::Auditor, [true, false, false, false, false]),
        ] {
            let others = std::iter::once(None).chain(Role::ALL.map(Some));
            assert_eq!(others.map(|other| role.may_act_on(other)).collect::<Vec<_>>(), may, "{role:?}");
        }
    }

    #[test]
    fn stored_roles_are_parsed_back_and_nothing_else_is_a_role() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        for word in ["", "Owner", "owner ", "admin"] {
            assert_eq!(Role::parse(word), None, "{word}");
        }
    }
}
