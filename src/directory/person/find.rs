//! Find people and objects, and bind as a person.

use ldap3::Scope;
use tokio::time::Instant;

use super::outcome;
use crate::directory::Directory;
use crate::directory::connection::{Query, Slot};
use crate::directory::error::DirectoryError;
use crate::directory::message::{Attributes, ExtraFilter, LdapFilter};
use crate::directory::requests::Operation;
use crate::domain::bind::{BindOutcome, BindRefusal};
use crate::domain::dn::Dn;
use crate::domain::entry::{Entry, EntryId, Sid};
use crate::domain::name::TypedName;
use crate::domain::secret::Plain;
use crate::domain::selection::GROUP_CLASSES;

/// Above this many people with one name, none is listed.
const MOST_NAMESAKES: usize = 10;

/// The result of looking up a typed name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    None,
    One(Box<Entry>),
    /// More than one person (at least this many): none is chosen.
    Ambiguous(usize),
}

/// What kind of object a DN names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// An organizational unit, a container or a domain: an object with a subtree.
    Container,
    Group,
    Person,
    Other,
}

/// An object with its identity, to find it again after a rename.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedObject {
    /// objectGUID or entryUUID.
    pub id: EntryId,
    pub dn: Dn,
    pub sid: Option<Sid>,
    pub kind: ObjectKind,
    pub classes: Vec<String>,
}

/// The result of a bind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    pub outcome: BindOutcome,
    /// The server that responded, `host:port`; `None` when none was contacted.
    pub server: Option<String>,
}

/// The right to use one connection for a bind as a person.
pub struct BindPermit<'a>(Slot<'a>);

impl Directory {
    /// Finds the one person that a typed name means.
    pub async fn find(&self, name: &TypedName, deadline: Instant) -> Result<Found, DirectoryError> {
        let Some(filter) = self.naming().person_named(name) else { return Ok(Found::None) };
        let (mut entries, mut cut) = self.search_people(filter, deadline).await?;
        // So many people have it as their email address that the one whose own name it is may be missing.
        if let Some(filter) = self.naming().person_by_own_name(name).filter(|_| cut) {
            let (own, more) = self.search_people(filter, deadline).await?;
            if !own.is_empty() {
                (entries, cut) = (own, more);
            }
        }
        let mut same = self.naming().meant(entries, name);
        if cut || same.len() > 1 {
            tracing::warn!(directory = %self.id(), hits = same.len(), "a typed name matches more than one person");
            return Ok(Found::Ambiguous(same.len().max(2)));
        }
        Ok(same.pop().map_or(Found::None, |entry| Found::One(Box::new(entry))))
    }

    /// Reads a person again by id.
    pub async fn read(&self, id: EntryId, deadline: Instant) -> Result<Option<Entry>, DirectoryError> {
        let (entries, _) = self.search_people(self.naming().person_with_id(id), deadline).await?;
        Ok(entries.into_iter().find(|entry| entry.id == id))
    }

    /// Whether the server says that this person matches the extra filter of the scope.
    pub async fn passes(
        &self,
        entry: &Entry,
        filter: &ExtraFilter,
        deadline: Instant,
    ) -> Result<bool, DirectoryError> {
        let filter = filter.and(self.naming().object_with_id(entry.id));
        let found = self.object(self.base().as_str(), Scope::Subtree, filter, deadline).await?;
        Ok(found.is_some_and(|object| object.id == entry.id))
    }

