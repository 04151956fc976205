//! Give out a limited number of connections to waiting requests. Known requests come before those from
//! unknown browsers, which get at most half of the connections: however many they are, they delay no others.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot::{self, Receiver, Sender};
use tokio::time::{Instant, timeout_at};

/// The longest queue.
pub(crate) const LONGEST_QUEUE: usize = 256;

/// The priority of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Rank {
    /// Our own work, and people in browsers that have signed them in before.
    #[default]
    First,
    /// Any name typed in a browser that has not signed it in before.
    Stranger,
}

/// The queue for the connections of one pool.
pub(crate) struct ConnectionQueue {
    size: usize,
    queue: Arc<Mutex<Queue>>,
}

struct Queue {
    free: usize,
    strangers_in: usize,
    most_strangers: usize,
    first: VecDeque<Sender<ConnectionPermit>>,
    strangers: VecDeque<Sender<ConnectionPermit>>,
}

/// The right to use a connection; dropping it passes it on.
pub(crate) struct ConnectionPermit {
    queue: Arc<Mutex<Queue>>,
    rank: Rank,
}

impl ConnectionQueue {
    pub(crate) fn new(size: usize) -> Self {
        let queue = Queue {
            free: size,
            strangers_in: 0,
            most_strangers: (size / 2).max(1),
            first: VecDeque::new(),
            strangers: VecDeque::new(),
        };
        Self { size, queue: Arc::new(Mutex::new(queue)) }
    }

    /// Waits for a connection; `None` after the time limit, or when too many requests wait.
    pub(crate) async fn enter(&self, rank: Rank, until: Instant) -> Option<ConnectionPermit> {
        let coming = {
            let mut queue = lock(&self.queue);
            if queue.may_go(rank) {
                return Some(queue.go(&self.queue, rank));
            }
            queue.wait(rank)?
        };
        timeout_at(until, coming).await.ok()?.ok()
    }

    pub(crate) fn in_use(&self) -> usize {
        self.size - lock(&self.queue).free
    }

    pub(crate) fn waiting(&self) -> usize {
        lock(&self.queue).waiting()
    }
}

impl Queue {
    fn may_go(&self, rank: Rank) -> bool {
        self.free > 0 && (rank == Rank::First || self.strangers_in < self.most_strangers)
    }

    fn go(&mut self, of: &Arc<Mutex<Self>>, rank: Rank) -> ConnectionPermit {
        self.free -= 1;
        self.strangers_in += usize::from(rank == Rank::Stranger);
        ConnectionPermit { queue: Arc::clone(of), rank }
    }

    /// Adds a place at the end of the queue. In a full queue, a request from an unknown browser makes room
    /// for a known one.
    fn wait(&mut self, rank: Rank) -> Option<Receiver<ConnectionPermit>> {
        if self.waiting() >= LONGEST_QUEUE {
            let room = rank == Rank::First && self.strangers.pop_back().is_some();
            room.then_some(())?;
        }
        let (sender, receiver) = oneshot::channel();
        match rank {
            Rank::First => self.first.push_back(sender),
            Rank::Stranger => self.strangers.push_back(sender),
        }
        Some(receiver)
    }

    /// The number of waiting requests, after removing abandoned ones.
    fn waiting(&mut self) -> usize {
        self.first.retain(|waits| !waits.is_closed());
        self.strangers.retain(|waits| !waits.is_closed());
        self.first.len() + self.strangers.len()
    }

    /// The next free connection, and the request that gets it.
    fn next(&mut self, of: &Arc<Mutex<Self>>) -> Option<(Sender<ConnectionPermit>, ConnectionPermit)> {
        self.waiting();
        for rank in [Rank::First, Rank::Stranger] {
            if !self.may_go(rank) {
                continue;
            }
            let queue = if rank == Rank::First { &mut self.first } else { &mut self.strangers };
            if let Some(waits) = queue.pop_front() {
                return Some((waits, self.go(of, rank)));
            }
        }
        None
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let next = {
            let mut queue = lock(&self.queue);
            queue.free += 1;
            queue.strangers_in -= usize::from(self.rank == Rank::Stranger);
            queue.next(&self.queue)
        };
        // outside the lock: if the request was abandoned meanwhile, dropping the turn passes it on
        if let Some((waits, permit)) = next {
            drop(waits.send(permit));
        }
    }
}

fn lock(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use tokio::time::Duration;

    use super::*;

    fn later() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[tokio::test]
    async fn unknown_browsers_get_half_of_the_connections() {
        let connection_queue = ConnectionQueue::new(4);
        let strangers = [(); 2].map(|()| connection_queue.enter(Rank::Stranger, later()));
        let strangers = join_all(strangers).await;
        assert!(strangers.iter().all(Option::is_some));
        assert!(connection_queue.enter(Rank::Stranger, Instant::now()).await.is_none(), "a third waits");
        let known = join_all([(); 2].map(|()| connection_queue.enter(Rank::First, Instant::now()))).await;
        assert!(known.iter().all(Option::is_some), "and the other two are free");
        assert_eq!((connection_queue.in_use(), connection_queue.waiting()), (4, 0));
        drop((strangers, known));
        assert_eq!(connection_queue.in_use(), 0);
    }

    #[tokio::test]
    async fn known_browsers_come_first_and_unknown_ones_in_their_order() {
        let connection_queue = ConnectionQueue::new(1);
        let held = connection_queue.enter(Rank::Stranger, later()).await;
        let served = Mutex::new(Vec::new());
        let comes = async |name: &'static str, rank| {
            let permit = connection_queue.enter(rank, later()).await;
            served.lock().expect("no poison").push(name);
            drop(permit);
        };
        let strangers = async { tokio::join!(comes("one", Rank::Stranger), comes("two", Rank::Stranger)) };
        let known = async { tokio::join!(comes("known", Rank::First), async { drop(held) }) };
        tokio::join!(strangers, known);
        assert_eq!(*served.lock().expect("no poison"), ["known", "one", "two"]);
    }

    #[tokio::test]
    async fn in_a_full_queue_the_last_unknown_browser_makes_room() {
        let connection_queue = ConnectionQueue::new(1);
        let held = connection_queue.enter(Rank::First, later()).await;
        let crowd = join_all(
            (0..LONGEST_QUEUE + 10)
                .map(|_| async { connection_queue.enter(Rank::Stranger, later()).await.is_some() }),
        );
        let known = async {
            assert_eq!(connection_queue.waiting(), LONGEST_QUEUE);
            let (known, ()) =
                tokio::join!(connection_queue.enter(Rank::First, later()), async { drop(held) });
            known.is_some()
        };
        let (crowd, known) = tokio::join!(crowd, known);
        assert!(known);
        assert_eq!(crowd.iter().filter(|served| !**served).count(), 11);
    }

    #[tokio::test]
    async fn an_abandoned_request_passes_its_permit_on() {
        let connection_queue = ConnectionQueue::new(1);
        let held = connection_queue.enter(Rank::First, later()).await;
        let soon = Instant::now() + Duration::from_millis(10);
        assert!(connection_queue.enter(Rank::First, soon).await.is_none());
        let (next, ()) = tokio::join!(connection_queue.enter(Rank::Stranger, later()), async { drop(held) });
        assert!(next.is_some());
        drop(next);
        assert_eq!((connection_queue.in_use(), connection_queue.waiting()), (0, 0));
    }
}
