//! Bind as the service account, one bind at a time. After a refusal no bind is tried for a while: a wrong
//! password in the settings must not lock the account in the domain.

use tokio::sync::Mutex;
use tokio::time::{Duration, Instant};

use crate::directory::connection::Connection;
use crate::directory::error::{DirectoryConfigError, LdapFault};
use crate::directory::message::code;
use crate::domain::dn::Dn;
use crate::domain::entry::Entry;
use crate::domain::name::same_name;
use crate::domain::secret::Plain;

const FIRST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(30 * 60);

/// The service account and the last refusal of its bind.
pub(crate) struct ServiceAccount {
    name: String,
    dn: Option<Dn>,
    password: Plain,
    refusal: Mutex<Option<BindRejection>>,
}

#[derive(Clone)]
struct BindRejection {
    code: u32,
    text: String,
    until: Instant,
    pause: Duration,
}

/// Why a bind of the service account failed.
pub(crate) enum ServiceFault {
    /// The server is at fault; another one may work.
    Server(LdapFault),
    /// The account was refused; every server would do so.
    Account { code: u32, text: String },
}

impl ServiceAccount {
    pub(crate) fn new(name: &str, password: Plain) -> Result<Self, DirectoryConfigError> {
        let name = name.trim().to_owned();
        if name.is_empty() || password.is_blank() {
            return Err(DirectoryConfigError::BlankServiceAccount);
        }
        let dn = Dn::parse(&name).ok();
        Ok(Self { name, dn, password, refusal: Mutex::new(None) })
    }

    /// Binds the connection as the service account.
    pub(crate) async fn bind(&self, connection: &mut Connection, until: Instant) -> Result<(), ServiceFault> {
        let mut refusal = tokio::time::timeout_at(until, self.refusal.lock())
            .await
            .map_err(|_| ServiceFault::Server(LdapFault::Timeout))?;
        if let Some(past) = refusal.as_ref().filter(|past| Instant::now() < past.until) {
            return Err(ServiceFault::Account { code: past.code, text: past.text.clone() });
        }
        let result = connection
            .bind(&self.name, &self.password, Vec::new(), until)
            .await
            .map_err(ServiceFault::Server)?;
        match result.rc {
            code::SUCCESS => {
                *refusal = None;
                Ok(())
            }
            code if !speaks_of_the_account(code) => {
                Err(ServiceFault::Server(LdapFault::Unwilling { code, text: result.text }))
            }
            code => {
                let pause = refusal.take().map_or(FIRST_PAUSE, |past| (past.pause * 2).min(LONGEST_PAUSE));
                let pause_ms = pause.as_millis() as u64;
                tracing::error!(code, text = %result.text, pause_ms, "the service account's bind was refused");
                let text = result.text;
                *refusal =
                    Some(BindRejection { code, text: text.clone(), until: Instant::now() + pause, pause });
                Err(ServiceFault::Account { code, text })
            }
        }
    }

    /// True when the entry is this account, by any name that the settings may use.
    pub(crate) fn is(&self, entry: &Entry, domain_dns: Option<&str>, netbios: &str) -> bool {
        if self.dn.as_ref() == Some(&entry.dn)
            || entry.principal_name.as_deref().is_some_and(|principal| same_name(principal, &self.name))
        {
            return true;
        }
        let in_domain = |domain: &str| {
            same_name(domain, netbios) || domain_dns.is_some_and(|domain_dns| same_name(domain, domain_dns))
        };
        let (login, domain) = match (self.name.split_once('\\'), self.name.rsplit_once('@')) {
            (Some((domain, login)), _) | (None, Some((login, domain))) => (login, domain),
            (None, None) => return false,
        };
        in_domain(domain) && same_name(login, &entry.login_name)
    }
}

/// Results that every server of the directory would return: wrong credentials, and forbidden kinds of bind.
fn speaks_of_the_account(code: u32) -> bool {
    const AUTH_METHOD_NOT_SUPPORTED: u32 = 7;
    const STRONGER_AUTH_REQUIRED: u32 = 8;
    const CONFIDENTIALITY_REQUIRED: u32 = 13;
    const INVALID_DN_SYNTAX: u32 = 34;
    matches!(
        code,
        AUTH_METHOD_NOT_SUPPORTED
            | STRONGER_AUTH_REQUIRED
            | CONFIDENTIALITY_REQUIRED
            | code::CONSTRAINT_VIOLATION
            | code::NO_SUCH_OBJECT
            | INVALID_DN_SYNTAX
            | code::INAPPROPRIATE_AUTHENTICATION
            | code::INVALID_CREDENTIALS
            | code::INSUFFICIENT_ACCESS_RIGHTS
            | code::UNWILLING_TO_PERFORM
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entry::{EntryId, PasswordState, WrongTries};
    use crate::domain::profile::ProfileValues;

    fn entry() -> Entry {
        Entry {
            id: EntryId(uuid::Uuid::nil()),
            dn: Dn::parse("CN=Svc Sync,OU=Svc,DC=corp,DC=example,DC=com").expect("a DN"),
            sid: None,
            login_name: "svc-sync".into(),
            other_login_names: Vec::new(),
            principal_name: Some("sync@example.com".into()),
            email: None,
            attributes: ProfileValues::default(),
            disabled: false,
            smart_card_required: false,
            starts_at: None,
            expires_at: None,
            idle_at: None,
            locked: Some(false),
            password: PasswordState::Usable,
            password_expires_at: None,
            password_changed_at: None,
            wrong_tries: WrongTries::default(),
            password_policy: None,
            direct_groups: Vec::new(),
            primary_group: None,
        }
    }

    #[test]
    fn the_account_is_known_by_each_of_its_names() {
        let is = |name: &str| {
            let account = ServiceAccount::new(name, Plain::new("x")).expect("an account");
            account.is(&entry(), Some("corp.example.com"), "CORP")
        };
        for name in [
            "cn=svc sync, ou=SVC,dc=corp,dc=example,dc=com",
            "SYNC@example.com",
            "svc-sync@corp.example.com",
            "svc-sync@CORP",
            "corp\\Svc-Sync",
        ] {
            assert!(is(name), "{name}");
        }
        for name in [
            "CN=Other,OU=Svc,DC=corp,DC=example,DC=com",
            "svc-sync@example.com",
            "OTHER\\svc-sync",
            "svc-sync",
        ] {
            assert!(!is(name), "{name}");
        }
    }

    #[test]
    fn a_nameless_or_passwordless_account_is_refused() {
        assert!(ServiceAccount::new(" ", Plain::new("x")).is_err());
        assert!(ServiceAccount::new("CN=a", Plain::new("")).is_err());
        assert!(ServiceAccount::new("CN=a", Plain::new("\0")).is_err());
    }
}
