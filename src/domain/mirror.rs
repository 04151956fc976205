//! Items of a change feed, one object each, in one form for all feeds. The store keeps them as a mirror of
//! the directory and people are judged from it, so that one change costs one change and not a full read.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Millis;
use super::account::Profile;
use super::dn::Dn;
use super::entry::{Entry, EntryId, Sid};
use super::profile::ProfileValues;
use super::reconcile::Observed;

/// One item of a feed. Each is the complete current state of its object: a repeated item changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    Person(Box<Person>),
    Group(Box<GroupItem>),
    /// An OU, a container or a domain: any other object that people and groups lie below.
    Container {
        /// objectGUID or entryUUID.
        id: EntryId,
        dn: Dn,
    },
    /// Deleted, no longer a person, group or container, or no longer visible.
    Gone(EntryId),
}

impl Item {
    /// The id of the object.
    #[must_use]
    pub fn id(&self) -> EntryId {
        match self {
            Self::Person(person) => person.entry.id,
            Self::Group(group) => group.id,
            Self::Container { id, .. } | Self::Gone(id) => *id,
        }
    }

    /// The current DN; `None` if the object is gone.
    #[must_use]
    pub fn dn(&self) -> Option<&Dn> {
        match self {
            Self::Person(person) => Some(&person.entry.dn),
            Self::Group(group) => Some(&group.dn),
            Self::Container { dn, .. } => Some(dn),
            Self::Gone(_) => None,
        }
    }
}

/// A person as reported by a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub entry: Entry,
    /// The groups that list this person, complete, if the directory lists them at the person (Active
    /// Directory's `memberOf`); `None` if only the groups list members.
    pub groups: Option<Vec<Dn>>,
    /// Whether the entry matches the scope's filter; true without a filter.
    pub passes_filter: bool,
}

/// A group as reported by a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupItem {
    /// objectGUID or entryUUID.
    pub id: EntryId,
    pub dn: Dn,
    /// objectSid, if the schema has it.
    pub sid: Option<Sid>,
    /// The name for claims: sAMAccountName or cn.
    pub name: String,
    /// True for groups in `tokenGroups`.
    pub security: bool,
    /// The groups that list this group, complete, if the directory lists them at the member.
    pub groups: Option<Vec<Dn>>,
    pub members: Members,
}

/// What an item says about a group's direct members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Members {
    /// Nothing: the members are unchanged.
    NotTold,
    All(Vec<Member>),
    Changed {
        joined: Vec<Member>,
        left: Vec<Member>,
    },
}

/// A member as the group names it: by id, if the directory links objects (Active Directory); by DN, if the
/// group is a list of names, and the object with that name is the member (RFC 4519 section 3.5); by the short
/// name of a person (RFC 2307, `memberUid`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Member(pub String);

/// No attribute type contains a colon, so no DN begins like this.
const BY_LOGIN: &str = "uid:";

impl Member {
    /// The object with this id.
    #[must_use]
    pub fn by_id(id: EntryId) -> Self {
        Self(id.to_string())
    }

    /// The object with this DN.
    #[must_use]
    pub fn by_dn(dn: &Dn) -> Self {
        Self(dn.key())
    }

    /// The people with this `uid`. Case-sensitive, as in the directory (caseExactIA5Match).
    #[must_use]
    pub fn by_login(uid: &str) -> Self {
        Self(format!("{BY_LOGIN}{}", uid.trim()))
    }

    /// The `uid`, if the member is named by it.
    #[must_use]
    pub fn login(&self) -> Option<&str> {
        self.0.strip_prefix(BY_LOGIN)
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The mirror's data about a person: enough to judge them, and nothing that proves a password.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonFacts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// The short login name.
    pub login_name: String,
    /// Further values of `uid`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_login_names: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(flatten)]
    pub attributes: ProfileValues,
    #[serde(default)]
    pub disabled: bool,
    /// When the account becomes valid in the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Millis>,
    /// When the account expires in the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Millis>,
    /// When the password was set, by the directory's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_changed_at: Option<Millis>,
    /// The SID of the primary group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_group: Option<String>,
    /// Whether the entry matches the scope's filter.
    pub passes_filter: bool,
}

impl PersonFacts {
    /// Extracts the stored data from a person.
    #[must_use]
    pub fn new(person: &Person) -> Self {
        let entry = &person.entry;
        Self {
            sid: entry.sid.as_ref().map(|sid| sid.0.clone()),
            login_name: entry.login_name.clone(),
            other_login_names: entry.other_login_names.clone(),
            email: entry.email.clone(),
            attributes: entry.shown_attributes(),
            disabled: entry.disabled,
            starts_at: entry.starts_at,
            expires_at: entry.expires_at,
            password_changed_at: entry.password_changed_at,
            primary_group: entry.primary_group.as_ref().map(|sid| sid.0.clone()),
            passes_filter: person.passes_filter,
        }
    }

    /// The person as input for [`super::reconcile::decide`].
    #[must_use]
    pub fn observed(&self, entry: EntryId, in_scope: bool) -> Observed {
        Observed {
            entry,
            sid: self.sid.clone().map(Sid),
            profile: self.email.as_ref().map(|email| Profile {
                email: email.clone(),
                login_name: Some(self.login_name.clone()),
                attributes: self.attributes.clone(),
            }),
            login_name: self.login_name.clone(),
            in_scope,
            disabled: self.disabled,
            starts_at: self.starts_at,
            expires_at: self.expires_at,
            password_changed_at: self.password_changed_at,
        }
    }

    /// When the person must be judged again without a change in the directory: start and end of validity, the
    /// earlier one first.
    #[must_use]
    pub fn dues(&self) -> (Option<Millis>, Option<Millis>) {
        match (self.starts_at, self.expires_at) {
            (Some(start), Some(end)) => (Some(start.min(end)), Some(start.max(end))),
            (start, end) => (start.or(end), None),
        }
    }
}
