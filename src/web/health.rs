//! Health checks for load balancers and supervisors.

use axum::extract::State;
use axum::http::StatusCode;

use super::state::Web;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::readiness::{self, NotReady};

/// `GET /healthz`: the process responds.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the process can do its work.
pub async fn readyz(State(web): State<Web>) -> (StatusCode, String) {
    match readiness::check(&web.parts, &web.background).await {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(error) => {
            match &error {
                NotReady::Job(job) => tracing::warn!(job, "not ready: the job keeps failing"),
                error => tracing::warn!(error = %Causes(error), "not ready"),
            }
            (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n"))
        }
    }
}
