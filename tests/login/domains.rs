//! Two directories side by side: a name with a domain selects the directory of that domain; for a name that
//! could be in both, the page asks.

use reqwest::StatusCode;

use super::factor_first::{EVERYONE, Scene as Attacked, fills};
use super::identical_refusals::masked;
use super::{GENERIC, TOO_MANY, assert_nothing_gained, assert_refused, right, with_policy};
use crate::support::browser::{Browser, Page};
use crate::support::lab::{self, AdLab, LdapLab, Person};
use crate::support::provider::{NO_THROTTLE, Provider, Setup, ad_settings, ldap_settings};
use crate::support::relying_party::RelyingParty;

/// The password of the second directory's people.
const OTHER: &str = "An0ther-Passw0rd!";
const CHOOSE: &str = "Choose your domain";

/// `[[directories]]` of the lab's domain, called `corp`, with the email domain `example.com`.
fn corp(ad: &AdLab) -> String {
    ad_settings(ad).replace(
        "netbios_name = \"CORP\"",
        "netbios_name = \"CORP\"\ndomains = [\"example.com\", \"both.example\"]",
    )
}

/// An OpenLDAP called `lab`, with the email domain `example.net`; its base DN spells `example.org`.
fn second(settings: &str) -> String {
    settings
        .replace("id = \"corp\"", "id = \"lab\"")
        .replace("name = \"Example Corp\"", "name = \"Example Lab\"")
        .replace(
            "netbios_name = \"CORP\"",
            "netbios_name = \"LAB\"\ndomains = [\"example.net\", \"both.example\"]",
        )
}

/// Adds a person with this login name in OpenLDAP.
fn add_twin(ldap: &LdapLab, account: &str) {
    let mail = format!("{account}@example.net");
    let fields = [
        ("objectClass", "inetOrgPerson"),
        ("uid", account),
        ("cn", account),
        ("sn", account),
        ("mail", &mail),
        ("userPassword", OTHER),
    ];
    ldap.admin.add(&ldap.dn(&format!("uid={account},ou=people")), &fields);
}

/// A provider for both, and a login name that exists in both, for people with different passwords.
struct Scene {
    _provider: Provider,
    cloudsync: RelyingParty,
    person: Person,
}

impl Scene {
    async fn new(ad: &AdLab, ldap: &LdapLab) -> Self {
        let settings = format!("{NO_THROTTLE}{}{}", corp(ad), second(&ldap_settings(&[ldap])));
        let provider = Provider::start(Setup::new(&settings)).await;
        let person = ad.admin.add_person(&ad.dn("OU=Sales,OU=Staff"), right());
        add_twin(ldap, &person.account);
        let cloudsync = provider.cloudsync();
        Self { _provider: provider, cloudsync, person }
    }

    async fn of_the_lab() -> Self {
        Self::new(lab::ad(), lab::ldap()).await
    }

    async fn opens(&self, browser: &Browser) -> Page {
        browser.follow(&self.cloudsync.authorize(&[("prompt", "login")]).url).await
    }

    /// The email address in the ID token for a code.
    async fn mail(&self, arrived: &Page) -> String {
        assert!(arrived.parameter("code").is_some(), "{} {}", arrived.status, arrived.text());
        let tokens = self.cloudsync.exchange(arrived).await;
        let userinfo = self.cloudsync.userinfo(tokens.text("access_token")).await;
        userinfo.body["email"].as_str().expect("an email address").to_owned()
    }

    fn emails(&self) -> [String; 2] {
        [self.person.mail.clone(), format!("{}@example.net", self.person.account)]
    }
}

/// Sends name and password, and the domain if one is given.
async fn types(browser: &Browser, page: &Page, name: &str, password: &str, domain: Option<&str>) -> Page {
    let mut fields = vec![("username", name), ("password", password)];
    fields.extend(domain.map(|domain| ("directory", domain)));
    browser.send(page, "/login", &fields).await
}

