//! A relying party in our own process: its requests go to our own endpoints without a connection, so that a
//! test of single sign-on needs no way from the server to its own public address.

use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, Uri};
use tower::ServiceExt;

use super::state::Web;
use crate::flow::installation::context::Visit;

/// No answer to a relying party is longer.
const LONGEST: usize = 1024 * 1024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum InProcessError {
    #[error("{0} is not an address of this issuer")]
    NotOurs(Uri),
    #[error("the answer can't be read")]
    Body(#[source] axum::Error),
}

/// Answers a request for an address of our issuer, as part of this visit. The layers that concern a
/// connection (client address, limits, the log line) are left out.
pub(super) async fn call(
    web: &Web,
    visit: &Visit,
    request: Request<Vec<u8>>,
) -> Result<Response<Vec<u8>>, InProcessError> {
    let (mut head, body) = request.into_parts();
    let address = head.uri.to_string();
    let path = address.strip_prefix(&*web.parts.issuer).and_then(|path| path.parse::<Uri>().ok());
    head.uri = path.ok_or(InProcessError::NotOurs(head.uri))?;
    head.extensions.insert(visit.clone());
    let routes = super::for_clients(web).with_state(web.clone());
    let Ok(answer) = routes.oneshot(Request::from_parts(head, Body::from(body))).await;
    let (head, body) = answer.into_parts();
    let body = to_bytes(body, LONGEST).await.map_err(InProcessError::Body)?;
    Ok(Response::from_parts(head, body.to_vec()))
}
