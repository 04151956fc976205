//! The same requests by a bare HTTP/1.1 client that does nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::task::JoinSet;

use crate::common::http::Http;
use crate::target::Recorded;

/// What the provider sends with each request.
const HEADERS: &str = "authorization: Bearer a-token-of-the-bench\r\naccept: application/scim+json, application/json\r\n\
     content-type: application/scim+json\r\n";

/// Sends these requests on so many connections at once; returns how long that took.
pub async fn send(address: &str, requests: Vec<Recorded>, at_once: usize) -> Result<Duration> {
    let (requests, next) = (Arc::new(requests), Arc::new(AtomicUsize::new(0)));
    let mut connections = Vec::with_capacity(at_once);
    for _ in 0..at_once {
        connections.push(Http::connect(address).await?);
    }
    let begun = Instant::now();
    let mut senders = JoinSet::new();
    for http in connections {
        senders.spawn(send_next(http, Arc::clone(&requests), Arc::clone(&next)));
    }
    while let Some(done) = senders.join_next().await {
        done??;
    }
    Ok(begun.elapsed())
}

/// Sends whatever is next, until nothing is left.
async fn send_next(mut http: Http, requests: Arc<Vec<Recorded>>, next: Arc<AtomicUsize>) -> Result<()> {
    while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
        let Recorded { method, path, body } = request;
        let answer = http.send(method, path, HEADERS, body).await?;
        ensure!((200..300).contains(&answer.status), "{method} {path}: {}", answer.status);
    }
    Ok(())
}
