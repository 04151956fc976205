//! PATCH (RFC 7644 section 3.5.2): all operations, or none.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::attribute::{Attribute, named};
use super::error::ScimError;
use super::filter::item_fits;
use super::normal::{self, Object, field, inner, is_primary};
use super::path::{Place, Target};
use super::schema::Type;

/// Schema of a PATCH.
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Add,
    Replace,
    Remove,
}

/// The resource after the operations of a message.
pub fn apply(of: Type, resource: &Object, message: &Value) -> Result<Object, ScimError> {
    normal::names_schema(PATCH, message)?;
    let operations = message.as_object().and_then(|message| field(message, "Operations"));
    let operations = operations.and_then(Value::as_array).filter(|all| !all.is_empty());
    let mut changed = resource.clone();
    for operation in operations.ok_or_else(|| ScimError::syntax("Operations is no list"))? {
        run(of, &mut changed, operation)?;
    }
    normal::resource(of, &Value::Object(changed))
}

fn run(of: Type, resource: &mut Object, operation: &Value) -> Result<(), ScimError> {
    let given = operation.as_object().ok_or_else(|| ScimError::syntax("an operation is an object"))?;
    let value = field(given, "value");
    let name = field(given, "op").and_then(Value::as_str).map(str::to_lowercase);
    let op = match name.as_deref() {
        Some("add") => Operation::Add,
        Some("replace") => Operation::Replace,
        Some("remove") => Operation::Remove,
        _ => return Err(ScimError::syntax("op is not add, replace or remove")),
    };
    match field(given, "path").filter(|path| !path.is_null()) {
        Some(Value::String(path)) => change(&Target::parse(of, path)?, resource, op, value),
        Some(_) => Err(ScimError::path("path is no text")),
        None if op == Operation::Remove => Err(ScimError::no_target("a removal needs a path")),
        None => change_each(of, resource, op, value),
    }
}

/// Without a path the value is a part of the resource: what may not be set in a PUT is left out here too.
fn change_each(
    of: Type,
    resource: &mut Object,
    op: Operation,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let values = value.and_then(Value::as_object);
    for (key, value) in values.ok_or_else(|| ScimError::value("without a path, value is an object"))? {
        match Target::parse(of, key) {
            Ok(Target::Attribute(place)) if place.found.attribute.mutability == "readOnly" => {}
            Ok(target) => change(&target, resource, op, Some(value))?,
            Err(_) => {}
        }
    }
    Ok(())
}

fn change(
    target: &Target,
    resource: &mut Object,
    op: Operation,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    match *target {
        Target::Extension { id, .. } if op == Operation::Remove => drop(resource.remove(id)),
        Target::Extension { id, attributes } => {
            let values = value.and_then(Value::as_object);
            for (key, value) in values.ok_or_else(|| ScimError::value(format!("{id} is no object")))? {
                if let Some(attribute) = named(attributes, key) {
                    let target = Target::Attribute(Place::whole(Some(id), attribute));
                    change(&target, resource, op, Some(value))?;
                }
            }
        }
        Target::Attribute(ref place) => change_place(place, resource, op, value)?,
    }
    Ok(())
}

fn change_place(
    place: &Place,
    resource: &mut Object,
    op: Operation,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let attribute = place.found.attribute;
    let fixed = place.sub.filter(|sub| sub.mutability != "readWrite");
    if attribute.mutability == "readOnly" || fixed.is_some() {
        return Err(ScimError::mutability(fixed.unwrap_or(attribute).name));
    }
    let value = match value {
        None if op != Operation::Remove => return Err(ScimError::value("a value is required")),
        other => other,
    };
    let holder = match place.found.extension {
        None => resource,
        Some(id) => inner(resource, id),
    };
    match place.sub {
        None if place.filter.is_none() => change_whole(attribute, holder, op, value),
        Some(sub) if !attribute.list => change_whole(sub, inner(holder, attribute.name), op, value),
        _ => change_items(place, holder, op, value),
    }
}

