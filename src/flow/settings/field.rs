//! One setting as the text of a form field: what a page shows, and what a form sends back. Secrets and keys
//! that name a file or a variable of the server are no fields.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use toml::{Table, Value};

use super::report::{ProblemReport, SettingPath};
use super::schema::{ROOT, SettingKey, ValueKind};
use crate::domain::settings::Settings;

/// The text of a flag that is on; that of one that is off is empty, as a check box sends it.
pub const FLAG_ON: &str = "yes";

/// Numbers that may be left empty: they are not set then.
const OPTIONAL_NUMBERS: [&str; 1] = ["assumed_lockout_threshold"];

/// A setting that a form shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingField {
    section: &'static str,
    /// The name of the entry, if the section is a list of entries.
    entry: Option<String>,
    /// Below the section or the entry; a dot leads into a table.
    key: &'static str,
}

/// How a field is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    Text,
    /// [`FLAG_ON`] or empty.
    Flag,
    /// A whole number, both ends included.
    Number(i64, i64),
    OneOf(&'static [&'static str]),
    /// One text a line.
    Lines,
    /// A text of several lines.
    Block,
    /// A table a line, with these columns; [`COLUMN`] between them.
    Rows(&'static [&'static str]),
    /// A picture in base64, or the text of an SVG.
    Picture,
    /// A secret that is typed and never shown. No field of [`SettingField::kind`] is one: it is sent apart from them.
    Secret,
}

/// Between the columns of a line.
const COLUMN: char = '|';

/// Lists of tables that are typed as lines, with their columns in the order of the schema.
const ROWS: [(&str, &str, &[&str]); 2] = [
    ("branding", "help", &["language", "text", "url", "email", "phone"]),
    ("branding", "legal_links", &["language", "label", "url"]),
];

impl SettingField {
    /// A key of a section.
    #[must_use]
    pub const fn new(section: &'static str, key: &'static str) -> Self {
        Self { section, entry: None, key }
    }

    /// A key of the entry with this name in a list of entries.
    #[must_use]
    pub fn of_entry(section: &'static str, entry: &str, key: &'static str) -> Self {
        Self { section, entry: Some(entry.to_owned()), key }
    }

    /// Its place, by which problems name it.
    #[must_use]
    pub fn place(&self) -> SettingPath {
        let head = match &self.entry {
            Some(entry) => SettingPath::named(self.section, entry),
            None => SettingPath::section(self.section),
        };
        self.key.split('.').fold(head, |place, part| place.key(part))
    }

    /// How it is typed. `None` if the settings have no such field.
    #[must_use]
    pub fn kind(&self) -> Option<FieldKind> {
        if let Some((_, _, columns)) = ROWS.iter().find(|(section, key, _)| self.is(section, key)) {
            return Some(FieldKind::Rows(columns));
        }
        if self.is("branding", "logo") {
            return Some(FieldKind::Picture);
        }
        let section = find(ROOT, self.section)?;
        let mut keys = match (section.kind, &self.entry) {
            (ValueKind::Table(keys), None) | (ValueKind::Named(_, keys), Some(_)) => keys,
            _ => return None,
        };
        let mut parts = self.key.split('.').peekable();
        while let Some(part) = parts.next() {
            let key = find(keys, part)?;
            match key.kind {
                ValueKind::Table(inner) if parts.peek().is_some() => keys = inner,
                kind if parts.peek().is_none() && !names_the_server(key.name) => return typed_as(kind),
                _ => return None,
            }
        }
        None
    }

    /// What was typed, as it would be shown after saving it: without surrounding spaces and empty lines.
    #[must_use]
    pub fn normal(&self, typed: &str) -> String {
        self.kind().map(|kind| shown(kind, &value(kind, typed))).unwrap_or_default()
    }

    /// Its list, the name of its entry, and its key; `None` for a key of a section.
    pub(super) fn in_entry(&self) -> Option<(&'static str, &str, &'static str)> {
        Some((self.section, self.entry.as_deref()?, self.key))
    }

    /// True for this key of a section.
    fn is(&self, section: &str, key: &str) -> bool {
        self.entry.is_none() && self.section == section && self.key == key
    }

