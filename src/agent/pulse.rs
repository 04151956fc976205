//! When something was last sent and heard on a connection: a peer that is silent although it was sent something may be
//! frozen.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::{Duration, Instant};

/// The times of one connection.
#[derive(Debug)]
pub(crate) struct Pulse {
    since: Instant,
    /// Milliseconds after `since`.
    heard: AtomicU64,
    sent: AtomicU64,
}

impl Pulse {
    pub(crate) fn new() -> Self {
        Self { since: Instant::now(), heard: AtomicU64::new(0), sent: AtomicU64::new(0) }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub(crate) fn hear(&self) {
        self.heard.store(self.now(), Ordering::Relaxed);
    }

    pub(crate) fn send(&self) {
        self.sent.store(self.now(), Ordering::Relaxed);
    }

    /// How long nothing was heard.
    pub(crate) fn silence(&self) -> Duration {
        Duration::from_millis(self.now().saturating_sub(self.heard.load(Ordering::Relaxed)))
    }

    /// True if the last thing that was sent may still be without an answer.
    pub(crate) fn waits(&self) -> bool {
        self.sent.load(Ordering::Relaxed) >= self.heard.load(Ordering::Relaxed)
    }
}