fn change_whole(
    attribute: &Attribute,
    holder: &mut Object,
    op: Operation,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    if op == Operation::Remove {
        return remove(attribute, holder, value);
    }
    let listed;
    let value = match value {
        // One item without its list is understood.
        Some(item) if attribute.list && item.is_object() => {
            listed = json!([item]);
            Some(&listed)
        }
        other => other,
    };
    let new = value.map(|value| normal::value(attribute, value)).transpose()?.flatten();
    match (op, holder.get_mut(attribute.name), new) {
        (Operation::Add, _, None) => {}
        (_, _, None) => drop(holder.remove(attribute.name)),
        (Operation::Add, Some(Value::Array(items)), Some(Value::Array(new))) => add_items(items, new),
        (_, Some(Value::Object(old)), Some(Value::Object(new))) => old.extend(new),
        (_, _, Some(new)) => drop(holder.insert(attribute.name.to_owned(), new)),
    }
    Ok(())
}

/// Removes a value. Some clients name the items to remove in the value of the operation, which is not in the RFC: then not
/// all are meant.
fn remove(attribute: &Attribute, holder: &mut Object, named: Option<&Value>) -> Result<(), ScimError> {
    let named = named.filter(|value| attribute.list && !value.is_null());
    let Some(named) = named else {
        holder.remove(attribute.name);
        return Ok(());
    };
    if let Some(Value::Array(items)) = holder.get_mut(attribute.name)
        && let Some(Value::Array(gone)) = normal::value(attribute, named)?
    {
        items.retain(|item| !gone.iter().any(|gone| gone.get("value") == item.get("value")));
    }
    Ok(())
}

/// Adds what is not there yet. A new primary item takes the place of the old one.
fn add_items(items: &mut Vec<Value>, new: Vec<Value>) {
    // Comparing each with each would be slow for thousands of members.
    let mut known: HashSet<String> = items.iter().map(Value::to_string).collect();
    for item in new {
        if !known.insert(item.to_string()) {
            continue;
        }
        if is_primary(&item) {
            items.iter_mut().filter_map(Value::as_object_mut).for_each(|old| drop(old.remove("primary")));
        }
        items.push(item);
    }
}

