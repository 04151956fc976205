//! What is known to be at the target, because it has confirmed it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::attribute::{Attribute, Values};
use super::request::{RemoteId, Request, Seen};
use super::wish::{Kind, Wish};

/// Where the resource is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Never confirmed. It may be there: it is looked for before it is created.
    #[default]
    Unknown,
    At {
        id: RemoteId,
        etag: Option<String>,
    },
    /// It was there, and the target has said that it is not any more.
    Lost,
}

/// The durable state of one person or Team Share at one target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Known {
    pub place: Place,
    /// Only confirmed values: an attribute that is missing here is written.
    pub values: Values,
    /// The members from here, and whether each is confirmed; `None`: to be read. A member without a confirmation may
    /// be there or not.
    pub members: Option<BTreeMap<RemoteId, bool>>,
    /// The members from here before they had to be read anew. Who is read then and is one of them is no guest, also
    /// with an id that is nobody's any more.
    pub former: BTreeSet<RemoteId>,
    /// To be read before it counts on: the target has refused it as a member.
    pub verify: bool,
}

impl Known {
    /// Where a new resource is, with what was sent: an answer may repeat something else.
    #[must_use]
    pub fn created(id: RemoteId, etag: Option<String>, values: Values) -> Self {
        Self { place: Place::At { id, etag }, values, members: Some(BTreeMap::new()), ..Self::default() }
    }

    /// What a resource that was found or read says of itself. Members that nobody here knows are left out.
    #[must_use]
    pub fn seen(seen: &Seen, ours: &dyn Fn(&RemoteId) -> bool) -> Self {
        let members = seen.members.as_ref().map(|members| {
            let own = members.iter().filter(|id| ours(id));
            own.map(|id| (id.clone(), true)).collect()
        });
        let place = Place::At { id: seen.id.clone(), etag: seen.etag.clone() };
        Self { place, values: seen.values.clone(), members, ..Self::default() }
    }

    /// The id at the target.
    #[must_use]
    pub fn id(&self) -> Option<&RemoteId> {
        match &self.place {
            Place::At { id, .. } => Some(id),
            Place::Unknown | Place::Lost => None,
        }
    }

    /// The values that are not confirmed to be as wished.
    #[must_use]
    pub fn missing(&self, wish: &Wish) -> Values {
        let differs = |attribute: &Attribute, value| self.values.get(attribute) != Some(value);
        let missing = wish.values.iter().filter(|(attribute, value)| differs(attribute, value));
        missing.map(|(attribute, value)| (*attribute, value.clone())).collect()
    }

    /// What is still known while this request may or may not have taken effect. It is noted durably before the
    /// request is sent.
    #[must_use]
    pub fn before(&self, request: &Request) -> Self {
        let mut known = self.clone();
        match request {
            Request::Patch { values, .. } => known.forget(values),
            Request::Replace { values, members, .. } => {
                known.forget(values);
                if let Some(members) = members {
                    known.members.iter_mut().flatten().for_each(|(_, sure)| *sure = false);
                    known.doubt(&members.own);
                }
            }
            Request::AddMembers { members, .. } | Request::RemoveMembers { members, .. } => {
                known.doubt(members);
            }
            Request::Find(_) | Request::Read { .. } | Request::Create { .. } | Request::Delete { .. } => {}
        }
        known
    }

    /// What to note of an answer where the row has a newer wish: what was to be verified meanwhile still is.
    #[must_use]
    pub fn over(self, stored: &Self) -> Self {
        Self { verify: self.verify || stored.verify, ..self }
    }

    /// Has the members read anew.
    pub(super) fn forget_members(&mut self) {
        self.former.extend(self.members.take().into_iter().flatten().map(|(id, _)| id));
    }

    /// What is known of somebody who was found to differ there: it is read there before it counts on. `learned` is the
    /// id of a resource that is certainly this one, for whoever is not known to be there.
    #[must_use]
    pub fn doubted(mut self, kind: Kind, learned: Option<RemoteId>) -> Self {
        if let (Place::Unknown, Some(id)) = (&self.place, learned) {
            self.place = Place::At { id, etag: None };
        }
        if kind == Kind::Group {
            self.forget_members();
        }
        self.verify = true;
        self
    }

    fn forget(&mut self, values: &Values) {
        self.values.retain(|attribute, _| !values.contains_key(attribute));
        if let Place::At { etag, .. } = &mut self.place {
            *etag = None;
        }
    }

    fn doubt(&mut self, members: &BTreeSet<RemoteId>) {
        let held = self.members.get_or_insert_default();
        held.extend(members.iter().map(|id| (id.clone(), false)));
    }
}
