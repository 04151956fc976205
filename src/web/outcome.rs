//! Turns each outcome of a login into a response: a page, or the redirect to the client.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::cookies::{self, Cookie};
use super::error::RequestContext;
use super::form::{LoginStep, url};
use super::pages::{
    ChangePassword, ChangeReason, CodeNotice, DomainChoice, EnrolFactor, EnterCode, ErrorKind,
    InvitationNeeded, KnownPerson, LoginFrame, NewSecret, OWN_PAGE, PageScripts, PasswordNotice, ReturnTo,
    SignIn, SignInNotice,
};
use super::reply::{client_name, html_towards, respond, see_other};
use super::session;
use crate::domain::gates::{Gate, Renewal};
use crate::domain::lockout::in_minutes;
use crate::domain::login::PasswordProof;
use crate::domain::name::{TypedName, fold};
use crate::domain::{DAY, Millis};
use crate::flow::account::change_password;
use crate::flow::installation::browser::Browser;
use crate::flow::installation::current::Site;
use crate::flow::installation::device::KNOWN_FOR;
use crate::flow::installation::fault::Fault;
use crate::flow::login::issue::Issued;
use crate::flow::login::outcome::LoginOutcome;
use crate::flow::login::page::LoginPage;
use crate::flow::login::pending::{Pending, csrf_token};
use crate::flow::login::refusal::SignInRefusal;
use crate::flow::login::second_factor::enrolling;
use crate::oidc::authorize::AuthorizeRequest;
use crate::oidc::error::{ErrorCode, OAuthError};
use crate::oidc::params::Params;

/// The notice on a page about the last attempt.
#[derive(Clone, Copy, Debug, Default)]
pub enum Notice {
    #[default]
    None,
    SignIn(SignInNotice),
    /// On a page that asks for a code.
    Code(CodeNotice),
    /// On the page for a new password.
    Password(PasswordNotice),
}

/// How a page is shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct View {
    pub notice: Notice,
    /// A page for a code asks for a recovery code.
    pub recovery: bool,
}

impl View {
    /// Whether a link or form field of the page asks for a recovery code.
    #[must_use]
    pub fn of(notice: Notice, params: &Params) -> Self {
        Self { notice, recovery: params.value("with").ok().flatten() == Some("recovery") }
    }
}

impl From<Notice> for View {
    fn from(notice: Notice) -> Self {
        Self { notice, recovery: false }
    }
}

impl Notice {
    fn code(self) -> Option<CodeNotice> {
        if let Self::Code(notice) = self { Some(notice) } else { None }
    }

    /// A refusal is not a success status: password managers then do not offer to save the password.
    fn status(self) -> StatusCode {
        match self {
            Self::None => StatusCode::OK,
            Self::SignIn(SignInNotice::Busy) => StatusCode::SERVICE_UNAVAILABLE,
            Self::SignIn(SignInNotice::TooMany(_) | SignInNotice::TooManyHere(_)) => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::Code(CodeNotice::Wait { .. }) | Self::Password(PasswordNotice::Wait { .. }) => {
                StatusCode::TOO_MANY_REQUESTS
            }
            _ => StatusCode::FORBIDDEN,
        }
    }
}

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
            let mut response = see_other(&url(&pending));
            if cookies::read(context.headers, surface, Cookie::Login).is_none() {
                cookies::set(response.headers_mut(), surface, Cookie::Login, &browser.id);
            }
            response
        }
        LoginOutcome::Issued(issued) => issued_response(context, request, &issued),
        LoginOutcome::Denied(code) => denied_response(context, request, code),
    }
}

