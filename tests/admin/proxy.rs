//! Behind a proxy that terminates TLS: only its headers are trusted.

use cloudsync_idp::store::{AuditFilter, Store};
use reqwest::header::{COOKIE, HeaderMap, HeaderValue};
use reqwest::{Client, StatusCode};

use super::process::{Installation, Served, free_port};
use crate::support::browser::{Browser, Page};
use crate::support::lab;
use crate::support::provider::{CLIENT, ldap_settings};

fn behind_a_proxy() -> Installation {
    let port = free_port();
    let config = format!(
        "public_url = \"https://idp.example.com\"\nlisten = \"127.0.0.1:{port}\"\ntrusted_proxies = [\"127.0.0.2\", \"127.0.0.8/30\"]\n"
    );
    let idp = Installation::with(port, &config);
    idp.apply(&format!("{CLIENT}{}", ldap_settings(&[lab::ldap()])));
    idp
}

/// A connection from this address, with this header.
fn from(address: &str, forwarded: &'static str) -> Client {
    let mut headers = HeaderMap::new();
    headers.insert("x-forwarded-for", HeaderValue::from_static(forwarded));
    Browser::new(); // installs the provider of cryptography
    Client::builder()
        .local_address(Some(address.parse().expect("an address")))
        .redirect(reqwest::redirect::Policy::none())
        .default_headers(headers)
        .build()
        .expect("a client")
}

/// Types a wrong password, carrying the cookies by hand: a browser would see https. The address of the event.
async fn address_of_an_attempt(served: &Served, http: &Client, store: &Store) -> Option<String> {
    let asked = served.cloudsync().authorize(&[]).url;
    let start = Page::of(http.get(&asked)).await;
    let cookie = start.headers["set-cookie"].clone();
    let cookie = cookie.split(';').next().unwrap_or_default();
    let login = start.absolute(start.location.as_deref().expect("the sign-in page"));
    let page = Page::of(http.get(login).header(COOKIE, cookie)).await;
    let mut fields = page.fields();
    fields.extend([("username".into(), "nobody".into()), ("password".into(), "whatever".into())]);
    let refused = Page::of(http.post(page.absolute("/login")).header(COOKIE, cookie).form(&fields)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());
    let row = store.login().audit_page(None, 1, &AuditFilter::All).await.expect("an answer").remove(0);
    assert_eq!(row.decision, "sign_in_refused");
    row.address
}

#[tokio::test]
async fn the_address_from_a_trusted_proxy_is_read_from_the_right() {
    let idp = behind_a_proxy();
    let served = idp.serve();
    let store = Store::open(&idp.store()).await.expect("the same file");
    for (forwarded, address) in [
        ("203.0.113.9", "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, 127.0.0.9", "203.0.113.9"),
        ("2001:db8::7", "2001:db8::7"),
        ("nonsense", "127.0.0.2"),
    ] {
        let http = from("127.0.0.2", forwarded);
        assert_eq!(
            address_of_an_attempt(&served, &http, &store).await.as_deref(),
            Some(address),
            "{forwarded}"
        );
    }
    let page = Page::of(from("127.0.0.2", "203.0.113.9").get(served.cloudsync().authorize(&[]).url)).await;
    assert!(page.headers["strict-transport-security"].starts_with("max-age="));
    let cookie = &page.headers["set-cookie"];
    assert!(
        cookie.starts_with("__Host-") && cookie.contains("; Secure") && cookie.contains("; HttpOnly"),
        "{cookie}"
    );
}

#[tokio::test]
async fn requests_that_bypass_the_proxy_are_refused() {
    let idp = behind_a_proxy();
    let served = idp.serve();
    let http = from("127.0.0.1", "127.0.0.2");
    for path in
        ["/authorize", "/login", "/token", "/jwks", "/.well-known/openid-configuration", "/userinfo", "/"]
    {
        let page = Page::of(http.get(format!("{}{path}", served.url))).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}");
        assert!(!page.headers.contains_key("set-cookie"), "{path}");
    }
    for path in ["/healthz", "/readyz"] {
        assert_eq!(
            Page::of(http.get(format!("{}{path}", served.url))).await.status,
            StatusCode::OK,
            "{path}"
        );
    }
}

#[tokio::test]
async fn without_a_trusted_proxy_no_forwarded_address_is_trusted() {
    let idp = Installation::of(lab::ldap());
    let served = idp.serve();
    let store = Store::open(&idp.store()).await.expect("the same file");
    let http = from("127.0.0.1", "203.0.113.9");
    assert_eq!(address_of_an_attempt(&served, &http, &store).await.as_deref(), Some("127.0.0.1"));
}
