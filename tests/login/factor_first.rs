//! While a name's password is being guessed, unknown browsers are asked for the second factor before any
//! password is sent: the owner of the factor gets in, and the pages do not reveal whether the name exists.

use aws_lc_rs::hmac;
use cloudsync_idp::clock::Clock;
use cloudsync_idp::domain::account::Account;
use cloudsync_idp::domain::factor::Enrolling;
use cloudsync_idp::flow::account::factors::{self, Enrolled, NewAuthenticator};
use cloudsync_idp::flow::installation::context::Visit;
use cloudsync_idp::flow::settings::Mode;
use cloudsync_idp::store::Adding;

use super::identical_refusals::masked;
use super::{GENERIC, TOO_MANY, assert_refused, right};
use crate::support::browser::{Browser, Page};
use crate::support::lab::{self, Person};
use crate::support::provider::{NO_THROTTLE, Provider, Setup, ad_settings};
use crate::support::rows::AccountRows;

pub const EVERYONE: &str = "[second_factor]\nrequired = \"everyone\"\n";
const STEP: i64 = 30_000;
const FIRST: &str = "action=\"/login/factor\"";

/// A person of the domain that locks at the fourth wrong password, with a phone.
pub struct Scene {
    pub provider: Provider,
    pub person: Person,
    phone: Enrolling,
    recovery: Vec<String>,
}

impl Scene {
    pub async fn new(policy: &str) -> Self {
        let lab = lab::strict_ad();
        let settings = format!("{policy}{NO_THROTTLE}{}", ad_settings(lab));
        let clock = Clock::fixed(Clock::System.now());
        let provider = Provider::start(Setup { clock, ..Setup::new(&settings) }).await;
        let person = lab.admin.add_person(&lab.dn("OU=Sales,OU=Staff"), right());
        provider.sync().await.expect("the first sync");
        let phone = factors::begin_enrolment(&provider.parts.login());
        let mut scene = Self { provider, person, phone, recovery: Vec::new() };
        scene.recovery = scene.enrols().await;
        scene
    }

    async fn account(&self) -> Account {
        let found = self.provider.parts.store.identity().account_by_email(&self.person.mail).await;
        found.expect("the store").expect("an account")
    }

    async fn enrols(&self) -> Vec<String> {
        let visit = Visit {
            attempt_id: "7K3PW-0QX9M".into(),
            address: "192.0.2.1".into(),
            user_agent: String::new(),
        };
        let (account, code) = (self.account().await, self.code());
        let new = NewAuthenticator { enrolling: &self.phone, name: "Phone", code: &code };
        let parts = &self.provider.parts.login();
        let done = factors::finish_enrolment(parts, &visit, &account, new, Adding::First).await;
        match done.expect("the store") {
            Enrolled::Done(codes) => codes,
            other => panic!("{other:?}"),
        }
    }

    /// The code that the phone shows now (RFC 4226 section 5.3).
    fn code(&self) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.phone.secret.bytes());
        let digest = hmac::sign(&key, &(self.provider.parts.now() / STEP).to_be_bytes());
        let digest = digest.as_ref();
        let start = usize::from(digest[19] & 15);
        let four: [u8; 4] = digest[start..start + 4].try_into().expect("four bytes");
        format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000)
    }

    pub fn next_code(&self) -> String {
        self.provider.parts.clock.advance(STEP);
        self.code()
    }

    pub async fn opens(&self, browser: &Browser) -> Page {
        browser.follow(&self.provider.cloudsync().authorize(&[("prompt", "login")]).url).await
    }

    /// The page after name and password, with redirects followed.
    pub async fn submit(&self, browser: &Browser, page: &Page, name: &str, password: &str) -> Page {
        followed(browser, browser.submit(page, name, password).await).await
    }

    /// A stranger's login up to the page that asks for a code first.
    pub async fn asked_first(&self, browser: &Browser, name: &str) -> Page {
        let page = self.opens(browser).await;
        for _ in 0..3 {
            let answer = self.submit(browser, &page, name, &lab::unique("wrong")).await;
            if answer.body.contains(FIRST) {
                return answer;
            }
            assert_refused(&answer, GENERIC);
        }
        panic!("no page asks for a code");
    }

    fn bad(&self) -> String {
        lab::strict_ad().admin.read(&self.person.dn, "badPwdCount").concat()
    }
}

async fn followed(browser: &Browser, answer: Page) -> Page {
    match &answer.location {
        Some(next) if next.starts_with('/') => browser.follow(&answer.absolute(next)).await,
        _ => answer,
    }
}

/// Sends a page's form and follows redirects.
pub async fn fills(browser: &Browser, page: &Page, path: &str, typed: &[(&str, &str)]) -> Page {
    let hidden = page.fields();
    let hidden = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let fields: Vec<_> = hidden.chain(typed.iter().copied()).collect();
    followed(browser, browser.post(&page.absolute(path), &fields).await).await
}

async fn types(browser: &Browser, page: &Page, code: &str) -> Page {
    fills(browser, page, "/login/factor", &[("code", code)]).await
}

