//! A person's own page: authenticators, browsers and sessions, what the person can change, and who cannot.

use std::net::Ipv4Addr;

use cloudsync_idp::clock::Clock;
use cloudsync_idp::domain::account::Account;
use cloudsync_idp::domain::factor::{TotpParameters, TotpSecret, code_at};
use cloudsync_idp::domain::{MINUTE, SECOND};
use cloudsync_idp::flow::settings::Mode;
use reqwest::StatusCode;

use super::{SESSION, right, silently};
use crate::support::browser::{Browser, Page};
use crate::support::lab;
use crate::support::provider::{Provider, Setup, ldap_settings};

const PATH: &str = "/account/security";
const MERGE: Mode = Mode::Merge;

/// A provider whose clock stands still, and one person's browser.
struct Case {
    provider: Provider,
    browser: Browser,
}

impl Case {
    async fn new(policy: &str) -> Self {
        let usual = Setup::new(&ldap_settings(&[lab::ldap()]));
        let settings = format!("[second_factor]\n{policy}\n{}", usual.settings);
        let clock = Clock::fixed(Clock::System.now());
        let provider = Provider::start(Setup { settings, clock, ..usual }).await;
        provider.sync().await.expect("the first sync");
        Self { provider, browser: Browser::new() }
    }

    fn pass(&self, by: i64) {
        self.provider.parts.clock.advance(by);
    }

    async fn open(&self, path: &str) -> Page {
        self.browser.follow(&format!("{}{path}", self.provider.url)).await
    }

    /// The page, after the sign-in that it requires.
    async fn signed_in(&self, name: &str) -> Page {
        let asked = self.open(PATH).await;
        assert!(asked.body.contains("id=\"password\""), "{}", asked.text());
        self.passed(self.browser.submit(&asked, name, right()).await).await
    }

    /// The target of a redirect within the provider.
    async fn passed(&self, page: Page) -> Page {
        match page.location.as_deref() {
            Some(next) if next.starts_with('/') => self.browser.follow(&page.absolute(next)).await,
            _ => page,
        }
    }

    /// Sends the first form of the page with this action, filled in.
    async fn send(&self, page: &Page, action: &str, more: &[(&str, &str)]) -> Page {
        let form = form(page, action).unwrap_or_else(|| panic!("no form to {action}: {}", page.text()));
        self.post(action, &form, more).await
    }

    async fn post(&self, action: &str, form: &[(String, String)], more: &[(&str, &str)]) -> Page {
        let own = form.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<_> = own.chain(more.iter().copied()).collect();
        self.passed(self.browser.post(&format!("{}{action}", self.provider.url), &fields).await).await
    }

    /// Adds an authenticator. Returns its secret and the page after it.
    async fn add(&self) -> (TotpSecret, Page) {
        let page = self.open("/account/security/new").await;
        let secret = secret_on(&page);
        let fields = [("code", self.code(&secret)), ("name", "My phone".to_owned())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        let added = self.send(&page, "/account/security/new", &fields).await;
        (secret, added)
    }

    fn code(&self, secret: &TotpSecret) -> String {
        let now = self.provider.parts.now();
        code_at(secret.bytes(), &TotpParameters::default(), now).expect("a code")
    }

    /// Signs in again from the page, with the next code.
    async fn signed_in_again(&self, page: &Page, secret: &TotpSecret) -> Page {
        self.pass(30 * SECOND);
        let asked = self.send(page, "/account/security/sign-in", &[]).await;
        let asked = self.passed(self.browser.submit(&asked, "alice", right()).await).await;
        assert!(asked.body.contains("one-time-code"), "{}", asked.text());
        self.send(&asked, "/login/factor", &[("code", &self.code(secret))]).await
    }

    async fn factors(&self) -> usize {
        let store = &self.provider.parts.store;
        let accounts = store.identity().accounts_page(None, 1_000).await.expect("the store");
        let alice = |account: &&Account| account.profile.login_name.as_deref() == Some("alice");
        let alice = accounts.iter().find(alice).expect("alice");
        store.identity().factors(&alice.id).await.expect("the store").len()
    }
}

/// The hidden fields of the first form with this action.
fn form(page: &Page, action: &str) -> Option<Vec<(String, String)>> {
    let form = page.body.split("<form").find(|form| form.contains(&format!("action=\"{action}\"")))?;
    let inputs = form.split("</form>").next()?.split("<input").filter(|input| input.contains("\"hidden\""));
    let attribute = |input: &str, name: &str| {
        let rest = input.split_once(&format!("{name}=\""))?.1;
        Some(rest.split('"').next()?.to_owned())
    };
    Some(inputs.filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?))).collect())
}

