//! A story: one new person in a real directory, with a browser and a phone, at a provider whose clock the
//! test sets.

use cloudsync_idp::clock::Clock;
use cloudsync_idp::domain::Millis;
use cloudsync_idp::domain::account::Account;
use cloudsync_idp::domain::factor::Factor;
use cloudsync_idp::flow::account::factors;
use cloudsync_idp::flow::settings::Mode;
use reqwest::StatusCode;

use super::browser::{Browser, Page};
use super::lab::{self, Admin, Person};
use super::phone::Phone;
use super::provider::{Provider, Setup, ad_settings, ldap_settings};
use super::relying_party::{Authorization, RelyingParty, Tokens};
use super::rows::AccountRows;

/// Requires a second factor of everyone.
pub const EVERYONE: &str = "[second_factor]\nrequired = \"everyone\"\n";
/// `acr` of two factors.
pub const MFA: &str = "https://refeds.org/profile/mfa";
/// `acr` of one.
pub const SFA: &str = "https://refeds.org/profile/sfa";

/// Titles of the pages.
pub const SIGN_IN: &str = "Sign in";
pub const CODE: &str = "Enter your code";
pub const ENROL: &str = "Set up your authenticator";
pub const INVITATION: &str = "Ask your help desk for a code";
pub const CODES: &str = "Save your recovery codes";
pub const RECOVERED: &str = "Your code worked";
pub const NEW_PASSWORD: &str = "Choose a new password";

/// How long an authenticator shows a code.
pub const STEP: Millis = 30_000;

/// The person, with everything that they use.
pub struct Story {
    pub provider: Provider,
    pub cloudsync: RelyingParty,
    pub browser: Browser,
    pub person: Person,
    pub password: String,
    /// The directory's administrator.
    pub admin: &'static Admin,
}

impl Story {
    /// In OpenLDAP, with these settings.
    pub async fn at_openldap(policy: &str) -> Self {
        let lab = lab::ldap();
        let person = lab.admin.add_inet_person(&lab.dn("ou=people"), &lab.user_password);
        Self::of((person, &lab.user_password, &lab.admin), &ldap_settings(&[lab]), policy).await
    }

    /// In Active Directory, with these settings.
    pub async fn at_ad(policy: &str) -> Self {
        let lab = lab::ad();
        let person = lab.admin.add_person(&lab.dn("OU=Sales,OU=Staff"), &lab.user_password);
        Self::of((person, &lab.user_password, &lab.admin), &ad_settings(lab), policy).await
    }

