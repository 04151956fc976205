//! Parameters of a query string or an `application/x-www-form-urlencoded` body.
//!
//! Too many parameters fail as a whole. A single invalid one (repeated, not UTF-8, with a NUL, too long)
//! fails only when it is read: unknown ones are ignored, and a bad `nonce` can still be answered by a
//! redirect.

use std::collections::BTreeMap;
use std::fmt;

use percent_encoding::percent_decode;
use zeroize::Zeroizing;

use super::error::OAuthError;

/// Maximum number of parameters.
pub const MOST: usize = 64;
/// Maximum length of a value in bytes, except tokens.
pub const LONGEST: usize = 4 * 1024;
/// Maximum length of a token in bytes: an ID token of ours lists the person's groups and comes back as a
/// hint; a pending login contains the whole request.
pub const LONGEST_TOKEN: usize = 32 * 1024;

/// Why a parameter can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamFault {
    Missing,
    Repeated,
    NotUtf8,
    Nul,
    /// It is longer than [`LONGEST`].
    TooLong,
}

/// A parameter that can't be used, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} {}", .fault.words())]
pub struct ParamError {
    /// The name that we asked for.
    pub name: &'static str,
    pub fault: ParamFault,
}

/// More than [`MOST`] parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many parameters")]
pub struct TooMany;

impl ParamFault {
    fn words(self) -> &'static str {
        match self {
            Self::Missing => "is missing",
            Self::Repeated => "is given more than once",
            Self::NotUtf8 => "is not valid UTF-8",
            Self::Nul => "contains a NUL",
            Self::TooLong => "is too long",
        }
    }
}

impl From<ParamError> for OAuthError {
    fn from(error: ParamError) -> Self {
        Self::invalid_request(error.to_string())
    }
}

impl From<TooMany> for OAuthError {
    fn from(error: TooMany) -> Self {
        Self::invalid_request(error.to_string())
    }
}

/// Decoded parameters. Debug output has only the names, and values are wiped when dropped: they may be
/// passwords, codes or tokens.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params(BTreeMap<String, Result<Zeroizing<String>, ParamFault>>);

impl Params {
    /// Decodes a query string (without `?`) or a form body.
    ///
    /// # Errors
    /// [`TooMany`] parameters; other problems are reported when a parameter is read.
    pub fn parse(input: &[u8]) -> Result<Self, TooMany> {
        let mut values = BTreeMap::new();
        let pairs = input.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
        for (index, pair) in pairs.enumerate() {
            if index == MOST {
                return Err(TooMany);
            }
            let (name, value) = split_once(pair, b'=');
            // RFC 6749 section 3.1: "Parameters sent without a value MUST be treated as if they were
            // omitted".
            if value.is_empty() {
                continue;
            }
            // A name that is not UTF-8 is unknown, so it is ignored.
            let Ok(name) = String::from_utf8(form_decode(name).to_vec()) else { continue };
            let value = readable(&name, value);
            // RFC 6749 section 3.1: "Request and response parameters MUST NOT be included more than once."
            values.entry(name).and_modify(|first| *first = Err(ParamFault::Repeated)).or_insert(value);
        }
        Ok(Self(values))
    }

    /// The value of a parameter; `None` if it was omitted or left blank.
    ///
    /// # Errors
    /// It is there, but invalid.
    pub fn value(&self, name: &'static str) -> Result<Option<&str>, ParamError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Ok(value)) => Ok(Some(value)),
            Some(Err(fault)) => Err(ParamError { name, fault: *fault }),
        }
    }

    /// The value of a required parameter.
    ///
    /// # Errors
    /// It is missing or invalid.
    pub fn required(&self, name: &'static str) -> Result<&str, ParamError> {
        self.value(name)?.ok_or(ParamError { name, fault: ParamFault::Missing })
    }

    /// The value as an owned string.
    ///
    /// # Errors
    /// It is there, but invalid.
    pub fn owned(&self, name: &'static str) -> Result<Option<String>, ParamError> {
        Ok(self.value(name)?.map(str::to_owned))
    }

    /// The value of a parameter; empty if it was omitted or is invalid.
    #[must_use]
    pub fn text(&self, name: &'static str) -> &str {
        self.value(name).ok().flatten().unwrap_or_default()
    }

    /// True if the parameter was sent with a value, valid or not.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

