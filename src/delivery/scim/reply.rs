//! What a target answers.

use serde_json::Value;

use super::field::{Object, field, items, number, text};
use super::resource;
use crate::domain::Millis;
use crate::domain::delivery::{Answer, Failure, Kind, RemoteId, Request, Seen};

/// The longest text of a target that is kept, in characters.
const WORDS: usize = 300;

/// An HTTP answer.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    pub status: u16,
    /// The header `ETag`.
    pub etag: Option<String>,
    /// The header `Location`.
    pub location: Option<String>,
    /// The header `Retry-After`, as a duration.
    pub retry_after: Option<Millis>,
    pub body: Vec<u8>,
}

/// One page of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub found: Vec<Seen>,
    /// The first resource of the next page, if there is one.
    pub next: Option<u64>,
    /// How many there are on all pages, if the target says so.
    pub total: Option<u64>,
}

/// Reads the answer to any request but a search.
#[must_use]
pub fn answer(kind: Kind, request: &Request, reply: &Reply) -> Answer {
    if !(200..300).contains(&reply.status) {
        let creates = matches!(request, Request::Create { .. });
        return Answer::Failed(if creates { without_resource(reply) } else { failure(reply) });
    }
    let garbage = |what: &str| Answer::Failed(Failure::Garbage(format!("{what}: {}", words(reply))));
    let body = serde_json::from_slice::<Value>(&reply.body).ok();
    let seen = body.as_ref().and_then(|body| resource::read(kind, body));
    let header = || reply.etag.clone().filter(|etag| !etag.is_empty());
    match request {
        Request::Read { .. } => match seen {
            Some(seen) => Answer::Read(Box::new(Seen { etag: header().or(seen.etag.clone()), ..seen })),
            None => garbage("no resource"),
        },
        Request::Create { .. } => {
            let etag = header().or_else(|| seen.as_ref()?.etag.clone());
            match seen.map(|seen| seen.id).or_else(|| located(reply)) {
                Some(id) => Answer::Created { id, etag },
                None => garbage("no id"),
            }
        }
        _ => Answer::Done { etag: header().or_else(|| seen?.etag) },
    }
}

/// Reads one page of the answer to a search that has begun at `start`.
pub fn page(kind: Kind, start: u64, reply: &Reply) -> Result<Page, Failure> {
    if !(200..300).contains(&reply.status) {
        return Err(without_resource(reply));
    }
    let garbage = || Failure::Garbage(format!("no list: {}", words(reply)));
    let body = serde_json::from_slice::<Value>(&reply.body).map_err(|_| garbage())?;
    let list = match &body {
        Value::Array(all) => return Ok(Page { found: read_all(kind, all)?, next: None, total: None }),
        Value::Object(list) if is_list(list) => list,
        _ => return Err(garbage()),
    };
    let found = read_all(kind, items(list, "Resources"))?;
    let next = start.saturating_add(found.len() as u64);
    let total = number(list, "totalResults");
    let more = total.is_some_and(|total| next <= total) && !found.is_empty();
    Ok(Page { found, next: more.then_some(next), total })
}

/// Anything else that is a success, as the login page of a proxy, must not look like "nobody was found".
fn is_list(object: &Object) -> bool {
    field(object, "Resources").is_some() || number(object, "totalResults") == Some(0)
}

/// A resource that cannot be read could be the one that is looked for.
fn read_all(kind: Kind, all: &[Value]) -> Result<Vec<Seen>, Failure> {
    let read = |one| {
        resource::read(kind, one).ok_or_else(|| Failure::Garbage("a resource without an id".to_owned()))
    };
    all.iter().map(read).collect()
}

/// The id at the end of `Location`, for a target that answers without a body.
fn located(reply: &Reply) -> Option<RemoteId> {
    let path = reply.location.as_deref()?.split(['?', '#']).next()?;
    let last = path.trim_end_matches('/').rsplit_once('/')?.1;
    let decoded = percent_encoding::percent_decode_str(last).decode_utf8().ok()?;
    resource::id(&Value::String(decoded.into_owned()))
}

pub(super) fn failure(reply: &Reply) -> Failure {
    Failure::of_status(reply.status, words(reply), reply.retry_after)
}

/// The failure of a request that names no resource: a 404 says that there is no such address, so it is about the target
/// and about nobody (a search that finds nobody is no 404, RFC 7644 section 3.4.2).
fn without_resource(reply: &Reply) -> Failure {
    match failure(reply) {
        Failure::NotFound(words) => Failure::Broken { status: 404, words },
        other => other,
    }
}

