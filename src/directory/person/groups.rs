//! Read a person's groups at sign-in.

use ldap3::Scope;
use tokio::time::Instant;

use crate::directory::Directory;
use crate::directory::connection::Query;
use crate::directory::error::DirectoryError;
use crate::directory::message::{LdapFilter, code};
use crate::directory::schema::groups;
use crate::domain::dn::Dn;
use crate::domain::entry::{Entry, Sid};
use crate::domain::schema::Schema;

/// A person in more groups is refused, and only that person: the server is not at fault, and every server
/// would return the same.
const MOST_GROUPS: usize = 10_000;

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

    pub(crate) async fn groups_that_list(
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
}
