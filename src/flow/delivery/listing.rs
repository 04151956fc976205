//! The list of all users or groups of a service that can't be searched by a filter: read once, so that the first
//! delivery of everybody does not read all of it for each.

use std::collections::HashSet;

use crate::domain::delivery::{Attribute, Seen, Subject, Wish};
use crate::domain::{MINUTE, Millis};

/// Whoever was made there by somebody else since is found by the conflict.
const FRESH: Millis = 10 * MINUTE;

/// Who is on the list, and whom this process has tried to create since.
#[derive(Debug, Default)]
pub(super) struct Listing {
    read_at: Option<Millis>,
    external_ids: HashSet<String>,
    /// In lower case.
    names: HashSet<String>,
    tried: HashSet<Subject>,
}

impl Listing {
    /// An empty one that is being read.
    pub(super) fn begun(now: Millis) -> Self {
        Self { read_at: Some(now), ..Self::default() }
    }

    pub(super) fn is_fresh(&self, now: Millis) -> bool {
        self.read_at.is_some_and(|at| (0..FRESH).contains(&(now - at)))
    }

    pub(super) fn add(&mut self, seen: &Seen, name: Attribute) {
        let value = |attribute: Attribute| seen.values.get(&attribute).cloned().flatten();
        self.external_ids.extend(value(Attribute::ExternalId));
        self.names.extend(value(name).map(|name| name.to_lowercase()));
    }

    /// Whether somebody there may be the one, so that the list has to be searched.
    pub(super) fn may_have(&self, wish: &Wish) -> bool {
        self.tried.contains(&wish.subject)
            || self.external_ids.contains(wish.subject.external_id())
            || self.names.contains(&wish.name().to_lowercase())
    }

    /// A request that creates somebody is on its way.
    pub(super) fn tries(&mut self, subject: &Subject) {
        self.tried.insert(subject.clone());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::domain::account::AccountId;
    use crate::domain::delivery::{Presence, RemoteId, Values};

    fn person(id: &str, name: &str) -> Wish {
        Wish::person(AccountId(id.into()), name.into(), Presence::Active, Values::new())
    }

    #[test]
    fn whoever_is_on_the_list_by_id_or_name_or_was_tried_is_looked_for() {
        let mut listing = Listing::begun(1_000);
        let values = Values::from([
            (Attribute::ExternalId, Some("a1".into())),
            (Attribute::UserName, Some("Ada@Example.com".into())),
        ]);
        let seen = Seen { id: RemoteId("r".into()), etag: None, values, members: None, raw: Value::Null };
        listing.add(&seen, Attribute::UserName);
        assert!(
            listing.may_have(&person("a1", "other")) && listing.may_have(&person("b", "ADA@example.com"))
        );
        let bob = person("b", "bob@example.com");
        assert!(!listing.may_have(&bob));
        listing.tries(&bob.subject);
        assert!(listing.may_have(&bob));
        assert!(listing.is_fresh(1_000) && !listing.is_fresh(1_000 + FRESH) && !listing.is_fresh(999));
        assert!(!Listing::default().is_fresh(0));
    }
}
