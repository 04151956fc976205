//! Parse a settings file strictly: unknown keys, wrong types and words that are not on the list are reported
//! with their line. Stored settings and the meaning of values together are not considered here.

use std::ops::Range;

use toml::de::{DeInteger, DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::report::{ProblemReport, SettingPath};
use super::schema::{ROOT, SettingKey, ValueKind};
use super::sealing::SEALED;

/// A longer line of text is an accident and no setting.
const LONGEST_TEXT: usize = 2_048;
/// Room for a company's certificates.
const LONGEST_PEM: usize = 256 * 1_024;
/// The same certificates as JSON in base64, with servers and password.
const LONGEST_SEALED: usize = 2 * LONGEST_PEM;

/// Reads a settings file. What can't be understood is in the report and left out of the table.
pub(super) fn read(text: &str, report: &mut ProblemReport) -> Table {
    let line_ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect();
    let mut reader = FileReader { line_ends, report };
    let (document, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return reader.table(&SettingPath::default(), 0..0, document.get_ref(), ROOT).unwrap_or_default();
    }
    for error in errors {
        let line = reader.line(&error.span().unwrap_or(0..0));
        // The message alone, since the Display text would repeat the line, which may contain a secret.
        reader.report.problem_on(line, &SettingPath::default(), format!("not TOML: {}", error.message()));
    }
    Table::new()
}

struct FileReader<'r> {
    line_ends: Vec<usize>,
    report: &'r mut ProblemReport,
}

impl FileReader<'_> {
    /// `None` if a required key is missing or could not be read.
    fn table(
        &mut self,
        place: &SettingPath,
        span: Range<usize>,
        table: &DeTable<'_>,
        keys: &[SettingKey],
    ) -> Option<Table> {
        let mut read = Table::new();
        for (name, value) in table {
            let place = place.key(name.get_ref());
            let line = self.line(&name.span());
            self.report.note(&place, line);
            match keys.iter().find(|key| key.name == name.get_ref()) {
                None => self.report.problem(&place, unknown(name.get_ref(), keys)),
                Some(key) => {
                    if let Some(value) = self.value(&place, value, key) {
                        read.insert(key.name.to_owned(), value);
                    }
                }
            }
        }
        for key in keys.iter().filter(|key| key.required && !table.contains_key(key.name)) {
            let line = self.line(&span);
            self.report.problem_on(line, place, format!("`{}` is missing", key.name));
        }
        let complete = keys.iter().all(|key| !key.required || read.contains_key(key.name));
        complete.then_some(read)
    }

    fn value(
        &mut self,
        place: &SettingPath,
        value: &Spanned<DeValue<'_>>,
        key: &SettingKey,
    ) -> Option<Value> {
        if let (ValueKind::Named(by, keys), DeValue::Array(entries)) = (key.kind, value.get_ref()) {
            return self.named(key.name, by, entries, keys);
        }
        if let (ValueKind::Rows(keys), DeValue::Array(entries)) = (key.kind, value.get_ref()) {
            return Some(Value::Array(self.list(place, entries, &ValueKind::Table(keys))));
        }
        self.plain(place, value, &key.kind)
    }

    fn plain(
        &mut self,
        place: &SettingPath,
        value: &Spanned<DeValue<'_>>,
        kind: &ValueKind,
    ) -> Option<Value> {
        let read = match (kind, value.get_ref()) {
            (ValueKind::Flag, DeValue::Boolean(flag)) => Ok(Value::Boolean(*flag)),
            (ValueKind::Number(min, max), DeValue::Integer(number)) => in_range(number, *min, *max),
            (ValueKind::OneOf(words), DeValue::String(word)) => one_of(word, words),
            (ValueKind::Text | ValueKind::TextOr(_), DeValue::String(text)) => one_line(text),
            (ValueKind::Secret, DeValue::String(text)) => secret(text),
            (ValueKind::Pem, DeValue::String(text)) => pem(text),
            (ValueKind::Table(keys) | ValueKind::TextOr(keys), DeValue::Table(table)) => {
                return self.table(place, value.span(), table, keys).map(Value::Table);
            }
            (ValueKind::List(kind), DeValue::Array(items)) => {
                return Some(Value::Array(self.list(place, items, kind)));
            }
            (kind, found) => Err(format!("must be {}, not {}", expected(kind), described(found))),
        };
        read.map_err(|message| self.report.problem(place, message)).ok()
    }

    fn list(&mut self, place: &SettingPath, items: &[Spanned<DeValue<'_>>], kind: &ValueKind) -> Vec<Value> {
        let mut read = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let place = place.item(index);
            let line = self.line(&item.span());
            self.report.note(&place, line);
            read.extend(self.plain(&place, item, kind));
        }
        read
    }

    /// `[[directories]]` and `[[clients]]`: entries are reported by name.
    fn named(
        &mut self,
        list: &str,
        by: &str,
        entries: &[Spanned<DeValue<'_>>],
        keys: &[SettingKey],
    ) -> Option<Value> {
        let mut read = Vec::new();
        for entry in entries {
            let line = self.line(&entry.span());
            let DeValue::Table(table) = entry.get_ref() else {
                let message = format!("must be tables, each headed [[{list}]]");
                self.report.problem_on(line, &SettingPath::section(list), message);
                continue;
            };
            let name = table.get(by).and_then(|name| name.get_ref().as_str()).unwrap_or("?");
            let place = SettingPath::named(list, name);
            if let Some(first) = self.report.noted(&place).filter(|_| name != "?") {
                let message = format!("this `{by}` was used on line {first} already");
                self.report.problem_on(line, &place, message);
                continue;
            }
            self.report.note(&place, line);
            read.extend(self.table(&place, entry.span(), table, keys).map(Value::Table));
        }
        Some(Value::Array(read))
    }

    fn line(&self, span: &Range<usize>) -> usize {
        1 + self.line_ends.partition_point(|end| *end < span.start)
    }
}

