//! Users and groups.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::field::{Object, field, items, object, set, text};
use super::path::Path;
use super::{GROUP, USER};
use crate::domain::delivery::{ActiveForm, Attribute, Dialect, Kind, Members, RemoteId, Seen, Values};
use crate::domain::profile::TABLE;

/// What the target writes itself: it is not sent back.
const READ_ONLY: &[&str] = &["meta", "groups"];

/// The attributes that a resource of this type may have.
fn attributes(kind: Kind) -> Vec<Attribute> {
    match kind {
        Kind::Group => vec![Attribute::ExternalId, Attribute::ShareName],
        Kind::User => {
            let own = [Attribute::ExternalId, Attribute::UserName, Attribute::Email, Attribute::Active];
            own.into_iter().chain(TABLE.iter().map(|row| Attribute::Profile(row.attribute))).collect()
        }
    }
}

/// A value as JSON.
pub(super) fn json_of(attribute: Attribute, value: &str, dialect: &Dialect) -> Value {
    match (attribute, dialect.active) {
        (Attribute::Active, ActiveForm::Boolean) => json!(value == "true"),
        _ => json!(value),
    }
}

/// A new resource (RFC 7644 section 3.3).
pub(super) fn new(kind: Kind, values: &Values, dialect: &Dialect) -> Value {
    let mut resource = Object::new();
    set_values(&mut resource, kind, values, dialect);
    Value::Object(resource)
}

/// A resource as it was read, with changes, for a PUT (RFC 7644 section 3.5.1).
pub(super) fn changed(
    kind: Kind,
    over: &Seen,
    values: &Values,
    members: Option<&Members>,
    dialect: &Dialect,
) -> Value {
    let mut resource = over.raw.as_object().cloned().unwrap_or_default();
    READ_ONLY.iter().for_each(|name| set(&mut resource, name, None));
    set_values(&mut resource, kind, values, dialect);
    if let Some(members) = members {
        let guests = items(&resource, "members")
            .iter()
            .filter(|item| member_id(item).is_some_and(|id| members.guests.contains(&id)));
        let own = members.own.iter().map(|id| json!({"value": id.0}));
        let all: Vec<Value> = guests.cloned().chain(own).collect();
        set(&mut resource, "members", Some(Value::Array(all)));
    }
    Value::Object(resource)
}

fn set_values(resource: &mut Object, kind: Kind, values: &Values, dialect: &Dialect) {
    let mut schemas: Vec<Value> = items(resource, "schemas").to_vec();
    let mut named = vec![if kind == Kind::User { USER } else { GROUP }];
    for (attribute, value) in values {
        let path = Path::parse(attribute.scim());
        path.set(resource, value.as_deref().map(|value| json_of(*attribute, value, dialect)));
        named.extend(path.extension().filter(|_| value.is_some()));
    }
    for schema in named {
        if !schemas.iter().any(|known| known.as_str() == Some(schema)) {
            schemas.push(json!(schema));
        }
    }
    set(resource, "schemas", Some(Value::Array(schemas)));
}

/// Reads a resource; `None` if it has no id that can be asked for.
pub(super) fn read(kind: Kind, resource: &Value) -> Option<Seen> {
    let object_of = resource.as_object()?;
    let value = |attribute: Attribute| {
        let value = Path::parse(attribute.scim()).get(object_of);
        // `True` and `FALSE` are seen in the wild.
        if attribute == Attribute::Active { value.map(|value| value.to_lowercase()) } else { value }
    };
    let members = field(object_of, "members")
        .map(|_| items(object_of, "members").iter().filter_map(member_id).collect::<BTreeSet<_>>());
    Some(Seen {
        id: id(field(object_of, "id")?)?,
        etag: object(object_of, "meta").and_then(|meta| text(field(meta, "version")?)),
        values: attributes(kind).into_iter().map(|attribute| (attribute, value(attribute))).collect(),
        members,
        raw: resource.clone(),
    })
}

