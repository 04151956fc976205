//! Read how the domain is configured: size limits, indexes, and lockout policies.

use ldap3::Scope;

use super::rights::email_attribute;
use super::session::ProbeSession;
use crate::directory::connection::Query;
use crate::directory::message::{Attributes, LdapFilter, control};
use crate::directory::policy::{FineGrained, openldap_policy, windows_policy};
use crate::domain::doctor::facts::{Indexes, Limits, Lockout};
use crate::domain::lockout::LockoutPolicy;
use crate::domain::schema::Schema;

const MOST: usize = 500;
/// fATTINDEX (MS-ADTS 2.2.9).
const INDEXED: i64 = 1;

impl ProbeSession<'_> {
    /// The limits of this domain controller: its own query policy, or else the default one (MS-ADTS
    /// 3.1.1.3.4.6).
    pub async fn limits(&mut self) -> Result<Limits, String> {
        let configuration = self.dse.configuration.clone().ok_or("the root DSE names no configuration")?;
        let policy = match self.own_query_policy().await {
            Some(own) => own,
            None => format!(
                "CN=Default Query Policy,CN=Query-Policies,CN=Directory Service,CN=Windows NT,CN=Services,{configuration}"
            ),
        };
        let found = self.read(&Query::read(&policy, &["lDAPAdminLimits"])).await?;
        let entry = found.first().filter(|entry| !entry.all("lDAPAdminLimits").is_empty());
        let entry = entry.ok_or_else(|| format!("{policy} is not shown"))?;
        let limit = |name: &str| {
            entry.texts("lDAPAdminLimits").find_map(|text| {
                let (known, value) = text.split_once('=')?;
                known.trim().eq_ignore_ascii_case(name).then(|| value.trim().parse().ok())?
            })
        };
        Ok(Limits { page: limit("MaxPageSize"), values: limit("MaxValRange") })
    }

    async fn own_query_policy(&mut self) -> Option<String> {
        let service = self.dse.service.clone()?;
        let found = self.read(&Query::read(&service, &["queryPolicyObject"])).await.ok()?;
        found.first()?.owned("queryPolicyObject")
    }

    /// Which of the attributes used to look people up have an index.
    pub async fn indexes(&mut self) -> Indexes {
        match self.probe.settings().schema {
            Schema::ActiveDirectory => self.windows_indexes().await,
            Schema::Rfc2307bis => self.openldap_indexes().await,
        }
    }

    async fn windows_indexes(&mut self) -> Indexes {
        let schema = self.dse.schema.clone().ok_or("the root DSE names no schema")?;
        let mail = email_attribute(self.probe.settings().email_attribute);
        let mut wanted = vec!["sAMAccountName", "userPrincipalName", "objectGUID", "objectSid"];
        if !wanted.contains(&mail) {
            wanted.push(mail);
        }
        let query = Query {
            scope: Scope::Subtree,
            filter: LdapFilter::any(wanted.iter().map(|name| LdapFilter::equals("lDAPDisplayName", name))),
            most: MOST,
            ..Query::read(&schema, &["lDAPDisplayName", "searchFlags"])
        };
        let found = self.read(&query).await?;
        let pair = |entry: &Attributes| {
            let flags = entry.number("searchFlags").unwrap_or(0);
            Some((entry.owned("lDAPDisplayName")?, flags & INDEXED != 0))
        };
        Ok(found.iter().filter_map(pair).collect())
    }

    /// `olcDbIndex: uid,mail eq` (slapd-config(5)); by default only administrators of the server may read it.
    async fn openldap_indexes(&mut self) -> Indexes {
        let query = Query {
            scope: Scope::Subtree,
            filter: LdapFilter::present("olcDbIndex"),
            most: MOST,
            ..Query::read("cn=config", &["olcSuffix", "olcDbIndex"])
        };
        let found = self.read(&query).await?;
        let base = self.probe.base();
        let database =
            found.iter().find(|entry| entry.names("olcSuffix").iter().any(|suffix| base.is_within(suffix)));
        let database = database.ok_or("cn=config is not shown to the service account")?;
        let lines: Vec<&str> = database.texts("olcDbIndex").collect();
        let mail = email_attribute(self.probe.settings().email_attribute);
        let wanted = ["uid", mail, "entryUUID", "member"];
        Ok(wanted.map(|name| (name.to_owned(), lines.iter().any(|line| is_indexed(line, name)))).to_vec())
    }

    /// When accounts are locked.
    pub async fn lockout(&mut self) -> Lockout {
        let settings = self.probe.settings();
        let assumed = settings.assumed_lockout_threshold.map(LockoutPolicy::assumed);
        let unknown = Lockout {
            domain: None,
            fine_grained: Vec::new(),
            fine_grained_readable: None,
            assumed,
            policy_control: self.has(control::PASSWORD_POLICY),
        };
        match settings.schema {
            Schema::ActiveDirectory => {
                let fine_grained = self.fine_grained().await;
                let name = |(name, policy): (&String, &LockoutPolicy)| (name.clone(), *policy);
                let mut policies: Vec<_> = fine_grained.policies.iter().map(name).collect();
                policies.sort_by(|one, other| one.0.cmp(&other.0));
                Lockout {
                    domain: self.domain_policy().await,
                    fine_grained: policies,
                    fine_grained_readable: Some(fine_grained.readable),
                    ..unknown
                }
            }
            Schema::Rfc2307bis => {
                Lockout { domain: self.named_policy(settings.password_policy.trim()).await, ..unknown }
            }
        }
    }

    async fn domain_policy(&mut self) -> Option<LockoutPolicy> {
        let base = self.probe.base().to_string();
        let (threshold, window) = ("lockoutThreshold", "lockOutObservationWindow");
        let found = self.read(&Query::read(&base, &[threshold, window])).await.ok()?;
        windows_policy(found.first()?, threshold, window)
    }

    async fn fine_grained(&mut self) -> FineGrained {
        let container = format!("CN=Password Settings Container,CN=System,{}", self.probe.base());
        let attributes = &["objectClass", "msDS-LockoutThreshold", "msDS-LockoutObservationWindow"];
        let query = Query { scope: Scope::Subtree, most: MOST, ..Query::read(&container, attributes) };
        self.read(&query).await.map(|found| FineGrained::read(&found)).unwrap_or_default()
    }

    async fn named_policy(&mut self, name: &str) -> Option<LockoutPolicy> {
        if name.is_empty() {
            return None;
        }
        let wanted = &["objectClass", "pwdLockout", "pwdMaxFailure", "pwdFailureCountInterval"];
        openldap_policy(self.read(&Query::read(name, wanted)).await.ok()?.first()?)
    }
}

/// `uid,mail eq,sub`, perhaps after a `{0}`; without index types the default ones apply.
fn is_indexed(line: &str, attribute: &str) -> bool {
    let line = line.split_once('}').filter(|_| line.starts_with('{')).map_or(line, |(_, rest)| rest);
    let mut words = line.split_whitespace();
    let names = words.next().unwrap_or_default();
    let kinds = words.next().unwrap_or("eq");
    names.split(',').any(|name| name.eq_ignore_ascii_case(attribute))
        && kinds.split(',').any(|kind| kind == "eq")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_for_equality_counts() {
        for (line, expected) in [
            ("uid,mail eq", true),
            ("{2}cn,MAIL pres,eq,sub", true),
            ("mail", true),
            ("mail sub", false),
            ("mailbox eq", false),
            ("", false),
        ] {
            assert_eq!(is_indexed(line, "mail"), expected, "{line:?}");
        }
    }
}
