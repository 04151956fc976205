//! A provider whose clock the test sets, and one sequence on it: people, browsers, clients.

use std::collections::{BTreeMap, BTreeSet};

use cloudsync_idp::clock::Clock;
use cloudsync_idp::domain::account::Account;
use cloudsync_idp::flow::settings::Mode;

use super::ledger::{Ask, Facts, Person, Policy, Who};
use crate::support::browser::{Browser, Page};
use crate::support::lab::LdapLab;
use crate::support::provider::{NO_THROTTLE, Provider, Setup, ldap_settings};
use crate::support::relying_party::RelyingParty;
use crate::support::rows::AccountRows;

/// The clock starts this long before the directory's, so that skipped time never overtakes it.
const BEFORE: i64 = 5_000 * 86_400_000;

/// A client that requires a factor of everybody.
const STRICT: &str = r#"
[[clients]]
client_id = "strict"
client_secret = "strict-test-secret"
redirect_uris = ["https://cloudsync.example/callback"]
require_second_factor = true
"#;

/// A provider that runs one sequence after the other.
pub struct Stage {
    pub provider: Provider,
    pub plain: RelyingParty,
    pub strict: RelyingParty,
    pub directory: &'static LdapLab,
}

impl Stage {
    pub async fn new(directory: &'static LdapLab) -> Self {
        let usual = Setup::new(&ldap_settings(&[directory]));
        let settings = format!("{}\n{NO_THROTTLE}{STRICT}", usual.settings);
        let clock = Clock::fixed(Clock::System.now() - BEFORE);
        let provider = Provider::start(Setup { settings, clock, ..usual }).await;
        provider.sync().await.expect("the first sync");
        let plain = provider.cloudsync();
        let strict = RelyingParty::new(&provider.url, "strict", Some("strict-test-secret"));
        Self { provider, plain, strict, directory }
    }
}

/// A page of a login, and what was proven on the way to it.
#[derive(Clone)]
pub struct Seen {
    pub page: Page,
    pub facts: Facts,
    pub login: u32,
    pub strict: bool,
    pub ask: Ask,
}

/// A browser.
pub struct Tab {
    pub browser: Browser,
    pub seen: Vec<Seen>,
    /// What was proven for its session.
    pub session: Option<Facts>,
    pub remembered: Option<super::ledger::RememberedFact>,
}

impl Tab {
    pub fn new() -> Self {
        Self { browser: Browser::new(), seen: Vec::new(), session: None, remembered: None }
    }
}

/// A code that a client has received.
pub struct HeldCode {
    pub code: String,
    pub facts: Facts,
    pub strict: bool,
    /// The tokens must state two factors.
    pub several: bool,
    pub used: bool,
    /// The number of the settings when it was issued.
    pub settings: u32,
}

/// A refresh family.
pub struct HeldFamily {
    pub tokens: Vec<String>,
    pub facts: Facts,
    pub strict: bool,
}

/// One sequence.
pub struct World<'a> {
    pub stage: &'a Stage,
    pub people: [Person; 2],
    pub tabs: Vec<Tab>,
    pub codes: Vec<HeldCode>,
    pub families: Vec<HeldFamily>,
    pub policy: Policy,
    pub settings: u32,
    pub logins: u32,
    /// Logins that issued a code.
    pub ended: BTreeSet<u32>,
    pub counts: BTreeMap<&'static str, u64>,
    pub trail: Vec<String>,
    /// The first violation.
    pub broken: Option<String>,
}

impl<'a> World<'a> {
    pub fn new(stage: &'a Stage, numbers: [u32; 2]) -> Self {
        // The first action replaces what the previous sequence has left.
        let policy = Policy { number: 0, required: "", enrolment: "alone", grace_days: 0, remember_days: 0 };
        Self {
            stage,
            people: [0, 1].map(|who: Who| person(stage, numbers[who], who == 0)),
            tabs: vec![Tab::new(), Tab::new()],
            codes: Vec::new(),
            families: Vec::new(),
            policy,
            settings: 0,
            logins: 0,
            ended: BTreeSet::new(),
            counts: BTreeMap::new(),
            trail: Vec::new(),
            broken: None,
        }
    }

    pub fn now(&self) -> i64 {
        self.stage.provider.parts.now()
    }

    pub fn wait(&self, by: i64) {
        self.stage.provider.parts.clock.advance(by);
    }

    pub fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// Keeps the first violation.
    pub fn check(&mut self, verdict: Result<(), String>) {
        if let (Err(why), None) = (verdict, &self.broken) {
            self.broken = Some(why);
        }
    }

    pub fn client(&self, strict: bool) -> &'a RelyingParty {
        if strict { &self.stage.strict } else { &self.stage.plain }
    }

    pub async fn account(&self, who: Who) -> Account {
        let found = self.stage.provider.parts.store.identity().account_by_email(&self.people[who].mail).await;
        found.expect("the store").expect("an account")
    }

    /// Applies another policy, as `settings apply` does.
    pub async fn set_policy(&mut self, policy: Policy) {
        // Applying the policy in force changes nothing.
        if (Policy { number: self.policy.number, ..policy }) == self.policy {
            return;
        }
        self.settings += 1;
        self.policy = Policy { number: self.settings, ..policy };
        let Policy { required, enrolment, grace_days, remember_days, .. } = policy;
        let base = &self.stage.directory.base_dn;
        let text = format!(
            "[second_factor]\nrequired = \"{required}\"\ngroups = [\"cn=g0,ou=groups,{base}\"]\n\
             enrolment = \"{enrolment}\"\ngrace_days = {grace_days}\nremember_browser_days = {remember_days}\n"
        );
        self.stage.provider.apply(&text, Mode::Merge).await.expect("a policy");
    }
}

fn person(stage: &Stage, number: u32, in_group: bool) -> Person {
    let name = format!("u{number:07}");
    Person {
        dn: stage.directory.dn(&format!("uid={name},ou=people")),
        mail: format!("{name}@example.org"),
        name,
        in_group,
        password: stage.directory.user_password.clone(),
        version: 0,
        set: vec![(0, 0)],
        newest_seen: 0,
        must_change: false,
        suspended: false,
        era: 0,
        phone: None,
        invitations: BTreeSet::new(),
        wrong_passwords: 0,
        due_since: None,
    }
}
