//! Maps errors to HTTP responses. Each error is logged here, once. A page says what happened and what to do
//! next; a 500 shows only an id. The signed-in person is added later (see [`super::unfinished`]).

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::pages::{ErrorKind, ErrorPage, Language, ReturnTo};
use super::reply::language;
use super::state::Web;
use super::unfinished::{ResumeAt, Unfinished};
use crate::domain::client::Client;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::Visit;
use crate::flow::installation::fault::{Blame, Fault};

/// The page for a fault.
#[must_use]
pub fn kind(fault: &Fault) -> ErrorKind {
    match fault.blame() {
        Blame::Login => ErrorKind::LoginExpired,
        Blame::Directory => ErrorKind::DirectoryUnavailable,
        Blame::TooMany => ErrorKind::Busy,
        Blame::RetryAfter(retry_after_seconds) => ErrorKind::TooManyRequests { retry_after_seconds },
        Blame::Storage => ErrorKind::StorageUnavailable,
        Blame::Us => ErrorKind::Internal,
    }
}

/// `Retry-After` when too many people sign in at once.
pub const BUSY_SECONDS: u32 = 5;

/// The context of one request, for its page.
#[derive(Clone, Copy)]
pub struct RequestContext<'a> {
    pub web: &'a Web,
    pub visit: &'a Visit,
    pub headers: &'a HeaderMap,
    pub language: Language,
    /// The client that the person came from.
    pub client: Option<&'a Client>,
}

impl<'a> RequestContext<'a> {
    /// The context of a page that belongs to no client, in the browser's language.
    #[must_use]
    pub fn new(web: &'a Web, visit: &'a Visit, headers: &'a HeaderMap) -> Self {
        Self { web, visit, headers, language: language(headers, &[]), client: None }
    }

    /// The same for a client's page, in the language that the client asked for.
    #[must_use]
    pub fn for_client(self, client: Option<&'a Client>, ui_locales: &[String]) -> Self {
        Self { language: language(self.headers, ui_locales), client, ..self }
    }

    /// The error page for a step of a login. After an outage, the browser reopens that step's page.
    pub fn fail_at(&self, error: &Fault, page: String) -> Response {
        let mut response = self.fail(error);
        response.extensions_mut().insert(ResumeAt::at(&page));
        response
    }

    /// Help contact, in the page's language.
    #[must_use]
    pub fn help_contact(&self) -> String {
        self.web.parts.current().settings.help_contact(self.language.tag())
    }

    /// Logs the error and returns its page.
    pub fn fail(&self, error: &Fault) -> Response {
        self.page(self.logged(error))
    }

    /// The same for a login that cannot be loaded. A login without a client was for the person's own page.
    pub fn fail_to_open(&self, error: &Fault, client_id: Option<&str>) -> Response {
        let kind = self.logged(error);
        match client_id {
            None => self.page_with_link(kind, Some(ReturnTo::own_page())),
            Some(_) => self.page(kind),
        }
    }

    fn logged(&self, error: &Fault) -> ErrorKind {
        let kind = kind(error);
        if kind.status() >= 500 {
            tracing::error!(id = %self.visit.attempt_id, error = %Causes(error), "a request failed");
        } else {
            tracing::info!(id = %self.visit.attempt_id, error = %Causes(error), "a request was refused");
        }
        kind
    }

    /// The page for a kind of error.
    pub fn page(&self, kind: ErrorKind) -> Response {
        self.page_with_link(kind, self.client.and_then(return_to))
    }

    /// The same with another link back.
    pub fn page_with_link(&self, kind: ErrorKind, return_to: Option<ReturnTo>) -> Response {
        let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = retry_after(&kind);
        let page = ErrorPage {
            language: self.language,
            kind,
            attempt_id: Some(self.visit.attempt_id.clone()),
            return_to,
            help_contact: self.help_contact(),
            known_person: None,
            resume_at: None,
        };
        let response = (status, Unfinished::Error(page)).into_response();
        match retry_after {
            Some(seconds) => with_retry_after(response, seconds),
            None => response,
        }
    }
}

/// Adds `Retry-After` to a response.
pub fn with_retry_after(mut response: Response, seconds: u32) -> Response {
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// `Retry-After` in seconds (RFC 9110 section 10.2.3), if the error has one.
#[must_use]
pub fn retry_after(kind: &ErrorKind) -> Option<u32> {
    match kind {
        ErrorKind::TooManyRequests { retry_after_seconds } => Some(*retry_after_seconds),
        ErrorKind::DirectoryUnavailable
        | ErrorKind::StorageUnavailable
        | ErrorKind::AdminRoleUnconfirmed
        | ErrorKind::TooManyDrafts
        | ErrorKind::Busy => Some(BUSY_SECONDS),
        _ => None,
    }
}

/// Link back to a client that has a home page.
#[must_use]
pub fn return_to(client: &Client) -> Option<ReturnTo> {
    let url = client.client_uri.clone()?;
    Some(ReturnTo { client_name: client.shown_name().to_owned(), url })
}

/// 500: a handler panicked.
pub fn internal(web: &Web, headers: &HeaderMap, visit: &Visit) -> Response {
    tracing::error!(id = %visit.attempt_id, "a handler panicked");
    RequestContext::new(web, visit, headers).page(ErrorKind::Internal)
}

/// 413: the body is longer than any of our forms.
pub fn too_large(web: &Web, headers: &HeaderMap, visit: &Visit) -> Response {
    RequestContext::new(web, visit, headers).page(ErrorKind::TooLarge)
}
