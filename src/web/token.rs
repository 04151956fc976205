//! The token endpoint (RFC 6749 section 3.2).

use axum::Json;
use axum::body::Bytes;
use axum::response::{IntoResponse, Response};

use super::client_form;
use super::request::PageRequest;
use crate::flow::tokens::error::TokenError;
use crate::flow::tokens::request::ClientRequest;
use crate::flow::tokens::{client, exchange, refresh};
use crate::oidc::client_auth::AuthenticatedClient;
use crate::oidc::token::{TokenRequest, TokenResponse, check};

/// `POST /token`.
pub async fn post(request: PageRequest, body: Bytes) -> Response {
    match tokens(&request, &body).await {
        Ok(tokens) => ([("pragma", "no-cache")], Json(tokens)).into_response(),
        Err(error) => client_form::refuse(&request, error),
    }
}

async fn tokens(request: &PageRequest, body: &[u8]) -> Result<TokenResponse, TokenError> {
    let form = client_form::read(&request.headers, body)?;
    let current = request.web.parts.current();
    let AuthenticatedClient { client, by_old_secret } =
        client_form::authenticated(request, &current, &form).await?;
    let PageRequest { web, visit, .. } = request;
    let request = ClientRequest { parts: &web.parts, current: &current, visit, client };
    match check(&form, client)? {
        TokenRequest::AuthorizationCode(asked) => exchange::exchange(request, &asked).await,
        TokenRequest::ClientCredentials => client::grant(request, by_old_secret).await,
        TokenRequest::RefreshToken(asked) => refresh::refresh(request, &asked).await,
    }
}
