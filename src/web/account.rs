//! `/account/security`: the page where a person manages their own sign-in. It reads forms and shows results;
//! `flow::account` decides what is allowed.

mod pages;

use axum::extract::RawQuery;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use self::pages::{new_factor_page, overview, recovery_codes_page};
use super::owner::{OwnerForm, OwnerView, SecurityPage, notice_of, redirect_back, sign_in_for};
use super::pages::{AccountNotice, CodeNotice, ErrorKind, NewFactor, OWN_PAGE};
use super::reply::{html, see_other};
use crate::flow::account::security::{self, Added};
use crate::flow::installation::fault::Fault;
use crate::oidc::params::Params;

/// `GET /account/security`.
pub async fn page(
    RawQuery(query): RawQuery,
    OwnerView { request, owner, .. }: OwnerView<SecurityPage>,
) -> Response {
    let params = Params::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let notice = notice_of(&request.web, &owner, params.text("done"));
    let context = request.context();
    match overview(&context, &owner, notice).await {
        Ok(page) => html(&page),
        Err(error) => context.fail(&error),
    }
}

/// `GET /account/security/new`: shows a new secret each time and stores nothing.
pub async fn new_authenticator(OwnerView { request, owner, .. }: OwnerView<SecurityPage>) -> Response {
    let context = request.context();
    match security::begin(&request.web.parts, &owner) {
        Some((enrolling, sealed)) => html(&new_factor_page(&context, &owner, &enrolling, sealed)),
        None if owner.may.add => sign_in_for(&context, Some(&owner), OWN_PAGE).await,
        None => see_other(OWN_PAGE),
    }
}

/// What a form of the page does.
#[derive(Clone, Copy)]
enum OwnerAction {
    SignInAgain,
    Add,
    Rename,
    Remove,
    MakeRecoveryCodes,
    EndSession,
    EndOtherSessions,
    ForgetBrowser,
    ForgetAllBrowsers,
}

impl OwnerAction {
    /// The action by the last part of the form's path.
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "sign-in" => Self::SignInAgain,
            "new" => Self::Add,
            "rename" => Self::Rename,
            "remove" => Self::Remove,
            "codes" => Self::MakeRecoveryCodes,
            "end" => Self::EndSession,
            "end-others" => Self::EndOtherSessions,
            "forget" => Self::ForgetBrowser,
            "forget-all" => Self::ForgetAllBrowsers,
            _ => return None,
        })
    }

    fn changes_factors(self) -> bool {
        matches!(self, Self::Add | Self::Rename | Self::Remove | Self::MakeRecoveryCodes)
    }
}

/// `POST /account/security/{action}`.
pub async fn change(uri: Uri, form: OwnerForm<SecurityPage>) -> Response {
    let context = form.request.context();
    match OwnerAction::parse(uri.path().rsplit('/').next().unwrap_or_default()) {
        Some(action) => perform(&form, action).await.unwrap_or_else(|error| context.fail(&error)),
        None => context.page(ErrorKind::NotFound),
    }
}

async fn perform(form: &OwnerForm<SecurityPage>, action: OwnerAction) -> Result<Response, Fault> {
    use OwnerAction as A;
    let (context, owner) = (&form.request.context(), &form.owner);
    let (parts, visit) = (&context.web.parts, context.visit);
    let (done, notice) = match action {
        A::SignInAgain => return Ok(sign_in_for(context, Some(owner), OWN_PAGE).await),
        _ if action.changes_factors() && !owner.may.change => {
            return Ok(sign_in_for(context, Some(owner), OWN_PAGE).await);
        }
        A::Add => return add(form).await,
        A::Remove => return remove(form).await,
        A::MakeRecoveryCodes => match security::new_recovery_codes(parts, visit, owner).await? {
            Some(codes) => return Ok(recovery_codes_page(context, owner, codes)),
            None => (false, AccountNotice::NothingChanged),
        },
        A::Rename => {
            let done = security::rename(parts, owner, form.text("factor"), form.text("name")).await?;
            (done, AccountNotice::Renamed)
        }
        A::EndSession => {
            (security::end(parts, visit, owner, form.text("session")).await?, AccountNotice::SessionEnded)
        }
        A::EndOtherSessions => {
            security::end_others(parts, visit, owner).await?;
            (true, AccountNotice::OthersEnded)
        }
        A::ForgetBrowser => {
            (security::forget(parts, owner, form.text("browser")).await?, AccountNotice::Forgotten)
        }
        A::ForgetAllBrowsers => {
            security::forget_all(parts, owner).await?;
            (true, AccountNotice::Forgotten)
        }
    };
    Ok(redirect_back(context.web, owner, if done { notice } else { AccountNotice::NothingChanged }))
}

async fn remove(form: &OwnerForm<SecurityPage>) -> Result<Response, Fault> {
    let (context, owner) = (&form.request.context(), &form.owner);
    let done = security::remove(&context.web.parts, context.visit, owner, form.text("factor")).await?;
    let is_last = owner.standing.factors.len() == 1 && !owner.may.remove_last;
    let notice = match (done, is_last) {
        (true, _) => AccountNotice::Removed,
        (false, true) => AccountNotice::LastStays,
        (false, false) => AccountNotice::NothingChanged,
    };
    Ok(redirect_back(context.web, owner, notice))
}

async fn add(form: &OwnerForm<SecurityPage>) -> Result<Response, Fault> {
    let (context, owner) = (&form.request.context(), &form.owner);
    let (sealed, code, name) = (form.text("sealed"), form.text("code"), form.text("name"));
    Ok(match security::add(&context.web.parts, context.visit, owner, sealed, code, name).await? {
        Added::Done(codes) if codes.is_empty() => redirect_back(context.web, owner, AccountNotice::Added),
        Added::Done(codes) => recovery_codes_page(context, owner, codes),
        Added::Nothing => redirect_back(context.web, owner, AccountNotice::NothingChanged),
        Added::WrongCode(enrolling) => {
            let notice = if code.trim().is_empty() { CodeNotice::Missing } else { CodeNotice::Wrong };
            let page = new_factor_page(context, owner, &enrolling, sealed.to_owned());
            let page = NewFactor { name: name.to_owned(), notice: Some(notice), ..page };
            (StatusCode::FORBIDDEN, html(&page)).into_response()
        }
    })
}
