//! Groups: those of one person at sign-in, all of them for the import, and lists of members however long.

use std::collections::{HashMap, HashSet};

use ldap3::Scope;
use tokio::time::{Duration, Instant};

use super::Directory;
use super::attributes::{Attributes, Slice};
use super::connection::Query;
use super::error::DirectoryError;
use super::filter::Filter;
use super::outcome::code;
use super::scan::{Groups, Mapped};
use super::schema::Naming;
use crate::domain::dn::Dn;
use crate::domain::entry::{Entry, EntryId, Sid};
use crate::domain::group::{Group, GroupGraph};
use crate::domain::settings::Schema;

/// A person whom more groups than this list is refused, and nobody else is: it is no server's fault, and every server would
/// say the same.
const MOST_GROUPS: usize = 10_000;
/// Values asked for at once; Active Directory gives no more (MaxValRange).
const SLICE: usize = 1_500;
/// How long one part of a long read may take.
const PART: Duration = Duration::from_secs(30);
/// Set in `groupType` of security groups (MS-ADTS 2.2.12).
const SECURITY_ENABLED: i64 = 0x8000_0000;

/// The groups of a person as the directory gives them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Memberships {
    /// Active Directory: every security group, nested ones and the primary one included.
    TokenGroups(Vec<Sid>),
    /// Other directories: the groups that list the person directly.
    Direct(Vec<Dn>),
}

/// One group on the way to a [`GroupGraph`]: its parents are still names.
struct Listed {
    group: Group,
    parents: Vec<Dn>,
}

impl Directory {
    /// The groups of a person. A fault is never the same as "no groups".
    pub async fn groups_of(&self, entry: &Entry, deadline: Instant) -> Result<Memberships, DirectoryError> {
        match self.naming().schema {
            Schema::ActiveDirectory => self.token_groups(entry, deadline).await.map(Memberships::TokenGroups),
            Schema::Rfc2307bis => self.groups_that_list(&entry.dn, deadline).await.map(Memberships::Direct),
        }
    }

    /// `tokenGroups` is computed for a base search alone (MS-ADTS 3.1.1.4.5.19). The person is named by GUID, so a
    /// rename in between does not matter.
    async fn token_groups(&self, entry: &Entry, deadline: Instant) -> Result<Vec<Sid>, DirectoryError> {
        let base = format!("<GUID={}>", entry.id);
        let query = Query::read(&base, &["tokenGroups"]);
        let found = self.ask(&query, deadline).await?.0;
        let values = found.first().map_or(&[][..], |object| object.all("tokenGroups"));
        let sids: Option<Vec<Sid>> = values.iter().map(|value| Sid::from_bytes(value)).collect();
        // everybody has a primary group, so an empty list is an unreadable one
        sids.filter(|sids| !sids.is_empty())
            .ok_or_else(|| DirectoryError::TokenGroupsUnreadable(entry.dn.clone()))
    }

    pub(super) async fn groups_that_list(
        &self,
        member: &Dn,
        deadline: Instant,
    ) -> Result<Vec<Dn>, DirectoryError> {
        let lists = |attribute| Filter::equals(attribute, member.as_str());
        let query = Query {
            base: self.base().as_str(),
            scope: Scope::Subtree,
            filter: Filter::all([
                groups(Schema::Rfc2307bis),
                Filter::any([lists("member"), lists("uniqueMember")]),
            ]),
            attributes: &["1.1"],
            controls: Vec::new(),
            most: MOST_GROUPS,
            stop_at_most: true,
        };
        let (found, cut) = self.ask(&query, deadline).await?;
        if cut {
            let text = format!("more than {MOST_GROUPS} groups list {member}, or more than the server shows");
            return Err(DirectoryError::Refused { code: code::SIZE_LIMIT_EXCEEDED, text });
        }
        Ok(found.into_iter().map(|group| group.dn).filter(|dn| self.naming().holds(dn)).collect())
    }

    /// All groups of the directory and which of them contain which: the basis of every closure.
    pub async fn groups(&self) -> Result<GroupGraph, DirectoryError> {
        let schema = self.naming().schema;
        let attributes: &[&str] = match schema {
            Schema::ActiveDirectory => {
                &["objectGUID", "objectSid", "sAMAccountName", "cn", "groupType", "memberOf"]
            }
            Schema::Rfc2307bis => &["entryUUID", "cn", "memberOf"],
        };
        let mut scan = self.scan(self.base(), groups(schema), attributes, Groups::MemberOf, listed);
        let mut all = Vec::new();
        while let Some(page) = scan.next().await? {
            all.extend(page);
        }
        let extra = match schema {
            Schema::ActiveDirectory => Vec::new(),
            Schema::Rfc2307bis => self.nesting(&all).await?,
        };
        Ok(graph(all, &extra))
    }

    /// Which groups list which others as members. A directory that keeps no `memberOf` says so only there.
    async fn nesting(&self, all: &[Listed]) -> Result<Vec<(Dn, EntryId)>, DirectoryError> {
        let known: HashSet<&Dn> = all.iter().map(|listed| &listed.group.dn).collect();
        let mut nested = Vec::new();
        for listed in all {
            let mut members = self.members(&listed.group.dn);
            while let Some(page) = members.next().await? {
                let groups = page.into_iter().filter(|member| known.contains(member));
                nested.extend(groups.map(|member| (member, listed.group.id)));
            }
        }
        Ok(nested)
    }

