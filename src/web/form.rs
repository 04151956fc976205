//! Reads forms, and checks that a page of ours in this browser created them.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::ORIGIN;
use axum::response::{IntoResponse, Response};

use super::error::RequestContext;
use super::pages::ErrorKind;
use super::request::PageRequest;
use super::state::Web;
use crate::domain::session::Session;
use crate::flow::account::sign_out;
use crate::oidc::params::Params;

/// A form, and the request that sent it.
pub struct Form {
    pub request: PageRequest,
    pub params: Params,
}

impl FromRequest<Web> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let request =
            PageRequest::from_request_parts(&mut parts, web).await.map_err(IntoResponse::into_response)?;
        let body = Bytes::from_request(Request::from_parts(parts, body), web).await;
        match Params::parse(&body.map_err(IntoResponse::into_response)?) {
            Ok(params) => Ok(Self { request, params }),
            Err(error) => Err(bad_form(&request.context(), &error)),
        }
    }
}

/// True when a page of ours created the form: it carries this token and comes from our own origin. A browser
/// that sends no origin needs the token only.
#[must_use]
pub fn is_genuine(request: &PageRequest, params: &Params, token: &str) -> bool {
    let issuer = request.web.parts.issuer.as_bytes();
    request.headers.get(ORIGIN).is_none_or(|origin| origin.as_bytes() == issuer)
        && verify_slices_are_equal(params.text("csrf").as_bytes(), token.as_bytes()).is_ok()
}

/// True when a page of ours in this session created the form.
#[must_use]
pub fn is_of_session(request: &PageRequest, params: &Params, session: &Session) -> bool {
    is_genuine(request, params, &sign_out::csrf_token(&request.web.parts, session))
}

/// The page for a form that can't be parsed.
pub fn bad_form(context: &RequestContext<'_>, error: &impl std::fmt::Display) -> Response {
    context.page(ErrorKind::BadForm { detail: error.to_string() })
}
