//! What an answer means: what is known now, and how it goes on.

use std::collections::BTreeSet;

use super::answer::{Answer, Failure};
use super::attribute::Attribute;
use super::known::{Known, Place};
use super::request::{By, RemoteId, Request, Seen};
use super::sight::{Look, Sight, Terms};
use super::wish::{Presence, Wish};

/// How often an attempt may be set back (by a 404, 409 or 412) before it ends.
const SETBACKS: u32 = 4;

/// How it goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With the next step at once.
    Next,
    /// With another attempt, later: the failure may pass.
    Later(Failure),
    /// The target refuses this person or Team Share; others go on.
    Refused(Failure),
}

/// What is known after an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    pub known: Known,
    pub sight: Sight,
    pub outcome: Outcome,
}

/// Notes an answer. `known` is what was known when the request was made, before [`Known::before`].
#[must_use]
pub fn note(
    wish: &Wish,
    (known, sight): (&Known, &Sight),
    request: &Request,
    answer: Answer,
    terms: &Terms<'_>,
) -> Noted {
    let noted = Noted { known: known.clone(), sight: sight.clone(), outcome: Outcome::Next };
    match (request, answer) {
        (_, Answer::Failed(failure)) => failed(noted, wish, request, failure),
        (Request::Find(by), Answer::Found(found)) => noted.found(wish, *by, found, terms),
        (Request::Read { members, .. }, Answer::Read(seen)) => noted.read(*members, seen, terms),
        (Request::Create { values }, Answer::Created { id, etag }) => {
            Noted { known: Known::created(id, etag, values.clone()), ..noted }
        }
        (Request::Delete { .. }, Answer::Done { .. }) => noted.deleted(),
        (request, Answer::Done { etag }) if request.writes() => noted.written(request, etag),
        (request, _) => {
            let failure = Failure::Garbage("an answer to another request".to_owned());
            failed(noted, wish, request, failure)
        }
    }
}

impl Noted {
    fn found(mut self, wish: &Wish, by: By, found: Vec<Seen>, terms: &Terms<'_>) -> Self {
        let mut matching = matching(wish, by, found);
        if let Some(other) = matching.get(1) {
            let words = format!("{} and {} are both this one", matching[0].id, other.id);
            self.outcome = Outcome::Refused(Failure::Conflict(words));
            return self;
        }
        let Some(one) = matching.pop() else {
            match by {
                By::ExternalId => self.sight.external = Look::Nothing,
                By::Name => self.sight.name = Look::Nothing,
                By::List => self.sight.list = Look::Nothing,
            }
            return self;
        };
        if (terms.taken)(&one) {
            let words = format!("{} there belongs to somebody else here", one.id);
            self.outcome = Outcome::Later(Failure::Conflict(words));
            return self;
        }
        self.known.forget_members();
        self.known = Known { former: self.known.former, ..Known::seen(&one, terms.ours) };
        self
    }

    fn read(mut self, with_members: bool, seen: Box<Seen>, terms: &Terms<'_>) -> Self {
        if self.known.id() != Some(&seen.id) {
            self.outcome = Outcome::Later(Failure::Garbage(format!("{} was read instead", seen.id)));
            return self;
        }
        let Known { members: before, former, .. } = self.known;
        // Whom we have made a member stays one of ours, also with an id that is nobody's any more.
        let added =
            |id: &RemoteId| former.contains(id) || before.as_ref().is_some_and(|held| held.contains_key(id));
        self.known = Known::seen(&seen, &|id| (terms.ours)(id) || added(id));
        if with_members {
            // A target that does not show members has none that we know of.
            self.known.members.get_or_insert_default();
        } else {
            (self.known.members, self.known.former) = (before, former);
        }
        self.sight.read = Some(seen);
        self
    }

    fn deleted(mut self) -> Self {
        self.known = Known::default();
        (self.sight.external, self.sight.name) = (Look::Nothing, Look::Nothing);
        self
    }

    fn written(mut self, request: &Request, etag: Option<String>) -> Self {
        self.sight.read = None;
        if let Place::At { etag: known, .. } = &mut self.known.place {
            *known = etag;
        }
        match request {
            Request::Patch { values, .. } => self.known.values.extend(values.clone()),
            Request::Replace { values, members, .. } => {
                self.known.values.extend(values.clone());
                if let Some(members) = members {
                    let own = members.own.iter().map(|id| (id.clone(), true));
                    self.known.members = Some(own.collect());
                }
            }
            Request::AddMembers { members, .. } => {
                let held = self.known.members.get_or_insert_default();
                held.extend(members.iter().map(|id| (id.clone(), true)));
                self.sight.chunk = self.sight.chunk.map(|chunk| chunk.saturating_mul(2));
            }
            Request::RemoveMembers { members, .. } => {
                self.known.members.get_or_insert_default().retain(|id, _| !members.contains(id));
                self.sight.chunk = self.sight.chunk.map(|chunk| chunk.saturating_mul(2));
            }
            Request::Find(_) | Request::Read { .. } | Request::Create { .. } | Request::Delete { .. } => {}
        }
        self
    }

    /// One more setback; too many end the attempt.
    fn set_back(mut self, failure: Failure) -> Self {
        self.sight.setbacks += 1;
        self.sight.read = None;
        if self.sight.setbacks > SETBACKS {
            self.outcome = Outcome::Later(failure);
        }
        self
    }

