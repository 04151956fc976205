//! Turns each outcome of a login into a response: a page, or the redirect to the client.

use axum::response::Response;

use super::browser::login_url;
use super::cookies::{self, Cookie};
use super::error::RequestContext;
use super::login_page::show;
use super::notice::{self, Notice};
use super::open_login::LoginContext;
use super::pages::{ErrorKind, OWN_PAGE, ReturnTo};
use super::reply::{respond, see_other};
use crate::flow::installation::browser::Browser;
use crate::flow::installation::device::KNOWN_FOR;
use crate::flow::installation::fault::Fault;
use crate::flow::login::issue::Issued;
use crate::flow::login::outcome::LoginOutcome;
use crate::flow::login::page::LoginPage;
use crate::oidc::authorize::AuthorizeRequest;
use crate::oidc::error::{ErrorCode, OAuthError};

/// Response to the request that started a login: its first page with a browser id, or back to the client.
pub fn first_response(
    context: &RequestContext<'_>,
    request: &AuthorizeRequest,
    browser: &Browser,
    outcome: LoginOutcome,
) -> Response {
    let surface = &context.web.surface;
    match outcome {
        LoginOutcome::Show(_, pending) | LoginOutcome::Refused(_, pending) => {
            let mut response = see_other(&login_url(&pending));
            if cookies::read(context.headers, surface, Cookie::Login).is_none() {
                cookies::set(response.headers_mut(), surface, Cookie::Login, &browser.id);
            }
            response
        }
        LoginOutcome::Issued(issued) => issued_response(context, request, &issued),
        LoginOutcome::Denied(error) => denied_response(context, request, &error),
    }
}

/// Response to a form of a login: a redirect to the next page, so that no form is sent twice; after a refusal
/// the page itself.
pub async fn step_response(login: LoginContext<'_>, outcome: Result<LoginOutcome, Fault>) -> Response {
    let LoginContext { context, pending, .. } = login;
    match outcome {
        Ok(LoginOutcome::Show(_, next)) => see_other(&login_url(&next)),
        Ok(LoginOutcome::Refused(refusal, pending)) => {
            let notice = Notice::SignIn(notice::of_refusal(refusal));
            show(LoginContext { pending: &pending, ..login }, LoginPage::SignIn, notice).await
        }
        Ok(LoginOutcome::Issued(issued)) => issued_response(&context, &pending.request, &issued),
        Ok(LoginOutcome::Denied(error)) => denied_response(&context, &pending.request, &error),
        Err(error) => context.fail_at(&error, login_url(pending)),
    }
}

/// Redirects to where the person came from and sets this browser's cookies.
fn issued_response(context: &RequestContext<'_>, request: &AuthorizeRequest, issued: &Issued) -> Response {
    let web = context.web;
    let mut response = match &issued.code {
        Some(code) => {
            let reply = request.reply_to().code(&web.parts.issuer, code);
            respond(web, reply, context.language, &request.client_id)
        }
        None if request.is_ours() => see_other(&request.redirect_uri),
        None => {
            let why = "there is no room for another code: try again in a minute";
            denied_response(context, request, &OAuthError::new(ErrorCode::TemporarilyUnavailable, why))
        }
    };
    let (headers, surface) = (response.headers_mut(), &web.surface);
    if let Some(id) = &issued.session_id {
        cookies::set(headers, surface, Cookie::Session, id);
    }
    if let Some(device) = &issued.device {
        cookies::keep(headers, surface, Cookie::Device, device, KNOWN_FOR);
    }
    if let Some(remembered) = &issued.remembered {
        cookies::keep(headers, surface, Cookie::Remembered, &remembered.id, remembered.lifetime);
    }
    response
}

/// Redirects to the client with an error.
fn denied_response(context: &RequestContext<'_>, request: &AuthorizeRequest, error: &OAuthError) -> Response {
    if request.is_ours() {
        let back = if request.is_for_panel() { ReturnTo::panel() } else { ReturnTo::own_page() };
        return context.page_with_link(ErrorKind::LoginExpired, Some(back));
    }
    let reply = request.reply_to().error(&context.web.parts.issuer, error);
    respond(context.web, reply, context.language, &request.client_id)
}

/// After "Cancel": back to the client; from a login for our own page back to that page, or to the front page
/// if nobody is signed in.
pub fn cancelled_response(
    context: &RequestContext<'_>,
    request: &AuthorizeRequest,
    signed_in: bool,
) -> Response {
    match (request.is_ours(), signed_in) {
        (true, _) if request.is_for_panel() => see_other("/"),
        (true, true) => see_other(OWN_PAGE),
        (true, false) => see_other("/"),
        (false, _) => {
            let error = OAuthError::new(ErrorCode::AccessDenied, "the person has cancelled the sign-in");
            denied_response(context, request, &error)
        }
    }
}
