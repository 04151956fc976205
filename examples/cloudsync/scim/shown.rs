//! Which attributes an answer has (RFC 7644 section 3.9).

use serde_json::Value;

use super::error::ScimError;
use super::normal::{Object, inner};
use super::path::{Place, Target};
use super::schema::Type;

/// Always in an answer.
const ALWAYS: [&str; 2] = ["schemas", "id"];

/// What a client wants to see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only these attributes.
    pub only: Vec<String>,
    /// All but these.
    pub without: Vec<String>,
}

impl Wanted {
    /// Refuses both at once.
    pub fn new(only: Vec<String>, without: Vec<String>) -> Result<Self, ScimError> {
        if only.is_empty() || without.is_empty() {
            return Ok(Self { only, without });
        }
        Err(ScimError::value("attributes and excludedAttributes exclude each other"))
    }

    /// The wanted part of a resource.
    pub fn of(&self, kind: Type, resource: Object) -> Object {
        if !self.only.is_empty() {
            let mut part = Object::new();
            for name in ALWAYS {
                part.extend(resource.get(name).map(|value| (name.to_owned(), value.clone())));
            }
            self.only.iter().for_each(|path| copy(kind, path, &resource, &mut part));
            return part;
        }
        let mut rest = resource;
        self.without.iter().for_each(|path| remove(kind, path, &mut rest));
        rest
    }
}

/// Names that no schema knows are in no resource.
fn copy(kind: Type, path: &str, from: &Object, to: &mut Object) {
    match Target::parse(kind, path) {
        Ok(Target::Extension { id, .. }) => {
            to.extend(from.get(id).map(|value| (id.to_owned(), value.clone())));
        }
        Ok(Target::Attribute(place)) => {
            let holder = match place.found.extension {
                None => Some(from),
                Some(id) => from.get(id).and_then(Value::as_object),
            };
            if let Some(value) = holder.and_then(|holder| holder.get(place.found.attribute.name)) {
                match place.found.extension {
                    None => merge(to, &place, value),
                    Some(id) => merge(inner(to, id), &place, value),
                }
            }
        }
        Err(_) => {}
    }
}

fn merge(to: &mut Object, place: &Place, value: &Value) {
    let name = place.found.attribute.name.to_owned();
    let Some(sub) = place.sub else { return drop(to.insert(name, value.clone())) };
    let part = |item: &Value| item.get(sub.name).map(|value| (sub.name.to_owned(), value.clone()));
    match (value, to.get_mut(&name)) {
        (Value::Array(items), Some(Value::Array(old))) => {
            let old = old.iter_mut().filter_map(Value::as_object_mut);
            old.zip(items).for_each(|(old, item)| old.extend(part(item)));
        }
        (Value::Array(items), _) => {
            let items = items.iter().map(|item| Value::Object(part(item).into_iter().collect()));
            to.insert(name, items.collect());
        }
        (item, Some(Value::Object(old))) => old.extend(part(item)),
        (item, _) => drop(to.insert(name, Value::Object(part(item).into_iter().collect()))),
    }
}

fn remove(kind: Type, path: &str, from: &mut Object) {
    match Target::parse(kind, path) {
        Ok(Target::Extension { id, .. }) => drop(from.remove(id)),
        Ok(Target::Attribute(place)) if !ALWAYS.contains(&place.found.attribute.name) => {
            let holder = match place.found.extension {
                None => Some(from),
                Some(id) => from.get_mut(id).and_then(Value::as_object_mut),
            };
            let Some(holder) = holder else { return };
            match (place.sub, holder.get_mut(place.found.attribute.name)) {
                (Some(sub), Some(Value::Array(items))) => {
                    items
                        .iter_mut()
                        .filter_map(Value::as_object_mut)
                        .for_each(|item| drop(item.remove(sub.name)));
                }
                (Some(sub), Some(Value::Object(inner))) => drop(inner.remove(sub.name)),
                _ => drop(holder.remove(place.found.attribute.name)),
            }
        }
        Ok(_) | Err(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::schema::ENTERPRISE;
    use super::*;

    #[test]
    fn answers_have_what_is_wanted() {
        let ada = json!({"schemas": [], "id": "1", "userName": "ada", "title": "T", "name": {"givenName": "Ada", "familyName": "Ash"},
            "emails": [{"type": "work", "value": "w"}], ENTERPRISE: {"department": "R&D", "division": "D"}});
        let shown = |only: &[&str], without: &[&str]| {
            let texts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            let wanted = Wanted::new(texts(only), texts(without)).unwrap();
            Value::Object(wanted.of(Type::User, ada.as_object().cloned().unwrap()))
        };
        let department = format!("{ENTERPRISE}:department");
        for (only, expected) in [
            (vec!["USERNAME", "shoeSize"], json!({"schemas": [], "id": "1", "userName": "ada"})),
            (
                vec!["name.givenName", "emails.value"],
                json!({"schemas": [], "id": "1", "name": {"givenName": "Ada"}, "emails": [{"value": "w"}]}),
            ),
            (
                vec!["name.givenName", "name.familyName"],
                json!({"schemas": [], "id": "1", "name": {"givenName": "Ada", "familyName": "Ash"}}),
            ),
            (vec![department.as_str()], json!({"schemas": [], "id": "1", ENTERPRISE: {"department": "R&D"}})),
        ] {
            assert_eq!(shown(&only, &[]), expected, "{only:?}");
        }
        let without = ["id", "title", "userName", "name", "emails.type", department.as_str()];
        let expected =
            json!({"schemas": [], "id": "1", "emails": [{"value": "w"}], ENTERPRISE: {"division": "D"}});
        assert_eq!(shown(&[], &without), expected);
        assert!(Wanted::new(vec!["a".to_owned()], vec!["b".to_owned()]).is_err());
    }
}
