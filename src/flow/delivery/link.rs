//! The connection to one service: its address, its tokens, and messages over HTTP.

use std::time::Duration;

use url::Url;

use super::headers::{header, retry_after_of};
use super::tokens::{ServiceSecrets, TokenEndpoint, TokenSource};
use crate::clock::Clock;
use crate::delivery::http::{
    Authorization, HttpBody, HttpClient, HttpError, HttpReply, HttpRequest, Outbound,
};
use crate::delivery::scim::{Message, Method, Reply};
use crate::domain::Millis;
use crate::domain::delivery::Failure;
use crate::domain::outbound::ServiceRule;
use crate::domain::secret::Plain;
use crate::domain::settings::Provisioning;
use crate::flow::settings::SettingsError;
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
    tokens: TokenSource,
    clock: Clock,
}

/// How the addresses of a service are reached.
pub(super) fn outbound(service: &Provisioning, timeout: Duration) -> Outbound {
    // What can't be read was refused when the settings were saved.
    let networks = service.private_addresses.iter().filter_map(|text| text.parse().ok()).collect();
    Outbound {
        rule: ServiceRule { networks },
        ca_pem: service.ca_pem.clone(),
        proxy: service.proxy.as_deref().and_then(|proxy| Url::parse(proxy).ok()),
        timeout,
        most_bytes: MOST_BYTES,
    }
}

impl ServiceLink {
    pub(super) fn new(service: &Provisioning, sealer: &Sealer, clock: Clock) -> Result<Self, LinkError> {
        let secrets = ServiceSecrets::stored(service, sealer)?;
        Ok(Self::with(service, secrets, &outbound(service, TIMEOUT), clock)?)
    }

    /// The same with these secrets.
    pub(super) fn with(
        service: &Provisioning,
        secrets: ServiceSecrets,
        outbound: &Outbound,
        clock: Clock,
    ) -> Result<Self, HttpError> {
        let tokens = TokenSource::new(service, secrets, outbound, clock.clone())?;
        let base = service.base_url.trim_end_matches('/').to_owned();
        Ok(Self { client: HttpClient::new(outbound)?, base, tokens, clock })
    }

    /// The token endpoint, if the tokens come from one.
    pub(super) fn token_endpoint(&self) -> Option<&TokenEndpoint> {
        match &self.tokens {
            TokenSource::Settings(_) => None,
            TokenSource::Endpoint(endpoint) => Some(endpoint),
        }
    }

    /// Sends a message. If the service refuses the token, another one is sent: a change of token loses nothing, and
    /// one that has ended before its time is got anew.
    pub(super) async fn send(&self, message: &Message) -> Result<Reply, Failure> {
        let (mut token, mut tried) = (self.tokens.first().await?, 0);
        loop {
            let request = self.request(message, &token.token)?;
            let reply = self.client.send(request).await.map_err(failure)?;
            let reply = read(reply, self.clock.now());
            if reply.status != 401 {
                self.tokens.taken(&token);
                return Ok(reply);
            }
            tried += 1;
            match self.tokens.instead_of(&token, tried).await? {
                Some(other) => token = other,
                None => return Ok(reply),
            }
        }
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
            authorization: Some(Authorization::Bearer(token.clone())),
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
    Reply {
        status: reply.status,
        etag: header(&reply, "etag"),
        location: header(&reply, "location"),
        retry_after: retry_after_of(&reply, now),
        body: reply.body,
    }
}
