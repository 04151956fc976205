//! The requests of a session's owner for their own pages: who it is, a new sign-in where one is needed, and
//! the notice of what a form did.

use std::marker::PhantomData;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use super::browser::browser;
use super::error::RequestContext;
use super::form::{Form, is_of_session};
use super::outcome::first_response;
use super::pages::{AccountNotice, OWN_PAGE, OWN_PASSWORD_PAGE};
use super::reply::see_other;
use super::request::PageRequest;
use super::state::Web;
use crate::domain::evidence::Level;
use crate::flow::account::owner::{self, Owner};
use crate::flow::account::security;
use crate::flow::installation::fault::Fault;
use crate::flow::login::authorize;
use crate::oidc::authorize::{AuthorizeRequest, Prompt};
use crate::oidc::params::Params;

/// A page that people see about themselves.
pub trait OwnPage {
    /// Where it is; a sign-in for it returns there.
    const PATH: &'static str;
}

/// The page with factors, sessions and remembered browsers.
pub struct SecurityPage;

impl OwnPage for SecurityPage {
    const PATH: &'static str = OWN_PAGE;
}

/// The page for a new directory password.
pub struct PasswordPage;

impl OwnPage for PasswordPage {
    const PATH: &'static str = OWN_PASSWORD_PAGE;
}

/// The request for a page of the session's owner. Without a session, a sign-in starts that returns to it.
pub struct OwnerView<P> {
    pub request: PageRequest,
    pub owner: Owner,
    page: PhantomData<P>,
}

impl<P: OwnPage> FromRequestParts<Web> for OwnerView<P> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Response> {
        let request = PageRequest::from_request_parts(parts, web).await;
        let request = request.map_err(IntoResponse::into_response)?;
        match owner_of(&request).await {
            Ok(Some(owner)) => Ok(Self { request, owner, page: PhantomData }),
            Ok(None) => Err(sign_in_for(&request.context(), None, P::PATH).await),
            Err(error) => Err(request.context().fail(&error)),
        }
    }
}

/// A form of such a page, sent in the session for which the page was made.
pub struct OwnerForm<P> {
    pub request: PageRequest,
    pub owner: Owner,
    params: Params,
    page: PhantomData<P>,
}

impl<P> OwnerForm<P> {
    /// A field's value; empty if it is missing or unreadable.
    #[must_use]
    pub fn text(&self, name: &'static str) -> &str {
        self.params.text(name)
    }
}

impl<P: OwnPage> FromRequest<Web> for OwnerForm<P> {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        let Form { request, params } = Form::from_request(request, web).await?;
        match owner_of(&request).await {
            Ok(Some(owner)) if is_of_session(&request, &params, &owner.session) => {
                Ok(Self { request, owner, params, page: PhantomData })
            }
            Ok(Some(owner)) => Err(redirect_back(web, &owner, AccountNotice::NothingChanged)),
            // The form's content is dropped: after signing in, the person sees the page again.
            Ok(None) => Err(see_other(P::PATH)),
            Err(error) => Err(request.context().fail(&error)),
        }
    }
}

/// The person whose session this browser has.
async fn owner_of(request: &PageRequest) -> Result<Option<Owner>, Fault> {
    match request.session().await? {
        Some(session) => owner::owner(&request.web.parts, session).await,
        None => Ok(None),
    }
}

/// Starts a sign-in that returns to this page of ours. A person who is already known enters the password and
/// the code again: a remembered browser or an earlier sign-in does not count.
pub async fn sign_in_for(context: &RequestContext<'_>, owner: Option<&Owner>, path: &str) -> Response {
    let web = context.web;
    let mut request = AuthorizeRequest::for_ourselves(path.to_owned());
    if let Some(owner) = owner {
        request.prompt = Prompt::Login;
        request.login_hint = owner.account.profile.login_name.clone();
        if owner.standing.has_factor() {
            request.acr.essential = vec![Level::Mfa];
        }
    }
    let browser = match browser(web, context.headers).await {
        Ok(browser) => browser,
        Err(error) => return context.fail(&error),
    };
    let ask = request.ask(None);
    match authorize::authorize(&web.parts, context.visit, &request, &ask, &browser).await {
        Ok(outcome) => first_response(context, &request, &browser, outcome),
        Err(error) => context.fail(&error),
    }
}

const NOTICES: [(&str, AccountNotice); 9] = [
    ("added", AccountNotice::Added),
    ("renamed", AccountNotice::Renamed),
    ("removed", AccountNotice::Removed),
    ("last", AccountNotice::LastStays),
    ("ended", AccountNotice::SessionEnded),
    ("others", AccountNotice::OthersEnded),
    ("forgotten", AccountNotice::Forgotten),
    ("password", AccountNotice::PasswordChanged),
    ("nothing", AccountNotice::NothingChanged),
];

/// Redirects to the account page with a notice of the result, so that a reload repeats nothing.
pub fn redirect_back(web: &Web, owner: &Owner, notice: AccountNotice) -> Response {
    let word = NOTICES.iter().find(|(_, known)| *known == notice).map_or("", |(word, _)| *word);
    see_other(&format!("{OWN_PAGE}?done={word}.{}", security::mark(&web.parts, owner, word)))
}

/// The notice in the address is shown only with our mark, so that no link can make the page claim that
/// something was done.
pub fn notice_of(web: &Web, owner: &Owner, done: &str) -> Option<AccountNotice> {
    let (word, sent) = done.split_once('.')?;
    verify_slices_are_equal(sent.as_bytes(), security::mark(&web.parts, owner, word).as_bytes()).ok()?;
    NOTICES.iter().find(|(known, _)| *known == word).map(|(_, notice)| *notice)
}
