//! Health checks for load balancers and supervisors.

use axum::extract::State;
use axum::http::StatusCode;

use super::state::Web;
use crate::flow::causes::Causes;

/// `GET /healthz`: the process responds.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the process can work: both stores respond, the stored settings are active and the scheduled
/// jobs run. An unavailable directory does not count: other directories, existing sessions and the error page
/// still work.
pub async fn readyz(State(web): State<Web>) -> (StatusCode, &'static str) {
    let store = web.parts.store.ping().await;
    let volatile = web.parts.volatile.ping().await;
    match (store, volatile) {
        (Ok(()), Ok(())) => settings_in_force(&web).await,
        (Err(error), _) => {
            tracing::warn!(error = %Causes(&error), "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not respond\n")
        }
        (_, Err(error)) => {
            tracing::warn!(error = %Causes(&error), "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the short-lived state does not respond\n")
        }
    }
}

/// A node without its jobs applies no new settings or keys, rotates none and deletes nothing expired. The log
/// has the cause.
fn jobs_run(web: &Web) -> (StatusCode, &'static str) {
    match web.parts.background.failing() {
        None => (StatusCode::OK, "ready\n"),
        Some(job) => {
            tracing::warn!(job, "not ready: the job keeps failing");
            (StatusCode::SERVICE_UNAVAILABLE, "a background job keeps failing: see the log\n")
        }
    }
}

/// A node that cannot apply the stored settings would answer every sign-in with "start again".
async fn settings_in_force(web: &Web) -> (StatusCode, &'static str) {
    match web.parts.estate.refresh().await {
        Ok(_) => jobs_run(web),
        Err(error) => {
            tracing::warn!(error = %Causes(&error), "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the stored settings cannot be applied: see the log\n")
        }
    }
}
