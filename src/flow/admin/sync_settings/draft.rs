//! What a form of sync settings says, and how it becomes settings.

use std::collections::BTreeSet;

use super::chooser::key_of;
use crate::domain::entry::DirectoryId;
use crate::domain::settings::{ScopeSettings, Settings, TeamShareMapping};
use crate::flow::settings::{SettingField, SettingTexts};

/// The settings of a directory that are typed, below the directory.
pub const TYPED: [&str; 7] = [
    "scope.filter",
    "sync.frequency",
    "sync.at",
    "sync.zone",
    "sync.guard_people",
    "sync.guard_percent",
    "sync.log_days",
];

/// What a form of sync settings says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncDraft {
    /// What is chosen; the filter is among the typed settings.
    pub scope: ScopeSettings,
    /// Groups and their Team Shares.
    pub team_shares: Vec<(String, String)>,
    /// In the order of [`TYPED`].
    pub typed: Vec<String>,
}

impl SyncDraft {
    /// What is stored for a directory.
    #[must_use]
    pub fn stored(settings: &Settings, id: &DirectoryId) -> Self {
        let texts = SettingTexts::new(settings);
        let directory = settings.directory(id);
        Self {
            scope: directory.map(|directory| directory.scope.clone()).unwrap_or_default(),
            team_shares: settings
                .team_shares_of(id)
                .map(|mapping| (mapping.group.clone(), mapping.team_share.clone()))
                .collect(),
            typed: TYPED.iter().map(|key| texts.of(&field(id, key))).collect(),
        }
    }

    /// True if nothing is chosen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.scope.organizational_units.is_empty() && self.scope.groups.is_empty()
    }

    /// True if both say the same, in whatever order.
    pub(super) fn says_the_same(&self, other: &Self, id: &DirectoryId) -> bool {
        self.statements(id) == other.statements(id)
    }

    fn statements(&self, id: &DirectoryId) -> BTreeSet<String> {
        let scope = &self.scope;
        let units = scope.organizational_units.iter();
        let units = units.map(|unit| format!("{:?} {}", unit.depth, key_of(&unit.dn)));
        let lists = [
            ("exclude", &scope.exclude_organizational_units),
            ("group", &scope.groups),
            ("exclude group", &scope.exclude_groups),
        ];
        let listed = lists.into_iter().flat_map(|(what, names)| names.iter().map(move |dn| (what, dn)));
        let listed = listed.map(|(what, dn)| format!("{what} {}", key_of(dn)));
        let shares = self.team_shares.iter();
        let shares = shares.map(|(group, share)| format!("share {} {share}", key_of(group)));
        let typed = self.fields(id).into_iter().map(|(field, text)| format!("{} {text}", field.place()));
        units.chain(listed).chain(shares).chain(typed).collect()
    }

    pub(super) fn filter(&self) -> String {
        self.typed.first().cloned().unwrap_or_default()
    }

    pub(super) fn mappings(&self, id: &DirectoryId) -> Vec<TeamShareMapping> {
        let mapping = |(group, team_share): &(String, String)| TeamShareMapping {
            directory: id.clone(),
            group: group.clone(),
            team_share: team_share.clone(),
        };
        self.team_shares.iter().map(mapping).collect()
    }

    pub(super) fn fields(&self, id: &DirectoryId) -> Vec<(SettingField, String)> {
        let fields = TYPED.iter().map(|key| field(id, key));
        fields.zip(&self.typed).map(|(field, text)| (field.clone(), field.normal(text))).collect()
    }

    /// Puts what is chosen into the settings; what is typed follows as fields.
    pub(super) fn put(&self, id: &DirectoryId, settings: &mut Settings) {
        for directory in settings.directories.iter_mut().filter(|directory| directory.id == *id) {
            let filter = std::mem::take(&mut directory.scope.filter);
            directory.scope = ScopeSettings { filter, ..self.scope.clone() };
        }
        // The mappings of this directory stay where they were, so that those of others keep their places.
        let place = settings.team_shares.iter().position(|mapping| mapping.directory == *id);
        let mut others: Vec<TeamShareMapping> = settings.team_shares.drain(..).collect();
        let place = place.unwrap_or(others.len());
        others.retain(|mapping| mapping.directory != *id);
        let place = place.min(others.len());
        others.splice(place..place, self.mappings(id));
        settings.team_shares = others;
    }
}

/// A typed setting of a directory.
#[must_use]
pub fn field(id: &DirectoryId, key: &'static str) -> SettingField {
    SettingField::of_entry("directories", &id.0, key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::settings::Directory;

    fn corp() -> DirectoryId {
        DirectoryId("corp".into())
    }

    fn mapping(directory: &str, group: &str) -> TeamShareMapping {
        TeamShareMapping {
            directory: DirectoryId(directory.into()),
            group: group.into(),
            team_share: "Plans".into(),
        }
    }

    #[test]
    fn what_is_shown_and_sent_back_unchanged_changes_nothing() {
        let scope = ScopeSettings {
            organizational_units: vec!["ou=a".into()],
            filter: "(objectClass=*)".into(),
            ..ScopeSettings::default()
        };
        let directory = Directory { id: corp(), scope, ..Directory::default() };
        let mut settings = Settings { directories: vec![directory], ..Settings::default() };
        settings.team_shares = vec![
            mapping("lab", "cn=1"),
            mapping("corp", "cn=2"),
            mapping("corp", "cn=3"),
            mapping("lab", "cn=4"),
        ];
        let draft = SyncDraft::stored(&settings, &corp());
        assert_eq!(draft.typed.len(), TYPED.len());
        assert_eq!((draft.filter().as_str(), draft.team_shares.len()), ("(objectClass=*)", 2));
        let mut after = settings.clone();
        draft.put(&corp(), &mut after);
        assert_eq!(after, settings);

        let mut shown = draft.clone();
        shown.team_shares.reverse();
        shown.scope.organizational_units = vec!["OU=a".into()];
        shown.scope.filter.clear();
        assert!(shown.says_the_same(&draft, &corp()), "in the order and the spelling of the page");
        shown.team_shares[0].1 = "plans".into();
        assert!(!shown.says_the_same(&draft, &corp()));
        let without = SyncDraft { scope: ScopeSettings::default(), ..draft.clone() };
        assert!(!without.says_the_same(&draft, &corp()));
        let fewer = SyncDraft { team_shares: Vec::new(), scope: ScopeSettings::default(), ..draft };
        fewer.put(&corp(), &mut after);
        assert_eq!(after.team_shares, [mapping("lab", "cn=1"), mapping("lab", "cn=4")]);
        assert_eq!(after.directories[0].scope.filter, "(objectClass=*)", "it is typed, not chosen");
    }
}
