//! `/account/security/password`: the page on which a person changes the directory password.
//! `flow::account::own_password` decides who may, and what ends with the old password.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::cookies::{self, Cookie};
use super::error::{RequestContext, with_retry_after};
use super::owner::{OwnerForm, OwnerView, PasswordPage, redirect_back, sign_in_for};
use super::pages::{AccountNotice, OWN_PAGE, OWN_PASSWORD_PAGE, OwnPassword, PageScripts, PasswordNotice};
use super::reply::{html_towards, see_other};
use super::state::Web;
use crate::domain::secret::Plain;
use crate::flow::account::change_password::PasswordPair;
use crate::flow::account::own_password::{self, OwnPasswordChange, Renewed};
use crate::flow::account::owner::Owner;
use crate::flow::account::sign_out;
use crate::flow::installation::device::{Device, KNOWN_FOR};
use crate::flow::installation::fault::{Blame, Fault};

/// `GET /account/security/password`.
pub async fn page(OwnerView { request, owner, .. }: OwnerView<PasswordPage>) -> Response {
    let context = request.context();
    if !owner.may.password {
        see_other(OWN_PAGE)
    } else if owner.may.change {
        with_script(&context, &page_for(&context, &owner, None).await)
    } else {
        sign_in_for(&context, Some(&owner), OWN_PASSWORD_PAGE).await
    }
}

/// `POST /account/security/password`.
pub async fn change(form: OwnerForm<PasswordPage>) -> Response {
    let (context, owner) = (form.request.context(), &form.owner);
    let (old, new) = (form.text("current"), form.text("new"));
    if let Some(notice) = PasswordNotice::of_fields(old, new, form.text("again")) {
        return show_again(&context, owner, notice).await;
    }
    let web = context.web;
    let device = cookies::read(context.headers, &web.surface, Cookie::Device);
    let device = Device::open(&web.parts, device.as_deref());
    let (old, new) = (Plain::new(old), Plain::new(new));
    let typed = PasswordPair { old: &old, new: &new };
    match own_password::change(&web.parts, context.visit, owner, &device, typed).await {
        Ok(OwnPasswordChange::Done(Some(renewed))) => done(web, owner, *renewed),
        Ok(OwnPasswordChange::Done(None)) => see_other(OWN_PAGE),
        Ok(OwnPasswordChange::NotNow) => see_other(OWN_PASSWORD_PAGE),
        Ok(OwnPasswordChange::WrongOldPassword) => {
            show_again(&context, owner, PasswordNotice::WrongCurrent).await
        }
        Ok(OwnPasswordChange::Refused(why)) => {
            show_again(&context, owner, PasswordNotice::of_refusal(why)).await
        }
        Err(fault) => failed(&context, owner, &fault).await,
    }
}

/// Redirects to the person's page and sets the session's new id.
fn done(web: &Web, owner: &Owner, renewed: Renewed) -> Response {
    let owner = Owner { session: renewed.session, ..owner.clone() };
    let mut response = redirect_back(web, &owner, AccountNotice::PasswordChanged);
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
        Blame::RetryAfter(retry_after_seconds) => {
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
