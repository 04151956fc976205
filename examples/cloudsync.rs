//! A small stand-in for CloudSync: a relying party built on the `openidconnect` crate, and a SCIM 2.0 service provider,
//! sharing no code with the provider. It signs people in, shows the verified claims, refreshes, and signs out
//! everywhere. Accounts and Team Shares are delivered to `/scim/v2`; `/accounts?live` shows them as they arrive. They stay in
//! memory; with `CLOUDSYNC_STATE=FILE` also in that file, and are there again after a restart.
//!
//! Environment: `CLOUDSYNC_LISTEN`, `CLOUDSYNC_URL`, `CLOUDSYNC_ISSUER`, `CLOUDSYNC_CLIENT_ID`,
//! `CLOUDSYNC_CLIENT_SECRET`, `CLOUDSYNC_SCIM_TOKEN`, `CLOUDSYNC_STATE`.

#[path = "cloudsync/accounts.rs"]
mod accounts;
#[path = "cloudsync/pages.rs"]
mod pages;
#[path = "cloudsync/provider.rs"]
mod provider;
#[path = "cloudsync/scim/mod.rs"]
mod scim;
#[path = "cloudsync/sessions.rs"]
mod sessions;

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, REFERRER_POLICY, SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use provider::{Provider, Trouble};
use scim::Scim;
use sessions::{Session, Sessions};

const COOKIE_NAME: &str = "cloudsync_demo";
/// How many accounts and Team Shares a page shows.
const SHOWN: usize = 100;

struct CloudSync {
    provider: Provider,
    sessions: Sessions,
    scim: Arc<Scim>,
}

type Site = State<Arc<CloudSync>>;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let from_env = |key: &str, default: &str| std::env::var(key).unwrap_or_else(|_| default.to_owned());
    let listen = from_env("CLOUDSYNC_LISTEN", "127.0.0.1:8090");
    let url = from_env("CLOUDSYNC_URL", "http://localhost:8090");
    let provider = Provider::new(
        &from_env("CLOUDSYNC_ISSUER", "http://localhost:8080"),
        &url,
        from_env("CLOUDSYNC_CLIENT_ID", "cloudsync"),
        from_env("CLOUDSYNC_CLIENT_SECRET", "cloudsync-demo-secret"),
    )?;
    let token = from_env("CLOUDSYNC_SCIM_TOKEN", "cloudsync-demo-scim-token");
    let mut scim = Scim::new(&url, &token);
    if let Some(file) = std::env::var_os("CLOUDSYNC_STATE").filter(|file| !file.is_empty()) {
        scim = scim.kept_in(file.into())?;
    }
    let scim = Arc::new(scim);
    let site = Arc::new(CloudSync { provider, sessions: Sessions::default(), scim: Arc::clone(&scim) });
    let routes = Router::new()
        .route("/", get(home))
        .route("/sign-in", get(sign_in))
        .route("/callback", get(callback))
        .route("/refresh", post(refresh))
        .route("/userinfo", post(userinfo))
        .route("/sign-out", post(sign_out))
        .route("/accounts", get(delivered))
        .fallback(not_found)
        .with_state(site)
        .merge(scim::routes(scim));
    let listener = tokio::net::TcpListener::bind(&listen).await?;
    println!("CloudSync stand-in at {url}");
    Ok(axum::serve(listener, routes).await?)
}

/// The start page, or the signed-in person. The provider redirects here after signing out, with our `state`.
async fn home(
    State(site): Site,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let id = session_id(&headers);
    match site.sessions.find(&id) {
        Session::SignedIn(signed_in) => {
            site.page(StatusCode::OK, pages::signed_in(&signed_in, &site.scim.overview(0)))
        }
        Session::SigningOut(state) if query.get("state") == Some(&state) => {
            site.sessions.remove(&id);
            site.page(StatusCode::OK, pages::signed_out())
        }
        _ => site.page(StatusCode::OK, pages::start(&site.provider.issuer, &site.scim.overview(0))),
    }
}

