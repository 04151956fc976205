//! One attempt to bring a person or Team Share to a service: request after request, until everything is as wished,
//! or it can't go on. What is known is noted before and after each request.

use std::collections::BTreeMap;
use std::time::Duration;

use super::channel::Channel;
use super::control::Permission;
use super::exchange::exchange;
use super::facts::Facts;
use super::listed::may_be_listed;
use super::wish::wish_of;
use crate::domain::delivery::{
    Answer, Failure, Known, LogEntry, Noted, Outcome, Place, Presence, RemoteId, Request, Row, Sent, Sight,
    Step, Stop, Urgency, Wish, next, note,
};
use crate::domain::settings::WhenGone;
use crate::domain::{Millis, SECOND};
use crate::store::{AttemptNote, StoreError, StoredDelivery};

/// How long a request waits for the budget of the service. Whoever would wait longer begins anew later, so that a
/// suspension never waits behind a request of the same person.
const PATIENCE: Millis = 2 * SECOND;

/// How soon is looked again whether a name is still on its way.
const NAME_AGAIN: Duration = Duration::from_millis(100);

/// An attempt.
pub(super) struct Attempt<'a> {
    channel: &'a Channel<'a>,
    wish: Wish,
    /// The number of the wish.
    number: u64,
    urgency: Urgency,
    /// As it is stored, except for what a request on its way may change.
    known: Known,
    sight: Sight,
    facts: Facts,
    /// For the log.
    sent: Sent,
    /// Whether a request was sent.
    has_begun: bool,
}

impl<'a> Attempt<'a> {
    /// Brings this person or Team Share to the service.
    pub(super) async fn make(channel: &'a Channel<'a>, stored: StoredDelivery) -> Result<(), StoreError> {
        let StoredDelivery { subject, row, known } = &stored;
        let Some(wish) = wish_of(channel.store(), channel.service, &stored).await? else {
            let (now, number) = (channel.now(), row.wished);
            let done = |row: &mut Row| row.delivered(number, now);
            let deliveries = channel.store().delivery();
            deliveries.note_after(channel.id(), (subject, number), known, done, now).await?;
            return Ok(());
        };
        let Some(_name) = channel.names.take(&wish) else {
            tokio::time::sleep(NAME_AGAIN).await;
            return Ok(());
        };
        let searches = channel.dialect.filter || known.place != Place::Unknown;
        let sight = match searches || may_be_listed(channel, &wish, row.urgency).await {
            true => Sight::default(),
            false => Sight::unlisted(),
        };
        let attempt = Self {
            channel,
            wish,
            number: row.wished,
            urgency: row.urgency,
            known: stored.known,
            sight,
            facts: Facts::default(),
            sent: Sent::default(),
            has_begun: false,
        };
        attempt.run().await
    }

    async fn run(mut self) -> Result<(), StoreError> {
        let mut step = Some(self.next());
        while let Some(now) = step {
            step = match now {
                Step::Send(request) => self.send(request).await?,
                Step::Gone => self.gone().await?,
                Step::Done { refused } => self.done(refused).await?,
            };
        }
        Ok(())
    }

    fn next(&self) -> Step {
        let dialect = &self.channel.dialect;
        self.facts.decide(dialect, |terms| next(&self.wish, &self.known, &self.sight, terms))
    }

    /// Sends a request and notes its answer; `None` if the attempt ends.
    async fn send(&mut self, request: Request) -> Result<Option<Step>, StoreError> {
        if !self.may_send().await {
            return self.break_off().await;
        }
        let before = self.known.before(&request);
        if before != self.known && !self.note_before(&before).await? {
            self.channel.control.not_sent();
            return self.break_off().await;
        }
        self.has_begun = true;
        if matches!(request, Request::Create { .. }) && !self.channel.dialect.filter {
            let subject = &self.wish.subject;
            self.channel.listing(subject.kind()).lock().await.tries(subject);
        }
        let Channel { link, control, dialect, .. } = self.channel;
        let (about, times) = ((&self.wish, &request), (self.urgency, self.channel.now()));
        let answer = exchange((link, control), about, dialect, times).await;
        self.channel.answered(&answer).await?;
        self.sent.note(&self.known, &request, &answer);
        let of = (self.channel.store(), self.channel.id());
        self.facts.learn(of, &self.wish.subject, &answer).await?;
        let noted = self.noted(&request, answer);
        if matches!(request, Request::Find(_)) && self.known.id().is_none() && noted.known.id().is_some() {
            self.sent.adopts();
        }
        self.go_on(noted, &before).await
    }

    fn noted(&self, request: &Request, answer: Answer) -> Noted {
        let of = (&self.known, &self.sight);
        self.facts.decide(&self.channel.dialect, |terms| note(&self.wish, of, request, answer, terms))
    }