/// The domains that a page offers, as the form sends them; the selected one has a star.
fn offered(page: &Page) -> Vec<String> {
    let list = page.body.split("<select").nth(1).and_then(|rest| rest.split("</select>").next());
    let options = list.unwrap_or_default().split("<option").skip(1);
    let domain = |option: &str| {
        let value = option.split("value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let tag = option.split('>').next().unwrap_or_default();
        format!("{}{}", value.unwrap_or("?"), if tag.contains(" selected") { "*" } else { "" })
    };
    options.map(domain).collect()
}

fn assert_asks(page: &Page, name: &str) {
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{name}: {}", page.text());
    assert!(page.text().contains(CHOOSE), "{name}: {}", page.text());
    assert!(page.text().contains("Example Corp") && page.text().contains("Example Lab"), "{}", page.text());
    assert_eq!(offered(page), ["*", "corp", "lab"], "{name}");
    assert!(page.body.contains("aria-invalid=\"true\""), "{}", page.body);
    assert_nothing_gained(page);
}

#[tokio::test]
async fn the_domain_in_a_name_selects_the_directory() {
    let scene = Scene::of_the_lab().await;
    let account = scene.person.account.as_str();
    let [in_corp, in_lab] = scene.emails();
    for (typed, password, expected) in [
        (format!("CORP\\{account}"), right(), &in_corp),
        (format!("corp.example.com\\{account}"), right(), &in_corp),
        (format!("{account}@corp.example.com"), right(), &in_corp),
        (format!("{account}@CORP"), right(), &in_corp),
        (in_corp.to_uppercase(), right(), &in_corp),
        (format!("lab\\{account}"), OTHER, &in_lab),
        (format!("example.org\\{account}"), OTHER, &in_lab),
        (in_lab.clone(), OTHER, &in_lab),
    ] {
        let browser = Browser::new();
        let page = scene.opens(&browser).await;
        let wrong = if password == OTHER { right() } else { OTHER };
        assert_refused(&browser.submit(&page, &typed, wrong).await, GENERIC);
        // The domain in the name has priority over the selected one.
        let elsewhere = if password == OTHER { "corp" } else { "lab" };
        let arrived = types(&browser, &page, &typed, password, Some(elsewhere)).await;
        assert_eq!(scene.mail(&arrived).await, *expected, "{typed}");
    }
    for typed in [
        format!("OTHER\\{account}"),
        format!("example.com\\{account}"),
        format!("{account}@elsewhere.example"),
        format!("{account}@"),
    ] {
        for password in [right(), OTHER] {
            let browser = Browser::new();
            let page = scene.opens(&browser).await;
            let answer = browser.submit(&page, &typed, password).await;
            assert_refused(&answer, GENERIC);
            assert_eq!(offered(&answer), [""; 0], "{typed}");
        }
    }
}

#[tokio::test]
async fn a_name_without_a_domain_asks_for_the_domain() {
    let scene = Scene::of_the_lab().await;
    let account = scene.person.account.as_str();
    let [in_corp, in_lab] = scene.emails();
    for (domain, password, expected) in [("corp", right(), &in_corp), ("lab", OTHER, &in_lab)] {
        let browser = Browser::new();
        let page = scene.opens(&browser).await;
        assert_eq!(offered(&page), [""; 0], "no domain is requested before a name is typed");
        let page = browser.submit(&page, account, password).await;
        assert_asks(&page, account);
        assert!(page.body.contains(&format!("value=\"{account}\"")), "the name is kept: {}", page.body);
        assert!(!page.body.contains(password), "the password is not");
        for none in ["", "nowhere", "corp lab"] {
            assert_asks(&types(&browser, &page, account, password, Some(none)).await, account);
        }
        let without_password = types(&browser, &page, account, "", Some(domain)).await;
        assert!(without_password.text().contains("Enter your password"), "{}", without_password.text());
        assert!(offered(&without_password).contains(&format!("{domain}*")), "{}", without_password.body);
        let wrong = types(&browser, &without_password, account, "wrong", Some(domain)).await;
        assert_refused(&wrong, GENERIC);
        assert!(offered(&wrong).contains(&format!("{domain}*")), "{}", wrong.body);
        let arrived = types(&browser, &wrong, account, password, Some(domain)).await;
        assert_eq!(scene.mail(&arrived).await, *expected);
    }
    for (domain, password) in [("corp", OTHER), ("lab", right())] {
        let browser = Browser::new();
        let page = scene.opens(&browser).await;
        assert_refused(&types(&browser, &page, account, password, Some(domain)).await, GENERIC);
    }
}

#[tokio::test]
async fn a_domain_of_both_directories_or_a_login_hint_asks_too() {
    let scene = Scene::of_the_lab().await;
    let name = "somebody@both.example";
    let browser = Browser::new();
    let page = scene.opens(&browser).await;
    assert_asks(&browser.submit(&page, name, "wrong").await, name);
    let hinted = browser.follow(&scene.cloudsync.authorize(&[("login_hint", name)]).url).await;
    assert_eq!(
        (hinted.status, offered(&hinted)),
        (StatusCode::OK, ["*", "corp", "lab"].map(Into::into).into())
    );
    let hinted = browser.follow(&scene.cloudsync.authorize(&[("login_hint", "a@example.net")]).url).await;
    assert_eq!(offered(&hinted), [""; 0]);
}

#[tokio::test]
async fn a_known_browser_does_not_ask_for_the_domain() {
    let scene = Scene::of_the_lab().await;
    let account = scene.person.account.as_str();
    let [in_corp, in_lab] = scene.emails();
    let browser = Browser::new();
    let page = scene.opens(&browser).await;
    let arrived = types(&browser, &page, account, OTHER, Some("lab")).await;
    assert_eq!(scene.mail(&arrived).await, in_lab);

    let page = scene.opens(&browser).await;
    assert_eq!(scene.mail(&browser.submit(&page, account, OTHER).await).await, in_lab, "not asked");

    let page = scene.opens(&browser).await;
    let namesake = browser.submit(&page, account, right()).await;
    assert_refused(&namesake, GENERIC);
    assert_eq!(offered(&namesake), ["", "corp", "lab*"], "the namesake sees the attempted domain");
    let arrived = types(&browser, &namesake, account, right(), Some("corp")).await;
    assert_eq!(scene.mail(&arrived).await, in_corp);

    let page = scene.opens(&browser).await;
    assert_eq!(
        scene.mail(&browser.submit(&page, account, right()).await).await,
        in_corp,
        "the last choice counts"
    );

    let page = scene.opens(&browser).await;
    assert_asks(&browser.submit(&page, "alice", right()).await, "alice");
}

#[tokio::test]
async fn the_domain_page_does_not_reveal_whether_a_name_exists() {
    let scene = Scene::of_the_lab().await;
    let both = scene.person.account.clone();
    let rest = &both[1..];
    // In Active Directory alone, in OpenLDAP alone, in neither.
    let (ad, ldap) = (lab::ad(), lab::ldap());
    let only_corp = ad.admin.add_person(&ad.dn("OU=Sales,OU=Staff"), right()).account;
    let only_lab = format!("o{rest}");
    add_twin(ldap, &only_lab);
    let mut seen = Vec::new();
    for name in [&both, &only_corp, &only_lab, &format!("q{rest}")] {
        let browser = Browser::new();
        let first = scene.opens(&browser).await;
        let mut pages = vec![browser.submit(&first, name, "wrong").await];
        assert_asks(&pages[0], name);
        for domain in ["corp", "lab"] {
            pages.push(types(&browser, &first, name, "wrong", Some(domain)).await);
        }
        seen.push(pages.iter().map(|page| (page.status, masked(page, name))).collect::<Vec<_>>());
    }
    for (number, pages) in seen.iter().enumerate() {
        assert_eq!(*pages, seen[0], "name {number}");
    }
}

#[tokio::test]
async fn asking_for_the_domain_counts_no_attempt() {
    let ad = lab::ad();
    let limit = "[throttle]\nname_per_minute = 1\n";
    let settings = format!("{limit}{}{}", corp(ad), second(&ldap_settings(&[lab::ldap()])));
    let provider = Provider::start(Setup::new(&settings)).await;
    let cloudsync = provider.cloudsync();
    let browser = Browser::new();
    let page = browser.follow(&cloudsync.authorize(&[]).url).await;
    for _ in 0..5 {
        assert_asks(&browser.submit(&page, "nobody", "wrong").await, "nobody");
    }
    assert_refused(&types(&browser, &page, "nobody", "wrong", Some("lab")).await, GENERIC);
    // A name counts as it was typed, whichever directory is tried.
    let throttled = types(&browser, &page, "nobody", "wrong", Some("corp")).await;
    assert_eq!(throttled.status, StatusCode::TOO_MANY_REQUESTS, "{}", throttled.text());
}

#[tokio::test]
async fn each_directory_works_while_the_other_is_down() {
    let (ad, ldap) = (lab::own_ad(&[]), lab::own_ldap(&[]));
    let scene = Scene::new(&ad, &ldap).await;
    let account = scene.person.account.as_str();
    let [in_corp, in_lab] = scene.emails();
    let forms = |domain: &str| {
        [(account.to_owned(), Some(domain.to_owned())), (format!("{domain}\\{account}"), None)]
    };
    let attempts = async |domain: &str, password: &str| {
        let mut answers = Vec::new();
        for (name, chosen) in forms(domain) {
            let browser = Browser::new();
            let page = scene.opens(&browser).await;
            answers.push(types(&browser, &page, &name, password, chosen.as_deref()).await);
        }
        answers
    };
    ldap.kill();
    for answer in attempts("lab", OTHER).await {
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text());
    }
    for answer in attempts("corp", right()).await {
        assert_eq!(scene.mail(&answer).await, in_corp);
    }
    ldap.restart();
    ad.kill();
    for answer in attempts("corp", right()).await {
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text());
    }
    crate::support::until("the lab is reachable again", async || {
        attempts("lab", OTHER).await.iter().all(|answer| answer.parameter("code").is_some())
    })
    .await;
    for answer in attempts("lab", OTHER).await {
        assert_eq!(scene.mail(&answer).await, in_lab);
    }
}

