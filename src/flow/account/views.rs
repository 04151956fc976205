//! What commands and the panel show of accounts, factors and sessions. docs/command-line.md lists the fields
//! of their JSON: fields may be added, but never renamed or removed.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::account::{Account, Status};
use crate::domain::factor::{Factor, FactorKind};
use crate::domain::profile::{AttributeRow, TABLE};
use crate::domain::session::Session;
use crate::domain::settings::TotpAlgorithm;
use crate::domain::{Millis, timestamp};

/// The fields that identify an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountNames {
    pub account: String,
    pub login_name: Option<String>,
    pub email: String,
}

impl From<&Account> for AccountNames {
    fn from(account: &Account) -> Self {
        let profile = &account.profile;
        Self {
            account: account.id.0.clone(),
            login_name: profile.login_name.clone(),
            email: profile.email.clone(),
        }
    }
}

/// An account with its status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountView {
    #[serde(flatten)]
    pub names: AccountNames,
    /// Profile attributes by the names of their columns.
    #[serde(flatten)]
    #[schema(value_type = ProfileColumns)]
    pub attributes: BTreeMap<&'static str, Option<String>>,
    /// `active`, `ended` (the expiry date in the directory has passed) or `suspended`.
    pub status: &'static str,
    pub suspended_because: Option<&'static str>,
    #[serde(serialize_with = "maybe_in_rfc_3339")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub suspended_since: Option<Millis>,
    pub directory: Option<String>,
    pub entry: Option<String>,
    #[serde(serialize_with = "maybe_in_rfc_3339")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Millis>,
    #[serde(serialize_with = "maybe_in_rfc_3339")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub seen_at: Option<Millis>,
}

/// The columns of a profile, for the description of [`AccountView`].
struct ProfileColumns;

impl PartialSchema for ProfileColumns {
    fn schema() -> RefOr<Schema> {
        let column =
            |all: ObjectBuilder, row: &AttributeRow| all.property(row.column, Option::<String>::schema());
        TABLE.iter().fold(ObjectBuilder::new(), column).into()
    }
}

impl ToSchema for ProfileColumns {}

impl AccountView {
    /// The account as it is at this time.
    #[must_use]
    pub fn new(account: &Account, now: Millis) -> Self {
        let (status, because, since) = match account.status {
            Status::Active if account.is_usable(now) => ("active", None, None),
            Status::Active => ("ended", None, None),
            Status::Suspended { because, since } => ("suspended", Some(because.as_str()), Some(since)),
        };
        let link = account.link.as_ref();
        let attributes = account.profile.attributes.rows();
        Self {
            names: AccountNames::from(account),
            attributes: attributes.map(|(row, value)| (row.column, value.map(str::to_owned))).collect(),
            status,
            suspended_because: because,
            suspended_since: since,
            directory: link.map(|link| link.directory.0.clone()),
            entry: link.map(|link| link.entry.to_string()),
            expires_at: account.expires_at,
            seen_at: account.seen_at,
        }
    }

    /// The display name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.attributes.get("name").and_then(Option::as_deref)
    }

    /// The display name, else the email address.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        self.name().unwrap_or(&self.names.email)
    }

    /// The status as text.
    #[must_use]
    pub fn status_text(&self) -> String {
        match self.suspended_because {
            Some(because) => format!("{} ({because})", self.status),
            None => self.status.to_owned(),
        }
    }
}

/// A second factor, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FactorView {
    pub name: String,
    pub kind: &'static str,
    pub algorithm: &'static str,
    pub digits: u8,
    pub period: u32,
    #[serde(serialize_with = "in_rfc_3339")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Millis,
    #[serde(serialize_with = "maybe_in_rfc_3339")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub used_at: Option<Millis>,
}

impl From<&Factor> for FactorView {
    fn from(factor: &Factor) -> Self {
        let FactorKind::Totp(totp) = factor.kind;
        Self {
            name: factor.name.clone(),
            kind: "totp",
            algorithm: algorithm(totp.algorithm),
            digits: totp.digits,
            period: totp.period,
            created_at: factor.created_at,
            used_at: factor.used_at,
        }
    }
}

/// The name of an algorithm.
#[must_use]
pub fn algorithm(algorithm: TotpAlgorithm) -> &'static str {
    match algorithm {
        TotpAlgorithm::Sha1 => "SHA1",
        TotpAlgorithm::Sha256 => "SHA256",
        TotpAlgorithm::Sha512 => "SHA512",
    }
}

/// A session of a browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SessionView {
    #[serde(serialize_with = "in_rfc_3339")]
    #[schema(value_type = String, format = DateTime)]
    pub signed_in_at: Millis,
    #[serde(serialize_with = "in_rfc_3339")]
    #[schema(value_type = String, format = DateTime)]
    pub used_at: Millis,
    pub methods: Vec<String>,
}

impl From<&Session> for SessionView {
    fn from(session: &Session) -> Self {
        Self {
            signed_in_at: session.evidence.auth_time,
            used_at: session.used_at,
            methods: session.evidence.amr().iter().map(ToString::to_string).collect(),
        }
    }
}

/// Writes a time in RFC 3339.
pub fn in_rfc_3339<S: Serializer>(at: &Millis, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&timestamp(*at))
}

/// Writes a time that may be missing in RFC 3339.
pub fn maybe_in_rfc_3339<S: Serializer>(at: &Option<Millis>, serializer: S) -> Result<S::Ok, S::Error> {
    at.map(timestamp).serialize(serializer)
}
