//! Forms of settings: the fields of a page, what was sent for them, and how they are drawn.

use std::borrow::Cow;

use super::fields::{Fields, VERSION};
use super::pages::{ChangedSetting, ConflictingField, DrawnField, DrawnGroup, DrawnProblem, MOST_CHANGES};
use super::readable::readable;
use crate::domain::admin::{Capability, MergedField};
use crate::domain::settings::Settings;
use crate::flow::admin::settings::{ComparedField, SettingsChange};
use crate::flow::settings::{FieldKind, Problem, SettingDifference, SettingField, SettingTexts, TypedSecret};
use crate::web::pages::Language;

/// The field, and the parameter of the page, that says which entry of a list the form is about.
pub(super) const ENTRY: &str = "entry";

/// The field with a group that a search has found: the name of the field that shall have it, and its DN after
/// `=`.
pub(super) const CHOSEN_GROUP: &str = "chosen_group";

/// A page of settings.
pub(super) struct SettingsForm {
    /// Of the page and its action.
    pub path: &'static str,
    /// What saving needs.
    pub needs: Capability,
    /// The key of the title; `.what` is the text below it.
    pub title: &'static str,
    /// The fields, for the entry that the form is about: empty if it is about no list.
    pub groups: fn(&Settings, Language, &str) -> Vec<FormGroup>,
    /// Other pages about the same: their paths and the keys of their titles.
    pub related: &'static [(&'static str, &'static str)],
    /// The action that finds groups for its fields.
    pub finds_groups: Option<&'static str>,
}

/// Fields under one heading.
pub(super) struct FormGroup {
    pub heading: String,
    pub fields: Vec<FormField>,
}

/// A field of a form.
pub(super) struct FormField {
    pub field: SettingField,
    /// The key of its label; `.what` explains it.
    pub label: &'static str,
    /// The key of each word that can be chosen.
    pub choices: &'static [(&'static str, &'static str)],
    /// Its lines are groups, which can be found by a search.
    pub groups_of: Option<GroupsOf>,
    /// It is typed and never shown; empty, the stored one stays.
    pub is_secret: bool,
}

/// Of which directories a field names groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum GroupsOf {
    Any,
    Directory(String),
}

impl FormField {
    /// A key of a section.
    pub(super) const fn new(section: &'static str, key: &'static str, label: &'static str) -> Self {
        let field = SettingField::new(section, key);
        Self { field, label, choices: &[], groups_of: None, is_secret: false }
    }

    /// A key of a directory.
    pub(super) fn of_directory(id: &str, key: &'static str, label: &'static str) -> Self {
        Self { field: SettingField::of_entry("directories", id, key), ..Self::new("directories", key, label) }
    }

    /// A key of a client.
    pub(super) fn of_client(id: &str, key: &'static str, label: &'static str) -> Self {
        Self { field: SettingField::of_entry("clients", id, key), ..Self::new("clients", key, label) }
    }

    /// A key of a service that is delivered to.
    pub(super) fn of_service(id: &str, key: &'static str, label: &'static str) -> Self {
        let field = SettingField::of_entry("provisioning", id, key);
        Self { field, ..Self::new("provisioning", key, label) }
    }

