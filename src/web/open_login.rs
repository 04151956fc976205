//! Opens the login in progress that a page or form of the sign-in belongs to.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use super::browser::{browser, login_url_of};
use super::error::RequestContext;
use super::form::{self, Form};
use super::pages::ErrorKind;
use super::request::PageRequest;
use super::state::Web;
use super::unfinished::ResumeAt;
use crate::flow::installation::browser::Browser;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::current::Current;
use crate::flow::login::pending::{self, Pending, csrf_token};
use crate::flow::login::step::StepRequest;
use crate::oidc::params::Params;

/// A login at this browser, and the request that continues it: what its pages need.
#[derive(Clone, Copy)]
pub struct LoginContext<'a> {
    pub context: RequestContext<'a>,
    pub pending: &'a Pending,
    pub browser: &'a Browser,
}

/// A login in progress, opened for the browser that started it.
pub struct OpenLogin {
    pub request: PageRequest,
    pub params: Params,
    pub pending: Pending,
    pub browser: Browser,
    current: Arc<Current>,
}

impl OpenLogin {
    /// Opens the login of a form. After an outage, the browser continues at the login's page.
    pub async fn of_form(Form { request, params }: Form) -> Result<Self, Response> {
        let page = login_url_of(params.text("pending"), params.text("client_id"));
        Self::open(request, params, "pending").await.map_err(|mut response| {
            response.extensions_mut().insert(ResumeAt::at(&page));
            response
        })
    }

    /// If there is no such login, the error page links back to the client.
    async fn open(request: PageRequest, params: Params, id: &'static str) -> Result<Self, Response> {
        let (web, current) = (&request.web, request.web.parts.current());
        let loaded = async {
            let browser = browser(web, &request.headers).await?;
            Ok((pending::load(&web.parts, params.text(id), &browser.id).await?, browser))
        };
        match loaded.await {
            Ok((pending, browser)) => Ok(Self { pending, browser, params, current, request }),
            Err(error) => {
                let client_id = params.value("client_id").ok().flatten();
                let client = client_id.and_then(|id| current.settings.client(id));
                let context = RequestContext { client, ..request.context() };
                Err(context.fail_to_open(&error, client_id))
            }
        }
    }

    /// The login, for its pages.
    #[must_use]
    pub fn login(&self) -> LoginContext<'_> {
        let asked = &self.pending.request;
        let client = self.current.settings.client(&asked.client_id);
        let context = self.request.context().for_client(client, &asked.ui_locales);
        LoginContext { context, pending: &self.pending, browser: &self.browser }
    }

    /// The same for `flow`, under the settings in force.
    #[must_use]
    pub fn step_request(&self) -> StepRequest<'_> {
        let Self { pending, browser, current, request, .. } = self;
        StepRequest { parts: self.parts(), current, visit: &request.visit, pending, browser }
    }

    /// True when our own page in this browser created the form.
    #[must_use]
    pub fn is_genuine(&self) -> bool {
        let token = csrf_token(self.parts(), &self.pending.id, &self.browser.id);
        form::is_genuine(&self.request, &self.params, &token)
    }

    /// The parts that signing in needs.
    #[must_use]
    pub fn parts(&self) -> &LoginParts {
        &self.request.web.parts
    }

    /// A field's value; empty if it is missing or unreadable.
    #[must_use]
    pub fn text(&self, name: &'static str) -> &str {
        self.params.text(name)
    }
}

/// The request for the page of a login.
pub struct LoginView(pub OpenLogin);

impl FromRequestParts<Web> for LoginView {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Response> {
        let request = PageRequest::from_request_parts(parts, web).await;
        let request = request.map_err(IntoResponse::into_response)?;
        let query = parts.uri.query().unwrap_or_default();
        let params = Params::parse(query.as_bytes()).unwrap_or_default();
        OpenLogin::open(request, params, "p").await.map(Self)
    }
}

/// A form of a login.
pub struct LoginForm(pub OpenLogin);

impl FromRequest<Web> for LoginForm {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        OpenLogin::of_form(Form::from_request(request, web).await?).await.map(Self)
    }
}

/// A form of a login that our own page in this browser created.
pub struct OwnForm(pub OpenLogin);

impl FromRequest<Web> for OwnForm {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        let LoginForm(form) = LoginForm::from_request(request, web).await?;
        match form.is_genuine() {
            true => Ok(Self(form)),
            false => Err(form.login().context.page(ErrorKind::LoginExpired)),
        }
    }
}
