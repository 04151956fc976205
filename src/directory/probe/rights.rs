//! Find out what the service account may do in Active Directory by trying harmless requests.

use ldap3::Scope;
use ldap3::controls::RefreshMode;

use super::descriptor::{self, Target};
use super::session::{ProbeSession, result_text};
use crate::directory::connection::Query;
use crate::directory::message::control::{self, DIRSYNC, SHOW_DELETED, SYNC_REQUEST};
use crate::directory::message::dirsync;
use crate::directory::message::{Attributes, LdapFilter, code};
use crate::domain::dn::Dn;
use crate::domain::doctor::facts::{DirSyncRights, MailWriters, Right};
use crate::domain::entry::Sid;
use crate::domain::schema::Schema;
use crate::domain::settings::EmailAttribute;

/// How much a server may send at once.
const MOST_BYTES: u32 = 65_536;
/// Enough for the root of a domain and the references below it.
const MOST: usize = 1_000;

impl ProbeSession<'_> {
    /// Whether deleted objects are visible. By default only administrators see inside their container, so
    /// reading its attributes proves the permission.
    pub async fn deleted_objects(&mut self) -> Right {
        if !self.has(SHOW_DELETED) {
            return Right::Unknown("the server does not offer to show deleted objects".to_owned());
        }
        let container = format!("CN=Deleted Objects,{}", self.context());
        let query =
            Query { controls: vec![control::show_deleted()], ..Query::read(&container, &["objectClass"]) };
        match self.search(&query).await {
            Err(why) => Right::Unknown(why),
            Ok(answer) if answer.entries.iter().any(Attributes::is_shown) => Right::Granted,
            Ok(answer) if answer.result.rc == code::SUCCESS => {
                Right::Denied(format!("{container} is not shown"))
            }
            Ok(answer) => Right::Denied(format!("{container}: {}", result_text(&answer.result))),
        }
    }

    /// The error of a server that lists syncrepl but refuses it for the base entry; `None` if it works or is
    /// not listed.
    pub async fn sync_refused(&mut self) -> Option<String> {
        if self.is_windows() || !self.has(SYNC_REQUEST) {
            return None;
        }
        let base = self.probe.base().to_string();
        let controls = vec![control::sync_request(RefreshMode::RefreshOnly, None)];
        match self.search(&Query { controls, ..Query::read(&base, &["1.1"]) }).await {
            Err(why) => Some(why),
            Ok(answer) => (answer.result.rc != code::SUCCESS).then(|| result_text(&answer.result)),
        }
    }

    /// Whether DirSync may be requested: for the domain's root only, so that no changes are read.
    pub async fn dir_sync(&mut self) -> DirSyncRights {
        let replication = self.asks_changes(0).await;
        let object_security = self.asks_changes(dirsync::OBJECT_SECURITY).await;
        DirSyncRights { replication, object_security }
    }

    async fn asks_changes(&mut self, flags: u32) -> Right {
        if !self.has(DIRSYNC) {
            return Right::Unknown("the server does not offer DirSync".to_owned());
        }
        let base = self.context();
        let query = Query {
            scope: Scope::Subtree,
            filter: LdapFilter::equals("objectClass", "domainDNS"),
            controls: vec![dirsync::request(flags, MOST_BYTES, &[])],
            most: MOST,
            ..Query::read(&base, &["objectGUID"])
        };
        match self.search(&query).await {
            Err(why) => Right::Unknown(why),
            Ok(answer) if answer.result.rc == code::SUCCESS => Right::Granted,
            Ok(answer) if answer.result.rc == code::INSUFFICIENT_ACCESS_RIGHTS => {
                Right::Denied(result_text(&answer.result))
            }
            Ok(answer) => Right::Unknown(result_text(&answer.result)),
        }
    }

    /// Whether this person's groups are visible as a sign-in needs them.
    pub async fn token_groups(&mut self, person: &Dn) -> Right {
        match self.read(&Query::read(person.as_str(), &["tokenGroups"])).await {
            Err(why) => Right::Unknown(why),
            Ok(found) => match found.first() {
                None => Right::Unknown(format!("{person} is gone")),
                Some(entry) if entry.all("tokenGroups").is_empty() => {
                    Right::Denied(format!("tokenGroups of {person} is not shown"))
                }
                Some(_) => Right::Granted,
            },
        }
    }

    /// Whether these people may write their own email attribute, from the permissions on their entries.
    pub async fn mail_writers(&mut self, people: &[Dn]) -> MailWriters {
        let attribute = email_attribute(self.probe.settings().email_attribute);
        let mut found = MailWriters {
            attribute: attribute.to_owned(),
            looked_at: 0,
            own: Vec::new(),
            unknown: None,
            declared_safe: self.probe.settings().email_written_by_admins_only,
        };
        if self.probe.settings().schema != Schema::ActiveDirectory {
            found.unknown = Some("this directory does not report write permissions".to_owned());
            return found;
        }
        if let Err(why) = self.look_at_writers(attribute, people, &mut found).await {
            found.unknown = Some(why);
        }
        found
    }

    async fn look_at_writers(
        &mut self,
        attribute: &'static str,
        people: &[Dn],
        found: &mut MailWriters,
    ) -> Result<(), String> {
        let target = self.target(attribute).await?;
        for person in people {
            let query = Query {
                controls: vec![control::access_rules_only()],
                ..Query::read(person.as_str(), &["nTSecurityDescriptor", "objectSid", "primaryGroupID"])
            };
            let entries = self.read(&query).await?;
            let Some(entry) = entries.first() else { continue };
            let descriptor = entry.bytes("nTSecurityDescriptor");
            let writer = descriptor
                .and_then(|bytes| descriptor::writer(bytes, &target, &own_sids(entry)))
                .ok_or_else(|| format!("the security of {person} is not shown"))?;
            found.looked_at += 1;
            if let Some(writer) = writer {
                found.own.push(format!("{person} (allowed to {writer})"));
            }
        }
        if found.looked_at == 0 { Err("there is no person in scope to check".to_owned()) } else { Ok(()) }
    }

    /// The attribute and its property set as access rules identify them (MS-ADTS 3.1.1.2.3, 5.1.3.2.1).
    async fn target(&mut self, attribute: &'static str) -> Result<Target, String> {
        let schema = self.dse.schema.clone().ok_or("the root DSE names no schema")?;
        let query = Query {
            scope: Scope::Subtree,
            filter: LdapFilter::equals("lDAPDisplayName", attribute),
            ..Query::read(&schema, &["schemaIDGUID", "attributeSecurityGUID"])
        };
        let found = self.read(&query).await?;
        let guid = |name: &str| {
            found
                .first()
                .and_then(|entry| entry.bytes(name))
                .and_then(|bytes| <[u8; 16]>::try_from(bytes).ok())
        };
        let own = guid("schemaIDGUID").ok_or_else(|| format!("{attribute} is not found in the schema"))?;
        Ok(Target { attribute: own, set: guid("attributeSecurityGUID") })
    }
}

/// The person's own SID and the primary group's.
fn own_sids(entry: &Attributes) -> Vec<Sid> {
    let own = entry.bytes("objectSid").and_then(Sid::from_bytes);
    let group = entry.number("primaryGroupID").and_then(|rid| u32::try_from(rid).ok());
    let primary = own.as_ref().zip(group).and_then(|(own, rid)| own.sibling(rid));
    own.into_iter().chain(primary).collect()
}

pub(super) fn email_attribute(of: EmailAttribute) -> &'static str {
    match of {
        EmailAttribute::Mail => "mail",
        EmailAttribute::ProxyAddresses => "proxyAddresses",
        EmailAttribute::UserPrincipalName => "userPrincipalName",
    }
}
