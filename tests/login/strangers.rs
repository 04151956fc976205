//! What a stranger, another site, or a client with outdated settings must not get.

use reqwest::StatusCode;
use reqwest::header::ORIGIN;

use cloudsync_idp::directory::Found;
use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::domain::name::TypedName;
use cloudsync_idp::domain::secret::Plain;
use cloudsync_idp::flow::settings::{Mode, Secrets, SettingsFile, apply};
use tokio::time::{Duration, Instant};

use crate::support::bind;
use crate::support::browser::{Browser, Page};
use crate::support::lab::{self, AdLab};
use crate::support::provider::{Provider, Setup, ad_settings};

async fn signed_in(provider: &Provider, browser: &Browser) -> Page {
    let asked = provider.cloudsync().authorize(&[]);
    browser.sign_in(&asked, "alice", &lab::ldap().user_password).await
}

#[tokio::test]
async fn a_form_is_accepted_with_our_own_origin_only() {
    let provider = Provider::for_ldap(&[lab::ldap()]).await;
    let browser = Browser::new();
    let page = browser.follow(&provider.cloudsync().authorize(&[]).url).await;
    // With a stricter Referrer-Policy a browser posts with "Origin: null", even to its own site.
    assert_eq!(page.headers["referrer-policy"], "same-origin");
    let mut fields = page.fields();
    fields.insert("username".into(), "alice".into());
    fields.insert("password".into(), lab::ldap().user_password.clone());
    let send = |origin: &str| browser.http.post(page.absolute("/login")).header(ORIGIN, origin).form(&fields);
    for foreign in ["null", "https://evil.example"] {
        assert_eq!(Page::of(send(foreign)).await.status, StatusCode::FORBIDDEN, "{foreign}");
    }
    assert!(Page::of(send(&provider.url)).await.parameter("code").is_some());
}

#[tokio::test]
async fn a_cross_site_request_cannot_sign_out() {
    let provider = Provider::for_ldap(&[lab::ldap()]).await;
    let url = format!("{}/logout", provider.url);
    // A cross-site post comes without our cookies.
    for body in ["confirm=1", "x=\u{e9}"] {
        let page = Page::of(Browser::new().http.post(&url).body(body)).await;
        assert!(!page.headers.contains_key("set-cookie"), "{body}: {:?}", page.headers);
    }
}

#[tokio::test]
async fn logins_that_are_only_started_use_no_storage() {
    let provider = Provider::for_ldap(&[lab::ldap()]).await;
    let long = "x".repeat(4_000);
    for _ in 0..20 {
        let asked = provider.cloudsync().authorize(&[("state", &long), ("nonce", &long[..1_024])]);
        assert_eq!(Browser::new().follow(&asked.url).await.status, StatusCode::OK);
    }
    assert_eq!(format!("{:?}", provider.parts.volatile), "Memory(Memory(0 values, 0 counters))");
}

#[tokio::test]
async fn a_login_completes_once_and_its_page_ends_with_it() {
    let provider = Provider::for_ldap(&[lab::ldap()]).await;
    let browser = Browser::new();
    let page = browser.follow(&provider.cloudsync().authorize(&[]).url).await;
    let password = &lab::ldap().user_password;
    assert!(browser.submit(&page, "alice", password).await.parameter("code").is_some());
    let again = browser.submit(&page, "alice", password).await;
    assert!(again.location.is_none(), "{again:?}");
    assert_ne!(browser.open(&page.url).await.status, StatusCode::OK);
}

#[tokio::test]
async fn no_code_goes_to_a_redirect_uri_removed_meanwhile() {
    let provider = Provider::for_ldap(&[lab::ldap()]).await;
    let browser = Browser::new();
    let page = browser.follow(&provider.cloudsync().authorize(&[]).url).await;
    let moved =
        "[[clients]]\nclient_id = \"cloudsync\"\nredirect_uris = [\"https://cloudsync.example/new\"]\n";
    provider.apply(moved, Mode::Merge).await.expect("good settings");
    let answer = browser.submit(&page, "alice", &lab::ldap().user_password).await;
    assert_eq!(answer.location, None, "{}", answer.text());
}