/// A name of the same length that does not exist.
fn nobody(person: &Person) -> String {
    format!("q{}", &person.account[1..])
}

#[tokio::test]
async fn an_existing_and_an_unknown_name_get_the_same_pages() {
    let scene = Scene::new(EVERYONE).await;
    let (known, unknown) = (scene.person.account.clone(), nobody(&scene.person));
    let (one, other) = (Browser::new(), Browser::new());
    let (mut pages, mut others) = (vec![scene.opens(&one).await], vec![scene.opens(&other).await]);
    for (browser, pages, name) in [(&one, &mut pages, &known), (&other, &mut others, &unknown)] {
        for password in ["wrong", "wrong", "wrong again", "wrong", right()] {
            let answer = scene.submit(browser, &pages[0], name, password).await;
            pages.push(answer);
        }
        let first = pages[5].clone();
        for code in ["000000", "ABCD-EFGH-JKLM-NPQR", ""] {
            pages.push(types(browser, &first, code).await);
        }
    }
    for (number, (page, other)) in pages.iter().zip(&others).enumerate() {
        assert_eq!((page.status, &page.cookies), (other.status, &other.cookies), "page {number}");
        assert_eq!(masked(page, &known), masked(other, &unknown), "page {number}");
    }
    assert_refused(&pages[2], GENERIC);
    for page in &pages[4..6] {
        assert!(page.body.contains(FIRST), "{}", page.text());
        assert!(
            page.text().contains("Try again in 30 minutes, or use a browser in which you"),
            "{}",
            page.text()
        );
        assert!(page.body.contains("<details open>"), "the way out for a person without a code");
    }
    assert_eq!(scene.bad(), "2", "each wrong password was sent once");
}

#[tokio::test]
async fn another_form_of_a_name_gets_the_same_pages_as_an_unknown_name() {
    let scene = Scene::new(EVERYONE).await;
    let (known, unknown) = (&scene.person.account, &nobody(&scene.person));
    for name in [known, unknown] {
        let browser = Browser::new();
        let page = scene.opens(&browser).await;
        for form in [name.clone(), format!("CORP\\{name}"), format!("{name}@corp.example.com")] {
            for password in ["wrong", "wrong again"] {
                let answer = scene.submit(&browser, &page, &form, password).await;
                assert_refused(&answer, GENERIC);
            }
            let answer = scene.submit(&browser, &page, &form, "and again").await;
            assert!(answer.body.contains(FIRST), "{form}: {}", answer.text());
        }
    }
    assert_eq!(scene.bad(), "2", "it is the same person");
}

#[tokio::test]
async fn the_owner_of_the_factor_gets_in_while_the_name_is_attacked() {
    let scene = Scene::new(EVERYONE).await;
    let name = &scene.person.account;
    scene.asked_first(&Browser::new(), name).await;
    for code in [scene.next_code(), scene.recovery[0].clone()] {
        let browser = Browser::new();
        let page = scene.asked_first(&browser, name).await;
        let mut page = types(&browser, &page, &code).await;
        if page.body.contains("action=\"/login/recovery-codes\"") {
            page = fills(&browser, &page, "/login/recovery-codes", &[]).await;
        }
        assert!(page.text().contains("Your code was right"), "{}", page.text());
        let arrived = browser.submit(&page, name, right()).await;
        assert!(arrived.parameter("code").is_some(), "{}", arrived.text());
        let tokens = scene.provider.cloudsync().exchange(&arrived).await;
        assert_eq!(tokens.payload("id_token")["amr"], serde_json::json!(["pwd", "otp", "mfa"]));
        assert_eq!(scene.bad(), "0", "the directory has received the right password");
    }
}

#[tokio::test]
async fn a_right_code_allows_exactly_one_bind() {
    let scene = Scene::new(EVERYONE).await;
    let (name, admin) = (&scene.person.account, &lab::strict_ad().admin);
    let browser = Browser::new();
    let first = scene.asked_first(&browser, name).await;
    let code = scene.next_code();
    let page = types(&browser, &first, &code).await;
    // The password is right, but not enough: such a bind changes no failure count.
    admin.replace(&scene.person.dn, "userAccountControl", &["66050"]);
    assert_refused(&scene.submit(&browser, &page, name, right()).await, "Your account is disabled");
    admin.replace(&scene.person.dn, "userAccountControl", &["66048"]);
    assert_eq!(scene.bad(), "2");
    for password in [right(), "wrong"] {
        let answer = scene.submit(&browser, &page, name, password).await;
        assert!(answer.body.contains(FIRST), "the same login again: {}", answer.text());
    }
    let again = types(&browser, &first, &code).await;
    assert!(again.body.contains(FIRST), "the same code again: {}", again.text());
    assert_eq!(scene.bad(), "2", "no password was sent");

    let page = types(&browser, &first, &scene.next_code()).await;
    assert_refused(&scene.submit(&browser, &page, name, "wrong").await, GENERIC);
    assert_eq!(scene.bad(), "3");
    let page = types(&browser, &first, &scene.next_code()).await;
    assert_refused(&scene.submit(&browser, &page, name, right()).await, TOO_MANY);
    assert_eq!(scene.bad(), "3", "the last attempt is never used");
}

