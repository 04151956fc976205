//! Keep audit events in memory while the database is unreachable, and write them when it is back.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use crate::domain::audit::{Event, Keep};

use super::audit;
use crate::store::LoginStore;
use crate::store::engine::error::Result;

/// About 15 MB.
const MOST: usize = 10_000;
/// The most events in one transaction.
const BATCH: usize = 200;

/// The events that wait, the oldest first.
#[derive(Debug, Default)]
pub(in crate::store) struct Unwritten {
    queue: Mutex<EventQueue>,
}

#[derive(Debug, Default)]
struct EventQueue {
    events: VecDeque<Event>,
    lost: u64,
}

impl Unwritten {
    pub fn is_empty(&self) -> bool {
        self.with(|queue| queue.events.is_empty())
    }

    /// Keeps an event. When the queue is full, an event that anybody can cause is dropped first: wrong
    /// passwords during an outage must not displace important events.
    pub fn keep(&self, event: Event) {
        self.with(|queue| {
            if queue.events.len() >= MOST {
                queue.lost += 1;
                if event.keep == Keep::Short {
                    return;
                }
                let short = queue.events.iter().position(|kept| kept.keep == Keep::Short);
                queue.events.remove(short.unwrap_or(0));
            }
            queue.events.push_back(event);
        });
    }

    fn first(&self) -> Vec<Event> {
        self.with(|queue| queue.events.iter().take(BATCH).cloned().collect())
    }

    /// Removes events that are written. A full queue may have dropped some meanwhile, so they are compared.
    fn written(&self, events: &[Event]) -> u64 {
        self.with(|queue| {
            for event in events {
                if queue.events.front() == Some(event) {
                    queue.events.pop_front();
                } else {
                    queue.events.retain(|kept| kept != event);
                }
            }
            if queue.events.is_empty() { std::mem::take(&mut queue.lost) } else { 0 }
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut EventQueue) -> T) -> T {
        work(&mut self.queue.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl LoginStore<'_> {
    /// Writes the audit events that waited for the database; returns how many. An event that may have been
    /// written before (the response was lost) is not written twice.
    pub async fn write_waiting_events(&self) -> Result<usize> {
        let mut written = 0;
        loop {
            let events = self.store.unwritten.first();
            if events.is_empty() {
                return Ok(written);
            }
            match self.write_once(&events).await {
                Err(error) if error.is_outage() => return Err(error),
                Err(error) => {
                    for event in &events {
                        let (decision, id) = (event.decision.as_str(), event.attempt_id.as_deref());
                        tracing::error!(%error, decision, id, "an audit event was refused by the database");
                    }
                }
                Ok(()) => written += events.len(),
            }
            let lost = self.store.unwritten.written(&events);
            if lost > 0 {
                tracing::error!(lost, "audit events were lost: the database was unreachable for too long");
            }
        }
    }

    async fn write_once(&self, events: &[Event]) -> Result<()> {
        let mut tx = self.store.db.begin().await?;
        for event in events {
            audit::insert_once(&mut tx, event).await?;
        }
        tx.commit().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::audit::Decision;

    #[test]
    fn a_full_queue_drops_events_that_anybody_can_cause_first() {
        let unwritten = Unwritten::default();
        let event = |at, keep| Event { keep, ..Event::new(at, Decision::SignInRefused) };
        unwritten.keep(event(0, Keep::Long));
        for at in 1..2 * MOST as i64 {
            unwritten.keep(event(at, Keep::Short));
        }
        unwritten.keep(event(-1, Keep::Long));
        let kept = unwritten.with(|queue| queue.events.clone());
        assert_eq!(kept.len(), MOST);
        assert_eq!((kept[0].at, kept[1].at, kept[MOST - 1].at), (0, 2, -1), "the first refusal made room");
        let first = unwritten.first();
        unwritten.written(&first);
        assert_eq!(unwritten.with(|queue| queue.events.len()), MOST - BATCH);
    }
}
