//! The introspection endpoint (RFC 7662 section 2).

use axum::Json;
use axum::body::Bytes;
use axum::response::{IntoResponse, Response};

use super::client_form;
use super::request::PageRequest;
use crate::flow::tokens::error::TokenError;
use crate::flow::tokens::introspection;
use crate::flow::tokens::request::ClientRequest;
use crate::oidc::client_auth::AuthenticatedClient;
use crate::oidc::introspection::Introspection;
use crate::oidc::presented_token;

/// `POST /introspect`.
pub async fn post(request: PageRequest, body: Bytes) -> Response {
    match introspect(&request, &body).await {
        Ok(introspection) => ([("pragma", "no-cache")], Json(introspection)).into_response(),
        Err(error) => client_form::refuse(&request, error),
    }
}

async fn introspect(request: &PageRequest, body: &[u8]) -> Result<Introspection, TokenError> {
    let form = client_form::read(&request.headers, body)?;
    let current = request.web.parts.current();
    let AuthenticatedClient { client, .. } = client_form::authenticated(request, &current, &form).await?;
    let token = presented_token::read(&form)?;
    let PageRequest { web, visit, .. } = request;
    let request = ClientRequest { parts: &web.parts, current: &current, visit, client };
    introspection::introspect(request, &token).await
}
