//! Parameters of a query string or an `application/x-www-form-urlencoded` body.
//!
//! Refuses too many of them as a whole. A single bad one (repeated, not UTF-8, with a NUL, too long) only counts when
//! somebody asks for it: unknown parameters are ignored, and a bad `nonce` can still be answered by a redirect.

use std::collections::BTreeMap;
use std::fmt;

use percent_encoding::percent_decode;
use zeroize::Zeroizing;

use super::error::OAuthError;

/// More parameters than this are not read.
pub const MOST: usize = 64;
/// The longest value in bytes, tokens aside.
pub const LONGEST: usize = 4 * 1024;
/// The longest token in bytes: one of our ID tokens names the person's groups, and comes back as a hint; a pending login
/// carries the whole request.
pub const LONGEST_TOKEN: usize = 32 * 1024;

/// Why a parameter can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is needed and not there.
    Missing,
    /// It is there more than once.
    Repeated,
    /// Its bytes are not UTF-8.
    NotUtf8,
    /// It holds a NUL.
    Nul,
    /// It is longer than [`LONGEST`].
    TooLong,
}

/// Which parameter can't be used, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} {}", .fault.words())]
pub struct ParamError {
    /// The parameter, by the name that we asked for.
    pub name: &'static str,
    /// Why.
    pub fault: Fault,
}

/// More than [`MOST`] parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many parameters")]
pub struct TooMany;

impl Fault {
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

/// Decoded parameters. Prints names only, and wipes the values when dropped: they may be passwords, codes and tokens.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params(BTreeMap<String, Result<Zeroizing<String>, Fault>>);

impl Params {
    /// Decodes a query string (without `?`) or a form body.
    ///
    /// # Errors
    /// [`TooMany`] parameters; everything else is told when a parameter is asked for.
    pub fn parse(input: &[u8]) -> Result<Self, TooMany> {
        let mut values = BTreeMap::new();
        let pairs = input.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
        for (index, pair) in pairs.enumerate() {
            if index == MOST {
                return Err(TooMany);
            }
            let (name, value) = split_once(pair, b'=');
            // RFC 6749 section 3.1: "Parameters sent without a value MUST be treated as if they were omitted".
            if value.is_empty() {
                continue;
            }
            // A name that is not UTF-8 is nobody's: unknown, so ignored.
            let Ok(name) = String::from_utf8(form_decode(name).to_vec()) else { continue };
            let value = readable(&name, value);
            // RFC 6749 section 3.1: "Request and response parameters MUST NOT be included more than once."
            values.entry(name).and_modify(|first| *first = Err(Fault::Repeated)).or_insert(value);
        }
        Ok(Self(values))
    }

    /// The value of a parameter; `None` where it was omitted or left blank.
    ///
    /// # Errors
    /// It is there, but can't be used.
    pub fn value(&self, name: &'static str) -> Result<Option<&str>, ParamError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Ok(value)) => Ok(Some(value)),
            Some(Err(fault)) => Err(ParamError { name, fault: *fault }),
        }
    }

    /// The value of a parameter that has to be there.
    ///
    /// # Errors
    /// It is missing, or can't be used.
    pub fn required(&self, name: &'static str) -> Result<&str, ParamError> {
        self.value(name)?.ok_or(ParamError { name, fault: Fault::Missing })
    }

    /// The value as an owned string.
    ///
    /// # Errors
    /// It is there, but can't be used.
    pub fn owned(&self, name: &'static str) -> Result<Option<String>, ParamError> {
        Ok(self.value(name)?.map(str::to_owned))
    }

    /// True when the parameter was sent with a value, usable or not.
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

/// Decodes one name or value: `+` is a space, `%XX` a byte; a `%` that starts nothing stays as it is.
#[must_use]
pub fn form_decode(encoded: &[u8]) -> Zeroizing<Vec<u8>> {
    let spaced = encoded.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte });
    let spaced = Zeroizing::new(spaced.collect::<Vec<u8>>());
    // As long as it can become: a buffer that grew would leave its beginning behind.
    let mut decoded = Zeroizing::new(Vec::with_capacity(encoded.len()));
    decoded.extend(percent_decode(&spaced));
    decoded
}

fn readable(name: &str, encoded: &[u8]) -> Result<Zeroizing<String>, Fault> {
    let is_token = matches!(name, "id_token_hint" | "access_token" | "pending" | "p");
    let longest = if is_token { LONGEST_TOKEN } else { LONGEST };
    let mut bytes = form_decode(encoded);
    if bytes.len() > longest {
        return Err(Fault::TooLong);
    }
    if bytes.contains(&0) {
        return Err(Fault::Nul);
    }
    // The very buffer goes on where it can be read; where not, it is wiped.
    String::from_utf8(std::mem::take(&mut *bytes)).map(Zeroizing::new).map_err(|error| {
        drop(Zeroizing::new(error.into_bytes()));
        Fault::NotUtf8
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
    fn a_bad_value_counts_when_it_is_asked_for() {
        let long = format!("long={}&id_token_hint={}", "x".repeat(LONGEST + 1), "x".repeat(LONGEST + 1));
        let table = [
            ("a=1&a=1", "a", Fault::Repeated),
            ("a=1&b=2&%61=3", "a", Fault::Repeated),
            ("a=%FF", "a", Fault::NotUtf8),
            ("a=x%00y", "a", Fault::Nul),
            (&long, "long", Fault::TooLong),
        ];
        for (input, name, fault) in table {
            let params = parse(input);
            assert_eq!(params.value(name), Err(ParamError { name, fault }), "{fault:?}");
            assert!(params.has(name));
            assert_eq!(params.value("other"), Ok(None));
        }
        assert!(parse(&long).value("id_token_hint").unwrap().is_some());
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
        fn what_was_encoded_comes_back(value in "[^\0]{1,40}") {
            let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
            let params = parse(&format!("v={encoded}"));
            prop_assert_eq!(params.value("v"), Ok(Some(value.as_str())));
        }
    }
}
