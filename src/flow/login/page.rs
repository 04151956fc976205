//! The pages of a login.

use crate::domain::Millis;

/// A page of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginPage {
    SignIn,
    /// A code before the password: too many wrong passwords were tried with the name.
    FactorFirst,
    SecondFactor,
    Invitation {
        /// Until when the person may postpone the set-up, if at all.
        later: Option<Millis>,
    },
    Enrol {
        /// Until when the person may postpone the set-up, if at all.
        later: Option<Millis>,
    },
    NewPassword,
}
