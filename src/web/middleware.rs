//! Wraps every route: attempt id, client address, limits, headers, one log line.

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    USER_AGENT, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::RequestBodyDeadlineLayer;
use tracing::Instrument;

use super::address::{client_address, is_trusted};
use super::assets;
use super::pages::{ErrorKind, OWN_PAGE, PANEL_PAGE, PageScripts, content_security_policy};
use super::state::Web;
use crate::flow::installation::context::Visit;

/// No form of ours is longer: names and passwords are short, and a token request carries at most an ID token.
const LONGEST_BODY: usize = 64 * 1024;

/// How long a whole body may take: a sender of single bytes must not hold a connection.
const SLOWEST_BODY: Duration = Duration::from_secs(10);

/// Our own paths are short; requests from strangers must not fill the log.
const LONGEST_LOGGED: usize = 200;

/// The names of browser and system are in its first part.
const LONGEST_USER_AGENT: usize = 400;

/// Wraps the routes.
pub fn wrap(routes: Router<Web>, web: Web) -> Router<Web> {
    routes
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(RequestBodyDeadlineLayer::new(SLOWEST_BODY))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(web, visit))
}

/// Marks the response of a handler that panicked, to distinguish it from a handler's own response.
#[derive(Clone)]
struct Panicked;

/// The page is rendered by an outer layer, which knows the attempt id.
fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(Panicked);
    response
}

async fn visit(
    State(web): State<Web>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    if web.surface.only_proxies
        && !is_trusted(peer.ip(), &web.surface.trusted_proxies)
        && !matches!(path.as_str(), "/healthz" | "/readyz")
    {
        // Plain http from any other peer would carry passwords in clear text.
        return (StatusCode::FORBIDDEN, "connect through the proxy that ends TLS\n").into_response();
    }
    if !super::host::is_valid(request.version(), request.headers()) {
        return (StatusCode::BAD_REQUEST, "send one valid Host header (RFC 9112, section 3.2)\n")
            .into_response();
    }
    let address = client_address(peer.ip(), request.headers(), &web.surface.trusted_proxies).to_string();
    let user_agent = user_agent(request.headers());
    let visit = Visit { attempt_id: web.parts.random_attempt_id(), address, user_agent };
    let method = request.method().clone();
    let here = retry_address(&request);
    let asked = request.headers().clone();
    let span = tracing::info_span!("request", id = %visit.attempt_id);
    request.extensions_mut().insert(visit.clone());
    let started = tokio::time::Instant::now();
    // In its own task: a client that disconnects must not stop work that has to finish, above all settling
    // and recording an attempt.
    let answered = tokio::spawn(next.run(request).instrument(span)).await;
    let mut response = answered.unwrap_or_else(|_| panicked(Box::new(())));
    if response.extensions().get::<Panicked>().is_some() {
        response = if super::endpoints::is_endpoint(&path) {
            super::endpoints::internal(&visit.attempt_id)
        } else if path.starts_with(super::admin::FOR_SCRIPTS) {
            tracing::error!(id = %visit.attempt_id, "a handler panicked");
            super::admin::Problem::of_page(&visit, &ErrorKind::Internal).into_response()
        } else {
            super::error::internal(&web, &asked, &visit)
        };
    }
    if response.status() == StatusCode::PAYLOAD_TOO_LARGE && !has_page(&response) {
        response = super::error::too_large(&web, &asked, &visit);
    }
    let mut response = super::unfinished::finish(&web, &asked, here, response).await;
    secure(response.headers_mut(), web.surface.secure);
    log(&visit, &method, &path, response.status(), started.elapsed());
    response
}

fn user_agent(headers: &HeaderMap) -> String {
    let sent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    sent.chars().take(LONGEST_USER_AGENT).collect()
}

/// Where a browser can repeat the request after an outage. A form's content is not kept.
fn retry_address(request: &Request) -> Option<String> {
    let uri = request.uri();
    match *request.method() {
        Method::GET => uri.path_and_query().map(|here| here.as_str().to_owned()),
        Method::POST if uri.path().starts_with(OWN_PAGE) => Some(OWN_PAGE.to_owned()),
        Method::POST if uri.path().starts_with(PANEL_PAGE) => Some(PANEL_PAGE.to_owned()),
        _ => None,
    }
}

/// Logs one line for each request; health checks and assets only at debug level, unless they fail.
fn log(visit: &Visit, method: &Method, path: &str, status: StatusCode, took: Duration) {
    let routine = matches!(path, "/healthz" | "/readyz") || path.starts_with(assets::PREFIX);
    let path: String = path.chars().take(LONGEST_LOGGED).collect();
    macro_rules! line {
        ($write:ident) => {
            tracing::$write!(
                id = %visit.attempt_id, %method, path, status = status.as_u16(), address = visit.address,
                ms = took.as_millis() as u64, "answered"
            )
        };
    }
    match routine && !status.is_server_error() {
        true => line!(debug),
        false => line!(info),
    }
}

fn has_page(response: &Response) -> bool {
    let kind = response.headers().get(axum::http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let ours = ["text/html", "application/json", "application/problem+json"];
    kind.is_some_and(|kind| ours.iter().any(|known| kind.starts_with(known)))
}

/// The policy of a response without its own.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    HeaderValue::from_str(&content_security_policy(&[], PageScripts::None)).unwrap_or(NOTHING_ALLOWED)
});
const NOTHING_ALLOWED: HeaderValue = HeaderValue::from_static("default-src 'none'");

/// Adds the headers of every response, unless a handler has set its own.
fn secure(headers: &mut HeaderMap, https: bool) {
    let defaults: [(HeaderName, &'static str); 6] = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        // Not "no-referrer": with it, browsers send our own forms with "Origin: null" (Fetch, "append a
        // request `Origin` header"), like another site's forms. Neither value sends a referrer to other
        // sites.
        (REFERRER_POLICY, "same-origin"),
        (CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    ];
    for (name, value) in defaults {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(CONTENT_SECURITY_POLICY).or_insert_with(|| POLICY.clone());
    if https {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_forms_name_their_origin() {
        let mut headers = HeaderMap::new();
        secure(&mut headers, true);
        let policy = headers.get(REFERRER_POLICY).and_then(|policy| policy.to_str().ok());
        assert_eq!(policy, Some("same-origin"), "under no-referrer a browser posts with Origin: null");
    }
}
