//! Send what waits for one service. Of several nodes one sends, and many people and Team Shares at once.

use std::collections::{HashSet, VecDeque};
use std::sync::atomic::Ordering;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::time::{Duration, Instant};

use super::attempt::Attempt;
use super::channel::Channel;
use super::compare;
use super::control::Permission;
use super::link::LinkError;
use crate::domain::delivery::{Answer, Dialect, Failure, Subject, Urgency};
use crate::domain::settings::Provisioning;
use crate::domain::{Millis, SECOND};
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::OperationParts;
use crate::flow::installation::lease::{Lease, LeaseLost};
use crate::store::{DeliveryTarget, StoreError, StoredDelivery, TargetState};

/// How soon is found what another process has noted.
const LOOK: Duration = Duration::from_millis(250);
/// How soon to check whether the sending node has died.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// The shortest and the longest delay after a failure.
const TRY_AGAIN: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(60)];
/// What the service announces is read again after this time.
const ANNOUNCED: Duration = Duration::from_secs(24 * 3_600);
/// How long those on their way may take when the sending ends.
const DRAIN: Duration = Duration::from_secs(20);
/// Whoever did not know of the service when an account was changed has committed by then.
const SETTLE: Millis = 3 * SECOND;

/// How many are on their way at once, and how many suspensions besides.
const PARALLEL: usize = 16;
const SUSPENSIONS: usize = 4;
/// How many are read from the outbox at once.
const READY: usize = 128;

/// Why sending has ended; it is tried again.
#[derive(Debug, thiserror::Error)]
enum DeliveryError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error("another process sends now")]
    Lost,
}

impl From<LeaseLost> for DeliveryError {
    fn from(_: LeaseLost) -> Self {
        Self::Lost
    }
}

/// Sends to a service until it is no longer in the settings. A failure is logged, and tried again.
pub async fn deliver(parts: &OperationParts, id: &str) {
    let [soonest, latest] = TRY_AGAIN;
    let mut pause = soonest;
    loop {
        let service = parts.current().settings.service(id).cloned();
        let Some(service) = service.filter(|service| service.enabled) else { return };
        let begun = Instant::now();
        match Box::pin(send_alone(parts, &service)).await {
            Ok(()) => pause = soonest,
            Err(error) => {
                tracing::warn!(service = id, error = %Causes(&error), "delivery");
                pause = if begun.elapsed() > latest { soonest } else { latest.min(pause * 2) };
                wait(parts, &service, pause).await;
            }
        }
    }
}

/// Sends while this node has the lease and the settings stay the same.
async fn send_alone(parts: &OperationParts, service: &Provisioning) -> Result<(), DeliveryError> {
    let name = format!("delivery:{}", service.id);
    match Lease::take(&parts.store, &parts.clock, name, Duration::ZERO).await? {
        Some(lease) => lease.spend(send_all(parts, service)).await,
        None => {
            wait(parts, service, LOOK_AGAIN).await;
            Ok(())
        }
    }
}

async fn send_all(parts: &OperationParts, service: &Provisioning) -> Result<(), DeliveryError> {
    let mut channel = Channel::open(parts, service)?;
    let Some(dialect) = channel.first_contact().await? else { return Ok(()) };
    channel.dialect = dialect;
    // Within the budget of the service, so beside the sending. A comparison that ends with it is made up for.
    tokio::select! {
        sent = channel.work() => Ok(sent?),
        never = compare::daily(&channel) => match never {},
    }
}

fn is_current(parts: &OperationParts, service: &Provisioning) -> bool {
    parts.current().settings.service(&service.id) == Some(service)
}

/// Waits, or until the settings have changed.
async fn wait(parts: &OperationParts, service: &Provisioning, pause: Duration) {
    let until = Instant::now() + pause;
    while is_current(parts, service) && Instant::now() < until {
        tokio::time::sleep(LOOK).await;
    }
}

type Sending<'a> = BoxFuture<'a, (Subject, Result<(), StoreError>)>;

