//! The service that is delivered to: a SCIM service provider with the least work for each request. It takes everything
//! and keeps nothing.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What usual services can do.
const CONFIG: &str = r#"{"patch":{"supported":true},"filter":{"supported":true,"maxResults":100}}"#;
/// The answer to each search.
const NOBODY: &str = r#"{"totalResults":0,"Resources":[]}"#;

/// A request that was recorded.
pub struct Recorded {
    pub method: String,
    /// With its query.
    pub path: String,
    pub body: String,
}

/// What came between [`NullTarget::record`] and [`NullTarget::recorded`].
pub struct Recording {
    pub requests: Vec<Recorded>,
    /// From the arrival of the first request to that of the last.
    pub took: Duration,
}

/// A person who is suspended by a request: when it came, and its path.
pub type Suspension = (Instant, String);

#[derive(Default)]
struct Tape {
    is_on: bool,
    requests: Vec<(Method, String, Bytes)>,
    first: Option<Instant>,
    last: Option<Instant>,
}

struct Service {
    answer_ms: AtomicU64,
    created: AtomicU64,
    tape: Mutex<Tape>,
    suspended: UnboundedSender<Suspension>,
}

/// The service.
pub struct NullTarget {
    service: Arc<Service>,
    suspended: UnboundedReceiver<Suspension>,
}

impl NullTarget {
    /// Serves at this `address:port` until the process ends.
    pub async fn start(address: &str) -> Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let (sender, suspended) = unbounded_channel();
        let service = Arc::new(Service {
            answer_ms: AtomicU64::new(0),
            created: AtomicU64::new(0),
            tape: Mutex::default(),
            suspended: sender,
        });
        let routes = Router::new().fallback(answer).with_state(Arc::clone(&service));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Self { service, suspended })
    }

    /// How long each answer takes from now on.
    pub fn answer_in(&self, time: Duration) {
        let time = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.service.answer_ms.store(time, Ordering::Relaxed);
    }

    /// How many users and groups were created.
    pub fn created(&self) -> u64 {
        self.service.created.load(Ordering::Relaxed)
    }

    /// Records each request from now on.
    pub fn record(&self) {
        *self.service.tape() = Tape { is_on: true, ..Tape::default() };
    }

    /// Ends the recording.
    pub fn recorded(&self) -> Result<Recording> {
        let tape = std::mem::take(&mut *self.service.tape());
        let (first, last) = tape.first.zip(tape.last).context("no request came")?;
        let text = |(method, path, body): (Method, String, Bytes)| -> Result<Recorded> {
            let body = String::from_utf8(body.to_vec())?;
            Ok(Recorded { method: method.to_string(), path, body })
        };
        let requests = tape.requests.into_iter().map(text).collect::<Result<Vec<_>>>()?;
        Ok(Recording { requests, took: last - first })
    }

    /// The next request that suspends somebody.
    pub async fn suspension(&mut self) -> Result<Suspension> {
        self.suspended.recv().await.context("the service has ended")
    }
}

impl Service {
    fn tape(&self) -> MutexGuard<'_, Tape> {
        self.tape.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, method: &Method, path: &str, body: &Bytes) {
        let now = Instant::now();
        if *method == Method::PATCH && suspends(path, body) {
            // Nobody waits for it any more when the bench ends.
            let _ = self.suspended.send((now, path.to_owned()));
        }
        let mut tape = self.tape();
        if tape.is_on && !path.ends_with("/ServiceProviderConfig") {
            tape.first.get_or_insert(now);
            tape.last = Some(now);
            tape.requests.push((method.clone(), path.to_owned(), body.clone()));
        }
    }

    fn reply(&self, method: &Method, path: &str) -> (StatusCode, Cow<'static, str>) {
        if *method == Method::POST {
            let id = self.created.fetch_add(1, Ordering::Relaxed);
            return (StatusCode::CREATED, format!(r#"{{"id":"r{id}"}}"#).into());
        }
        let text = match *method == Method::GET {
            true if path.ends_with("/ServiceProviderConfig") => CONFIG,
            true => NOBODY,
            // With a body, so that a minimal client finds its length.
            false => "{}",
        };
        (StatusCode::OK, text.into())
    }
}

/// Whether a PATCH makes a user inactive.
fn suspends(path: &str, body: &Bytes) -> bool {
    if !path.contains("/Users/") {
        return false;
    }
    let patch: Value = serde_json::from_slice(body).unwrap_or_default();
    let operations = patch["Operations"].as_array();
    operations.is_some_and(|all| all.iter().any(|one| one["path"] == "active" && one["value"] == false))
}

async fn answer(State(service): State<Arc<Service>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else { return StatusCode::BAD_REQUEST.into_response() };
    let path = head.uri.path_and_query().map_or("", |path| path.as_str());
    service.note(&head.method, path, &body);
    let time = service.answer_ms.load(Ordering::Relaxed);
    if time > 0 {
        tokio::time::sleep(Duration::from_millis(time)).await;
    }
    let (status, text) = service.reply(&head.method, path);
    (status, [(CONTENT_TYPE, "application/scim+json")], text).into_response()
}
