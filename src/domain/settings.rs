//! Settings that administrators change at run time: one type for file, store, command line and (later) panel.

mod admin;
mod branding;
mod provisioning;
mod scope;
mod second_factor;
mod sync;
mod team_share;
mod throttle;
mod tokens;

use std::fmt;

pub use admin::AdminSettings;
pub use branding::{Branding, Help, LegalLink};
pub use provisioning::{DriftMode, EMAIL, OAuthAuthMethod, Provisioning, WhenGone};
pub use scope::{Depth, ScopeSettings, SelectedUnit};
pub use second_factor::{Enrolment, Required, SecondFactor, Totp, TotpAlgorithm};
pub use sync::{Often, Sync};
pub use team_share::TeamShareMapping;
pub use throttle::{Network, Throttle};
pub use tokens::TokenSettings;

use serde::{Deserialize, Serialize};

use super::client::Client;
use super::entry::DirectoryId;
use super::schema::Schema;
use super::{HOUR, MINUTE, Millis, SECOND};

/// All settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Signing in with directory credentials.
    pub sso: Sso,
    /// The look of the pages, and help contacts.
    pub branding: Branding,
    pub session: SessionSettings,
    /// Lifetimes of codes and tokens.
    pub tokens: TokenSettings,
    pub login: LoginSettings,
    /// Who needs a second factor.
    pub second_factor: SecondFactor,
    /// Limits on failed attempts.
    pub throttle: Throttle,
    pub keys: KeySettings,
    /// Sessions of the admin panel.
    pub admin: AdminSettings,
    pub directories: Vec<Directory>,
    /// Which groups give membership of which Team Share.
    pub team_shares: Vec<TeamShareMapping>,
    pub clients: Vec<Client>,
    /// The services that accounts and Team Shares are delivered to.
    pub provisioning: Vec<Provisioning>,
}

impl Settings {
    /// True if a directory names a group of owners: else nobody can enter the panel by signing in.
    #[must_use]
    pub fn names_owners(&self) -> bool {
        self.directories.iter().any(|directory| !directory.admin_groups.is_empty())
    }

    /// The client with this id.
    #[must_use]
    pub fn client(&self, client_id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.client_id == client_id)
    }

    /// The service with this id.
    #[must_use]
    pub fn service(&self, id: &str) -> Option<&Provisioning> {
        self.provisioning.iter().find(|service| service.id == id)
    }

    /// The directory with this id.
    #[must_use]
    pub fn directory(&self, id: &DirectoryId) -> Option<&Directory> {
        self.directories.iter().find(|directory| directory.id == *id)
    }

    /// The help contact in this language; without it, and without `sso.help_contact`, the one in another
    /// language.
    #[must_use]
    pub fn help(&self, language: &str) -> Option<&Help> {
        let helps = &self.branding.help;
        let exact = helps.iter().find(|help| help.language == language);
        exact.or_else(|| helps.first().filter(|_| self.sso.help_contact.is_empty()))
    }

    /// The same in one line; empty if nothing is set.
    #[must_use]
    pub fn help_contact(&self, language: &str) -> String {
        let Some(help) = self.help(language) else { return self.sso.help_contact.clone() };
        let parts = [&help.text, &help.phone, &help.email, &help.url];
        let shown: Vec<&str> =
            parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        shown.join(", ")
    }

    /// The mappings of this directory's groups to Team Shares.
    pub fn team_shares_of(&self, id: &DirectoryId) -> impl Iterator<Item = &TeamShareMapping> {
        self.team_shares.iter().filter(move |mapping| mapping.directory == *id)
    }
}

/// Signing in with directory credentials, as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sso {
    /// If false, nobody can sign in, and the page says so.
    pub enabled: bool,
    /// The help contact on pages that refuse a sign-in.
    pub help_contact: String,
    /// The page for a forgotten password, linked from the sign-in page; empty: no link.
    pub forgot_password_url: String,
}

