//! Filters (RFC 7644 section 3.4.2.2). The crate `scim_v2` reads them; here they are compared with resources.

use scim_v2::filter::{AttrExp, AttrPath, CompValue, CompareOp, Filter, ValFilter};
use serde_json::Value;

use super::attribute::{Attribute, named};
use super::error::ScimError;
use super::normal::Object;
use super::schema::Type;

/// Reads a filter.
pub fn parse(text: &str) -> Result<Filter, ScimError> {
    text.parse::<Filter>().map_err(|error| ScimError::filter(format!("the filter cannot be read: {error}")))
}

/// Whether a resource, as it is shown, fits a filter.
pub fn fits(of: Type, filter: &Filter, resource: &Object) -> bool {
    match filter {
        Filter::Attr(test) => {
            let (path, values) = top(of, test, resource);
            holds(test, path, &values)
        }
        Filter::ValuePath(path) => match of.find(path.attr.uri.as_deref(), &path.attr.name) {
            Some(found) => {
                let items =
                    spread(inside(resource, found.extension).and_then(|own| own.get(found.attribute.name)));
                items.into_iter().any(|item| item_fits(found.attribute, &path.filter, item))
            }
            None => false,
        },
        Filter::Not(inner) => !fits(of, inner, resource),
        Filter::And(left, right) => fits(of, left, resource) && fits(of, right, resource),
        Filter::Or(left, right) => fits(of, left, resource) || fits(of, right, resource),
    }
}

/// Whether an item of a list fits a filter between brackets.
pub fn item_fits(of: &Attribute, filter: &ValFilter, item: &Value) -> bool {
    match filter {
        ValFilter::Attr(test) => {
            let sub = named(of.sub, &path_of(test).name);
            let value = sub.and_then(|sub| item.get(sub.name));
            holds(test, sub, &spread(value))
        }
        ValFilter::Not(inner) => !item_fits(of, inner, item),
        ValFilter::And(left, right) => item_fits(of, left, item) && item_fits(of, right, item),
        ValFilter::Or(left, right) => item_fits(of, left, item) || item_fits(of, right, item),
    }
}

/// The text that a unique attribute has to be equal to, if the filter asks for no more.
pub fn wanted<'a>(filter: &'a Filter, name: &str) -> Option<&'a str> {
    match filter {
        Filter::Attr(AttrExp::Comparison(path, CompareOp::Eq, CompValue::Str(text)))
            if path.uri.is_none() && path.sub_attr.is_none() && path.name.eq_ignore_ascii_case(name) =>
        {
            Some(text)
        }
        _ => None,
    }
}

fn path_of(test: &AttrExp) -> &AttrPath {
    match test {
        AttrExp::Present(path) | AttrExp::Comparison(path, ..) => path,
    }
}

/// The attribute that a test is about, and its values. Of a list of objects without a sub-attribute, `value` is meant.
fn top<'a>(of: Type, test: &AttrExp, resource: &'a Object) -> (Option<&'static Attribute>, Vec<&'a Value>) {
    let path = path_of(test);
    let Some(found) = of.find(path.uri.as_deref(), &path.name) else { return (None, Vec::new()) };
    let own = inside(resource, found.extension).and_then(|own| own.get(found.attribute.name));
    let values = spread(own);
    let sub = match &path.sub_attr {
        Some(name) => named(found.attribute.sub, name),
        None if found.attribute.sub.is_empty() || matches!(test, AttrExp::Present(_)) => {
            return (Some(found.attribute), values);
        }
        None => named(found.attribute.sub, "value"),
    };
    let Some(sub) = sub else { return (None, Vec::new()) };
    (Some(sub), values.into_iter().filter_map(|value| value.get(sub.name)).collect())
}

fn inside<'a>(resource: &'a Object, extension: Option<&str>) -> Option<&'a Object> {
    match extension {
        Some(id) => resource.get(id)?.as_object(),
        None => Some(resource),
    }
}

fn spread(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None => Vec::new(),
        Some(Value::Array(items)) => items.iter().collect(),
        Some(one) => vec![one],
    }
}

