//! What one attempt has sent to a target, for the log of deliveries.

use std::collections::BTreeSet;

use super::answer::{Answer, Failure};
use super::attribute::{Attribute, Values};
use super::known::Known;
use super::request::{RemoteId, Request};
use crate::domain::words;

words! {
    /// What an attempt did, in one word: the most important of its requests.
    pub enum Action {
        Deleted = "deleted",
        Created = "created",
        Suspended = "suspended",
        Reactivated = "reactivated",
        /// Somebody who was there already was taken over.
        Adopted = "adopted",
        Changed = "changed",
        /// Only the members of a Team Share were changed.
        Members = "members",
        /// It was looked for or read, and nothing was written.
        Checked = "checked",
    }
}

words! {
    /// How an attempt ended.
    pub enum Ending {
        Done = "done",
        /// It is tried again.
        Failed = "failed",
        /// The target refuses this person or Team Share.
        Refused = "refused",
    }
}

/// One row of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    pub action: Action,
    pub attributes: BTreeSet<Attribute>,
    /// How many members were added to a Team Share, and how many removed.
    pub joined: u32,
    pub left: u32,
    pub ending: Ending,
    /// The target's own words, or those of the connection, unless all is done.
    pub words: Option<String>,
}

/// The requests of an attempt so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    did: BTreeSet<Action>,
    tried: Option<Action>,
    attributes: BTreeSet<Attribute>,
    joined: u32,
    left: u32,
}

impl Sent {
    /// Notes a request and its answer. `known` is what was known when the request was made.
    pub fn note(&mut self, known: &Known, request: &Request, answer: &Answer) {
        let Some(action) = action(known, request) else { return };
        match answer {
            Answer::Failed(failure) if failure.had_no_effect() => return,
            Answer::Failed(_) => self.tried = Some(action),
            _ => {
                self.did.insert(action);
                let (joined, left) = members(known, request);
                (self.joined, self.left) = (self.joined + joined, self.left + left);
            }
        }
        self.attributes.extend(changes(known, request).into_iter().flatten());
    }

    /// Notes that somebody was found who is taken over.
    pub fn adopts(&mut self) {
        self.did.insert(Action::Adopted);
    }

    /// The row of an attempt that brought everything to the target, or ended because of a newer wish; `None` if it
    /// has written nothing.
    #[must_use]
    pub fn done(&self) -> Option<LogEntry> {
        Some(self.entry(*self.did.first()?, Ending::Done, None))
    }

    /// The row of an attempt that can't go on. `None` if the target is away and nothing has reached it: that says
    /// nothing about this person or Team Share.
    #[must_use]
    pub fn failed(&self, failure: &Failure) -> Option<LogEntry> {
        if failure.is_of_target() && self.tried.is_none() && self.did.is_empty() {
            return None;
        }
        Some(self.entry(self.last(), Ending::Failed, Some(failure)))
    }

    /// The row of an attempt that the target has refused.
    #[must_use]
    pub fn refused(&self, failure: &Failure) -> LogEntry {
        self.entry(self.last(), Ending::Refused, Some(failure))
    }

    fn last(&self) -> Action {
        self.tried.or(self.did.first().copied()).unwrap_or(Action::Checked)
    }

    fn entry(&self, action: Action, ending: Ending, failure: Option<&Failure>) -> LogEntry {
        LogEntry {
            action,
            attributes: self.attributes.clone(),
            joined: self.joined,
            left: self.left,
            ending,
            words: failure.map(ToString::to_string),
        }
    }
}

/// What a request does; `None` if it only reads.
fn action(known: &Known, request: &Request) -> Option<Action> {
    match request {
        Request::Find(_) | Request::Read { .. } => None,
        Request::Create { .. } => Some(Action::Created),
        Request::Delete { .. } => Some(Action::Deleted),
        Request::AddMembers { .. } | Request::RemoveMembers { .. } => Some(Action::Members),
        Request::Patch { .. } | Request::Replace { .. } => {
            let changed = changes(known, request).unwrap_or_default();
            let active =
                written(request).and_then(|values| values.get(&Attribute::Active)).cloned().flatten();
            Some(match active.as_deref().filter(|_| changed.contains(&Attribute::Active)) {
                Some("true") => Action::Reactivated,
                Some(_) => Action::Suspended,
                None if changed.is_empty() => Action::Members,
                None => Action::Changed,
            })
        }
    }
}

fn written(request: &Request) -> Option<&Values> {
    match request {
        Request::Create { values } | Request::Patch { values, .. } | Request::Replace { values, .. } => {
            Some(values)
        }
        _ => None,
    }
}

/// The attributes that get another value; a PUT carries more than those.
fn changes(known: &Known, request: &Request) -> Option<BTreeSet<Attribute>> {
    let differs = |attribute: &Attribute, value| known.values.get(attribute) != Some(value);
    let values = written(request)?;
    Some(values.iter().filter(|(name, value)| differs(name, value)).map(|(name, _)| *name).collect())
}

