//! The next request, from the wish and what is known.

use std::collections::BTreeMap;

use super::attribute::{Attribute, Values};
use super::dialect::Dialect;
use super::known::{Known, Place};
use super::members::{self, MemberStep};
use super::request::{By, RemoteId, Request};
use super::sight::{Look, Sight, Terms};
use super::wish::{Kind, Presence, Wish};

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Send(Request),
    /// It was there and is not any more. With [`Sight::create_again`] the next step creates it.
    Gone,
    /// The target is as wished, except for these members, whom it refuses with these words. Each has to be
    /// verified, and then this Team Share be tried again.
    Done {
        refused: BTreeMap<RemoteId, String>,
    },
}

/// The next step.
#[must_use]
pub fn next(wish: &Wish, known: &Known, sight: &Sight, terms: &Terms<'_>) -> Step {
    match &known.place {
        Place::At { id, etag } => update(wish, known, sight, terms, (id, etag)),
        Place::Unknown | Place::Lost => match search(wish, sight, terms.dialect) {
            Some(by) => Step::Send(Request::Find(by)),
            None => absent(wish, known, sight),
        },
    }
}

/// Nobody was found.
fn absent(wish: &Wish, known: &Known, sight: &Sight) -> Step {
    match wish.presence {
        Presence::Suspended | Presence::Erased => Step::Done { refused: BTreeMap::new() },
        Presence::Active if known.place == Place::Lost && !sight.create_again => Step::Gone,
        Presence::Active => Step::Send(Request::Create { values: wish.values.clone() }),
    }
}

/// The next search. By name nobody is looked for who is to be erased: it could be somebody else by now.
fn search(wish: &Wish, sight: &Sight, dialect: &Dialect) -> Option<By> {
    let erased = wish.presence == Presence::Erased;
    if dialect.filter && sight.external == Look::Open {
        return Some(By::ExternalId);
    }
    if dialect.filter && sight.name == Look::Open && !erased {
        return Some(By::Name);
    }
    let answered = |look: Look| look == Look::Nothing;
    let complete = answered(sight.external) && (erased || answered(sight.name));
    (!complete && sight.list == Look::Open).then_some(By::List)
}

fn update(
    wish: &Wish,
    known: &Known,
    sight: &Sight,
    terms: &Terms<'_>,
    (id, etag): (&RemoteId, &Option<String>),
) -> Step {
    if wish.presence == Presence::Erased {
        return Step::Send(Request::Delete { id: id.clone() });
    }
    let mut missing = known.missing(wish);
    let suspends = wish.presence == Presence::Suspended && missing.contains_key(&Attribute::Active);
    if suspends {
        // Alone: another attribute that the target refuses must not keep somebody active.
        missing.retain(|attribute, _| *attribute == Attribute::Active);
    }
    if known.verify && !suspends {
        return Step::Send(read(wish, id, terms.dialect));
    }
    if !missing.is_empty() {
        return Step::Send(write(wish, id, etag, missing, (sight, terms.dialect)));
    }
    match members::next(wish, known, sight, terms) {
        MemberStep::Send(request) => Step::Send(request),
        MemberStep::Done => Step::Done { refused: sight.refused.clone() },
    }
}

fn write(
    wish: &Wish,
    id: &RemoteId,
    etag: &Option<String>,
    missing: Values,
    (sight, dialect): (&Sight, &Dialect),
) -> Request {
    if dialect.patch.is_some() {
        let most = dialect.attributes_per_patch.map_or(usize::MAX, |most| most.max(1) as usize);
        let etag = etag.clone().filter(|_| dialect.etag);
        return Request::Patch { id: id.clone(), etag, values: missing.into_iter().take(most).collect() };
    }
    match &sight.read {
        Some(over) => {
            let values = missing.into_iter().chain(wish.active()).collect();
            Request::Replace { over: over.clone(), values, members: None }
        }
        None => read(wish, id, dialect),
    }
}

/// A PUT has to carry the members, so they are read with the rest.
fn read(wish: &Wish, id: &RemoteId, dialect: &Dialect) -> Request {
    let members = wish.subject.kind() == Kind::Group && dialect.patch.is_none();
    Request::Read { id: id.clone(), members }
}
