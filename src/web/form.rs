//! Reads what every login page needs from a request: the browser, and the login that its form belongs to.

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::header::ORIGIN;
use axum::response::{IntoResponse, Response};

use super::cookies::{self, Cookie};
use super::error::RequestContext;
use super::pages::ErrorKind;
use super::request::PageRequest;
use super::session;
use super::state::Web;
use super::unfinished::ResumeAt;
use crate::domain::session::Session;
use crate::flow::account::sign_out;
use crate::flow::installation::browser::Browser;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::current::Current;
use crate::flow::installation::device::Device;
use crate::flow::installation::fault::Fault;
use crate::flow::login::pending::{self, Pending, csrf_token};
use crate::flow::login::step::StepRequest;
use crate::oidc::params::Params;

/// URL of a pending login's page. It names the client, so that the link back works after the login has ended.
#[must_use]
pub fn url(pending: &Pending) -> String {
    url_of(&pending.id, &pending.request.client_id)
}

fn url_of(id: &str, client_id: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("p", id)
        .append_pair("client_id", client_id)
        .finish();
    format!("/login?{query}")
}

/// A login at this browser, and the request that continues it.
#[derive(Clone, Copy)]
pub struct OpenLogin<'a> {
    pub context: RequestContext<'a>,
    pub pending: &'a Pending,
    pub browser: &'a Browser,
}

/// Reads the browser's cookies; a browser without a login cookie gets a new id.
pub async fn browser(web: &Web, headers: &HeaderMap) -> Result<Browser, Fault> {
    let cookie = |cookie| cookies::read(headers, &web.surface, cookie);
    Ok(Browser {
        id: cookie(Cookie::Login).unwrap_or_else(|| web.parts.random_id()),
        session: session::current(web, headers).await?,
        device: Device::open(&web.parts, cookie(Cookie::Device).as_deref()),
        remembered: cookie(Cookie::Remembered),
    })
}

/// True when the form comes from our own origin; a browser that sends no origin is trusted.
fn is_same_origin(web: &Web, headers: &HeaderMap) -> bool {
    headers.get(ORIGIN).is_none_or(|origin| origin.as_bytes() == web.parts.issuer.as_bytes())
}

fn has_token(params: &Params, token: &str) -> bool {
    let sent = params.value("csrf").ok().flatten().unwrap_or_default();
    verify_slices_are_equal(sent.as_bytes(), token.as_bytes()).is_ok()
}

/// True when our own page in this session created the form.
#[must_use]
pub fn is_of_session(web: &Web, headers: &HeaderMap, params: &Params, session: &Session) -> bool {
    is_same_origin(web, headers) && has_token(params, &sign_out::csrf_token(&web.parts, session))
}

/// A form of a pending login, sent by the browser that started it.
pub struct LoginForm {
    pub request: PageRequest,
    pub params: Params,
    pub pending: Pending,
    pub browser: Browser,
    current: Arc<Current>,
    same_origin: bool,
}

impl LoginForm {
    /// Reads the form and loads its login. If there is none, the error page links back to the client.
    pub async fn open(request: PageRequest, body: &[u8]) -> Result<Self, Response> {
        let (web, current) = (&request.web, request.web.parts.current());
        let params = match Params::parse(body) {
            Ok(params) => params,
            Err(error) => return Err(bad_form(&request.context(), &error)),
        };
        let id = params.value("pending").ok().flatten().unwrap_or_default();
        let client_id = params.value("client_id").ok().flatten();
        let loaded = async {
            let browser = browser(web, &request.headers).await?;
            Ok((pending::load(&web.parts, id, &browser.id).await?, browser))
        };
        match loaded.await {
            Ok((pending, browser)) => {
                let same_origin = is_same_origin(web, &request.headers);
                Ok(Self { params, pending, browser, current, same_origin, request })
            }
            Err(error) => {
                let client = client_id.and_then(|id| current.settings.client(id));
                let context = RequestContext { client, ..request.context() };
                let mut response = context.fail_to_open(&error, client_id);
                let page = url_of(id, client_id.unwrap_or_default());
                response.extensions_mut().insert(ResumeAt::at(&page));
                Err(response)
            }
        }
    }

    /// The login that the form belongs to.
    #[must_use]
    pub fn login(&self) -> OpenLogin<'_> {
        let asked = &self.pending.request;
        let client = self.current.settings.client(&asked.client_id);
        let context = self.request.context().for_client(client, &asked.ui_locales);
        OpenLogin { context, pending: &self.pending, browser: &self.browser }
    }

    /// The same for `flow`, under the settings in force.
    #[must_use]
    pub fn step_request(&self) -> StepRequest<'_> {
        let (visit, current) = (&self.request.visit, &self.current);
        StepRequest { current, visit, pending: &self.pending, browser: &self.browser }
    }

    /// True when our own page in this browser created the form.
    #[must_use]
    pub fn is_genuine(&self) -> bool {
        let expected = csrf_token(&self.request.web.parts, &self.pending.id, &self.browser.id);
        self.same_origin && has_token(&self.params, &expected)
    }

    /// The parts that signing in needs.
    #[must_use]
    pub fn parts(&self) -> &LoginParts {
        &self.request.web.parts
    }

    /// A field's value; empty if it is missing or unreadable.
    #[must_use]
    pub fn text(&self, name: &'static str) -> &str {
        self.params.value(name).ok().flatten().unwrap_or_default()
    }
}

impl FromRequest<Web> for LoginForm {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        let (page, body) = with_body(request, web).await?;
        Self::open(page, &body).await
    }
}

/// A form of a pending login that our own page in this browser created.
pub struct OwnForm(pub LoginForm);

impl FromRequest<Web> for OwnForm {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        let form = LoginForm::from_request(request, web).await?;
        match form.is_genuine() {
            true => Ok(Self(form)),
            false => Err(form.login().context.page(ErrorKind::LoginExpired)),
        }
    }
}

/// Reads the body of a request, which may be too long.
pub async fn with_body(request: Request, web: &Web) -> Result<(PageRequest, Bytes), Response> {
    let (mut parts, body) = request.into_parts();
    let page = PageRequest::from_request_parts(&mut parts, web).await.map_err(IntoResponse::into_response)?;
    let body = Bytes::from_request(Request::from_parts(parts, body), web).await;
    Ok((page, body.map_err(IntoResponse::into_response)?))
}

/// The page for a form that can't be parsed.
pub fn bad_form(context: &RequestContext<'_>, error: &impl std::fmt::Display) -> Response {
    context.page(ErrorKind::BadForm { detail: error.to_string() })
}
