//! A pure SCIM server: the resources, and what each request does to them.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::delivery::dialect::{Dialect, PatchForm};
use crate::domain::delivery::{Answer, Attribute, By, Failure, Kind, RemoteId, Request, Seen, Values, Wish};
use crate::domain::random_sequences::Dice;

/// A user or a group.
#[derive(Clone, Debug, Default)]
pub(super) struct Resource {
    pub(super) values: Values,
    pub(super) members: BTreeSet<RemoteId>,
    version: u64,
    /// The newest wish that has written it.
    pub(super) wish: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) dialect: Dialect,
    pub(super) resources: BTreeMap<(Kind, RemoteId), Resource>,
    /// Whether it compares names with those of others.
    unique: bool,
    /// Whether it filters by `externalId`.
    filters_external: bool,
    /// Whether it shows everybody, whatever the filter says.
    ignores_filter: bool,
    /// Whether an older wish has come after a newer one.
    pub(super) disorder: bool,
    /// The most members that it takes, whatever the dialect says.
    most_members: usize,
    /// How it refuses members that it does not know.
    unknown_member: u16,
    /// Whether it refuses a PUT with members that it does not know.
    checks_put: bool,
    next: u64,
}

impl Resource {
    pub(super) fn invite(&mut self, guest: &str) {
        self.members.insert(RemoteId(guest.to_owned()));
        self.version += 1;
    }
}

fn refused(status: u16, words: &str) -> Answer {
    Answer::Failed(Failure::of_status(status, words.to_owned(), None))
}

impl Server {
    pub(super) fn new(variant: u64) -> Self {
        let mut dice = Dice::new(variant);
        let forms = [None, Some(PatchForm::WithPath), Some(PatchForm::WithPath)];
        let dialect = Dialect {
            patch: dice.pick(&forms),
            attributes_per_patch: dice.pick(&[None, None, Some(1)]),
            filter: dice.pick(&[true, true, false]),
            etag: dice.pick(&[true, false]),
            members_per_request: 2,
            ..Dialect::default()
        };
        Self {
            dialect,
            resources: BTreeMap::new(),
            unique: dice.pick(&[true, true, false]),
            filters_external: dice.pick(&[true, true, false]),
            ignores_filter: dice.pick(&[true, false, false]),
            disorder: false,
            most_members: dice.pick(&[1, 2, 2]),
            unknown_member: dice.pick(&[400, 404]),
            checks_put: dice.pick(&[true, false]),
            next: 0,
        }
    }

    /// Adds a user whom somebody else has created.
    pub(super) fn add_foreign(&mut self, name: &str) {
        let values = Values::from([
            (Attribute::UserName, Some(name.to_owned())),
            (Attribute::Active, Some("true".to_owned())),
        ]);
        self.insert(Kind::User, values, 0);
    }

    fn insert(&mut self, kind: Kind, values: Values, wish: u64) -> RemoteId {
        self.next += 1;
        let id = RemoteId(format!("r{}", self.next));
        self.resources.insert((kind, id.clone()), Resource { values, wish, ..Resource::default() });
        id
    }

    pub(super) fn delete(&mut self, kind: Kind, id: &RemoteId) {
        self.resources.remove(&(kind, id.clone()));
        if kind == Kind::User {
            self.resources.values_mut().for_each(|group| group.members.retain(|member| member != id));
        }
    }

    pub(super) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (&RemoteId, &Resource)> {
        self.resources.iter().filter(move |((of, _), _)| *of == kind).map(|((_, id), one)| (id, one))
    }

    /// Whether another resource has this name.
    fn is_taken(&self, kind: Kind, own: Option<&RemoteId>, values: &Values) -> bool {
        let lower = |values: &Values| values.get(&kind.name()).cloned().flatten().map(|it| it.to_lowercase());
        let Some(name) = lower(values).filter(|_| self.unique && kind == Kind::User) else { return false };
        self.of_kind(kind).any(|(id, one)| own != Some(id) && lower(&one.values).as_ref() == Some(&name))
    }

    fn seen(&self, kind: Kind, id: &RemoteId, members: bool) -> Option<Seen> {
        let one = self.resources.get(&(kind, id.clone()))?;
        Some(Seen {
            id: id.clone(),
            etag: self.dialect.etag.then(|| one.version.to_string()),
            values: one.values.clone(),
            members: members.then(|| one.members.clone()),
            raw: serde_json::Value::Null,
        })
    }

