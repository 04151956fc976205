//! A token endpoint (RFC 6749 section 4.4) in this process, which answers as a test wants.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The secret of the client `idp`.
pub const CLIENT_SECRET: &str = "a secret+";
/// The same in the form of RFC 6749 section 2.3.1.
const ENCODED: &str = "idp:a+secret%2B";

/// A running token endpoint. Dropping it stops it.
pub struct TokenEndpoint {
    pub url: String,
    state: Arc<Mutex<Answers>>,
    server: JoinHandle<()>,
}

struct Answers {
    /// Those that come first, each once.
    first: VecDeque<(u16, Value)>,
    /// The one after these.
    last: (u16, Value),
    /// The bodies of all requests.
    asked: Vec<String>,
}

impl TokenEndpoint {
    /// It gives this token to the right client.
    pub async fn start(token: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/token", listener.local_addr().expect("an address"));
        let last = (200, granted(token));
        let state = Arc::new(Mutex::new(Answers { first: VecDeque::new(), last, asked: Vec::new() }));
        let routes = Router::new().route("/token", post(answer)).with_state(Arc::clone(&state));
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.expect("it serves") });
        Self { url, state, server }
    }

    /// Gives this answer once, before all others.
    pub fn once(&self, status: u16, body: Value) {
        self.state().first.push_back((status, body));
    }

    /// Gives this answer from now on.
    pub fn always(&self, status: u16, body: Value) {
        self.state().last = (status, body);
    }

    /// The bodies of all requests until now.
    pub fn asked(&self) -> Vec<String> {
        self.state().asked.clone()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, Answers> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for TokenEndpoint {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A token for an hour.
pub fn granted(token: &str) -> Value {
    json!({"access_token": token, "token_type": "Bearer", "expires_in": 3_600})
}

async fn answer(State(state): State<Arc<Mutex<Answers>>>, headers: HeaderMap, body: Bytes) -> Response {
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let form = String::from_utf8_lossy(&body).into_owned();
    let in_header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let basic = format!("Basic {}", BASE64_STANDARD.encode(ENCODED));
    let is_known = in_header == Some(basic.as_str())
        || (form.contains("client_id=idp") && form.contains("client_secret=a+secret%2B"));
    state.asked.push(form);
    let (status, body) = match state.first.pop_front() {
        Some(first) => first,
        None if is_known => state.last.clone(),
        None => (401, json!({"error": "invalid_client", "error_description": "who is that?"})),
    };
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