fn secret_on(page: &Page) -> TotpSecret {
    let key =
        page.body.split("class=\"key\"").nth(1).expect("a key").split(['>', '<']).nth(1).expect("a key");
    TotpSecret::from_base32(&key.replace(' ', "")).expect("base32")
}

fn assert_shows(page: &Page, words: &str) {
    assert!(page.text().contains(words), "{words}: {}", page.text());
}

#[tokio::test]
async fn a_person_adds_names_and_removes_authenticators() {
    let case = Case::new("required = \"optional\"").await;
    let page = case.signed_in("alice").await;
    assert_shows(&page, "You have not set up any.");
    let (secret, sheet) = case.add().await;
    assert_eq!(sheet.body.matches("<li><code>").count(), 10, "{}", sheet.text());
    assert!(sheet.headers["cache-control"].contains("no-store"), "{:?}", sheet.headers);

    let page = case.open(PATH).await;
    assert_shows(&page, "My phone");
    assert_shows(&page, "You have 10 recovery codes left.");
    // The session was made without the factor that has been added since.
    assert!(form(&page, "/account/security/remove").is_none(), "{}", page.text());
    let page = case.signed_in_again(&page, &secret).await;
    let page = case.send(&page, "/account/security/rename", &[("name", " Tablet <b> ")]).await;
    assert_shows(&page, "The authenticator has its new name.");
    assert!(page.body.contains("Tablet &#60;b&#62;") && !page.body.contains("<b>"), "{}", page.body);
    let page = case.send(&page, "/account/security/remove", &[]).await;
    assert_shows(&page, "The authenticator was removed.");
    assert_eq!(case.factors().await, 0);
}

#[tokio::test]
async fn a_second_authenticator_keeps_the_recovery_codes_valid() {
    let case = Case::new("required = \"optional\"").await;
    case.signed_in("alice").await;
    let (secret, _) = case.add().await;
    let page = case.open(PATH).await;
    case.signed_in_again(&page, &secret).await;
    let (_, page) = case.add().await;
    assert_shows(&page, "The authenticator was added.");
    assert_eq!(case.factors().await, 2);
    let sheet = case.send(&page, "/account/security/codes", &[]).await;
    assert_eq!(sheet.body.matches("<li><code>").count(), 10);
}

#[tokio::test]
async fn the_last_authenticator_cannot_be_removed_if_policy_requires_one() {
    let case = Case::new("required = \"optional\"").await;
    case.signed_in("alice").await;
    let (secret, _) = case.add().await;
    let page = case.open(PATH).await;
    let page = case.signed_in_again(&page, &secret).await;
    let fields = form(&page, "/account/security/remove").expect("it may go");
    case.provider.apply("[second_factor]\nrequired = \"everyone\"", MERGE).await.expect("settings");
    let page = case.open(PATH).await;
    assert!(form(&page, "/account/security/remove").is_none());
    let page = case.post("/account/security/remove", &fields, &[]).await;
    assert_shows(&page, "so the last one cannot be removed");
    assert_eq!(case.factors().await, 1);
}

