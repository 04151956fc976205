//! Fields of JSON objects as targets write them: names in any case (RFC 7643 section 2.1), numbers as text and
//! the other way round.

use serde_json::{Map, Value};

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// The name under which an object has a field.
pub(super) fn name_in(object: &Object, name: &str) -> Option<String> {
    if object.contains_key(name) {
        return Some(name.to_owned());
    }
    object.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned()
}

/// A field; `null` is none (RFC 7643 section 2.5).
pub(super) fn field<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    object.get(&name_in(object, name)?).filter(|value| !value.is_null())
}

/// A field that is an object.
pub(super) fn object<'a>(of: &'a Object, name: &str) -> Option<&'a Object> {
    field(of, name)?.as_object()
}

/// The items of a field that is a list. Some targets write a single item without the list.
pub(super) fn items<'a>(object: &'a Object, name: &str) -> &'a [Value] {
    match field(object, name) {
        Some(Value::Array(items)) => items,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
}

/// A simple value as text; an empty one is none.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A field as a flag.
pub(super) fn flag(object: &Object, name: &str) -> Option<bool> {
    match field(object, name)? {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => number.as_u64().map(|number| number != 0),
        Value::String(text) if text.eq_ignore_ascii_case("true") || text == "1" => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") || text == "0" => Some(false),
        _ => None,
    }
}

/// A field as a number that is not negative.
pub(super) fn number(object: &Object, name: &str) -> Option<u64> {
    match field(object, name)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Changes the object in a field; one that is empty then is removed.
pub(super) fn change_inside(of: &mut Object, name: &str, change: impl FnOnce(&mut Object)) {
    let key = name_in(of, name).unwrap_or_else(|| name.to_owned());
    let mut inner = match of.remove(&key) {
        Some(Value::Object(inner)) => inner,
        _ => Object::new(),
    };
    change(&mut inner);
    if !inner.is_empty() {
        of.insert(key, Value::Object(inner));
    }
}

/// Sets a field, or removes it.
pub(super) fn set(object: &mut Object, name: &str, value: Option<Value>) {
    let key = name_in(object, name).unwrap_or_else(|| name.to_owned());
    match value {
        Some(value) => drop(object.insert(key, value)),
        None => drop(object.remove(&key)),
    }
}
