//! `/admin/link`: a break-glass link. Opening it shows a button and uses nothing, since mail and chat programs
//! open links too; the button uses it.

use axum::body::Bytes;
use axum::extract::RawQuery;
use axum::http::HeaderValue;
use axum::http::header::REFERRER_POLICY;
use axum::response::Response;

use super::access::{is_from_here, refuse};
use super::fields::Fields;
use super::pages::LinkPage;
use super::set_up::SET_UP;
use crate::flow::admin::link;
use crate::web::cookies::{self, Cookie};
use crate::web::error::RequestContext;
use crate::web::pages::{ErrorKind, PANEL_PAGE, ReturnTo};
use crate::web::reply::{html, see_other};
use crate::web::request::PageRequest;

/// `GET /admin/link?t=TOKEN`.
pub(super) async fn page(request: PageRequest, RawQuery(query): RawQuery) -> Response {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let (token, context) = (fields.text("t"), request.context());
    match is_token(token) {
        true => {
            let mut page = html(&LinkPage { language: context.language, token: token.to_owned() });
            // The address has the token, which would go to the proxy's log again with each style sheet.
            page.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("origin"));
            page
        }
        false => unusable(&context),
    }
}

/// `POST /admin/link`.
pub(super) async fn redeem(request: PageRequest, body: Bytes) -> Response {
    let (web, context) = (&request.web, request.context());
    let fields = Fields::parse(&body).unwrap_or_default();
    let token = fields.text("t");
    if !is_from_here(web, &request.headers) {
        return context.page(ErrorKind::FormExpired);
    }
    if !is_token(token) {
        return unusable(&context);
    }
    let held = cookies::read(&request.headers, &web.surface, Cookie::Admin);
    match link::redeem(&web.parts, &request.visit, token, held.as_deref()).await {
        Ok(Some(session_id)) => {
            let first = if web.parts.current().settings.names_owners() { PANEL_PAGE } else { SET_UP };
            let mut response = see_other(first);
            cookies::set(response.headers_mut(), &web.surface, Cookie::Admin, &session_id);
            response
        }
        Ok(None) => unusable(&context),
        Err(fault) => refuse(&context, &fault),
    }
}

fn unusable(context: &RequestContext<'_>) -> Response {
    context.page_with_link(ErrorKind::AdminLinkUnusable, Some(ReturnTo::panel()))
}

/// What a token of ours looks like: 43 characters of base64url.
fn is_token(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
