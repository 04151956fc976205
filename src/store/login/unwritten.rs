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
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    events: VecDeque<Event>,
    lost: u64,
}

impl Unwritten {
    pub fn is_empty(&self) -> bool {
        self.with(|held| held.events.is_empty())
    }

    /// Keeps an event. When the queue is full, an event that anybody can cause is dropped first: wrong
    /// passwords during an outage must not displace important events.
    pub fn keep(&self, event: Event) {
        self.with(|held| {
            if held.events.len() >= MOST {
                held.lost += 1;
                if event.keep == Keep::Short {
                    return;
                }
                let short = held.events.iter().position(|kept| kept.keep == Keep::Short);
                held.events.remove(short.unwrap_or(0));
            }
            held.events.push_back(event);
        });
    }

    fn first(&self) -> Vec<Event> {
        self.with(|held| held.events.iter().take(BATCH).cloned().collect())
    }

    /// Removes events that have been written. A full queue may have dropped some of them meanwhile, so they
    /// are compared.
    fn written(&self, events: &[Event]) -> u64 {
        self.with(|held| {
            for event in events {
                if held.events.front() == Some(event) {
                    held.events.pop_front();
                } else {
                    held.events.retain(|kept| kept != event);
                }
            }
            if held.events.is_empty() { std::mem::take(&mut held.lost) } else { 0 }
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Held) -> T) -> T {
        work(&mut self.held.lock().unwrap_or_else(PoisonError::into_inner))
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
                tracing::error!(lost, "audit events were lost: the database was away for too long");
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
    fn a_full_queue_gives_up_what_strangers_bring_about_first() {
        let unwritten = Unwritten::default();
        let event = |at, keep| Event { keep, ..Event::new(at, Decision::SignInRefused) };
        unwritten.keep(event(0, Keep::Long));
        for at in 1..2 * MOST as i64 {
            unwritten.keep(event(at, Keep::Short));
        }
        unwritten.keep(event(-1, Keep::Long));
        let kept = unwritten.with(|held| held.events.clone());
        assert_eq!(kept.len(), MOST);
        assert_eq!((kept[0].at, kept[1].at, kept[MOST - 1].at), (0, 2, -1), "the first refusal made room");
        let first = unwritten.first();
        unwritten.written(&first);
        assert_eq!(unwritten.with(|held| held.events.len()), MOST - BATCH);
    }
}
