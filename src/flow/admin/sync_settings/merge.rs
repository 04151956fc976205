//! Merge a form with what somebody else has saved since it was opened: what only one of them has changed is taken.

use std::collections::BTreeSet;

use super::chooser::key_of;
use super::draft::{SyncDraft, TYPED, field};
use crate::domain::admin::{MergedField, merged_field};
use crate::domain::entry::DirectoryId;
use crate::domain::settings::{Depth, ScopeSettings, SelectedUnit};

/// One thing that a draft says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Statement {
    Unit(SelectedUnit),
    ExcludedUnit(String),
    Group(String),
    ExcludedGroup(String),
    /// A group and its Team Share.
    Share(String, String),
    /// A typed setting: its place among [`TYPED`], and its text.
    Typed(usize, String),
}

/// What a choice is about: only one statement about it holds, or those about the Team Shares of one group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Unit(String),
    Group(String),
    Shares(String),
    Typed(usize),
}

/// What both have changed: whoever sent the form has to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContestedChoice {
    /// The setting below the directory, such as `scope.groups`; `team_shares` for mappings.
    pub setting: &'static str,
    /// The OU or group; empty for a typed setting.
    pub name: String,
    pub theirs: Vec<ChosenAs>,
    pub mine: Vec<ChosenAs>,
}

/// How an OU or a group is chosen, or what is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChosenAs {
    Subtree,
    OneLevel,
    Included,
    Excluded,
    /// The name of a Team Share, or a typed text.
    Text(String),
}

/// A form on top of what is stored now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MergedDraft {
    /// Where both have changed the same, it says what the form says.
    pub draft: SyncDraft,
    pub contested: Vec<ContestedChoice>,
}

/// Merges `mine` into `theirs`. `seen` is what both began with; `None` if that version is gone: then all that
/// differs is contested.
#[must_use]
pub fn merged(
    id: &DirectoryId,
    seen: Option<&SyncDraft>,
    theirs: &SyncDraft,
    mine: &SyncDraft,
) -> MergedDraft {
    let seen = seen.map(statements);
    let [theirs, mine] = [theirs, mine].map(statements);
    let (mut known, mut taken, mut contested) = (BTreeSet::new(), Vec::new(), Vec::new());
    for subject in theirs.iter().chain(&mine).map(Statement::subject) {
        if !known.insert(subject.clone()) {
            continue;
        }
        let of = |all: &[Statement]| {
            all.iter().filter(|one| one.subject() == subject).cloned().collect::<Vec<_>>()
        };
        let [of_theirs, of_mine] = [&theirs, &mine].map(|all| of(all));
        let [text_of_theirs, text_of_mine] = [&of_theirs, &of_mine].map(|all| text(id, all));
        let seen = seen.as_ref().map(|seen| text(id, &of(seen)));
        match merged_field(seen.as_deref(), &text_of_theirs, &text_of_mine) {
            MergedField::Agreed | MergedField::Theirs => taken.extend(of_theirs),
            MergedField::Mine => taken.extend(of_mine),
            MergedField::Both => {
                contested.push(subject.contested(&of_theirs, &of_mine));
                taken.extend(of_mine);
            }
        }
    }
    MergedDraft { draft: drafted(taken), contested }
}

fn statements(draft: &SyncDraft) -> Vec<Statement> {
    let SyncDraft { scope, team_shares, typed } = draft;
    let units = scope.organizational_units.iter().cloned().map(Statement::Unit);
    let excluded = scope.exclude_organizational_units.iter().cloned().map(Statement::ExcludedUnit);
    let groups = scope.groups.iter().cloned().map(Statement::Group);
    let excluded_groups = scope.exclude_groups.iter().cloned().map(Statement::ExcludedGroup);
    let shares = team_shares.iter().map(|(group, share)| Statement::Share(group.clone(), share.clone()));
    let typed = typed.iter().enumerate().map(|(place, text)| Statement::Typed(place, text.clone()));
    units.chain(excluded).chain(groups).chain(excluded_groups).chain(shares).chain(typed).collect()
}

