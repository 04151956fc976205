//! The sign-in page and its form.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::cookies::{self, Cookie};
use super::error::Scene;
use super::pages::{ErrorKind, KnownPerson, Language, Scripts, SignIn, SignInNotice};
use super::reply::{client_name, html_towards, language, respond};
use super::session;
use super::state::Web;
use crate::domain::secret::Plain;
use crate::domain::session::Session;
use crate::flow::authorize::ask;
use crate::flow::context::Visit;
use crate::flow::pending::{self, Pending, csrf_token};
use crate::flow::sign_in::{self, Credentials, Refusal, SignedIn};
use crate::oidc::error::{ErrorCode, OAuthError};
use crate::oidc::params::Params;

/// Where the sign-in page of a pending login is. The client is named beside it, so that the way back is known even when
/// the login is not any more.
#[must_use]
pub fn url(pending: &Pending) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("p", &pending.id)
        .append_pair("client_id", &pending.request.client_id)
        .finish();
    format!("/login?{query}")
}

/// A form of a pending login, in the browser that started it.
pub struct Form {
    /// What was sent.
    pub params: Params,
    /// The login.
    pub pending: Pending,
    browser: String,
    same_origin: bool,
}

impl Form {
    /// Reads a form and loads its login. Without one, the error page leads back to the client.
    pub async fn open(
        web: &Web,
        visit: &Visit,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Self, Box<Response>> {
        let params = Params::parse(body);
        let browser = cookies::read(headers, &web.surface, Cookie::Login).unwrap_or_default();
        let same_origin =
            headers.get(ORIGIN).is_none_or(|origin| origin.as_bytes() == web.parts.issuer.as_bytes());
        let current = web.parts.current();
        let scene = Scene { web, visit, language: language(headers, &[]), client: None };
        let params = params
            .map_err(|error| Box::new(scene.page(ErrorKind::BadRequest { detail: error.to_string() })))?;
        let client_id = params.value("client_id").ok().flatten();
        let client = client_id.and_then(|id| current.settings.client(id));
        let id = params.value("pending").ok().flatten().unwrap_or_default();
        match pending::load(&web.parts, id, &browser).await {
            Ok(pending) => Ok(Self { params, pending, browser, same_origin }),
            Err(error) => Err(Box::new(Scene { client, ..scene }.fail(&error))),
        }
    }

    /// True when our own page in this very browser made the form.
    #[must_use]
    pub fn is_genuine(&self, web: &Web) -> bool {
        let expected = csrf_token(&web.parts, &self.pending.id, &self.browser);
        let sent = self.params.value("csrf").ok().flatten().unwrap_or_default();
        self.same_origin && verify_slices_are_equal(sent.as_bytes(), expected.as_bytes()).is_ok()
    }

    /// The language of the page that answers.
    #[must_use]
    pub fn language(&self, headers: &HeaderMap) -> Language {
        language(headers, &self.pending.request.ui_locales)
    }
}

/// `GET /login`.
pub async fn page(
    State(web): State<Web>,
    Extension(visit): Extension<Visit>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let current = web.parts.current();
    let params = Params::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let browser = cookies::read(&headers, &web.surface, Cookie::Login).unwrap_or_default();
    let client_id = params.value("client_id").ok().flatten();
    let client = client_id.and_then(|id| current.settings.client(id));
    let scene = Scene { web: &web, visit: &visit, language: language(&headers, &[]), client };
    let id = params.value("p").ok().flatten().unwrap_or_default();
    let pending = match pending::load(&web.parts, id, &browser).await {
        Ok(pending) => pending,
        Err(error) => return scene.fail(&error),
    };
    let session = match session::of(&web, &headers).await {
        Ok(session) => session,
        Err(error) => return scene.fail(&error),
    };
    let username = pending.request.login_hint.clone().unwrap_or_default();
    let language = language(&headers, &pending.request.ui_locales);
    let scene = Scene { language, client: current.settings.client(&pending.request.client_id), ..scene };
    show(&scene, &pending, &browser, session.as_ref(), username, None).await
}

/// `POST /login`.
pub async fn submit(
    State(web): State<Web>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = match Form::open(&web, &visit, &headers, &body).await {
        Ok(form) => form,
        Err(response) => return *response,
    };
    let current = web.parts.current();
    let client = current.settings.client(&form.pending.request.client_id);
    let scene = Scene { web: &web, visit: &visit, language: form.language(&headers), client };
    let session = match session::of(&web, &headers).await {
        Ok(session) => session,
        Err(error) => return scene.fail(&error),
    };
    let (username, password) = match (form.params.value("username"), form.params.value("password")) {
        (Ok(username), Ok(password)) => (username.unwrap_or_default(), password.unwrap_or_default()),
        (Err(error), _) | (_, Err(error)) => {
            return scene.page(ErrorKind::BadRequest { detail: error.to_string() });
        }
    };
    let notice = if !form.is_genuine(&web) {
        Some(SignInNotice::TryAgainExpired)
    } else if username.trim().is_empty() {
        Some(SignInNotice::MissingUsername)
    } else if password.is_empty() {
        Some(SignInNotice::MissingPassword)
    } else {
        None
    };
    if let Some(notice) = notice {
        let username = username.to_owned();
        return show(&scene, &form.pending, &form.browser, session.as_ref(), username, Some(notice)).await;
    }
    let typed = Credentials { name: username, password: Plain::new(password) };
    finish(&scene, &form, typed, session.as_ref()).await
}

async fn finish(
    scene: &Scene<'_>,
    form: &Form,
    typed: Credentials<'_>,
    session: Option<&Session>,
) -> Response {
    let web = scene.web;
    let request = &form.pending.request;
    // The hint was good when the login began; a key that has gone since ends the login.
    let Some(ask) = ask(&web.parts, request) else { return scene.page(ErrorKind::LoginExpired) };
    let username = typed.name.to_owned();
    match sign_in::sign_in(&web.parts, scene.visit, &form.pending, &ask, typed, session).await {
        Ok(SignedIn::Issued(issued)) => {
            let reply = request.reply_to().code(&web.parts.issuer, &issued.code);
            let mut response = respond(web, reply, scene.language, &request.client_id);
            if let Some(id) = &issued.session_id {
                cookies::set(response.headers_mut(), &web.surface, Cookie::Session, id);
            }
            response
        }
        Ok(SignedIn::LoginRequired) => {
            let error = OAuthError::new(ErrorCode::LoginRequired, "another person signed in");
            let reply = request.reply_to().error(&web.parts.issuer, &error);
            respond(web, reply, scene.language, &request.client_id)
        }
        Ok(SignedIn::Refused(refusal)) => {
            let notice = Some(notice(refusal));
            show(scene, &form.pending, &form.browser, session, username, notice).await
        }
        Err(error) => scene.fail(&error),
    }
}

/// What the page says of a refusal.
fn notice(refusal: Refusal) -> SignInNotice {
    use crate::domain::gates::Gate as G;
    match refusal {
        Refusal::NotProven | Refusal::Shut(G::Found) => SignInNotice::Refused,
        Refusal::PasswordExpired => SignInNotice::PasswordExpired,
        Refusal::Shut(G::SsoEnabled) => SignInNotice::SsoDisabled,
        Refusal::Shut(G::Bound) => SignInNotice::NotAllowedHere,
        Refusal::Shut(G::Enabled) => SignInNotice::AccountDisabled,
        Refusal::Shut(G::NotExpired) => SignInNotice::AccountExpired,
        Refusal::Shut(G::NotLocked) => SignInNotice::AccountLocked,
        Refusal::Shut(G::PasswordUsable) => SignInNotice::PasswordMustChange,
        Refusal::Shut(G::InScope) => SignInNotice::OutOfScope,
        Refusal::Shut(G::MailPresent) => SignInNotice::NoMail,
        Refusal::Shut(G::AccountExists) => SignInNotice::NoAccount,
        Refusal::Shut(G::MailMatches) => SignInNotice::EmailDiffers,
        Refusal::Shut(G::NotSuspended) => SignInNotice::AccountSuspended,
    }
}

async fn show(
    scene: &Scene<'_>,
    pending: &Pending,
    browser: &str,
    session: Option<&Session>,
    username: String,
    notice: Option<SignInNotice>,
) -> Response {
    let web = scene.web;
    let known_person: Option<KnownPerson> = match session::known_person(web, session, pending, browser).await
    {
        Ok(person) => person,
        Err(error) => return scene.fail(&error),
    };
    let page = SignIn {
        language: scene.language,
        pending_id: pending.id.clone(),
        client_id: pending.request.client_id.clone(),
        csrf_token: csrf_token(&web.parts, &pending.id, browser),
        client_name: client_name(scene.client, &pending.request.client_id),
        username,
        notice,
        code_accepted: false,
        known_person,
        help_contact: web.parts.current().settings.sso.help_contact.clone(),
        attempt_id: notice.map(|_| scene.visit.attempt_id.clone()),
    };
    let response = html_towards(&page, &pending.request.redirect_uri, Scripts::None);
    // A refusal is no success: password managers then do not offer to keep the password.
    let status = if notice.is_some() { StatusCode::FORBIDDEN } else { StatusCode::OK };
    (status, response).into_response()
}
