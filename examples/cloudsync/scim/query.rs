//! Searches (RFC 7644 sections 3.4.2 and 3.4.3).

use scim_v2::filter::Filter;
use serde_json::{Value, json};

use super::error::ScimError;
use super::filter;
use super::normal::{Object, field};
use super::shown::Wanted;

/// The most resources on one page.
pub const MOST: usize = 500;

/// A search.
#[derive(Debug)]
pub struct Query {
    pub filter: Option<Filter>,
    /// The first resource of the page, from 1.
    pub start: usize,
    pub count: usize,
    pub wanted: Wanted,
}

impl Query {
    /// Reads the query of an address.
    pub fn of_address(query: Option<&str>) -> Result<Self, ScimError> {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned();
        let fields: Object = pairs.map(|(name, value)| (name, Value::String(value))).collect();
        Self::of_fields(&fields)
    }

    /// Reads a search request, or the fields of an address.
    pub fn of_fields(fields: &Object) -> Result<Self, ScimError> {
        let filter = field(fields, "filter").and_then(Value::as_str).map(filter::parse).transpose()?;
        // What is too small means the smallest that makes sense (RFC 7644 table 6).
        let start = number(fields, "startIndex")?.unwrap_or(1).max(1);
        let count = number(fields, "count")?.map_or(MOST, |count| at_least_none(count).min(MOST));
        let wanted = Wanted::new(names(fields, "attributes"), names(fields, "excludedAttributes"))?;
        Ok(Self { filter, start: at_least_none(start), count, wanted })
    }

    /// The answer: one page of what was found.
    pub fn page(&self, found: Vec<Object>) -> Value {
        let total = found.len();
        let page: Vec<Object> = found.into_iter().skip(self.start - 1).take(self.count).collect();
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": total,
            "startIndex": self.start, "itemsPerPage": page.len(), "Resources": page})
    }
}

fn at_least_none(number: i64) -> usize {
    usize::try_from(number).unwrap_or(0)
}

fn number(fields: &Object, name: &str) -> Result<Option<i64>, ScimError> {
    let read = |value: &Value| match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_i64(),
    };
    match field(fields, name) {
        None => Ok(None),
        Some(value) => {
            read(value).map(Some).ok_or_else(|| ScimError::value(format!("{name} is no whole number")))
        }
    }
}

fn names(fields: &Object, name: &str) -> Vec<String> {
    let split = |text: &str| -> Vec<String> {
        text.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
    };
    match field(fields, name) {
        Some(Value::String(names)) => split(names),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).flat_map(split).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_begin_at_one() {
        let found =
            || (1..=5).map(|id| Object::from_iter([("id".to_owned(), json!(id))])).collect::<Vec<_>>();
        for (query, ids) in [
            ("", vec![1, 2, 3, 4, 5]),
            ("startIndex=2&count=2", vec![2, 3]),
            ("startIndex=5&count=9", vec![5]),
            ("startIndex=6", vec![]),
            ("startIndex=-1&count=1", vec![1]),
            ("count=0", vec![]),
            ("count=-1", vec![]),
        ] {
            let page = Query::of_address(Some(query)).unwrap().page(found());
            let expected: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
            assert_eq!(page["Resources"], Value::Array(expected), "{query}");
            assert_eq!(page["totalResults"], 5, "{query}");
        }
        let error = |query: &str| Query::of_address(Some(query)).unwrap_err().kind;
        assert_eq!(error("startIndex=x"), Some("invalidValue"));
        assert_eq!(error("filter=userName"), Some("invalidFilter"));
        assert_eq!(error("attributes=a&excludedAttributes=b"), Some("invalidValue"));
    }
}
