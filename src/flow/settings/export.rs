//! Write settings as text: every key in the order of the reference, with defaults. The store keeps such a
//! text.

use std::fmt::Write;

use toml::{Table, Value};

use super::schema::{ROOT, SettingKey, ValueKind};
use crate::domain::settings::Settings;

const HEADER: &str = "\
# Settings of cloudsync-idp. docs/settings.md explains every key.
# Change what you need and apply it:  cloudsync-idp settings apply FILE
# A file may contain only changes; with --replace it must be complete.
# Sealed passwords and hashed secrets work in this installation only.
";

/// A longer list is written with one item a line.
const LONGEST_LINE: usize = 90;

/// The text that `apply` reads back to the same settings.
#[must_use]
pub fn export(settings: &Settings) -> String {
    written_out(&table(settings), Value::clone)
}

/// The text for other people, without any secret, not even sealed or hashed.
#[must_use]
pub fn export_redacted(settings: &Settings) -> String {
    without_secrets(&table(settings))
}

/// The same of a table whose values may be wrong.
pub(super) fn without_secrets(table: &Table) -> String {
    written_out(table, |_| Value::from("[redacted]"))
}

fn table(settings: &Settings) -> Table {
    // A table of plain structs can always be written as TOML.
    Table::try_from(settings).unwrap_or_default()
}

/// `secret` says how a secret is shown.
fn written_out(table: &Table, secret: fn(&Value) -> Value) -> String {
    let mut text = HEADER.to_owned();
    for key in ROOT {
        match (key.kind, table.get(key.name)) {
            (ValueKind::Table(keys), Some(Value::Table(section))) => {
                write_table(&mut text, &format!("[{}]", key.name), section, keys, secret);
                write_tables_inside(&mut text, key.name, section, keys, secret);
            }
            (ValueKind::Named(_, keys) | ValueKind::Rows(keys), Some(Value::Array(entries))) => {
                for entry in entries.iter().filter_map(Value::as_table) {
                    write_table(&mut text, &format!("[[{}]]", key.name), entry, keys, secret);
                    write_tables_inside(&mut text, key.name, entry, keys, secret);
                }
            }
            _ => {}
        }
    }
    text
}

fn write_table(
    text: &mut String,
    header: &str,
    table: &Table,
    keys: &[SettingKey],
    secret: fn(&Value) -> Value,
) {
    let _ = writeln!(text, "\n{header}");
    for key in keys.iter().filter(|key| !matches!(key.kind, ValueKind::Table(_))) {
        if let Some(value) = table.get(key.name) {
            let value = if matches!(key.kind, ValueKind::Secret) { &secret(value) } else { value };
            let _ = writeln!(text, "{} = {}", key.name, written(value));
        }
    }
}

/// Tables inside a section or an entry come after its keys, as TOML requires.
fn write_tables_inside(
    text: &mut String,
    outer: &str,
    entry: &Table,
    keys: &[SettingKey],
    secret: fn(&Value) -> Value,
) {
    for key in keys {
        if let (ValueKind::Table(keys), Some(Value::Table(inner))) = (key.kind, entry.get(key.name)) {
            write_table(text, &format!("[{outer}.{}]", key.name), inner, keys, secret);
        }
    }
}

fn written(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let line = value.to_string();
            if line.len() <= LONGEST_LINE && !items.iter().any(Value::is_table) {
                return line;
            }
            let lines: String = items.iter().map(|item| format!("    {item},\n")).collect();
            format!("[\n{lines}]")
        }
        Value::String(text) if is_plain_block(text) => format!("'''\n{text}'''"),
        value => value.to_string(),
    }
}

/// True for a text of several lines that a literal string can hold as it is.
fn is_plain_block(text: &str) -> bool {
    text.contains('\n')
        && !text.contains("''")
        && !text.ends_with('\'')
        && text.chars().all(|c| c == '\n' || !c.is_control())
}
