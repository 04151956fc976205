//! The stages of a test, from the name of the service to its users. Each ends the test where those after it would only
//! fail for the same reason.

use std::collections::BTreeSet;

use super::super::channel::narrow;
use super::super::link::ServiceLink;
use super::super::tokens::ServiceSecrets;
use super::prepared::Prepared;
use super::report::Findings;
use crate::delivery::http::HttpError;
use crate::delivery::probe::{reach, server_of};
use crate::delivery::scim::{
    Message, Method, Reply, announced, message, page, resource_types, schemas, schemas_of,
};
use crate::domain::account::AccountId;
use crate::domain::delivery::{Attribute, By, Dialect, Failure, Kind, Presence, Request, Values, Wish};
use crate::domain::doctor::{Finding, Severity};
use crate::domain::profile::TABLE;
use crate::domain::secret::Plain;
use crate::domain::service_test::{self, ReadPage, ServiceStage, Trouble};
use crate::domain::settings::{EMAIL, Provisioning};
use crate::flow::installation::context::OperationParts;
use crate::keys;

/// The longest address of a redirect that is shown, in characters.
const LONGEST_ADDRESS: usize = 200;

/// A test that is being made.
pub(super) struct Stages<'a, 's> {
    pub(super) parts: &'a OperationParts,
    pub(super) prepared: &'a Prepared,
    pub(super) found: &'a mut Findings<'s>,
}

impl Stages<'_, '_> {
    /// Makes the test. Returns what the service can do, if it came so far.
    pub(super) async fn look(mut self) -> Option<Dialect> {
        self.network().await;
        if self.found.failed().is_some() {
            return None;
        }
        let link = match self.token().await {
            Ok(link) => link?,
            Err(error) => {
                let unusable =
                    Finding::new("settings", Severity::Error, "the settings of this service can't be used");
                self.found.found(ServiceStage::Token, unusable.seen(error.to_string()));
                return None;
            }
        };
        let dialect = self.configuration(&link).await;
        self.read(&link, &dialect).await;
        Some(dialect)
    }

    /// DNS, TCP and TLS.
    async fn network(&mut self) {
        for url in self.prepared.addresses() {
            let server = server_of(&url);
            if let Some(proxy) = &self.prepared.outbound.proxy {
                self.found.found(ServiceStage::Dns, service_test::proxied(&server, proxy.as_str()));
                continue;
            }
            let reach = reach(&self.prepared.outbound, &url).await;
            self.found.found(ServiceStage::Dns, service_test::name(&reach));
            let port = service_test::port(&reach);
            let is_open = port.as_ref().is_some_and(|finding| finding.verdict == Severity::Ok);
            port.into_iter().for_each(|finding| self.found.found(ServiceStage::Tcp, finding));
            if is_open && url.scheme() != "https" {
                self.found.found(ServiceStage::Tls, service_test::unencrypted(&server));
            }
            let tls = service_test::handshake(&reach).into_iter();
            let tls = tls.chain(service_test::certificates(&reach, self.parts.now()));
            tls.for_each(|finding| self.found.found(ServiceStage::Tls, finding));
        }
    }

    /// Whether there is a token that the service takes; `None` if not.
    async fn token(&mut self) -> Result<Option<ServiceLink>, HttpError> {
        let link = self.prepared.link(self.parts, self.prepared.secrets.clone())?;
        match &self.prepared.secrets {
            ServiceSecrets::Client(_) => Ok(self.granted(&link).await.then_some(link)),
            ServiceSecrets::Tokens(tokens) => Ok(self.given(tokens).await?.then_some(link)),
        }
    }

    async fn granted(&mut self, link: &ServiceLink) -> bool {
        if let Some(endpoint) = link.token_endpoint() {
            let answer = endpoint.ask().await.map(|granted| granted.lifetime);
            let server = endpoint.server();
            self.found.found(ServiceStage::Token, service_test::token_endpoint(&server, &answer));
            if answer.is_err() {
                return false;
            }
        }
        let answer = accepted(link.send(&first_users()).await);
        let finding = service_test::token("access_token", &answer, false);
        let goes_on = finding.verdict != Severity::Error;
        self.found.found(ServiceStage::Token, finding);
        goes_on
    }

