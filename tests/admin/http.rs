//! Malformed and slow HTTP requests to the real server.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::process::Installation;

/// Sends some bytes, and gives what comes back until the server closes the connection.
async fn answer_to(port: u16, sent: &str) -> String {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).await.expect("it listens");
    connection.write_all(sent.as_bytes()).await.expect("it reads");
    let mut answer = Vec::new();
    let _ = connection.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

// RFC 9112 section 3.2
#[tokio::test(flavor = "multi_thread")]
async fn a_request_names_exactly_one_host() {
    let idp = Installation::new();
    let _served = idp.serve();
    let table = [
        ("Host: idp.example.com\r\n", "200"),
        ("Host: [::1]:8080\r\n", "200"),
        ("", "400"),
        ("Host: idp.example.com\r\nHost: idp.example.com\r\n", "400"),
        ("Host: idp.example.com\r\nHost: evil.example\r\n", "400"),
        ("Host:\r\n", "400"),
        ("Host: idp.example.com/x\r\n", "400"),
        ("Host: a@idp.example.com\r\n", "400"),
        ("Host: idp.example.com:http\r\n", "400"),
    ];
    for (host, status) in table {
        let answer =
            answer_to(idp.port, &format!("GET /healthz HTTP/1.1\r\n{host}Connection: close\r\n\r\n")).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{host:?}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_body_is_answered_in_json_where_programs_ask() {
    let idp = Installation::new();
    let _served = idp.serve();
    for path in ["/token", "/revoke", "/introspect", "/userinfo"] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        );
        let answer = answer_to(idp.port, &format!("{head}zz\r\nnothing\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{path}: {answer}");
        assert!(
            answer.contains("application/json") && answer.contains("\"invalid_request\""),
            "{path}: {answer}"
        );
    }
}

/// Sends some bytes and then another every now and then, until the server closes the connection.
async fn drip(port: u16, sent: &str) -> String {
    let connection = TcpStream::connect(("127.0.0.1", port)).await.expect("it listens");
    let (mut read, mut write) = connection.into_split();
    write.write_all(sent.as_bytes()).await.expect("it reads");
    let dripping = tokio::spawn(async move {
        while write.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    });
    let mut answer = Vec::new();
    let _ = read.read_to_end(&mut answer).await;
    dripping.abort();
    String::from_utf8_lossy(&answer).into_owned()
}

/// A client that sends a byte now and then keeps no connection, on any path, whether or not the body is read.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_ends_when_its_head_or_body_is_too_slow() {
    let idp = Installation::new();
    let _served = idp.serve();
    let body = |method: &str, path: &str| {
        format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\n\r\na"
        )
    };
    let sent = [
        body("POST", "/token"),
        body("POST", "/userinfo"),
        body("POST", "/login"),
        body("POST", "/login/factor"),
        body("POST", "/authorize"),
        body("POST", "/logout"),
        body("POST", "/nothing"),
        body("PUT", "/token"),
        body("GET", "/healthz"),
        "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ".to_owned(),
        "GET /healthz HTT".to_owned(),
    ];
    let began = Instant::now();
    let mut open = JoinSet::new();
    for sent in sent {
        let port = idp.port;
        open.spawn(async move { (drip(port, &sent).await, sent) });
    }
    while let Some(ended) = open.join_next().await {
        let (answer, sent) = ended.expect("no panic");
        let took = began.elapsed();
        assert!(took < Duration::from_secs(15), "{took:?} for {sent:?}: {answer}");
    }
}
