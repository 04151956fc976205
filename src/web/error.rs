//! The one mapping from errors to HTTP. An error is logged here, once; a page says what happened and what to do, and a
//! 500 shows an id and nothing else. Who is signed in is added further out (see [`super::unfinished`]).

use axum::Extension;
use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::pages::{ErrorKind, ErrorPage, Language, ReturnTo};
use super::reply::language;
use super::state::Web;
use super::unfinished::Unfinished;
use crate::domain::client::Client;
use crate::flow::causes::Causes;
use crate::flow::context::Visit;
use crate::flow::fault::{Blame, Fault};

/// Which page tells of a fault.
#[must_use]
pub fn kind(fault: &Fault) -> ErrorKind {
    match fault.blame() {
        Blame::Login => ErrorKind::LoginExpired,
        Blame::Directory => ErrorKind::DirectoryUnavailable,
        Blame::Crowd => ErrorKind::Busy,
        Blame::Haste(retry_after_seconds) => ErrorKind::TooManyRequests { retry_after_seconds },
        Blame::Storage => ErrorKind::StorageUnavailable,
        Blame::Us => ErrorKind::Internal,
    }
}

/// When to come back after too many came at once.
pub const BUSY_SECONDS: u32 = 5;

/// One request's surroundings, for the page.
pub struct Scene<'a> {
    /// State.
    pub web: &'a Web,
    /// Attempt id and address.
    pub visit: &'a Visit,
    /// The page's language.
    pub language: Language,
    /// The client that the person came from.
    pub client: Option<&'a Client>,
}

impl Scene<'_> {
    /// The page for an error in a step of a login, at whose page the browser goes on by itself after an outage.
    pub fn fail_at(&self, error: &Fault, page: String) -> Response {
        let mut response = self.fail(error);
        response.extensions_mut().insert(GoOn::at(&page));
        response
    }

    /// Whom to ask, in the page's language.
    #[must_use]
    pub fn help_contact(&self) -> String {
        self.web.parts.current().settings.help_contact(self.language.tag())
    }

    /// The page for an error, and its line in the log.
    pub fn fail(&self, error: &Fault) -> Response {
        self.page(self.logged(error))
    }

    /// The same for a login that can't be opened. One that names no client was for the person's own page.
    pub fn fail_to_open(&self, error: &Fault, client_id: Option<&str>) -> Response {
        let kind = self.logged(error);
        match client_id {
            None => self.page_towards(kind, Some(ReturnTo::own_page())),
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
        self.page_towards(kind, self.client.and_then(return_to))
    }

    /// The same with another way back.
    pub fn page_towards(&self, kind: ErrorKind, return_to: Option<ReturnTo>) -> Response {
        let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = retry_after(&kind);
        let page = ErrorPage {
            language: self.language,
            kind,
            attempt_id: Some(self.visit.attempt_id.clone()),
            return_to,
            help_contact: self.help_contact(),
            known_person: None,
            go_on: None,
        };
        let response = (status, Unfinished::Error(page)).into_response();
        match retry_after {
            Some(seconds) => with_retry_after(response, seconds),
            None => response,
        }
    }
}

/// Where a browser goes on after an outage, if not at the address that it asked for. Nothing that was typed is in it.
#[derive(Clone)]
pub struct GoOn(pub String);

/// The name and value in the address of a login's page by which it first looks whether the stores answer again.
pub const AFTER_OUTAGE: (&str, &str) = ("after", "outage");

impl GoOn {
    /// At a page of a login, as soon as the stores answer: a form that could not be sent is not shown.
    #[must_use]
    pub fn at(page: &str) -> Self {
        let (name, value) = AFTER_OUTAGE;
        Self(format!("{page}&{name}={value}"))
    }
}

/// An answer that says in how many seconds to come back.
pub fn with_retry_after(mut response: Response, seconds: u32) -> Response {
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// RFC 9110 section 10.2.3: in how many seconds to come back.
fn retry_after(kind: &ErrorKind) -> Option<u32> {
    match kind {
        ErrorKind::TooManyRequests { retry_after_seconds } => Some(*retry_after_seconds),
        ErrorKind::DirectoryUnavailable | ErrorKind::StorageUnavailable | ErrorKind::Busy => {
            Some(BUSY_SECONDS)
        }
        _ => None,
    }
}

/// The way back to a client that has a home page.
#[must_use]
pub fn return_to(client: &Client) -> Option<ReturnTo> {
    let url = client.client_uri.clone()?;
    Some(ReturnTo { client_name: client.shown_name().to_owned(), url })
}

/// No such page.
pub async fn not_found(
    State(web): State<Web>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
) -> Response {
    plain(&web, &headers, &visit, ErrorKind::NotFound)
}

/// The page exists, but not for this method.
pub async fn method_not_allowed(
    State(web): State<Web>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
) -> Response {
    plain(&web, &headers, &visit, ErrorKind::MethodNotAllowed)
}

/// A handler panicked: our fault.
pub fn internal(web: &Web, headers: &HeaderMap, visit: &Visit) -> Response {
    tracing::error!(id = %visit.attempt_id, "a handler panicked");
    plain(web, headers, visit, ErrorKind::Internal)
}

/// The body was longer than any form of ours.
pub fn too_large(web: &Web, headers: &HeaderMap, visit: &Visit) -> Response {
    plain(web, headers, visit, ErrorKind::TooLarge)
}

fn plain(web: &Web, headers: &HeaderMap, visit: &Visit, kind: ErrorKind) -> Response {
    Scene { web, visit, language: language(headers, &[]), client: None }.page(kind)
}
