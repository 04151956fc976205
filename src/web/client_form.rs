//! Forms that clients post with their credentials, at the endpoints for tokens: read, authenticated, refused.

use axum::Json;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::request::PageRequest;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::current::Current;
use crate::flow::installation::fault::Blame;
use crate::flow::limits::throttle;
use crate::flow::tokens::error::TokenError;
use crate::flow::tokens::old_secret;
use crate::oidc::client_auth::{AuthenticatedClient, ClientCredentials, authenticate};
use crate::oidc::error::{ErrorCode, OAuthError};
use crate::oidc::params::Params;

/// Sent to a client when the database connection broke and the work may have been done.
const UNKNOWN: &str = "this request may or may not have been carried out: try again later, and start a new \
     authorization if the response is invalid_grant";

/// Reads the parameters, which come as "application/x-www-form-urlencoded" (RFC 6749 section 4.1.3).
pub fn read(headers: &HeaderMap, body: &[u8]) -> Result<Params, OAuthError> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(OAuthError::invalid_request("send application/x-www-form-urlencoded"));
    }
    Params::parse(body).map_err(|error| OAuthError::invalid_request(error.to_string()))
}

/// Authenticates the client of a form by the settings in force. Failures are counted, and recorded in the audit
/// log; so is the use of an old secret.
pub async fn authenticated<'a>(
    PageRequest { web, visit, headers }: &PageRequest,
    current: &'a Current,
    form: &Params,
) -> Result<AuthenticatedClient<'a>, TokenError> {
    let authorization = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
    let credentials = ClientCredentials::read(authorization, form)?;
    let claimed = current.settings.client(credentials.id());
    let authenticated = authenticate(claimed, &credentials, web.parts.now(), |secret, stored| {
        web.parts.is_client_secret(credentials.id(), secret, stored)
    });
    let authenticated = match authenticated {
        Ok(authenticated) => authenticated,
        Err(error) => {
            let client_id = claimed.map(|client| client.client_id.as_str());
            throttle::client_refused(&web.parts, visit, client_id).await?;
            return Err(error.into());
        }
    };
    if authenticated.by_old_secret {
        old_secret::used(&web.parts, visit, authenticated.client).await?;
    }
    Ok(authenticated)
}

/// The response to a client that gets nothing (RFC 6749 section 5.2), with one line in the log.
pub fn refuse(PageRequest { visit, headers, .. }: &PageRequest, error: TokenError) -> Response {
    let id = &visit.attempt_id;
    let error = match error {
        TokenError::OAuth(error) => {
            tracing::info!(%id, %error, hint = error.hint, "a client's request was refused");
            error
        }
        TokenError::Fault(fault) if fault.blame() != Blame::Us => {
            let (status, seconds) = match fault.blame() {
                Blame::RetryAfter(seconds) => (StatusCode::TOO_MANY_REQUESTS, seconds),
                _ => (StatusCode::SERVICE_UNAVAILABLE, 5),
            };
            tracing::error!(%id, fault = %Causes(&fault), "a client's request could not be answered");
            let hint = if fault.leaves_unknown() { UNKNOWN } else { "try again later" };
            let body = Json(OAuthError::new(ErrorCode::TemporarilyUnavailable, hint).body());
            return (status, [(RETRY_AFTER, seconds.to_string())], body).into_response();
        }
        TokenError::Fault(fault) => {
            tracing::error!(%id, fault = %Causes(&fault), "a client's request failed");
            OAuthError::new(ErrorCode::ServerError, format!("request {id}"))
        }
    };
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = (status, Json(error.body())).into_response();
    // RFC 6749 section 5.2: a client that used the header gets a challenge of the scheme that it used.
    if let Some(challenge) = error.www_authenticate().filter(|_| headers.contains_key(AUTHORIZATION)) {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    response
}
