//! The access tokens that are sent to a service: those of the settings, or those that its token endpoint gives.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use url::Url;

use super::headers::retry_after_of;
use crate::clock::Clock;
use crate::delivery::http::{HttpClient, HttpError, Outbound};
use crate::delivery::oauth::{AccessToken, ClientCredentials, access_token, token_request};
use crate::delivery::probe::server_of;
use crate::domain::Millis;
use crate::domain::delivery::{Failure, TokenFailure, usable_until};
use crate::domain::secret::Plain;
use crate::domain::settings::Provisioning;
use crate::flow::settings::{SettingsError, service_client_secret, service_tokens};
use crate::keys::Sealer;

/// An answer of a token endpoint is shorter.
const MOST_BYTES: usize = 64 * 1_024;
/// For a token and its whole answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How a service knows this installation.
#[derive(Clone)]
pub(super) enum ServiceSecrets {
    /// Bearer tokens; the current one is the first.
    Tokens(Vec<Plain>),
    /// The secret for the token endpoint.
    Client(Plain),
}

impl ServiceSecrets {
    /// The sealed ones of the settings, if they may be sent where these say.
    pub(super) fn stored(service: &Provisioning, sealer: &Sealer) -> Result<Self, SettingsError> {
        Ok(match service_client_secret(service, sealer)? {
            Some(secret) => Self::Client(secret),
            None => Self::Tokens(service_tokens(service, sealer)?),
        })
    }
}

/// A token, and its number among those of its source.
pub(super) struct NumberedToken {
    pub(super) token: Plain,
    number: usize,
}

/// Where tokens come from.
pub(super) enum TokenSource {
    Settings(SettingsTokens),
    Endpoint(Box<TokenEndpoint>),
}

impl TokenSource {
    /// Fails if the CAs, the proxy or the address can't be used. `outbound` is the way to the service.
    pub(super) fn new(
        service: &Provisioning,
        secrets: ServiceSecrets,
        outbound: &Outbound,
        clock: Clock,
    ) -> Result<Self, HttpError> {
        Ok(match secrets {
            ServiceSecrets::Tokens(tokens) => {
                Self::Settings(SettingsTokens { tokens, current: AtomicUsize::new(0) })
            }
            ServiceSecrets::Client(secret) => {
                Self::Endpoint(Box::new(TokenEndpoint::new(service, secret, outbound, clock)?))
            }
        })
    }

    /// The token to send first.
    pub(super) async fn first(&self) -> Result<NumberedToken, Failure> {
        match self {
            Self::Settings(tokens) => tokens.at(tokens.current.load(Ordering::Relaxed)),
            Self::Endpoint(endpoint) => endpoint.token(None).await,
        }
    }

    /// The service has taken this token.
    pub(super) fn taken(&self, token: &NumberedToken) {
        if let Self::Settings(tokens) = self {
            tokens.current.store(token.number, Ordering::Relaxed);
        }
    }

    /// Another token instead of one that the service has refused; `tried` is how many it has refused. `None` if there
    /// is no other one.
    pub(super) async fn instead_of(
        &self,
        refused: &NumberedToken,
        tried: usize,
    ) -> Result<Option<NumberedToken>, Failure> {
        match self {
            Self::Settings(tokens) if tried < tokens.tokens.len() => tokens.at(refused.number + 1).map(Some),
            Self::Endpoint(endpoint) if tried < 2 => endpoint.token(Some(refused.number)).await.map(Some),
            Self::Settings(_) | Self::Endpoint(_) => Ok(None),
        }
    }
}

/// The tokens of the settings: a second one loses nothing when the first is given up.
pub(super) struct SettingsTokens {
    tokens: Vec<Plain>,
    /// The one that the service has taken last.
    current: AtomicUsize,
}

impl SettingsTokens {
    fn at(&self, number: usize) -> Result<NumberedToken, Failure> {
        let number = number.checked_rem(self.tokens.len()).unwrap_or_default();
        match self.tokens.get(number) {
            Some(token) => Ok(NumberedToken { token: token.clone(), number }),
            None => Err(Failure::NotSent("there is no token".to_owned())),
        }
    }
}

/// A token endpoint, and the token that it has given last. It is kept in memory only.
pub(super) struct TokenEndpoint {
    client: HttpClient,
    credentials: ClientCredentials,
    clock: Clock,
    held: Mutex<HeldToken>,
    /// How often the endpoint was asked.
    asked: AtomicU64,
}

#[derive(Default)]
struct HeldToken {
    /// The token, its number, and until when it is used.
    token: Option<(Plain, usize, Millis)>,
    /// Why the endpoint has given none when it was asked last.
    failure: Option<TokenFailure>,
}

impl HeldToken {
    fn usable(&self, now: Millis) -> Option<NumberedToken> {
        let (token, number, until) = self.token.as_ref()?;
        (now < *until).then(|| NumberedToken { token: token.clone(), number: *number })
    }
}

impl TokenEndpoint {
    fn new(
        service: &Provisioning,
        secret: Plain,
        outbound: &Outbound,
        clock: Clock,
    ) -> Result<Self, HttpError> {
        let url = Url::parse(service.oauth_token_endpoint.as_deref().unwrap_or_default());
        let token_endpoint =
            url.map_err(|_| HttpError::Settings("oauth_token_endpoint is missing".to_owned()))?;
        let timeout = outbound.timeout.min(TIMEOUT);
        let client = HttpClient::new(&Outbound { timeout, most_bytes: MOST_BYTES, ..outbound.clone() })?;
        let credentials = ClientCredentials {
            token_endpoint,
            client_id: service.oauth_client_id.clone().unwrap_or_default(),
            client_secret: secret,
            scope: service.oauth_scope.clone(),
            method: service.oauth_auth_method,
        };
        Ok(Self { client, credentials, clock, held: Mutex::default(), asked: AtomicU64::new(0) })
    }

