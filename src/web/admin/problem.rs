//! Errors for scripts: problem details (RFC 9457).

use axum::Json;
use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::flow::admin::token::TokenRefused;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::Visit;
use crate::flow::installation::fault::Fault;
use crate::flow::settings;
use crate::web::error::{kind, retry_after, with_retry_after};
use crate::web::pages::{ErrorKind, HtmlPage, Language};
use crate::web::reply::html;

/// The media type of a problem.
pub(super) const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request was refused.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web) struct Problem {
    /// One for each kind of error; no page is behind it.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    /// What to do.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The id of this request in the log.
    pub instance: String,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<FieldProblem>,
    /// Of a condition that does not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub versions: Option<StaleVersion>,
}

/// The version that was sent, and the one that is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::web) struct StaleVersion {
    pub sent: i64,
    pub current: i64,
}

/// What is wrong with a field, in the words of `settings apply`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web) struct FieldProblem {
    pub field: String,
    pub message: String,
}

impl From<&settings::Problem> for FieldProblem {
    fn from(problem: &settings::Problem) -> Self {
        Self { field: problem.place.to_string(), message: problem.message.clone() }
    }
}

/// A typed answer beside the page that an action draws.
#[derive(Clone, Debug)]
pub(super) enum ForScripts {
    /// What the page shows once.
    Shown(serde_json::Value),
    /// What is wrong with the fields.
    Wrong(Vec<FieldProblem>),
    /// It was refused, for this reason in a word.
    Refused(StatusCode, &'static str),
}

/// A page that shows something once, and the same for scripts.
pub(super) fn shown_once(
    page: &(impl HtmlPage + Clone + Send + Sync + 'static),
    shown: serde_json::Value,
) -> Response {
    let mut response = html(page);
    response.extensions_mut().insert(ForScripts::Shown(shown));
    response
}

/// A response that says to a browser why nothing was done, and the same for scripts, in a word.
pub(super) fn refused(mut response: Response, status: StatusCode, why: &'static str) -> Response {
    response.extensions_mut().insert(ForScripts::Refused(status, why));
    response
}

/// The same for what is wrong with a field.
pub(super) fn wrong_field(response: Response, field: &str, message: &str) -> Response {
    wrong(response, vec![FieldProblem { field: field.to_owned(), message: message.to_owned() }])
}

/// The same for what is wrong with several.
pub(super) fn wrong(mut response: Response, problems: Vec<FieldProblem>) -> Response {
    response.extensions_mut().insert(ForScripts::Wrong(problems));
    response
}

impl Problem {
    /// A problem in these words. `name` is the last part of its type.
    pub(super) fn new(visit: &Visit, status: StatusCode, name: &str, title: &str, detail: &str) -> Self {
        Self {
            kind: format!("urn:cloudsync-idp:problem:{name}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.to_owned(),
            instance: format!("urn:cloudsync-idp:request:{}", visit.attempt_id),
            problems: Vec::new(),
            versions: None,
        }
    }

    /// The same error as on a page, in English.
    pub(in crate::web) fn of_page(visit: &Visit, kind: &ErrorKind) -> Self {
        let (english, key) = (Language::English, kind.key());
        let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let detail = kind.detail().map_or_else(|| kind.next_step(english).into_owned(), str::to_owned);
        Self::new(visit, status, key.trim_start_matches("error-"), &english.text(key), &detail)
    }

    /// A fault, which is logged here.
    pub(super) fn of_fault(visit: &Visit, fault: &Fault) -> Response {
        let kind = kind(fault);
        tracing::error!(id = %visit.attempt_id, error = %Causes(fault), "a request of a script failed");
        let response = Self::of_page(visit, &kind).into_response();
        match retry_after(&kind) {
            Some(seconds) => with_retry_after(response, seconds),
            None => response,
        }
    }

    /// A token that lets nobody in.
    pub(super) fn of_token(visit: &Visit, refused: &TokenRefused) -> Response {
        let problem =
            |status, name, title, detail| Self::new(visit, status, name, title, detail).into_response();
        match refused {
            TokenRefused::Fault(fault) => Self::of_fault(visit, fault),
            TokenRefused::NoRole => Self::of_page(visit, &ErrorKind::NoAdminRole).into_response(),
            TokenRefused::Insufficient => {
                let title = "A fresh second factor is needed";
                let detail = "sign in again with a second factor; it counts for five minutes";
                let status = StatusCode::UNAUTHORIZED;
                let response = problem(status, "insufficient-user-authentication", title, detail);
                challenged(
                    response,
                    "Bearer realm=\"admin\", error=\"insufficient_user_authentication\", max_age=300",
                )
            }
            TokenRefused::Bearer(error) => {
                let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::UNAUTHORIZED);
                let detail = "send an access token with the scope admin in the Authorization header";
                let response = problem(status, "access-token", &error.to_string(), detail);
                challenged(response, &error.www_authenticate().replace("\"userinfo\"", "\"admin\""))
            }
        }
    }
}

fn challenged(mut response: Response, challenge: &str) -> Response {
    if let Ok(challenge) = HeaderValue::from_str(challenge) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        response
    }
}
