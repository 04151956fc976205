//! The userinfo endpoint (OpenID Connect Core section 5.3).

use axum::Json;
use axum::body::Bytes;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::request::PageRequest;
use crate::flow::installation::causes::Causes;
use crate::flow::tokens::error::UserInfoError;
use crate::flow::tokens::userinfo::userinfo;
use crate::oidc::bearer::{self, BearerError};
use crate::oidc::params::Params;

/// `GET /userinfo`.
pub async fn get(request: PageRequest) -> Response {
    answer(&request, None).await
}

/// `POST /userinfo`: the token may be in the form (RFC 6750 section 2.2).
pub async fn post(request: PageRequest, body: Bytes) -> Response {
    let kind = request.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_form = kind.starts_with("application/x-www-form-urlencoded");
    let form = if is_form { Params::parse(&body).ok() } else { None };
    answer(&request, form.as_ref()).await
}

async fn answer(PageRequest { web, visit, headers }: &PageRequest, form: Option<&Params>) -> Response {
    let authorization = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
    let claims = match bearer::token(authorization, form) {
        Ok(token) => userinfo(&web.parts, token).await,
        Err(error) => Err(error.into()),
    };
    match claims {
        Ok(claims) => Json(claims).into_response(),
        Err(UserInfoError::Bearer(error)) => refuse(error),
        Err(UserInfoError::Fault(error)) => {
            tracing::error!(id = %visit.attempt_id, error = %Causes(&error), "userinfo failed");
            (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "5")]).into_response()
        }
    }
}

fn refuse(error: BearerError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::UNAUTHORIZED);
    let mut response = status.into_response();
    if let Ok(challenge) = HeaderValue::from_str(&error.www_authenticate()) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}
