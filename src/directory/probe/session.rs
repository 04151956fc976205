//! A bound connection to one server for questions about the server and its domain. Each result is a value or
//! the reason for its absence; no question depends on an earlier one.

use ldap3::LdapResult;

use super::Probe;
use crate::directory::connection::{Connection, Query, SearchResponse, root_dse};
use crate::directory::message::{Attributes, code};
use crate::domain::dn::Dn;
use crate::domain::doctor::facts::RootDse;
use crate::domain::entry::DirectoryId;
use crate::domain::schema::Schema;

/// A session of the service account at one server.
pub struct ProbeSession<'a> {
    pub(super) probe: &'a Probe,
    pub(super) connection: Connection,
    pub(super) dse: Dse,
    server: String,
}

/// The contents of the root DSE (RFC 4512 section 5.1, MS-ADTS 3.1.1.3.2).
#[derive(Default)]
pub(super) struct Dse {
    pub(super) root: RootDse,
    pub(super) context: Option<String>,
    pub(super) schema: Option<String>,
    pub(super) configuration: Option<String>,
    pub(super) service: Option<String>,
}

impl<'a> ProbeSession<'a> {
    pub(super) fn new(probe: &'a Probe, server: String, connection: Connection) -> Self {
        Self { probe, connection, dse: Dse::default(), server }
    }

    /// `host:port`.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The base DN that is examined.
    #[must_use]
    pub fn base(&self) -> &'a Dn {
        self.probe.base()
    }

    /// The kind of directory.
    #[must_use]
    pub fn schema(&self) -> Schema {
        self.probe.settings().schema
    }

    /// The directory's key in the settings.
    #[must_use]
    pub fn directory(&self) -> &DirectoryId {
        &self.probe.settings().id
    }

    /// True for Active Directory.
    #[must_use]
    pub fn is_windows(&self) -> bool {
        self.probe.settings().schema == Schema::ActiveDirectory
    }

    /// The server's description of itself.
    pub async fn root_dse(&mut self) -> Result<RootDse, String> {
        let wanted = [
            "currentTime",
            "supportedControl",
            "namingContexts",
            "defaultNamingContext",
            "schemaNamingContext",
            "configurationNamingContext",
            "dsServiceName",
        ];
        let found = self.read(&root_dse(&wanted)).await?;
        let Some(dse) = found.first() else { return Err("the root DSE is not shown".to_owned()) };
        let texts = |name: &str| dse.texts(name).map(str::to_owned).collect();
        self.dse = Dse {
            root: RootDse {
                time: dse.times("currentTime").pop(),
                controls: texts("supportedControl"),
                contexts: texts("namingContexts"),
            },
            context: dse.owned("defaultNamingContext"),
            schema: dse.owned("schemaNamingContext"),
            configuration: dse.owned("configurationNamingContext"),
            service: dse.owned("dsServiceName"),
        };
        Ok(self.dse.root.clone())
    }

    /// Whether an object exists and is visible to us.
    pub async fn is_there(&mut self, dn: &str) -> Result<bool, String> {
        if Dn::parse(dn).map_err(|error| error.to_string())?.depth() == 0 {
            return Err("not the name of an object".to_owned());
        }
        Ok(self.read(&Query::read(dn, &["objectClass"])).await?.iter().any(Attributes::is_shown))
    }

    /// The classes of an object; none if it does not exist or is hidden.
    pub async fn classes(&mut self, dn: &str) -> Result<Vec<String>, String> {
        let found = self.read(&Query::read(dn, &["objectClass"])).await?;
        let classes = found.iter().flat_map(|object| object.texts("objectClass"));
        Ok(classes.map(str::to_owned).collect())
    }

    /// The root of the domain, which the base DN may lie below.
    pub(super) fn context(&self) -> String {
        self.dse.context.clone().unwrap_or_else(|| self.probe.base().to_string())
    }

    /// True when the server supports this control.
    pub(super) fn has(&self, oid: &str) -> bool {
        self.dse.root.controls.iter().any(|known| known == oid)
    }

    /// A search with any result.
    pub(super) async fn search(&mut self, query: &Query<'_>) -> Result<SearchResponse, String> {
        self.connection.search(query, self.probe.until()).await.map_err(|fault| fault.to_string())
    }

    /// The entries that a search finds. "No such object" is an empty list; any other refusal is an error.
    pub(super) async fn read(&mut self, query: &Query<'_>) -> Result<Vec<Attributes>, String> {
        let answer = self.search(query).await?;
        match answer.result.rc {
            code::SUCCESS => Ok(answer.entries),
            code::NO_SUCH_OBJECT => Ok(Vec::new()),
            code::SIZE_LIMIT_EXCEEDED if query.stop_at_most => Ok(answer.entries),
            _ => Err(result_text(&answer.result)),
        }
    }
}

/// A result as text.
pub(super) fn result_text(result: &LdapResult) -> String {
    let text = result.text.trim_end_matches('\0').trim();
    if text.is_empty() { format!("result {}", result.rc) } else { format!("result {}: {text}", result.rc) }
}