fn change_items(
    place: &Place,
    holder: &mut Object,
    op: Operation,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let attribute = place.found.attribute;
    let fits = |item: &Value| place.filter.as_ref().is_none_or(|filter| item_fits(attribute, filter, item));
    let items = holder.get_mut(attribute.name).and_then(Value::as_array_mut);
    let Some(items) = items.filter(|items| items.iter().any(fits)) else {
        // What is to be removed is not there already.
        let done = op == Operation::Remove;
        return if done { Ok(()) } else { Err(ScimError::no_target("the filter fits no item")) };
    };
    if op == Operation::Remove && place.sub.is_none() {
        items.retain(|item| !fits(item));
        return Ok(());
    }
    for item in items.iter_mut().filter(|item| fits(item)) {
        let Some(object) = item.as_object_mut() else { continue };
        match (place.sub, value) {
            (Some(sub), value) => change_whole(sub, object, op, value)?,
            (None, Some(value)) => {
                let new = normal::single(attribute, value)?.unwrap_or_else(|| json!({}));
                if op == Operation::Replace {
                    object.clear();
                }
                object.extend(new.as_object().cloned().unwrap_or_default());
            }
            (None, None) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::schema::ENTERPRISE;
    use super::*;

    fn ada() -> Value {
        json!({"userName": "ada", "active": true, "title": "Engineer", "name": {"givenName": "Ada", "familyName": "Ash"},
            "emails": [{"type": "work", "value": "w@example.com", "primary": true}, {"type": "home", "value": "h@example.com"}],
            ENTERPRISE: {"department": "R&D"}})
    }

    fn patched(operations: &Value) -> Result<Value, ScimError> {
        let resource = normal::resource(Type::User, &ada()).unwrap();
        let message = json!({"schemas": [PATCH], "Operations": operations});
        apply(Type::User, &resource, &message).map(|mut changed| {
            changed.remove("schemas");
            Value::Object(changed)
        })
    }

    /// `ada` with one attribute as this; `null` is none.
    fn with(name: &str, value: Value) -> Value {
        let mut ada = ada();
        let object = ada.as_object_mut().unwrap();
        if value.is_null() {
            object.remove(name)
        } else {
            object.insert(name.to_owned(), value)
        };
        ada
    }

    #[test]
    fn operations_change_what_they_name() {
        let (work, home) = (
            json!({"type": "work", "value": "w@example.com", "primary": true}),
            json!({"type": "home", "value": "h@example.com"}),
        );
        let other = json!({"type": "other", "value": "o@example.com", "primary": true});
        let department = format!("{ENTERPRISE}:department");
        for (operation, expected) in [
            (json!({"op": "replace", "path": "active", "value": false}), with("active", json!(false))),
            (json!({"op": "Replace", "path": "ACTIVE", "value": false}), with("active", json!(false))),
            (json!({"op": "remove", "path": "title"}), with("title", Value::Null)),
            (json!({"op": "replace", "path": "title", "value": null}), with("title", Value::Null)),
            (json!({"op": "add", "path": "nickName", "value": "A"}), with("nickName", json!("A"))),
            (
                json!({"op": "replace", "path": "name.givenName", "value": "Eda"}),
                with("name", json!({"givenName": "Eda", "familyName": "Ash"})),
            ),
            (
                json!({"op": "replace", "path": "name", "value": {"givenName": "Eda"}}),
                with("name", json!({"givenName": "Eda", "familyName": "Ash"})),
            ),
            (json!({"op": "remove", "path": "name.givenName"}), with("name", json!({"familyName": "Ash"}))),
            (
                json!({"op": "replace", "path": "emails[type eq \"work\"].value", "value": "n@example.com"}),
                with("emails", json!([{"type": "work", "value": "n@example.com", "primary": true}, home])),
            ),
            (json!({"op": "remove", "path": "emails[type eq \"work\"]"}), with("emails", json!([home]))),
            (json!({"op": "remove", "path": "emails[type eq \"other\"]"}), ada()),
            (
                json!({"op": "remove", "path": "emails", "value": [{"value": "h@example.com"}]}),
                with("emails", json!([work])),
            ),
            (json!({"op": "remove", "path": "emails", "value": []}), ada()),
            (json!({"op": "remove", "path": "emails", "value": [{"value": "nobody"}]}), ada()),
            (json!({"op": "add", "path": "emails", "value": [home, work]}), ada()),
            (
                json!({"op": "add", "path": "emails", "value": other}),
                with("emails", json!([{"type": "work", "value": "w@example.com"}, home, other])),
            ),
            (json!({"op": "replace", "path": "emails", "value": [other]}), with("emails", json!([other]))),
            (json!({"op": "remove", "path": ENTERPRISE}), with(ENTERPRISE, Value::Null)),
            (json!({"op": "remove", "path": department}), with(ENTERPRISE, Value::Null)),
            (
                json!({"op": "replace", "path": department, "value": "Ops"}),
                with(ENTERPRISE, json!({"department": "Ops"})),
            ),
            (
                json!({"op": "replace", "value": {"schemas": [], "shoeSize": 44, "title": "Boss"}}),
                with("title", json!("Boss")),
            ),
            (
                json!({"op": "add", "value": {ENTERPRISE: {"costCenter": "7"}}}),
                with(ENTERPRISE, json!({"department": "R&D", "costCenter": "7"})),
            ),
            (
                json!({"op": "replace", "value": {"name.familyName": "Elm"}}),
                with("name", json!({"givenName": "Ada", "familyName": "Elm"})),
            ),
        ] {
            assert_eq!(patched(&json!([operation])), Ok(expected), "{operation}");
        }
    }

    #[test]
    fn one_bad_operation_undoes_the_others() {
        for (operation, kind) in [
            (json!({"op": "move", "path": "title"}), "invalidSyntax"),
            (json!({"op": "remove"}), "noTarget"),
            (json!({"op": "remove", "path": "userName"}), "invalidValue"),
            (json!({"op": "replace", "path": "userName"}), "invalidValue"),
            (json!({"op": "replace", "path": "active", "value": "False"}), "invalidValue"),
            (json!({"op": "replace", "path": "id", "value": "x"}), "mutability"),
            (json!({"op": "add", "path": "groups", "value": [{"value": "x"}]}), "mutability"),
            (json!({"op": "replace", "path": "shoeSize", "value": "44"}), "invalidPath"),
            (json!({"op": "replace", "path": "title eq", "value": "x"}), "invalidPath"),
            (json!({"op": "replace", "path": "title[type eq \"a\"]", "value": "x"}), "invalidPath"),
            (json!({"op": "replace", "path": "emails[type eq \"fax\"].value", "value": "x"}), "noTarget"),
            (json!({"op": "replace", "value": "x"}), "invalidValue"),
        ] {
            let first = json!({"op": "replace", "path": "title", "value": "Boss"});
            let refused = patched(&json!([first, operation])).unwrap_err();
            assert_eq!(refused.kind, Some(kind), "{operation}: {refused:?}");
        }
        assert_eq!(patched(&json!([])).unwrap_err().kind, Some("invalidSyntax"));
    }
}
