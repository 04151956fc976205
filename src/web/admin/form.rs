//! Forms of settings: the fields of a page, what was sent for them, and how they are drawn.

use super::fields::Fields;
use super::pages::{ChangedSetting, ConflictingField, DrawnField, DrawnGroup, DrawnProblem, MOST_CHANGES};
use crate::domain::admin::{Capability, MergedField};
use crate::domain::settings::Settings;
use crate::flow::admin::settings::{ComparedField, SettingsChange};
use crate::flow::settings::{FieldKind, Problem, SettingDifference, SettingField, SettingTexts};
use crate::web::pages::Language;

/// The field with the generation that the page has shown.
const VERSION: &str = "version";

/// A page of settings.
pub(super) struct SettingsForm {
    /// Of the page and its action.
    pub path: &'static str,
    /// What saving needs.
    pub needs: Capability,
    /// The key of the title; `.what` is the text below it.
    pub title: &'static str,
    pub groups: fn(&Settings, Language) -> Vec<FormGroup>,
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
}

impl FormField {
    /// A key of a section.
    pub(super) const fn new(section: &'static str, key: &'static str, label: &'static str) -> Self {
        Self { field: SettingField::new(section, key), label }
    }

    /// A key of a directory.
    pub(super) fn of_directory(id: &str, key: &'static str, label: &'static str) -> Self {
        Self { field: SettingField::of_entry("directories", id, key), label }
    }

    fn name(&self) -> String {
        self.field.place().to_string()
    }

    /// True for a problem of this field or of a line in it.
    fn has(&self, problem: &Problem) -> bool {
        let (place, name) = (problem.place.to_string(), self.name());
        place.strip_prefix(&name).is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
    }
}

/// A form with what was typed, and what is wrong with it.
pub(super) struct DrawnForm {
    pub groups: Vec<DrawnGroup>,
    pub problems: Vec<DrawnProblem>,
}

impl SettingsForm {
    /// What was sent. A field that was not sent stays as it is.
    pub(super) fn read(&self, settings: &Settings, sent: &Fields) -> SettingsChange {
        let fields = self.fields(settings).into_iter().filter_map(|one| {
            let typed = sent.last(&one.name())?;
            Some((one.field.clone(), one.field.normal(typed)))
        });
        // No version is negative, so one that can't be read is stale.
        SettingsChange { expected: sent.text(VERSION).parse().unwrap_or(-1), fields: fields.collect() }
    }

    /// The form with the stored values, or with what was typed.
    pub(super) fn draw(
        &self,
        language: Language,
        settings: &Settings,
        typed: &[(SettingField, String)],
        problems: &[Problem],
    ) -> DrawnForm {
        let (texts, mut number, mut at_fields) = (SettingTexts::new(settings), 0, Vec::new());
        let mut drawn = |one: &FormField| {
            number += 1;
            let value = typed.iter().find(|(field, _)| *field == one.field).map(|(_, text)| text.clone());
            let value = value.unwrap_or_else(|| texts.of(&one.field));
            let drawn = draw_field(language, one, format!("field-{number}"), value, problems);
            at_fields.push((one.name(), drawn.label.clone(), drawn.id.clone()));
            drawn
        };
        let groups = (self.groups)(settings, language).into_iter().map(|group| DrawnGroup {
            fields: group.fields.iter().map(&mut drawn).collect(),
            heading: group.heading,
        });
        let groups = groups.collect();
        let fields = self.fields(settings);
        let listed = |problem: &Problem| {
            let name = fields.iter().find(|one| one.has(problem)).map(FormField::name);
            let at = at_fields.iter().find(|(field, ..)| Some(field) == name.as_ref());
            let text = match at {
                Some(_) => problem.message.clone(),
                None => format!("{}: {}", problem.place, problem.message),
            };
            DrawnProblem { field: at.map(|(_, label, id)| (label.clone(), id.clone())), text }
        };
        let problems = problems.iter().map(listed).collect();
        DrawnForm { groups, problems }
    }

    /// The changes in words, at most [`MOST_CHANGES`].
    pub(super) fn changes(
        &self,
        language: Language,
        settings: &Settings,
        differences: Vec<SettingDifference>,
    ) -> Vec<ChangedSetting> {
        let fields = self.fields(settings);
        let changed = |SettingDifference { key, before, after }| {
            let label = fields.iter().find(|one| one.name() == key).map(|one| one.label);
            let label = label.map_or(key, |label| language.text(label).into_owned());
            ChangedSetting { label, before, after }
        };
        differences.into_iter().take(MOST_CHANGES).map(changed).collect()
    }

    /// The fields of a conflict, each with its choice.
    pub(super) fn conflicting(
        &self,
        language: Language,
        settings: &Settings,
        compared: Vec<ComparedField>,
    ) -> Vec<ConflictingField> {
        let fields = self.fields(settings);
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

    fn fields(&self, settings: &Settings) -> Vec<FormField> {
        let groups = (self.groups)(settings, Language::default());
        groups.into_iter().flat_map(|group| group.fields).collect()
    }
}

fn draw_field(
    language: Language,
    one: &FormField,
    id: String,
    value: String,
    problems: &[Problem],
) -> DrawnField {
    let kind = one.field.kind().unwrap_or(FieldKind::Text);
    let range = match kind {
        FieldKind::Number(min, max) => {
            language.with_all("field-range", [("min", min.into()), ("max", max.into())]).into_owned()
        }
        _ => String::new(),
    };
    let wrong = problems.iter().filter(|problem| one.has(problem));
    DrawnField {
        name: one.name(),
        id,
        label: language.text(one.label).into_owned(),
        hint: language.text(&format!("{}.what", one.label)).into_owned(),
        range,
        kind,
        value,
        errors: wrong.map(|problem| problem.message.clone()).collect(),
    }
}
