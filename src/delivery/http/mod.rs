//! One HTTP client for all that is sent to services. It follows no redirects, connects to public addresses and
//! those that the settings name, and reads no more than it has to.

mod client;
mod resolver;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use reqwest::header::HeaderMap;
use url::Url;

pub use self::client::HttpClient;
use crate::domain::outbound::ServiceRule;
use crate::domain::secret::Plain;

/// How a service is reached.
#[derive(Clone, Debug)]
pub struct Outbound {
    /// Which addresses it may have.
    pub rule: ServiceRule,
    /// Its own CAs as PEM; without, those of the system.
    pub ca_pem: Option<String>,
    /// The HTTP proxy on the way. It looks up the names of services, and has to keep them from private addresses.
    pub proxy: Option<Url>,
    /// For a request and its whole answer.
    pub timeout: Duration,
    /// The longest body that is read, in bytes.
    pub most_bytes: usize,
}

/// A request.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    /// GET, POST, PUT, PATCH or DELETE.
    pub method: &'static str,
    /// `https`, or `http` to this machine.
    pub url: Url,
    pub authorization: Option<Authorization>,
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<HttpBody>,
}

/// How a request authenticates.
#[derive(Clone, Debug)]
pub enum Authorization {
    /// A bearer token (RFC 6750 section 2.1).
    Bearer(Plain),
    /// User name and password, joined and in Base64 (RFC 7617 section 2).
    Basic(Plain),
}

/// What a request carries.
#[derive(Clone)]
pub struct HttpBody {
    pub content_type: &'static str,
    pub bytes: Vec<u8>,
}

/// A body may hold a secret, and people's data.
impl fmt::Debug for HttpBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {} bytes]", self.content_type, self.bytes.len())
    }
}

/// An answer with any status; a redirect is one too.
#[derive(Clone, Debug)]
pub struct HttpReply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// Why there is no answer; the texts carry no address and no token.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The settings of the client can't be used.
    #[error("{0}")]
    Settings(String),
    /// Nothing has reached the service.
    #[error("{0}")]
    NotSent(String),
    /// The request may have taken effect.
    #[error("{0}")]
    Lost(String),
    /// The answer is longer than [`Outbound::most_bytes`]; the request may have taken effect.
    #[error("the answer is longer than {0} bytes")]
    TooLarge(usize),
}