    /// Each token is sent alone.
    async fn given(&mut self, tokens: &[Plain]) -> Result<bool, HttpError> {
        let mut answers = Vec::new();
        for token in tokens {
            let link = self.prepared.link(self.parts, ServiceSecrets::Tokens(vec![token.clone()]))?;
            answers.push(accepted(link.send(&first_users()).await));
        }
        let first = if self.prepared.service.token.is_some() { "token" } else { "next_token" };
        let mut goes_on = false;
        for (number, answer) in answers.iter().enumerate() {
            let others = answers.iter().enumerate().filter(|(other, _)| *other != number);
            let other_taken = others.into_iter().any(|(_, other)| other.is_ok());
            let check = if number == 0 { first } else { "next_token" };
            let finding = service_test::token(check, answer, other_taken);
            goes_on |= finding.verdict != Severity::Error;
            self.found.found(ServiceStage::Token, finding);
        }
        Ok(goes_on)
    }

    /// What the service announces; the narrowest dialect if it says nothing.
    async fn configuration(&mut self, link: &ServiceLink) -> Dialect {
        let narrowest = narrow(&self.prepared.service);
        let [config, types, known] = ["ServiceProviderConfig", "ResourceTypes", "Schemas"].map(get);
        let (config, types, known) = tokio::join!(link.send(&config), link.send(&types), link.send(&known));
        let config = judged(config, |reply| announced(narrowest.clone(), reply));
        let types = judged(types, resource_types);
        let known = judged(known, schemas);
        let service = &self.prepared.service;
        let mut found = |finding| self.found.found(ServiceStage::Configuration, finding);
        found(service_test::service_provider_config(&config));
        found(service_test::resource_types(&types, service.team_shares));
        found(service_test::schemas(&known, &schemas_of(delivered(service))));
        config.ok().flatten().unwrap_or(narrowest)
    }

    /// Users, groups, and a search for nobody.
    async fn read(&mut self, link: &ServiceLink, dialect: &Dialect) {
        let nobody = nobody();
        let search = message(&nobody, &Request::Find(By::ExternalId), dialect, 1);
        let (first_users, first_groups) = (first_users(), first_groups());
        let groups = async {
            match self.prepared.service.team_shares {
                true => Some(link.send(&first_groups).await),
                false => None,
            }
        };
        let (users, groups, nobody) = tokio::join!(link.send(&first_users), groups, link.send(&search));
        let mut found = |finding| self.found.found(ServiceStage::Read, finding);
        found(service_test::users(&judged(users, |reply| listed(Kind::User, reply))));
        if let Some(groups) = groups {
            found(service_test::groups(&judged(groups, |reply| listed(Kind::Group, reply))));
        }
        let nobody = judged(nobody, |reply| listed(Kind::User, reply));
        found(service_test::filter(dialect.filter, &nobody));
    }
}

/// The attributes that are delivered to a service, besides those that everybody has.
pub(super) fn delivered(service: &Provisioning) -> Vec<Attribute> {
    let profile = TABLE.iter().filter(|row| service.delivers(row.column));
    let email = service.delivers(EMAIL).then_some(Attribute::Email);
    email.into_iter().chain(profile.map(|row| Attribute::Profile(row.attribute))).collect()
}

fn get(path: &str) -> Message {
    Message { method: Method::Get, path: path.to_owned(), if_match: None, body: None }
}

/// A person whom no service has.
fn nobody() -> Wish {
    let id = format!("cloudsync-idp-test-{}", keys::random_id());
    let name = format!("{id}@example.com");
    Wish::person(AccountId(id), name, Presence::Active, Values::new())
}

fn first_users() -> Message {
    let one = Dialect { page: 1, ..Dialect::default() };
    message(&nobody(), &Request::Find(By::List), &one, 1)
}

fn first_groups() -> Message {
    let one = Dialect { page: 1, ..Dialect::default() };
    let share = Wish::share(String::new(), String::new(), BTreeSet::new());
    message(&share, &Request::Find(By::List), &one, 1)
}

fn listed(kind: Kind, reply: &Reply) -> Result<ReadPage, Failure> {
    let page = page(kind, 1, reply)?;
    Ok(ReadPage { found: page.found.len(), has_more: page.next.is_some() })
}

/// Whether the first page of users was given.
fn accepted(reply: Result<Reply, Failure>) -> Result<(), Trouble> {
    judged(reply, |reply| page(Kind::User, 1, reply).map(|_| ()))
}

fn judged<T>(
    reply: Result<Reply, Failure>,
    read: impl FnOnce(&Reply) -> Result<T, Failure>,
) -> Result<T, Trouble> {
    let reply = reply?;
    if (300..400).contains(&reply.status) {
        let to = reply.location.unwrap_or_default();
        // A query may hold more than the address.
        let to = to.split(['?', '#']).next().unwrap_or_default().chars().take(LONGEST_ADDRESS).collect();
        return Err(Trouble::Redirect { status: reply.status, to });
    }
    Ok(read(&reply)?)
}
