//! `Idempotency-Key`: a script may send a request again when it does not know whether the first one arrived.

use axum::body::{Body, to_bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::flow::admin::idempotency::{self, KeyedCall, KeyedStart};
use crate::flow::admin::session::CheckedAdmin;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::Visit;
use crate::web::admin::problem::{PROBLEM_JSON, Problem};
use crate::web::error::with_retry_after;
use crate::web::state::Web;

/// No key is longer.
const LONGEST_KEY: usize = 100;
/// No answer of an action is longer.
const LONGEST_ANSWER: usize = 256 * 1024;

/// When to try again if there is no room for a key, in seconds.
const LATER: u32 = 3_600;

/// The key of a request; `Err` for one that is no key.
pub(super) fn key(headers: &HeaderMap) -> Result<Option<String>, ()> {
    let mut keys = headers.get_all("idempotency-key").iter();
    let Some(key) = keys.next() else { return Ok(None) };
    let text = key.to_str().map_err(|_| ())?.trim();
    let is_key = keys.next().is_none() && !text.is_empty() && text.len() <= LONGEST_KEY;
    if is_key { Ok(Some(text.to_owned())) } else { Err(()) }
}

/// A request that is carried out now.
pub(super) struct Once(KeyedCall);

/// The answer as it is kept.
#[derive(Serialize, Deserialize)]
struct KeptAnswer {
    status: u16,
    kind: String,
    body: String,
}

/// Begins a request. `Err` is its answer: the earlier one, or why there is none.
pub(super) async fn begin(
    web: &Web,
    visit: &Visit,
    key: Result<Option<String>, ()>,
    (admin, content): (&CheckedAdmin, Vec<u8>),
) -> Result<Option<Once>, Response> {
    let refused =
        |status, name, title, detail| Problem::new(visit, status, name, title, detail).into_response();
    let Ok(key) = key else {
        let detail = "send one Idempotency-Key of at most 100 characters";
        return Err(refused(StatusCode::BAD_REQUEST, "idempotency-key", "The key can't be read", detail));
    };
    let Some(key) = key else { return Ok(None) };
    match idempotency::begin(&web.parts, admin, &key, &content).await {
        Ok(KeyedStart::New(call)) => Ok(Some(Once(call))),
        Ok(KeyedStart::Answered(answer)) => Err(replayed(&answer)),
        Ok(KeyedStart::Running { abandoned: false }) => {
            let detail = "the first request with this key is not over: try again later";
            Err(refused(StatusCode::CONFLICT, "idempotency-running", "It is being carried out", detail))
        }
        Ok(KeyedStart::Running { abandoned: true }) => {
            let detail =
                "nobody knows what the first request with this key has done: look, and use another key";
            Err(refused(StatusCode::CONFLICT, "idempotency-unknown", "The result is unknown", detail))
        }
        Ok(KeyedStart::Other) => {
            let detail = "this key was sent with another request: use a new one";
            Err(refused(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key", "The key is taken", detail))
        }
        Ok(KeyedStart::Full) => {
            let detail = "a key is kept for a day, and at most 1,000 of them: send without a key, or later";
            let response =
                refused(StatusCode::TOO_MANY_REQUESTS, "idempotency-keys", "Too many keys", detail);
            Err(with_retry_after(response, LATER))
        }
        Err(fault) => Err(Problem::of_fault(visit, &fault)),
    }
}

impl Once {
    /// Keeps the answer. One that may change by itself is not kept: the script sends the request again.
    pub(super) async fn end(self, web: &Web, response: Response) -> Response {
        let (parts, body) = response.into_parts();
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !matches!(kind, "application/json" | PROBLEM_JSON) {
            // A download may be long, and changes nothing.
            self.keep(web, None).await;
            return Response::from_parts(parts, body);
        }
        let body = to_bytes(body, LONGEST_ANSWER).await.unwrap_or_default();
        let is_final = !parts.status.is_server_error() && parts.status != StatusCode::TOO_MANY_REQUESTS;
        let kept = KeptAnswer {
            status: parts.status.as_u16(),
            kind: kind.to_owned(),
            body: String::from_utf8_lossy(&body).into_owned(),
        };
        let kept = serde_json::to_vec(&kept).ok().filter(|_| is_final);
        self.keep(web, kept.as_deref()).await;
        Response::from_parts(parts, Body::from(body))
    }

    /// Keeps this answer, or none.
    async fn keep(&self, web: &Web, answer: Option<&[u8]>) {
        if let Err(error) = idempotency::end(&web.parts, &self.0, answer).await {
            tracing::error!(error = %Causes(&error), "the answer to a script can't be kept");
        }
    }
}

fn replayed(answer: &[u8]) -> Response {
    let Ok(KeptAnswer { status, kind, body }) = serde_json::from_slice(answer) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let mut response = (status, body).into_response();
    if let Ok(kind) = HeaderValue::from_str(&kind) {
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    response
}
