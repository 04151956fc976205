//! Tell clients that a session has ended (OpenID Connect Back-Channel Logout 1.0 section 2.5). Each try has a token of
//! its own. What is not confirmed is tried again for a day.

use std::time::Duration;

use futures_util::future::join_all;
use ipnet::IpNet;
use rand::RngExt as _;
use serde_json::json;
use url::Url;

use crate::delivery::http::{HttpBody, HttpClient, HttpError, HttpRequest, Outbound};
use crate::domain::audit::{Decision, Event};
use crate::domain::client::Client;
use crate::domain::delivery::backoff;
use crate::domain::network::is_loopback;
use crate::domain::outbound::ServiceRule;
use crate::domain::{DAY, Millis, SECOND};
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::fault::Fault;
use crate::keys::KeyError;
use crate::oidc::logout_token::{LOGOUT_TOKEN_TYPE, LogoutTokenClaims};
use crate::store::WaitingLogout;

/// How long a client has to answer.
const ANSWER: Duration = Duration::from_secs(10);
/// Nobody else tries a logout for this long; longer than a try takes.
const TRY: Millis = 30 * SECOND;
/// How long a client is told of an end.
const GIVE_UP: Millis = DAY;
/// A client that is away is left alone for this long, whatever waits for it.
const AWAY: Duration = Duration::from_secs(2);
/// How many tokens one client is sent at once.
const AT_ONCE: usize = 16;
/// How many are read at a time.
const PAGE: u32 = 100;
/// Only the status counts, but a long page of an error must not look like no answer.
const MOST_BYTES: usize = 1024 * 1024;

/// A client, and the way to it.
pub struct LogoutChannel {
    client: Client,
    url: Url,
    http: HttpClient,
}

/// How a try ended.
enum Tried {
    /// The client has confirmed it, or somebody else tells it.
    Done,
    /// The client has refused this one.
    Refused,
    /// The client can't be reached, or has failed.
    Away,
}

impl LogoutChannel {
    /// The way to a client that wants to be told; `None` if it does not.
    #[must_use]
    pub fn new(client: &Client) -> Option<Result<Self, HttpError>> {
        // An invalid address or network is never stored.
        let url = Url::parse(client.backchannel_logout_uri.as_deref()?).ok()?;
        let outbound = Outbound {
            rule: ServiceRule { networks: networks(client, &url) },
            ca_pem: None,
            proxy: None,
            timeout: ANSWER,
            most_bytes: MOST_BYTES,
        };
        let client = client.clone();
        Some(HttpClient::new(&outbound).map(|http| Self { client, url, http }))
    }

    /// Tells the client what it has to be told now.
    pub async fn tell(&self, parts: &LoginParts) {
        let told = self.tell_all(parts).await;
        if let Err(error) = &told {
            tracing::warn!(error = %Causes(error), "clients can't be told that sessions have ended");
        }
        if !told.is_ok_and(|is_there| is_there) {
            tokio::time::sleep(AWAY).await;
        }
    }

    /// False if the client is away.
    async fn tell_all(&self, parts: &LoginParts) -> Result<bool, Fault> {
        loop {
            let id = &self.client.client_id;
            let waiting = parts.store.identity().waiting_logouts(id, parts.now(), PAGE).await?;
            if waiting.is_empty() {
                return Ok(true);
            }
            for some in waiting.chunks(AT_ONCE) {
                for tried in join_all(some.iter().map(|logout| self.tell_one(parts, logout))).await {
                    if matches!(tried?, Tried::Away) {
                        return Ok(false);
                    }
                }
            }
        }
    }

    async fn tell_one(&self, parts: &LoginParts, logout: &WaitingLogout) -> Result<Tried, Fault> {
        let store = parts.store.identity();
        if !store.take_logout(logout, parts.now() + TRY).await? {
            return Ok(Tried::Done);
        }
        let answer = self.http.send(self.request(parts, logout)?).await;
        let status = answer.as_ref().ok().map(|reply| reply.status);
        let what = match &answer {
            Ok(reply) => format!("status {}", reply.status),
            Err(error) => error.to_string(),
        };
        // Section 2.8: 200. "Web frameworks will substitute an HTTP 204 No Content response".
        if matches!(status, Some(200 | 204)) {
            store.finish_logout(logout, &event(parts, logout, Decision::BackchannelLogout, &what)).await?;
            return Ok(Tried::Done);
        }
        tracing::info!(
            client = logout.client_id,
            answer = what,
            "a client did not confirm the end of a session"
        );
        let next = parts.now() + backoff(logout.attempts + 1, None, rand::rng().random_range(0.0..1.0));
        if next >= logout.ended_at + GIVE_UP {
            tracing::warn!(client = logout.client_id, answer = what, "a client could not be told for a day");
            let failed = event(parts, logout, Decision::BackchannelLogoutFailed, &what);
            store.finish_logout(logout, &failed).await?;
        } else {
            store.postpone_logout(logout, next).await?;
        }
        Ok(match status {
            // Section 2.8: "If the logout request was invalid or the logout failed", which says nothing of others.
            Some(400) => Tried::Refused,
            _ => Tried::Away,
        })
    }

    fn request(&self, parts: &LoginParts, logout: &WaitingLogout) -> Result<HttpRequest, KeyError> {
        let (client, subject) = (&self.client, (logout.account.0.as_str(), logout.sid.as_str()));
        let claims =
            LogoutTokenClaims::new(&parts.issuer, subject, &client.client_id, parts.random_id(), parts.now());
        let claims = serde_json::to_vec(&claims).map_err(|_| KeyError::Unserializable)?;
        let ring = parts.keys.ring();
        let token = ring.sign(client.id_token_signed_response_alg, LOGOUT_TOKEN_TYPE, &claims)?;
        // The characters of a JWT need no encoding in a form.
        let bytes = format!("logout_token={token}").into_bytes();
        Ok(HttpRequest {
            method: "POST",
            url: self.url.clone(),
            authorization: None,
            headers: Vec::new(),
            body: Some(HttpBody { content_type: "application/x-www-form-urlencoded", bytes }),
        })
    }
}

/// Private networks in which the address may be: those of the settings, and this machine if the address names it.
fn networks(client: &Client, url: &Url) -> Vec<IpNet> {
    let here: &[&str] = match url.host_str().is_some_and(is_loopback) {
        true => &["127.0.0.0/8", "::1/128"],
        false => &[],
    };
    let named = client.private_addresses.iter().map(String::as_str);
    named.chain(here.iter().copied()).filter_map(|network| network.parse().ok()).collect()
}

fn event(parts: &LoginParts, logout: &WaitingLogout, decision: Decision, answer: &str) -> Event {
    let detail = json!({ "answer": answer, "attempts": logout.attempts + 1 });
    Event {
        client_id: Some(logout.client_id.clone()),
        detail: Some(detail.to_string()),
        ..Event::new(parts.now(), decision).about(&logout.account, None)
    }
}
