//! Turns at something that one task may use at a time: the connection that writes.
//!
//! A fair lock gives a free connection to the task that has waited longest. That task sleeps, often behind others
//! that sign for a millisecond, and the connection is idle meanwhile. Here a task that runs takes the free
//! connection. Whoever waits is overtaken only so often; then the next turn is theirs.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// How often later tasks may go before one that waits. High, since each turn that is kept for a sleeping task
/// leaves the connection idle; a turn takes some hundred microseconds.
const MOST_OVERTAKES: u64 = 128;

/// Gives out one turn at a time.
pub(super) struct Turns(Mutex<Queue>);

/// A turn; it ends when dropped.
pub(super) struct Turn(Arc<Turns>);

struct Queue {
    taken: bool,
    /// How many turns there have been.
    turns: u64,
    /// Who waits, by their number, in the order of their arrival.
    waiting: BTreeMap<u64, Waiting>,
    next_number: u64,
}

struct Waiting {
    waker: Waker,
    /// Woken, and not run since: it will look for itself.
    woken: bool,
    /// The turn from which on nobody else goes first.
    due: u64,
}

impl Turns {
    pub fn new() -> Arc<Self> {
        let queue = Queue { taken: false, turns: 0, waiting: BTreeMap::new(), next_number: 0 };
        Arc::new(Self(Mutex::new(queue)))
    }

    /// A turn at once, or none: somebody has it, or it is kept for one who has waited for long.
    pub fn try_take(self: &Arc<Self>) -> Option<Turn> {
        self.queue().take(None).then(|| Turn(self.clone()))
    }

    /// Waits for a turn. Who gives up, by dropping the future, leaves no trace.
    pub fn take(self: &Arc<Self>) -> Take {
        Take { turns: self.clone(), number: None }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// Begins a turn of whoever has this number, or has not waited.
    fn take(&mut self, number: Option<u64>) -> bool {
        let kept_for = self.kept_for();
        if self.taken || (kept_for.is_some() && kept_for != number) {
            return false;
        }
        self.taken = true;
        self.turns += 1;
        if let Some(number) = number {
            self.waiting.remove(&number);
        }
        true
    }

    /// The number of who has been overtaken so often that the next turn is theirs.
    fn kept_for(&self) -> Option<u64> {
        self.waiting.first_key_value().filter(|(_, first)| first.due <= self.turns).map(|(number, _)| *number)
    }

    /// Waits, again with the same number; returns it.
    fn wait(&mut self, number: Option<u64>, waker: &Waker) -> u64 {
        let due = self.turns + self.waiting.len() as u64 + MOST_OVERTAKES;
        let number = number.unwrap_or(self.next_number);
        self.next_number = self.next_number.max(number + 1);
        let new = || Waiting { waker: waker.clone(), woken: false, due };
        let waiting = self.waiting.entry(number).or_insert_with(new);
        waiting.waker.clone_from(waker);
        waiting.woken = false;
        number
    }

    /// Whom to wake for a free turn: another one each time, since who is woken may have to wait for a thread.
    fn next_waker(&mut self) -> Option<Waker> {
        if self.taken {
            return None;
        }
        let candidates = if self.kept_for().is_some() { 1 } else { self.waiting.len() };
        let next = self.waiting.values_mut().take(candidates).find(|one| !one.woken)?;
        next.woken = true;
        Some(next.waker.clone())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let next = {
            let mut queue = self.0.queue();
            queue.taken = false;
            queue.next_waker()
        };
        next.into_iter().for_each(Waker::wake);
    }
}

/// Waits for a turn.
pub(super) struct Take {
    turns: Arc<Turns>,
    /// While it waits.
    number: Option<u64>,
}

impl Future for Take {
    type Output = Turn;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Turn> {
        let (turns, number) = (self.turns.clone(), self.number);
        let mut queue = turns.queue();
        if queue.take(number) {
            self.number = None;
            drop(queue);
            return Poll::Ready(Turn(turns));
        }
        self.number = Some(queue.wait(number, context.waker()));
        Poll::Pending
    }
}

impl Drop for Take {
    fn drop(&mut self) {
        let Some(number) = self.number else { return };
        let next = {
            let mut queue = self.turns.queue();
            queue.waiting.remove(&number);
            // It may have been woken for a free turn, which is another's now.
            queue.next_waker()
        };
        next.into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests;
