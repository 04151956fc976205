//! The states of a signing key.

use super::words;

words! {
    /// The state of a key.
    pub enum KeyState {
        /// Published, does not sign yet.
        Next = "next",
        Current = "current",
        /// Published, no longer signs.
        Retired = "retired",
    }
}