impl Default for Sso {
    fn default() -> Self {
        Self { enabled: true, help_contact: String::new(), forgot_password_url: String::new() }
    }
}

/// Lifetimes of browser sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SessionSettings {
    /// A session ends if it is not used for this long.
    pub idle_minutes: u32,
    /// A session ends this long after sign-in, used or not.
    pub absolute_hours: u32,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self { idle_minutes: 480, absolute_hours: 24 }
    }
}

impl SessionSettings {
    /// The idle lifetime.
    #[must_use]
    pub fn idle(&self) -> Millis {
        Millis::from(self.idle_minutes) * MINUTE
    }

    /// The absolute lifetime.
    #[must_use]
    pub fn absolute(&self) -> Millis {
        Millis::from(self.absolute_hours) * HOUR
    }
}

/// The sign-in process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LoginSettings {
    /// The time from the first page of a sign-in to the last.
    pub pending_minutes: u32,
    /// How old an account's data may be when a session or refresh token is used.
    pub max_staleness_seconds: u32,
}

impl Default for LoginSettings {
    fn default() -> Self {
        Self { pending_minutes: 30, max_staleness_seconds: 60 }
    }
}

impl LoginSettings {
    /// How long a sign-in may take.
    #[must_use]
    pub fn pending(&self) -> Millis {
        Millis::from(self.pending_minutes) * MINUTE
    }

    /// How old an account's data may be.
    #[must_use]
    pub fn max_staleness(&self) -> Millis {
        Millis::from(self.max_staleness_seconds) * SECOND
    }
}

/// Signing keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeySettings {
    /// A signing key is replaced after this long.
    pub rotate_days: u32,
}

impl Default for KeySettings {
    fn default() -> Self {
        Self { rotate_days: 90 }
    }
}

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Encryption {
    /// TLS from the first byte, usually port 636.
    #[default]
    Ldaps,
    /// StartTLS on the plain port (RFC 4511 section 4.14), usually 389.
    StartTls,
    /// Passwords are sent in clear text. Refused unless every server is a loopback address.
    UnencryptedLoopbackOnly,
}

/// The attribute with the email address that is compared with the account's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
pub enum EmailAttribute {
    /// `mail`.
    #[default]
    #[serde(rename = "mail")]
    Mail,
    /// The primary (`SMTP:` in capitals) value of `proxyAddresses`.
    #[serde(rename = "proxyAddresses")]
    ProxyAddresses,
    /// `userPrincipalName`.
    #[serde(rename = "userPrincipalName")]
    UserPrincipalName,
}

/// One server of a directory.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// The host name or IP address to connect to.
    pub host: String,
    /// Without it: 636 with LDAPS, else 389.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The name that the certificate must contain; without it: `host`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_name: Option<String>,
    /// How it is reached; without it: directly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<Via>,
}

/// How a server is reached that this process can't reach directly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// Through an agent of the directory, which has the server on its list. With LDAPS only.
    Agent,
}