    /// Its text in these settings.
    fn text(&self, settings: &Table) -> Option<String> {
        let (tables, last) = self.split();
        let mut table = self.entry_of(settings)?;
        for name in tables {
            table = table.get(name)?.as_table()?;
        }
        Some(shown(self.kind()?, table.get(last)?))
    }

    /// Puts a typed text into the settings. One that is no number stays a text, for the strict reader to refuse.
    pub(super) fn set(&self, settings: &mut Table, typed: &str, report: &mut ProblemReport) {
        let Some(kind) = self.kind() else {
            report.problem(&self.place(), "can't be set by a form");
            return;
        };
        let (tables, last) = self.split();
        let mut found = self.entry_of_mut(settings);
        for name in tables {
            found = found.and_then(|table| table.get_mut(name)).and_then(Value::as_table_mut);
        }
        match found {
            Some(table) if OPTIONAL_NUMBERS.contains(&last) && typed.trim().is_empty() => {
                table.remove(last);
            }
            Some(table) => {
                table.insert(last.to_owned(), value(kind, typed));
            }
            None => report.problem(&self.place(), "does not exist any more"),
        }
    }

    /// The names of the tables that lead to it, and its own name.
    fn split(&self) -> (Vec<&'static str>, &'static str) {
        let mut parts: Vec<&str> = self.key.split('.').collect();
        let last = parts.pop().unwrap_or_default();
        (parts, last)
    }

    fn entry_of<'t>(&self, settings: &'t Table) -> Option<&'t Table> {
        let section = settings.get(self.section)?;
        match &self.entry {
            None => section.as_table(),
            Some(name) => {
                let by = identified_by(self.section)?;
                let mut entries = section.as_array()?.iter().filter_map(Value::as_table);
                entries.find(|entry| entry.get(by).and_then(Value::as_str) == Some(name))
            }
        }
    }

    fn entry_of_mut<'t>(&self, settings: &'t mut Table) -> Option<&'t mut Table> {
        match &self.entry {
            None => settings.get_mut(self.section)?.as_table_mut(),
            Some(name) => entry_mut(settings, self.section, name),
        }
    }
}

/// All settings, for reading fields.
#[derive(Clone, Debug, PartialEq)]
pub struct SettingTexts(Table);

impl SettingTexts {
    /// The texts of these settings.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        // A table of plain structs can always be written as TOML.
        Self(Table::try_from(settings).unwrap_or_default())
    }

    /// The text of a field; empty if it is not set.
    #[must_use]
    pub fn of(&self, field: &SettingField) -> String {
        field.kind().and_then(|_| field.text(&self.0)).unwrap_or_default()
    }
}

/// The entry with this name in a list of entries.
pub(super) fn entry_mut<'t>(settings: &'t mut Table, list: &str, name: &str) -> Option<&'t mut Table> {
    let by = identified_by(list)?;
    let entries = settings.get_mut(list)?.as_array_mut()?;
    let mut entries = entries.iter_mut().filter_map(Value::as_table_mut);
    entries.find(|entry| entry.get(by).and_then(Value::as_str) == Some(name))
}

fn find(keys: &'static [SettingKey], name: &str) -> Option<&'static SettingKey> {
    keys.iter().find(|key| key.name == name)
}

fn identified_by(section: &str) -> Option<&'static str> {
    match find(ROOT, section)?.kind {
        ValueKind::Named(by, _) => Some(by),
        _ => None,
    }
}

/// True for a key whose value is read from a file or from the environment of the server.
pub(super) fn names_the_server(key: &str) -> bool {
    key.ends_with("_file") || key.ends_with("_env")
}

fn typed_as(kind: ValueKind) -> Option<FieldKind> {
    match kind {
        ValueKind::Text => Some(FieldKind::Text),
        ValueKind::Pem => Some(FieldKind::Block),
        ValueKind::Flag => Some(FieldKind::Flag),
        ValueKind::Number(min, max) => Some(FieldKind::Number(min, max)),
        ValueKind::OneOf(words) => Some(FieldKind::OneOf(words)),
        ValueKind::List(&(ValueKind::Text | ValueKind::OneOf(_))) => Some(FieldKind::Lines),
        _ => None,
    }
}

