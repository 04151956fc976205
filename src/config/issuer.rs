//! The issuer. Clients compare it character by character, so only one spelling is accepted.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

/// The issuer, such as `https://idp.example.com`: scheme, host and a non-default port, without a slash at the
/// end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    text: String,
    https: bool,
    loopback: bool,
}

impl Issuer {
    /// OpenID Connect Discovery 1.0 section 3: scheme and host, no query, no fragment. No path either,
    /// because `__Host-` cookies require the root path.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = |what: &str| format!("{text:?} {what}, such as https://idp.example.com");
        let url = Url::parse(text).map_err(|_| wrong("is not an address; use scheme and host"))?;
        let https = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(wrong("is not allowed; use https (http for localhost)")),
        };
        let host = url.host().ok_or_else(|| wrong("has no host; use scheme and host"))?;
        let spelled = url.origin().ascii_serialization();
        if text != spelled {
            return Err(format!(
                "{text:?} is not allowed; clients compare it character by character, so write it without path, \
                 query, fragment, user name and slash at the end: {spelled}"
            ));
        }
        let loopback = is_loopback(&host);
        Ok(Self { text: spelled, https, loopback })
    }

    /// The issuer as a string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// True for `https`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// True for `localhost`, `127.0.0.0/8` and `[::1]`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => IpAddr::V4(*address).is_loopback(),
        Host::Ipv6(address) => IpAddr::V6(*address).is_loopback(),
    }
}
