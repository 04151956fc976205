//! Hostile input: filters, DNs, NULs, broken UTF-8, and far too much of everything.

use std::cell::RefCell;
use std::io::Write;

use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tracing_subscriber::EnvFilter;

use super::{GENERIC, assert_nothing_gained, assert_refused, at_openldap, right, stats};
use crate::support::browser::{Browser, Page};
use crate::support::lab;
use crate::support::provider::Provider;

const MEGABYTE: usize = 1024 * 1024;

/// Names that do not exist, but that a careless search would find.
const NAMES: [&str; 24] = [
    "*",
    "a*",
    "*)(uid=*",
    "*)(|(sAMAccountName=*",
    "alice)(|(x=*",
    "alice)(objectClass=*))(|(cn=*",
    "(alice)",
    "alice,OU=Staff",
    "CN=Alice Adams",
    "uid=alice,ou=people,dc=example,dc=org",
    "\\2a",
    "alice\\2a",
    "alice\\00",
    "CORP\\*",
    "CORP\\alice)(x=*",
    "*@example.com",
    "*@example.org",
    "alice*@example.org",
    "in\u{ea}s",
    "ali\u{e7}e",
    "al\u{131}ce",
    "\u{ff41}lice",
    "ali\u{200b}ce",
    "\u{430}lice",
];

/// The page's text without the attempt id, which differs each time.
fn words(page: &Page) -> String {
    page.text().replace(page.attempt_id(), "")
}

async fn opened(provider: &Provider) -> (Browser, Page) {
    let browser = Browser::new();
    let page = browser.follow(&provider.cloudsync().authorize(&[]).url).await;
    (browser, page)
}

#[tokio::test]
async fn the_user_name_is_never_used_as_a_filter_or_a_dn() {
    for provider in [at_openldap().await, Provider::for_ad(lab::ad()).await] {
        let (browser, page) = opened(&provider).await;
        let nobody = words(&browser.submit(&page, "nobody", right()).await);
        let long = "a".repeat(3000);
        for name in NAMES.into_iter().chain([long.as_str()]) {
            let answer = browser.submit(&page, name, right()).await;
            assert_refused(&answer, GENERIC);
            assert_eq!(words(&answer), nobody, "{name}");
        }
        assert_eq!(stats(&provider).binds.opened, 0, "no entry was found, so no password was sent");
        assert!(browser.submit(&page, "alice", right()).await.parameter("code").is_some());
    }
}

#[tokio::test]
async fn all_refusals_before_a_right_password_are_identical() {
    let ad = lab::ad();
    let provider = Provider::for_ad(ad).await;
    let (browser, page) = opened(&provider).await;
    let inside = ad.admin.add_person(&ad.dn("OU=Sales,OU=Staff"), right());
    let outside = ad.admin.add_person(&ad.dn("OU=Outside"), right());
    let expected = words(&browser.submit(&page, "nobody", right()).await);
    let attempts = [
        (inside.account.as_str(), "wrong"),
        (inside.mail.as_str(), "wrong"),
        (outside.account.as_str(), "wrong"),
        ("hugo", right()),
        ("hugo", "wrong"),
        ("OTHER\\alice", right()),
        ("svc-sync", "wrong"),
        ("svc-sync", ad.service_password.as_str()),
    ];
    for (name, password) in attempts {
        let answer = browser.submit(&page, name, password).await;
        assert_refused(&answer, GENERIC);
        assert_eq!(words(&answer), expected, "{name}");
    }
}

#[tokio::test]
async fn nobody_signs_in_as_the_service_account() {
    let (ad, ldap) = (lab::ad(), lab::ldap());
    let provider = Provider::for_ad(ad).await;
    let (browser, page) = opened(&provider).await;
    for name in ["svc-sync", "CORP\\svc-sync", "svc-sync@corp.example.com", "SVC-SYNC"] {
        assert_refused(&browser.submit(&page, name, &ad.service_password).await, GENERIC);
    }
    assert_eq!(stats(&provider).binds.opened, 0, "no bind was attempted");
    let provider = at_openldap().await;
    let (browser, page) = opened(&provider).await;
    for name in ["reader", "cn=reader", &ldap.service_dn] {
        assert_refused(&browser.submit(&page, name, &ldap.service_password).await, GENERIC);
    }
    assert_eq!(stats(&provider).binds.opened, 0);
}

#[tokio::test]
async fn blank_passwords_reach_no_server() {
    let ad = lab::ad();
    let person = ad.admin.add_person(&ad.dn("OU=Sales,OU=Staff"), right());
    let provider = Provider::for_ad(ad).await;
    blank_passwords(&provider, &person.account).await;
    assert!(["", "0"].contains(&ad.admin.read(&person.dn, "badPwdCount").concat().as_str()));

    // A server that treats a bind without a password as an anonymous one, which succeeds.
    let careless = lab::own_ldap(&[("UNAUTH", "yes")]);
    let provider = Provider::for_ldap(&[&careless]).await;
    blank_passwords(&provider, "alice").await;
    assert!(careless.admin.read(&careless.dn("uid=alice,ou=people"), "pwdFailureTime").is_empty());
}