fn holds(test: &AttrExp, of: Option<&Attribute>, values: &[&Value]) -> bool {
    let exact = of.is_some_and(|attribute| attribute.case_exact);
    match test {
        AttrExp::Present(_) => !values.is_empty(),
        AttrExp::Comparison(_, CompareOp::Eq, CompValue::Null) => values.is_empty(),
        AttrExp::Comparison(_, CompareOp::Ne, CompValue::Null) => !values.is_empty(),
        AttrExp::Comparison(_, CompareOp::Ne, wanted) => {
            !values.iter().any(|value| compares(value, &CompareOp::Eq, wanted, exact))
        }
        AttrExp::Comparison(_, operator, wanted) => {
            values.iter().any(|value| compares(value, operator, wanted, exact))
        }
    }
}

fn compares(value: &Value, operator: &CompareOp, wanted: &CompValue, exact: bool) -> bool {
    match (value, wanted) {
        (Value::Bool(value), CompValue::True) => *operator == CompareOp::Eq && *value,
        (Value::Bool(value), CompValue::False) => *operator == CompareOp::Eq && !*value,
        (Value::String(value), CompValue::Str(wanted)) if exact => texts(value, operator, wanted),
        (Value::String(value), CompValue::Str(wanted)) => {
            texts(&value.to_lowercase(), operator, &wanted.to_lowercase())
        }
        _ => false,
    }
}

fn texts(value: &str, operator: &CompareOp, wanted: &str) -> bool {
    match operator {
        CompareOp::Eq => value == wanted,
        CompareOp::Ne => value != wanted,
        CompareOp::Co => value.contains(wanted),
        CompareOp::Sw => value.starts_with(wanted),
        CompareOp::Ew => value.ends_with(wanted),
        CompareOp::Gt => value > wanted,
        CompareOp::Lt => value < wanted,
        CompareOp::Ge => value >= wanted,
        CompareOp::Le => value <= wanted,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::schema::ENTERPRISE;
    use super::*;

    #[test]
    fn filters_find_what_they_say() {
        let ada = json!({"userName": "Ada", "externalId": "A1", "active": true, "name": {"familyName": "Ash"},
            "emails": [{"type": "work", "value": "ada@example.com"}, {"type": "home", "value": "a@b.example"}],
            ENTERPRISE: {"department": "R&D"}, "meta": {"created": "2026-01-02T00:00:00Z"}});
        let ada = ada.as_object().unwrap();
        for (filter, expected) in [
            (r#"userName eq "ada""#, true),
            (r#"USERNAME Eq "ADA""#, true),
            (r#"externalId eq "a1""#, false),
            (r#"externalId eq "A1""#, true),
            (r#"userName eq "ada" and active eq false"#, false),
            (r#"userName eq "bob" or active eq true"#, true),
            (r#"not (userName eq "bob")"#, true),
            (r#"userName ne "bob""#, true),
            (r#"title ne "boss""#, true),
            ("title pr", false),
            ("emails pr", true),
            ("title eq null", true),
            (r#"emails co "b.example""#, true),
            (r#"emails.value sw "ada@""#, true),
            (r#"emails[type eq "work" and value ew "example.com"]"#, true),
            (r#"emails[type eq "home" and value ew "example.com"]"#, false),
            (r#"name.familyName eq "ash""#, true),
            (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "r&d""#, true),
            (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ada""#, true),
            (r#"meta.created gt "2026-01-01T00:00:00Z""#, true),
            (r#"meta.created lt "2026-01-01T00:00:00Z""#, false),
            (r#"shoeSize eq "44""#, false),
        ] {
            assert_eq!(fits(Type::User, &parse(filter).unwrap(), ada), expected, "{filter}");
        }
        for broken in ["", "userName", r#"userName eq"#, r#"userName is "a""#, r#"(userName eq "a""#] {
            assert_eq!(parse(broken).unwrap_err().kind, Some("invalidFilter"), "{broken}");
        }
    }
}
