//! One field of a form that was sent for a version of the settings that somebody has replaced meanwhile.

/// What becomes of such a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergedField {
    /// Both say the same.
    Agreed,
    /// Only this form changed it.
    Mine,
    /// Only the other admin changed it.
    Theirs,
    /// Both changed it: whoever sent this form has to choose.
    Both,
}

/// Compares three texts of a field: as it was when the form was opened (`None` if that is not known any more),
/// as it is now, and as it was sent.
#[must_use]
pub fn merged_field(seen: Option<&str>, theirs: &str, mine: &str) -> MergedField {
    match seen {
        _ if theirs == mine => MergedField::Agreed,
        Some(seen) if seen == theirs => MergedField::Mine,
        Some(seen) if seen == mine => MergedField::Theirs,
        _ => MergedField::Both,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::MergedField::{Agreed, Both, Mine, Theirs};
    use super::*;

    #[test]
    fn a_field_that_one_has_changed_is_taken_from_the_one() {
        for (seen, theirs, mine, expected) in [
            (Some("a"), "a", "a", Agreed),
            (Some("a"), "b", "b", Agreed),
            (Some("a"), "a", "b", Mine),
            (Some("a"), "b", "a", Theirs),
            (Some("a"), "b", "c", Both),
            (None, "a", "a", Agreed),
            (None, "a", "b", Both),
            (Some(""), "", "yes", Mine),
        ] {
            assert_eq!(merged_field(seen, theirs, mine), expected, "{seen:?} {theirs} {mine}");
        }
    }

    proptest! {
        /// No change of either is lost without a question.
        #[test]
        fn no_change_is_lost(seen in proptest::option::of("[ab]"), theirs in "[abc]", mine in "[abc]") {
            let changed = |text: &str| seen.as_deref() != Some(text);
            match merged_field(seen.as_deref(), &theirs, &mine) {
                Agreed => prop_assert_eq!(theirs, mine),
                Mine => prop_assert!(!changed(&theirs)),
                Theirs => prop_assert!(!changed(&mine)),
                Both => prop_assert!(changed(&theirs) && changed(&mine)),
            }
        }
    }
}
