//! Password changes: the result, and the likely reason when a directory refuses without one.

use super::Millis;
use super::name::without_case;

/// The directory's response to a password change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeOutcome {
    Accepted,
    /// The old password is wrong. It counts as a failed attempt.
    WrongOldPassword,
    /// The new password was refused; the old one may be right.
    Refused(ChangeRefusal),
}

/// Why a new password was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeRefusal {
    /// Too short, too few kinds of characters, or it contains the person's name.
    TooShortOrSimple,
    /// The person has used it before.
    InHistory,
    /// The current one was set too recently.
    TooYoung,
    /// This person, or everybody, may not change the password here.
    NotAllowed,
    /// Refused with an error that we do not understand.
    Other,
}

/// A directory's rules for new passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct PasswordRules {
    /// The minimum number of characters.
    pub length: usize,
    /// Three kinds of characters, and no part of the person's name.
    pub complexity: bool,
    /// How many earlier passwords may not be used again.
    pub history: u32,
    /// How long a password must have been in use.
    pub age: Millis,
}

/// The facts about a refused change.
pub struct Attempted<'a> {
    pub new: &'a str,
    /// Login name and display name.
    pub names: [&'a str; 2],
    /// How long the current password has been in use, if known.
    pub age: Option<Millis>,
}

impl PasswordRules {
    /// The rule that a refused password breaks, as far as can be seen from outside: Active Directory returns
    /// the same error for each. If no other rule is broken, it is the history, which can't be checked.
    #[must_use]
    pub fn broken_by(&self, attempted: &Attempted<'_>) -> ChangeRefusal {
        // With times in whole seconds, the age of a password can be negative.
        if attempted.age.is_some_and(|age| age.max(0) < self.age) {
            return ChangeRefusal::TooYoung;
        }
        let short = attempted.new.encode_utf16().count() < self.length;
        if short || self.complexity && !is_complex(attempted) {
            return ChangeRefusal::TooShortOrSimple;
        }
        if self.history > 0 { ChangeRefusal::InHistory } else { ChangeRefusal::Other }
    }
}

/// "Password must meet complexity requirements": three of five kinds, no login name, no part of the display
/// name (MS-SAMR 3.1.1.7.2).
fn is_complex(attempted: &Attempted<'_>) -> bool {
    let password = without_case(attempted.new);
    let [login, shown] = attempted.names.map(without_case);
    let parts = shown.split(|c: char| c.is_whitespace() || ",.-_#".contains(c));
    let named = std::iter::once(login.as_str())
        .chain(parts)
        .any(|name| name.chars().count() > 2 && password.contains(name));
    !named && kinds(attempted.new) >= 3
}

fn kinds(password: &str) -> usize {
    let other = |c: char| c.is_alphabetic() && !c.is_uppercase() && !c.is_lowercase();
    let is_of: [&dyn Fn(char) -> bool; 5] = [
        &char::is_uppercase,
        &char::is_lowercase,
        &|c| c.is_ascii_digit(),
        &|c| !c.is_alphanumeric(),
        &other,
    ];
    is_of.iter().filter(|is| password.chars().any(is)).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RULES: PasswordRules = PasswordRules { length: 7, complexity: true, history: 24, age: 100 };

    fn broken(rules: PasswordRules, new: &str, age: Option<Millis>) -> ChangeRefusal {
        rules.broken_by(&Attempted { new, names: ["alice", "Clark, Alice-Maria (Ops)"], age })
    }

    #[test]
    fn the_broken_rule_is_found() {
        use ChangeRefusal::{InHistory, Other, TooShortOrSimple, TooYoung};
        let free = PasswordRules::default();
        let table = [
            (RULES, "Good-Passw0rd", Some(99), TooYoung),
            (RULES, "Good-Passw0rd", Some(100), InHistory),
            (RULES, "Good-Passw0rd", None, InHistory),
            (RULES, "Sh0rt!", None, TooShortOrSimple),
            (RULES, "alllowercase", None, TooShortOrSimple),
            (RULES, "Two-kinds", None, InHistory),
            (RULES, "twokinds99", None, TooShortOrSimple),
            (RULES, "XAlicE-99x", None, TooShortOrSimple),
            (RULES, "xMaria-99x", None, TooShortOrSimple),
            (RULES, "passwörD日", None, InHistory),
            (PasswordRules { complexity: false, ..RULES }, "alllowercase", None, InHistory),
            (free, "", None, Other),
            (free, "", Some(-500), Other),
        ];
        for (rules, new, age, expected) in table {
            assert_eq!(broken(rules, new, age), expected, "{new} {age:?}");
        }
    }

    proptest! {
        #[test]
        fn any_password_gets_a_result(new: String, login: String, shown: String) {
            let _ = RULES.broken_by(&Attempted { new: &new, names: [&login, &shown], age: None });
        }
    }
}
