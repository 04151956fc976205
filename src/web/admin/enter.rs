//! `/admin/enter`: the way into the panel, by our own sign-in with a second factor. It is the only GET that
//! writes: a new session of the panel.

use axum::extract::RawQuery;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::access::refuse;
use super::address::enter_url;
use super::fields::Fields;
use super::is_page;
use crate::domain::admin::Intent;
use crate::flow::admin::enter::{self, Entering};
use crate::flow::admin::session;
use crate::flow::installation::fault::Fault;
use crate::flow::login::authorize;
use crate::oidc::authorize::AuthorizeRequest;
use crate::web::browser::browser;
use crate::web::cookies::{self, Cookie};
use crate::web::outcome::first_response;
use crate::web::pages::{ErrorKind, PANEL_PAGE, ReturnTo};
use crate::web::reply::see_other;
use crate::web::request::PageRequest;

/// `GET /admin/enter?to=PATH`. A `HEAD` request, which axum would answer too, must not write.
pub(super) async fn page(method: Method, request: PageRequest, RawQuery(query): RawQuery) -> Response {
    if method != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let fields = Fields::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let asked = fields.text("to");
    let to = if is_page(asked) { asked } else { PANEL_PAGE };
    match attempt(&request, to, fields.text("again") == "yes").await {
        Ok(response) => response,
        Err(fault) => refuse(&request.context(), &fault),
    }
}

async fn attempt(request: &PageRequest, to: &str, again: bool) -> Result<Response, Fault> {
    let (web, visit) = (&request.web, &request.visit);
    let held = cookies::read(&request.headers, &web.surface, Cookie::Admin);
    if let Some(id) = held.as_deref().filter(|_| !again)
        && session::check(&web.parts, visit, id, Intent::Read).await?.is_some()
    {
        return Ok(see_other(to));
    }
    let entering = match request.session().await? {
        Some(browser) => enter::enter(&web.parts, visit, &browser, held.as_deref()).await?,
        None => Entering::SignIn,
    };
    match entering {
        Entering::Done { session_id } => {
            let mut response = see_other(to);
            cookies::set(response.headers_mut(), &web.surface, Cookie::Admin, &session_id);
            Ok(response)
        }
        Entering::SignIn => sign_in(request, to, again).await,
        Entering::NoRole => {
            let back = Some(ReturnTo::own_page());
            Ok(request.context().page_with_link(ErrorKind::NoAdminRole, back))
        }
    }
}

/// Starts a sign-in that comes back here.
async fn sign_in(request: &PageRequest, to: &str, again: bool) -> Result<Response, Fault> {
    let (web, context) = (&request.web, request.context());
    let asked = AuthorizeRequest::for_panel(enter_url(to, again));
    let browser = browser(web, &request.headers).await?;
    let outcome =
        authorize::authorize(&web.parts, &request.visit, &asked, &asked.ask(None), &browser).await?;
    Ok(first_response(&context, &asked, &browser, outcome))
}
