//! What a change feed shows of a directory, one object at a time, in words that every feed shares. The store keeps it as
//! a mirror of the directory; people are judged from there, so that one change costs one change and not a full read.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Millis;
use super::account::Profile;
use super::dn::Dn;
use super::entry::{Entry, EntryId, Sid};
use super::reconcile::Observed;

/// One thing that a feed tells. Each is the last word on what it names: told twice, it changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A person as they are now.
    Person(Box<Person>),
    /// A group as it is now.
    Group(Box<GroupItem>),
    /// An OU, a container or a domain: whatever else people and groups lie below.
    Container {
        /// objectGUID or entryUUID.
        id: EntryId,
        /// Where it is now.
        dn: Dn,
    },
    /// Deleted, or no person, group or container any more, or not to be seen any more.
    Gone(EntryId),
}

impl Item {
    /// Which object it tells of.
    #[must_use]
    pub fn id(&self) -> EntryId {
        match self {
            Self::Person(person) => person.entry.id,
            Self::Group(group) => group.id,
            Self::Container { id, .. } | Self::Gone(id) => *id,
        }
    }

    /// Where the object is now; `None` for what is gone.
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

/// A person as a feed shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The entry.
    pub entry: Entry,
    /// The groups that list this person, complete, where the directory says so at the person (Active Directory's
    /// `memberOf`); `None` where only the groups say it.
    pub groups: Option<Vec<Dn>>,
    /// Whether the extra filter of the sync scope lets the person in; true where there is none.
    pub passes_filter: bool,
}

/// A group as a feed shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupItem {
    /// objectGUID or entryUUID.
    pub id: EntryId,
    /// Where it is now.
    pub dn: Dn,
    /// objectSid, where the schema has one.
    pub sid: Option<Sid>,
    /// The name to put into claims: sAMAccountName or cn.
    pub name: String,
    /// True for groups that `tokenGroups` lists.
    pub security: bool,
    /// The groups that list this group, complete, where the directory says so at the member.
    pub groups: Option<Vec<Dn>>,
    /// Its members, as far as this item tells.
    pub members: Members,
}

/// What an item tells of a group's direct members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Members {
    /// Nothing: they are as they were.
    NotTold,
    /// These are all.
    All(Vec<Member>),
    /// These came and went.
    Changed {
        /// Who is a member now.
        joined: Vec<Member>,
        /// Who is none any more.
        left: Vec<Member>,
    },
}

/// A member as the group names it: by id, where the directory links objects (Active Directory); by name, where a list of
/// names is all there is, and whoever has the name is the member (RFC 4519 section 3.5); by the short name of a person (RFC
/// 2307, `memberUid`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Member(pub String);

/// No type of an attribute has a colon, so no other name begins like that.
const BY_LOGIN: &str = "uid:";

impl Member {
    /// The object with this id, whatever it is called.
    #[must_use]
    pub fn by_id(id: EntryId) -> Self {
        Self(id.to_string())
    }

    /// The object with this name, whichever it is.
    #[must_use]
    pub fn by_dn(dn: &Dn) -> Self {
        Self(dn.key())
    }

    /// The people with this `uid`. Case matters, as it does to the directory (caseExactIA5Match).
    #[must_use]
    pub fn by_login(uid: &str) -> Self {
        Self(format!("{BY_LOGIN}{}", uid.trim()))
    }

    /// The `uid`, where the member is named by that.
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

/// What the mirror keeps of a person: enough to judge them, and nothing that proves a password.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonFacts {
    /// objectSid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// The short login name.
    pub login_name: String,
    /// Further values of `uid`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_login_names: Vec<String>,
    /// The email, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The name to show.
    pub name: String,
    /// givenName.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// sn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// Switched off in the directory.
    #[serde(default)]
    pub disabled: bool,
    /// When the account begins in the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Millis>,
    /// When the account ends in the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Millis>,
    /// When the password was set, by the directory's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_changed_at: Option<Millis>,
    /// The SID of the primary group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_group: Option<String>,
    /// Whether the extra filter lets them in.
    pub passes_filter: bool,
}

impl PersonFacts {
    /// Takes from a person what is kept.
    #[must_use]
    pub fn new(person: &Person) -> Self {
        let entry = &person.entry;
        Self {
            sid: entry.sid.as_ref().map(|sid| sid.0.clone()),
            login_name: entry.login_name.clone(),
            other_login_names: entry.other_login_names.clone(),
            email: entry.email.clone(),
            name: entry.shown_name().to_owned(),
            given_name: entry.given_name.clone(),
            family_name: entry.family_name.clone(),
            disabled: entry.disabled,
            starts_at: entry.starts_at,
            expires_at: entry.expires_at,
            password_changed_at: entry.password_changed_at,
            primary_group: entry.primary_group.as_ref().map(|sid| sid.0.clone()),
            passes_filter: person.passes_filter,
        }
    }

    /// The person as [`super::reconcile::decide`] wants them.
    #[must_use]
    pub fn observed(&self, entry: EntryId, in_scope: bool) -> Observed {
        Observed {
            entry,
            sid: self.sid.clone().map(Sid),
            profile: self.email.as_ref().map(|email| Profile {
                email: email.clone(),
                name: Some(self.name.clone()),
                given_name: self.given_name.clone(),
                family_name: self.family_name.clone(),
                login_name: Some(self.login_name.clone()),
            }),
            login_name: self.login_name.clone(),
            in_scope,
            disabled: self.disabled,
            starts_at: self.starts_at,
            expires_at: self.expires_at,
            password_changed_at: self.password_changed_at,
        }
    }

    /// When the person must be judged again though nothing is told: their beginning and their end, the earlier one first.
    #[must_use]
    pub fn dues(&self) -> (Option<Millis>, Option<Millis>) {
        match (self.starts_at, self.expires_at) {
            (Some(start), Some(end)) => (Some(start.min(end)), Some(start.max(end))),
            (start, end) => (start.or(end), None),
        }
    }
}