/// What was delivered, and with `live` in the address, as it arrives.
async fn delivered(State(site): Site, Query(query): Query<HashMap<String, String>>) -> Response {
    let live = query.contains_key("live");
    site.page(StatusCode::OK, accounts::page(&site.scim.overview(SHOWN), SHOWN, live))
}

async fn sign_in(State(site): Site) -> Response {
    match site.provider.begin().await {
        // a new id at each step: an id that an attacker planted in this browser is useless
        Ok((url, begun)) => with_session(&site, Session::SigningIn(begun), url.as_str()),
        Err(trouble) => site.trouble(&trouble),
    }
}

async fn callback(
    State(site): Site,
    headers: HeaderMap,
    Query(answer): Query<HashMap<String, String>>,
) -> Response {
    // taken, not read: a response is valid for one attempt
    let Session::SigningIn(begun) = site.sessions.remove(&session_id(&headers)) else {
        return site.trouble(&Trouble::NotOurs);
    };
    match site.provider.finish(begun, &answer).await {
        Ok(signed_in) => with_session(&site, Session::SignedIn(Box::new(signed_in)), "/"),
        Err(trouble) => site.trouble(&trouble),
    }
}

async fn refresh(State(site): Site, headers: HeaderMap) -> Response {
    let id = session_id(&headers);
    let Session::SignedIn(before) = site.sessions.find(&id) else {
        return Redirect::to("/").into_response();
    };
    match site.provider.refresh(&before).await {
        Ok(after) => {
            site.sessions.put(id, Session::SignedIn(Box::new(after)));
            Redirect::to("/").into_response()
        }
        Err(trouble) => {
            if trouble.ends_the_session() {
                site.sessions.remove(&id);
            }
            site.trouble(&trouble)
        }
    }
}

async fn userinfo(State(site): Site, headers: HeaderMap) -> Response {
    let id = session_id(&headers);
    let Session::SignedIn(mut signed_in) = site.sessions.find(&id) else {
        return Redirect::to("/").into_response();
    };
    match site.provider.userinfo(&signed_in).await {
        Ok(claims) => {
            signed_in.userinfo = Some(claims);
            site.sessions.put(id, Session::SignedIn(signed_in));
            Redirect::to("/#userinfo").into_response()
        }
        Err(trouble) => site.trouble(&trouble),
    }
}

/// Our session ends first, whatever happens to the provider's.
async fn sign_out(State(site): Site, headers: HeaderMap) -> Response {
    let Session::SignedIn(signed_in) = site.sessions.remove(&session_id(&headers)) else {
        return Redirect::to("/").into_response();
    };
    match site.provider.sign_out(&signed_in).await {
        Ok((url, state)) => with_session(&site, Session::SigningOut(state), url.as_str()),
        Err(trouble) => site.trouble(&trouble),
    }
}

async fn not_found(State(site): Site) -> Response {
    site.page(StatusCode::NOT_FOUND, pages::not_found())
}

fn with_session(site: &CloudSync, session: Session, then: &str) -> Response {
    let id = site.sessions.add(session);
    let cookie = format!("{COOKIE_NAME}={id}; Path=/; HttpOnly; SameSite=Lax");
    ([(SET_COOKIE, cookie), (CACHE_CONTROL, "no-store".to_owned())], Redirect::to(then)).into_response()
}

fn session_id(headers: &HeaderMap) -> String {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE_NAME).then(|| value.to_owned()))
        .unwrap_or_default()
}

impl CloudSync {
    fn page(&self, status: StatusCode, html: String) -> Response {
        // form-action: signing out is a form that redirects to the provider
        let policy = format!(
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
             frame-ancestors 'none'; form-action 'self' {}",
            self.provider.origin
        );
        let headers: [(HeaderName, String); 4] = [
            (CONTENT_SECURITY_POLICY, policy),
            (CACHE_CONTROL, "no-store".to_owned()),
            (REFERRER_POLICY, "no-referrer".to_owned()),
            (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        ];
        (status, headers, Html(html)).into_response()
    }

    fn trouble(&self, trouble: &Trouble) -> Response {
        self.page(trouble.status(), pages::trouble(trouble))
    }
}
