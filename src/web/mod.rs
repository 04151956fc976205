//! HTTP: the list of all public routes, thin handlers, pages. It decides nothing: a handler reads the
//! request, calls `flow` and shows the result.

mod account;
mod address;
pub mod admin;
mod agent;
mod assets;
mod authorize;
mod brand;
mod browser;
mod client_form;
mod cookies;
mod endpoints;
mod error;
mod form;
mod health;
mod host;
mod in_process;
mod introspect;
mod login;
mod login_page;
mod logout;
mod middleware;
mod notice;
mod open_login;
mod outcome;
mod own_password;
mod owner;
mod pages;
mod reply;
mod request;
mod revoke;
mod session;
mod state;
mod steps;
mod streams;
mod token;
mod unfinished;
mod userinfo;
mod wellknown;

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};

use pages::ErrorKind;
pub use pages::Language;
use request::PageRequest;
pub use state::{Surface, Web};

use crate::domain::agent::PATH as AGENT;
use crate::oidc::discovery::path;

/// All public routes.
pub fn router(web: Web) -> Router {
    router_with(web, admin::panel())
}

/// The same with these routes of the admin panel.
pub fn router_with(web: Web, panel: admin::Panel) -> Router {
    let routes = Router::new()
        .merge(for_clients(&web))
        .merge(panel.into_router())
        .route("/", get(wellknown::home))
        .route(path::AUTHORIZE, get(authorize::get).post(authorize::post))
        .route("/login", get(login::page).post(login::submit))
        .route("/login/cancel", post(steps::cancel))
        .route("/login/factor", post(steps::code))
        .route("/login/invitation", post(steps::invitation))
        .route("/login/enrol", post(steps::enrol))
        .route("/login/enrol/later", post(steps::later))
        .route("/login/recovery-codes", post(steps::go_on))
        .route("/login/password", post(steps::password))
        .route(pages::OWN_PAGE, get(account::page))
        .route("/account/security/new", get(account::new_authenticator).post(account::change))
        .route(pages::OWN_PASSWORD_PAGE, get(own_password::page).post(own_password::change))
        .route("/account/security/{action}", post(account::change))
        .route("/session/forget", post(logout::forget))
        .route(path::LOGOUT, get(logout::get).post(logout::post))
        .route("/signed-out", get(logout::signed_out))
        .route(AGENT, get(agent::connect))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/assets/{name}", get(wellknown::asset))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed);
    middleware::wrap(routes, web.clone()).with_state(web)
}

/// What a relying party asks by itself, without a browser.
fn for_clients(web: &Web) -> Router<Web> {
    let endpoints = Router::new()
        .route(path::TOKEN, post(token::post).fallback(endpoints::wrong_method))
        .route(path::REVOKE, post(revoke::post).fallback(endpoints::wrong_method))
        .route(path::USERINFO, get(userinfo::get).post(userinfo::post).fallback(endpoints::wrong_method));
    let for_servers =
        Router::new().route(path::INTROSPECT, post(introspect::post).fallback(endpoints::wrong_method));
    Router::new()
        .merge(endpoints::wrap(endpoints, web))
        .merge(endpoints::without_browsers(for_servers))
        .route(path::CONFIGURATION, get(wellknown::configuration))
        .route(path::JWKS, get(wellknown::jwks))
}

/// 404.
async fn not_found(request: PageRequest) -> Response {
    request.context().page(ErrorKind::NotFound)
}

/// 405: the page exists, but not for this method.
async fn method_not_allowed(request: PageRequest) -> Response {
    request.context().page(ErrorKind::MethodNotAllowed)
}