#[tokio::test]
async fn a_code_is_refused_after_the_settings_have_changed() {
    let provider = Provider::for_ldap(&[lab::ldap()]).await;
    let arrived = signed_in(&provider, &Browser::new()).await;
    provider.apply("[sso]\nenabled = false\n", Mode::Merge).await.expect("good settings");
    let code = arrived.parameter("code").expect("a code");
    let tokens = provider.cloudsync().exchange_code(&code).await;
    assert_eq!((tokens.status, tokens.text("error")), (StatusCode::BAD_REQUEST, "invalid_grant"));
}

#[tokio::test]
async fn a_refresh_is_judged_by_new_settings() {
    let provider = Provider::for_ldap(&[lab::ldap()]).await;
    let cloudsync = provider.cloudsync();
    let arrived = signed_in(&provider, &Browser::new()).await;
    let first = cloudsync.exchange(&arrived).await;
    // Another process applies settings; this one has not noticed yet. They take a scope from the client.
    let parts = &provider.parts;
    let text = "[[clients]]\nclient_id = \"cloudsync\"\nscope = \"openid offline_access\"\n";
    let file = SettingsFile { name: "test.toml", text, folder: std::path::Path::new("/") };
    let secrets = Secrets::new(&parts.keys.sealer, |_| None);
    apply(&parts.store, &secrets, &file, Mode::Merge, Event::new(parts.now(), Decision::SettingsChanged))
        .await
        .expect("good settings");
    let next = cloudsync.refresh(first.text("refresh_token")).await;
    assert_eq!((next.status, next.text("scope")), (StatusCode::OK, "openid offline_access"), "{next:?}");
    assert!(next.payload("id_token")["email"].is_null());
    provider.apply("clients = []\n", Mode::Replace).await.expect("good settings");
    let userinfo = cloudsync.userinfo(next.text("access_token")).await;
    assert_eq!(userinfo.status, StatusCode::UNAUTHORIZED, "the client was removed");
}

/// The pages that an unknown browser reads, attempt by attempt, without name and attempt id.
async fn read_by_a_stranger(provider: &Provider, name: &str) -> Vec<String> {
    let browser = Browser::new();
    let mut read = Vec::new();
    for number in 0..4 {
        let page = browser.follow(&provider.cloudsync().authorize(&[]).url).await;
        let answer = browser.submit(&page, name, &format!("not the password {number}")).await;
        let shown = match answer.location.as_deref() {
            Some(next) => browser.follow(&answer.absolute(next)).await,
            None => answer.clone(),
        };
        let mut words = shown.text().replace(name, "NAME");
        if shown.body.contains("<code>") {
            words = words.replace(shown.attempt_id(), "NUMBER");
        }
        read.push(format!("{} {} {words}", answer.status, shown.status));
    }
    read
}

/// A person whom the directory has locked because of wrong passwords typed elsewhere.
async fn locked_elsewhere(provider: &Provider, ad: &AdLab) -> String {
    let person = ad.admin.add_person(&ad.dn("OU=Outside"), &ad.user_password);
    let current = provider.parts.current();
    let corp = &current.site(&DirectoryId("corp".into())).expect("the directory of the test").directory;
    let name = TypedName::parse(&person.account).expect("a name");
    let deadline = Instant::now() + Duration::from_secs(20);
    let Found::One(entry) = corp.find(&name, deadline).await.expect("an answer") else { panic!("one entry") };
    for _ in 0..4 {
        bind(corp, &entry, &Plain::new("wrong"), deadline).await.expect("an answer");
    }
    assert_ne!(ad.admin.read(&person.dn, "lockoutTime"), ["0"], "it is locked");
    person.account
}

#[tokio::test]
async fn the_code_comes_first_at_the_same_attempt_for_every_name() {
    let ad = lab::strict_ad();
    let setup = Setup::new(&ad_settings(ad));
    let settings = format!("[second_factor]\nrequired = \"optional\"\n{}", setup.settings);
    let provider = Provider::start(Setup { settings, ..setup }).await;
    let locked = locked_elsewhere(&provider, ad).await;
    // Both names begin with the same letter, because the page shows it beside them.
    let nobody = read_by_a_stranger(&provider, "paul-is-not-here").await;
    for refused in &nobody[..2] {
        assert!(refused.contains("Sign-in failed"), "{nobody:?}");
    }
    assert!(nobody[2].contains("Enter your code"), "{nobody:?}");
    // The locked person has no attempt left from the beginning.
    assert_eq!(read_by_a_stranger(&provider, &locked).await, nobody);
}