#[tokio::test]
async fn no_change_is_possible_more_than_five_minutes_after_the_sign_in() {
    let case = Case::new("required = \"optional\"").await;
    case.signed_in("alice").await;
    let set_up = case.open("/account/security/new").await;
    let code = case.code(&secret_on(&set_up));
    case.pass(5 * MINUTE);
    let page = case.send(&set_up, "/account/security/new", &[("code", &code)]).await;
    assert!(page.body.contains("id=\"password\""), "a new sign-in is required: {}", page.text());
    assert_eq!(case.factors().await, 0);
    let page = case.open(PATH).await;
    assert_shows(&page, "Sign in again to make changes");
    let asked = case.open("/account/security/new").await;
    assert!(asked.body.contains("id=\"password\""), "{}", asked.text());
    // After another sign-in, changes are possible again.
    let page = case.passed(case.browser.submit(&asked, "alice", right()).await).await;
    assert!(page.body.contains("/account/security/new"), "{}", page.text());
}

#[tokio::test]
async fn a_password_alone_does_not_change_an_existing_factor() {
    let case = Case::new("required = \"nobody\"").await;
    case.provider.apply("[second_factor]\nrequired = \"optional\"", MERGE).await.expect("settings");
    case.signed_in("alice").await;
    let (secret, _) = case.add().await;
    case.provider.apply("[second_factor]\nrequired = \"nobody\"", MERGE).await.expect("settings");
    // With the policy off, a thief with the password signs in without a code, and can change nothing here.
    let thief = Case { provider: case.provider, browser: Browser::new() };
    let page = thief.signed_in("alice").await;
    assert_shows(&page, "Sign in again to make changes");
    let csrf = form(&page, "/logout").expect("a form");
    for action in ["rename", "remove", "codes", "new"] {
        let asked = thief.post(&format!("{PATH}/{action}"), &csrf, &[]).await;
        assert!(asked.body.contains("id=\"password\""), "{action}: {}", asked.text());
    }
    let asked = thief.send(&page, "/account/security/sign-in", &[]).await;
    let asked = thief.passed(thief.browser.submit(&asked, "alice", right()).await).await;
    assert!(asked.body.contains("one-time-code"), "{}", asked.text());
    thief.pass(30 * SECOND);
    let code = thief.code(&secret);
    assert_shows(&thief.send(&asked, "/login/factor", &[("code", &code)]).await, "My phone");
}

#[tokio::test]
async fn with_enrolment_by_invitation_this_page_adds_no_authenticator() {
    let case = Case::new("required = \"optional\"\nenrolment = \"invited\"").await;
    let page = case.signed_in("alice").await;
    assert!(!page.body.contains("/account/security/new"), "{}", page.text());
    assert_shows(&case.open("/account/security/new").await, "You have not set up any.");
}

#[tokio::test]
async fn a_wrong_code_keeps_the_secret_and_another_session_cannot_use_it() {
    let case = Case::new("required = \"optional\"").await;
    case.signed_in("alice").await;
    let page = case.open("/account/security/new").await;
    let secret = secret_on(&page);
    let right_code = case.code(&secret);
    let wrong = if right_code == "000000" { "000001" } else { "000000" };
    let again = case.send(&page, "/account/security/new", &[("code", wrong), ("name", "Phone")]).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    assert_shows(&again, "That code did not work");
    assert!(again.body.contains("value=\"Phone\""));
    assert_eq!(secret_on(&again).bytes(), secret.bytes());
    assert_eq!(case.factors().await, 0);

    let sealed = form(&again, "/account/security/new").expect("a form");
    let sealed = sealed.iter().find(|(name, _)| name == "sealed").expect("sealed").1.clone();
    let other = Case { provider: case.provider, browser: Browser::new() };
    let page = other.signed_in("alice").await;
    let csrf = form(&page, "/logout").expect("a form");
    let page =
        other.post("/account/security/new", &csrf, &[("sealed", &sealed), ("code", &right_code)]).await;
    assert_shows(&page, "Nothing was changed");
    assert_eq!(other.factors().await, 0);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one_or_all_at_once() {
    let case = Case::new("required = \"nobody\"").await;
    let cloudsync = case.provider.cloudsync();
    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(super::signed_in(&cloudsync, "alice").await.0);
    }
    let (stranger, _) = super::signed_in(&cloudsync, "ada").await;
    let page = case.signed_in("alice").await;
    assert_eq!(page.body.matches("action=\"/account/security/end\"").count(), 3, "{}", page.text());
    let page = case.send(&page, "/account/security/end", &[]).await;
    assert_shows(&page, "That browser is signed out.");
    let mut left = 0;
    for other in &others {
        left += usize::from(silently(&cloudsync, other).await == "a code");
    }
    assert_eq!(left, 2);
    let page = case.send(&page, "/account/security/end-others", &[]).await;
    assert_shows(&page, "All other browsers are signed out.");
    for other in &others {
        assert_eq!(silently(&cloudsync, other).await, "login_required");
    }
    assert_eq!(silently(&cloudsync, &stranger).await, "a code", "another person's");
    assert_shows(&case.open(PATH).await, "This browser");
}

