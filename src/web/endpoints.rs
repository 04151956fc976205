//! Wraps the endpoints for clients (`/token`, `/revoke`, `/introspect`, `/userinfo`): errors in JSON, and CORS headers
//! where clients in a browser have something to ask.

use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use tower_http::cors::{AllowOrigin, CorsLayer};
use url::Url;

use super::state::Web;
use crate::domain::client::Client;
use crate::oidc::discovery::path;
use crate::oidc::error::{ErrorBody, ErrorCode, OAuthError};

/// How long a browser may cache a preflight. It need not be short: removed clients lose access by their
/// tokens.
const PREFLIGHT: std::time::Duration = std::time::Duration::from_secs(3600);

/// Adds both layers to these endpoints' routes.
pub fn wrap(routes: Router<Web>, web: &Web) -> Router<Web> {
    routes.layer(from_fn(errors_in_json)).layer(cors(web.clone()))
}

/// The same for endpoints that need a secret, which no client in a browser has.
pub fn without_browsers(routes: Router<Web>) -> Router<Web> {
    routes.layer(from_fn(errors_in_json))
}

/// True for the path of such an endpoint.
pub fn is_endpoint(path: &str) -> bool {
    matches!(path, path::TOKEN | path::REVOKE | path::INTROSPECT | path::USERINFO)
}

/// Response to a method that the endpoint does not support.
pub async fn wrong_method() -> StatusCode {
    StatusCode::METHOD_NOT_ALLOWED
}

/// Response after a handler panicked.
pub fn internal(attempt_id: &str) -> Response {
    tracing::error!(id = %attempt_id, "a handler panicked");
    let error = OAuthError::new(ErrorCode::ServerError, format!("request {attempt_id}"));
    (StatusCode::INTERNAL_SERVER_ERROR, Json(error.body())).into_response()
}

/// Turns the framework's error responses (wrong method; body too long, too slow or broken) into the JSON of
/// RFC 6749 section 5.2; their headers stay.
async fn errors_in_json(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json") {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    let body = Json(error_of(status)).into_response();
    parts.headers.remove(axum::http::header::CONTENT_LENGTH);
    parts.headers.extend(body.headers().clone());
    Response::from_parts(parts, body.into_body())
}

fn error_of(status: StatusCode) -> ErrorBody {
    let error = match status {
        StatusCode::METHOD_NOT_ALLOWED => OAuthError::invalid_request("this method is not allowed here"),
        StatusCode::PAYLOAD_TOO_LARGE => OAuthError::invalid_request("the request is too long"),
        StatusCode::REQUEST_TIMEOUT => OAuthError::invalid_request("the request took too long to arrive"),
        StatusCode::SERVICE_UNAVAILABLE => {
            OAuthError::new(ErrorCode::TemporarilyUnavailable, "try again later")
        }
        status if status.is_server_error() => OAuthError::new(ErrorCode::ServerError, "the request failed"),
        // RFC 6750 section 3.1: the header gives the same error if a token was sent.
        StatusCode::UNAUTHORIZED => return bearer("invalid_token", "send a valid access token"),
        StatusCode::FORBIDDEN => return bearer("insufficient_scope", "the access token lacks a scope"),
        _ => OAuthError::invalid_request("the request could not be read"),
    };
    error.body()
}

fn bearer(error: &'static str, description: &str) -> ErrorBody {
    ErrorBody { error, error_description: description.to_owned() }
}

/// Allows the origins of public clients' redirect URIs. Cookies are not allowed: they do not authenticate
/// here.
fn cors(web: Web) -> CorsLayer {
    let allowed = AllowOrigin::predicate(move |origin: &HeaderValue, _| {
        let clients = &web.parts.current().settings.clients;
        origin.to_str().is_ok_and(|origin| is_of_public_client(origin, clients))
    });
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE])
        .expose_headers([WWW_AUTHENTICATE, RETRY_AFTER])
        .max_age(PREFLIGHT)
}

fn is_of_public_client(origin: &str, clients: &[Client]) -> bool {
    let public = clients.iter().filter(|client| client.is_public());
    public.flat_map(|client| &client.redirect_uris).any(|uri| {
        let own = Url::parse(uri).map(|url| url.origin());
        own.is_ok_and(|own| own.is_tuple() && own.ascii_serialization() == origin)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::client::ClientAuthMethod;

    #[test]
    fn only_origins_of_public_clients_may_read_answers() {
        let client = |method, uris: &[&str]| Client {
            token_endpoint_auth_method: method,
            redirect_uris: uris.iter().map(|uri| (*uri).to_owned()).collect(),
            ..Client::default()
        };
        let clients = [
            client(Some(ClientAuthMethod::None), &["https://app.example/cb", "com.example.app:/cb"]),
            client(Some(ClientAuthMethod::None), &["http://localhost:3000/cb"]),
            client(None, &["https://server.example/cb"]),
        ];
        let table = [
            ("https://app.example", true),
            ("http://localhost:3000", true),
            ("https://app.example:443", false),
            ("http://app.example", false),
            ("https://app.example.evil.example", false),
            ("https://server.example", false),
            ("com.example.app:", false),
            ("null", false),
            ("*", false),
            ("", false),
        ];
        for (origin, allowed) in table {
            assert_eq!(is_of_public_client(origin, &clients), allowed, "{origin}");
        }
    }
}
