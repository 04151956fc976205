//! The client against servers on this machine.

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::response::Redirect;
use axum::routing::{get, post};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use url::Url;

use super::{Authorization, HttpBody, HttpClient, HttpError, HttpRequest, Outbound};
use crate::domain::outbound::ServiceRule;
use crate::domain::secret::Plain;

fn outbound(networks: &[&str]) -> Outbound {
    let networks = networks.iter().map(|network| network.parse().expect("a network")).collect();
    Outbound {
        rule: ServiceRule { networks },
        ca_pem: None,
        proxy: None,
        timeout: Duration::from_secs(20),
        most_bytes: 1_000,
    }
}

fn client(outbound: &Outbound) -> HttpClient {
    HttpClient::new(outbound).expect("a client")
}

fn here() -> Outbound {
    let system = outbound(&["127.0.0.0/8", "::1/128"]);
    Outbound { ca_pem: Some(ca()), ..system }
}

/// A CA, so that no test depends on those of the system.
fn ca() -> String {
    let key = rcgen::KeyPair::generate().expect("a key");
    let certificate = rcgen::CertificateParams::new(["ca".to_owned()]).expect("names").self_signed(&key);
    certificate.expect("a certificate").pem()
}

fn get_of(url: &str) -> HttpRequest {
    let url = Url::parse(url).expect("a URL");
    HttpRequest { method: "GET", url, authorization: None, headers: Vec::new(), body: None }
}

async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    (listener, url)
}

async fn server(routes: Router) -> String {
    let (listener, url) = listener().await;
    tokio::spawn(async move { axum::serve(listener, routes).await });
    url
}

#[tokio::test]
async fn a_request_carries_its_token_headers_and_body() {
    let echo = |headers: HeaderMap, body: Bytes| async move {
        let of =
            |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("-").to_owned();
        [of("authorization"), of("content-type"), of("if-match"), String::from_utf8_lossy(&body).into_owned()]
            .join(" ")
    };
    let url = server(Router::new().route("/", post(echo))).await;
    let request = HttpRequest {
        method: "POST",
        authorization: Some(Authorization::Bearer(Plain::new("secret"))),
        headers: vec![("if-match", "W/\"1\"".into())],
        body: Some(HttpBody { content_type: "application/scim+json", bytes: b"{}".to_vec() }),
        ..get_of(&url)
    };
    assert!(!format!("{:?}", super::client::built(request.clone())).contains("secret"));
    let reply = client(&here()).send(request).await.expect("an answer");
    assert_eq!(String::from_utf8_lossy(&reply.body), "Bearer secret application/scim+json W/\"1\" {}");
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let elsewhere = server(Router::new().route("/", get(|| async { "elsewhere" }))).await;
    let url = server(Router::new().route("/", get(async move || Redirect::temporary(&elsewhere)))).await;
    let reply = client(&here()).send(get_of(&url)).await.expect("an answer");
    assert_eq!((reply.status, reply.body.len()), (307, 0));
}

#[tokio::test]
async fn a_long_answer_is_cut_off() {
    let answer = |bytes: usize| get(move || async move { "x".repeat(bytes) });
    let url = server(Router::new().route("/long", answer(1_001)).route("/most", answer(1_000))).await;
    let refused = client(&here()).send(get_of(&format!("{url}/long"))).await;
    assert!(matches!(refused, Err(HttpError::TooLarge(1_000))), "{refused:?}");
    let reply = client(&here()).send(get_of(&format!("{url}/most"))).await.expect("an answer");
    assert_eq!(reply.body.len(), 1_000);
}

#[tokio::test]
async fn a_request_that_arrived_may_have_taken_effect() {
    let (listener, url) = listener().await;
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let _ = stream.read(&mut [0; 1_000]).await;
    });
    let lost = client(&here()).send(get_of(&url)).await;
    assert!(matches!(lost, Err(HttpError::Lost(_))), "{lost:?}");
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let (listener, url) = listener().await;
    let hasty = Outbound { timeout: Duration::from_millis(200), ..here() };
    let client = client(&hasty);
    let (lost, _stream) = tokio::join!(client.send(get_of(&url)), listener.accept());
    assert!(matches!(&lost, Err(HttpError::Lost(why)) if why == "no answer in time"), "{lost:?}");
}

#[tokio::test]
async fn a_closed_port_is_reported_as_not_sent() {
    let (listener, url) = listener().await;
    drop(listener);
    let refused = client(&here()).send(get_of(&url)).await;
    assert!(matches!(&refused, Err(HttpError::NotSent(why)) if why.contains("refused")), "{refused:?}");
}

#[tokio::test]
async fn private_addresses_are_refused_in_every_spelling() {
    let (listener, url) = listener().await;
    let port = listener.local_addr().expect("an address").port();
    let closed = Outbound { rule: ServiceRule::default(), ..here() };
    let spellings = [
        url.replace("http:", "https:"),
        url,
        format!("http://localhost:{port}"),
        format!("https://localhost:{port}"),
        format!("https://2130706433:{port}"),
        format!("https://0x7f.1:{port}"),
        format!("https://[::1]:{port}"),
        format!("https://[::ffff:127.0.0.1]:{port}"),
        "https://10.0.0.1".to_owned(),
        "https://169.254.169.254/latest".to_owned(),
    ];
    for url in spellings {
        let refused = client(&closed).send(get_of(&url)).await;
        assert!(matches!(refused, Err(HttpError::NotSent(_))), "{url}: {refused:?}");
    }
    let nobody = tokio::time::timeout(Duration::ZERO, listener.accept()).await;
    assert!(nobody.is_err(), "nothing has connected");
}

#[tokio::test]
async fn unencrypted_requests_leave_this_machine_by_no_setting() {
    let all = Outbound { rule: outbound(&["0.0.0.0/0"]).rule, ..here() };
    for url in ["http://192.0.2.1/", "http://service.example.com/", "ftp://localhost/", "file:///etc/passwd"]
    {
        let refused = client(&all).send(get_of(url)).await;
        assert!(
            matches!(&refused, Err(HttpError::NotSent(why)) if why.contains("https")),
            "{url}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn a_token_that_is_no_header_is_refused() {
    let request = HttpRequest {
        authorization: Some(Authorization::Bearer(Plain::new("a\nb"))),
        ..get_of("http://localhost/")
    };
    let refused = client(&here()).send(request).await;
    assert!(matches!(&refused, Err(HttpError::NotSent(why)) if !why.contains("a\nb")), "{refused:?}");
}
