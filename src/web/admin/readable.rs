//! Changed settings as an admin reads them: lists line by line, where a settings file has TOML.

use toml::{Table, Value};

use crate::flow::settings::SettingDifference;
use crate::web::pages::Language;

/// The same difference in words. A row of a list has no key of its own: it is part of the name, and becomes the value.
pub(super) fn readable(language: Language, difference: SettingDifference) -> SettingDifference {
    let SettingDifference { key, before, after } = difference;
    if let Some((list, row)) = key.split_once(' ')
        && let Some(row) = parsed(row)
    {
        let row = item(language, &row);
        let shown = |value: Option<String>| value.map(|_| row.clone());
        return SettingDifference { key: list.to_owned(), before: shown(before), after: shown(after) };
    }
    let shown = |value: Option<String>| value.and_then(|text| words(language, text));
    SettingDifference { key, before: shown(before), after: shown(after) }
}

/// The value in words; `None` for an empty one.
fn words(language: Language, text: String) -> Option<String> {
    let shown = match parsed(&text) {
        Some(Value::Boolean(is_on)) => {
            language.text(if is_on { "confirm.on" } else { "confirm.off" }).into_owned()
        }
        Some(Value::Array(items)) => {
            items.iter().map(|one| item(language, one)).collect::<Vec<_>>().join("\n")
        }
        Some(value) => item(language, &value),
        // A remark in place of the value.
        None => text,
    };
    Some(shown).filter(|shown| !shown.is_empty())
}

fn parsed(text: &str) -> Option<Value> {
    format!("value = {text}").parse::<Table>().ok()?.remove("value")
}

fn item(language: Language, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Table(table) => match (table.get("dn"), table.get("group"), table.get("team_share")) {
            (Some(Value::String(dn)), ..) => format!("{dn} ({})", language.text("sync-settings.one-level")),
            (_, Some(Value::String(group)), Some(Value::String(share))) => format!("{group} → {share}"),
            _ => table.values().map(|one| item(language, one)).collect::<Vec<_>>().join(", "),
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_shown_in_words() {
        let row = "team_shares { directory = \"corp\", group = \"CN=Sales\", team_share = \"Sales plans\" }";
        let units = r#"["OU=Staff,DC=x", { dn = "OU=\"Guests\"", depth = "one_level" }]"#;
        let shown = "OU=Staff,DC=x\nOU=\"Guests\" (sync only this level)";
        for (key, before, after, expected) in [
            ("a.b", None, Some("60"), ("a.b", None, Some("60"))),
            ("a.b", Some("true"), Some("false"), ("a.b", Some("on"), Some("off"))),
            ("a.units", Some("[]"), Some(units), ("a.units", None, Some(shown))),
            (row, None, Some("set"), ("team_shares", None, Some("CN=Sales → Sales plans"))),
            ("a.b", Some("(a secret)"), Some("(2 lines)"), ("a.b", Some("(a secret)"), Some("(2 lines)"))),
            ("clients[a b].name", Some("\"\""), Some("\"[x]\""), ("clients[a b].name", None, Some("[x]"))),
        ] {
            let owned = |text: Option<&str>| text.map(str::to_owned);
            let difference =
                SettingDifference { key: key.to_owned(), before: owned(before), after: owned(after) };
            let (key, before, after) = expected;
            let expected =
                SettingDifference { key: key.to_owned(), before: owned(before), after: owned(after) };
            assert_eq!(readable(Language::English, difference), expected);
        }
    }
}