    /// The direct members of a group, in pages.
    #[must_use]
    pub fn members(&self, group: &Dn) -> GroupMembers {
        GroupMembers { directory: self.clone(), group: group.clone(), slice: SLICE, from: Some(0) }
    }

    /// Reads the rest of a value list that the server has cut.
    pub(super) async fn complete(
        &self,
        object: &mut Attributes,
        name: &str,
        deadline: Instant,
    ) -> Result<(), DirectoryError> {
        let Some(Slice { mut values, mut next }) = object.slice(name) else { return Ok(()) };
        while let Some(from) = next {
            let slice = self.slice(&object.dn, name, from, None, deadline).await?;
            next = slice.next.filter(|next| *next > from);
            values.extend(slice.values);
        }
        object.put(name, values);
        Ok(())
    }

    /// One slice of a value list, to its end or to where the server cuts it.
    async fn slice(
        &self,
        dn: &Dn,
        name: &str,
        from: usize,
        to: Option<usize>,
        deadline: Instant,
    ) -> Result<Slice, DirectoryError> {
        let to = to.map_or_else(|| "*".to_owned(), |to| to.to_string());
        let attribute = format!("{name};range={from}-{to}");
        let attributes = [attribute.as_str()];
        let found = self.ask(&Query::read(dn.as_str(), &attributes), deadline).await?.0;
        let object = found.first().ok_or_else(|| DirectoryError::Incomplete(format!("{dn} has gone")))?;
        let whole = || Slice { values: object.all(name).to_vec(), next: None };
        Ok(object.slice(name).unwrap_or_else(whole))
    }
}

/// The members of one group, page by page.
pub struct GroupMembers {
    directory: Directory,
    group: Dn,
    slice: usize,
    from: Option<usize>,
}

impl GroupMembers {
    /// Asks for so many at once.
    #[must_use]
    pub fn by(self, slice: usize) -> Self {
        Self { slice: slice.clamp(1, SLICE), ..self }
    }

    /// The next members; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<Dn>>, DirectoryError> {
        let Some(from) = self.from.take() else { return Ok(None) };
        let deadline = Instant::now() + PART;
        let page = match self.directory.naming().schema {
            Schema::ActiveDirectory => {
                let to = Some(from.saturating_add(self.slice - 1));
                self.directory.slice(&self.group, "member", from, to, deadline).await?
            }
            Schema::Rfc2307bis => self.directory.all_members(&self.group, deadline).await?,
        };
        self.from = page.next.filter(|next| *next > from);
        Ok(Some(names(&page.values)))
    }
}

impl Directory {
    async fn all_members(&self, group: &Dn, deadline: Instant) -> Result<Slice, DirectoryError> {
        let query = Query::read(group.as_str(), &["member", "uniqueMember"]);
        let found = self.ask(&query, deadline).await?.0;
        let object = found.first().ok_or_else(|| DirectoryError::Incomplete(format!("{group} has gone")))?;
        Ok(Slice { values: [object.all("member"), object.all("uniqueMember")].concat(), next: None })
    }
}

fn names(values: &[Vec<u8>]) -> Vec<Dn> {
    values.iter().filter_map(|value| Dn::parse(std::str::from_utf8(value).ok()?).ok()).collect()
}

pub(super) fn groups(schema: Schema) -> Filter {
    match schema {
        Schema::ActiveDirectory => Filter::equals("objectClass", "group"),
        Schema::Rfc2307bis => Filter::any([
            Filter::equals("objectClass", "groupOfNames"),
            Filter::equals("objectClass", "groupOfUniqueNames"),
        ]),
    }
}

fn listed(naming: &Naming, object: &Attributes) -> Result<Mapped<Listed>, DirectoryError> {
    if !naming.holds(&object.dn) {
        return Ok(Mapped::Outside);
    }
    let Some(name) = object.owned("sAMAccountName").or_else(|| object.owned("cn")) else {
        return Ok(Mapped::Nameless);
    };
    let group = Group {
        id: naming.id(object)?,
        dn: object.dn.clone(),
        sid: object.bytes("objectSid").and_then(Sid::from_bytes),
        name,
        security: is_security(object),
        parents: Vec::new(),
    };
    Ok(Mapped::Item(Listed { group, parents: object.names("memberOf") }))
}

/// True for groups that `tokenGroups` lists.
pub(super) fn is_security(object: &Attributes) -> bool {
    object.number("groupType").is_some_and(|kind| kind & SECURITY_ENABLED != 0)
}

/// Turns the names of parents into ids; parents outside this directory are nobody's here.
fn graph(all: Vec<Listed>, extra: &[(Dn, EntryId)]) -> GroupGraph {
    let ids: HashMap<Dn, EntryId> =
        all.iter().map(|listed| (listed.group.dn.clone(), listed.group.id)).collect();
    let mut lists: HashMap<&Dn, Vec<EntryId>> = HashMap::new();
    for (child, parent) in extra {
        lists.entry(child).or_default().push(*parent);
    }
    GroupGraph::new(all.into_iter().map(|listed| {
        let named = listed.parents.iter().filter_map(|parent| ids.get(parent).copied());
        let nested = lists.get(&listed.group.dn).into_iter().flatten().copied();
        let mut parents: Vec<EntryId> = named.chain(nested).collect();
        parents.sort_unstable();
        parents.dedup();
        Group { parents, ..listed.group }
    }))
}
