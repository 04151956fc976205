//! Public documents: discovery, public keys, the front page, the files of the pages.

use axum::extract::{Path, State};
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::assets;
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

/// `GET /assets/{name}`.
pub async fn asset(State(web): State<Web>, Path(name): Path<String>) -> Response {
    let found = assets::built_in(&name).or_else(|| web.brand().serve(&name));
    found.unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())
}
