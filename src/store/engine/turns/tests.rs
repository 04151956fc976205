//! Tasks are polled here by hand, so the order of what happens is exact.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Wake;

use futures_util::FutureExt;
use proptest::prelude::*;

use super::*;

/// Counts how often it is woken.
#[derive(Default)]
struct Counted(AtomicUsize);

impl Wake for Counted {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A waiting task.
struct Task {
    take: Take,
    woken: Arc<Counted>,
}

impl Task {
    fn new(turns: &Arc<Turns>) -> Self {
        Self { take: turns.take(), woken: Arc::default() }
    }

    fn runs(&mut self) -> Option<Turn> {
        let waker: Waker = self.woken.clone().into();
        match self.take.poll_unpin(&mut Context::from_waker(&waker)) {
            Poll::Ready(turn) => Some(turn),
            Poll::Pending => None,
        }
    }

    fn wakes(&self) -> usize {
        self.woken.0.load(Ordering::Relaxed)
    }
}

#[test]
fn one_at_a_time() {
    let turns = Turns::new();
    let mut first = Task::new(&turns);
    let held = first.runs().expect("it is free");
    assert!(turns.try_take().is_none());
    let mut second = Task::new(&turns);
    assert!(second.runs().is_none());
    drop(held);
    let held = second.runs().expect("the first turn has ended");
    assert!(turns.try_take().is_none());
    drop(held);
    assert!(turns.try_take().is_some());
}

#[test]
fn who_runs_takes_a_free_turn_before_one_that_sleeps() {
    let turns = Turns::new();
    let held = turns.try_take().expect("it is free");
    let mut sleeper = Task::new(&turns);
    assert!(sleeper.runs().is_none());
    drop(held);
    assert_eq!(sleeper.wakes(), 1);
    let overtaking = turns.try_take().expect("nobody else runs");
    assert!(sleeper.runs().is_none(), "woken, and too late");
    drop(overtaking);
    assert_eq!(sleeper.wakes(), 2, "woken again");
    assert!(sleeper.runs().is_some());
}

#[test]
fn nobody_is_overtaken_for_ever() {
    let turns = Turns::new();
    let mut held = turns.try_take().expect("it is free");
    let mut sleepers: Vec<Task> = (0..5).map(|_| Task::new(&turns)).collect();
    assert!(sleepers.iter_mut().all(|sleeper| sleeper.runs().is_none()));
    let mut overtakes = 0;
    loop {
        drop(held);
        let Some(next) = turns.try_take() else { break };
        held = next;
        overtakes += 1;
    }
    assert_eq!(overtakes, MOST_OVERTAKES);
    for late in (1..5).rev() {
        assert!(sleepers[late].runs().is_none(), "the turn is the first one's");
    }
    for sleeper in &mut sleepers {
        assert!(sleeper.wakes() > 0);
        let turn = sleeper.runs().expect("in the order of their arrival");
        drop(turn);
    }
}

#[test]
fn each_turn_that_ends_wakes_another_one() {
    let turns = Turns::new();
    let mut sleepers: Vec<Task> = (0..3).map(|_| Task::new(&turns)).collect();
    let held = turns.try_take().expect("it is free");
    assert!(sleepers.iter_mut().all(|sleeper| sleeper.runs().is_none()));
    drop(held);
    drop(turns.try_take().expect("who was woken does not run yet"));
    let woken: Vec<usize> = sleepers.iter().map(Task::wakes).collect();
    assert_eq!(woken, [1, 1, 0]);
    assert!(sleepers[1].runs().is_some(), "whichever runs first");
    assert!(sleepers[0].runs().is_some());
}

#[test]
fn a_turn_of_one_who_gave_up_is_another_ones() {
    let turns = Turns::new();
    let held = turns.try_take().expect("it is free");
    let [mut first, mut second] = [Task::new(&turns), Task::new(&turns)];
    assert!(first.runs().is_none() && second.runs().is_none());
    drop(held);
    assert_eq!((first.wakes(), second.wakes()), (1, 0));
    drop(first);
    assert_eq!(second.wakes(), 1, "nobody else would wake it");
    assert!(second.runs().is_some());
    assert!(turns.queue().waiting.is_empty());
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Arrives,
    Runs(usize),
    Ends,
    Overtakes,
    GivesUp(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => Just(Step::Arrives),
        4 => (0..8_usize).prop_map(Step::Runs),
        4 => Just(Step::Ends),
        2 => Just(Step::Overtakes),
        1 => (0..8_usize).prop_map(Step::GivesUp),
    ];
    proptest::collection::vec(step, 0..600)
}

proptest! {
    /// Whatever happens: one turn at a time, and a free turn never waits for a task that nobody has woken.
    #[test]
    fn no_free_turn_is_forgotten(steps in steps()) {
        let turns = Turns::new();
        let mut held: Option<Turn> = None;
        let mut tasks: Vec<Task> = Vec::new();
        for step in steps {
            let taken = match step {
                Step::Arrives => {
                    let mut task = Task::new(&turns);
                    let turn = task.runs();
                    if turn.is_none() {
                        tasks.push(task);
                    }
                    turn
                }
                Step::Runs(which) if which < tasks.len() => {
                    let turn = tasks[which].runs();
                    if turn.is_some() {
                        tasks.remove(which);
                    }
                    turn
                }
                Step::Overtakes => turns.try_take(),
                Step::GivesUp(which) if which < tasks.len() => {
                    tasks.remove(which);
                    None
                }
                Step::Ends => {
                    held = None;
                    None
                }
                Step::Runs(_) | Step::GivesUp(_) => None,
            };
            prop_assert!(taken.is_none() || held.is_none(), "two turns at once");
            held = taken.or(held);
            let queue = turns.queue();
            prop_assert_eq!(queue.taken, held.is_some());
            prop_assert_eq!(queue.waiting.len(), tasks.len());
            let next = queue.kept_for().or_else(|| {
                queue.waiting.iter().find(|(_, one)| one.woken).map(|(number, _)| *number)
            });
            let will_run = next.is_some_and(|number| queue.waiting[&number].woken);
            prop_assert!(held.is_some() || tasks.is_empty() || will_run, "nobody takes the free turn");
        }
    }
}