    fn lost(mut self, failure: Failure) -> Self {
        self.known.forget_members();
        self.known = Known { place: Place::Lost, former: self.known.former, ..Known::default() };
        self.sight.look_again();
        self.set_back(failure)
    }
}

/// The resources that really are the one that was looked for: some targets ignore filters. Names are not
/// compared by case (RFC 7643 sections 4.1.1 and 4.2), but one that is written the same comes first.
pub(super) fn matching(wish: &Wish, by: By, found: Vec<Seen>) -> Vec<Seen> {
    let value_of = |seen: &Seen, attribute: Attribute| seen.values.get(&attribute).cloned().flatten();
    let is_id =
        |seen: &Seen| value_of(seen, Attribute::ExternalId).as_deref() == Some(wish.subject.external_id());
    let name = |seen: &Seen| value_of(seen, wish.subject.kind().name());
    let folded = wish.name().to_lowercase();
    let is_named = |seen: &Seen| name(seen).is_some_and(|name| name.to_lowercase() == folded);
    let by_id = |found: &[Seen]| found.iter().filter(|seen| is_id(seen)).cloned().collect::<Vec<_>>();
    if by == By::ExternalId || wish.presence == Presence::Erased {
        return by_id(&found);
    }
    let known = if by == By::List { by_id(&found) } else { Vec::new() };
    if !known.is_empty() {
        return known;
    }
    let named: Vec<Seen> = found.into_iter().filter(|seen| is_named(seen)).collect();
    let same: Vec<Seen> =
        named.iter().filter(|seen| name(seen).as_deref() == Some(wish.name())).cloned().collect();
    if same.is_empty() { named } else { same }
}

/// What a failure means for this request.
fn failed(mut noted: Noted, wish: &Wish, request: &Request, failure: Failure) -> Noted {
    if !failure.had_no_effect() {
        noted.known = noted.known.before(request);
    }
    if failure.is_of_target() {
        noted.outcome = Outcome::Later(failure);
        return noted;
    }
    match request {
        Request::Find(by) => search_failed(noted, *by, failure),
        Request::Create { .. } => create_failed(noted, failure),
        // It is looked for once more: a 404 can also come from something in between.
        Request::Delete { .. } if matches!(failure, Failure::NotFound(_)) => noted.lost(failure),
        Request::AddMembers { members, .. } | Request::RemoveMembers { members, .. } => {
            members_failed(noted, wish, (request, members), failure)
        }
        Request::Read { .. } | Request::Patch { .. } | Request::Replace { .. } | Request::Delete { .. } => {
            one_failed(noted, failure)
        }
    }
}

fn search_failed(mut noted: Noted, by: By, failure: Failure) -> Noted {
    match (by, &failure) {
        (By::ExternalId, Failure::Refused { .. }) => noted.sight.external = Look::Refused,
        (By::Name, Failure::Refused { .. }) => noted.sight.name = Look::Refused,
        // An address without users answers 404: a search that finds nobody is no 404 (RFC 7644 section 3.4.2).
        _ => noted.outcome = Outcome::Later(failure),
    }
    noted
}

fn create_failed(mut noted: Noted, failure: Failure) -> Noted {
    match failure {
        // Somebody else has created it since, or an earlier request of ours was late.
        Failure::Conflict(_) if noted.sight.setbacks < 2 => {
            noted.sight.look_again();
            noted.set_back(failure)
        }
        // No such address: nothing that is about this person.
        Failure::NotFound(_) | Failure::Changed(_) => {
            noted.outcome = Outcome::Later(failure);
            noted
        }
        _ => {
            noted.outcome = Outcome::Refused(failure);
            noted
        }
    }
}

fn one_failed(mut noted: Noted, failure: Failure) -> Noted {
    match failure {
        Failure::NotFound(_) => noted.lost(failure),
        Failure::Changed(_) => {
            noted.known.verify = true;
            noted.set_back(failure)
        }
        // The name is still somebody else's: it may be about to change.
        Failure::Conflict(_) => {
            noted.outcome = Outcome::Later(failure);
            noted
        }
        _ => {
            noted.outcome = Outcome::Refused(failure);
            noted
        }
    }
}

/// A refused change of members: the group or one of the members is gone, or there are too many of them.
fn members_failed(
    mut noted: Noted,
    wish: &Wish,
    (request, members): (&Request, &BTreeSet<RemoteId>),
    failure: Failure,
) -> Noted {
    if matches!(failure, Failure::NotFound(_) | Failure::Changed(_)) && noted.sight.setbacks == 0 {
        noted.known.verify = true;
        return noted.set_back(failure);
    }
    if members.len() > 1 {
        noted.sight.chunk = Some(members.len() / 2);
        return noted;
    }
    let joins = matches!(request, Request::AddMembers { .. });
    match members.first() {
        Some(member) if joins && wish.members.contains(member) => {
            noted.sight.refused.insert(member.clone(), failure.to_string());
            noted
        }
        _ if !noted.sight.members_read => {
            noted.sight.members_read = true;
            noted.known.forget_members();
            noted
        }
        _ => {
            noted.outcome = Outcome::Refused(failure);
            noted
        }
    }
}
