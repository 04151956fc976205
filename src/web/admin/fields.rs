//! The fields of a form or query of the panel. Unlike a request of the protocol, a form may repeat a field: a
//! list of check boxes.

use std::convert::Infallible;

use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream;
use multer::Multipart;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::flow::settings::FLAG_ON;
use crate::oidc::params::form_decode;

/// The field with the generation that the page has shown.
pub(super) const VERSION: &str = "version";

/// More than any form that the limit of the body lets through has: Sync Settings send a field for each OU, group and
/// Team Share.
const MOST: usize = 10_000;

/// Fields in their order. Values may be passwords, so they are erased from memory.
#[derive(Clone, Default)]
pub struct Fields(Vec<(String, Zeroizing<String>)>);

/// Why fields can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldsError {
    #[error("it has more than {} fields", MOST)]
    TooMany,
    #[error("it contains characters that are not text")]
    NotText,
    #[error("send one JSON object of texts, numbers, true, false, and lists of texts")]
    NotFields,
    #[error("it is not a form that can be read")]
    NotAForm,
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

    /// Reads what a browser has sent, with or without files.
    pub(super) async fn sent(content_type: &str, body: Bytes) -> Result<Self, FieldsError> {
        match multer::parse_boundary(content_type) {
            Ok(boundary) => Self::with_files(boundary, body).await,
            Err(_) => Self::parse(&body),
        }
    }

    /// Reads `multipart/form-data` (RFC 7578). The value of a file is its content in base64; empty if none was
    /// chosen.
    async fn with_files(boundary: String, body: Bytes) -> Result<Self, FieldsError> {
        let body = stream::once(async move { Ok::<_, Infallible>(body) });
        let (mut parts, mut fields) = (Multipart::new(body, boundary), Vec::new());
        while let Some(part) = parts.next_field().await.map_err(|_| FieldsError::NotAForm)? {
            if fields.len() == MOST {
                return Err(FieldsError::TooMany);
            }
            let name = part.name().unwrap_or_default().to_owned();
            let is_file = part.file_name().is_some();
            let content = part.bytes().await.map_err(|_| FieldsError::NotAForm)?;
            let value = match is_file {
                true => Zeroizing::new(STANDARD.encode(&content)),
                false => checked_bytes(&content)?,
            };
            fields.push((checked(&name)?.to_string(), value));
        }
        Ok(Self(fields))
    }

    /// True if nothing was sent.
    #[must_use]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Replaces a field.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), Zeroizing::new(value.to_owned())));
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
    checked_bytes(&form_decode(encoded))
}

fn checked_bytes(decoded: &[u8]) -> Result<Zeroizing<String>, FieldsError> {
    checked(std::str::from_utf8(decoded).map_err(|_| FieldsError::NotText)?)
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

    #[tokio::test]
    async fn a_form_with_a_file_is_read_and_a_broken_one_is_not() {
        let part = |head: &str, content: &str| {
            format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
        };
        let whole = [
            part("name=\"a\"", "1 & 2 = %41"),
            part("name=\"ca\"; filename=\"ca.cer\"", "\x07x"),
            part("name=\"none\"; filename=\"\"", ""),
        ];
        let whole = format!("{}--b--\r\n", whole.concat());
        let sent = async |body: String| Fields::sent("multipart/form-data; boundary=b", body.into()).await;
        let fields = sent(whole.clone()).await.expect("fields");
        assert_eq!(
            (fields.text("a"), fields.text("ca"), fields.last("none")),
            ("1 & 2 = %41", "B3g=", Some(""))
        );
        let many = format!("{}--b--", part("name=\"a\"", "").repeat(MOST + 1));
        for (body, error) in [
            (whole[..whole.len() - 8].to_owned(), FieldsError::NotAForm),
            ("a=1".to_owned(), FieldsError::NotAForm),
            (format!("{}--b--\r\n", part("name=\"a\"", "\x07")), FieldsError::NotText),
            (many, FieldsError::TooMany),
        ] {
            assert_eq!(sent(body.clone()).await.map(|_| ()), Err(error), "{body:.200}");
        }
        let plain = Fields::sent("application/x-www-form-urlencoded", "a=1".into()).await.expect("fields");
        assert_eq!(plain.text("a"), "1");
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