#[tokio::test]
async fn another_persons_code_allows_no_bind() {
    let scene = Scene::new(EVERYONE).await;
    let lab = lab::strict_ad();
    let other = lab.admin.add_person(&lab.dn("OU=Sales,OU=Staff"), right());
    let browser = Browser::new();
    scene.asked_first(&browser, &other.account).await;
    let page = scene.asked_first(&browser, &scene.person.account).await;
    let page = types(&browser, &page, &scene.next_code()).await;
    let answer = scene.submit(&browser, &page, &other.account, right()).await;
    assert!(answer.body.contains(FIRST), "{}", answer.text());
    assert_eq!(lab.admin.read(&other.dn, "badPwdCount"), ["2"]);
}

#[tokio::test]
async fn pages_do_not_reveal_attempts_made_elsewhere() {
    let scene = Scene::new(EVERYONE).await;
    let lab = lab::strict_ad();
    let elsewhere = Provider::start(Setup::new(&ad_settings(lab))).await;
    let stranger = Browser::new();
    let page = stranger.follow(&elsewhere.cloudsync().authorize(&[]).url).await;
    for password in ["wrong", "wrong again"] {
        assert_refused(&stranger.submit(&page, &scene.person.account, password).await, GENERIC);
    }
    let browser = Browser::new();
    let page = scene.opens(&browser).await;
    for password in [right(), "wrong"] {
        let answer = scene.submit(&browser, &page, &scene.person.account, password).await;
        assert_refused(&answer, GENERIC);
    }
    let answer = scene.submit(&browser, &page, &scene.person.account, right()).await;
    assert!(answer.body.contains(FIRST), "as after two attempts with any name: {}", answer.text());
    assert_eq!(scene.bad(), "2");
}

#[tokio::test]
async fn pages_do_not_reveal_what_the_owner_does() {
    let scene = Scene::new(EVERYONE).await;
    let (name, parts) = (&scene.person.account, &scene.provider.parts);
    let stranger = Browser::new();
    let page = scene.asked_first(&stranger, name).await;
    let owner = types(&stranger, &page, &scene.next_code()).await;
    assert!(stranger.submit(&owner, name, right()).await.parameter("code").is_some());
    assert_eq!(scene.bad(), "0");
    let browser = Browser::new();
    let page = scene.opens(&browser).await;
    assert!(scene.submit(&browser, &page, name, "wrong").await.body.contains(FIRST), "as for any name");
    parts.clock.advance(31 * 60_000);
    let page = scene.opens(&browser).await;
    assert_refused(&scene.submit(&browser, &page, name, "wrong").await, GENERIC);
}

#[tokio::test]
async fn not_you_restarts_with_another_name() {
    let scene = Scene::new(EVERYONE).await;
    let browser = Browser::new();
    let page = scene.asked_first(&browser, &nobody(&scene.person)).await;
    let page = fills(&browser, &page, "/session/forget", &[]).await;
    assert!(page.body.contains("name=\"password\"") && !page.body.contains(&nobody(&scene.person)));
}

#[tokio::test]
async fn without_factors_used_up_attempts_are_reported() {
    let scene = Scene::new("").await;
    for name in [scene.person.account.clone(), nobody(&scene.person)] {
        let browser = Browser::new();
        let page = scene.opens(&browser).await;
        for password in ["wrong", "wrong", "wrong again"] {
            assert_refused(&scene.submit(&browser, &page, &name, password).await, GENERIC);
        }
        let answer = scene.submit(&browser, &page, &name, right()).await;
        assert_refused(&answer, TOO_MANY);
        assert!(
            answer.text().contains("Try again in 30 minutes, or use a browser in which"),
            "{}",
            answer.text()
        );
    }
    assert_eq!(scene.bad(), "2");
    // A client that requires a second factor is reason enough to ask.
    let client = "[[clients]]\nclient_id = \"cloudsync\"\nrequire_second_factor = true\n";
    scene.provider.apply(client, Mode::Merge).await.expect("good settings");
    scene.asked_first(&Browser::new(), &scene.person.account).await;
}

#[tokio::test]
async fn after_a_password_change_a_known_browser_is_unknown() {
    let scene = Scene::new("").await;
    let (name, owner, new) = (&scene.person.account, Browser::new(), format!("{}-2", right()));
    let page = scene.opens(&owner).await;
    assert!(owner.submit(&page, name, right()).await.parameter("code").is_some());
    let spent = async || {
        let stranger = Browser::new();
        let page = scene.opens(&stranger).await;
        for _ in 0..2 {
            scene.submit(&stranger, &page, name, &lab::unique("wrong")).await;
        }
        scene.opens(&owner).await
    };
    let page = spent().await;
    let arrived = owner.submit(&page, name, right()).await;
    assert!(arrived.parameter("code").is_some(), "a known browser has one more attempt: {}", arrived.text());
    lab::strict_ad().admin.set_ad_password(&scene.person.dn, &new);
    let page = spent().await;
    assert_refused(&owner.submit(&page, name, &new).await, TOO_MANY);
}
