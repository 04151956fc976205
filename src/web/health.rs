//! For load balancers and supervisors.

use axum::extract::State;
use axum::http::StatusCode;

use super::state::Web;
use crate::flow::causes::Causes;

/// `GET /healthz`: the process answers.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the process can do its work: both stores answer, the settings are in force and
/// what runs by the clock runs. A directory that is away does not count: other
/// directories, living sessions and the page that says so still work.
pub async fn readyz(State(web): State<Web>) -> (StatusCode, &'static str) {
    let store = web.parts.store.ping().await;
    let volatile = web.parts.volatile.ping().await;
    match (store, volatile) {
        (Ok(()), Ok(())) => settings_in_force(&web).await,
        (Err(error), _) => {
            tracing::warn!(error = %Causes(&error), "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n")
        }
        (_, Err(error)) => {
            tracing::warn!(error = %Causes(&error), "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the short-lived state does not answer\n")
        }
    }
}

/// A node whose jobs die takes over no settings or keys, rotates none and forgets nothing. The log says why they die.
fn jobs_run(web: &Web) -> (StatusCode, &'static str) {
    match web.parts.background.failing() {
        None => (StatusCode::OK, "ready\n"),
        Some(job) => {
            tracing::warn!(job, "not ready: it keeps dying");
            (StatusCode::SERVICE_UNAVAILABLE, "a job in the background keeps dying\n")
        }
    }
}

/// A node that can't put the stored settings in force would answer every sign-in with "start again".
async fn settings_in_force(web: &Web) -> (StatusCode, &'static str) {
    match web.parts.estate.refresh().await {
        Ok(_) => jobs_run(web),
        Err(error) => {
            tracing::warn!(error = %Causes(&error), "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the settings in the store can't be put in force\n")
        }
    }
}
