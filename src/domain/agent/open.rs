//! The request for a stream: a place in the agent's own list, and for a domain the name of one of its servers. It is written
//! as the path of an HTTP/2 request.

use core::fmt;

use crate::domain::words;

const PREFIX: &str = "/open/";
/// RFC 1035 section 2.3.4.
const LONGEST_HOST: usize = 253;

/// A request for a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The place in the list that the agent has announced.
    pub target: usize,
    /// Which server of a domain.
    pub host: Option<String>,
}

impl Open {
    /// Reads a path; `None` for anything else.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let rest = path.strip_prefix(PREFIX)?;
        let (target, host) = match rest.split_once('/') {
            Some((target, host)) => (target, Some(host)),
            None => (rest, None),
        };
        let is_number = (1..=4).contains(&target.len()) && target.bytes().all(|byte| byte.is_ascii_digit());
        let is_host = |host: &str| {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
            (1..=LONGEST_HOST).contains(&host.len()) && host.bytes().all(allowed)
        };
        if !is_number || !host.is_none_or(is_host) {
            return None;
        }
        Some(Self { target: target.parse().ok()?, host: host.map(str::to_owned) })
    }
}

impl fmt::Display for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", self.target)?;
        self.host.as_ref().map_or(Ok(()), |host| write!(f, "/{host}"))
    }
}

words! {
    /// Why an agent refuses a stream.
    pub enum OpenRefusal {
        /// The request can't be read.
        Malformed = "malformed",
        /// The list has no such place, or the domain no such server.
        NotListed = "not_listed",
        /// The name has no address.
        Unresolved = "unresolved",
        /// The name has only addresses that the agent may not dial.
        AddressRefused = "address_refused",
        /// No address accepts a connection.
        Unreachable = "unreachable",
    }
}

impl OpenRefusal {
    /// The refusal in words, for administrators.
    #[must_use]
    pub const fn explained(self) -> &'static str {
        match self {
            Self::Malformed => "the agent can't read the request: its version does not fit the provider's",
            Self::NotListed => "the server is not on the agent's list",
            Self::Unresolved => "the name has no address at the agent",
            Self::AddressRefused => "the name has an address that the agent may not dial",
            Self::Unreachable => "the agent can't connect to the server",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_names_a_place_and_never_an_address_with_a_port() {
        let table = [
            ("/open/0", Some((0, None))),
            ("/open/12/dc1.corp.example.com", Some((12, Some("dc1.corp.example.com")))),
            ("/open/", None),
            ("/open", None),
            ("/open/x", None),
            ("/open/-1", None),
            ("/open/+1", None),
            ("/open/99999", None),
            ("/open/1/", None),
            ("/open/1/dc1:22", None),
            ("/open/1/a/b", None),
            ("/open/1/[::1]", None),
            ("/other/1", None),
        ];
        for (path, expected) in table {
            let open = expected.map(|(target, host)| Open { target, host: host.map(str::to_owned) });
            assert_eq!(Open::parse(path), open, "{path}");
        }
    }

    proptest! {
        #[test]
        fn a_request_is_read_as_it_was_written(target in 0usize..10_000, host in prop::option::of("[a-z0-9._-]{1,253}")) {
            let open = Open { target, host };
            prop_assert_eq!(Open::parse(&open.to_string()), Some(open));
        }

        #[test]
        fn no_path_makes_the_reader_panic(path in "(/open/)?.*") {
            let _ = Open::parse(&path);
        }
    }
}
