//! What a target announces (RFC 7644 section 4), as a test reads it. `None` where it has no such address: it does not
//! have to.

use std::collections::BTreeSet;

use serde_json::Value;

use super::field::{Object, field, items, text};
use super::path::Path;
use super::reply::{Reply, failure, words};
use super::{USER, config};
use crate::domain::delivery::{Attribute, Dialect, Failure};
use crate::domain::service_test::ResourceTypes;

/// The dialect after `/ServiceProviderConfig`, as [`super::dialect`] reads it.
pub fn announced(narrow: Dialect, reply: &Reply) -> Result<Option<Dialect>, Failure> {
    let is_config =
        |body: &Object| ["schemas", "patch", "filter"].iter().any(|name| field(body, name).is_some());
    let Some(body) = body(reply)? else { return Ok(None) };
    match body.as_object() {
        Some(object) if is_config(object) => Ok(Some(config::dialect(narrow, &body))),
        _ => Err(garbage(reply)),
    }
}

/// The types of `/ResourceTypes`, by their endpoints (RFC 7643 section 6).
pub fn resource_types(reply: &Reply) -> Result<Option<ResourceTypes>, Failure> {
    let Some(body) = body(reply)? else { return Ok(None) };
    let endpoints: Vec<String> =
        listed(&body, reply)?.iter().filter_map(|one| named(one, "endpoint")).collect();
    let has = |name: &str| {
        let last = |endpoint: &String| endpoint.trim_end_matches('/').rsplit('/').next() == Some(name);
        endpoints.iter().any(last)
    };
    Ok(Some(ResourceTypes { users: has("Users"), groups: has("Groups") }))
}

/// The ids of `/Schemas` (RFC 7643 section 7).
pub fn schemas(reply: &Reply) -> Result<Option<BTreeSet<String>>, Failure> {
    let Some(body) = body(reply)? else { return Ok(None) };
    Ok(Some(listed(&body, reply)?.iter().filter_map(|one| named(one, "id")).collect()))
}

/// The schemas of a person with these attributes.
#[must_use]
pub fn schemas_of(attributes: impl IntoIterator<Item = Attribute>) -> BTreeSet<String> {
    let extensions = attributes.into_iter().filter_map(|attribute| Path::parse(attribute.scim()).extension());
    std::iter::once(USER).chain(extensions).map(str::to_owned).collect()
}

fn body(reply: &Reply) -> Result<Option<Value>, Failure> {
    match reply.status {
        200..300 => serde_json::from_slice(&reply.body).map(Some).map_err(|_| garbage(reply)),
        404 | 405 | 501 => Ok(None),
        _ => Err(failure(reply)),
    }
}

/// A list, or the bare array that some send.
fn listed<'a>(body: &'a Value, reply: &Reply) -> Result<&'a [Value], Failure> {
    match body {
        Value::Array(all) => Ok(all),
        Value::Object(list) if field(list, "Resources").is_some() => Ok(items(list, "Resources")),
        _ => Err(garbage(reply)),
    }
}

fn named(one: &Value, name: &str) -> Option<String> {
    text(field(one.as_object()?, name)?)
}

fn garbage(reply: &Reply) -> Failure {
    Failure::Garbage(words(reply))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::domain::profile::ProfileAttribute;

    fn reply(status: u16, body: &Value) -> Reply {
        Reply { status, body: body.to_string().into_bytes(), ..Reply::default() }
    }

    #[test]
    fn announcements_are_read_in_each_form_and_nothing_else_is_one() {
        let config = json!({"schemas": [], "filter": {"supported": true, "maxResults": 50}});
        let read = announced(Dialect::default(), &reply(200, &config)).expect("an answer");
        assert_eq!(read, Some(Dialect { filter: true, page: 50, ..Dialect::default() }));
        let types = json!([{"endpoint": "/Users"}, {"Endpoint": "https://x.example.com/scim/v2/Groups/"}]);
        let both = Ok(Some(ResourceTypes { users: true, groups: true }));
        assert_eq!(resource_types(&reply(200, &types)), both);
        assert_eq!(resource_types(&reply(200, &json!({"Resources": types}))), both);
        let none = Ok(Some(ResourceTypes::default()));
        assert_eq!(resource_types(&reply(200, &json!([{"endpoint": "/PowerUsers"}]))), none);
        let ids = json!({"Resources": [{"id": "urn:a"}, {"name": "no id"}]});
        assert_eq!(schemas(&reply(200, &ids)), Ok(Some(BTreeSet::from(["urn:a".to_owned()]))));
        for status in [404, 405, 501] {
            assert_eq!(schemas(&reply(status, &json!({}))), Ok(None), "{status}");
        }
        assert!(matches!(schemas(&reply(401, &json!({}))), Err(Failure::Unauthorized(_))));
        for body in [json!({}), json!("ok"), json!({"login": "here"})] {
            assert!(matches!(schemas(&reply(200, &body)), Err(Failure::Garbage(_))), "{body}");
            let config = announced(Dialect::default(), &reply(200, &body));
            assert!(matches!(config, Err(Failure::Garbage(_))), "{body}");
        }
    }

    #[test]
    fn extensions_count_only_if_one_of_their_attributes_is_delivered() {
        let of = |attribute| schemas_of([Attribute::UserName, attribute]).len();
        assert_eq!(of(Attribute::Email), 1);
        assert_eq!(of(Attribute::Profile(ProfileAttribute::Department)), 2);
    }

    proptest! {
        #[test]
        fn nothing_that_a_target_sends_does_harm(
            status in 100_u16..600,
            body in prop::collection::vec(any::<u8>(), 0..2_000),
        ) {
            let reply = Reply { status, body, ..Reply::default() };
            for failure in [schemas(&reply).err(), resource_types(&reply).err()].into_iter().flatten() {
                prop_assert!(failure.to_string().chars().count() < 400);
            }
        }
    }
}