async fn blank_passwords(provider: &Provider, name: &str) {
    let (browser, page) = opened(provider).await;
    assert_refused(&browser.submit(&page, name, "").await, "Enter your password");
    for nul in ["\0", "\0\0\0\0\0\0\0\0", "\0right"] {
        let answer = browser.submit(&page, name, nul).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text());
        assert_nothing_gained(&answer);
    }
    assert_refused(&browser.submit(&page, "", "x").await, "Enter your user name");
    assert_refused(&browser.submit(&page, " \t ", "x").await, "Enter your user name");
    assert_eq!(stats(provider).binds.opened, 0);
}

#[tokio::test]
async fn a_name_with_a_nul_is_refused() {
    let provider = at_openldap().await;
    let (browser, page) = opened(&provider).await;
    for name in ["alice\0", "\0alice", "al\0ice"] {
        let answer = browser.submit(&page, name, right()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text());
        assert_nothing_gained(&answer);
    }
    assert_eq!(stats(&provider).binds.opened, 0);
}

#[tokio::test]
async fn a_request_of_a_megabyte_is_refused() {
    let provider = at_openldap().await;
    let (browser, page) = opened(&provider).await;
    let much = "x".repeat(MEGABYTE);
    for path in ["/login", "/session/forget", "/logout", "/authorize"] {
        for field in ["username", "password", "pending", "csrf", "state"] {
            let answer = browser.post(&page.absolute(path), &[(field, &much)]).await;
            assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path} {field}");
            assert!(answer.text().contains("Too much was sent"), "{}", answer.text());
        }
    }
    for path in ["/token", "/revoke", "/introspect", "/userinfo"] {
        let answer = browser.post(&page.absolute(path), &[("code", &much)]).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
    for path in ["/authorize?login_hint=", "/login?p=", "/logout?state=", "/"] {
        let mut head = format!("GET {path}").into_bytes();
        head.extend_from_slice(much.as_bytes());
        head.extend_from_slice(b" HTTP/1.1\r\nHost: x\r\n\r\n");
        assert!(raw(&provider, &head).await.starts_with("HTTP/1.1 4"), "{path}");
    }
    assert!(browser.submit(&page, "alice", right()).await.parameter("code").is_some());
}

