//! The operations that contain a password, and what a new connection is for.

use ldap3::LdapResult;
use ldap3::controls::RawControl;
use tokio::time::Instant;

use super::round::Failure;
use crate::directory::connection::{Connection, DirectoryServer};
use crate::directory::error::LdapFault;
use crate::directory::message::{code, ppolicy};
use crate::domain::secret::Plain;

/// An operation that contains a password, and so is sent at most once.
pub(crate) enum Operation<'a> {
    Bind {
        dn: &'a str,
        password: &'a Plain,
    },
    /// A change of an Active Directory password on the service account's connection.
    ChangeUnicodePwd {
        dn: &'a str,
        old: &'a Plain,
        new: &'a Plain,
    },
}

/// The purpose of a new connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Searches by the service account.
    Reading,
    /// A later bind as a person.
    Binding,
}

impl Operation<'_> {
    pub(super) fn purpose(&self) -> Purpose {
        match self {
            Self::Bind { .. } => Purpose::Binding,
            Self::ChangeUnicodePwd { .. } => Purpose::Reading,
        }
    }

    pub(super) async fn send(
        &self,
        connection: &mut Connection,
        server: &DirectoryServer,
        until: Instant,
    ) -> Result<LdapResult, LdapFault> {
        match *self {
            Self::Bind { dn, password } => connection.bind(dn, password, policy_request(server), until).await,
            Self::ChangeUnicodePwd { dn, old, new } => {
                connection.change_unicode_pwd(dn, old, new, until).await
            }
        }
    }
}

/// From here on the password has been sent, unless the fault says otherwise.
pub(super) fn willing(answer: Result<LdapResult, LdapFault>) -> Result<LdapResult, Failure> {
    let result = answer.map_err(|fault| match fault {
        LdapFault::NotSent => Failure::Server(fault),
        fault => Failure::Sent(fault),
    })?;
    match result.rc {
        code @ (code::BUSY | code::UNAVAILABLE) => {
            Err(Failure::Sent(LdapFault::Unwilling { code, text: result.text }))
        }
        _ => Ok(result),
    }
}

pub(crate) fn policy_request(server: &DirectoryServer) -> Vec<RawControl> {
    if server.features().password_policy { vec![ppolicy::request()] } else { Vec::new() }
}
