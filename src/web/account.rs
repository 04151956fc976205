//! `/account/security`: the page where a person manages their own sign-in. It reads forms and shows results;
//! `flow::account::security` decides what is allowed.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::extract::{FromRequest, RawQuery, Request};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::browser::browser;
use super::error::RequestContext;
use super::form::{Form, is_of_session};
use super::outcome::first_response;
use super::pages::{
    AccountNotice, AccountSecurity, CodeNotice, ErrorKind, Moment, NewFactor, NewSecret, OWN_PAGE,
    OWN_PASSWORD_PAGE, PageScripts, RecoveryCodes, RegisteredAuthenticator, RememberedBrowser,
    SignedInBrowser,
};
use super::reply::{html, html_towards, see_other};
use super::request::PageRequest;
use super::state::Web;
use crate::domain::evidence::Level;
use crate::domain::factor::Enrolling;
use crate::flow::account::owner::{self, Owner};
use crate::flow::account::security::{self, Added};
use crate::flow::account::sign_out;
use crate::flow::installation::fault::Fault;
use crate::flow::login::authorize;
use crate::oidc::authorize::{AuthorizeRequest, Prompt};
use crate::oidc::params::Params;

/// `GET /account/security`.
pub async fn page(request: PageRequest, RawQuery(query): RawQuery) -> Response {
    let context = request.context();
    let owner = match owner(&request).await {
        Ok(Some(owner)) => owner,
        Ok(None) => return sign_in(&context, None).await,
        Err(error) => return context.fail(&error),
    };
    let params = Params::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let notice = notice_of(&request.web, &owner, params.text("done"));
    match overview(&context, &owner, notice).await {
        Ok(page) => html(&page),
        Err(error) => context.fail(&error),
    }
}

/// `GET /account/security/new`: shows a new secret each time and stores nothing.
pub async fn new_authenticator(request: PageRequest) -> Response {
    let context = request.context();
    let owner = match owner(&request).await {
        Ok(Some(owner)) => owner,
        Ok(None) => return sign_in(&context, None).await,
        Err(error) => return context.fail(&error),
    };
    match security::begin(&request.web.parts, &owner) {
        Some((enrolling, sealed)) => html(&new_factor_page(&context, &owner, &enrolling, sealed)),
        None if owner.may.add => sign_in(&context, Some(&owner)).await,
        None => see_other(OWN_PAGE),
    }
}

/// `POST /account/security/{action}`.
pub async fn change(uri: Uri, form: OwnerForm) -> Response {
    let action = uri.path().rsplit('/').next().unwrap_or_default();
    match perform(&form, action).await {
        Ok(response) => response,
        Err(error) => form.request.context().fail(&error),
    }
}

/// A form of a person's own pages, sent in the session for which it was made.
pub struct OwnerForm {
    pub request: PageRequest,
    pub owner: Owner,
    params: Params,
}

impl OwnerForm {
    /// A field's value; empty if it is missing or unreadable.
    #[must_use]
    pub fn text(&self, name: &'static str) -> &str {
        self.params.text(name)
    }
}

impl FromRequest<Web> for OwnerForm {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        let password = request.uri().path() == OWN_PASSWORD_PAGE;
        let Form { request, params } = Form::from_request(request, web).await?;
        match owner(&request).await {
            Ok(Some(owner)) if is_of_session(&request, &params, &owner.session) => {
                Ok(Self { request, owner, params })
            }
            Ok(Some(owner)) => Err(redirect_back(web, &owner, AccountNotice::NothingChanged)),
            // The form's content is dropped: after signing in, the person sees the page again.
            Ok(None) => Err(see_other(if password { OWN_PASSWORD_PAGE } else { OWN_PAGE })),
            Err(error) => Err(request.context().fail(&error)),
        }
    }
}

async fn perform(form: &OwnerForm, action: &str) -> Result<Response, Fault> {
    let (context, owner) = (&form.request.context(), &form.owner);
    let (web, visit) = (context.web, context.visit);
    let parts = &web.parts;
    let changes_factors = matches!(action, "new" | "rename" | "remove" | "codes");
    if action == "sign-in" || changes_factors && !owner.may.change {
        return Ok(sign_in(context, Some(owner)).await);
    }
    let (done, notice) = match action {
        "new" => return add(form).await,
        "codes" => {
            return Ok(match security::new_recovery_codes(parts, visit, owner).await? {
                Some(codes) => recovery_codes_page(context, owner, codes),
                None => redirect_back(web, owner, AccountNotice::NothingChanged),
            });
        }
        "rename" => {
            let done = security::rename(parts, owner, form.text("factor"), form.text("name")).await?;
            (done, AccountNotice::Renamed)
        }
        "remove" => return remove(form).await,
        "end" => {
            (security::end(parts, visit, owner, form.text("session")).await?, AccountNotice::SessionEnded)
        }
        "end-others" => {
            security::end_others(parts, visit, owner).await?;
            (true, AccountNotice::OthersEnded)
        }
        "forget" => (security::forget(parts, owner, form.text("browser")).await?, AccountNotice::Forgotten),
        "forget-all" => {
            security::forget_all(parts, owner).await?;
            (true, AccountNotice::Forgotten)
        }
        _ => return Ok(context.page(ErrorKind::NotFound)),
    };
    Ok(redirect_back(web, owner, if done { notice } else { AccountNotice::NothingChanged }))
}

