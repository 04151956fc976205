//! An action that is sent with `If-Match` is carried out only on this version.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::flow::admin::settings;
use crate::flow::installation::context::Visit;
use crate::web::admin::problem::{Problem, StaleVersion};
use crate::web::state::Web;

/// The answer to a request on a version that is no longer the present one.
pub(super) async fn failed(web: &Web, visit: &Visit, sent: Option<i64>) -> Option<Response> {
    let sent = sent?;
    let current = match settings::stored(&web.panel).await {
        Ok(stored) => stored.generation,
        Err(fault) => return Some(Problem::of_fault(visit, &fault)),
    };
    let status = StatusCode::PRECONDITION_FAILED;
    let detail =
        format!("version {sent} was sent, and {current} is in force: read it again, and send that one");
    let problem = || Problem {
        versions: Some(StaleVersion { sent, current }),
        ..Problem::new(visit, status, "stale-version", "Nothing was saved", &detail)
    };
    (sent != current).then(|| problem().into_response())
}
