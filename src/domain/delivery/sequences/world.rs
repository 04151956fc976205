//! Our side: accounts and Team Shares, the durable rows of the outbox, and what is on its way.

use std::collections::{BTreeMap, BTreeSet};

use super::deeds::{Deed, Fault};
use super::server::Server;
use crate::domain::account::AccountId;
use crate::domain::delivery::{
    Answer, Attribute, By, Circuit, Failure, GoneGuard, Kind, Known, Noted, Outcome, Permit, Presence,
    RemoteId, Request, Row, Seen, Sight, Step, Stop, Subject, Terms, Urgency, Values, Wish, next, note,
};
use crate::domain::profile::ProfileAttribute;
use crate::domain::{Millis, SECOND};

pub(super) const PEOPLE: u64 = 4;
pub(super) const SHARES: u64 = 2;

#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) shown: Option<String>,
    pub(super) presence: Presence,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Share {
    pub(super) name: String,
    pub(super) members: BTreeSet<Subject>,
}

/// What survives a crash.
#[derive(Clone, Debug, Default)]
pub(super) struct Stored {
    pub(super) row: Row,
    pub(super) known: Known,
}

/// An attempt; it does not survive a crash.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) wish: Wish,
    pub(super) number: u64,
    sight: Sight,
    /// What was known when the request was made.
    known: Known,
    request: Request,
    pub(super) answer: Option<Answer>,
}

pub(super) struct World {
    pub(super) server: Server,
    pub(super) people: BTreeMap<Subject, Person>,
    pub(super) shares: BTreeMap<Subject, Share>,
    pub(super) stored: BTreeMap<Subject, Stored>,
    pub(super) attempts: BTreeMap<Subject, Attempt>,
    circuit: Circuit,
    pub(super) guard: GoneGuard,
    /// Who was deleted over there without a comparison since.
    pub(super) unnoticed: BTreeSet<Subject>,
    pub(super) reports_gone: bool,
    pub(super) names: u64,
    /// Names that somebody had before.
    pub(super) free: Vec<String>,
    /// The groups with a guest.
    pub(super) guests: BTreeSet<RemoteId>,
    pub(super) now: Millis,
    pub(super) counts: BTreeMap<&'static str, u64>,
}

pub(super) fn person(number: u64) -> Subject {
    Subject::Person(AccountId(format!("p{}", number % PEOPLE)))
}

pub(super) fn share(number: u64) -> Subject {
    Subject::Share(format!("s{}", number % SHARES))
}

impl World {
    pub(super) fn new(variant: u64) -> Self {
        Self {
            server: Server::new(variant),
            people: BTreeMap::new(),
            shares: BTreeMap::new(),
            stored: BTreeMap::new(),
            attempts: BTreeMap::new(),
            circuit: Circuit::default(),
            guard: GoneGuard::default(),
            unnoticed: BTreeSet::new(),
            reports_gone: variant.is_multiple_of(3),
            names: 0,
            free: Vec::new(),
            guests: BTreeSet::new(),
            now: 0,
            counts: BTreeMap::new(),
        }
    }

    pub(super) fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    pub(super) fn apply(&mut self, deed: Deed) -> Result<(), String> {
        match deed {
            Deed::Start(number) => return self.start(number),
            Deed::Serve(number, fault) => self.serve(number, fault),
            Deed::Receive(number) => return self.receive(number),
            Deed::Run(number) => return self.run(number, 30),
            Deed::Crash(number) => self.crash(number),
            Deed::Wait(number) => self.now += i64::try_from(number % 60).unwrap_or(0) * SECOND,
            Deed::Resume => {
                self.circuit.resume();
                self.guard.reset();
            }
            other => self.decide(other),
        }
        Ok(())
    }

    pub(super) fn fresh_name(&mut self, of: &str) -> String {
        self.names += 1;
        format!("{of}-{}@Example.com", self.names)
    }

    /// A new wish about somebody.
    pub(super) fn mark(&mut self, subject: &Subject, urgency: Urgency) {
        let now = self.now;
        self.stored.entry(subject.clone()).or_default().row.wish(urgency, now);
    }

