//! The connection to one service: its address, its tokens, and messages over HTTP.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use url::Url;
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::delivery::http::{HttpBody, HttpClient, HttpError, HttpReply, HttpRequest, Outbound};
use crate::delivery::scim::{Message, Method, Reply};
use crate::domain::delivery::Failure;
use crate::domain::outbound::ServiceRule;
use crate::domain::secret::Plain;
use crate::domain::settings::Provisioning;
use crate::domain::{Millis, SECOND};
use crate::flow::settings::{SettingsError, service_tokens};
use crate::keys::Sealer;

/// For a request and its whole answer.
const TIMEOUT: Duration = Duration::from_secs(15);
/// A group with a hundred thousand members is shorter.
const MOST_BYTES: usize = 16 * 1_024 * 1_024;
/// RFC 7644 section 8.1.
const SCIM: &str = "application/scim+json";

/// Why a service can't be spoken to.
#[derive(Debug, thiserror::Error)]
pub(super) enum LinkError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Http(#[from] HttpError),
}

/// The connection to a service.
pub(super) struct ServiceLink {
    client: HttpClient,
    base: String,
    tokens: Vec<Plain>,
    /// The token that the service has taken last.
    current: AtomicUsize,
    clock: Clock,
}

impl ServiceLink {
    pub(super) fn new(service: &Provisioning, sealer: &Sealer, clock: Clock) -> Result<Self, LinkError> {
        // Both were checked when the settings were saved.
        let networks = service.private_addresses.iter().filter_map(|text| text.parse().ok()).collect();
        let proxy = service.proxy.as_deref().and_then(|proxy| Url::parse(proxy).ok());
        let client = HttpClient::new(&Outbound {
            rule: ServiceRule { networks },
            ca_pem: service.ca_pem.clone(),
            proxy,
            timeout: TIMEOUT,
            most_bytes: MOST_BYTES,
        })?;
        let (base, tokens) =
            (service.base_url.trim_end_matches('/').to_owned(), service_tokens(service, sealer)?);
        Ok(Self { client, base, tokens, current: AtomicUsize::new(0), clock })
    }

    /// Sends a message. If the service refuses the token that it took last, the other one is sent: a change of token
    /// loses nothing.
    pub(super) async fn send(&self, message: &Message) -> Result<Reply, Failure> {
        let first = self.current.load(Ordering::Relaxed);
        let mut refused = None;
        for turn in 0..self.tokens.len() {
            let index = (first + turn) % self.tokens.len();
            let request = self.request(message, &self.tokens[index])?;
            let reply = self.client.send(request).await.map_err(failure)?;
            let reply = read(reply, self.clock.now());
            if reply.status != 401 {
                self.current.store(index, Ordering::Relaxed);
                return Ok(reply);
            }
            refused = Some(reply);
        }
        refused.ok_or_else(|| Failure::NotSent("there is no token".to_owned()))
    }

    fn request(&self, message: &Message, token: &Plain) -> Result<HttpRequest, Failure> {
        let url = Url::parse(&format!("{}/{}", self.base, message.path));
        let url = url.map_err(|error| Failure::NotSent(error.to_string()))?;
        let mut headers = vec![("accept", format!("{SCIM}, application/json"))];
        headers.extend(message.if_match.clone().map(|etag| ("if-match", etag)));
        let body = message.body.as_ref();
        Ok(HttpRequest {
            method: method(message.method),
            url,
            bearer: Some(Zeroizing::new(token.expose().to_owned())),
            headers,
            body: body.map(|body| HttpBody { content_type: SCIM, bytes: body.to_string().into_bytes() }),
        })
    }
}

fn method(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    }
}

fn failure(error: HttpError) -> Failure {
    match error {
        HttpError::Settings(words) | HttpError::NotSent(words) => Failure::NotSent(words),
        HttpError::Lost(words) => Failure::Lost(words),
        HttpError::TooLarge(_) => Failure::Garbage(error.to_string()),
    }
}

fn read(reply: HttpReply, now: Millis) -> Reply {
    let header = |name: &str| reply.headers.get(name)?.to_str().ok().map(str::to_owned);
    Reply {
        status: reply.status,
        etag: header("etag"),
        location: header("location"),
        retry_after: header("retry-after").and_then(|text| retry_after(&text, now)),
        body: reply.body,
    }
}

/// RFC 9110 section 10.2.3: seconds, or a date.
fn retry_after(text: &str, now: Millis) -> Option<Millis> {
    if let Ok(seconds) = text.trim().parse::<u32>() {
        return Some(Millis::from(seconds) * SECOND);
    }
    let at = jiff::fmt::rfc2822::parse(text.trim()).ok()?;
    Some((at.timestamp().as_millisecond() - now).max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = 784_111_777_000;
        for (text, expected) in [
            ("120", Some(120 * SECOND)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:40 GMT", Some(3 * SECOND)),
            ("Sun, 06 Nov 1994 08:49:30 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(retry_after(text, now), expected, "{text}");
        }
    }
}
