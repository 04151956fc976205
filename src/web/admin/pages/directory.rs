//! The pages of directories: the list, and the form of one.

use std::borrow::Cow;

use askama::Template;
use serde::Serialize;
use utoipa::ToSchema;

use super::settings::{DrawnField, DrawnGroup, DrawnProblem, FormNotice};
use crate::domain::doctor::Finding;
use crate::domain::settings::{Directory, Encryption, Server, Via};
use crate::domain::timestamp;
use crate::flow::admin::look::ServerChain;
use crate::flow::support::setup::{Anchor, NextStep, SentCertificate};
use crate::web::admin::address::{CONFIGURE, CONNECTION_DRAFT, DIRECTORIES, NEW_DIRECTORY, with_query};
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::Language;

/// A directory as the list shows it: without its password.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web::admin) struct DirectoryRow {
    pub id: String,
    pub name: String,
    pub servers: Vec<ServerRow>,
    #[schema(value_type = String)]
    pub encryption: Encryption,
    pub base_dn: String,
    pub service_account: String,
}

impl From<&Directory> for DirectoryRow {
    fn from(directory: &Directory) -> Self {
        Self {
            id: directory.id.0.clone(),
            name: directory.name.clone(),
            servers: directory.servers.iter().map(ServerRow::from).collect(),
            encryption: directory.encryption,
            base_dn: directory.base_dn.clone(),
            service_account: directory.service_account.clone(),
        }
    }
}

/// The directories of the settings.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/directories.html")]
pub(in crate::web::admin) struct DirectoriesPage {
    pub language: Language,
    pub frame: AdminFrame,
    pub directories: Vec<DirectoryRow>,
    /// Right after saving.
    pub notice: Option<FormNotice>,
    pub version: i64,
    /// The token of the form that removes one; `None` for a role that may not.
    pub remove: Option<String>,
}

impl DirectoriesPage {
    fn notice_kind(&self) -> &'static str {
        self.notice.map_or("good", FormNotice::kind)
    }

    /// The title and the text of the notice.
    fn notice_texts(&self) -> Option<[Cow<'static, str>; 2]> {
        self.notice.map(|notice| notice.texts(self.language))
    }

    fn new_url(&self) -> &'static str {
        NEW_DIRECTORY
    }

    fn url(&self, directory: &DirectoryRow) -> String {
        configure_url(&directory.id)
    }

    fn protection(&self, directory: &DirectoryRow) -> Cow<'static, str> {
        self.language.text(match directory.encryption {
            Encryption::Ldaps => "directory-encryption.ldaps",
            Encryption::StartTls => "directory-encryption.start-tls",
            Encryption::UnencryptedLoopbackOnly => "directory-encryption.none",
        })
    }
}

/// The address of the form of a directory.
pub(super) fn configure_url(id: &str) -> String {
    with_query(CONFIGURE, &[("directory", id)])
}

/// Where a new directory begins.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/directory-new.html")]
pub(in crate::web::admin) struct NewDirectoryPage {
    pub language: Language,
    pub frame: AdminFrame,
    pub csrf: String,
    pub domain: String,
    pub wrong: Option<String>,
}

impl NewDirectoryPage {
    fn action(&self) -> &'static str {
        NEW_DIRECTORY
    }

    fn list_url(&self) -> &'static str {
        DIRECTORIES
    }
}

/// The word of a server that is reached through an agent.
pub(in crate::web::admin) const VIA_AGENT: &str = "agent";

/// A server as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::web::admin) struct ServerRow {
    pub host: String,
    /// Empty: the usual port.
    pub port: String,
    /// The name in its certificate; empty: the host.
    pub tls_name: String,
    /// `agent`, or empty if it is reached directly.
    pub via: String,
}

impl ServerRow {
    pub(in crate::web::admin) fn is_blank(&self) -> bool {
        [&self.host, &self.port, &self.tls_name].into_iter().all(String::is_empty)
    }
}

impl From<&Server> for ServerRow {
    fn from(server: &Server) -> Self {
        Self {
            host: server.host.clone(),
            port: server.port.map(|port| port.to_string()).unwrap_or_default(),
            tls_name: server.tls_name.clone().unwrap_or_default(),
            via: if server.via == Some(Via::Agent) { VIA_AGENT.to_owned() } else { String::new() },
        }
    }
}

/// A server as it is drawn.
#[derive(Clone, Debug)]
pub(in crate::web::admin) struct DrawnServer {
    pub row: ServerRow,
    pub errors: Vec<String>,
}

