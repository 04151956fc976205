//! For load balancers and supervisors.

use axum::extract::State;
use axum::http::StatusCode;

use super::state::Web;

/// `GET /healthz`: the process answers.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the process can do its work: both stores answer. A directory that is away does not count: other
/// directories, living sessions and the page that says so still work.
pub async fn readyz(State(web): State<Web>) -> (StatusCode, &'static str) {
    let store = web.parts.store.ping().await;
    let volatile = web.parts.volatile.ping().await;
    match (store, volatile) {
        (Ok(()), Ok(())) => (StatusCode::OK, "ready\n"),
        (Err(error), _) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n")
        }
        (_, Err(error)) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the short-lived state does not answer\n")
        }
    }
}