impl Channel<'_> {
    /// Reads what the service announces, as soon as it answers; `None` if the settings change before.
    async fn first_contact(&self) -> Result<Option<Dialect>, StoreError> {
        while is_current(self.parts, self.service) {
            if let Some(state) = self.state().await?
                && self.control.ask(Urgency::Suspend, true, self.now()) == Permission::Granted
                && let Some(dialect) = self.announced(state.dialect).await?
            {
                return Ok(Some(dialect));
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(None)
    }

    /// What it announces; `known` is what it has announced before. `None` if it does not answer now.
    async fn announced(&self, known: Option<Dialect>) -> Result<Option<Dialect>, StoreError> {
        let reply = self.ask_config().await;
        let failed = match &reply {
            Ok(reply) => match reply.status {
                200..300 | 404 => None,
                status => {
                    Some(Failure::of_status(status, "ServiceProviderConfig".to_owned(), reply.retry_after))
                }
            },
            Err(failure) => Some(failure.clone()),
        };
        let waits = |failure: &Failure| {
            matches!(
                failure,
                Failure::NotSent(_) | Failure::Lost(_) | Failure::Unauthorized(_) | Failure::Busy { .. }
            )
        };
        if let Some(failure) = failed.filter(waits) {
            self.answered(&Answer::Failed(failure)).await?;
            return Ok(None);
        }
        self.answered(&Answer::Done { etag: None }).await?;
        let dialect = self.dialect_after(reply.as_ref().ok(), known);
        self.store().delivery().note_dialect(self.id(), &dialect, self.now()).await?;
        Ok(Some(dialect))
    }

    /// Sends until the settings change, or it is time to read again what the service announces.
    async fn work(&self) -> Result<(), StoreError> {
        let mut wakes = self.store().delivery().wake_ups();
        let mut running = FuturesUnordered::<Sending<'_>>::new();
        let mut on_their_way = HashSet::new();
        let end = Instant::now() + ANNOUNCED;
        while is_current(self.parts, self.service) && Instant::now() < end {
            wakes.mark_unchanged();
            let looked = self.look_meanwhile(&mut on_their_way, &mut running).await?;
            let Some(mut queue) = looked else { break };
            let look_again = tokio::time::sleep(LOOK);
            tokio::pin!(look_again);
            loop {
                self.start(&mut queue, &mut on_their_way, &running);
                tokio::select! {
                    Some((subject, sent)) = running.next() => {
                        sent?;
                        on_their_way.remove(&subject);
                        if queue.is_empty() {
                            break;
                        }
                    }
                    _ = wakes.changed() => break,
                    () = &mut look_again => break,
                }
            }
        }
        let drained = async {
            while let Some((_, sent)) = running.next().await {
                sent?;
            }
            Ok(())
        };
        // Who is not done by then leaves a doubt, as after a crash.
        tokio::time::timeout(DRAIN, drained).await.unwrap_or(Ok(()))
    }

    /// Starts those who come first, as many as may be on their way.
    fn start<'s>(
        &'s self,
        queue: &mut VecDeque<StoredDelivery>,
        on_their_way: &mut HashSet<Subject>,
        running: &FuturesUnordered<Sending<'s>>,
    ) {
        while let Some(first) = queue.front() {
            let urgency = first.row.urgency;
            let most = if urgency == Urgency::Suspend { PARALLEL + SUSPENSIONS } else { PARALLEL };
            if on_their_way.len() >= most || !self.control.may_begin(urgency, self.now()) {
                return;
            }
            let Some(stored) = queue.pop_front() else { return };
            let subject = stored.subject.clone();
            on_their_way.insert(subject.clone());
            running.push(async move { (subject, Attempt::make(self, stored).await) }.boxed());
        }
    }

    /// Looks while those on their way go on: a look may wait for a transaction of one of them.
    async fn look_meanwhile(
        &self,
        on_their_way: &mut HashSet<Subject>,
        running: &mut FuturesUnordered<Sending<'_>>,
    ) -> Result<Option<VecDeque<StoredDelivery>>, StoreError> {
        let mut ended = Vec::new();
        let look = self.look(on_their_way.len());
        tokio::pin!(look);
        let ready = loop {
            tokio::select! {
                ready = &mut look => break ready?,
                Some((subject, sent)) = running.next() => {
                    sent?;
                    ended.push(subject);
                }
            }
        };
        // Who has ended meanwhile may have been read before that was noted, and is looked at again.
        let waiting = ready.map(|ready| {
            let others = ready.into_iter().filter(|one| !on_their_way.contains(&one.subject));
            others.collect()
        });
        ended.iter().for_each(|subject| {
            on_their_way.remove(subject);
        });
        Ok(waiting)
    }

    /// What is to be sent now, besides so many on their way; `None` if other settings are in force.
    async fn look(&self, on_their_way: usize) -> Result<Option<Vec<StoredDelivery>>, StoreError> {
        let Some(state) = self.state().await? else { return Ok(None) };
        let now = self.now();
        if state.filled_to.is_some() && state.added_at + SETTLE <= now {
            self.store().delivery().fill(&state, now).await?;
        }
        let most = u32::try_from(READY + on_their_way).unwrap_or(u32::MAX);
        Ok(Some(self.store().delivery().ready(self.id(), most, now).await?))
    }

    /// What the store knows of the service, if it has the settings of this sender. Follows what an administrator has
    /// decided about a stop.
    async fn state(&self) -> Result<Option<TargetState>, StoreError> {
        let state = self.store().delivery().target(self.id()).await?;
        let Some(state) = state.filter(|state| state.target == DeliveryTarget::from(self.service)) else {
            return Ok(None);
        };
        let before = self.resumed.swap(state.resumed, Ordering::Relaxed);
        if before != -1 && before != state.resumed {
            self.control.resume();
        }
        match &state.stopped {
            Some(stopped) if stopped.under != self.under => {
                self.store().delivery().resume(self.id()).await?;
            }
            Some(stopped) if self.control.stopped().is_none() => self.control.stop(stopped.why),
            _ => {}
        }
        self.report_away(&state).await?;
        Ok(Some(state))
    }
}
