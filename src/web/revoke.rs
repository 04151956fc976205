//! The revocation endpoint (RFC 7009 section 2).

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::client_form;
use super::request::PageRequest;
use crate::flow::tokens::error::TokenError;
use crate::flow::tokens::request::ClientRequest;
use crate::flow::tokens::revocation;
use crate::oidc::client_auth::AuthenticatedClient;
use crate::oidc::presented_token;

/// `POST /revoke`.
pub async fn post(request: PageRequest, body: Bytes) -> Response {
    match revoke(&request, &body).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => client_form::refuse(&request, error),
    }
}

async fn revoke(request: &PageRequest, body: &[u8]) -> Result<(), TokenError> {
    let form = client_form::read(&request.headers, body)?;
    let current = request.web.parts.current();
    let AuthenticatedClient { client, .. } = client_form::authenticated(request, &current, &form).await?;
    let token = presented_token::read(&form)?;
    let PageRequest { web, visit, .. } = request;
    let request = ClientRequest { parts: &web.parts, current: &current, visit, client };
    revocation::revoke(request, &token).await
}