fn shown(kind: FieldKind, value: &Value) -> String {
    match (kind, value) {
        (FieldKind::Rows(columns), Value::Array(rows)) => {
            let cell = |row: &Value, column: &&str| row.get(column).map(as_text).unwrap_or_default();
            let line = |row: &Value| {
                let cells: Vec<_> = columns.iter().map(|column| cell(row, column)).collect();
                cells.join(" | ").trim_end_matches([' ', COLUMN]).to_owned()
            };
            rows.iter().map(line).collect::<Vec<_>>().join("\n")
        }
        _ => as_text(value),
    }
}

/// A line of columns. What is too much stays in the last one, where the check of its value refuses it.
fn row(columns: &[&str], line: &str) -> Value {
    let cells = line.splitn(columns.len(), COLUMN).map(str::trim);
    let set = columns.iter().zip(cells).filter(|(_, cell)| !cell.is_empty());
    Value::Table(set.map(|(column, cell)| ((*column).to_owned(), Value::from(cell))).collect())
}

/// An SVG is typed as its text, and stored as any picture is.
fn picture(typed: &str) -> String {
    match typed.trim() {
        svg if svg.starts_with('<') => BASE64_STANDARD.encode(svg),
        base64 => base64.split_whitespace().collect(),
    }
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Boolean(on) => if *on { FLAG_ON } else { "" }.to_owned(),
        Value::Array(items) => items.iter().map(as_text).collect::<Vec<_>>().join("\n"),
        other => other.to_string(),
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn value(kind: FieldKind, typed: &str) -> Value {
    let text = typed.trim();
    match kind {
        FieldKind::Flag if text.is_empty() => Value::Boolean(false),
        FieldKind::Flag if text == FLAG_ON => Value::Boolean(true),
        FieldKind::Number(..) => text.parse().map_or_else(|_| Value::from(text), Value::Integer),
        FieldKind::Lines => Value::Array(lines(text).map(Value::from).collect()),
        FieldKind::Rows(columns) => Value::Array(lines(text).map(|line| row(columns, line)).collect()),
        FieldKind::Picture => Value::from(picture(typed)),
        FieldKind::Block => Value::from(typed.replace("\r\n", "\n")),
        FieldKind::Text | FieldKind::Flag | FieldKind::OneOf(_) | FieldKind::Secret => Value::from(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entry::DirectoryId;
    use crate::domain::settings::Directory;

    fn settings() -> Settings {
        let directory = Directory {
            id: DirectoryId("corp".into()),
            admin_groups: vec!["CN=A,DC=x".into(), "CN=B,DC=x".into()],
            ..Directory::default()
        };
        Settings { directories: vec![directory], ..Settings::default() }
    }

    #[test]
    fn a_field_has_the_kind_of_the_schema_and_the_place_of_a_problem() {
        let corp = |key| SettingField::of_entry("directories", "corp", key);
        for (field, kind, place) in [
            (SettingField::new("sso", "enabled"), FieldKind::Flag, "sso.enabled"),
            (
                SettingField::new("session", "idle_minutes"),
                FieldKind::Number(1, 10_080),
                "session.idle_minutes",
            ),
            (
                SettingField::new("second_factor", "totp.digits"),
                FieldKind::Number(6, 8),
                "second_factor.totp.digits",
            ),
            (corp("admin_groups"), FieldKind::Lines, "directories[corp].admin_groups"),
            (corp("ca_pem"), FieldKind::Block, "directories[corp].ca_pem"),
            (corp("scope.filter"), FieldKind::Text, "directories[corp].scope.filter"),
            (
                SettingField::of_entry("provisioning", "s", "attributes"),
                FieldKind::Lines,
                "provisioning[s].attributes",
            ),
        ] {
            assert_eq!((field.kind(), field.place().to_string()), (Some(kind), place.to_owned()));
        }
    }

    #[test]
    fn secrets_and_files_of_the_server_are_no_fields() {
        let corp = |key| SettingField::of_entry("directories", "corp", key);
        for field in [
            corp("service_account_password"),
            corp("service_account_password_file"),
            corp("service_account_password_env"),
            corp("ca_file"),
            SettingField::new("branding", "logo_file"),
            SettingField::of_entry("clients", "c", "client_secret_hash"),
            SettingField::of_entry("provisioning", "s", "token"),
            SettingField::of_entry("provisioning", "s", "next_token_file"),
            SettingField::new("session", "idle"),
            SettingField::new("session", ""),
            SettingField::new("session", "idle_minutes.x"),
            SettingField::new("second_factor", "totp"),
            SettingField::new("directories", "name"),
            SettingField::of_entry("session", "x", "idle_minutes"),
        ] {
            assert_eq!(field.kind(), None, "{field:?}");
        }
    }

    #[test]
    fn what_a_form_shows_is_read_back_unchanged() {
        let before = SettingTexts::new(&settings());
        for field in [
            SettingField::new("sso", "enabled"),
            SettingField::new("session", "idle_minutes"),
            SettingField::new("second_factor", "totp.digits"),
            SettingField::of_entry("directories", "corp", "admin_groups"),
            SettingField::of_entry("directories", "corp", "assumed_lockout_threshold"),
        ] {
            let (mut table, mut report) = (before.0.clone(), ProblemReport::default());
            field.set(&mut table, &before.of(&field), &mut report);
            assert_eq!(table, before.0, "{field:?}");
            assert!(report.finish("form").is_ok());
        }
    }

    #[test]
    fn what_is_typed_becomes_a_value_or_is_left_to_the_reader() {
        for (kind, typed, expected) in [
            (FieldKind::Flag, "", Value::Boolean(false)),
            (FieldKind::Flag, "yes", Value::Boolean(true)),
            (FieldKind::Flag, "maybe", Value::from("maybe")),
            (FieldKind::Number(1, 9), " 7 ", Value::Integer(7)),
            (FieldKind::Number(1, 9), "", Value::from("")),
            (FieldKind::Number(1, 9), "7.5", Value::from("7.5")),
            (FieldKind::Text, " a b ", Value::from("a b")),
            (FieldKind::Lines, "a\r\n\r\n b \n", Value::Array(vec!["a".into(), "b".into()])),
            (FieldKind::Block, "a\r\nb\r\n", Value::from("a\nb\n")),
        ] {
            assert_eq!(value(kind, typed), expected, "{typed:?}");
        }
        let groups = SettingField::of_entry("directories", "corp", "admin_groups");
        assert_eq!(groups.normal(" a\r\n\r\nb\r\n"), "a\nb");
    }

    #[test]
    fn lists_of_tables_are_typed_a_line_each() {
        let help = SettingField::new("branding", "help");
        let typed = " en | the desk | https://help.example ||+49 30\r\n\r\nde|der Helpdesk ";
        let normal = "en | the desk | https://help.example |  | +49 30\nde | der Helpdesk";
        assert_eq!(help.normal(typed), normal);
        assert_eq!(help.normal(normal), normal);
        assert_eq!(help.normal("a|b|c|d|e|f"), "a | b | c | d | e|f", "nothing is left out silently");
        for (section, list, columns) in ROWS {
            let Some(ValueKind::Table(keys)) = find(ROOT, section).map(|section| section.kind) else {
                panic!("{section} is no section")
            };
            let Some(ValueKind::List(&ValueKind::Table(keys))) = find(keys, list).map(|list| list.kind)
            else {
                panic!("{list} is no list of tables")
            };
            assert_eq!(keys.iter().map(|key| key.name).collect::<Vec<_>>(), columns);
        }
    }

    #[test]
    fn a_picture_is_typed_as_base64_or_as_the_text_of_an_svg() {
        let logo = SettingField::new("branding", "logo");
        assert_eq!(logo.normal(" iVBO\r\nRw0K \n"), "iVBORw0K");
        assert_eq!(logo.normal("\n<svg/>\n"), BASE64_STANDARD.encode("<svg/>"));
        assert_eq!(logo.normal(""), "");
    }

    #[test]
    fn an_entry_that_is_gone_is_a_problem() {
        let (mut table, mut report) = (SettingTexts::new(&settings()).0, ProblemReport::default());
        SettingField::of_entry("directories", "other", "name").set(&mut table, "x", &mut report);
        let problems = report.finish("form").expect_err("a problem").problems;
        assert_eq!(problems[0].place.to_string(), "directories[other].name");
    }
}
