//! What must hold at any time, and at the end.

use std::collections::{BTreeMap, BTreeSet};

use super::server::Resource;
use super::world::World;
use crate::domain::delivery::{Attribute, Kind, Presence, RemoteId, Request, Subject, Wish};

fn value(one: &Resource, attribute: Attribute) -> Option<&str> {
    one.values.get(&attribute).and_then(Option::as_deref)
}

impl World {
    /// What must hold of each request when it is made.
    pub(super) fn check_request(&self, wish: &Wish, request: &Request) -> Result<(), String> {
        let values = match request {
            Request::Create { values } | Request::Patch { values, .. } | Request::Replace { values, .. } => {
                values
            }
            _ => return Ok(()),
        };
        let activates = values.get(&Attribute::Active) == Some(&Some("true".into()));
        if activates && wish.presence != Presence::Active {
            return Err(format!("{} is activated against the wish", wish.subject));
        }
        let lacks = matches!(request, Request::Replace { .. } | Request::Create { .. })
            && wish.subject.kind() == Kind::User
            && !values.contains_key(&Attribute::Active);
        if lacks { Err("PUT or POST without active".to_owned()) } else { Ok(()) }
    }

    /// What must hold at any time.
    pub(super) fn check(&self) -> Result<(), String> {
        for kind in [Kind::User, Kind::Group] {
            let mut ids = BTreeSet::new();
            let mut names = BTreeSet::new();
            for (id, one) in self.server.of_kind(kind) {
                let external = value(one, Attribute::ExternalId);
                if external.is_some_and(|external| !ids.insert(external)) {
                    return Err(format!("{external:?} is there twice, also as {id}"));
                }
                let name = value(one, kind.name()).map(str::to_lowercase);
                if !names.insert(name.clone()) {
                    return Err(format!("{name:?} is there twice, also as {id}"));
                }
            }
        }
        if self.server.disorder {
            return Err("an older wish has come after a newer one".to_owned());
        }
        self.nobody_is_wrongly_active()
    }

    /// A confirmed suspension holds until it is wished otherwise.
    fn nobody_is_wrongly_active(&self) -> Result<(), String> {
        for (subject, stored) in &self.stored {
            let suspended = self.people.get(subject).is_some_and(|one| one.presence == Presence::Suspended);
            let confirmed = stored.known.values.get(&Attribute::Active) == Some(&Some("false".into()));
            let delivered = suspended && !stored.row.is_dirty();
            if !(suspended && (confirmed || delivered)) {
                continue;
            }
            let active = self.server.of_kind(Kind::User).find(|(_, one)| {
                let own = value(one, Attribute::ExternalId) == Some(subject.external_id());
                own && value(one, Attribute::Active) != Some("false")
            });
            if let Some((id, _)) = active {
                return Err(format!("{subject} is active as {id} after a confirmed suspension"));
            }
        }
        Ok(())
    }

    /// The target is as wished.
    pub(super) fn check_end(&self) -> Result<(), String> {
        let subjects: Vec<&Subject> = self.people.keys().chain(self.shares.keys()).collect();
        for kind in [Kind::User, Kind::Group] {
            let known: BTreeSet<&str> =
                subjects.iter().filter(|one| one.kind() == kind).map(|one| one.external_id()).collect();
            let ghost = self.server.of_kind(kind).find(|(_, one)| {
                value(one, Attribute::ExternalId).is_some_and(|external| !known.contains(external))
            });
            if let Some((id, _)) = ghost {
                return Err(format!("{id} is still there"));
            }
        }
        subjects.into_iter().try_for_each(|subject| self.is_as_wished(subject))
    }

    fn is_as_wished(&self, subject: &Subject) -> Result<(), String> {
        let wish = self.wish(subject);
        let found = self
            .server
            .of_kind(subject.kind())
            .find(|(_, one)| value(one, Attribute::ExternalId) == Some(subject.external_id()));
        let Some((id, one)) = found else {
            let missing = wish.presence == Presence::Active;
            return if missing { Err(format!("{subject} is not there")) } else { Ok(()) };
        };
        let set: BTreeMap<_, _> = wish.values.iter().filter(|(_, value)| value.is_some()).collect();
        let there: BTreeMap<_, _> = one.values.iter().filter(|(_, value)| value.is_some()).collect();
        if set != there {
            return Err(format!("{subject} is {there:?} instead of {set:?}"));
        }
        let guest = RemoteId("guest".into());
        // Without ETags a PUT overwrites who was invited since the resource was read.
        let keeps = self.server.dialect.patch.is_some() || self.server.dialect.etag;
        if keeps && self.guests.contains(id) && !one.members.contains(&guest) {
            return Err(format!("{subject} has lost its guest"));
        }
        let members: BTreeSet<RemoteId> = one.members.iter().filter(|id| **id != guest).cloned().collect();
        if members != wish.members {
            return Err(format!("{subject} has {members:?} instead of {:?}", wish.members));
        }
        if let Some(share) = self.shares.get(subject) {
            let there = |member: &&Subject| self.wish(member).presence == Presence::Active;
            let all = share.members.iter().filter(there).count();
            let lacks = members.len() < all;
            return if lacks { Err(format!("{subject} lacks members")) } else { Ok(()) };
        }
        Ok(())
    }
}