async fn remove(form: &OwnerForm) -> Result<Response, Fault> {
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

async fn add(form: &OwnerForm) -> Result<Response, Fault> {
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

/// The person whose session this browser has.
pub(super) async fn owner(request: &PageRequest) -> Result<Option<Owner>, Fault> {
    match request.session().await? {
        Some(session) => owner::owner(&request.web.parts, session).await,
        None => Ok(None),
    }
}

/// Starts a sign-in that returns to this page. A person who is already known enters the password and the code
/// again: a remembered browser or an earlier sign-in does not count.
async fn sign_in(context: &RequestContext<'_>, owner: Option<&Owner>) -> Response {
    sign_in_for(context, owner, OWN_PAGE).await
}

/// The same for another page of ours.
pub(super) async fn sign_in_for(context: &RequestContext<'_>, owner: Option<&Owner>, path: &str) -> Response {
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

/// Redirects to the page with a notice of the result, so that a reload repeats nothing.
pub(super) fn redirect_back(web: &Web, owner: &Owner, notice: AccountNotice) -> Response {
    let word = NOTICES.iter().find(|(_, known)| *known == notice).map_or("", |(word, _)| *word);
    see_other(&format!("{OWN_PAGE}?done={word}.{}", security::mark(&web.parts, owner, word)))
}

/// The notice in the address is shown only with our mark, so that no link can make the page claim that
/// something was done.
fn notice_of(web: &Web, owner: &Owner, done: &str) -> Option<AccountNotice> {
    let (word, sent) = done.split_once('.')?;
    verify_slices_are_equal(sent.as_bytes(), security::mark(&web.parts, owner, word).as_bytes()).ok()?;
    NOTICES.iter().find(|(known, _)| *known == word).map(|(_, notice)| *notice)
}

async fn overview(
    context: &RequestContext<'_>,
    owner: &Owner,
    notice: Option<AccountNotice>,
) -> Result<AccountSecurity, Fault> {
    let parts = &context.web.parts;
    let (account, now) = (&owner.account, parts.now());
    let moment = |at| Moment { at, now };
    let places = security::places(parts, owner).await?;
    let authenticators = owner.standing.factors.iter().map(|factor| RegisteredAuthenticator {
        id: factor.id.0.clone(),
        name: factor.name.clone(),
        added: moment(factor.created_at),
        used: factor.used_at.map(moment),
    });
    let sessions = places.sessions.iter().map(|session| SignedInBrowser {
        id: session.sid.clone(),
        here: session.id_hash == owner.session.id_hash,
        signed_in: moment(session.evidence.auth_time),
        used: moment(session.used_at),
        place: session.place.clone(),
    });
    let browsers = places.browsers.iter().map(|browser| RememberedBrowser {
        id: hex::encode(browser.id_hash.0),
        place: browser.place.clone(),
        since: moment(browser.created_at),
        until: moment(browser.expires_at),
    });
    Ok(AccountSecurity {
        language: context.language,
        csrf_token: sign_out::csrf_token(parts, &owner.session),
        display_name: account.profile.shown_name().to_owned(),
        email: account.profile.email.clone(),
        may_change: owner.may.change,
        may_remove_last: owner.may.remove_last,
        may_add: owner.may.add,
        may_change_password: owner.may.password,
        authenticators: authenticators.collect(),
        recovery_left: owner.standing.has_factor().then_some(owner.standing.recovery_left),
        sessions: sessions.collect(),
        browsers: browsers.collect(),
        tokens_elsewhere: places.tokens_elsewhere,
        notice,
        help_contact: context.help_contact(),
    })
}

fn new_factor_page(
    context: &RequestContext<'_>,
    owner: &Owner,
    enrolling: &Enrolling,
    sealed: String,
) -> NewFactor {
    let parts = &context.web.parts;
    NewFactor {
        language: context.language,
        csrf_token: sign_out::csrf_token(parts, &owner.session),
        sealed,
        secret: NewSecret {
            uri: enrolling.uri(&context.web.brand().look.product, owner.login_name()),
            key: enrolling.secret.to_base32(),
            digits: enrolling.parameters.digits,
            period: enrolling.parameters.period,
        },
        name: String::new(),
        notice: None,
        help_contact: context.help_contact(),
    }
}

fn recovery_codes_page(context: &RequestContext<'_>, owner: &Owner, codes: Vec<String>) -> Response {
    let issuer = context.web.parts.issuer.to_string();
    let (language, username) = (context.language, owner.login_name().to_owned());
    let site = context.web.brand().look.names();
    let csrf_token = sign_out::csrf_token(&context.web.parts, &owner.session);
    let page = RecoveryCodes { language, frame: None, codes, site, username, csrf_token };
    html_towards(&page, &issuer, PageScripts::Own)
}