    /// The wish of now.
    pub(super) fn wish(&self, subject: &Subject) -> Wish {
        match subject {
            Subject::Person(id) => {
                let person = &self.people[subject];
                let shown = (Attribute::Profile(ProfileAttribute::Name), person.shown.clone());
                Wish::person(id.clone(), person.name.clone(), person.presence, Values::from([shown]))
            }
            Subject::Share(id) => {
                let share = &self.shares[subject];
                let id_of = |member: &Subject| self.stored.get(member)?.known.id().cloned();
                let members = share.members.iter().filter_map(id_of).collect();
                Wish::share(id.clone(), share.name.clone(), members)
            }
        }
    }

    fn with_terms<T>(&self, subject: &Subject, decide: impl FnOnce(&Terms<'_>) -> T) -> T {
        let is_person = |subject: &Subject| subject.kind() == Kind::User;
        let owner = |id: &RemoteId, kind: Kind| {
            self.stored.iter().find(|(other, one)| other.kind() == kind && one.known.id() == Some(id))
        };
        let ours = |id: &RemoteId| owner(id, Kind::User).is_some_and(|(other, _)| is_person(other));
        let taken = |seen: &Seen| {
            let by_id = owner(&seen.id, subject.kind()).is_some_and(|(other, _)| other != subject);
            let external = seen.values.get(&Attribute::ExternalId).cloned().flatten();
            by_id
                || self.stored.keys().any(|other| {
                    let same_kind = other != subject && other.kind() == subject.kind();
                    same_kind && external.as_deref() == Some(other.external_id())
                })
        };
        decide(&Terms { dialect: &self.server.dialect, ours: &ours, taken: &taken })
    }

    /// Who is ready, in the order of the outbox.
    fn ready(&self) -> Vec<Subject> {
        let waiting = self
            .stored
            .iter()
            .filter(|(subject, one)| one.row.is_ready(self.now) && !self.attempts.contains_key(*subject));
        let mut ready: Vec<_> = waiting.collect();
        ready.sort_by_key(|(subject, one)| one.row.rank(subject));
        ready.into_iter().map(|(subject, _)| subject.clone()).collect()
    }

    fn start(&mut self, number: u64) -> Result<(), String> {
        let ready = self.ready();
        // Usually the first, but any order between people must do.
        let place = if number.is_multiple_of(4) { usize::try_from(number).unwrap_or(0) } else { 0 };
        let Some(subject) = ready.get(place % ready.len().max(1)).cloned() else { return Ok(()) };
        if self.circuit.ask(self.now) != Permit::Yes {
            return Ok(());
        }
        self.step(&subject, Sight::default())
    }

    /// Makes the next request.
    fn step(&mut self, subject: &Subject, mut sight: Sight) -> Result<(), String> {
        let wish = self.wish(subject);
        if self.is_on_its_way(&wish) {
            self.count("waits for a name");
            return Ok(());
        }
        let Stored { row, known } = self.stored[subject].clone();
        match self.with_terms(subject, |terms| next(&wish, &known, &sight, terms)) {
            Step::Send(request) => {
                self.check_request(&wish, &request)?;
                let before = known.before(&request);
                self.stored.entry(subject.clone()).or_default().known = before;
                let number = row.wished;
                let attempt = Attempt { wish, number, sight, known, request, answer: None };
                self.attempts.insert(subject.clone(), attempt);
                Ok(())
            }
            Step::Gone if self.reports_gone => {
                self.count("gone: reported");
                let now = self.now;
                let failure = Failure::NotFound("gone".into());
                self.stored.entry(subject.clone()).or_default().row.refused(row.wished, &failure, now);
                Ok(())
            }
            Step::Gone if self.guard.take(self.stored.len(), self.now) => {
                self.count("gone: created again");
                sight.create_again();
                self.step(subject, sight)
            }
            Step::Gone => {
                self.count("gone: target stopped");
                self.circuit.stop(Stop::Emptied);
                Ok(())
            }
            Step::Done { refused } => {
                self.done(subject, &wish, row.wished, &refused);
                Ok(())
            }
        }
    }

    /// Whether another attempt has the name of this wish. A target that does not compare names could have both: who
    /// had the name before may not have been looked up, created and renamed yet.
    fn is_on_its_way(&self, wish: &Wish) -> bool {
        let has_name = |other: &Wish| {
            other.subject.kind() == wish.subject.kind()
                && other.name().to_lowercase() == wish.name().to_lowercase()
        };
        self.attempts.values().any(|attempt| has_name(&attempt.wish))
    }

    fn done(&mut self, subject: &Subject, wish: &Wish, number: u64, refused: &BTreeMap<RemoteId, String>) {
        let now = self.now;
        if let Some(words) = refused.values().next() {
            self.count("member refused");
            for person in self.owners(refused) {
                self.stored.entry(person.clone()).or_default().known.verify = true;
                self.mark(&person, Urgency::Change);
            }
            let failure = Failure::Refused { status: 400, words: words.clone() };
            let well = (0.5, self.circuit.is_well());
            self.stored.entry(subject.clone()).or_default().row.failed(number, &failure, now, well);
            return;
        }
        self.count(match (subject, wish.presence) {
            (Subject::Share(_), _) => "delivered: Team Share",
            (_, Presence::Active) => "delivered: active",
            (_, Presence::Suspended) => "delivered: suspended",
            (_, Presence::Erased) => "delivered: erased",
        });
        self.stored.entry(subject.clone()).or_default().row.delivered(number, now);
        if wish.presence == Presence::Erased {
            self.stored.remove(subject);
            self.people.remove(subject);
        }
    }

    fn owners(&self, refused: &BTreeMap<RemoteId, String>) -> Vec<Subject> {
        let is_refused = |one: &Stored| one.known.id().is_some_and(|id| refused.contains_key(id));
        let people =
            self.stored.iter().filter(|(subject, one)| subject.kind() == Kind::User && is_refused(one));
        people.map(|(subject, _)| subject.clone()).collect()
    }

    fn nth(&self, number: u64, answered: bool) -> Option<Subject> {
        let those: Vec<_> =
            self.attempts.iter().filter(|(_, attempt)| attempt.answer.is_some() == answered).collect();
        let place = usize::try_from(number).unwrap_or(0) % those.len().max(1);
        those.get(place).map(|(subject, _)| (*subject).clone())
    }

    fn serve(&mut self, number: u64, fault: Fault) {
        let Some(subject) = self.nth(number, false) else { return };
        let Some(mut attempt) = self.attempts.remove(&subject) else { return };
        let answer = match fault {
            Fault::Status(status) => Answer::Failed(Failure::of_status(status, "fault".into(), None)),
            Fault::NotSent => Answer::Failed(Failure::NotSent("fault".into())),
            Fault::LostBefore => Answer::Failed(Failure::Lost("fault".into())),
            after => {
                let answer = self.server.serve(&attempt.wish, attempt.number, &attempt.request);
                if after != Fault::None {
                    self.count("effect without an answer");
                }
                match after {
                    Fault::LostAfter => Answer::Failed(Failure::Lost("fault".into())),
                    Fault::BrokenAfter => Answer::Failed(Failure::of_status(500, "fault".into(), None)),
                    Fault::BusyAfter => Answer::Failed(Failure::of_status(503, "fault".into(), None)),
                    Fault::GarbageAfter => Answer::Failed(Failure::Garbage("fault".into())),
                    _ => answer,
                }
            }
        };
        attempt.answer = Some(answer);
        self.attempts.insert(subject, attempt);
    }

    fn receive(&mut self, number: u64) -> Result<(), String> {
        let Some(subject) = self.nth(number, true) else { return Ok(()) };
        let Some(attempt) = self.attempts.remove(&subject) else { return Ok(()) };
        let Attempt { wish, number, sight, known, request, answer } = attempt;
        let Some(answer) = answer else { return Ok(()) };
        self.count_request(&request);
        match &answer {
            Answer::Failed(failure) => self.circuit.failed(failure, self.now, 0.5),
            _ => self.circuit.succeeded(),
        }
        if matches!(answer, Answer::Failed(Failure::Lost(_))) {
            self.count("failed: lost");
        }
        let noted = self.with_terms(&subject, |terms| note(&wish, (&known, &sight), &request, answer, terms));
        let Noted { known, sight, outcome } = noted;
        if matches!(request, Request::Find(_)) && known.id().is_some() {
            self.count("adopted");
        }
        self.keep(&subject, known, number);
        let (now, well) = (self.now, (0.5, self.circuit.is_well()));
        let row = &mut self.stored.entry(subject.clone()).or_default().row;
        match outcome {
            Outcome::Next if row.wished == number => self.step(&subject, sight),
            Outcome::Next => self.step(&subject, Sight::default()),
            Outcome::Later(failure) => {
                row.failed(number, &failure, now, well);
                Ok(())
            }
            Outcome::Refused(failure) => {
                row.refused(number, &failure, now);
                self.count("refused");
                Ok(())
            }
        }
    }

    /// Notes what is known now; in the same transaction the Team Shares of a person with another id are to be
    /// delivered.
    fn keep(&mut self, subject: &Subject, known: Known, number: u64) {
        let stored = &self.stored[subject];
        let known = if stored.row.wished == number { known } else { known.over(&stored.known) };
        let before = stored.known.id().cloned();
        let changed = before.as_ref() != known.id();
        self.stored.entry(subject.clone()).or_default().known = known;
        let shares = self.shares.iter().filter(|(_, share)| changed && share.members.contains(subject));
        for share in shares.map(|(share, _)| share.clone()).collect::<Vec<_>>() {
            self.mark(&share, Urgency::Change);
        }
    }

    fn count_request(&mut self, request: &Request) {
        self.count(match request {
            Request::Find(By::ExternalId) => "request: find by external id",
            Request::Find(By::Name) => "request: find by name",
            Request::Find(By::List) => "request: list",
            Request::Read { .. } => "request: read",
            Request::Create { .. } => "request: create",
            Request::Patch { .. } => "request: patch",
            Request::Replace { .. } => "request: replace",
            Request::AddMembers { .. } => "request: add members",
            Request::RemoveMembers { .. } => "request: remove members",
            Request::Delete { .. } => "request: delete",
        });
    }

    /// Works until nothing is ready, at most so often.
    pub(super) fn run(&mut self, number: u64, most: u64) -> Result<(), String> {
        for round in 0..most {
            let number = number.wrapping_add(round);
            if self.attempts.is_empty() && self.ready().is_empty() {
                return Ok(());
            }
            self.start(1)?;
            self.start(1)?;
            self.serve(number, Fault::None);
            self.receive(number)?;
            self.check()?;
        }
        Ok(())
    }

    /// The process dies. Each request that is on its way has an effect or has not.
    fn crash(&mut self, number: u64) {
        self.count("crash");
        let open = self.attempts.values().filter(|attempt| attempt.answer.is_none()).count();
        for place in 0..open {
            let fault = if number >> (place % 16) & 1 == 1 { Fault::LostAfter } else { Fault::LostBefore };
            self.serve(0, fault);
        }
        self.attempts.clear();
        self.circuit = Circuit::default();
        self.guard = GoneGuard::default();
    }

    /// The target is well, and an administrator has everything tried again.
    pub(super) fn heal(&mut self) -> Result<(), String> {
        self.reports_gone = false;
        for subject in std::mem::take(&mut self.unnoticed) {
            self.deleted_there(&subject);
        }
        for _ in 0..200 {
            self.circuit.resume();
            self.guard.reset();
            self.stored.values_mut().for_each(|one| one.row.retry());
            self.run(0, 200)?;
            self.now += 3_600 * SECOND;
            if self.attempts.is_empty() && self.stored.values().all(|one| !one.row.is_dirty()) {
                return self.check_end();
            }
        }
        Err("delivery does not end".to_owned())
    }
}