    /// Answers a request and does what it asks for.
    pub(super) fn serve(&mut self, wish: &Wish, number: u64, request: &Request) -> Answer {
        let kind = wish.subject.kind();
        match request {
            Request::Find(by) => self.find(wish, *by),
            Request::Read { id, members } => match self.seen(kind, id, *members) {
                Some(seen) => Answer::Read(Box::new(seen)),
                None => refused(404, "no such resource"),
            },
            Request::Create { values } if self.is_taken(kind, None, values) => refused(409, "name taken"),
            Request::Create { values } => {
                let id = self.insert(kind, values.clone(), number);
                Answer::Created { id, etag: self.dialect.etag.then(|| "0".to_owned()) }
            }
            Request::Delete { id } if !self.resources.contains_key(&(kind, id.clone())) => {
                refused(404, "no such resource")
            }
            Request::Delete { id } => {
                self.delete(kind, id);
                Answer::Done { etag: None }
            }
            Request::Patch { id, etag, values } => {
                assert!(self.dialect.patch.is_some(), "a PATCH to a target without it");
                self.change(kind, id, etag.as_ref(), number, |one| one.values.extend(values.clone()))
            }
            Request::Replace { over, values, members } => {
                let all: Values = over.values.iter().chain(values).map(|(a, v)| (*a, v.clone())).collect();
                let all_members = members.as_ref().map(|of| of.own.union(&of.guests).cloned().collect());
                let members: BTreeSet<RemoteId> =
                    all_members.or_else(|| over.members.clone()).unwrap_or_default();
                let known =
                    |id: &RemoteId| id.0 == "guest" || self.resources.contains_key(&(Kind::User, id.clone()));
                if self.checks_put && !members.iter().all(known) {
                    return refused(400, "unknown member");
                }
                self.change(kind, &over.id, over.etag.as_ref(), number, |one| {
                    (one.values, one.members) = (all.clone(), members.clone());
                })
            }
            Request::AddMembers { id, members } => self.members(id, members, number, true),
            Request::RemoveMembers { id, members } => self.members(id, members, number, false),
        }
    }

    fn find(&self, wish: &Wish, by: By) -> Answer {
        let kind = wish.subject.kind();
        let value = |one: &Resource, attribute| one.values.get(&attribute).cloned().flatten();
        let external = Some(wish.subject.external_id().to_owned());
        let name = wish.name().to_lowercase();
        let matches = |one: &Resource| match by {
            By::ExternalId => value(one, Attribute::ExternalId) == external,
            By::Name => value(one, kind.name()).is_some_and(|it| it.to_lowercase() == name),
            By::List => true,
        };
        if by != By::List && !self.dialect.filter || by == By::ExternalId && !self.filters_external {
            return refused(400, "invalidFilter");
        }
        let found = self.of_kind(kind).filter(|(_, one)| self.ignores_filter || matches(one));
        Answer::Found(found.filter_map(|(id, _)| self.seen(kind, id, false)).collect())
    }

    fn change(
        &mut self,
        kind: Kind,
        id: &RemoteId,
        etag: Option<&String>,
        number: u64,
        how: impl Fn(&mut Resource),
    ) -> Answer {
        let Some(one) = self.resources.get(&(kind, id.clone())) else {
            return refused(404, "no such resource");
        };
        if self.dialect.etag && etag.is_some_and(|etag| *etag != one.version.to_string()) {
            return refused(412, "changed");
        }
        self.disorder |= number < one.wish;
        let mut changed = one.clone();
        how(&mut changed);
        if self.is_taken(kind, Some(id), &changed.values) {
            return refused(409, "name taken");
        }
        (changed.version, changed.wish) = (one.version + 1, number);
        let etag = self.dialect.etag.then(|| changed.version.to_string());
        self.resources.insert((kind, id.clone()), changed);
        Answer::Done { etag }
    }

    fn members(&mut self, id: &RemoteId, members: &BTreeSet<RemoteId>, number: u64, add: bool) -> Answer {
        if members.len() > self.most_members {
            return refused(413, "too many members");
        }
        let unknown = |member: &&RemoteId| !self.resources.contains_key(&(Kind::User, (*member).clone()));
        if let Some(member) = members.iter().find(unknown).filter(|_| add) {
            return refused(self.unknown_member, &format!("no user {member}"));
        }
        self.change(Kind::Group, id, None, number, |group| match add {
            true => group.members.extend(members.iter().cloned()),
            false => group.members.retain(|member| !members.contains(member)),
        })
    }
}