/// The target's own words: `scimType` and `detail` of an Error (RFC 7644 section 3.12), else the beginning of the body.
pub(super) fn words(reply: &Reply) -> String {
    let body = serde_json::from_slice::<Value>(&reply.body).ok();
    let error = body.as_ref().and_then(Value::as_object);
    let part = |name: &str| text(field(error?, name)?);
    let said = match (part("scimType"), part("detail")) {
        (Some(kind), Some(detail)) => format!("{kind}: {detail}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => String::from_utf8_lossy(&reply.body[..reply.body.len().min(4 * WORDS)]).into_owned(),
    };
    let printable = said.chars().map(|one| if one.is_control() { ' ' } else { one });
    printable.take(WORDS).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::domain::delivery::Values;

    fn reply(status: u16, body: &Value) -> Reply {
        Reply { status, body: body.to_string().into_bytes(), ..Reply::default() }
    }

    fn raw(status: u16, body: &str) -> Reply {
        Reply { status, body: body.as_bytes().to_vec(), ..Reply::default() }
    }

    fn create() -> Request {
        Request::Create { values: Values::new() }
    }

    #[test]
    fn the_id_of_a_new_resource_is_in_the_body_or_in_the_location() {
        let of = |reply: &Reply| answer(Kind::User, &create(), reply);
        let created = |id: &str| Answer::Created { id: RemoteId(id.into()), etag: None };
        assert_eq!(of(&reply(201, &json!({"id": "a"}))), created("a"));
        let located = |location: &str| Reply { location: Some(location.into()), ..raw(201, "") };
        assert_eq!(of(&located("https://example.com/scim/Users/a%2Fb")), created("a/b"));
        assert_eq!(of(&located("/Users/a/")), created("a"));
        for lost in [raw(201, ""), raw(200, "<html>"), located("/Users/%2e%2e"), located("")] {
            assert!(matches!(of(&lost), Answer::Failed(Failure::Garbage(_))), "{lost:?}");
        }
    }

    #[test]
    fn a_version_comes_from_the_header_or_the_body() {
        let request = Request::Delete { id: RemoteId("a".into()) };
        let body = reply(200, &json!({"id": "a", "meta": {"version": "W/\"1\""}}));
        let done = |etag: Option<&str>| Answer::Done { etag: etag.map(str::to_owned) };
        assert_eq!(answer(Kind::User, &request, &body), done(Some("W/\"1\"")));
        let header = Reply { etag: Some("W/\"2\"".into()), ..body };
        assert_eq!(answer(Kind::User, &request, &header), done(Some("W/\"2\"")));
        assert_eq!(answer(Kind::User, &request, &raw(204, "")), done(None));
    }

    #[test]
    fn pages_are_read_to_the_end_and_nothing_else_is_an_empty_list() {
        let of = |start, body: &Value| {
            page(Kind::User, start, &reply(200, body)).map(|page| (page.found.len(), page.next))
        };
        let two = json!([{"id": "a"}, {"id": 2}]);
        for (start, body, expected) in [
            (1, json!({"totalResults": 5, "Resources": two}), (2, Some(3))),
            (4, json!({"totalResults": "5", "resources": two}), (2, None)),
            (1, json!({"Resources": two}), (2, None)),
            (3, json!({"totalResults": 5, "Resources": []}), (0, None)),
            (1, json!({"totalResults": 0}), (0, None)),
            (1, two.clone(), (2, None)),
            (1, json!({"totalResults": u64::MAX, "Resources": [{"id": 1}]}), (1, Some(2))),
        ] {
            assert_eq!(of(start, &body), Ok(expected), "{body}");
        }
        for body in
            [json!({}), json!({"login": "here"}), json!("ok"), json!({"Resources": [{"name": "no id"}]})]
        {
            assert!(of(1, &body).is_err(), "{body}");
        }
        let nowhere = Failure::Broken { status: 404, words: String::new() };
        assert_eq!(page(Kind::User, 1, &raw(404, "")), Err(nowhere.clone()));
        assert_eq!(answer(Kind::User, &create(), &raw(404, "")), Answer::Failed(nowhere));
        let delete = Request::Delete { id: RemoteId("a".into()) };
        let gone = Answer::Failed(Failure::NotFound(String::new()));
        assert_eq!(answer(Kind::User, &delete, &raw(404, "")), gone);
    }

    #[test]
    fn failures_are_told_in_the_targets_own_words() {
        let of = |reply: &Reply| match answer(Kind::User, &create(), reply) {
            Answer::Failed(failure) => failure.to_string(),
            other => format!("{other:?}"),
        };
        let error = json!({"scimType": "invalidValue", "detail": "title\nis too long", "status": "400"});
        assert_eq!(of(&reply(400, &error)), "400: invalidValue: title is too long");
        assert_eq!(of(&raw(409, "<h1>Conflict</h1>")), "409 conflict: <h1>Conflict</h1>");
        assert_eq!(of(&raw(302, "")), "unreadable answer: status 302: ");
        let busy = Reply { retry_after: Some(3_000), ..raw(429, "") };
        let expected = Failure::Busy { status: 429, retry_after: Some(3_000) };
        assert_eq!(answer(Kind::User, &create(), &busy), Answer::Failed(expected));
    }

    proptest! {
        #[test]
        fn nothing_that_a_target_sends_does_harm(
            status in 100_u16..600,
            body in prop::collection::vec(any::<u8>(), 0..2_000),
            start: u64,
        ) {
            let reply = Reply { status, body, ..Reply::default() };
            let read = Request::Read { id: RemoteId("a".into()), members: true };
            for request in [create(), read, Request::Delete { id: RemoteId("a".into()) }] {
                if let Answer::Failed(failure) = answer(Kind::Group, &request, &reply) {
                    let text = failure.to_string();
                    prop_assert!(text.chars().count() < WORDS + 60 && !text.contains('\n'));
                }
            }
            let _ = page(Kind::User, start, &reply);
        }
    }
}
