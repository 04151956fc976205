//! What a test may do: with which settings, which secrets, and to which addresses.

use std::time::Duration;

use ipnet::IpNet;
use url::Url;

use super::super::link::{ServiceLink, outbound};
use super::super::tokens::ServiceSecrets;
use crate::delivery::http::{HttpError, Outbound};
use crate::domain::secret::Plain;
use crate::domain::settings::{Provisioning, SecretText, Settings};
use crate::flow::installation::context::OperationParts;
use crate::flow::installation::fault::{Fault, carries_faults};
use crate::flow::settings::{Problems, check_service};
use crate::flow::support::doctor::stored_settings;
use crate::store::StoreError;

/// For a request and its whole answer: an administrator waits for it.
const TIMEOUT: Duration = Duration::from_secs(10);
/// No answer to a test is longer: pages are asked for with one resource.
const MOST_BYTES: usize = 4 * 1_024 * 1_024;

/// What to test.
#[derive(Clone, Debug)]
pub struct ServiceTest {
    /// As typed or as stored. Its own secrets are not looked at.
    pub service: Provisioning,
    /// The bearer token, or the client secret if it has a token endpoint, as typed. `None`: the stored ones of this id,
    /// which are sent only where they were given for.
    pub secret: Option<Plain>,
    /// Whether a test user is created, changed, suspended and deleted.
    pub round_trip: bool,
    /// A user of the server may use any proxy and private network; a page only what the settings in force name.
    pub by_command: bool,
}

/// Why a test was not made.
#[derive(Debug, thiserror::Error)]
pub enum ServiceTestError {
    #[error("there is no service {id:?}; there are: {}", .known.join(", "))]
    NoService { id: String, known: Vec<String> },
    #[error(transparent)]
    Wrong(#[from] Problems),
    /// The stored secret was given for other addresses, another CA or proxy, or there is none.
    #[error(
        "type the token or the client secret: none is stored that may be sent to these addresses with this CA"
    )]
    SecretNeeded,
    #[error("a proxy is tested only once it is in the settings, or by the command `delivery test`")]
    UnknownProxy,
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error(transparent)]
    Fault(#[from] Fault),
}

carries_faults!(ServiceTestError: StoreError);

/// A test that may be made.
pub(super) struct Prepared {
    pub(super) service: Provisioning,
    pub(super) outbound: Outbound,
    pub(super) secrets: ServiceSecrets,
    /// The email domain of test users.
    pub(super) domain: String,
}

/// The stored service with this id.
pub async fn stored_service(parts: &OperationParts, id: &str) -> Result<Provisioning, ServiceTestError> {
    let settings = stored_settings(parts).await;
    let found = settings.service(id).cloned();
    found.ok_or_else(|| ServiceTestError::NoService {
        id: id.to_owned(),
        known: settings.provisioning.iter().map(|service| service.id.clone()).collect(),
    })
}

impl Prepared {
    pub(super) async fn new(parts: &OperationParts, test: &ServiceTest) -> Result<Self, ServiceTestError> {
        let stored = stored_settings(parts).await;
        let service = with_secrets(test, stored.service(&test.service.id));
        if service.token.is_none() && service.next_token.is_none() && service.oauth_client_secret.is_none() {
            return Err(ServiceTestError::SecretNeeded);
        }
        check_service(&service)?;
        if !test.by_command && !knows_proxy(&stored, &service) {
            return Err(ServiceTestError::UnknownProxy);
        }
        let secrets = match &test.secret {
            Some(typed) if service.names_oauth() => ServiceSecrets::Client(typed.clone()),
            Some(typed) => ServiceSecrets::Tokens(vec![typed.clone()]),
            // An error says that they were given for something else.
            None => ServiceSecrets::stored(&service, &parts.keys.sealer)
                .map_err(|_| ServiceTestError::SecretNeeded)?,
        };
        let mut outbound = Outbound { most_bytes: MOST_BYTES, ..outbound(&service, TIMEOUT) };
        if !test.by_command {
            let known = known_networks(&stored, &service.id);
            outbound.rule.networks.retain(|network| known.iter().any(|known| known.contains(network)));
        }
        Ok(Self { domain: email_domain(&stored, &service), service, outbound, secrets })
    }

    /// The connection with these secrets.
    pub(super) fn link(
        &self,
        parts: &OperationParts,
        secrets: ServiceSecrets,
    ) -> Result<ServiceLink, HttpError> {
        ServiceLink::with(&self.service, secrets, &self.outbound, parts.clock.clone())
    }

    /// The addresses that are connected to: the service, and its token endpoint if that is another server.
    pub(super) fn addresses(&self) -> Vec<Url> {
        let endpoint = self.service.oauth_token_endpoint.as_deref();
        let mut urls: Vec<Url> = [Some(self.service.base_url.as_str()), endpoint]
            .into_iter()
            .flatten()
            .filter_map(|text| Url::parse(text).ok())
            .collect();
        urls.dedup_by(|one, other| one.origin() == other.origin());
        urls
    }
}

