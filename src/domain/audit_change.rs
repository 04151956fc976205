//! What was changed, in an audit event: each value before and after.

use serde::Serialize;
use serde_json::{Map, Value};

use super::audit::Event;

/// A value before and after; `None` where there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ValueChange {
    pub key: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl ValueChange {
    /// A value that is there before and after.
    #[must_use]
    pub fn new(key: &str, before: impl ToString, after: impl ToString) -> Self {
        Self { before: Some(before.to_string()), ..Self::added(key, after) }
    }

    /// A value that was not there.
    #[must_use]
    pub fn added(key: &str, after: impl ToString) -> Self {
        Self { key: key.to_owned(), before: None, after: Some(after.to_string()) }
    }

    /// A value that is not there any more.
    #[must_use]
    pub fn removed(key: &str, before: impl ToString) -> Self {
        Self { key: key.to_owned(), before: Some(before.to_string()), after: None }
    }
}

impl Event {
    /// The same with what was changed, beside the details that it has; values that stay are left out.
    #[must_use]
    pub fn changing(self, changes: impl IntoIterator<Item = ValueChange>) -> Self {
        let detail = self.detail.as_deref().and_then(|detail| serde_json::from_str(detail).ok());
        let mut fields: Map<String, Value> = detail.unwrap_or_default();
        let changed = changes.into_iter().filter(|change| change.before != change.after);
        let changed: Vec<Value> = changed.map(|change| serde_json::json!(change)).collect();
        if !changed.is_empty() {
            fields.insert("differences".to_owned(), Value::Array(changed));
        }
        let detail = (!fields.is_empty()).then(|| Value::Object(fields).to_string());
        Self { detail, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::audit::Decision;

    #[test]
    fn changes_stand_beside_the_other_details_and_what_stays_is_left_out() {
        let event =
            Event { detail: Some(r#"{"lines":2}"#.to_owned()), ..Event::new(1, Decision::KeysRotated) };
        let changes =
            || [ValueChange::new("a", 1, 2), ValueChange::new("b", 1, 1), ValueChange::removed("c", "x")];
        let written: Value =
            serde_json::from_str(event.changing(changes()).detail.as_deref().expect("a detail"))
                .expect("JSON");
        assert_eq!(
            written,
            serde_json::json!({
                "lines": 2,
                "differences": [
                    { "key": "a", "before": "1", "after": "2" }, { "key": "c", "before": "x", "after": null },
                ],
            })
        );
        let nothing = Event::new(1, Decision::KeysRotated).changing([ValueChange::new("b", 1, 1)]);
        assert_eq!(nothing.detail, None);
    }
}
