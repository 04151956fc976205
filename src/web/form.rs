//! Reads what every login page needs from a request: the browser, and the login that its form belongs to.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::http::HeaderMap;
use axum::http::header::ORIGIN;
use axum::response::Response;

use super::cookies::{self, Cookie};
use super::error::{RequestContext, ResumeAt};
use super::pages::{ErrorKind, Language};
use super::reply::language;
use super::session;
use super::state::Web;
use crate::domain::session::Session;
use crate::flow::account::sign_out;
use crate::flow::installation::browser::Browser;
use crate::flow::installation::context::Visit;
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
pub struct Form {
    pub params: Params,
    pub pending: Pending,
    pub browser: Browser,
    same_origin: bool,
}

impl Form {
    /// Reads the form and loads its login. If there is none, the error page links back to the client.
    pub async fn open(
        web: &Web,
        visit: &Visit,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Self, Box<Response>> {
        let context = RequestContext { web, visit, language: language(headers, &[]), client: None };
        let bad =
            |error: &dyn std::fmt::Display| context.page(ErrorKind::BadForm { detail: error.to_string() });
        let params = Params::parse(body).map_err(|error| Box::new(bad(&error)))?;
        let same_origin = is_same_origin(web, headers);
        let current = web.parts.current();
        let client_id = params.value("client_id").ok().flatten();
        let client = client_id.and_then(|id| current.settings.client(id));
        let id = params.value("pending").ok().flatten().unwrap_or_default();
        let fail = |error: &Fault| {
            let context = RequestContext { web, visit, language: language(headers, &[]), client };
            let mut response = context.fail_to_open(error, client_id);
            response.extensions_mut().insert(ResumeAt::at(&url_of(id, client_id.unwrap_or_default())));
            Box::new(response)
        };
        let browser = browser(web, headers).await.map_err(|error| fail(&error))?;
        match pending::load(&web.parts, id, &browser.id).await {
            Ok(pending) => Ok(Self { params, pending, browser, same_origin }),
            Err(error) => Err(fail(&error)),
        }
    }

    /// The request of the login, under the settings in force.
    #[must_use]
    pub fn step<'a>(&'a self, context: &RequestContext<'a>, current: &'a Current) -> StepRequest<'a> {
        StepRequest { current, visit: context.visit, pending: &self.pending, browser: &self.browser }
    }

    /// True when our own page in this browser created the form.
    #[must_use]
    pub fn is_genuine(&self, web: &Web) -> bool {
        let expected = csrf_token(&web.parts, &self.pending.id, &self.browser.id);
        self.same_origin && has_token(&self.params, &expected)
    }

    /// A field's value; empty if it is missing or unreadable.
    #[must_use]
    pub fn text(&self, name: &'static str) -> &str {
        self.params.value(name).ok().flatten().unwrap_or_default()
    }

    /// Language of the responding page.
    #[must_use]
    pub fn language(&self, headers: &HeaderMap) -> Language {
        language(headers, &self.pending.request.ui_locales)
    }
}
