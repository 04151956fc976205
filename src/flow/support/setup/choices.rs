//! Choose OUs and groups from those that a directory has.

use super::Choice;
use crate::domain::name::fold;
use crate::domain::settings::{Directory, SelectedUnit};

/// The choices whose DN contains this text, each with its place in the list.
pub fn containing<'a>(all: &'a [Choice], text: &str) -> impl Iterator<Item = (usize, &'a Choice)> {
    let text = fold(text);
    all.iter().enumerate().filter(move |(_, one)| fold(one.dn.as_str()).contains(&text))
}

/// The choice with this DN.
#[must_use]
pub fn with_dn<'a>(all: &'a [Choice], dn: &str) -> Option<&'a Choice> {
    all.iter().find(|one| fold(one.dn.as_str()) == fold(dn))
}

/// Sets who may sign in. False if nobody could.
#[must_use]
pub fn set_scope(directory: &mut Directory, units: &[String], groups: Vec<String>) -> bool {
    if units.is_empty() && groups.is_empty() {
        return false;
    }
    directory.scope.organizational_units = units.iter().map(|dn| SelectedUnit::from(dn.as_str())).collect();
    directory.scope.groups = groups;
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dn::Dn;

    #[test]
    fn choices_are_found_in_any_case_and_keep_their_place() {
        let all: Vec<Choice> = ["OU=Staff,DC=x", "OU=Berlin,OU=Staff,DC=x", "OU=Sales,DC=x"]
            .map(|dn| Choice { dn: Dn::parse(dn).expect("a DN"), people: 0 })
            .into();
        let found = |text| containing(&all, text).map(|(at, _)| at).collect::<Vec<_>>();
        assert_eq!((found("staff"), found(""), found("nobody")), (vec![0, 1], vec![0, 1, 2], vec![]));
        assert!(with_dn(&all, "ou=STAFF,dc=x").is_some() && with_dn(&all, "OU=Sta").is_none());
    }

    #[test]
    fn an_empty_scope_is_refused_and_changes_nothing() {
        let mut directory = Directory::default();
        assert!(set_scope(&mut directory, &["OU=Staff,DC=x".to_owned()], vec![]));
        let before = directory.clone();
        assert!(!set_scope(&mut directory, &[], vec![]));
        assert_eq!(directory, before);
    }
}