    /// It is a secret.
    pub(super) fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }

    /// With these words to choose from, each with the key of its text.
    pub(super) fn choices(self, choices: &'static [(&'static str, &'static str)]) -> Self {
        Self { choices, ..self }
    }

    /// Its lines are groups of these directories.
    pub(super) fn groups(self, of: GroupsOf) -> Self {
        Self { groups_of: Some(of), ..self }
    }

    /// True if its lines are groups of this directory.
    pub(super) fn has_groups_of(&self, directory: &str) -> bool {
        match &self.groups_of {
            Some(GroupsOf::Directory(id)) => id == directory,
            Some(GroupsOf::Any) => true,
            None => false,
        }
    }

    /// The secret that was typed.
    pub(super) fn typed_secret(&self, sent: &Fields) -> Option<TypedSecret> {
        let typed = sent.last(&self.name()).filter(|typed| self.is_secret && !typed.trim().is_empty())?;
        TypedSecret::of_field(&self.field, typed)
    }

    /// What was typed, and the groups that were chosen from a search. A secret is sent apart from the fields.
    fn sent(&self, sent: &Fields) -> Option<String> {
        if self.is_secret {
            return None;
        }
        let name = self.name();
        // A file that was chosen, in base64, counts more than the text that was there before.
        let file = sent.text(&upload_name(&name));
        let typed = self.field.normal(if file.is_empty() { sent.last(&name)? } else { file });
        let chosen =
            sent.all(CHOSEN_GROUP).filter_map(|chosen| chosen.strip_prefix(&name)?.strip_prefix('='));
        let chosen = chosen.filter(|_| self.groups_of.is_some());
        Some(chosen.fold(typed, |mut lines, dn| {
            if !lines.lines().any(|line| line == dn) {
                lines = if lines.is_empty() { dn.to_owned() } else { format!("{lines}\n{dn}") };
            }
            lines
        }))
    }

    /// The name of its element.
    pub(super) fn name(&self) -> String {
        self.field.place().to_string()
    }
}

/// Where the problems of a setting are shown.
pub(super) struct FieldPlace {
    /// The place of the setting.
    pub place: String,
    pub label: String,
    /// The id of its element.
    pub id: String,
}

/// The list of problems above a form, with links to their places.
pub(super) fn listed(places: &[FieldPlace], problems: &[Problem]) -> Vec<DrawnProblem> {
    let one = |problem: &Problem| match places.iter().find(|field| problem.is_at(&field.place)) {
        Some(FieldPlace { label, id, .. }) => {
            DrawnProblem { field: Some((label.clone(), id.clone())), text: problem.message.clone() }
        }
        None => DrawnProblem { field: None, text: format!("{}: {}", problem.place, problem.message) },
    };
    problems.iter().map(one).collect()
}

/// The messages about this place, and about what is in it.
pub(super) fn messages(problems: &[Problem], place: &str) -> Vec<String> {
    let of_place = problems.iter().filter(|problem| problem.is_at(place));
    of_place.map(|problem| problem.message.clone()).collect()
}

/// A form with what was typed, and what is wrong with it.
pub(super) struct DrawnForm {
    pub groups: Vec<DrawnGroup>,
    pub problems: Vec<DrawnProblem>,
}

impl DrawnForm {
    /// Says at the fields of these secrets that what was typed there is gone.
    pub(super) fn ask_again(&mut self, language: Language, typed: &[TypedSecret]) {
        let fields = self.groups.iter_mut().flat_map(|group| &mut group.fields);
        for field in fields.filter(|field| typed.iter().any(|one| one.is_of_field(&field.name))) {
            field.errors.push(language.text("settings-secret-again").into_owned());
        }
    }
}

impl SettingsForm {
    /// What was sent. A field that was not sent stays as it is.
    pub(super) fn read(&self, settings: &Settings, sent: &Fields) -> SettingsChange {
        let known = self.fields(settings, sent.text(ENTRY));
        let fields = known.iter().filter_map(|one| Some((one.field.clone(), one.sent(sent)?)));
        SettingsChange {
            // No version is negative, so one that can't be read is stale.
            expected: sent.text(VERSION).parse().unwrap_or(-1),
            fields: fields.collect(),
            secrets: known.iter().filter_map(|one| one.typed_secret(sent)).collect(),
        }
    }

    /// The form with the stored values, or with what was typed.
    pub(super) fn draw(
        &self,
        (language, entry): (Language, &str),
        settings: &Settings,
        typed: &[(SettingField, String)],
        problems: &[Problem],
    ) -> DrawnForm {
        let (texts, mut places) = (SettingTexts::new(settings), Vec::new());
        let mut drawn = |one: &FormField| {
            let id = format!("field-{}", places.len() + 1);
            let value = typed.iter().find(|(field, _)| *field == one.field).map(|(_, text)| text.clone());
            let value = value.unwrap_or_else(|| texts.of(&one.field));
            let drawn = draw_field(language, one, id, value, problems);
            let (label, id) = (drawn.label.clone(), drawn.id.clone());
            places.push(FieldPlace { place: one.name(), label, id });
            drawn
        };
        let groups = (self.groups)(settings, language, entry).into_iter().map(|group| DrawnGroup {
            fields: group.fields.iter().map(&mut drawn).collect(),
            heading: group.heading,
        });
        let groups = groups.collect();
        DrawnForm { groups, problems: listed(&places, problems) }
    }

