//! JSON documents for accounts, factors and sessions. docs/command-line.md lists the fields: fields may be
//! added, but never renamed or removed.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::account::{Account, Status};
use crate::domain::factor::{Factor, FactorKind};
use crate::domain::session::Session;
use crate::domain::settings::TotpAlgorithm;
use crate::domain::{Millis, timestamp};

/// The fields that identify an account.
#[derive(Serialize)]
pub(super) struct AccountRef<'a> {
    pub(super) account: &'a str,
    pub(super) login_name: Option<&'a str>,
    pub(super) email: &'a str,
}

impl<'a> From<&'a Account> for AccountRef<'a> {
    fn from(account: &'a Account) -> Self {
        let profile = &account.profile;
        Self { account: &account.id.0, login_name: profile.login_name.as_deref(), email: &profile.email }
    }
}

/// An account with its status.
#[derive(Serialize)]
pub(super) struct AccountShape<'a> {
    #[serde(flatten)]
    identity: AccountRef<'a>,
    #[serde(flatten)]
    attributes: BTreeMap<&'static str, Option<&'a str>>,
    /// `active`, `ended` (the expiry date in the directory has passed) or `suspended`.
    pub(super) status: &'static str,
    pub(super) suspended_because: Option<&'static str>,
    pub(super) suspended_since: Option<String>,
    directory: Option<&'a str>,
    entry: Option<String>,
    expires_at: Option<String>,
    seen_at: Option<String>,
}

impl<'a> AccountShape<'a> {
    pub(super) fn new(account: &'a Account, now: Millis) -> Self {
        let (status, because, since) = match account.status {
            Status::Active if account.is_usable(now) => ("active", None, None),
            Status::Active => ("ended", None, None),
            Status::Suspended { because, since } => ("suspended", Some(because.as_str()), Some(since)),
        };
        let link = account.link.as_ref();
        Self {
            identity: AccountRef::from(account),
            attributes: account.profile.attributes.rows().map(|(row, value)| (row.column, value)).collect(),
            status,
            suspended_because: because,
            suspended_since: since.map(timestamp),
            directory: link.map(|link| link.directory.0.as_str()),
            entry: link.map(|link| link.entry.to_string()),
            expires_at: account.expires_at.map(timestamp),
            seen_at: account.seen_at.map(timestamp),
        }
    }

    /// The status as text.
    pub(super) fn status_text(&self) -> String {
        match self.suspended_because {
            Some(because) => format!("{} ({because})", self.status),
            None => self.status.to_owned(),
        }
    }
}

/// A second factor, without its secret.
#[derive(Serialize)]
pub(super) struct FactorShape<'a> {
    name: &'a str,
    kind: &'static str,
    algorithm: &'static str,
    digits: u8,
    period: u32,
    created_at: String,
    used_at: Option<String>,
}

impl<'a> From<&'a Factor> for FactorShape<'a> {
    fn from(factor: &'a Factor) -> Self {
        let FactorKind::Totp(totp) = factor.kind;
        Self {
            name: &factor.name,
            kind: "totp",
            algorithm: algorithm(totp.algorithm),
            digits: totp.digits,
            period: totp.period,
            created_at: timestamp(factor.created_at),
            used_at: factor.used_at.map(timestamp),
        }
    }
}

pub(super) fn algorithm(algorithm: TotpAlgorithm) -> &'static str {
    match algorithm {
        TotpAlgorithm::Sha1 => "SHA1",
        TotpAlgorithm::Sha256 => "SHA256",
        TotpAlgorithm::Sha512 => "SHA512",
    }
}

/// A session of a browser.
#[derive(Serialize)]
pub(super) struct SessionShape {
    signed_in_at: String,
    used_at: String,
    methods: Vec<String>,
}

impl From<&Session> for SessionShape {
    fn from(session: &Session) -> Self {
        Self {
            signed_in_at: timestamp(session.evidence.auth_time),
            used_at: timestamp(session.used_at),
            methods: session.evidence.amr().iter().map(ToString::to_string).collect(),
        }
    }
}