/// Whether there is a password of the service account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web::admin) enum StoredPassword {
    Missing,
    Stored,
    /// Typed on this form some minutes ago.
    Typed,
}

/// What the form says above its fields.
#[derive(Clone, Debug)]
pub(in crate::web::admin) enum ConfigureNotice {
    ReadOnly,
    /// Nothing was saved.
    Wrong,
    /// DNS lists so many servers, and these of other domains.
    Servers(usize, Vec<String>),
    /// The directory has named so many base DNs.
    Asked(usize),
    /// This CA is in the form now.
    Trusted(String),
    /// The server sent another CA than the one that was shown.
    OtherCa,
    /// A look-up has failed.
    NotFound(Vec<Finding>),
    /// Try again in so many seconds.
    TooMany(u32),
    NoRoom,
}

/// The form of one directory.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/configure.html")]
pub(in crate::web::admin) struct ConfigurePage {
    pub language: Language,
    pub frame: AdminFrame,
    pub id: String,
    pub name: String,
    pub is_new: bool,
    /// The tokens of saving and of all other buttons.
    pub save_token: String,
    pub draft_token: String,
    /// The generation that is shown.
    pub version: i64,
    pub can_save: bool,
    pub notice: Option<ConfigureNotice>,
    /// Where what was typed is kept.
    pub draft: Option<String>,
    pub is_unencrypted: bool,
    pub servers: Vec<DrawnServer>,
    pub server_errors: Vec<String>,
    pub password: StoredPassword,
    pub password_errors: Vec<String>,
    pub bases: Vec<String>,
    pub chain: Option<ServerChain>,
    /// The row of that server.
    pub chain_row: usize,
    /// The first is drawn with the servers, the last behind "Advanced".
    pub groups: Vec<DrawnGroup>,
    pub problems: Vec<DrawnProblem>,
}

impl ConfigurePage {
    /// An empty form.
    pub(in crate::web::admin) fn new(language: Language, frame: AdminFrame, id: String) -> Self {
        Self {
            language,
            frame,
            name: id.clone(),
            id,
            is_new: true,
            save_token: String::new(),
            draft_token: String::new(),
            version: 0,
            can_save: true,
            notice: None,
            draft: None,
            is_unencrypted: false,
            servers: Vec::new(),
            server_errors: Vec::new(),
            password: StoredPassword::Missing,
            password_errors: Vec::new(),
            bases: Vec::new(),
            chain: None,
            chain_row: 0,
            groups: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn save_url(&self) -> &'static str {
        CONFIGURE
    }

    fn list_url(&self) -> &'static str {
        DIRECTORIES
    }

    fn doing(&self, what: &str) -> String {
        with_query(CONNECTION_DRAFT, &[("do", what)])
    }

    fn of_row(&self, what: &str, row: &usize) -> String {
        with_query(CONNECTION_DRAFT, &[("do", what), ("row", &row.to_string())])
    }

    fn with(&self, what: &str, value: &str) -> String {
        with_query(CONNECTION_DRAFT, &[("do", what), ("row", &self.chain_row.to_string()), ("value", value)])
    }

    fn is_last(&self, index: &usize) -> bool {
        index + 1 == self.servers.len()
    }

    fn encryption(&self) -> Option<&DrawnField> {
        self.groups.first().and_then(|group| group.fields.first())
    }

    /// The element to which the list of problems leads.
    fn encryption_id(&self) -> Option<&str> {
        self.encryption().map(|field| field.id.as_str())
    }

    fn typed_encryption(&self) -> &str {
        self.encryption().map_or("ldaps", |field| field.value.as_str())
    }

    fn encryption_errors(&self) -> &[String] {
        self.encryption().map_or(&[], |field| field.errors.as_slice())
    }

    fn encryption_name(&self) -> String {
        format!("directories[{}].encryption", self.id)
    }

    fn is_typed(&self, encryption: &str) -> bool {
        self.typed_encryption() == encryption
    }

    /// The groups between the servers and "Advanced", with whether the base DNs belong to it.
    fn middle(&self) -> &[DrawnGroup] {
        match self.groups.as_slice() {
            [_, middle @ .., _] => middle,
            _ => &[],
        }
    }

    fn advanced(&self) -> Option<&DrawnGroup> {
        self.groups.last()
    }

