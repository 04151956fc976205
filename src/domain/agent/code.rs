//! The code with which an agent enrols: once, within an hour. It contains the agent's id, so that an agent without a key
//! knows who it is.

use crate::domain::secret::Plain;
use crate::domain::{HOUR, Millis};

/// How long a code is valid.
pub const CODE_LIFETIME: Millis = HOUR;

/// The characters of 256 random bits in base64url.
const PART_LEN: usize = 43;

/// A code of enrolment, `ID.SECRET`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolmentCode {
    /// The id of the agent.
    pub agent: String,
    /// Only its digest is stored.
    pub secret: Plain,
}

impl EnrolmentCode {
    /// Reads a code; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (agent, secret) = text.trim().split_once('.')?;
        let is_part = |part: &str| part.len() == PART_LEN && part.bytes().all(is_base64url);
        (is_part(agent) && is_part(secret))
            .then(|| Self { agent: agent.to_owned(), secret: Plain::new(secret) })
    }

    /// The text to hand over to whoever installs the agent.
    #[must_use]
    pub fn text(&self) -> Plain {
        Plain::new(format!("{}.{}", self.agent, self.secret.expose()))
    }
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_code_is_read_as_it_was_written(agent in "[A-Za-z0-9_-]{43}", secret in "[A-Za-z0-9_-]{43}") {
            let code = EnrolmentCode { agent, secret: Plain::new(secret) };
            prop_assert_eq!(EnrolmentCode::parse(code.text().expose()), Some(code.clone()));
            prop_assert_eq!(EnrolmentCode::parse(&format!(" {}\n", code.text().expose())), Some(code));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text: String) {
            let _ = EnrolmentCode::parse(&text);
        }
    }

    #[test]
    fn anything_else_is_no_code() {
        let part = "a".repeat(43);
        for text in [
            String::new(),
            ".".to_owned(),
            part.clone(),
            format!("{part}.{part}x"),
            format!("{part}.{part}."),
        ] {
            assert_eq!(EnrolmentCode::parse(&text), None, "{text}");
        }
    }

    #[test]
    fn a_code_does_not_print_its_secret() {
        let code = EnrolmentCode { agent: "a".to_owned(), secret: Plain::new("hush") };
        assert!(!format!("{code:?}").contains("hush"));
    }
}
