//! Health, readiness, and a shutdown that lets requests finish.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::process::Installation;
use crate::support::browser::Browser;
use crate::support::lab;
use crate::support::provider::{CLIENT, Provider, Setup, ldap_settings};
use crate::support::until;

/// A hop that can be taken away, and knows when something was sent over it.
struct Hop {
    port: u16,
    sent: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Hop {
    async fn to(target: String, port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let sent = Arc::new(AtomicUsize::new(0));
        let counter = sent.clone();
        let task = tokio::spawn(async move {
            let mut open = tokio::task::JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                open.spawn(hop(client, target.clone(), counter.clone()));
            }
        });
        Self { port, sent, task }
    }

    /// How often something was sent to the server.
    fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }

    /// Takes it away, with every connection over it; its port.
    async fn cut(self) -> u16 {
        self.task.abort();
        let _ = self.task.await;
        self.port
    }
}

async fn hop(mut client: TcpStream, target: String, sent: Arc<AtomicUsize>) -> Option<()> {
    let mut server = TcpStream::connect(target).await.ok()?;
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let there = async {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = from_client.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
            sent.fetch_add(1, Ordering::SeqCst);
            to_server.write_all(&buffer[..read]).await.ok()?;
        }
    };
    tokio::select! {
        end = there => end,
        end = tokio::io::copy(&mut from_server, &mut to_client) => end.ok().map(|_| ()),
    }
}

async fn status(url: &str) -> StatusCode {
    Browser::new().open(url).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_ready_while_a_store_is_away_and_ready_when_it_is_back() {
    let url = lab::postgres().url();
    let (address, database) = url.trim_start_matches("postgres://postgres@").split_once('/').expect("a URL");
    let hop = Hop::to(address.to_owned(), 0).await;
    let store = format!("postgres://postgres@127.0.0.1:{}/{database}", hop.port);
    let idp = Installation::new().set("CLOUDSYNC_IDP_STORE", &store);
    idp.apply(CLIENT);
    let served = idp.serve();
    let (health, ready) = (format!("{}/healthz", served.url), format!("{}/readyz", served.url));
    assert_eq!(status(&ready).await, StatusCode::OK);
    let port = hop.cut().await;
    until("not ready", async || status(&ready).await == StatusCode::SERVICE_UNAVAILABLE).await;
    assert_eq!(status(&health).await, StatusCode::OK, "the process lives");
    let page = Browser::new().follow(&served.cloudsync().authorize(&[]).url).await;
    assert!(page.status == StatusCode::OK || page.status.is_server_error(), "an answer: {}", page.status);
    let _hop = Hop::to(address.to_owned(), port).await;
    until("ready again", async || status(&ready).await == StatusCode::OK).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_ready_while_redis_is_away() {
    let url = lab::redis().url();
    let (address, database) = url.trim_start_matches("redis://").split_once('/').expect("a URL");
    let hop = Hop::to(address.to_owned(), 0).await;
    let volatile = format!("redis://127.0.0.1:{}/{database}", hop.port);
    let idp = Installation::new().set("CLOUDSYNC_IDP_VOLATILE", &volatile);
    idp.apply(CLIENT);
    let served = idp.serve();
    let ready = format!("{}/readyz", served.url);
    assert_eq!(status(&ready).await, StatusCode::OK);
    let port = hop.cut().await;
    until("not ready", async || status(&ready).await == StatusCode::SERVICE_UNAVAILABLE).await;
    let _hop = Hop::to(address.to_owned(), port).await;
    until("ready again", async || status(&ready).await == StatusCode::OK).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_under_way_is_answered_before_it_ends() {
    let lab = lab::own_ldap(&[]);
    let listen = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let port = listen.local_addr().expect("an address").port();
    let idp = Installation::new();
    let settings = ldap_settings(&[&lab])
        .replace(&format!("host = {:?}", lab.addr), "host = \"127.0.0.1\"")
        .replace(&format!("port = {}", lab.tls_port), &format!("port = {port}"))
        // No sync of its own: only the sign-in sends something.
        + "[directories.sync]\nfrequency = \"daily\"\n";
    idp.apply(&format!("{CLIENT}{settings}"));
    drop(listen);
    let hop = Hop::to(format!("{}:{}", lab.addr, lab.tls_port), port).await;
    assert_eq!(idp.run(&["sync"]).status, Some(0));
    let mut served = idp.serve();
    let (cloudsync, browser) = (served.cloudsync(), Browser::new());
    let page = browser.follow(&cloudsync.authorize(&[]).url).await;
    let before = hop.sent();
    lab.pause();
    let password = lab.user_password.clone();
    let slow = tokio::spawn(async move { browser.submit(&page, "alice", &password).await });
    // The request has reached the server when the server has reached for the directory.
    until("it is under way", async || hop.sent() > before).await;
    served.signal("-TERM");
    let closed = async || TcpStream::connect(("127.0.0.1", idp.port)).await.is_err();
    until("nobody new is let in", closed).await;
    assert!(served.is_alive(), "it waits for the one who is in");
    lab.resume();
    let arrived = slow.await.expect("an answer");
    assert!(arrived.parameter("code").is_some(), "{}: {}", arrived.status, arrived.text());
    assert!(served.ended().success(), "{}", served.log());
}

#[tokio::test]
async fn both_signals_stop_it_cleanly() {
    for signal in ["-TERM", "-INT"] {
        let idp = Installation::new();
        let mut served = idp.serve();
        assert_eq!(status(&format!("{}/healthz", served.url)).await, StatusCode::OK);
        served.signal(signal);
        assert!(served.ended().success(), "{signal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_names_the_cause_of_a_failing_store() {
    let idp = Installation::new();
    idp.apply(CLIENT);
    let served = idp.serve();
    let file = rusqlite::Connection::open(idp.path("idp.db")).expect("the file opens");
    file.execute_batch("ALTER TABLE settings_versions RENAME TO cut").expect("renamed");
    let ready = format!("{}/readyz", served.url);
    assert_eq!(status(&ready).await, StatusCode::SERVICE_UNAVAILABLE);
    let log = served.log();
    assert!(log.contains("the database failed: no such table: settings_versions"), "{log}");
}

#[tokio::test]
async fn it_is_not_ready_while_a_job_in_the_background_keeps_dying() {
    let provider = Provider::start(Setup { settings: CLIENT.to_owned(), ..Setup::new("") }).await;
    let ready = format!("{}/readyz", provider.url);
    let background = &provider.parts.process.background;
    for _ in 0..2 {
        background.died("clean-up");
    }
    assert_eq!(status(&ready).await, StatusCode::OK, "it may have been an accident");
    background.died("clean-up");
    let response = Browser::new().open(&ready).await;
    assert_eq!(
        (response.status, response.body.as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "a background job keeps failing: see the log\n")
    );
    background.lives("clean-up");
    assert_eq!(status(&ready).await, StatusCode::OK);
}