    /// The changes in words, at most [`MOST_CHANGES`].
    pub(super) fn changes(
        &self,
        (language, entry): (Language, &str),
        settings: &Settings,
        differences: Vec<SettingDifference>,
    ) -> Vec<ChangedSetting> {
        let fields = self.fields(settings, entry);
        let changed = |difference| {
            let SettingDifference { key, before, after } = readable(language, difference);
            let label = fields.iter().find(|one| one.name() == key).map(|one| one.label);
            let label = label.map_or(key, |label| language.text(label).into_owned());
            ChangedSetting { label, before, after }
        };
        differences.into_iter().take(MOST_CHANGES).map(changed).collect()
    }

    /// The fields of a conflict, each with its choice.
    pub(super) fn conflicting(
        &self,
        (language, entry): (Language, &str),
        settings: &Settings,
        compared: Vec<ComparedField>,
    ) -> Vec<ConflictingField> {
        let fields = self.fields(settings, entry);
        let one = |(index, compared): (usize, ComparedField)| {
            let known = fields.iter().find(|one| one.field == compared.field);
            let name = compared.field.place().to_string();
            let label = known.map_or_else(|| name.clone(), |one| language.text(one.label).into_owned());
            let ComparedField { seen, theirs, mine, merged, .. } = compared;
            let settled = match merged {
                MergedField::Agreed | MergedField::Theirs => Some(theirs.clone()),
                MergedField::Mine => Some(mine.clone()),
                MergedField::Both => None,
            };
            let is_shown = merged != MergedField::Agreed;
            ConflictingField {
                name,
                id: format!("field-{index}"),
                label,
                seen,
                theirs,
                mine,
                settled,
                is_shown,
            }
        };
        compared.into_iter().enumerate().map(one).collect()
    }

    /// The other pages, by address and title.
    pub(super) fn related(&self, language: Language) -> Vec<(&'static str, Cow<'static, str>)> {
        self.related.iter().map(|(path, title)| (*path, language.text(title))).collect()
    }

    /// The fields of all groups.
    pub(super) fn fields(&self, settings: &Settings, entry: &str) -> Vec<FormField> {
        let groups = (self.groups)(settings, Language::default(), entry);
        groups.into_iter().flat_map(|group| group.fields).collect()
    }
}

/// The name of the element that uploads the value of this field.
fn upload_name(name: &str) -> String {
    format!("{name}_upload")
}

/// The words of a choice, each with its text.
fn options(language: Language, one: &FormField, kind: FieldKind) -> Vec<(&'static str, Cow<'static, str>)> {
    let FieldKind::OneOf(words) = kind else { return Vec::new() };
    let text = |word: &'static str| {
        let known = one.choices.iter().find(|(choice, _)| *choice == word);
        (word, known.map_or(word.into(), |(_, key)| language.text(key)))
    };
    words.iter().copied().map(text).collect()
}

/// A field with its label, value and problems.
pub(super) fn draw_field(
    language: Language,
    one: &FormField,
    id: String,
    value: String,
    problems: &[Problem],
) -> DrawnField {
    let kind = match one.is_secret {
        true => FieldKind::Secret,
        false => one.field.kind().unwrap_or(FieldKind::Text),
    };
    let range = match kind {
        FieldKind::Number(min, max) => {
            language.with_all("field-range", [("min", min.into()), ("max", max.into())]).into_owned()
        }
        _ => String::new(),
    };
    let name = one.name();
    let upload = (kind == FieldKind::Picture)
        .then(|| (upload_name(&name), language.text("field-upload").into_owned()));
    DrawnField {
        errors: messages(problems, &name),
        name,
        id,
        label: language.text(one.label).into_owned(),
        hint: language.text(&format!("{}.what", one.label)).into_owned(),
        range,
        kind,
        upload,
        options: options(language, one, kind),
        value,
    }
}
