//! The protocol, end to end: the requests of clients and browsers, and every response. The clock of these
//! tests stands still until a test advances it.

mod access_tokens;
mod authentication;
mod backchannel;
mod backends;
mod browser_clients;
mod claims;
mod client_failures;
mod client_secrets;
mod codes;
mod discovery;
mod introspection;
mod keys;
pub(crate) mod library;
mod logout;
mod logout_clients;
mod refresh;
mod requests;
mod responses;
mod revocation;
mod sessions;
mod settings;
mod team_shares;
mod token_endpoint;

use cloudsync_idp::clock::Clock;
use cloudsync_idp::store::AuditFilter;
use reqwest::StatusCode;

use crate::support::browser::{Browser, Page};
use crate::support::lab::{self, Person};
use crate::support::provider::{Provider, Setup, ldap_settings};
use crate::support::relying_party::{Authorization, RelyingParty, Tokens};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The start time of every test: 2027-01-15T08:00:00Z.
const START: i64 = 1_800_000_000_000;

/// A second client, with default settings.
const NOTES: &str = r#"
[[clients]]
client_id = "notes"
client_secret = "notes-long-test-secret"
redirect_uris = ["https://notes.example/callback"]
post_logout_redirect_uris = ["https://notes.example/bye"]
"#;

/// A new person in OpenLDAP with each attribute that is a claim.
fn described_person() -> Person {
    let lab = lab::ldap();
    let person = lab.admin.add_inet_person(&lab.dn("ou=people"), &lab.user_password);
    let attributes = [
        ("givenName", "Zoë"),
        ("title", "Lead"),
        ("departmentNumber", "Zoë's"),
        ("employeeNumber", "0042"),
        ("telephoneNumber", "+43 1 234"),
        ("preferredLanguage", "de_AT, en;q=0.5"),
    ];
    for (attribute, value) in attributes {
        lab.admin.replace(&person.dn, attribute, &[value]);
    }
    person
}

/// A script of the admin panel, which gets tokens for itself.
const SCRIPT: &str = r#"
[[clients]]
client_id = "script"
client_secret = "script-long-test-secret"
grant_types = ["client_credentials"]
admin_role = "auditor"
scope = "admin"
"#;

/// A provider with a fixed clock, test people, and their usual client.
struct Stage {
    provider: Provider,
    cloudsync: RelyingParty,
}

impl Stage {
    async fn new() -> Self {
        Self::with("").await
    }

    /// With additional settings.
    async fn with(more: &str) -> Self {
        Self::at_any_time(more, Clock::fixed(START)).await
    }

    /// With another clock.
    async fn at_any_time(more: &str, clock: Clock) -> Self {
        let usual = Setup::new(&ldap_settings(&[lab::ldap()]));
        let settings = format!("{}\n{more}", usual.settings);
        Self::set_up(Setup { settings, clock, ..usual }).await
    }

    async fn set_up(setup: Setup) -> Self {
        let provider = Provider::start(setup).await;
        provider.sync().await.expect("the first import");
        let cloudsync = provider.cloudsync();
        Self { provider, cloudsync }
    }

    /// The client of [`NOTES`].
    fn notes(&self) -> RelyingParty {
        let mut party = RelyingParty::new(&self.provider.url, "notes", Some("notes-long-test-secret"));
        party.redirect_uri = "https://notes.example/callback".to_owned();
        party
    }

    /// The client of [`SCRIPT`].
    fn script(&self) -> RelyingParty {
        RelyingParty::new(&self.provider.url, "script", Some("script-long-test-secret"))
    }

    fn later(&self, by: i64) {
        self.provider.parts.clock.advance(by);
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.provider.url)
    }

    /// A new browser in which this person has signed in to CloudSync, and the resulting tokens.
    async fn signed_in_as(&self, name: &str) -> (Browser, Tokens) {
        let browser = Browser::new();
        let tokens = self.sign_in(&browser, name, &[]).await;
        (browser, tokens)
    }

    async fn signed_in(&self) -> (Browser, Tokens) {
        self.signed_in_as("alice").await
    }

    async fn tokens(&self) -> Tokens {
        self.signed_in().await.1
    }

    /// Signs in with the password and exchanges the code; `changes` are parameters of the request.
    async fn sign_in(&self, browser: &Browser, name: &str, changes: &[(&str, &str)]) -> Tokens {
        self.cloudsync.exchange(&self.arrive(browser, name, changes).await).await
    }

    /// Signs in with the password, up to the redirect to the client.
    async fn arrive(&self, browser: &Browser, name: &str, changes: &[(&str, &str)]) -> Page {
        browser.sign_in(&self.cloudsync.authorize(changes), name, &lab::ldap().user_password).await
    }

    /// The outcome of a request of CloudSync.
    async fn ask(&self, browser: &Browser, changes: &[(&str, &str)]) -> String {
        self.outcome(browser, &self.cloudsync.authorize(changes)).await
    }

    /// The outcome of a request without user input: `code`, `page` (to sign in), an OAuth error, or a status.
    async fn outcome(&self, browser: &Browser, asked: &Authorization) -> String {
        let page = browser.follow(&asked.url).await;
        if page.location.is_none() {
            let asks = page.status == StatusCode::OK && page.body.contains("name=\"password\"");
            return if asks { "page".to_owned() } else { page.status.as_str().to_owned() };
        }
        // RFC 9207 section 2: every response has iss, errors included.
        assert_eq!(page.parameter("iss").as_ref(), Some(&self.provider.url), "{:?}", page.location);
        match (page.parameter("code"), page.parameter("error")) {
            (Some(_), None) => "code".to_owned(),
            (None, Some(error)) => error,
            both => panic!("one of the two: {both:?}"),
        }
    }

    /// How often this decision is in the audit log, with the client of each.
    async fn decided(&self, decision: &str) -> Vec<Option<String>> {
        let trail = self.provider.parts.store.login().audit_page(None, 200, &AuditFilter::All).await;
        let rows = trail.expect("the trail").into_iter().filter(|row| row.decision == decision);
        rows.map(|row| row.client_id).collect()
    }

    /// The status of userinfo for an access token.
    async fn opens(&self, tokens: &Tokens) -> StatusCode {
        self.cloudsync.userinfo(tokens.text("access_token")).await.status
    }
}

/// The error in a response of the token endpoint.
fn error(tokens: &Tokens) -> (StatusCode, &str) {
    (tokens.status, tokens.text("error"))
}

/// The response to every invalid code or token.
const INVALID_GRANT: (StatusCode, &str) = (StatusCode::BAD_REQUEST, "invalid_grant");
