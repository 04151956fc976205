//! The token endpoint (RFC 6749 section 3.2).

use axum::Json;
use axum::body::Bytes;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::request::PageRequest;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::fault::Blame;
use crate::flow::limits::throttle;
use crate::flow::tokens::error::TokenError;
use crate::flow::tokens::request::ClientRequest;
use crate::flow::tokens::{client, exchange, old_secret, refresh};
use crate::oidc::client_auth::{AuthenticatedClient, ClientCredentials, authenticate};
use crate::oidc::error::{ErrorCode, OAuthError};
use crate::oidc::params::Params;
use crate::oidc::token::{TokenRequest, TokenResponse, check};

/// Sent to a client when the database connection broke and the work may have been done.
const UNKNOWN: &str = "this request may or may not have been carried out: try again later, and start a new \
     authorization if the response is invalid_grant";

/// `POST /token`.
pub async fn post(request: PageRequest, body: Bytes) -> Response {
    match tokens(&request, &body).await {
        Ok(tokens) => ([("pragma", "no-cache")], Json(tokens)).into_response(),
        Err(error) => refuse(&request, error),
    }
}

async fn tokens(request: &PageRequest, body: &[u8]) -> Result<TokenResponse, TokenError> {
    let PageRequest { web, visit, headers } = request;
    let form = form(headers, body)?;
    let authorization = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
    let credentials = ClientCredentials::read(authorization, &form)?;
    let current = web.parts.current();
    let claimed = current.settings.client(credentials.id());
    let authenticated = authenticate(claimed, &credentials, web.parts.now(), |secret, stored| {
        web.parts.is_client_secret(credentials.id(), secret, stored)
    });
    let AuthenticatedClient { client, by_old_secret } = match authenticated {
        Ok(authenticated) => authenticated,
        Err(error) => {
            let client_id = claimed.map(|client| client.client_id.as_str());
            throttle::client_refused(&web.parts, visit, client_id).await?;
            return Err(error.into());
        }
    };
    if by_old_secret {
        old_secret::used(&web.parts, visit, client).await?;
    }
    let request = ClientRequest { parts: &web.parts, current: &current, visit, client };
    match check(&form, client)? {
        TokenRequest::AuthorizationCode(asked) => exchange::exchange(request, &asked).await,
        TokenRequest::ClientCredentials => client::grant(request, by_old_secret).await,
        TokenRequest::RefreshToken(asked) => refresh::refresh(request, &asked).await,
    }
}

/// RFC 6749 section 4.1.3: the parameters come as "application/x-www-form-urlencoded".
fn form(headers: &HeaderMap, body: &[u8]) -> Result<Params, OAuthError> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(OAuthError::invalid_request("send application/x-www-form-urlencoded"));
    }
    Params::parse(body).map_err(|error| OAuthError::invalid_request(error.to_string()))
}

fn refuse(PageRequest { visit, headers, .. }: &PageRequest, error: TokenError) -> Response {
    let id = &visit.attempt_id;
    let error = match error {
        TokenError::OAuth(error) => {
            tracing::info!(%id, %error, hint = error.hint, "a token request was refused");
            error
        }
        TokenError::Fault(fault) if fault.blame() != Blame::Us => {
            let (status, seconds) = match fault.blame() {
                Blame::RetryAfter(seconds) => (StatusCode::TOO_MANY_REQUESTS, seconds),
                _ => (StatusCode::SERVICE_UNAVAILABLE, 5),
            };
            tracing::error!(%id, fault = %Causes(&fault), "a token request could not be answered");
            let hint = if fault.leaves_unknown() { UNKNOWN } else { "try again later" };
            let body = Json(OAuthError::new(ErrorCode::TemporarilyUnavailable, hint).body());
            return (status, [(RETRY_AFTER, seconds.to_string())], body).into_response();
        }
        TokenError::Fault(fault) => {
            tracing::error!(%id, fault = %Causes(&fault), "a token request failed");
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
