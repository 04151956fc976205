//! Sign-out: RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0), and "Not you?".

use axum::body::Bytes;
use axum::extract::RawQuery;
use axum::http::HeaderMap;
use axum::response::Response;

use super::browser::login_url;
use super::cookies::{self, Cookie};
use super::error::{RequestContext, return_to};
use super::form::{self, Form};
use super::open_login::OpenLogin;
use super::pages::{ErrorKind, LogoutConfirm, PageScripts, SignedOut};
use super::reply::{html, html_towards, language, see_other};
use super::request::PageRequest;
use crate::domain::session::Session;
use crate::flow::account::sign_out;
use crate::flow::admin::session as panel;
use crate::flow::installation::fault::Fault;
use crate::flow::login::pending;
use crate::oidc::discovery::path;
use crate::oidc::logout::{LogoutError, LogoutRequest, SignOut};
use crate::oidc::params::Params;

/// `GET /logout`.
pub async fn get(request: PageRequest, RawQuery(query): RawQuery) -> Result<Response, Response> {
    answer(&request, query.unwrap_or_default().as_bytes(), false).await
}

/// `POST /logout`: the person's confirmation, or a client's post, which comes without our Lax cookies and is
/// redirected to a GET that has them.
pub async fn post(request: PageRequest, body: Bytes) -> Result<Response, Response> {
    let confirmed = Params::parse(&body).is_ok_and(|form| form.has("confirm"));
    match std::str::from_utf8(&body) {
        Ok(form) if !confirmed && form.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Ok(see_other(&format!("{}?{form}", path::LOGOUT)))
        }
        _ => answer(&request, &body, confirmed).await,
    }
}

/// `GET /signed-out`.
pub async fn signed_out(headers: HeaderMap) -> Response {
    html(&SignedOut { language: language(&headers, &[]), client: None })
}

/// `POST /session/forget`: ends the session of the person who used this browser before, and returns to the
/// sign-in page, or, without a waiting login, confirms that nobody is signed in.
pub async fn forget(form: Form) -> Result<Response, Response> {
    if form.params.text("pending").is_empty() {
        return forget_here(&form).await.map_err(|error| form.request.context().fail(&error));
    }
    let form = OpenLogin::of_form(form).await?;
    forget_in_login(&form).await.map_err(|error| form.request.context().fail(&error))
}

/// "Not you?" on a page of a login, which begins again.
async fn forget_in_login(form: &OpenLogin) -> Result<Response, Fault> {
    let PageRequest { web, visit, .. } = &form.request;
    if !form.is_genuine() {
        return Ok(form.request.context().page(ErrorKind::LoginExpired));
    }
    if let Some(session) = form.request.session().await? {
        let client_id = &form.pending.request.client_id;
        sign_out::sign_out(&web.parts, visit, &session, Some(client_id)).await?;
    }
    leave_panel(&form.request).await?;
    let pending = pending::started_over(&web.parts, &form.pending, &form.browser.id).await?;
    let mut response = see_other(&login_url(&pending));
    for cookie in [Cookie::Session, Cookie::Admin] {
        cookies::clear(response.headers_mut(), &web.surface, cookie);
    }
    Ok(response)
}

/// "Not you?" on a page outside a login: ends the session in which the form was made.
async fn forget_here(Form { request, params }: &Form) -> Result<Response, Fault> {
    if let Some(session) = request.session().await? {
        if !form::is_of_session(request, params, &session) {
            return Ok(request.context().page(ErrorKind::FormExpired));
        }
        sign_out::sign_out(&request.web.parts, &request.visit, &session, None).await?;
    }
    leave_panel(request).await?;
    let own_page = SignOut { redirect: None, client_id: None, must_ask: false };
    Ok(signed_out_response(&request.context(), &own_page))
}

