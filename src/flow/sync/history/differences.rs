//! What differs before and after a change, from the snapshots that its history stores.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use crate::store::ChangeRow;

/// A field that differs before and after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// The fields that differ between two JSON snapshots of an account. A snapshot that can't be parsed has none.
#[must_use]
pub fn differences(before: Option<&str>, after: &str) -> Vec<FieldChange> {
    let (before, after) = (before.map(fields).unwrap_or_default(), fields(after));
    let names: HashSet<&String> = before.keys().chain(after.keys()).collect();
    let mut names: Vec<&String> = names.into_iter().collect();
    names.sort_unstable();
    let differs = names.into_iter().map(|name| FieldChange {
        field: name.clone(),
        before: before.get(name).cloned(),
        after: after.get(name).cloned(),
    });
    differs.filter(|differs| differs.before != differs.after).collect()
}

fn fields(picture: &str) -> BTreeMap<String, String> {
    let Ok(Value::Object(fields)) = serde_json::from_str(picture) else { return BTreeMap::new() };
    let text = |value: Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    };
    fields.into_iter().filter_map(|(name, value)| Some((name, text(value)?))).collect()
}

/// The name of the person of a change, from its snapshots.
#[must_use]
pub fn login_name(change: &ChangeRow) -> Option<String> {
    let name = |picture: &str| fields(picture).remove("login_name");
    name(&change.after).or_else(|| change.before.as_deref().and_then(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_shown_by_the_fields_that_differ() {
        let before = r#"{"email":"a@b","name":"A","status":"active","because":null}"#;
        let after = r#"{"email":"a@b","name":"B","status":"suspended","because":"disabled"}"#;
        let shown: Vec<_> = differences(Some(before), after)
            .into_iter()
            .map(|differs| (differs.field, differs.before, differs.after))
            .collect();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            shown,
            [
                ("because".to_owned(), None, some("disabled")),
                ("name".to_owned(), some("A"), some("B")),
                ("status".to_owned(), some("active"), some("suspended")),
            ]
        );
        assert_eq!(differences(None, r#"{"email":"a@b","name":null}"#).len(), 1, "a new one has no nothing");
        assert_eq!(differences(Some("nonsense"), "nonsense"), []);
    }
}