#[tokio::test]
async fn each_session_is_shown_with_its_browser_and_network() {
    let case = Case::new("required = \"nobody\"").await;
    let windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";
    let hostile = "Mozilla/5.0 (iPhone; <script>alert(1)</script>) Version/18.0 Safari/604.1";
    let firefox = Browser::named(windows, Ipv4Addr::new(127, 0, 7, 1));
    let phone = Browser::named(hostile, Ipv4Addr::new(127, 0, 8, 1));
    let mut cookies = Vec::new();
    for browser in [&firefox, &phone] {
        let asked = browser.follow(&format!("{}{PATH}", case.provider.url)).await;
        let done = browser.submit(&asked, "alice", right()).await;
        cookies.push(format!("{SESSION}={}", done.cookie(SESSION).expect("a session")));
    }
    let page = case.signed_in("alice").await;
    for place in ["Firefox on Windows, 127.0.7.x", "Safari on iPhone, 127.0.8.x", "A browser, 127.0.0.x"] {
        assert_shows(&page, place);
    }
    assert!(!page.body.contains("script"), "{}", page.body);
    // The same browser in another network: the place of its last use is shown.
    let moved = Browser::named(windows, Ipv4Addr::new(127, 0, 9, 1));
    let asked = case.provider.cloudsync().authorize(&[]);
    let answer = Page::of(moved.http.get(&asked.url).header("cookie", &cookies[0])).await;
    assert!(answer.location.is_some_and(|to| to.contains("code=")), "signed in");
    let page = case.open(PATH).await;
    assert_shows(&page, "Firefox on Windows, 127.0.9.x");
    assert!(!page.text().contains("127.0.7.x"), "{}", page.text());
}

#[tokio::test]
async fn ending_all_others_revokes_refresh_tokens_of_ended_sessions() {
    let case = Case::new("required = \"nobody\"").await;
    let cloudsync = case.provider.cloudsync();
    let (_, arrived) = super::signed_in(&cloudsync, "alice").await;
    let left = cloudsync.exchange(&arrived).await;
    case.pass(9 * 60 * MINUTE);
    let (current, now) = (case.provider.parts.current(), case.provider.parts.now());
    case.provider.parts.store.settings().expire(&current.settings.session, now).await.expect("the store");
    let page = case.signed_in("alice").await;
    assert!(!page.body.contains("action=\"/account/security/end\""), "no other session: {}", page.text());
    assert_shows(&page, "Some apps still have access");
    let kept = cloudsync.authorize(&[]);
    let kept = cloudsync.exchange(&case.browser.follow(&kept.url).await).await;
    let left = cloudsync.refresh(left.text("refresh_token")).await;
    let page = case.send(&page, "/account/security/end-others", &[]).await;
    assert_shows(&page, "All other browsers are signed out.");
    assert!(form(&page, "/account/security/end-others").is_none(), "nothing else is left");
    let refused = cloudsync.refresh(left.text("refresh_token")).await;
    assert_eq!(refused.text("error"), "invalid_grant");
    let gone_on = cloudsync.refresh(kept.text("refresh_token")).await;
    assert!(!gone_on.text("access_token").is_empty(), "the family of its own session");
}

