//! The roles of the panel.

/// A role, the highest first: of several roles a person has the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    fn stored_roles_are_parsed_back_and_nothing_else_is_a_role() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        for word in ["", "Owner", "owner ", "admin"] {
            assert_eq!(Role::parse(word), None, "{word}");
        }
    }
}
