//! Read a person's groups at sign-in, and complete value lists that a server splits.

use ldap3::Scope;
use tokio::time::Instant;

use super::Directory;
use super::attributes::{Attributes, Slice};
use super::connection::Query;
use super::error::DirectoryError;
use super::filter::LdapFilter;
use super::outcome::code;
use crate::domain::dn::Dn;
use crate::domain::entry::{Entry, Sid};
use crate::domain::selection::GROUP_CLASSES;
use crate::domain::settings::Schema;

/// A person in more groups is refused, and only that person: the server is not at fault, and every server
/// would return the same.
const MOST_GROUPS: usize = 10_000;
/// Set in `groupType` of security groups (MS-ADTS 2.2.12).
const SECURITY_ENABLED: i64 = 0x8000_0000;

/// A person's groups as the directory returns them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryGroups {
    /// Active Directory: every security group, including nested ones and the primary group.
    TokenGroups(Vec<Sid>),
    /// Other directories: the groups that list the person directly.
    Direct(Vec<Dn>),
}

impl Directory {
    /// The groups of a person. An error is never treated as "no groups".
    pub async fn groups_of(&self, entry: &Entry, deadline: Instant) -> Result<EntryGroups, DirectoryError> {
        match self.naming().schema {
            Schema::ActiveDirectory => self.token_groups(entry, deadline).await.map(EntryGroups::TokenGroups),
            Schema::Rfc2307bis => self.groups_that_list(entry, deadline).await.map(EntryGroups::Direct),
        }
    }

    /// `tokenGroups` is computed for a base search only (MS-ADTS 3.1.1.4.5.19). The search uses the GUID, so
    /// a concurrent rename does no harm.
    async fn token_groups(&self, entry: &Entry, deadline: Instant) -> Result<Vec<Sid>, DirectoryError> {
        let base = format!("<GUID={}>", entry.id);
        let query = Query::read(&base, &["tokenGroups"]);
        let found = self.ask(&query, deadline).await?.0;
        let values = found.first().map_or(&[][..], |object| object.all("tokenGroups"));
        let sids: Option<Vec<Sid>> = values.iter().map(|value| Sid::from_bytes(value)).collect();
        // everyone has a primary group, so an empty list is an unreadable one
        sids.filter(|sids| !sids.is_empty())
            .ok_or_else(|| DirectoryError::TokenGroupsUnreadable(entry.dn.clone()))
    }

    pub(super) async fn groups_that_list(
        &self,
        member: &Entry,
        deadline: Instant,
    ) -> Result<Vec<Dn>, DirectoryError> {
        let lists = |attribute| LdapFilter::equals(attribute, member.dn.as_str());
        let logins = member.login_names().map(|login| LdapFilter::equals("memberUid", login));
        let query = Query {
            base: self.base().as_str(),
            scope: Scope::Subtree,
            filter: LdapFilter::all([
                groups(Schema::Rfc2307bis),
                LdapFilter::any([lists("member"), lists("uniqueMember")].into_iter().chain(logins)),
            ]),
            attributes: &["1.1"],
            controls: Vec::new(),
            most: MOST_GROUPS,
            stop_at_most: true,
        };
        let (found, cut) = self.ask(&query, deadline).await?;
        if cut {
            let text =
                format!("more than {MOST_GROUPS} groups list {}, or more than the server shows", member.dn);
            return Err(DirectoryError::Refused { code: code::SIZE_LIMIT_EXCEEDED, text });
        }
        Ok(found.into_iter().map(|group| group.dn).filter(|dn| self.naming().holds(dn)).collect())
    }

    /// Reads the rest of a value list that the server splits.
    pub(super) async fn complete(
        &self,
        object: &mut Attributes,
        name: &str,
        deadline: Instant,
    ) -> Result<(), DirectoryError> {
        let Some(Slice { mut values, mut next }) = object.slice(name) else { return Ok(()) };
        while let Some(from) = next {
            let slice = self.slice(&object.dn, name, from, deadline).await?;
            next = slice.next;
            values.extend(slice.values);
        }
        object.put(name, values);
        Ok(())
    }

    /// One range of a value list, to its end or to where the server splits it.
    async fn slice(
        &self,
        dn: &Dn,
        name: &str,
        from: usize,
        deadline: Instant,
    ) -> Result<Slice, DirectoryError> {
        let attribute = format!("{name};range={from}-*");
        let attributes = [attribute.as_str()];
        let found = self.ask(&Query::read(dn.as_str(), &attributes), deadline).await?.0;
        let object = found.first().ok_or_else(|| DirectoryError::Incomplete(format!("{dn} is gone")))?;
        let cut = || DirectoryError::Incomplete(format!("{dn}: the rest of {name} can't be read"));
        object.slice_from(name, from).ok_or_else(cut)
    }
}

pub(super) fn groups(schema: Schema) -> LdapFilter {
    match schema {
        Schema::ActiveDirectory => LdapFilter::equals("objectClass", "group"),
        Schema::Rfc2307bis => {
            LdapFilter::any(GROUP_CLASSES.iter().map(|class| LdapFilter::equals("objectClass", class)))
        }
    }
}

/// True for groups that `tokenGroups` lists.
pub(super) fn is_security(object: &Attributes) -> bool {
    object.number("groupType").is_some_and(|kind| kind & SECURITY_ENABLED != 0)
}