fn in_range(number: &DeInteger<'_>, min: i64, max: i64) -> Result<Value, String> {
    match i64::from_str_radix(number.as_str(), number.radix()) {
        Ok(number) if (min..=max).contains(&number) => Ok(Value::Integer(number)),
        _ => Err(format!("{} is not allowed; use {min} to {max}", number.as_str())),
    }
}

fn one_of(word: &str, words: &[&str]) -> Result<Value, String> {
    if words.contains(&word) {
        return Ok(Value::String(word.to_owned()));
    }
    let hint = if words.len() == 1 { "use" } else { "use one of" };
    Err(format!("{} is not allowed; {hint} {}", quoted(word), words.join(", ")))
}

fn one_line(text: &str) -> Result<Value, String> {
    if text.chars().count() > LONGEST_TEXT {
        return Err(format!("is longer than {LONGEST_TEXT} characters"));
    }
    if text.chars().any(char::is_control) {
        return Err("must be one line without control characters".to_owned());
    }
    Ok(Value::String(text.to_owned()))
}

fn secret(text: &str) -> Result<Value, String> {
    // An export of a sealed password contains the certificates for which it was given.
    let longest = if text.starts_with(SEALED) { LONGEST_SEALED } else { LONGEST_TEXT };
    if text.len() > longest {
        return Err(format!("is longer than {longest} characters"));
    }
    Ok(Value::String(text.to_owned()))
}

fn pem(text: &str) -> Result<Value, String> {
    if text.len() > LONGEST_PEM {
        return Err(format!("is longer than {LONGEST_PEM} characters"));
    }
    Ok(Value::String(text.to_owned()))
}

/// A value for a message: short, on one line.
pub(super) fn quoted(value: &str) -> String {
    let short: String = value.chars().take(80).collect();
    let more = if short.len() < value.len() { "..." } else { "" };
    format!("\"{}{more}\"", short.escape_debug())
}

fn expected(kind: &ValueKind) -> String {
    match kind {
        ValueKind::Text | ValueKind::Secret | ValueKind::Pem => "a text in quotes".to_owned(),
        ValueKind::Flag => "true or false".to_owned(),
        ValueKind::Number(min, max) => format!("a whole number from {min} to {max}"),
        ValueKind::OneOf(words) => format!("one of {}", words.join(", ")),
        ValueKind::List(_) => "a list in [brackets]".to_owned(),
        ValueKind::Table(_) => "a table".to_owned(),
        ValueKind::TextOr(_) => "a text in quotes or a table in {braces}".to_owned(),
        ValueKind::Rows(_) => "tables, each headed by the key in [[double brackets]]".to_owned(),
        ValueKind::Named(..) => "tables, each headed by its name in [[double brackets]]".to_owned(),
    }
}

/// What was found, by its type only: the value may be a secret in the wrong place.
fn described(found: &DeValue<'_>) -> &'static str {
    match found {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn unknown(name: &str, keys: &[SettingKey]) -> String {
    let name: String = name.chars().take(LONGEST_TEXT).collect();
    let nearest = keys.iter().map(|key| (strsim::levenshtein(&name, key.name), key.name)).min();
    match nearest {
        Some((steps, near)) if steps <= 3 => format!("there is no such key; did you mean `{near}`?"),
        _ => {
            let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
            format!("there is no such key; the keys here are {}", names.join(", "))
        }
    }
}
