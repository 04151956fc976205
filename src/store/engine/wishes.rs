//! Wishes of a transaction: about whom or what there is something new to deliver to other services.

use std::collections::BTreeMap;

use tokio::sync::watch;

use crate::domain::Millis;
use crate::domain::delivery::{Subject, Urgency};

use super::wake::Wake;

/// Wakes the senders of this process.
static SENDERS: Wake = Wake::new();

/// The newest wishes, in the order in which their rows are locked: people before Team Shares, each by id.
#[derive(Debug, Default)]
pub(in crate::store) struct Wishes(BTreeMap<Subject, (Urgency, Millis)>);

impl Wishes {
    /// Adds one; of two about the same person or Team Share the more urgent counts.
    pub fn add(&mut self, subject: Subject, urgency: Urgency, now: Millis) {
        let one = self.0.entry(subject).or_insert((urgency, now));
        one.0 = one.0.min(urgency);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Subject, Urgency, Millis)> {
        self.0.iter().map(|(subject, (urgency, at))| (subject, *urgency, *at))
    }
}

/// Has the senders of this process look at once.
pub(in crate::store) fn wake() {
    SENDERS.wake();
}

/// Changes each time the senders of this process have to look.
pub(in crate::store) fn wake_ups() -> watch::Receiver<()> {
    SENDERS.wake_ups()
}