/// The server's response to these bytes. What follows the response is not read.
async fn raw(provider: &Provider, bytes: &[u8]) -> String {
    let address = provider.url.strip_prefix("http://").expect("plain http");
    let mut server = TcpStream::connect(address).await.expect("it listens");
    let _ = server.write_all(bytes).await;
    let mut answer = vec![0; 4096];
    let read = server.read(&mut answer).await.unwrap_or_default();
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

#[tokio::test]
async fn invalid_utf_8_is_refused() {
    let provider = at_openldap().await;
    let (browser, page) = opened(&provider).await;
    let (pending, csrf) = (&page.fields()["pending"], &page.fields()["csrf"]);
    let known = format!("pending={pending}&csrf={csrf}");
    for rest in
        ["username=%ff%fe&password=x", "username=alice&password=%c0%80", "username=%ed%a0%80&password=x"]
    {
        let request = browser.http.post(page.absolute("/login")).body(format!("{known}&{rest}"));
        let answer = Page::of(request.header(CONTENT_TYPE, "application/x-www-form-urlencoded")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{rest}: {}", answer.text());
        assert_nothing_gained(&answer);
    }
    for query in ["/login?p=%ff", "/authorize?client_id=%ff", "/logout?state=%ff", "/authorize?%ff=%ff"] {
        assert_eq!(browser.open(&page.absolute(query)).await.status, StatusCode::BAD_REQUEST, "{query}");
    }
    let asked = provider.cloudsync().authorize(&[("state", "")]).url + "&state=%ff";
    let response = browser.open(&asked).await;
    assert_eq!(response.parameter("error").as_deref(), Some("invalid_request"), "{}", response.text());
    assert_eq!(response.parameter("state"), None);
    for path in [&b"/login?p=\xff"[..], b"/\xff\xfe", b"/login?p=\x01"] {
        let head = [b"GET ", path, b" HTTP/1.1\r\nHost: x\r\nCookie: \xff\xfe=\xff\r\n\r\n"].concat();
        assert!(raw(&provider, &head).await.starts_with("HTTP/1.1 4"), "{path:x?}");
    }
    assert!(browser.submit(&page, "alice", right()).await.parameter("code").is_some());
}

#[tokio::test]
async fn a_repeated_field_is_refused_and_an_unknown_one_ignored() {
    let provider = at_openldap().await;
    let (browser, page) = opened(&provider).await;
    let fields = page.fields();
    let known = [
        ("pending", fields["pending"].as_str()),
        ("csrf", &fields["csrf"]),
        ("username", "alice"),
        ("password", right()),
    ];
    for twice in known {
        let fields = [known.as_slice(), &[twice]].concat();
        let answer = browser.post(&page.absolute("/login"), &fields).await;
        assert!(answer.status.is_client_error(), "{twice:?}: {}", answer.text());
        assert_nothing_gained(&answer);
    }
    let many: Vec<_> = (0..100).map(|_| ("unknown", "x")).chain(known).collect();
    let answer = browser.post(&page.absolute("/login"), &many).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(stats(&provider).binds.opened, 0);
    let unknown =
        [known.as_slice(), &[("role", "admin"), ("sub", "1"), ("redirect_uri", "https://evil.example")]];
    let answer = browser.post(&page.absolute("/login"), &unknown.concat()).await;
    assert!(answer.location.unwrap_or_default().starts_with("https://cloudsync.example/callback?code="));
}

#[tokio::test]
async fn markup_is_always_shown_as_text() {
    const MARKUP: &str = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'";
    let provider = at_openldap().await;
    let cloudsync = provider.cloudsync();
    let browser = Browser::new();
    let hinted = cloudsync.authorize(&[("login_hint", MARKUP), ("ui_locales", MARKUP)]);
    let page = browser.follow(&hinted.url).await;
    let refused = browser.submit(&page, MARKUP, "wrong").await;
    let form = cloudsync.authorize(&[("response_mode", "form_post"), ("state", MARKUP), ("prompt", "none")]);
    let posted = browser.open(&form.url).await;
    assert_eq!(posted.status, StatusCode::OK);
    let unknown = browser.open(&cloudsync.authorize(&[("client_id", MARKUP)]).url).await;
    let logout = format!("{}/logout", provider.url);
    let confirm = browser.post(&logout, &[("state", MARKUP), ("confirm", "yes")]).await;
    let nowhere = browser.open(&format!("{}/{MARKUP}", provider.url)).await;
    for page in [&page, &refused, &posted, &unknown, &confirm, &nowhere] {
        assert!(!page.body.contains("<script>") && !page.body.contains("<img src=x"), "{}", page.body);
        assert!(!page.body.contains("value=\"\">"), "{}", page.body);
    }
    for page in [&page, &refused, &posted] {
        assert!(
            page.body.contains("&#60;script&#62;") || page.body.contains("&lt;script&gt;"),
            "{}",
            page.body
        );
    }
}

/// What this thread has logged. A test's provider runs on the test's own thread.
pub(super) struct Log;

thread_local! {
    static LOGGED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOGGED.with_borrow_mut(|log| log.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Global, because tracing registers each callsite once: a log of one thread could miss events.
    pub(super) fn keep() {
        let format = tracing_subscriber::fmt().with_writer(|| Log).with_ansi(false);
        let subscriber = format.with_env_filter(EnvFilter::new("cloudsync_idp=trace")).finish();
        // Another test may have installed it already, with this same log.
        let _ = tracing::subscriber::set_global_default(subscriber);
    }

    pub(super) fn text() -> String {
        LOGGED.with_borrow(|log| String::from_utf8_lossy(log).into_owned())
    }
}

#[tokio::test]
async fn log_lines_cannot_be_forged_and_contain_no_secret() {
    const BREAK: &str = "alice\r\nFORGED: alice signed in\u{1b}[31m";
    Log::keep();
    let provider = at_openldap().await;
    let cloudsync = provider.cloudsync();
    for name in
        ["client_id", "redirect_uri", "scope", "state", "prompt", "login_hint", "response_type", "nonce"]
    {
        let page = Browser::new().open(&cloudsync.authorize(&[(name, BREAK)]).url).await;
        assert!(!page.headers.contains_key("forged") && page.status.as_u16() < 500, "{name}");
        assert!(!page.location.unwrap_or_default().contains('\n'), "{name}");
    }
    let (browser, page) = opened(&provider).await;
    let refused = browser.submit(&page, BREAK, "Secret-1-typed").await;
    assert_refused(&refused, GENERIC);
    assert!(!refused.headers.contains_key("forged"));
    let arrived = browser.submit(&page, "alice", right()).await;
    let tokens = cloudsync.exchange(&arrived).await;
    let text = Log::text();
    assert!(text.contains("path=\"/token\""), "{text}");
    assert!(!text.lines().any(|line| line.contains("FORGED") && !line.contains("cloudsync_idp")), "{text}");
    let session = arrived.cookie(super::SESSION).unwrap();
    let code = arrived.parameter("code").unwrap();
    let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
    for secret in ["Secret-1-typed", right(), session, &code, access, refresh, "cloudsync-test-secret"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}
