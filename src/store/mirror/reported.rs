//! A reported object in the columns of the mirror.

use aws_lc_rs::digest::{SHA256, digest};
use serde::Serialize;

use crate::domain::Millis;
use crate::domain::dn::Dn;
use crate::domain::email;
use crate::domain::entry::EntryId;
use crate::domain::mirror::{GroupItem, Item, Members, Person, PersonFacts};
use crate::store::engine::error::{Result, StoreError};

use super::{MirroredKind, login_bytes};

/// PostgreSQL's indexes take no longer value; names and email addresses of real directories are far shorter.
pub(super) const LONGEST: usize = 2_000;

/// The version of the stored columns: another number makes the next full read write all objects again.
const KEPT: u8 = 2;

/// An object as a feed reports it.
pub(super) struct ReportedRow<'i> {
    pub id: EntryId,
    pub kind: MirroredKind,
    pub dn: &'i Dn,
    pub path: Vec<u8>,
    pub hash: Vec<u8>,
    pub mail_key: Option<String>,
    /// The short names by which groups may list a person.
    pub logins: Vec<Vec<u8>>,
    pub group_sid: Option<String>,
    pub facts: String,
    pub due_at: Option<Millis>,
    pub then_due_at: Option<Millis>,
    /// The groups that list the object, if the item reports them.
    pub groups: Option<&'i [Dn]>,
    /// The object's own members, if reported.
    pub members: &'i Members,
}

/// What is stored of a group beside its DN.
#[derive(Serialize, serde::Deserialize)]
pub(super) struct GroupFacts {
    pub sid: Option<String>,
    pub name: String,
    pub security: bool,
}

impl<'i> ReportedRow<'i> {
    /// `None` for an object that is gone, or whose name can't be stored.
    pub fn new(item: &'i Item) -> Result<Option<Self>> {
        let object = match item {
            Item::Person(person) => Self::person(person)?,
            Item::Group(group) => Self::group(group)?,
            Item::Container { id, dn } => Self::bare(*id, MirroredKind::Container, dn, String::new()),
            Item::Gone(_) => return Ok(None),
        };
        if object.path.is_empty() || object.path.len() > LONGEST {
            tracing::warn!(id = %object.id, "the name of this object is empty or too long; it counts as gone");
            return Ok(None);
        }
        Ok(Some(object))
    }

    fn person(person: &'i Person) -> Result<Self> {
        let facts = PersonFacts::new(person);
        let mail_key =
            facts.email.as_deref().map(email::key).filter(|key| !key.is_empty() && key.len() <= LONGEST);
        let object = Self::bare(person.entry.id, MirroredKind::Person, &person.entry.dn, json(&facts)?);
        let (due_at, then_due_at) = facts.dues();
        Ok(Self {
            mail_key,
            logins: login_keys(&facts),
            group_sid: facts.primary_group,
            due_at,
            then_due_at,
            groups: person.groups.as_deref(),
            ..object
        })
    }

    fn group(group: &'i GroupItem) -> Result<Self> {
        let sid = group.sid.as_ref().map(|sid| sid.0.clone());
        let facts = GroupFacts { sid: sid.clone(), name: group.name.clone(), security: group.security };
        let object = Self::bare(group.id, MirroredKind::Group, &group.dn, json(&facts)?);
        Ok(Self { group_sid: sid, groups: group.groups.as_deref(), members: &group.members, ..object })
    }

    fn bare(id: EntryId, kind: MirroredKind, dn: &'i Dn, facts: String) -> Self {
        let hash = digest(&SHA256, format!("{}{KEPT}\n{facts}", kind.as_str()).as_bytes());
        Self {
            id,
            kind,
            dn,
            path: dn.path(),
            hash: hash.as_ref().to_vec(),
            mail_key: None,
            logins: Vec::new(),
            group_sid: None,
            facts,
            due_at: None,
            then_due_at: None,
            groups: None,
            members: &Members::NotTold,
        }
    }
}

fn json(facts: &impl Serialize) -> Result<String> {
    serde_json::to_string(facts).map_err(StoreError::unavailable)
}

/// The names of a person by which a group may list them; none in Active Directory, which links objects.
pub(super) fn login_keys(facts: &PersonFacts) -> Vec<Vec<u8>> {
    if facts.sid.is_some() {
        return Vec::new();
    }
    let names = std::iter::once(&facts.login_name).chain(&facts.other_login_names);
    names.filter_map(|name| login_bytes(name)).filter(|key| key.len() <= LONGEST).collect()
}