/// How many members a request adds and removes.
fn members(known: &Known, request: &Request) -> (u32, u32) {
    let many = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    match request {
        Request::AddMembers { members, .. } => (many(members.len()), 0),
        Request::RemoveMembers { members, .. } => (0, many(members.len())),
        Request::Replace { members: Some(members), .. } => {
            let held = known.members.iter().flatten();
            let held: BTreeSet<&RemoteId> = held.filter(|(_, sure)| **sure).map(|(id, _)| id).collect();
            let joined = members.own.iter().filter(|id| !held.contains(id)).count();
            (many(joined), many(held.iter().filter(|id| !members.own.contains(**id)).count()))
        }
        _ => (0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::delivery::{Members, Seen};

    fn id(text: &str) -> RemoteId {
        RemoteId(text.into())
    }

    fn values(of: &[(Attribute, &str)]) -> Values {
        of.iter().map(|(name, value)| (*name, Some((*value).to_owned()))).collect()
    }

    fn patch(of: &[(Attribute, &str)]) -> Request {
        Request::Patch { id: id("r1"), etag: None, values: values(of) }
    }

    fn put(of: &[(Attribute, &str)], members: Option<Members>) -> Request {
        let raw = serde_json::Value::Null;
        let over = Seen { id: id("r1"), etag: None, values: Values::new(), members: None, raw };
        Request::Replace { over: Box::new(over), values: values(of), members }
    }

    fn done() -> Answer {
        Answer::Done { etag: None }
    }

    #[test]
    fn each_attempt_has_the_word_of_its_most_important_request() {
        use Attribute::{Active, UserName};
        let alice = [(UserName, "alice"), (Active, "true")];
        let known = Known { values: values(&alice), ..Known::default() };
        let members = |add: bool| {
            let (id, members) = (id("r1"), [id("m1"), id("m2")].into());
            if add { Request::AddMembers { id, members } } else { Request::RemoveMembers { id, members } }
        };
        for (requests, action, attributes, counts) in [
            (vec![Request::Create { values: values(&alice) }], Action::Created, 0, (0, 0)),
            (vec![patch(&[(UserName, "bob")])], Action::Changed, 1, (0, 0)),
            (vec![patch(&[(Active, "false")]), patch(&[(UserName, "bob")])], Action::Suspended, 2, (0, 0)),
            (vec![put(&[(UserName, "bob"), (Active, "true")], None)], Action::Changed, 1, (0, 0)),
            (vec![put(&[(Active, "false")], None)], Action::Suspended, 1, (0, 0)),
            (vec![members(true), members(false)], Action::Members, 0, (2, 2)),
            (vec![Request::Delete { id: id("r1") }], Action::Deleted, 0, (0, 0)),
        ] {
            let mut sent = Sent::default();
            requests.iter().for_each(|request| sent.note(&known, request, &done()));
            let entry = sent.done().expect("something was written");
            assert_eq!((entry.action, entry.attributes.len()), (action, attributes), "{requests:?}");
            assert_eq!((entry.joined, entry.left, entry.ending), (counts.0, counts.1, Ending::Done));
        }
        let mut sent = Sent::default();
        sent.note(&Known::default(), &patch(&[(Active, "true")]), &done());
        assert_eq!(sent.done().map(|entry| entry.action), Some(Action::Reactivated));
        sent.adopts();
        assert_eq!(sent.done().map(|entry| entry.action), Some(Action::Reactivated));
    }

    #[test]
    fn a_put_counts_the_members_that_it_changes() {
        let held = [(id("m1"), true), (id("m2"), true), (id("m3"), false)].into();
        let known = Known { members: Some(held), ..Known::default() };
        let own = [id("m2"), id("m3"), id("m4")].into();
        let mut sent = Sent::default();
        sent.note(&known, &put(&[], Some(Members { own, guests: BTreeSet::new() })), &done());
        let entry = sent.done().expect("members were changed");
        assert_eq!((entry.action, entry.joined, entry.left), (Action::Members, 2, 1));
    }

    #[test]
    fn only_what_may_have_had_an_effect_or_is_refused_is_logged() {
        let lost = Failure::Lost("time-out".into());
        let refused = Failure::Refused { status: 400, words: "no title".into() };
        let not_sent = Failure::NotSent("no route".into());
        let after = |failure: &Failure| {
            let mut sent = Sent::default();
            let request = patch(&[(Attribute::UserName, "bob")]);
            sent.note(&Known::default(), &request, &Answer::Failed(failure.clone()));
            sent
        };
        assert_eq!(Sent::default().done(), None, "nothing was sent");
        assert_eq!(after(&not_sent).failed(&not_sent), None, "the target is away");
        let entry = after(&lost).failed(&lost).expect("it may have had an effect");
        assert_eq!((entry.action, entry.ending), (Action::Changed, Ending::Failed));
        assert_eq!(entry.words.as_deref(), Some("no answer: time-out"));
        let entry = after(&refused).refused(&refused);
        assert_eq!((entry.ending, entry.words.as_deref()), (Ending::Refused, Some("400: no title")));
        let gone = Failure::NotFound("gone".into());
        assert_eq!(Sent::default().refused(&gone).action, Action::Checked);
    }
}
