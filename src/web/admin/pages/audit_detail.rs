//! An event of the audit log in words: the label of its decision, its cause, and its details as tables and lists.

use std::borrow::Cow;

use serde_json::Value;

use super::settings::ChangedSetting;
use crate::domain::advice::Cause;
use crate::domain::audit::{Decision, Detail, GateRecord};
use crate::flow::support::trail::EventView;
use crate::web::pages::Language;

/// The details of an event. What is neither a changed setting nor a check of a sign-in is in `others`, by its name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ShownDetail {
    pub changes: Vec<ChangedSetting>,
    pub gates: Vec<GateRecord>,
    pub others: Vec<(String, String)>,
}

impl ShownDetail {
    pub(super) fn new(detail: &Value) -> Self {
        let mut shown = Self::default();
        let Value::Object(fields) = detail else {
            // An older event of a sign-in has its checks alone.
            match gates(detail) {
                Some(gates) => shown.gates = gates,
                None => shown.others.extend(text(detail).map(|text| (String::new(), text))),
            }
            return shown;
        };
        for (name, value) in fields {
            match (name.as_str(), gates(value)) {
                ("differences", _) => shown.changes = changes(value),
                // The places are those of the differences.
                ("changed", _) if fields.contains_key("differences") => {}
                ("judgement", Some(gates)) => shown.gates = gates,
                _ => shown.others.extend(text(value).map(|text| (name.clone(), text))),
            }
        }
        shown
    }
}

fn gates(value: &Value) -> Option<Vec<GateRecord>> {
    serde_json::from_value(value.clone()).ok().filter(|gates: &Vec<_>| !gates.is_empty())
}

fn changes(value: &Value) -> Vec<ChangedSetting> {
    let field = |one: &Value, name: &str| one.get(name).and_then(text);
    let changed = |one: &Value| ChangedSetting {
        label: field(one, "key").unwrap_or_default(),
        before: field(one, "before"),
        after: field(one, "after"),
    };
    value.as_array().map(|all| all.iter().map(changed).collect()).unwrap_or_default()
}

/// A value on one line; none if it says nothing.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(all) => Some(all.iter().filter_map(text).collect::<Vec<_>>().join(", ")),
        other => Some(other.to_string()),
    }
    .filter(|text| !text.is_empty())
}

/// The label of a decision; the word itself if another version has stored it.
pub(super) fn event_label(language: Language, word: &str) -> Cow<'static, str> {
    match Decision::parse(word) {
        Some(_) => language.text(&format!("event-{word}")),
        None => word.to_owned().into(),
    }
}

/// What the cause of an event means, where it is known.
pub(super) fn cause_of(event: &EventView) -> Option<&'static str> {
    let detail = event.detail.as_ref().and_then(|detail| Detail::read(&detail.to_string()));
    let cause = Cause::of(Some(event.cause.as_deref()?), true, &detail.unwrap_or_default());
    (cause != Cause::Unknown).then(|| cause.what())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_decision_has_a_label_in_each_language() {
        for language in Language::ALL {
            for word in Decision::WORDS {
                let label = event_label(language, word);
                assert!(!label.contains('⟦') && label != *word, "{language:?}: {word}");
            }
        }
        assert_eq!(event_label(Language::German, "of_tomorrow"), "of_tomorrow");
    }

    #[test]
    fn details_are_shown_by_what_they_are() {
        let gate = json!({ "gate": "found", "verdict": "failed", "evidence": "nobody" });
        let changed = json!({
            "changed": ["sso.enabled"], "replaced": false,
            "differences": [{ "key": "sso.enabled", "before": "true", "after": null }],
        });
        let shown = ShownDetail::new(&changed);
        assert_eq!(shown.changes.len(), 1);
        assert_eq!(
            (shown.changes[0].before.as_deref(), shown.changes[0].after.as_deref()),
            (Some("true"), None)
        );
        assert_eq!(shown.others, [("replaced".to_owned(), "false".to_owned())]);

        let judged = ShownDetail::new(&json!({ "server": "dc1:636", "judgement": [gate] }));
        assert_eq!(judged.gates.len(), 1);
        assert_eq!(judged.others, [("server".to_owned(), "dc1:636".to_owned())]);
        assert_eq!(ShownDetail::new(&json!([gate])).gates.len(), 1);

        let others = ShownDetail::new(&json!({ "a": ["x", 1], "b": null, "c": {}, "d": "" })).others;
        assert_eq!(others, [("a".to_owned(), "x, 1".to_owned()), ("c".to_owned(), "{}".to_owned())]);
        assert_eq!(ShownDetail::new(&json!("text")).others, [(String::new(), "text".to_owned())]);
    }
}