/// Decodes one name or value: `+` is a space, `%XX` a byte; any other `%` stays.
#[must_use]
pub fn form_decode(encoded: &[u8]) -> Zeroizing<Vec<u8>> {
    let spaced = encoded.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte });
    let spaced = Zeroizing::new(spaced.collect::<Vec<u8>>());
    // Allocated at full length: a buffer that grew would leave a copy of its beginning in memory.
    let mut decoded = Zeroizing::new(Vec::with_capacity(encoded.len()));
    decoded.extend(percent_decode(&spaced));
    decoded
}

fn readable(name: &str, encoded: &[u8]) -> Result<Zeroizing<String>, ParamFault> {
    let is_token = matches!(name, "id_token_hint" | "access_token" | "token" | "pending" | "p");
    let longest = if is_token { LONGEST_TOKEN } else { LONGEST };
    let mut bytes = form_decode(encoded);
    if bytes.len() > longest {
        return Err(ParamFault::TooLong);
    }
    if bytes.contains(&0) {
        return Err(ParamFault::Nul);
    }
    // Readable text keeps the same buffer; otherwise the buffer is wiped.
    String::from_utf8(std::mem::take(&mut *bytes)).map(Zeroizing::new).map_err(|error| {
        drop(Zeroizing::new(error.into_bytes()));
        ParamFault::NotUtf8
    })
}

fn split_once(pair: &[u8], at: u8) -> (&[u8], &[u8]) {
    match pair.iter().position(|byte| *byte == at) {
        Some(index) => (&pair[..index], &pair[index + 1..]),
        None => (pair, &[]),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(input: &str) -> Params {
        Params::parse(input.as_bytes()).unwrap()
    }

    #[test]
    fn values_are_decoded() {
        let params = parse("a=1+2&b=%C3%A9&c=x=y&d=%2B&e=100%&%66=six");
        let table = [("a", "1 2"), ("b", "é"), ("c", "x=y"), ("d", "+"), ("e", "100%"), ("f", "six")];
        for (name, value) in table {
            assert_eq!(params.value(name), Ok(Some(value)), "{name}");
        }
    }

    #[test]
    fn blank_is_omitted() {
        let params = parse("a=&b&&=&c=1&c=");
        assert_eq!(params.value("a"), Ok(None));
        assert_eq!(params.value("b"), Ok(None));
        assert_eq!(params.value("c"), Ok(Some("1")));
        assert_eq!(params.required("a").unwrap_err().to_string(), "a is missing");
    }

    #[test]
    fn an_invalid_value_fails_only_when_it_is_read() {
        let text = "x".repeat(LONGEST + 1);
        let long = format!("long={text}&id_token_hint={text}&token={text}");
        let table = [
            ("a=1&a=1", "a", ParamFault::Repeated),
            ("a=1&b=2&%61=3", "a", ParamFault::Repeated),
            ("a=%FF", "a", ParamFault::NotUtf8),
            ("a=x%00y", "a", ParamFault::Nul),
            (&long, "long", ParamFault::TooLong),
        ];
        for (input, name, fault) in table {
            let params = parse(input);
            assert_eq!(params.value(name), Err(ParamError { name, fault }), "{fault:?}");
            assert!(params.has(name));
            assert_eq!(params.value("other"), Ok(None));
        }
        for token in ["id_token_hint", "token"] {
            assert!(parse(&long).value(token).unwrap().is_some(), "{token}");
        }
    }

    #[test]
    fn the_number_is_bounded() {
        assert!(Params::parse("a=1&".repeat(MOST).as_bytes()).is_ok());
        assert_eq!(Params::parse("a=1&".repeat(MOST + 1).as_bytes()), Err(TooMany));
    }

    #[test]
    fn values_do_not_print() {
        assert_eq!(format!("{:?}", parse("password=hunter2")), r#"["password"]"#);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(input in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(params) = Params::parse(&input) {
                let _ = params.value("a");
            }
        }

        #[test]
        fn encoded_text_decodes_to_itself(value in "[^\0]{1,40}") {
            let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
            let params = parse(&format!("v={encoded}"));
            prop_assert_eq!(params.value("v"), Ok(Some(value.as_str())));
        }
    }
}