fn drafted(statements: Vec<Statement>) -> SyncDraft {
    let (mut scope, mut team_shares) = (ScopeSettings::default(), Vec::new());
    let mut typed = vec![String::new(); TYPED.len()];
    for statement in statements {
        match statement {
            Statement::Unit(unit) => scope.organizational_units.push(unit),
            Statement::ExcludedUnit(dn) => scope.exclude_organizational_units.push(dn),
            Statement::Group(dn) => scope.groups.push(dn),
            Statement::ExcludedGroup(dn) => scope.exclude_groups.push(dn),
            Statement::Share(group, share) => team_shares.push((group, share)),
            Statement::Typed(place, text) => typed[place] = text,
        }
    }
    SyncDraft { scope, team_shares, typed }
}

/// What is said, in whatever order and spelling of names.
fn text(id: &DirectoryId, statements: &[Statement]) -> String {
    let said: BTreeSet<String> = statements.iter().map(|one| one.normal(id)).collect();
    said.into_iter().collect::<Vec<_>>().join("\n")
}

impl Statement {
    fn subject(&self) -> Subject {
        match self {
            Self::Unit(SelectedUnit { dn, .. }) | Self::ExcludedUnit(dn) => Subject::Unit(key_of(dn)),
            Self::Group(dn) | Self::ExcludedGroup(dn) => Subject::Group(key_of(dn)),
            Self::Share(group, _) => Subject::Shares(key_of(group)),
            Self::Typed(place, _) => Subject::Typed(*place),
        }
    }

    fn normal(&self, id: &DirectoryId) -> String {
        match self {
            Self::Typed(place, text) => field(id, TYPED[*place]).normal(text),
            other => format!("{:?}", other.chosen_as()),
        }
    }

    fn chosen_as(&self) -> ChosenAs {
        match self {
            Self::Unit(SelectedUnit { depth: Depth::Subtree, .. }) => ChosenAs::Subtree,
            Self::Unit(SelectedUnit { depth: Depth::OneLevel, .. }) => ChosenAs::OneLevel,
            Self::Group(_) => ChosenAs::Included,
            Self::ExcludedUnit(_) | Self::ExcludedGroup(_) => ChosenAs::Excluded,
            Self::Share(_, text) | Self::Typed(_, text) => ChosenAs::Text(text.clone()),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Unit(SelectedUnit { dn, .. }) => dn,
            Self::ExcludedUnit(dn) | Self::Group(dn) | Self::ExcludedGroup(dn) | Self::Share(dn, _) => dn,
            Self::Typed(..) => "",
        }
    }
}

