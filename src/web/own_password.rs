//! `/account/security/password`: the page on which a person changes the directory password.
//! `flow::own_password` decides who may, and what ends with the old password.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::account::{self, context, sign_in_for};
use super::cookies::{self, Cookie};
use super::error::{RequestContext, with_retry_after};
use super::form;
use super::pages::{AccountNotice, ErrorKind, OwnPassword, PageScripts, PasswordNotice};
use super::reply::{html_towards, see_other};
use super::state::Web;
use crate::domain::secret::Plain;
use crate::flow::account::change_password::PasswordPair;
use crate::flow::account::own_password::{self, OwnPasswordChange, Renewed};
use crate::flow::account::owner::Owner;
use crate::flow::account::sign_out;
use crate::flow::installation::context::Visit;
use crate::flow::installation::device::{Device, KNOWN_FOR};
use crate::flow::installation::fault::{Blame, Fault};
use crate::oidc::params::Params;

/// Path of the page.
pub const PATH: &str = "/account/security/password";

/// `GET /account/security/password`.
pub async fn page(
    State(web): State<Web>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
) -> Response {
    let context = context(&web, &visit, &headers);
    match account::owner(&context, &headers).await {
        Ok(Some(owner)) if !owner.may.password => see_other(account::PATH),
        Ok(Some(owner)) if owner.may.change => with_script(&context, &page_for(&context, &owner, None).await),
        Ok(owner) => sign_in_for(&context, &headers, owner.as_ref(), PATH).await,
        Err(error) => context.fail(&error),
    }
}

/// `POST /account/security/password`.
pub async fn change(
    State(web): State<Web>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let context = context(&web, &visit, &headers);
    let params = match Params::parse(&body) {
        Ok(params) => params,
        Err(error) => return context.page(ErrorKind::BadForm { detail: error.to_string() }),
    };
    let owner = match account::owner(&context, &headers).await {
        Ok(Some(owner)) => owner,
        // The form's content is dropped: after signing in, the person types it again.
        Ok(None) => return see_other(PATH),
        Err(error) => return context.fail(&error),
    };
    if !form::is_of_session(&web, &headers, &params, &owner.session) {
        return account::redirect_back(&web, &owner, AccountNotice::NothingChanged);
    }
    let text = |name| params.value(name).ok().flatten().unwrap_or_default();
    let (old, new) = (text("current"), text("new"));
    if let Some(notice) = PasswordNotice::of_fields(old, new, text("again")) {
        return show_again(&context, &owner, notice).await;
    }
    let device = Device::open(&web.parts, cookies::read(&headers, &web.surface, Cookie::Device).as_deref());
    let (old, new) = (Plain::new(old), Plain::new(new));
    let passwords = PasswordPair { old: &old, new: &new };
    match own_password::change(&web.parts, &visit, &owner, &device, passwords).await {
        Ok(OwnPasswordChange::Done(Some(renewed))) => done(&web, &owner, *renewed),
        Ok(OwnPasswordChange::Done(None)) => see_other(account::PATH),
        Ok(OwnPasswordChange::NotNow) => see_other(PATH),
        Ok(OwnPasswordChange::WrongOldPassword) => {
            show_again(&context, &owner, PasswordNotice::WrongCurrent).await
        }
        Ok(OwnPasswordChange::Refused(why)) => {
            show_again(&context, &owner, PasswordNotice::of_refusal(why)).await
        }
        Err(fault) => failed(&context, &owner, &fault).await,
    }
}

/// Redirects to the person's page and sets the session's new id.
fn done(web: &Web, owner: &Owner, renewed: Renewed) -> Response {
    let owner = Owner { session: renewed.session, ..owner.clone() };
    let mut response = account::redirect_back(web, &owner, AccountNotice::PasswordChanged);
    let (headers, surface) = (response.headers_mut(), &web.surface);
    cookies::set(headers, surface, Cookie::Session, &renewed.session_id);
    cookies::keep(headers, surface, Cookie::Device, &renewed.device, KNOWN_FOR);
    cookies::clear(headers, surface, Cookie::Remembered);
    response
}

/// The page, with a policy that allows the script that shows the password.
fn with_script(context: &RequestContext<'_>, page: &OwnPassword) -> Response {
    html_towards(page, &context.web.parts.issuer, PageScripts::Own)
}

/// The page with a notice; nothing that was typed is sent back.
async fn show_again(context: &RequestContext<'_>, owner: &Owner, notice: PasswordNotice) -> Response {
    let status = match notice {
        PasswordNotice::Wait { .. } => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::FORBIDDEN,
    };
    (status, with_script(context, &page_for(context, owner, Some(notice)).await)).into_response()
}

async fn failed(context: &RequestContext<'_>, owner: &Owner, fault: &Fault) -> Response {
    match fault.blame() {
        Blame::Haste(retry_after_seconds) => {
            let notice = PasswordNotice::Wait { retry_after_seconds };
            with_retry_after(show_again(context, owner, notice).await, retry_after_seconds)
        }
        _ => context.fail(fault),
    }
}

async fn page_for(
    context: &RequestContext<'_>,
    owner: &Owner,
    notice: Option<PasswordNotice>,
) -> OwnPassword {
    let parts = &context.web.parts;
    OwnPassword {
        language: context.language,
        csrf_token: sign_out::csrf_token(parts, &owner.session),
        username: owner.login_name().to_owned(),
        rules: own_password::rules(parts, owner).await,
        notice,
        attempt_id: notice.map(|_| context.visit.attempt_id.clone()),
        help_contact: context.help_contact(),
    }
}
