//! Wake what waits in this process for a commit. What another process commits is found only by looking.

use std::sync::LazyLock;

use tokio::sync::watch;

/// Wakes whoever waits for one kind of work. One for all stores of a process: who is woken in vain looks once.
pub(in crate::store) struct Wake(LazyLock<watch::Sender<()>>);

impl Wake {
    pub const fn new() -> Self {
        Self(LazyLock::new(|| watch::Sender::new(())))
    }

    /// Has them look at once.
    pub fn wake(&self) {
        self.0.send_replace(());
    }

    /// Changes each time they have to look.
    pub fn wake_ups(&self) -> watch::Receiver<()> {
        self.0.subscribe()
    }
}