/// One domain or LDAP server set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Directory {
    /// A stable id: accounts are keyed on it. Never shown to people who sign in.
    pub id: DirectoryId,
    /// The name shown to people.
    pub name: String,
    pub schema: Schema,
    /// Entries outside it are never found.
    pub base_dn: String,
    /// The part before the backslash in `CORP\alice`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub netbios_name: String,
    /// The part after the at sign in people's names: UPN suffixes and email domains, besides the DNS name of
    /// `base_dn`.
    pub domains: Vec<String>,
    pub encryption: Encryption,
    /// In order of preference.
    pub servers: Vec<Server>,
    /// CA certificates to trust instead of the system's, as PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_pem: Option<String>,
    /// A file to read `ca_pem` from while settings are applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
    /// DN (or userPrincipalName) of the account that reads the directory.
    pub service_account: String,
    /// `sealed:...` once stored; clear text only in a file that is being applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_account_password: Option<SecretText>,
    /// A file to read the password from while settings are applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_account_password_file: Option<String>,
    /// An environment variable to read the password from while settings are applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_account_password_env: Option<String>,
    pub email_attribute: EmailAttribute,
    /// The administrator declares that people can't write the email attribute themselves; only then is
    /// `email_verified` true.
    pub email_written_by_admins_only: bool,
    /// The domains of the addresses that this directory may assign; empty: any.
    pub email_domains: Vec<String>,
    /// Includes TLS and the service account's bind.
    pub connect_timeout_ms: u32,
    /// The time for one response.
    pub operation_timeout_ms: u32,
    /// Maximum number of connections for searches.
    pub search_connections: u32,
    /// Maximum number of connections for binds as people.
    pub bind_connections: u32,
    /// The lockout threshold to assume for people who may have a policy of their own that we can't read
    /// (fine-grained policies of Active Directory); 0: nobody has one. Unset: the domain's threshold counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assumed_lockout_threshold: Option<u32>,
    /// The password policy entry for people without a policy of their own (OpenLDAP's `ppolicy_default`).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub password_policy: String,
    /// Whether people may change a password here that has expired or must be changed.
    pub password_change: bool,
    /// Groups whose members are owners in the admin panel.
    pub admin_groups: Vec<String>,
    /// Groups whose members are operators in the admin panel.
    pub operator_groups: Vec<String>,
    /// Groups whose members are the help desk in the admin panel.
    pub help_desk_groups: Vec<String>,
    /// Groups whose members are auditors in the admin panel.
    pub auditor_groups: Vec<String>,
    pub scope: ScopeSettings,
    pub sync: Sync,
}

impl Default for Directory {
    fn default() -> Self {
        Self {
            id: DirectoryId(String::new()),
            name: String::new(),
            schema: Schema::default(),
            base_dn: String::new(),
            netbios_name: String::new(),
            domains: Vec::new(),
            encryption: Encryption::default(),
            servers: Vec::new(),
            ca_pem: None,
            ca_file: None,
            service_account: String::new(),
            service_account_password: None,
            service_account_password_file: None,
            service_account_password_env: None,
            email_attribute: EmailAttribute::default(),
            email_written_by_admins_only: false,
            email_domains: Vec::new(),
            connect_timeout_ms: 1_500,
            operation_timeout_ms: 2_000,
            search_connections: 4,
            bind_connections: 8,
            assumed_lockout_threshold: None,
            password_policy: String::new(),
            password_change: true,
            admin_groups: Vec::new(),
            operator_groups: Vec::new(),
            help_desk_groups: Vec::new(),
            auditor_groups: Vec::new(),
            scope: ScopeSettings::default(),
            sync: Sync::default(),
        }
    }
}

impl Directory {
    /// The name to display.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        if self.name.is_empty() { &self.id.0 } else { &self.name }
    }

    /// The keys of the groups that give a role in the admin panel, the highest role first.
    pub const ROLE_GROUPS: [&str; 4] =
        ["admin_groups", "operator_groups", "help_desk_groups", "auditor_groups"];

    /// The groups that give a role in the admin panel, the highest role first.
    #[must_use]
    pub fn role_groups(&self) -> [&Vec<String>; 4] {
        [&self.admin_groups, &self.operator_groups, &self.help_desk_groups, &self.auditor_groups]
    }
}

/// A secret in the settings. It prints as `[redacted]`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretText(pub String);

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_group_of_owners_names_owners() {
        let with = |owners: &[&str], auditors: &[&str]| Directory {
            admin_groups: owners.iter().map(|dn| (*dn).to_owned()).collect(),
            auditor_groups: auditors.iter().map(|dn| (*dn).to_owned()).collect(),
            ..Directory::default()
        };
        let of = |directories: Vec<Directory>| Settings { directories, ..Settings::default() }.names_owners();
        assert!(!of(vec![]));
        assert!(!of(vec![with(&[], &["CN=A"])]), "an auditor can't set up anything");
        assert!(of(vec![with(&[], &[]), with(&["CN=Owners"], &[])]));
    }
}