    /// `stored` is what is known in the store.
    async fn go_on(&mut self, noted: Noted, stored: &Known) -> Result<Option<Step>, StoreError> {
        let Noted { known, sight, outcome } = noted;
        (self.known, self.sight) = (known, sight);
        let (now, number) = (self.channel.now(), self.number);
        match outcome {
            Outcome::Next => {
                let step = self.next();
                // What is done is noted together with that.
                let notes = !matches!(step, Step::Done { .. }) && self.known != *stored;
                if notes && !self.note_progress().await? {
                    return Ok(None);
                }
                return Ok(Some(step));
            }
            Outcome::Later(failure) => {
                let chances = self.channel.chances();
                let log = self.sent.failed(&failure);
                self.note_end(log, |row| row.failed(number, &failure, now, chances)).await?;
            }
            Outcome::Refused(failure) => {
                let log = Some(self.sent.refused(&failure));
                self.note_end(log, |row| row.refused(number, &failure, now)).await?;
            }
        }
        Ok(None)
    }

    /// It was there and is not any more.
    async fn gone(&mut self) -> Result<Option<Step>, StoreError> {
        let (now, number) = (self.channel.now(), self.number);
        if self.channel.service.when_gone == WhenGone::Report {
            let failure = Failure::NotFound("it was there, and is not there any more".to_owned());
            let log = Some(self.sent.refused(&failure));
            self.note_end(log, |row| row.refused(number, &failure, now)).await?;
            return Ok(None);
        }
        let known = self.channel.store().delivery().known_at(self.channel.id()).await?;
        if self.channel.control.may_create_again(known, now) {
            self.sight.create_again();
            return Ok(Some(self.next()));
        }
        let words = format!("{} is not there any more, like others within the last hour", self.wish.subject);
        self.channel.stop(Stop::Emptied, words).await?;
        self.break_off().await
    }

    /// Everything is as wished, except for members whom the service refuses: each is read there, and this Team Share
    /// is tried again.
    async fn done(&mut self, refused: BTreeMap<RemoteId, String>) -> Result<Option<Step>, StoreError> {
        let (now, number) = (self.channel.now(), self.number);
        let deliveries = self.channel.store().delivery();
        if let Some(words) = refused.values().next() {
            let members = refused.keys().cloned().collect();
            deliveries.verify(self.channel.id(), &members, now).await?;
            let failure = Failure::Refused { status: 400, words: words.clone() };
            let chances = self.channel.chances();
            let log = self.sent.failed(&failure);
            self.note_end(log, |row| row.failed(number, &failure, now, chances)).await?;
            return Ok(None);
        }
        self.note_end(self.sent.done(), |row| row.delivered(number, now)).await?;
        if self.wish.presence == Presence::Erased {
            deliveries.forget(self.channel.id(), &self.wish.subject, number).await?;
        }
        Ok(None)
    }

    /// Waits a little for the budget of the service.
    async fn may_send(&self) -> bool {
        let control = &self.channel.control;
        let ask = || control.ask(self.urgency, !self.has_begun, self.channel.now());
        match ask() {
            Permission::Granted => true,
            Permission::NotBefore(at) if self.has_begun && at <= self.channel.now() + PATIENCE => {
                self.channel.sleep_until(at).await;
                ask() == Permission::Granted
            }
            Permission::NotBefore(_) | Permission::Stopped => false,
        }
    }

    async fn note_before(&self, known: &Known) -> Result<bool, StoreError> {
        let of = (&self.wish.subject, self.number);
        self.channel.store().delivery().note_before(self.channel.id(), of, known).await
    }

    /// Notes what is known between two requests. False if there is a newer wish: the attempt ends.
    async fn note_progress(&self) -> Result<bool, StoreError> {
        let log = self.sent.done();
        let note = AttemptNote { log_if_overtaken: log.as_ref(), ..AttemptNote::unlogged(&self.known) };
        self.note(note, |_| {}).await
    }

    async fn note_end(
        &self,
        log: Option<LogEntry>,
        change: impl Fn(&mut Row) + Send + Sync,
    ) -> Result<bool, StoreError> {
        let note = AttemptNote { log: log.as_ref(), ..AttemptNote::unlogged(&self.known) };
        self.note(note, change).await
    }

    async fn note(
        &self,
        note: AttemptNote<'_>,
        change: impl Fn(&mut Row) + Send + Sync,
    ) -> Result<bool, StoreError> {
        let of = (&self.wish.subject, self.number);
        let (deliveries, now) = (self.channel.store().delivery(), self.channel.now());
        deliveries.note_attempt(self.channel.id(), of, note, change, now).await
    }

    /// Ends between two requests; what was sent so far is noted.
    async fn break_off(&self) -> Result<Option<Step>, StoreError> {
        if let Some(entry) = self.sent.done() {
            let (deliveries, now) = (self.channel.store().delivery(), self.channel.now());
            deliveries.log(self.channel.id(), &self.wish.subject, &entry, now).await?;
        }
        Ok(None)
    }
}