/// The typed settings with the sealed secrets of this id, or with a mark where one was typed.
fn with_secrets(test: &ServiceTest, known: Option<&Provisioning>) -> Provisioning {
    let mut service = test.service.without_secrets();
    let typed = test.secret.as_ref().map(|_| SecretText(String::new()));
    match (typed, known) {
        (Some(mark), _) if service.names_oauth() => service.oauth_client_secret = Some(mark),
        (Some(mark), _) => service.token = Some(mark),
        (None, Some(known)) if service.names_oauth() => {
            service.oauth_client_secret.clone_from(&known.oauth_client_secret);
        }
        (None, Some(known)) => {
            service.token.clone_from(&known.token);
            service.next_token.clone_from(&known.next_token);
        }
        (None, None) => {}
    }
    service
}

/// This server would connect to any proxy that is typed, wherever it is.
fn knows_proxy(stored: &Settings, service: &Provisioning) -> bool {
    service.proxy.is_none() || stored.provisioning.iter().any(|known| known.proxy == service.proxy)
}

/// Private networks that a page may have tested: those of the stored service, and those of `[admin]`.
fn known_networks(stored: &Settings, id: &str) -> Vec<IpNet> {
    let own = stored.service(id).into_iter().flat_map(|service| &service.private_addresses);
    own.chain(&stored.admin.outbound_networks).filter_map(|network| network.parse().ok()).collect()
}

/// One that the service may know: the first of the people who are delivered.
fn email_domain(stored: &Settings, service: &Provisioning) -> String {
    let delivered = stored.directories.iter().filter(|one| service.delivers_people_of(&one.id));
    let mut domains = delivered.flat_map(|directory| &directory.email_domains);
    domains.next().cloned().unwrap_or_else(|| "example.com".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::settings::Directory;

    fn service() -> Provisioning {
        Provisioning {
            id: "cloudsync".into(),
            base_url: "https://scim.example.com".into(),
            token: Some(SecretText("sealed".into())),
            next_token: Some(SecretText("sealed too".into())),
            private_addresses: vec!["10.0.0.0/8".into()],
            proxy: Some("http://proxy.example.com:3128".into()),
            ..Provisioning::default()
        }
    }

    fn test(secret: Option<&str>) -> ServiceTest {
        let forged = Some(SecretText("forged".into()));
        ServiceTest {
            service: Provisioning { token: forged, ..service() },
            secret: secret.map(Plain::new),
            round_trip: false,
            by_command: false,
        }
    }

    #[test]
    fn secrets_are_the_stored_ones_or_the_typed_one_and_never_those_of_the_form() {
        let stored = with_secrets(&test(None), Some(&service()));
        assert_eq!((&stored.token, &stored.next_token), (&service().token, &service().next_token));
        let typed = with_secrets(&test(Some("typed")), Some(&service()));
        assert_eq!((typed.token, typed.next_token), (Some(SecretText(String::new())), None));
        assert_eq!(with_secrets(&test(None), None).token, None);
        let mut oauth = test(None);
        oauth.service.oauth_client_id = Some("idp".into());
        assert_eq!(with_secrets(&oauth, Some(&service())).token, None, "no token where a secret belongs");
    }

    #[test]
    fn a_page_tests_only_networks_and_proxies_of_the_settings_in_force() {
        let mut stored = Settings { provisioning: vec![service()], ..Settings::default() };
        stored.admin.outbound_networks = vec!["192.168.7.0/24".into()];
        let known = known_networks(&stored, "cloudsync");
        assert_eq!(known.len(), 2);
        assert_eq!(known_networks(&stored, "other").len(), 1);
        assert!(knows_proxy(&stored, &service()));
        let other = Provisioning { proxy: Some("http://10.0.0.5:22".into()), ..service() };
        assert!(!knows_proxy(&stored, &other));
        assert!(knows_proxy(&stored, &Provisioning { proxy: None, ..other }));
    }

    #[test]
    fn a_test_user_is_of_a_domain_of_those_who_are_delivered() {
        let directory = |id: &str, domain: &str| Directory {
            id: crate::domain::entry::DirectoryId(id.into()),
            email_domains: vec![domain.into()],
            ..Directory::default()
        };
        let stored = Settings {
            directories: vec![directory("corp", "corp.example"), directory("labs", "labs.example")],
            ..Settings::default()
        };
        assert_eq!(email_domain(&stored, &service()), "corp.example");
        let labs = vec![crate::domain::entry::DirectoryId("labs".into())];
        assert_eq!(email_domain(&stored, &Provisioning { directories: labs, ..service() }), "labs.example");
        assert_eq!(email_domain(&Settings::default(), &service()), "example.com");
    }
}
