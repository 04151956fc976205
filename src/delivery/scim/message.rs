//! HTTP messages, still without a connection.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::{patch, resource};
use crate::domain::delivery::{By, Dialect, Kind, RemoteId, Request, Wish};

/// What stands for itself in a URL (RFC 3986 section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// A request to a target.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    pub method: Method,
    /// Path and query below the base address, encoded, without a slash at its start.
    pub path: String,
    pub if_match: Option<String>,
    pub body: Option<Value>,
}

impl Message {
    fn new(method: Method, path: String) -> Self {
        Self { method, path, if_match: None, body: None }
    }

    fn with(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }
}

/// The message for a request. `start` is the first resource of the page that a search reads, from 1 (RFC 7644
/// section 3.4.2.4).
#[must_use]
pub fn message(wish: &Wish, request: &Request, dialect: &Dialect, start: u64) -> Message {
    let kind = wish.subject.kind();
    let at = |id: &RemoteId| format!("{}/{}", endpoint(kind), encoded(&id.0));
    match request {
        Request::Find(by) => Message::new(Method::Get, search(wish, *by, dialect, start)),
        Request::Read { id, members } => {
            let query = if kind == Kind::Group && !members { "?excludedAttributes=members" } else { "" };
            Message::new(Method::Get, at(id) + query)
        }
        Request::Create { values } => {
            Message::new(Method::Post, endpoint(kind).to_owned()).with(resource::new(kind, values, dialect))
        }
        Request::Patch { id, etag, values } => {
            let message = Message::new(Method::Patch, at(id)).with(patch::attributes(values, dialect));
            Message { if_match: etag.clone(), ..message }
        }
        Request::Replace { over, values, members } => {
            let body = resource::changed(kind, over, values, members.as_ref(), dialect);
            let etag = over.etag.clone().filter(|_| dialect.etag);
            Message { if_match: etag, ..Message::new(Method::Put, at(&over.id)).with(body) }
        }
        Request::AddMembers { id, members } => {
            Message::new(Method::Patch, at(id)).with(patch::add_members(members))
        }
        Request::RemoveMembers { id, members } => {
            Message::new(Method::Patch, at(id)).with(patch::remove_members(members))
        }
        Request::Delete { id } => Message::new(Method::Delete, at(id)),
    }
}

/// The message for a page of the list of all resources, groups without their members.
#[must_use]
pub fn list(kind: Kind, dialect: &Dialect, start: u64) -> Message {
    Message::new(Method::Get, listing(kind, None, dialect, start))
}

fn endpoint(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "Users",
        Kind::Group => "Groups",
    }
}

/// A part of a URL. A space is `%20`: not everybody reads `+`.
fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

fn search(wish: &Wish, by: By, dialect: &Dialect, start: u64) -> String {
    let kind = wish.subject.kind();
    // A value is written as in JSON (RFC 7644 section 3.4.2.2).
    let filter = |name: &str, value: &str| format!("{name} eq {}", Value::String(value.to_owned()));
    let filter = match by {
        By::ExternalId => Some(filter("externalId", wish.subject.external_id())),
        By::Name => Some(filter(kind.name().scim(), wish.name())),
        By::List => None,
    };
    listing(kind, filter, dialect, start)
}

fn listing(kind: Kind, filter: Option<String>, dialect: &Dialect, start: u64) -> String {
    let mut query = vec![format!("startIndex={start}"), format!("count={}", dialect.page)];
    query.extend(filter.map(|filter| format!("filter={}", encoded(&filter))));
    if kind == Kind::Group {
        query.push("excludedAttributes=members".to_owned());
    }
    format!("{}?{}", endpoint(kind), query.join("&"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::account::AccountId;
    use crate::domain::delivery::{Presence, Values};

    fn person(id: &str, name: &str) -> Wish {
        Wish::person(AccountId(id.into()), name.into(), Presence::Active, Values::new())
    }

    fn path(wish: &Wish, request: &Request) -> String {
        message(wish, request, &Dialect::default(), 1).path
    }

    #[test]
    fn resources_are_looked_for_with_filters_and_groups_without_their_members() {
        let alice = person("a1", "alice@example.com");
        for (by, expected) in [
            (By::ExternalId, "Users?startIndex=1&count=100&filter=externalId%20eq%20%22a1%22"),
            (By::Name, "Users?startIndex=1&count=100&filter=userName%20eq%20%22alice%40example.com%22"),
            (By::List, "Users?startIndex=1&count=100"),
        ] {
            assert_eq!(path(&alice, &Request::Find(by)), expected);
        }
        let sales = Wish::share("s".into(), "Sales & more".into(), BTreeSet::new());
        assert_eq!(
            path(&sales, &Request::Find(By::Name)),
            "Groups?startIndex=1&count=100&filter=displayName%20eq%20%22Sales%20%26%20more%22&excludedAttributes=members"
        );
        assert_eq!(list(Kind::User, &Dialect::default(), 101).path, "Users?startIndex=101&count=100");
        let groups = "Groups?startIndex=1&count=100&excludedAttributes=members";
        assert_eq!(list(Kind::Group, &Dialect::default(), 1).path, groups);
        let read = |members| path(&sales, &Request::Read { id: RemoteId("r 1".into()), members });
        assert_eq!(
            (read(true).as_str(), read(false).as_str()),
            ("Groups/r%201", "Groups/r%201?excludedAttributes=members")
        );
    }

    proptest! {
        /// Whatever is in an id or a name, it leads to no other address and ends no filter.
        #[test]
        fn no_text_leaves_its_place(id in "\\PC{1,12}|[./?#%&+\"\\\\ ]{1,12}") {
            let address = path(&person("a", "b"), &Request::Delete { id: RemoteId(id.clone()) });
            let last = address.strip_prefix("Users/").expect("below the endpoint");
            prop_assert!(!last.contains(['/', '?', '#', '&', '+', ' ', '"', '\\']), "{}", last);
            let decoded = percent_encoding::percent_decode_str(last).decode_utf8().expect("UTF-8");
            prop_assert_eq!(decoded.as_ref(), id.as_str());
            let search = path(&person(&id, "b"), &Request::Find(By::ExternalId));
            let filter = search.split('&').find_map(|part| part.strip_prefix("filter=")).expect("a filter");
            let filter = percent_encoding::percent_decode_str(filter).decode_utf8().expect("UTF-8");
            let value = filter.strip_prefix("externalId eq ").expect("a comparison");
            prop_assert_eq!(serde_json::from_str::<String>(value).expect("one JSON text"), id);
        }
    }
}
