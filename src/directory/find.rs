//! Finding people and objects, and binding as a person.

use ldap3::Scope;
use ldap3::controls::RawControl;
use tokio::time::Instant;

use super::Directory;
use super::attributes::Attributes;
use super::connection::Query;
use super::error::DirectoryError;
use super::filter::{ExtraFilter, Filter};
use super::outcome::{self, code};
use super::pool::Slot;
use super::requests::Operation;
use super::servers::DOMAIN_SCOPE;
use crate::domain::bind::{BindOutcome, BindRefusal};
use crate::domain::dn::Dn;
use crate::domain::entry::{Entry, EntryId, Sid};
use crate::domain::name::TypedName;
use crate::domain::secret::Plain;
use crate::domain::selection::GROUP_CLASSES;

/// More people than this with one name are not even listed.
const MOST_NAMESAKES: usize = 10;

/// Whom a typed name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nobody.
    None,
    /// Exactly this person.
    One(Box<Entry>),
    /// More than one (at least so many): nobody is taken.
    Ambiguous(usize),
}

/// What kind of object a DN names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// An organizational unit, a container or a domain: something with a subtree.
    Container,
    /// A group.
    Group,
    /// A person.
    Person,
    /// Something else.
    Other,
}

/// An object by its identity, for what must survive a rename.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedObject {
    /// objectGUID or entryUUID.
    pub id: EntryId,
    /// Where it is now.
    pub dn: Dn,
    /// objectSid, where it has one.
    pub sid: Option<Sid>,
    /// What it is.
    pub kind: ObjectKind,
    /// `objectClass`.
    pub classes: Vec<String>,
}

/// What became of a bind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// What the directory said.
    pub outcome: BindOutcome,
    /// The server that said it, `host:port`; `None` when none was asked.
    pub server: Option<String>,
}

/// A connection's turn to bind as somebody.
pub struct BindTurn<'a>(Slot<'a>);

impl Directory {
    /// Finds the one person that a typed name means.
    pub async fn find(&self, name: &TypedName, deadline: Instant) -> Result<Found, DirectoryError> {
        let Some(filter) = self.naming().person_named(name) else { return Ok(Found::None) };
        let (mut entries, mut cut) = self.search_people(filter, deadline).await?;
        // So many have it for a mail that the one whose own name it is may be missing.
        if let Some(filter) = self.naming().person_by_own_name(name).filter(|_| cut) {
            let (own, more) = self.search_people(filter, deadline).await?;
            if !own.is_empty() {
                (entries, cut) = (own, more);
            }
        }
        let mut same = self.naming().meant(entries, name);
        if cut || same.len() > 1 {
            tracing::warn!(directory = %self.id(), hits = same.len(), "a typed name means more than one person");
            return Ok(Found::Ambiguous(same.len().max(2)));
        }
        Ok(same.pop().map_or(Found::None, |entry| Found::One(Box::new(entry))))
    }

    /// Reads a person again by id.
    pub async fn read(&self, id: EntryId, deadline: Instant) -> Result<Option<Entry>, DirectoryError> {
        let (entries, _) = self.search_people(self.naming().person_with_id(id), deadline).await?;
        Ok(entries.into_iter().find(|entry| entry.id == id))
    }

    /// Whether this person passes the extra filter of the scope, judged by the server itself.
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

    /// Binds as the person, once. A blank password and the service account are refused without asking a server: a
    /// server may take the first for an anonymous bind that succeeds (RFC 4513 section 5.1.2).
    pub async fn bind(
        &self,
        entry: &Entry,
        password: &Plain,
        deadline: Instant,
    ) -> Result<Bound, DirectoryError> {
        let turn = self.bind_turn(deadline).await?;
        self.bind_in(turn, entry, password, deadline).await
    }

    /// Waits for the turn to bind: whoever holds up others by a bind has it before.
    pub async fn bind_turn(&self, deadline: Instant) -> Result<BindTurn<'_>, DirectoryError> {
        self.requests().binds.enter(self.rank, deadline).await.map(BindTurn)
    }

    /// [`Directory::bind`] with a turn that was waited for.
    pub async fn bind_in(
        &self,
        BindTurn(slot): BindTurn<'_>,
        entry: &Entry,
        password: &Plain,
        deadline: Instant,
    ) -> Result<Bound, DirectoryError> {
        if self.binds_nobody(entry, password) {
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

    /// True for what no server is ever asked.
    pub(super) fn binds_nobody(&self, entry: &Entry, password: &Plain) -> bool {
        password.is_blank() || entry.dn.depth() == 0 || self.is_service_account(entry)
    }

    /// What a DN names now.
    pub async fn resolve(
        &self,
        dn: &Dn,
        deadline: Instant,
    ) -> Result<Option<ResolvedObject>, DirectoryError> {
        if !dn.is_within(self.base()) {
            return Ok(None);
        }
        self.object(dn.as_str(), Scope::Base, Filter::present("objectClass"), deadline).await
    }

    /// Where an object is now.
    pub async fn locate(
        &self,
        id: EntryId,
        deadline: Instant,
    ) -> Result<Option<ResolvedObject>, DirectoryError> {
        let filter = self.naming().object_with_id(id);
        self.object(self.base().as_str(), Scope::Subtree, filter, deadline).await
    }

    async fn object(
        &self,
        base: &str,
        scope: Scope,
        filter: Filter,
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

    /// People that a filter selects, and whether the server had more of them.
    pub(super) async fn search_people(
        &self,
        filter: Filter,
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

    /// One search. "No such object" is an answer to a base search; below the base DN it means that the base is wrong.
    /// Reaching the limit that we set is told.
    pub(super) async fn ask(
        &self,
        query: &Query<'_>,
        deadline: Instant,
    ) -> Result<(Vec<Attributes>, bool), DirectoryError> {
        let answer = self.requests().search(query, self.rank, deadline).await?;
        match answer.result.rc {
            code::SUCCESS => Ok((answer.entries, false)),
            code::NO_SUCH_OBJECT if query.scope == Scope::Base => Ok((Vec::new(), false)),
            code::SIZE_LIMIT_EXCEEDED if query.stop_at_most => Ok((answer.entries, true)),
            code => Err(DirectoryError::Refused { code, text: answer.result.text }),
        }
    }

    /// Spares us the continuation references that a search at a domain's head brings.
    pub(super) fn controls(&self) -> Vec<RawControl> {
        let wanted = self.requests().servers.current_features().domain_scope;
        let control = || RawControl { ctype: DOMAIN_SCOPE.to_owned(), crit: false, val: None };
        wanted.then(control).into_iter().collect()
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