#[tokio::test]
async fn an_attack_on_a_name_in_one_directory_locks_nobody_out_in_the_other() {
    let (ad, ldap) = (lab::strict_ad(), lab::strict_ldap());
    let settings = format!("{NO_THROTTLE}{}{}", corp(ad), second(&with_policy(ldap)));
    let provider = Provider::start(Setup::new(&settings)).await;
    let person = ad.admin.add_person(&ad.dn("OU=Sales,OU=Staff"), right());
    add_twin(ldap, &person.account);
    let scene = Scene { cloudsync: provider.cloudsync(), _provider: provider, person };
    let account = scene.person.account.as_str();
    let stranger = Browser::new();
    let page = scene.opens(&stranger).await;
    for (number, expected) in [GENERIC, GENERIC, TOO_MANY, TOO_MANY].into_iter().enumerate() {
        let password = format!("wrong {number}");
        assert_refused(&types(&stranger, &page, account, &password, Some("corp")).await, expected);
    }
    let [_, in_lab] = scene.emails();
    let browser = Browser::new();
    let page = scene.opens(&browser).await;
    assert_refused(&types(&browser, &page, account, right(), Some("corp")).await, TOO_MANY);
    let arrived = types(&browser, &page, account, OTHER, Some("lab")).await;
    assert_eq!(scene.mail(&arrived).await, in_lab);
}

#[tokio::test]
async fn the_domain_is_kept_when_the_code_comes_first() {
    let scene = Attacked::new(&format!("{EVERYONE}{}", second(&ldap_settings(&[lab::ldap()])))).await;
    let name = scene.person.account.clone();
    let browser = Browser::new();
    let page = scene.opens(&browser).await;
    for password in ["wrong", "wrong again"] {
        assert_refused(&types(&browser, &page, &name, password, Some("corp")).await, GENERIC);
    }
    let answer = browser.go_on(types(&browser, &page, &name, "and again", Some("corp")).await).await;
    assert!(answer.body.contains("action=\"/login/factor\""), "{}", answer.text());
    let code = scene.next_code();
    let page = fills(&browser, &answer, "/login/factor", &[("code", &code)]).await;
    assert!(page.text().contains("Your code was right"), "{}", page.text());
    assert_eq!(offered(&page), ["", "lab", "corp*"]);
    let arrived = types(&browser, &page, &name, right(), Some("corp")).await;
    assert!(arrived.parameter("code").is_some(), "{}", arrived.text());
}
