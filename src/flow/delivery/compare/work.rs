//! A comparison that is running: what it is for, and its requests within the budget of the service.

use tokio::time::{Duration, sleep};

use super::error::CompareError;
use crate::delivery::scim::{Message, Reply};
use crate::domain::delivery::{Failure, RemoteId, Seen, Urgency, Values};
use crate::domain::secret::Sealed;
use crate::domain::{HOUR, Millis, SECOND};
use crate::flow::delivery::channel::Channel;
use crate::flow::delivery::control::Permission;
use crate::keys::{KeyError, random_id};
use crate::store::{ComparisonRun, DeliveryStore, Store};

/// The kind under which resources are sealed while they are compared.
const SEALED_AS: &str = "delivery-comparison";
/// How soon to ask again for permission to send.
const ASK_AGAIN: Duration = Duration::from_millis(250);
/// How often a request is tried that the service fails to answer, and how often one that it puts off.
const FAILURES: u32 = 3;
const PUT_OFF: u32 = 30;
/// The wait after a failure, times the number of failures.
const PAUSE: Millis = 2 * SECOND;

/// What a comparison is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To see what the delivery of everything would do: everybody is compared.
    Preview,
    /// To find what differs although it was delivered: whoever waits, or was just delivered, is not compared.
    Drift,
}

/// A comparison that is running.
pub(super) struct Work<'a> {
    pub(super) channel: &'a Channel<'a>,
    pub(super) purpose: Purpose,
    pub(super) run: ComparisonRun,
    pub(super) begun_at: Millis,
}

impl<'a> Work<'a> {
    pub(super) fn begin(channel: &'a Channel<'a>, purpose: Purpose) -> Self {
        let run = ComparisonRun { target: channel.id().to_owned(), run: random_id() };
        Self { channel, purpose, run, begun_at: channel.now() }
    }

    pub(super) fn store(&self) -> &Store {
        self.channel.store()
    }

    pub(super) fn deliveries(&self) -> DeliveryStore<'_> {
        self.channel.store().delivery()
    }

    pub(super) fn now(&self) -> Millis {
        self.channel.now()
    }

    /// Sends a request that only reads, and again if the service can't answer it now.
    pub(super) async fn send(&self, message: &Message) -> Result<Reply, CompareError> {
        let (mut failures, mut put_off) = (0, 0);
        loop {
            self.permission().await?;
            let failure = match self.channel.link.send(message).await {
                Ok(reply) if (200..300).contains(&reply.status) || reply.status == 404 => return Ok(reply),
                Ok(reply) => {
                    Failure::of_status(reply.status, format!("status {}", reply.status), reply.retry_after)
                }
                Err(failure) => failure,
            };
            let wait = match &failure {
                Failure::Busy { retry_after, .. } if put_off < PUT_OFF => {
                    put_off += 1;
                    retry_after.unwrap_or(PAUSE * Millis::from(put_off)).clamp(SECOND, HOUR)
                }
                Failure::NotSent(_) | Failure::Lost(_) | Failure::Broken { .. }
                    if failures + 1 < FAILURES =>
                {
                    failures += 1;
                    PAUSE * Millis::from(failures)
                }
                _ => return Err(failure.into()),
            };
            sleep(Duration::from_millis(wait.unsigned_abs())).await;
        }
    }

    /// Waits for the budget, behind everything else that is to be sent.
    async fn permission(&self) -> Result<(), CompareError> {
        let control = &self.channel.control;
        loop {
            if control.stopped().is_some() {
                return Err(CompareError::Stopped(self.channel.id().to_owned()));
            }
            let now = self.now();
            if control.may_begin(Urgency::Fill, now)
                && control.ask(Urgency::Fill, false, now) == Permission::Granted
            {
                return Ok(());
            }
            sleep(ASK_AGAIN).await;
        }
    }

    /// Seals what a resource says of itself.
    pub(super) fn sealed(&self, id: &RemoteId, values: &Values) -> Sealed {
        // Values under names can always be written as JSON.
        let text = serde_json::to_vec(values).unwrap_or_default();
        self.channel.parts.keys.sealer.seal(SEALED_AS, &self.place(id), &text)
    }

    /// Opens it again. A resource that can't be read is no resource that is missing.
    pub(super) fn opened(&self, id: RemoteId, sealed: &Sealed) -> Result<Seen, CompareError> {
        let text = self.channel.parts.keys.sealer.open(SEALED_AS, &self.place(&id), sealed)?;
        let values = serde_json::from_slice(&text).map_err(|_| KeyError::Unsealable)?;
        Ok(Seen { id, etag: None, values, members: None, raw: serde_json::Value::Null })
    }

    /// The store replaces NUL in texts, so an id comes back without it.
    fn place(&self, id: &RemoteId) -> String {
        format!("{}/{}", self.run.run, id.0.replace('\0', "\u{fffd}"))
    }
}
