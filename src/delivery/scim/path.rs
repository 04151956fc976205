//! Where an attribute is in a resource.

use serde_json::{Value, json};

use super::field::{Object, change_inside, field, items, object, set, text};

/// A path of the attribute table (RFC 7644 section 3.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Path<'a> {
    /// `title`.
    Plain(&'a str),
    /// `name.givenName`.
    Inside { of: &'a str, name: &'a str },
    /// `emails[type eq "work"].value`.
    Typed { list: &'a str, kind: &'a str },
    /// An attribute of an extension, whose schema is the name of an object.
    Extension { schema: &'a str, name: &'a str },
}

impl<'a> Path<'a> {
    /// Reads a path.
    pub(super) fn parse(path: &'a str) -> Self {
        if path.starts_with("urn:") {
            let (schema, name) = path.rsplit_once(':').unwrap_or(("", path));
            return Self::Extension { schema, name };
        }
        if let Some((list, rest)) = path.split_once('[') {
            let kind = rest.split('"').nth(1).unwrap_or_default();
            return Self::Typed { list, kind };
        }
        match path.split_once('.') {
            Some((of, name)) => Self::Inside { of, name },
            None => Self::Plain(path),
        }
    }

    /// The path of a PATCH. A list is written as a whole: an operation on the one item of a type fails where there is
    /// none yet (RFC 7644 section 3.5.2.3).
    pub(super) fn of_patch(self, whole: &'a str) -> &'a str {
        match self {
            Self::Typed { list, .. } => list,
            Self::Plain(_) | Self::Inside { .. } | Self::Extension { .. } => whole,
        }
    }

    /// The value that a PATCH gives this path.
    pub(super) fn value_of_patch(self, value: Value) -> Value {
        match self {
            Self::Typed { list, kind } => json!([item(list, kind, value)]),
            Self::Plain(_) | Self::Inside { .. } | Self::Extension { .. } => value,
        }
    }

    /// The value in a resource.
    pub(super) fn get(self, resource: &Object) -> Option<String> {
        match self {
            Self::Plain(name) => text(field(resource, name)?),
            Self::Inside { of: outer, name } | Self::Extension { schema: outer, name } => {
                text(field(object(resource, outer)?, name)?)
            }
            Self::Typed { list, kind } => {
                let items = items(resource, list);
                let typed = items.iter().find(|item| has_type(item, kind));
                let item = typed.or_else(|| items.iter().find(|item| field_text(item, "type").is_none()))?;
                field_text(item, "value").or_else(|| text(item))
            }
        }
    }

    /// Sets the value in a resource; `None` removes it.
    pub(super) fn set(self, resource: &mut Object, value: Option<Value>) {
        match self {
            Self::Plain(name) => set(resource, name, value),
            Self::Inside { of: outer, name } | Self::Extension { schema: outer, name } => {
                change_inside(resource, outer, |inner| set(inner, name, value));
            }
            Self::Typed { list, kind } => {
                let others = items(resource, list).iter().filter(|item| !replaces(item, kind));
                let mut all: Vec<Value> = others.cloned().collect();
                all.extend(value.map(|value| item(list, kind, value)));
                set(resource, list, (!all.is_empty()).then_some(Value::Array(all)));
            }
        }
    }

    /// The schema that a resource with this attribute names besides its own.
    pub(super) fn extension(self) -> Option<&'a str> {
        match self {
            Self::Extension { schema, .. } => Some(schema),
            Self::Plain(_) | Self::Inside { .. } | Self::Typed { .. } => None,
        }
    }
}

fn field_text(item: &Value, name: &str) -> Option<String> {
    text(field(item.as_object()?, name)?)
}

fn has_type(item: &Value, kind: &str) -> bool {
    field_text(item, "type").is_some_and(|of| of.eq_ignore_ascii_case(kind))
}

/// Whether an item gives way to a new one of this type: one without a type would be a second one.
fn replaces(item: &Value, kind: &str) -> bool {
    has_type(item, kind) || field_text(item, "type").is_none()
}

/// An item of a list. Only the address is primary: of phone numbers, the person may prefer another.
fn item(list: &str, kind: &str, value: Value) -> Value {
    let mut item = Object::new();
    item.insert("type".to_owned(), json!(kind));
    item.insert("value".to_owned(), value);
    if list == "emails" {
        item.insert("primary".to_owned(), json!(true));
    }
    Value::Object(item)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::delivery::Attribute;
    use crate::domain::profile::TABLE;

    fn all() -> Vec<Attribute> {
        use Attribute::{Active, Email, ExternalId, ShareName, UserName};
        let profile = TABLE.iter().map(|row| Attribute::Profile(row.attribute));
        [ExternalId, UserName, Email, Active, ShareName].into_iter().chain(profile).collect()
    }

    #[test]
    fn paths_of_the_table_are_read() {
        for (text, path) in [
            ("title", Path::Plain("title")),
            ("name.givenName", Path::Inside { of: "name", name: "givenName" }),
            ("emails[type eq \"work\"].value", Path::Typed { list: "emails", kind: "work" }),
            ("urn:a:2.0:User:department", Path::Extension { schema: "urn:a:2.0:User", name: "department" }),
        ] {
            assert_eq!(Path::parse(text), path);
        }
    }

    #[test]
    fn an_address_is_found_as_targets_write_it() {
        let path = Path::parse(Attribute::Email.scim());
        for (resource, expected) in [
            (json!({"emails": [{"type": "home", "value": "h"}, {"type": "Work", "value": "w"}]}), Some("w")),
            (json!({"Emails": [{"value": "w"}]}), Some("w")),
            (json!({"emails": {"type": "work", "Value": "w"}}), Some("w")),
            (json!({"emails": ["w"]}), Some("w")),
            (json!({"emails": [{"type": "home", "value": "h"}]}), None),
            (json!({"emails": []}), None),
            (json!({"emails": null}), None),
            (json!({}), None),
        ] {
            let object = resource.as_object().expect("an object");
            assert_eq!(path.get(object).as_deref(), expected, "{resource}");
        }
    }

    #[test]
    fn other_items_and_attributes_stay() {
        let mut resource = json!({"emails": [{"type": "home", "value": "h"}, {"type": "work", "value": "w"}],
            "Name": {"familyName": "A", "honorificPrefix": "Dr."}});
        let object = resource.as_object_mut().expect("an object");
        Path::parse(Attribute::Email.scim()).set(object, Some(json!("new")));
        Path::parse("name.familyName").set(object, None);
        let address = json!({"type": "work", "value": "new", "primary": true});
        let expected = json!({"emails": [{"type": "home", "value": "h"}, address],
            "Name": {"honorificPrefix": "Dr."}});
        assert_eq!(resource, expected);
    }

    proptest! {
        #[test]
        fn what_is_set_is_read_and_disturbs_nothing_else(
            sets in prop::collection::vec((0_usize..13, prop::option::of("[ -~äß]{1,8}")), 0..30)
        ) {
            let all = all();
            let mut resource = Object::new();
            let mut expected = std::collections::BTreeMap::new();
            for (place, value) in sets {
                let attribute = all[place % all.len()];
                // A person has no name of a Team Share: both are `displayName`.
                if attribute == Attribute::ShareName {
                    continue;
                }
                Path::parse(attribute.scim()).set(&mut resource, value.clone().map(Value::from));
                expected.insert(attribute, value);
                for (attribute, value) in &expected {
                    prop_assert_eq!(&Path::parse(attribute.scim()).get(&resource), value);
                }
            }
            if expected.values().all(Option::is_none) {
                prop_assert!(resource.is_empty(), "{:?}", resource);
            }
        }
    }
}
