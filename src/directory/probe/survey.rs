//! List what an administrator chooses from when setting up a directory: its root, NetBIOS name, OUs and
//! groups.

use ldap3::Scope;

use super::people::PAGE;
use super::session::{ProbeSession, result_text};
use crate::directory::connection::Query;
use crate::directory::message::paging::cookie_in;
use crate::directory::message::{LdapFilter, code};
use crate::domain::dn::Dn;
use crate::domain::schema::Schema;

/// The longest list: nobody reads more, and a DN can be typed.
const MOST: usize = 20_000;

impl ProbeSession<'_> {
    /// Whether this is Active Directory, by its root DSE: no other directory has a configuration partition.
    #[must_use]
    pub fn is_active_directory(&self) -> bool {
        self.dse.configuration.is_some()
    }

    /// The root of the domain, or else the naming contexts.
    #[must_use]
    pub fn heads(&self) -> Vec<String> {
        match &self.dse.context {
            Some(context) => vec![context.clone()],
            None => self.dse.root.contexts.clone(),
        }
    }

    /// The NetBIOS name of the domain with this root (MS-ADTS 6.1.1.2.1.1).
    pub async fn netbios_name(&mut self, head: &str) -> Option<String> {
        let partitions = format!("CN=Partitions,{}", self.dse.configuration.as_ref()?);
        let query = Query {
            scope: Scope::OneLevel,
            filter: LdapFilter::all([
                LdapFilter::equals("objectClass", "crossRef"),
                LdapFilter::equals("nCName", head),
            ]),
            most: 2,
            ..Query::read(&partitions, &["nETBIOSName"])
        };
        self.read(&query).await.ok()?.first()?.owned("nETBIOSName")
    }

    /// The OUs, and Active Directory's default container for people.
    pub async fn units(&mut self) -> Result<Vec<Dn>, String> {
        let unit = LdapFilter::equals("objectClass", "organizationalUnit");
        let filter = match self.probe.settings().schema {
            Schema::ActiveDirectory => LdapFilter::any([
                unit,
                LdapFilter::all([
                    LdapFilter::equals("objectClass", "container"),
                    LdapFilter::equals("cn", "Users"),
                ]),
            ]),
            Schema::Rfc2307bis => unit,
        };
        self.names(filter).await
    }

    /// The names of all groups below the base DN.
    pub async fn group_names(&mut self) -> Result<Vec<Dn>, String> {
        let filter = match self.probe.settings().schema {
            Schema::ActiveDirectory => LdapFilter::equals("objectClass", "group"),
            Schema::Rfc2307bis => LdapFilter::any(
                ["groupOfNames", "groupOfUniqueNames"].map(|class| LdapFilter::equals("objectClass", class)),
            ),
        };
        self.names(filter).await
    }

    async fn names(&mut self, filter: LdapFilter) -> Result<Vec<Dn>, String> {
        let base = self.base().to_string();
        let (mut names, mut cookie) = (Vec::new(), Vec::new());
        loop {
            let query = Query {
                scope: Scope::Subtree,
                filter: filter.clone(),
                controls: self.page_controls(cookie),
                most: PAGE,
                ..Query::read(&base, &["1.1"])
            };
            let answer = self.search(&query).await?;
            if answer.result.rc != code::SUCCESS {
                return Err(result_text(&answer.result));
            }
            names.extend(answer.entries.iter().map(|entry| entry.dn.clone()));
            match cookie_in(&answer.result.ctrls) {
                Some(next) if !next.is_empty() && names.len() < MOST => cookie = next,
                _ => return Ok(names),
            }
        }
    }
}
