//! The fields of a form or query of the panel. Unlike a request of the protocol, a form may repeat a field: a
//! list of check boxes.

use serde_json::Value;
use zeroize::Zeroizing;

use crate::flow::settings::FLAG_ON;
use crate::oidc::params::form_decode;

/// No form of the panel has more.
const MOST: usize = 500;

/// Fields in their order. Values may be passwords, so they are erased from memory.
#[derive(Clone, Default)]
pub struct Fields(Vec<(String, Zeroizing<String>)>);

/// Why fields can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldsError {
    #[error("it has more than 500 fields")]
    TooMany,
    #[error("it contains characters that are not text")]
    NotText,
    #[error("send one JSON object of texts, numbers, true, false, and lists of texts")]
    NotFields,
}

impl Fields {
    /// Reads `application/x-www-form-urlencoded`. Control characters other than line breaks and tabs are no
    /// text.
    pub fn parse(encoded: &[u8]) -> Result<Self, FieldsError> {
        let mut fields = Vec::new();
        for pair in encoded.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if fields.len() == MOST {
                return Err(FieldsError::TooMany);
            }
            let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            fields.push((text(name)?.to_string(), text(value)?));
        }
        Ok(Self(fields))
    }

    /// Reads a JSON object as the form that it stands for: a list is a field that is repeated, true is a check box
    /// that is ticked.
    pub fn parse_json(text: &[u8]) -> Result<Self, FieldsError> {
        let Ok(Value::Object(members)) = serde_json::from_slice(text) else {
            return Err(FieldsError::NotFields);
        };
        let mut fields = Vec::new();
        for (name, value) in members {
            let values = match value {
                Value::Array(values) => values,
                value => vec![value],
            };
            for value in values {
                let value = match value {
                    Value::String(text) => text,
                    Value::Number(number) => number.to_string(),
                    Value::Bool(true) => FLAG_ON.to_owned(),
                    Value::Bool(false) | Value::Null => String::new(),
                    Value::Array(_) | Value::Object(_) => return Err(FieldsError::NotFields),
                };
                if fields.len() == MOST {
                    return Err(FieldsError::TooMany);
                }
                fields.push((checked(&name)?.to_string(), checked(&value)?));
            }
        }
        Ok(Self(fields))
    }

    /// The value of a field; empty if it is missing or repeated.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (Some(value), None) => value,
            _ => "",
        }
    }

    /// The last value of a field; `None` if it was not sent. A check box is sent after a hidden empty field of
    /// the same name, so that one that is off is not missing.
    #[must_use]
    pub fn last(&self, name: &str) -> Option<&str> {
        self.all(name).last()
    }

    /// The fields as a form sends them, without these names.
    #[must_use]
    pub(super) fn encoded_without(&self, names: &[&str]) -> Zeroizing<Vec<u8>> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let kept = self.0.iter().filter(|(name, _)| !names.contains(&name.as_str()));
        form.extend_pairs(kept.map(|(name, value)| (name.as_str(), value.as_str())));
        Zeroizing::new(form.finish().into_bytes())
    }

    /// All values of a field.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn text(encoded: &[u8]) -> Result<Zeroizing<String>, FieldsError> {
    let decoded = form_decode(encoded);
    checked(std::str::from_utf8(&decoded).map_err(|_| FieldsError::NotText)?)
}

fn checked(text: &str) -> Result<Zeroizing<String>, FieldsError> {
    let is_text = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    if text.chars().all(is_text) { Ok(Zeroizing::new(text.to_owned())) } else { Err(FieldsError::NotText) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_in_their_order_and_lists_have_several_values() {
        let fields = Fields::parse(b"a=1&list=x%26y&&list=z+w&empty&a2=%C3%A9").expect("fields");
        assert_eq!((fields.text("a"), fields.text("a2"), fields.text("empty")), ("1", "\u{e9}", ""));
        assert_eq!(fields.all("list").collect::<Vec<_>>(), ["x&y", "z w"]);
        assert_eq!((fields.text("list"), fields.text("none")), ("", ""), "one value or none");
        assert_eq!((fields.last("list"), fields.last("none")), (Some("z w"), None));
        let sent = fields.encoded_without(&["a", "empty"]);
        let again = Fields::parse(&sent).expect("fields");
        assert_eq!((again.text("a2"), again.last("a")), ("\u{e9}", None));
        assert_eq!(again.all("list").collect::<Vec<_>>(), ["x&y", "z w"]);
    }

    #[test]
    fn junk_is_refused() {
        for junk in [&b"a=%00"[..], b"a=\xff", b"%FF=1", b"a=%1B%5B31m", b"a=\x07"] {
            assert_eq!(Fields::parse(junk).map(|_| ()), Err(FieldsError::NotText), "{junk:?}");
        }
        let many = |count: usize| vec!["a=1"; count].join("&");
        assert!(Fields::parse(many(MOST).as_bytes()).is_ok());
        assert_eq!(Fields::parse(many(MOST + 1).as_bytes()).map(|_| ()), Err(FieldsError::TooMany));
    }

    #[test]
    fn a_json_object_is_read_as_a_form() {
        let json =
            br#"{"a": "x", "n": 7, "on": true, "off": false, "none": null, "list": ["y", "z"], "empty": []}"#;
        let fields = Fields::parse_json(json).expect("fields");
        let found = ["a", "n", "on", "off", "none"].map(|name| fields.text(name));
        assert_eq!(found, ["x", "7", "yes", "", ""]);
        assert_eq!(fields.all("list").collect::<Vec<_>>(), ["y", "z"]);
        assert_eq!(fields.last("empty"), None);
        for junk in ["", "[]", "7", "{", r#"{"a": {"b": 1}}"#, r#"{"a": [["b"]]}"#] {
            let read = Fields::parse_json(junk.as_bytes()).map(|_| ());
            assert_eq!(read, Err(FieldsError::NotFields), "{junk}");
        }
        let control = Fields::parse_json(br#"{"a": "\u0000"}"#).map(|_| ());
        assert_eq!(control, Err(FieldsError::NotText));
    }
}