/// An id. `.` and `..` would lead to another address, however they are written in a URL.
pub(super) fn id(value: &Value) -> Option<RemoteId> {
    text(value).filter(|id| !matches!(id.as_str(), "." | "..")).map(RemoteId)
}

/// The id of a member: an object with `value`, or the bare id.
fn member_id(item: &Value) -> Option<RemoteId> {
    match item.as_object() {
        Some(object) => id(field(object, "value")?),
        None => id(item),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::profile::ProfileAttribute;

    const TITLE: Attribute = Attribute::Profile(ProfileAttribute::Title);
    const DEPARTMENT: Attribute = Attribute::Profile(ProfileAttribute::Department);

    fn values(of: &[(Attribute, Option<&str>)]) -> Values {
        of.iter().map(|(name, value)| (*name, value.map(str::to_owned))).collect()
    }

    #[test]
    fn a_new_person_names_the_schemas_of_what_is_set() {
        let values = values(&[
            (Attribute::ExternalId, Some("a1")),
            (Attribute::UserName, Some("alice@example.com")),
            (Attribute::Active, Some("true")),
            (TITLE, None),
            (DEPARTMENT, Some("R&D")),
        ]);
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let expected = json!({"schemas": [USER, enterprise], "externalId": "a1",
            "userName": "alice@example.com", "active": true, enterprise: {"department": "R&D"}});
        assert_eq!(new(Kind::User, &values, &Dialect::default()), expected);
        let text = Dialect { active: ActiveForm::Text, ..Dialect::default() };
        assert_eq!(new(Kind::User, &values, &text)["active"], json!("true"));
        let seen = read(Kind::User, &json!({"id": 7, "active": "True"})).expect("a person");
        assert_eq!((seen.id.0.as_str(), seen.values[&Attribute::Active].as_deref()), ("7", Some("true")));
    }

    #[test]
    fn a_put_keeps_what_nobody_here_knows_and_sends_nothing_read_only() {
        let raw = json!({"id": "r1", "schemas": [USER, "urn:their:own"], "meta": {"version": "W/\"1\""},
            "groups": [], "nickName": "Ali", "title": "A", "urn:their:own": {"colour": "red"}});
        let seen = read(Kind::User, &raw).expect("a person");
        assert_eq!(seen.etag.as_deref(), Some("W/\"1\""));
        let changes = values(&[(TITLE, None), (Attribute::Active, Some("false"))]);
        let put = changed(Kind::User, &seen, &changes, None, &Dialect::default());
        let expected = json!({"id": "r1", "schemas": [USER, "urn:their:own"], "nickName": "Ali",
            "urn:their:own": {"colour": "red"}, "active": false});
        assert_eq!(put, expected);
    }

    #[test]
    fn members_are_replaced_but_for_guests() {
        let guest = json!({"value": "g", "type": "Group", "display": "Guests"});
        let raw = json!({"id": "s", "members": [{"value": "old"}, guest, "bare", {"display": "no id"}]});
        let seen = read(Kind::Group, &raw).expect("a group");
        let ids = |ids: &[&str]| ids.iter().map(|id| RemoteId((*id).into())).collect::<BTreeSet<_>>();
        assert_eq!(seen.members, Some(ids(&["old", "g", "bare"])));
        let members = Members { own: ids(&["new"]), guests: ids(&["g"]) };
        let put = changed(Kind::Group, &seen, &Values::new(), Some(&members), &Dialect::default());
        assert_eq!(put["members"], json!([guest, {"value": "new"}]));
    }

    #[test]
    fn an_id_that_leads_elsewhere_is_none() {
        for id in [json!(".."), json!("."), json!(""), json!(null), json!({}), json!([1])] {
            assert_eq!(read(Kind::User, &json!({"id": id})), None, "{id}");
        }
        assert!(read(Kind::User, &json!({"ID": "a/../b?c#d"})).is_some(), "odd, but it can be written");
        assert_eq!(read(Kind::User, &json!([])), None);
    }
}