    fn advanced_is_open(&self) -> bool {
        self.advanced().is_some_and(|group| group.fields.iter().any(|field| !field.errors.is_empty()))
    }

    fn password_hint(&self) -> Cow<'static, str> {
        self.language.text(match self.password {
            StoredPassword::Missing => "directory-password.missing",
            StoredPassword::Stored => "directory-password.stored",
            StoredPassword::Typed => "directory-password.typed",
        })
    }

    fn notice_kind(&self) -> &'static str {
        match self.notice {
            Some(
                ConfigureNotice::Servers(1.., _) | ConfigureNotice::Asked(1..) | ConfigureNotice::Trusted(_),
            ) => "good",
            Some(ConfigureNotice::Wrong | ConfigureNotice::NotFound(_) | ConfigureNotice::OtherCa) => {
                "trouble"
            }
            _ => "warn",
        }
    }

    fn notice_title(&self) -> Cow<'static, str> {
        let language = self.language;
        match &self.notice {
            None | Some(ConfigureNotice::Wrong) => language.text("settings-wrong"),
            Some(ConfigureNotice::ReadOnly) => language.text("settings-read-only"),
            Some(ConfigureNotice::Servers(count, _)) => language.with("configure-servers", "count", *count),
            Some(ConfigureNotice::Asked(count)) => language.with("configure-asked", "count", *count),
            Some(ConfigureNotice::Trusted(_)) => language.text("configure-trusted"),
            Some(ConfigureNotice::OtherCa) => language.text("configure-other-ca"),
            Some(ConfigureNotice::NotFound(_)) => language.text("configure-not-found"),
            Some(ConfigureNotice::TooMany(_)) => language.text("configure-too-many"),
            Some(ConfigureNotice::NoRoom) => language.text("configure-no-room"),
        }
    }

    fn notice_text(&self) -> Cow<'static, str> {
        let language = self.language;
        match &self.notice {
            None | Some(ConfigureNotice::Wrong) => language.text("settings-wrong.what"),
            Some(ConfigureNotice::ReadOnly) => language.text("settings-read-only.what"),
            Some(ConfigureNotice::Servers(_, foreign)) if foreign.is_empty() => {
                language.text("configure-servers.what")
            }
            Some(ConfigureNotice::Servers(_, foreign)) => {
                language.with("configure-servers.foreign", "servers", foreign.join(", "))
            }
            Some(ConfigureNotice::Asked(_)) => language.text("configure-asked.what"),
            Some(ConfigureNotice::Trusted(subject)) => {
                language.with("configure-trusted.what", "subject", subject.as_str())
            }
            Some(ConfigureNotice::OtherCa) => language.text("configure-other-ca.what"),
            Some(ConfigureNotice::NotFound(_)) => language.text("configure-not-found.what"),
            Some(ConfigureNotice::TooMany(seconds)) => {
                language.with("configure-too-many.what", "count", *seconds)
            }
            Some(ConfigureNotice::NoRoom) => language.text("configure-no-room.what"),
        }
    }

    /// What was found by a look-up that failed.
    fn findings(&self) -> &[Finding] {
        match (&self.notice, &self.chain) {
            (Some(ConfigureNotice::NotFound(findings)), _) => findings,
            (_, Some(chain)) => &chain.findings,
            _ => &[],
        }
    }

    /// The CA that may be trusted.
    fn anchor(&self) -> Option<&Anchor> {
        match self.chain.as_ref().map(|chain| &chain.next) {
            Some(NextStep::TrustCa(anchor)) => anchor.as_ref(),
            _ => None,
        }
    }

    /// The names of a certificate for another host.
    fn names(&self) -> &[String] {
        match self.chain.as_ref().map(|chain| &chain.next) {
            Some(NextStep::ChooseName(names)) => names,
            _ => &[],
        }
    }

    fn chain_verdict(&self) -> Cow<'static, str> {
        self.language.text(match self.chain.as_ref().map(|chain| &chain.next) {
            Some(NextStep::Bind) => "configure-chain.trusted",
            Some(NextStep::TrustCa(Some(_))) => "configure-chain.unknown",
            Some(NextStep::TrustCa(None)) => "configure-chain.no-ca",
            Some(NextStep::ChooseName(_)) => "configure-chain.other-name",
            _ => "configure-chain.useless",
        })
    }

    fn validity(&self, certificate: &SentCertificate) -> String {
        format!("{} – {}", timestamp(certificate.not_before), timestamp(certificate.not_after))
    }
}
