//! Reads this browser's session, and ends it for "Not you?".

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::cookies::{self, Cookie};
use super::error::RequestContext;
use super::form::{self, Form};
use super::pages::{ErrorKind, KnownPerson};
use super::reply::see_other;
use super::state::Web;
use crate::domain::account::Account;
use crate::domain::session::Session;
use crate::flow::account::sign_out;
use crate::flow::installation::context::Visit;
use crate::flow::installation::fault::Fault;
use crate::flow::login::authorize;
use crate::flow::login::pending::{self, Pending, csrf_token};
use crate::oidc::params::Params;

/// The valid session of this browser.
pub async fn current(web: &Web, headers: &HeaderMap) -> Result<Option<Session>, Fault> {
    match cookies::read(headers, &web.surface, Cookie::Session) {
        Some(id) => authorize::session(&web.parts, &id).await,
        None => Ok(None),
    }
}

/// The person signed in at this browser, for "Not you?".
pub async fn known_person(
    web: &Web,
    session: Option<&Session>,
    pending: &Pending,
    browser: &str,
) -> Result<Option<KnownPerson>, Fault> {
    let Some(session) = session else { return Ok(None) };
    let owner = sign_out::owner(&web.parts, session).await?;
    Ok(owner.map(|Account { profile, link, .. }| KnownPerson {
        display_name: profile.shown_name().to_owned(),
        login_names: profile.login_name.into_iter().chain([profile.email]).collect(),
        directory: link.map(|link| link.directory.0).unwrap_or_default(),
        pending_id: pending.id.clone(),
        client_id: pending.request.client_id.clone(),
        csrf_token: csrf_token(&web.parts, &pending.id, browser),
    }))
}

/// The owner of the session with this id, for "Not you?" on a page outside a login. If the store cannot be
/// read, the page is shown without it: its own message matters more.
pub async fn owner_by_id(web: &Web, id: &str) -> Option<KnownPerson> {
    let session = authorize::session(&web.parts, id).await.ok()??;
    let display_name = sign_out::owner_name(&web.parts, &session).await.ok()??;
    let csrf_token = sign_out::csrf_token(&web.parts, &session);
    Some(KnownPerson { display_name, csrf_token, ..KnownPerson::default() })
}

/// `POST /session/forget`: ends the session of the person who used this browser before, and returns to the
/// sign-in page, or, without a waiting login, confirms that nobody is signed in.
pub async fn forget(
    State(web): State<Web>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let params = Params::parse(&body).unwrap_or_default();
    if params.value("pending").ok().flatten().is_none() {
        return super::logout::forget(&web, &visit, &headers, &params).await;
    }
    let form = match Form::open(&web, &visit, &headers, &body).await {
        Ok(form) => form,
        Err(response) => return *response,
    };
    let context =
        RequestContext { web: &web, visit: &visit, language: form.language(&headers), client: None };
    if !form.is_genuine(&web) {
        return context.page(ErrorKind::LoginExpired);
    }
    match current(&web, &headers).await {
        Ok(Some(session)) => {
            let client_id = &form.pending.request.client_id;
            if let Err(error) = sign_out::sign_out(&web.parts, &visit, &session, Some(client_id)).await {
                return context.fail(&error);
            }
        }
        Ok(None) => {}
        Err(error) => return context.fail(&error),
    }
    let mut response = match pending::started_over(&web.parts, &form.pending, &form.browser.id).await {
        Ok(pending) => see_other(&form::url(&pending)),
        Err(error) => return context.fail(&error),
    };
    cookies::clear(response.headers_mut(), &web.surface, Cookie::Session);
    response
}
