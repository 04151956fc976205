//! Resources in one form: names as the schemas write them, no value where none is set, and each value of its type.

use serde_json::{Map, Value, json};

use super::attribute::{Attribute, Kind, named};
use super::error::ScimError;
use super::schema::Type;

/// A JSON object.
pub type Object = Map<String, Value>;

/// Reads a resource. What a client may not set is left out, and so is what no schema knows (RFC 7644 section 3.3).
pub fn resource(of: Type, value: &Value) -> Result<Object, ScimError> {
    let given = value.as_object().ok_or_else(|| ScimError::syntax("a resource is an object"))?;
    let mut own = Object::new();
    let mut schemas = vec![json!(of.schema())];
    for (key, value) in given {
        if let Some((id, attributes)) = of.extension(key) {
            let inner = object(id, attributes, value)?;
            if !inner.is_empty() {
                schemas.push(json!(id));
                insert(&mut own, id, Value::Object(inner))?;
            }
        } else if let Some(found) = of.find(None, key)
            && found.attribute.mutability != "readOnly"
            && let Some(value) = self::value(found.attribute, value)?
        {
            insert(&mut own, found.attribute.name, value)?;
        }
    }
    if let Some(missing) = of.core().iter().find(|one| one.required && is_blank(own.get(one.name))) {
        return Err(ScimError::value(format!("{} is required", missing.name)));
    }
    own.insert("schemas".to_owned(), Value::Array(schemas));
    Ok(own)
}

/// Refuses a body that does not name the schema (RFC 7643 section 3.1).
pub fn names_schema(of: &str, body: &Value) -> Result<(), ScimError> {
    let schemas = body.as_object().and_then(|body| field(body, "schemas")).and_then(Value::as_array);
    let is_it = |schema: &Value| schema.as_str().is_some_and(|name| name.eq_ignore_ascii_case(of));
    if schemas.is_some_and(|schemas| schemas.iter().any(is_it)) {
        return Ok(());
    }
    Err(ScimError::syntax(format!("schemas does not name {of}")))
}

/// Reads the value of an attribute; `None` if it sets none (RFC 7643 section 2.5).
pub fn value(of: &Attribute, value: &Value) -> Result<Option<Value>, ScimError> {
    if value.is_null() {
        return Ok(None);
    }
    if !of.list {
        return single(of, value);
    }
    let items = value.as_array().ok_or_else(|| wrong(of, "a list"))?;
    let mut all = Vec::with_capacity(items.len());
    for item in items {
        all.extend(single(of, item)?);
    }
    if all.iter().filter(|item| is_primary(item)).count() > 1 {
        return Err(ScimError::value(format!("{}: only one can be primary", of.name)));
    }
    Ok((!all.is_empty()).then_some(Value::Array(all)))
}

/// Reads one value of an attribute, also of one that is a list.
pub fn single(of: &Attribute, value: &Value) -> Result<Option<Value>, ScimError> {
    match of.kind {
        _ if value.is_null() => Ok(None),
        Kind::Complex => {
            let inner = object(of.name, of.sub, value)?;
            Ok((!inner.is_empty()).then_some(Value::Object(inner)))
        }
        Kind::Flag if !value.is_boolean() => Err(wrong(of, "true or false")),
        Kind::Text | Kind::Reference if !value.is_string() => Err(wrong(of, "a text")),
        Kind::Flag | Kind::Text | Kind::Reference => Ok(Some(value.clone())),
    }
}

/// Whether an item of a list is its primary one.
pub fn is_primary(item: &Value) -> bool {
    item.get("primary") == Some(&Value::Bool(true))
}

/// A field, in any case.
pub fn field<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    object
        .get(name)
        .or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// The object in a field. An empty one is left out in the end.
pub fn inner<'a>(object: &'a mut Object, name: &str) -> &'a mut Object {
    let value = object.entry(name).or_insert_with(|| json!({}));
    if !value.is_object() {
        *value = json!({});
    }
    value.as_object_mut().expect("an object")
}

fn object(name: &str, attributes: &[Attribute], value: &Value) -> Result<Object, ScimError> {
    let given = value.as_object().ok_or_else(|| ScimError::value(format!("{name} is no object")))?;
    let mut own = Object::new();
    for (key, value) in given {
        if let Some(attribute) = named(attributes, key)
            && let Some(value) = self::value(attribute, value)?
        {
            insert(&mut own, attribute.name, value)?;
        }
    }
    Ok(own)
}

/// A name that comes twice, in different case, could mean either.
fn insert(object: &mut Object, name: &str, value: Value) -> Result<(), ScimError> {
    match object.insert(name.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(ScimError::syntax(format!("{name} is there twice"))),
    }
}

fn is_blank(value: Option<&Value>) -> bool {
    value.and_then(Value::as_str).is_none_or(|text| text.trim().is_empty())
}

fn wrong(of: &Attribute, form: &str) -> ScimError {
    ScimError::value(format!("{} is not {form}", of.name))
}

#[cfg(test)]
mod tests {
    use super::super::schema::{ENTERPRISE, USER};
    use super::*;

    #[test]
    fn resources_get_one_form() {
        let given = json!({"schemas": [USER], "USERNAME": "ada", "id": "mine", "meta": {}, "shoeSize": 44, "title": null,
            "name": {"GivenName": "Ada", "middleName": null}, "emails": [], "active": false,
            "urn:ietf:params:scim:schemas:extension:ENTERPRISE:2.0:User": {"Department": "R&D"}});
        let expected = json!({"schemas": [USER, ENTERPRISE], "userName": "ada", "name": {"givenName": "Ada"},
            "active": false, ENTERPRISE: {"department": "R&D"}});
        assert_eq!(resource(Type::User, &given), Ok(expected.as_object().cloned().unwrap()));
    }

    #[test]
    fn wrong_values_are_refused() {
        let twice = json!([{"value": "a", "primary": true}, {"value": "b", "primary": true}]);
        for (given, kind) in [
            (json!([]), "invalidSyntax"),
            (json!({}), "invalidValue"),
            (json!({"userName": " "}), "invalidValue"),
            (json!({"userName": 1}), "invalidValue"),
            (json!({"userName": "a", "active": "true"}), "invalidValue"),
            (json!({"userName": "a", "emails": {"value": "a"}}), "invalidValue"),
            (json!({"userName": "a", "emails": ["a"]}), "invalidValue"),
            (json!({"userName": "a", "emails": twice}), "invalidValue"),
            (json!({"userName": "a", "username": "b"}), "invalidSyntax"),
            (json!({"userName": "a", ENTERPRISE: "R&D"}), "invalidValue"),
        ] {
            let refused = resource(Type::User, &given).unwrap_err();
            assert_eq!(refused.kind, Some(kind), "{given}: {refused:?}");
        }
    }
}