#[tokio::test]
async fn every_page_of_a_session_signs_out() {
    let case = Case::new("required = \"optional\"").await;
    case.signed_in("alice").await;
    let page = case.open("/account/security/new").await;
    assert!(form(&page, "/logout").is_some(), "{}", page.text());
    let (_, sheet) = case.add().await;
    assert_shows(&sheet, "recovery codes");
    case.send(&sheet, "/logout", &[]).await;
    assert!(case.open(PATH).await.body.contains("id=\"password\""), "signed out");
}

#[tokio::test]
async fn a_forged_form_changes_nothing() {
    let case = Case::new("required = \"optional\"").await;
    let cloudsync = case.provider.cloudsync();
    let (other, _) = super::signed_in(&cloudsync, "alice").await;
    let page = case.signed_in("alice").await;
    let bad = [("csrf".to_owned(), "0".repeat(64))];
    let answer = case.post("/account/security/end-others", &bad, &[]).await;
    assert_shows(&answer, "Nothing was changed");
    let genuine = form(&page, "/account/security/end-others").expect("a form");
    let url = format!("{}/account/security/end-others", case.provider.url);
    let foreign = case.browser.http.post(url).form(&genuine).header("origin", "https://evil.example");
    let answer = case.passed(Page::of(foreign).await).await;
    assert_shows(&answer, "Nothing was changed");
    assert_eq!(silently(&cloudsync, &other).await, "a code");
    let claimed = case.open("/account/security?done=removed.00000000000000000000000000000000").await;
    assert!(!claimed.text().contains("was removed"), "another site cannot make the page report a change");
}

#[tokio::test]
async fn without_a_session_every_form_redirects_to_the_sign_in() {
    let case = Case::new("required = \"optional\"").await;
    for action in ["new", "rename", "remove", "codes", "end", "end-others", "forget", "forget-all", "sign-in"]
    {
        let asked = case.post(&format!("{PATH}/{action}"), &[], &[]).await;
        assert!(asked.body.contains("id=\"password\""), "{action}: {}", asked.text());
        assert_eq!(asked.cookie(SESSION), None);
    }
    case.signed_in("alice").await;
    assert_eq!(case.open("/account/security/nothing").await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_remembered_browser_is_listed_and_can_be_forgotten() {
    let case = Case::new("required = \"optional\"\nremember_browser_days = 30").await;
    case.signed_in("alice").await;
    let (secret, _) = case.add().await;
    let page = case.open(PATH).await;
    case.pass(30 * SECOND);
    let asked = case.send(&page, "/account/security/sign-in", &[]).await;
    let asked = case.passed(case.browser.submit(&asked, "alice", right()).await).await;
    let fields = [("code", case.code(&secret)), ("remember", "yes".to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let page = case.send(&asked, "/login/factor", &fields).await;
    assert_shows(&page, "Browsers that do not ask for a code");

    let fresh = case.provider.cloudsync().authorize(&[("prompt", "login")]);
    let arrived = case.browser.sign_in(&fresh, "alice", right()).await;
    assert!(arrived.parameter("code").is_some(), "no code is required: {}", arrived.text());
    let weak = case.open(PATH).await;
    assert_shows(&weak, "Sign in again to make changes");
    // Forgetting a browser takes access away, so an older sign-in may do it as well.
    let page = case.send(&weak, "/account/security/forget", &[]).await;
    assert_shows(&page, "You will be asked for a code there again.");
    assert!(!page.text().contains("Browsers that do not ask for a code"));
    let asked = case.passed(case.browser.sign_in(&fresh, "alice", right()).await).await;
    assert!(asked.body.contains("one-time-code"), "{}", asked.text());
}