    /// A given person in any directory. The clock stands still, at the directory's time.
    pub async fn of(
        (person, password, admin): (Person, &str, &'static Admin),
        directory: &str,
        policy: &str,
    ) -> Self {
        let clock = Clock::fixed(Clock::System.now());
        let settings = format!("{policy}\n{directory}");
        let provider = Provider::start(Setup { clock, ..Setup::new(&settings) }).await;
        let (cloudsync, password) = (provider.cloudsync(), password.to_owned());
        Self { provider, cloudsync, browser: Browser::new(), person, password, admin }
    }

    pub fn now(&self) -> Millis {
        self.provider.parts.now()
    }

    pub fn later(&self, by: Millis) {
        self.provider.parts.clock.advance(by);
    }

    /// Adds these settings.
    pub async fn set(&self, settings: &str) {
        self.provider.apply(settings, Mode::Merge).await.expect("good settings");
    }

    /// Follows CloudSync's link to the provider in the person's browser.
    pub async fn starts_login(&self, changes: &[(&str, &str)]) -> Page {
        self.browser.follow(&self.cloudsync.authorize(changes).url).await
    }

    /// Signs in, up to the page after the password.
    pub async fn signs_in(&self, changes: &[(&str, &str)]) -> Page {
        self.signs_in_with(&self.browser, &self.cloudsync.authorize(changes)).await
    }

    pub async fn signs_in_with(&self, browser: &Browser, asked: &Authorization) -> Page {
        let page = browser.follow(&asked.url).await;
        assert_eq!(page.heading(), SIGN_IN, "{}", page.text());
        browser.go_on(browser.submit(&page, &self.person.account, &self.password).await).await
    }

    /// Types a code where one is requested.
    pub async fn types_code(&self, page: &Page, code: &str) -> Page {
        assert_eq!(page.heading(), CODE, "{}", page.text());
        self.browser.fill(page, "/login/factor", &[("code", code)]).await
    }

    /// Types the code that the phone shows next.
    pub async fn types_next_code(&self, page: &Page, phone: &Phone) -> Page {
        self.later(STEP);
        self.types_code(page, &phone.code(self.now())).await
    }

    /// Completes the set-up pages: the phone, and the page with the recovery codes.
    pub async fn sets_up_factor(&self, page: &Page) -> (Phone, Page) {
        self.sets_up_factor_with(&self.browser, page).await
    }

    pub async fn sets_up_factor_with(&self, browser: &Browser, page: &Page) -> (Phone, Page) {
        assert_eq!(page.heading(), ENROL, "{}", page.text());
        let phone = Phone::scan(page);
        let proof = phone.code(self.now());
        let codes = browser.fill(page, "/login/enrol", &[("code", &proof)]).await;
        assert_eq!(codes.heading(), CODES, "{}", codes.text());
        (phone, codes)
    }

    /// Presses the button of a page with recovery codes.
    pub async fn continues_from(&self, page: &Page) -> Page {
        self.browser.fill(page, "/login/recovery-codes", &[]).await
    }

    /// Signs in and sets up a second factor, for stories that begin after that. The client's request for two
    /// factors triggers it.
    pub async fn enrolled(&self) -> (Phone, Vec<String>, Page) {
        let asked = [("claims", essential_acr(&[MFA]))];
        let mut page =
            self.starts_login(&asked.each_ref().map(|(name, value)| (*name, value.as_str()))).await;
        if page.heading() == SIGN_IN {
            page = self.browser.submit(&page, &self.person.account, &self.password).await;
            page = self.browser.go_on(page).await;
        }
        let (phone, codes) = self.sets_up_factor(&page).await;
        let arrived = self.continues_from(&codes).await;
        assert_arrived(&arrived);
        (phone, recovery_codes(&codes), arrived)
    }

    pub async fn account(&self) -> Account {
        let found = self.provider.parts.store.identity().account_by_email(&self.person.mail).await;
        found.expect("the store").expect("an account")
    }

    /// The authenticators that are stored for the person.
    pub async fn factors(&self) -> Vec<Factor> {
        self.provider.parts.store.identity().factors(&self.account().await.id).await.expect("the store")
    }

    /// The help desk creates a code for the person.
    pub async fn help_desk_code(&self) -> String {
        let account = self.account().await.id;
        factors::invite(&self.provider.parts.login(), &account, &crate::support::desk())
            .await
            .expect("a code")
            .code
    }

    /// The tokens from a page's redirect to the client.
    pub async fn tokens(&self, arrived: &Page) -> Tokens {
        self.cloudsync.exchange(arrived).await
    }

    /// What the client would get without a page: "a code", or the error.
    pub async fn silently(&self, changes: &[(&str, &str)]) -> String {
        let asked = self.cloudsync.authorize(&[changes, &[("prompt", "none")]].concat());
        let page = self.browser.open(&asked.url).await;
        match page.parameter("code") {
            Some(_) => "a code".to_owned(),
            None => page.parameter("error").unwrap_or_else(|| page.text()),
        }
    }
}

/// The recovery codes on their page.
pub fn recovery_codes(page: &Page) -> Vec<String> {
    let list = page.body.split("<ol data-codes>").nth(1).and_then(|rest| rest.split("</ol>").next());
    let codes = list.expect("a list").split("<code>").skip(1);
    codes.map(|rest| rest.split('<').next().unwrap_or_default().to_owned()).collect()
}

/// A `claims` parameter that requires one of these values.
pub fn essential_acr(values: &[&str]) -> String {
    serde_json::json!({ "id_token": { "acr": { "essential": true, "values": values } } }).to_string()
}

/// The input was rejected: the same page gives the reason, and nothing else happened.
pub fn assert_rejected(page: &Page, words: &str) {
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.text());
    assert!(page.text().contains(words), "{words}: {}", page.text());
    assert_eq!(page.location, None);
}

/// The login continues to the client.
pub fn assert_arrived(page: &Page) {
    assert!(page.parameter("code").is_some(), "{:?}: {}", page.location, page.text());
}
