//! Public documents: discovery, public keys, the front page.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::pages::Home;
use super::reply::{html, language};
use super::state::Web;

/// Keys are published long before they sign, so a few minutes in a cache do no harm.
const A_FEW_MINUTES: &str = "public, max-age=300";

/// `GET /.well-known/openid-configuration`.
pub async fn configuration(State(web): State<Web>) -> Response {
    public(web.surface.configuration.clone(), "application/json")
}

/// `GET /jwks`.
pub async fn jwks(State(web): State<Web>) -> Response {
    public(web.parts.key_set(), "application/jwk-set+json")
}

fn public(body: String, kind: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, A_FEW_MINUTES),
        // These documents are public, so scripts of any site may read them.
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (headers, body).into_response()
}

/// `GET /`.
pub async fn home(headers: HeaderMap) -> Response {
    html(&Home { language: language(&headers, &[]), ..Home::default() })
}