async fn answer(request: &PageRequest, input: &[u8], confirmed: bool) -> Result<Response, Response> {
    let (PageRequest { web, visit, .. }, context) = (request, request.context());
    let bad = |detail: String| context.page(ErrorKind::BadSignOut { detail });
    let params = Params::parse(input).map_err(|error| bad(error.to_string()))?;
    let asked = LogoutRequest::read(&params).map_err(|error| bad(error.to_string()))?;
    let locales: Vec<String> =
        asked.ui_locales.iter().flat_map(|locales| locales.split(' ')).map(str::to_owned).collect();
    let context = context.for_client(None, &locales);
    let session = request.session().await.map_err(|error| context.fail(&error))?;
    let hint = asked.id_token_hint.as_deref().and_then(|token| sign_out::hint(&web.parts, token));
    let current = web.parts.current();
    let sid = session.as_ref().map(|session| session.sid.as_str());
    let decision = asked.check(hint.as_ref(), &current.settings, sid).map_err(|error| match error {
        LogoutError::BadRedirectUri => context.page(ErrorKind::BadRedirectUri),
        LogoutError::UnknownClient => context.page(ErrorKind::UnknownClient),
        error => bad(error.to_string()),
    })?;
    let client = decision.client_id.as_deref().and_then(|id| current.settings.client(id));
    let context = RequestContext { client, ..context };
    let Some(session) = session else {
        leave_panel(request).await.map_err(|error| context.fail(&error))?;
        return Ok(signed_out_response(&context, &decision));
    };
    if decision.must_ask && !(confirmed && form::is_of_session(request, &params, &session)) {
        return confirm(&context, &session, &asked, &decision).await.map_err(|error| context.fail(&error));
    }
    let signed_out = sign_out::sign_out(&web.parts, visit, &session, decision.client_id.as_deref()).await;
    signed_out.map_err(|error| context.fail(&error))?;
    leave_panel(request).await.map_err(|error| context.fail(&error))?;
    Ok(signed_out_response(&context, &decision))
}

/// Signed out: redirects to the client or to our own page. A cookie is deleted only if it was sent: a post
/// from another site comes without it and must not sign anybody out.
fn signed_out_response(context: &RequestContext<'_>, decision: &SignOut) -> Response {
    let mut response = match &decision.redirect {
        Some(url) => see_other(url),
        None => html(&SignedOut { language: context.language, client: context.client.and_then(return_to) }),
    };
    for cookie in [Cookie::Session, Cookie::Admin] {
        if cookies::read(context.headers, &context.web.surface, cookie).is_some() {
            cookies::clear(response.headers_mut(), &context.web.surface, cookie);
        }
    }
    response
}

/// Ends the session of the admin panel in this browser, if it has one: that of a break-glass link does not end
/// with the person's.
async fn leave_panel(request: &PageRequest) -> Result<(), Fault> {
    let web = &request.web;
    match cookies::read(&request.headers, &web.surface, Cookie::Admin) {
        Some(id) => panel::leave(&web.parts, &id).await,
        None => Ok(()),
    }
}

async fn confirm(
    context: &RequestContext<'_>,
    session: &Session,
    request: &LogoutRequest,
    decision: &SignOut,
) -> Result<Response, Fault> {
    let person = sign_out::owner_name(&context.web.parts, session).await?.unwrap_or_default();
    let fields = [
        ("id_token_hint", &request.id_token_hint),
        ("client_id", &request.client_id),
        ("post_logout_redirect_uri", &request.post_logout_redirect_uri),
        ("state", &request.state),
        ("ui_locales", &request.ui_locales),
    ];
    let page = LogoutConfirm {
        language: context.language,
        csrf_token: sign_out::csrf_token(&context.web.parts, session),
        person,
        client: context.client.and_then(return_to),
        fields: fields
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)))
            .collect(),
    };
    Ok(match &decision.redirect {
        Some(url) => html_towards(&page, url, PageScripts::None),
        None => html(&page),
    })
}