    /// Waits for a connection, before the attempt is reserved: a reservation held while waiting would delay
    /// every other attempt on the same person.
    pub async fn bind_permit(&self, deadline: Instant) -> Result<BindPermit<'_>, DirectoryError> {
        self.requests().binds.enter(self.rank, deadline).await.map(BindPermit)
    }

    /// Binds as the person, once, on a connection reserved by [`Directory::bind_permit`]. A blank password and
    /// the service account are refused without contacting a server: a server may treat a blank password as a
    /// successful anonymous bind (RFC 4513 section 5.1.2).
    pub async fn bind_in(
        &self,
        BindPermit(slot): BindPermit<'_>,
        entry: &Entry,
        password: &Plain,
        deadline: Instant,
    ) -> Result<Bound, DirectoryError> {
        if self.is_never_bound(entry, password) {
            let outcome = BindOutcome::Refused(BindRefusal::InvalidCredentials);
            return Ok(Bound { outcome, server: None });
        }
        let operation = Operation::Bind { dn: entry.dn.as_str(), password };
        let answered = self.requests().once_in(slot, &operation, deadline).await?;
        let Some(outcome) = outcome::of_bind(self.naming().schema, &answered.result) else {
            let (code, text) = (answered.result.rc, answered.result.text);
            return Err(DirectoryError::Refused { code, text });
        };
        let server = Some(answered.server.name.clone());
        answered.keep();
        Ok(Bound { outcome, server })
    }

    /// True for binds that are never sent to a server.
    pub(crate) fn is_never_bound(&self, entry: &Entry, password: &Plain) -> bool {
        password.is_blank() || entry.dn.depth() == 0 || self.is_service_account(entry)
    }

    /// The object at a DN, or `None` where there is none or it lies outside the base DN.
    pub async fn resolve(
        &self,
        dn: &Dn,
        deadline: Instant,
    ) -> Result<Option<ResolvedObject>, DirectoryError> {
        if !dn.is_within(self.base()) {
            return Ok(None);
        }
        self.object(dn.as_str(), Scope::Base, LdapFilter::present("objectClass"), deadline).await
    }

    async fn object(
        &self,
        base: &str,
        scope: Scope,
        filter: LdapFilter,
        deadline: Instant,
    ) -> Result<Option<ResolvedObject>, DirectoryError> {
        let attributes = &["objectGUID", "entryUUID", "objectSid", "objectClass"];
        let query = Query {
            base,
            scope,
            filter,
            attributes,
            controls: self.controls(),
            most: 2,
            stop_at_most: false,
        };
        let found = self.ask(&query, deadline).await?.0;
        found
            .first()
            .filter(|object| self.naming().holds(&object.dn))
            .map(|object| self.resolved(object))
            .transpose()
    }

    fn resolved(&self, object: &Attributes) -> Result<ResolvedObject, DirectoryError> {
        Ok(ResolvedObject {
            id: self.naming().id(object)?,
            dn: object.dn.clone(),
            sid: object.bytes("objectSid").and_then(Sid::from_bytes),
            kind: kind(object),
            classes: object.texts("objectClass").map(str::to_owned).collect(),
        })
    }

    /// People that match a filter, and whether the server had more of them.
    pub(crate) async fn search_people(
        &self,
        filter: LdapFilter,
        deadline: Instant,
    ) -> Result<(Vec<Entry>, bool), DirectoryError> {
        let query = Query {
            base: self.base().as_str(),
            scope: Scope::Subtree,
            filter,
            attributes: self.naming().person_attributes(),
            controls: self.controls(),
            most: MOST_NAMESAKES,
            stop_at_most: true,
        };
        let (mut found, cut) = self.ask(&query, deadline).await?;
        let mut people = Vec::with_capacity(found.len());
        for attributes in &mut found {
            self.complete(attributes, "memberOf", deadline).await?;
            let Some(mut person) = self.naming().person(attributes)? else { continue };
            self.age(&mut person, attributes, deadline).await?;
            people.push(person);
        }
        Ok((people, cut))
    }
}

fn kind(object: &Attributes) -> ObjectKind {
    let is = |classes: &[&str]| {
        object.texts("objectClass").any(|class| classes.iter().any(|known| class.eq_ignore_ascii_case(known)))
    };
    if is(&["group"]) || is(&GROUP_CLASSES) {
        ObjectKind::Group
    } else if is(&["computer", "contact"]) {
        ObjectKind::Other
    } else if is(&["user", "inetOrgPerson"]) {
        ObjectKind::Person
    } else if is(&[
        "organizationalUnit",
        "container",
        "builtinDomain",
        "domain",
        "domainDNS",
        "organization",
        "dcObject",
    ]) {
        ObjectKind::Container
    } else {
        ObjectKind::Other
    }
}
