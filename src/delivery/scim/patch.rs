//! PATCH (RFC 7644 section 3.5.2).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::PATCH;
use super::field::Object;
use super::path::Path;
use super::resource::json_of;
use crate::domain::delivery::{Dialect, PatchForm, RemoteId, Values};

fn patch(operations: Vec<Value>) -> Value {
    json!({"schemas": [PATCH], "Operations": operations})
}

/// Changes attributes. A removal always has a path (RFC 7644 section 3.5.2.2).
pub(super) fn attributes(values: &Values, dialect: &Dialect) -> Value {
    let (mut operations, mut together) = (Vec::new(), Object::new());
    for (attribute, value) in values {
        let path = Path::parse(attribute.scim());
        let target = path.of_patch(attribute.scim());
        match value.as_deref().map(|value| json_of(*attribute, value, dialect)) {
            None => operations.push(json!({"op": "remove", "path": target})),
            Some(value) if dialect.patch == Some(PatchForm::WithoutPath) => {
                path.set(&mut together, Some(value))
            }
            Some(value) => {
                let value = path.value_of_patch(value);
                operations.push(json!({"op": "replace", "path": target, "value": value}));
            }
        }
    }
    if !together.is_empty() {
        operations.push(json!({"op": "replace", "value": together}));
    }
    patch(operations)
}

/// Adds members.
pub(super) fn add_members(members: &BTreeSet<RemoteId>) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({"value": id.0})).collect();
    patch(vec![json!({"op": "add", "path": "members", "value": members})])
}

/// Removes members, one operation each: a list as the value of `remove` is not in the RFC.
pub(super) fn remove_members(members: &BTreeSet<RemoteId>) -> Value {
    let remove = |id: &RemoteId| {
        // A value in a filter is written as in JSON (RFC 7644 section 3.4.2.2).
        let path = format!("members[value eq {}]", Value::String(id.0.clone()));
        json!({"op": "remove", "path": path})
    };
    patch(members.iter().map(remove).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::delivery::Attribute;
    use crate::domain::profile::ProfileAttribute;

    #[test]
    fn attributes_are_changed_one_by_one_or_together() {
        let profile = Attribute::Profile;
        let values = Values::from([
            (profile(ProfileAttribute::GivenName), Some("Ali".to_owned())),
            (profile(ProfileAttribute::Title), None),
            (Attribute::Email, Some("a@example.com".to_owned())),
            (Attribute::Active, Some("false".to_owned())),
        ]);
        let with = |form| attributes(&values, &Dialect { patch: Some(form), ..Dialect::default() });
        let email = json!([{"type": "work", "value": "a@example.com", "primary": true}]);
        let expected = json!([
            {"op": "replace", "path": "emails", "value": email},
            {"op": "replace", "path": "name.givenName", "value": "Ali"},
            {"op": "remove", "path": "title"},
            {"op": "replace", "path": "active", "value": false},
        ]);
        assert_eq!(with(PatchForm::WithPath)["Operations"], expected);
        let expected = json!([
            {"op": "remove", "path": "title"},
            {"op": "replace", "value": {"emails": email, "name": {"givenName": "Ali"}, "active": false}},
        ]);
        assert_eq!(with(PatchForm::WithoutPath)["Operations"], expected);
        assert_eq!(with(PatchForm::WithPath)["schemas"], json!([PATCH]));
    }

    #[test]
    fn odd_ids_stay_inside_their_quotes() {
        let odd = BTreeSet::from([RemoteId("a\" or value pr or \"\\".into())]);
        let path = &remove_members(&odd)["Operations"][0]["path"];
        assert_eq!(*path, json!(r#"members[value eq "a\" or value pr or \"\\"]"#));
        let members = &add_members(&odd)["Operations"][0]["value"];
        assert_eq!(*members, json!([{"value": "a\" or value pr or \"\\"}]));
    }
}