    /// The token that is held, or a new one. `refused`: the number of one that the service does not take any more.
    async fn token(&self, refused: Option<usize>) -> Result<NumberedToken, Failure> {
        let before = self.asked.load(Ordering::Relaxed);
        let mut held = self.held.lock().await;
        held.token.take_if(|(_, number, _)| refused == Some(*number));
        if let Some(token) = held.usable(self.clock.now()) {
            return Ok(token);
        }
        // Many wait here at once. Whoever has waited while the endpoint gave none does not ask again.
        if self.asked.load(Ordering::Relaxed) != before
            && let Some(failure) = &held.failure
        {
            return Err(failure.clone().into());
        }
        let asked_at = self.clock.now();
        let answer = self.ask().await;
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        match answer {
            Ok(AccessToken { token, lifetime }) => {
                let number = usize::try_from(number).unwrap_or(usize::MAX);
                *held = HeldToken {
                    token: Some((token.clone(), number, usable_until(asked_at, lifetime))),
                    failure: None,
                };
                Ok(NumberedToken { token, number })
            }
            Err(failure) => {
                held.failure = Some(failure.clone());
                Err(failure.into())
            }
        }
    }

    /// Its host and port.
    pub(super) fn server(&self) -> String {
        server_of(&self.credentials.token_endpoint)
    }

    /// Asks for a token.
    pub(super) async fn ask(&self) -> Result<AccessToken, TokenFailure> {
        let reply = self.client.send(token_request(&self.credentials)).await;
        let reply = reply.map_err(|error| TokenFailure::NoAnswer(error.to_string()))?;
        access_token(reply.status, retry_after_of(&reply, self.clock.now()), &reply.body)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::Router;
    use axum::http::StatusCode;
    use axum::routing::post;
    use futures_util::future::join_all;
    use tokio::net::TcpListener;

    use super::*;
    use crate::domain::outbound::ServiceRule;
    use crate::domain::{HOUR, MINUTE};

    /// A token endpoint that gives `token 1`, `token 2` and so on, each for an hour, with this status.
    struct Given {
        endpoint: TokenEndpoint,
        clock: Clock,
        asked: Arc<AtomicU64>,
    }

    async fn given(status: u16) -> Given {
        let asked = Arc::new(AtomicU64::new(0));
        let counted = asked.clone();
        let answer = async move || {
            let number = counted.fetch_add(1, Ordering::Relaxed) + 1;
            let body = format!("{{\"access_token\": \"token-{number}\", \"expires_in\": 3600}}");
            (StatusCode::from_u16(status).expect("a status"), body)
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/token", listener.local_addr().expect("an address"));
        let routes = Router::new().route("/token", post(answer));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let key = rcgen::KeyPair::generate().expect("a key");
        let ca = rcgen::CertificateParams::new(["ca".to_owned()]).expect("names").self_signed(&key);
        let outbound = Outbound {
            rule: ServiceRule { networks: vec!["127.0.0.0/8".parse().expect("a network")] },
            ca_pem: Some(ca.expect("a certificate").pem()),
            proxy: None,
            timeout: TIMEOUT,
            most_bytes: MOST_BYTES,
        };
        let service = Provisioning { oauth_token_endpoint: Some(url), ..Provisioning::default() };
        let clock = Clock::fixed(0);
        let endpoint = TokenEndpoint::new(&service, Plain::new("secret"), &outbound, clock.clone());
        Given { endpoint: endpoint.expect("an endpoint"), clock, asked }
    }

    impl Given {
        async fn token(&self, refused: Option<usize>) -> NumberedToken {
            self.endpoint.token(refused).await.unwrap_or_else(|failure| panic!("{failure}"))
        }

        fn asked(&self) -> u64 {
            self.asked.load(Ordering::Relaxed)
        }
    }

    #[tokio::test]
    async fn a_token_is_kept_until_it_expires_or_is_refused() {
        let given = given(200).await;
        let first = join_all((0..20).map(|_| given.token(None))).await;
        assert!(first.iter().all(|one| one.token.expose() == "token-1"));
        assert_eq!(given.asked(), 1, "many wait for one request");
        given.clock.advance(HOUR - MINUTE - 1);
        assert_eq!(given.token(None).await.token.expose(), "token-1");
        given.clock.advance(1);
        let second = given.token(None).await;
        assert_eq!(second.token.expose(), "token-2", "a minute before its end");

        let others = join_all((0..20).map(|_| given.token(Some(second.number)))).await;
        assert!(others.iter().all(|one| one.token.expose() == "token-3"));
        assert_eq!(given.asked(), 3, "refused many times, and got anew once");
        let late = given.token(Some(first[0].number)).await;
        assert_eq!(late.token.expose(), "token-3", "what an older request says does not count");
    }

    #[tokio::test]
    async fn whoever_has_waited_while_there_was_none_does_not_ask_again() {
        let given = given(500).await;
        let all = join_all((0..20).map(|_| given.endpoint.token(None))).await;
        assert!(all.iter().all(|one| matches!(one, Err(Failure::NotSent(_)))));
        assert_eq!(given.asked(), 1);
        assert!(given.endpoint.token(None).await.is_err());
        assert_eq!(given.asked(), 2, "the next attempt asks again");
    }
}