impl Subject {
    fn contested(&self, theirs: &[Statement], mine: &[Statement]) -> ContestedChoice {
        let setting = match self {
            Self::Unit(_) => "scope.organizational_units",
            Self::Group(_) => "scope.groups",
            Self::Shares(_) => "team_shares",
            Self::Typed(place) => TYPED[*place],
        };
        let name = mine.iter().chain(theirs).next().map(Statement::name).unwrap_or_default().to_owned();
        let [theirs, mine] = [theirs, mine].map(|all| all.iter().map(Statement::chosen_as).collect());
        ContestedChoice { setting, name, theirs, mine }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn corp() -> DirectoryId {
        DirectoryId("corp".into())
    }

    /// Units as `subtree a`, `one b` or `not c`; groups as `in g` or `out g`; Team Shares as `g=Plans`.
    fn draft(units: &[&str], groups: &[&str], shares: &[&str], guard: &str) -> SyncDraft {
        let mut typed = vec![String::new(); TYPED.len()];
        typed[4] = guard.to_owned();
        let mut draft = SyncDraft { typed, ..SyncDraft::default() };
        for one in units.iter().chain(groups) {
            let (word, name) = one.split_once(' ').expect("two words");
            let unit = |depth| SelectedUnit { dn: format!("ou={name}"), depth };
            match word {
                "subtree" => draft.scope.organizational_units.push(unit(Depth::Subtree)),
                "one" => draft.scope.organizational_units.push(unit(Depth::OneLevel)),
                "not" => draft.scope.exclude_organizational_units.push(format!("ou={name}")),
                "in" => draft.scope.groups.push(format!("cn={name}")),
                _ => draft.scope.exclude_groups.push(format!("cn={name}")),
            }
        }
        let share =
            |one: &&str| one.split_once('=').map(|(group, share)| (format!("cn={group}"), share.to_owned()));
        draft.team_shares = shares.iter().filter_map(share).collect();
        draft
    }

    #[test]
    fn what_only_one_has_changed_is_taken() {
        let seen = draft(&["subtree a", "one b"], &["in g"], &["g=Plans"], "5");
        let theirs = draft(&["subtree a", "not c"], &["in g", "in h"], &["g=Plans"], "7");
        let mine = draft(&["one a", "one b"], &["in g"], &["g=Plans", "k=Ideas"], "5");
        let MergedDraft { draft: found, contested } = merged(&corp(), Some(&seen), &theirs, &mine);
        let expected = draft(&["one a", "not c"], &["in g", "in h"], &["g=Plans", "k=Ideas"], "7");
        assert_eq!((found, contested), (expected, Vec::new()));
    }

    #[test]
    fn what_both_have_changed_is_asked_and_the_form_keeps_its_own() {
        let seen = draft(&["subtree a"], &["in g"], &["g=Plans"], "5");
        let theirs = draft(&["not a"], &["in g"], &["g=Archive"], "6");
        let mine = draft(&["one a"], &["out g"], &["g=Ideas"], "7");
        let MergedDraft { draft: found, contested } = merged(&corp(), Some(&seen), &theirs, &mine);
        assert_eq!(found, mine);
        let text = |text: &str| vec![ChosenAs::Text(text.to_owned())];
        let asked =
            |setting, name: &str, theirs, mine| ContestedChoice { setting, name: name.into(), theirs, mine };
        let expected = [
            asked("scope.organizational_units", "ou=a", vec![ChosenAs::Excluded], vec![ChosenAs::OneLevel]),
            asked("team_shares", "cn=g", text("Archive"), text("Ideas")),
            asked("sync.guard_people", "", text("6"), text("7")),
        ];
        assert_eq!(contested, expected);
        let unknown = merged(&corp(), None, &theirs, &mine);
        assert_eq!((unknown.draft, unknown.contested.len()), (mine, 4), "all that differs is asked");
    }

    #[test]
    fn other_spellings_and_orders_are_no_change() {
        let seen = draft(&["subtree a", "subtree b"], &[], &["g=Plans", "g=Ideas"], "5");
        let mut mine = draft(&["subtree b", "subtree a"], &[], &["g=Ideas", "g=Plans"], " 5");
        mine.scope.organizational_units[1].dn = "OU = A".into();
        let theirs = draft(&["subtree a"], &[], &["g=Plans", "g=Ideas"], "6");
        let found = merged(&corp(), Some(&seen), &theirs, &mine);
        assert_eq!(found, MergedDraft { draft: theirs, contested: Vec::new() });
    }

    fn any_draft() -> impl Strategy<Value = SyncDraft> {
        let unit = proptest::sample::select(vec!["subtree", "one", "not", "none"]);
        let group = proptest::sample::select(vec!["in", "out", "none"]);
        (unit.clone(), unit, group, "[56]").prop_map(|(a, b, g, guard)| {
            let units: Vec<String> = [(a, "a"), (b, "b")].map(|(word, dn)| format!("{word} {dn}")).to_vec();
            let units: Vec<&str> =
                units.iter().map(String::as_str).filter(|one| !one.starts_with("none")).collect();
            let group = format!("{g} g");
            let groups: &[&str] = if g == "none" { &[] } else { &[&group] };
            draft(&units, groups, &[], &guard)
        })
    }

    proptest! {
        #[test]
        fn whoever_changed_nothing_gets_what_the_other_has_saved(seen in any_draft(), other in any_draft()) {
            let said = |draft: &SyncDraft| text(&corp(), &statements(draft));
            let theirs = merged(&corp(), Some(&seen), &other, &seen);
            prop_assert_eq!((said(&theirs.draft), theirs.contested.len()), (said(&other), 0));
            let mine = merged(&corp(), Some(&seen), &seen, &other);
            prop_assert_eq!((said(&mine.draft), mine.contested.len()), (said(&other), 0));
        }
    }
}
