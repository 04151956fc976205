//! What the integration tests stand on: the lab's servers, and the actors that use the provider.

pub mod browser;
pub mod corner;
pub mod lab;
pub mod phone;
pub mod provider;
pub mod relay;
pub mod relying_party;
pub mod story;
pub mod visitor;

use std::time::{Duration, Instant};

/// Asks again and again until it is so; a test that waits in vain says for what.
pub async fn until(what: &str, so: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !so().await {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