/// Response to a form of a login: a redirect to the next page, so that no form is sent twice.
pub async fn step_response(step: LoginStep<'_>, outcome: Result<LoginOutcome, Fault>) -> Response {
    let LoginStep { context, pending, .. } = step;
    match outcome {
        Ok(LoginOutcome::Show(_, next)) => see_other(&url(&next)),
        Ok(LoginOutcome::Refused(refusal, pending)) => {
            let notice = Notice::SignIn(notice(refusal));
            show(LoginStep { pending: &pending, ..step }, LoginPage::SignIn, notice).await
        }
        Ok(LoginOutcome::Issued(issued)) => issued_response(&context, &pending.request, &issued),
        Ok(LoginOutcome::Denied(code)) => denied_response(&context, &pending.request, code),
        Err(error) => context.fail_at(&error, url(pending)),
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
        None => denied_response(context, request, ErrorCode::TemporarilyUnavailable),
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
fn denied_response(context: &RequestContext<'_>, request: &AuthorizeRequest, code: ErrorCode) -> Response {
    let why = match code {
        ErrorCode::LoginRequired => "a sign-in is needed",
        ErrorCode::InteractionRequired => "a second factor is needed",
        ErrorCode::TemporarilyUnavailable => "too many sign-ins within a minute: try again in a minute",
        ErrorCode::AccessDenied => "the person has cancelled the sign-in",
        _ => "not allowed",
    };
    if request.is_ours() {
        return context.page_with_link(ErrorKind::LoginExpired, Some(ReturnTo::own_page()));
    }
    let reply = request.reply_to().error(&context.web.parts.issuer, &OAuthError::new(code, why));
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
        (true, true) => see_other(OWN_PAGE),
        (true, false) => see_other("/"),
        (false, _) => denied_response(context, request, ErrorCode::AccessDenied),
    }
}

/// One page of a login.
pub async fn show(step: LoginStep<'_>, page: LoginPage, view: impl Into<View>) -> Response {
    let view = view.into();
    let response = match render(step, page, view).await {
        Ok(html) => html,
        Err(error) => return step.context.fail_at(&error, url(step.pending)),
    };
    (view.notice.status(), response).into_response()
}

async fn render(
    step: LoginStep<'_>,
    page: LoginPage,
    View { notice, recovery }: View,
) -> Result<Response, Fault> {
    let LoginStep { context, pending, .. } = step;
    let language = context.language;
    let towards = &pending.request.redirect_uri;
    let now = context.web.parts.now();
    let mut frame = frame(step, page).await?;
    let progress = &pending.progress;
    let notice_code = notice.code();
    if !matches!(notice, Notice::None) {
        frame.attempt_id = Some(context.visit.attempt_id.clone());
    }
    let days = |later: Option<Millis>| later.map(|until| days_left(until, now));
    Ok(match page {
        LoginPage::SignIn => html_towards(&sign_in(step, frame, notice), towards, PageScripts::Own),
        LoginPage::FactorFirst | LoginPage::SecondFactor => {
            let before_password = page == LoginPage::FactorFirst;
            let current = context.web.parts.current();
            let days = current.settings.second_factor.remember_browser_days;
            let remember_days = (days > 0 && !before_password).then_some(days);
            let minutes = progress.again_at.map_or(1, |until| in_minutes(until, now));
            let notice = notice_code;
            let page =
                EnterCode { language, frame, before_password, minutes, recovery, remember_days, notice };
            html_towards(&page, towards, PageScripts::None)
        }
        LoginPage::Invitation { later } => {
            let page = InvitationNeeded { language, frame, later_days: days(later), notice: notice_code };
            html_towards(&page, towards, PageScripts::None)
        }
        LoginPage::Enrol { later } => {
            let secret = new_secret(step);
            let (name, later_days) = (String::new(), days(later));
            let page = EnrolFactor { language, frame, secret, name, later_days, notice: notice_code };
            html_towards(&page, towards, PageScripts::None)
        }
        LoginPage::NewPassword => {
            let notice = if let Notice::Password(notice) = notice { Some(notice) } else { None };
            let username = progress.typed_name.clone();
            let renewal = progress.password.as_ref().and_then(PasswordProof::needs_new_password);
            let why = match renewal {
                Some(Renewal::MustChange) => ChangeReason::MustChange,
                Some(Renewal::Expired) | None => ChangeReason::Expired,
            };
            let rules = match &progress.link {
                Some((directory, entry)) => {
                    change_password::rules(&context.web.parts, directory, *entry).await
                }
                None => None,
            };
            let page = ChangePassword { language, frame, username, why, rules, notice };
            html_towards(&page, towards, PageScripts::Own)
        }
    })
}

fn sign_in(step: LoginStep<'_>, frame: LoginFrame, notice: Notice) -> SignIn {
    use SignInNotice as N;
    let LoginStep { context, pending, browser } = step;
    let notice = if let Notice::SignIn(notice) = notice { Some(notice) } else { None };
    let owner = frame.person.as_ref().filter(|_| is_of(pending, browser));
    let username = name_to_show(pending, owner);
    // After a refusal, the name may be wrong as well.
    let trusted = notice.is_none_or(|notice| matches!(notice, N::MissingPassword | N::TryAgainExpired));
    let owner =
        owner.filter(|owner| trusted && owner.login_names.iter().any(|name| fold(name) == fold(&username)));
    let mut domains = domains(step, &username);
    if let Some(owner) = owner {
        domains.iter_mut().for_each(|domain| domain.chosen = domain.id == owner.directory);
    }
    SignIn {
        only_password: owner.is_some() && (domains.is_empty() || domains.iter().any(|domain| domain.chosen)),
        domains,
        language: context.language,
        pending_id: frame.pending_id,
        client_id: frame.client_id,
        csrf_token: frame.csrf_token,
        client_name: frame.client_name,
        ours: frame.ours,
        username,
        notice,
        code_accepted: pending.progress.factor.as_ref().is_some_and(|proof| proof.opens().is_some()),
        known_person: frame.person,
        help_contact: frame.help_contact,
        forgot_password_url: context.web.parts.current().settings.sso.forgot_password_url.clone(),
        attempt_id: frame.attempt_id,
    }
}

/// False if the client wants a different person than the one who is signed in.
fn is_of(pending: &Pending, browser: &Browser) -> bool {
    let account = browser.session.as_ref().map(|session| &session.evidence.account);
    pending.ask.subject.as_ref().is_none_or(|subject| Some(subject) == account)
}

/// What was typed, else the client's hint, else the name of the signed-in person.
fn name_to_show(pending: &Pending, owner: Option<&KnownPerson>) -> String {
    let typed = Some(&pending.progress.typed_name).filter(|typed| !typed.is_empty());
    let own = || owner.and_then(|owner| owner.login_names.first());
    typed.or(pending.request.login_hint.as_ref()).or_else(own).cloned().unwrap_or_default()
}

/// The domains that the name could be in, if there are several. Whether the name exists makes no difference.
fn domains(step: LoginStep<'_>, username: &str) -> Vec<DomainChoice> {
    let LoginStep { context, pending, browser } = step;
    let current = context.web.parts.current();
    let Some(name) = TypedName::parse(username) else { return Vec::new() };
    let candidates = current.candidates(&name);
    if candidates.len() < 2 {
        return Vec::new();
    }
    let chosen = pending.progress.directory.as_ref();
    let chosen = current.route(&name, chosen, Some(&browser.device)).one().map(|site| site.id().clone());
    let domain = |site: &Arc<Site>| DomainChoice {
        id: site.id().0.clone(),
        name: site.settings.name.clone(),
        chosen: chosen.as_ref() == Some(site.id()),
    };
    candidates.into_iter().map(domain).collect()
}

/// The data of the login that every step's page shows.
pub async fn frame(step: LoginStep<'_>, page: LoginPage) -> Result<LoginFrame, Fault> {
    let LoginStep { context, pending, browser } = step;
    let csrf_token = csrf_token(&context.web.parts, &pending.id, &browser.id);
    Ok(LoginFrame {
        pending_id: pending.id.clone(),
        client_id: pending.request.client_id.clone(),
        csrf_token: csrf_token.clone(),
        client_name: destination(step),
        ours: pending.request.is_ours(),
        person: person(step, page, csrf_token).await?,
        help_contact: context.help_contact(),
        attempt_id: None,
    })
}

/// The person who is signing in: the session's owner by name; before the password is verified, as typed.
async fn person(
    step: LoginStep<'_>,
    page: LoginPage,
    csrf_token: String,
) -> Result<Option<KnownPerson>, Fault> {
    let LoginStep { context, pending, browser } = step;
    let typed = || {
        let display_name = pending.progress.typed_name.clone();
        let (pending_id, client_id) = (pending.id.clone(), pending.request.client_id.clone());
        KnownPerson { display_name, pending_id, client_id, csrf_token, ..KnownPerson::default() }
    };
    if page != LoginPage::SignIn && !pending.progress.typed_name.is_empty() {
        return Ok(Some(typed()));
    }
    let known = session::known_person(context.web, browser.session.as_ref(), pending, &browser.id).await;
    // After later steps, the page (it may show recovery codes, once) matters more than the name on it.
    if page == LoginPage::SignIn { known } else { Ok(known.unwrap_or_default()) }
}

/// The name of the page or client that the sign-in leads to.
fn destination(step: LoginStep<'_>) -> String {
    let LoginStep { context, pending, .. } = step;
    match pending.request.is_ours() {
        true => context.web.brand().look.product.clone(),
        false => client_name(context.client, &pending.request.client_id),
    }
}

fn new_secret(step: LoginStep<'_>) -> NewSecret {
    let Some(enrolling) = enrolling(step.pending) else { return NewSecret::default() };
    let issuer = destination(step);
    NewSecret {
        uri: enrolling.uri(&issuer, &step.pending.progress.typed_name),
        key: enrolling.secret.to_base32().to_string(),
        digits: enrolling.parameters.digits,
        period: enrolling.parameters.period,
    }
}

fn days_left(until: Millis, now: Millis) -> u32 {
    u32::try_from(((until - now).max(0) + DAY - 1) / DAY).unwrap_or(u32::MAX)
}

/// The notice for a refusal.
fn notice(refusal: SignInRefusal) -> SignInNotice {
    use Gate as G;
    match refusal {
        SignInRefusal::WhichDirectory => SignInNotice::MissingDomain,
        SignInRefusal::NotProven | SignInRefusal::Shut(G::Found) => SignInNotice::Refused,
        SignInRefusal::TooMany { minutes, known_browser: false } => SignInNotice::TooMany(minutes),
        SignInRefusal::TooMany { minutes, known_browser: true } => SignInNotice::TooManyHere(minutes),
        SignInRefusal::PasswordExpired => SignInNotice::PasswordExpired,
        SignInRefusal::MailTaken => SignInNotice::EmailTaken,
        SignInRefusal::LinkPending => SignInNotice::LinkPending,
        SignInRefusal::MailUnusable => SignInNotice::EmailUnusable,
        SignInRefusal::Shut(G::SsoEnabled) => SignInNotice::SsoDisabled,
        SignInRefusal::Shut(G::Bound) => SignInNotice::NotAllowedHere,
        SignInRefusal::Shut(G::Enabled) => SignInNotice::AccountDisabled,
        SignInRefusal::Shut(G::NotExpired) => SignInNotice::AccountExpired,
        SignInRefusal::Shut(G::PasswordAllowed) => SignInNotice::SmartCardRequired,
        SignInRefusal::Shut(G::NotLocked) => SignInNotice::AccountLocked,
        SignInRefusal::Shut(G::PasswordUsable) => SignInNotice::PasswordMustChange,
        SignInRefusal::Shut(G::InScope) => SignInNotice::OutOfScope,
        SignInRefusal::Shut(G::MailPresent) => SignInNotice::NoEmail,
        SignInRefusal::Shut(G::AccountExists) => SignInNotice::NoAccount,
        SignInRefusal::Shut(G::MailMatches) => SignInNotice::EmailDiffers,
        SignInRefusal::Shut(G::NotSuspended) => SignInNotice::AccountSuspended,
    }
}
