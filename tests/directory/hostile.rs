//! Servers that never respond, send nonsense, or stop midway: an error in time, and other servers serve.

use std::time::{Duration, Instant};

use cloudsync_idp::directory::{Bound, BreakerState, DirectoryError};
use cloudsync_idp::domain::bind::BindOutcome;
use cloudsync_idp::domain::secret::Plain;
use cloudsync_idp::domain::settings::{self, Encryption, Server};

use super::{BUDGET, deadline, ldap_settings, ldaps, name, one, open, plain_settings};
use crate::support::relay::{Mode, Relay, always_sends, closed_port};
use crate::support::until;
use crate::support::{bind, lab};

/// Bytes from a server that are no LDAP response.
const NONSENSE: [&[u8]; 8] = [
    b"",
    b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
    b"\x30\x84\x7f\xff\xff\xff\x02\x01\x01",
    b"\x30\x80",
    b"\xff\xff\xff\xff\xff\xff\xff\xff",
    // an LDAP message without content, one of the wrong kind, a bind response that is no sequence of three
    b"\x30\x00",
    b"\x30\x05\x02\x01\x01\x42\x00",
    b"\x30\x08\x02\x01\x01\x61\x03\x0a\x01\x00",
];

#[tokio::test]
async fn nonsense_neither_hangs_nor_crashes() {
    let lab = lab::ldap();
    for bytes in NONSENSE {
        for encryption in [Encryption::UnencryptedLoopbackOnly, Encryption::Ldaps, Encryption::StartTls] {
            let server = Server {
                host: "127.0.0.1".into(),
                port: Some(always_sends(bytes).await),
                tls_name: Some(lab.host_name.clone()),
                via: None,
            };
            let servers = vec![server];
            let settings = settings::Directory {
                encryption,
                servers,
                connect_timeout_ms: 200,
                operation_timeout_ms: 200,
                ..ldap_settings(lab)
            };
            let before = Instant::now();
            let answer = open(lab, &settings).find(&name("alice"), deadline()).await;
            assert!(
                matches!(answer, Err(DirectoryError::Unavailable(_))),
                "{bytes:x?} {encryption:?} {answer:?}"
            );
            assert!(before.elapsed() < Duration::from_secs(2), "{bytes:x?}");
        }
    }
}

#[tokio::test]
async fn the_next_server_serves_in_the_same_request() {
    let lab = lab::ldap();
    for bytes in NONSENSE {
        let mut settings = ldap_settings(lab);
        settings.servers.insert(
            0,
            Server {
                host: "127.0.0.1".into(),
                port: Some(always_sends(bytes).await),
                tls_name: None,
                via: None,
            },
        );
        let before = Instant::now();
        assert_eq!(one(&open(lab, &settings), "alice").await.login_name, "alice", "{bytes:x?}");
        assert!(before.elapsed() < Duration::from_secs(2), "{bytes:x?}: the connect time-out and a little");
    }
}

#[tokio::test]
async fn a_search_with_a_bad_response_moves_to_the_next_server() {
    let lab = lab::ldap();
    for mode in [Mode::Mute, Mode::Cut, Mode::CutInside, Mode::Garble] {
        let relay = Relay::to(&lab.addr, lab.port).await;
        let ports = [("127.0.0.1", relay.port), (lab.addr.as_str(), lab.port)];
        let directory = open(lab, &plain_settings(lab, &ports));
        one(&directory, "alice").await;
        relay.set(mode);
        let before = Instant::now();
        assert_eq!(one(&directory, "bob").await.login_name, "bob", "{mode:?}");
        assert!(before.elapsed() < BUDGET, "{mode:?}");
        assert_eq!(directory.stats().current, 1, "{mode:?}");
        let before = Instant::now();
        one(&directory, "alice").await;
        assert!(before.elapsed() < Duration::from_secs(1), "it stays with the server that serves");
    }
}

#[tokio::test]
async fn a_bind_that_may_have_been_sent_is_not_repeated() {
    let lab = lab::ldap();
    for mode in [Mode::Mute, Mode::Cut, Mode::CutInside, Mode::Garble] {
        let relay = Relay::to(&lab.addr, lab.port).await;
        let ports = [("127.0.0.1", relay.port), (lab.addr.as_str(), lab.port)];
        let directory = open(lab, &plain_settings(lab, &ports));
        let person = lab.admin.add_inet_person(&lab.dn("ou=outside"), &lab.user_password);
        let entry = one(&directory, &person.account).await;
        let alice = one(&directory, "alice").await;
        let warm = bind(&directory, &alice, &Plain::new(lab.user_password.clone()), deadline()).await;
        assert_eq!(warm.map(|bound| bound.outcome), Ok(BindOutcome::Accepted));
        relay.set(mode);
        let before = Instant::now();
        let answer = bind(&directory, &entry, &Plain::new("wrong"), deadline()).await;
        assert!(matches!(&answer, Err(error) if error.may_have_been_sent()), "{mode:?} {answer:?}");
        assert!(before.elapsed() < BUDGET, "{mode:?}");
        assert_eq!(lab.admin.read(&person.dn, "pwdFailureTime").len(), 1, "{mode:?}: exactly one try");
    }
}

#[tokio::test]
async fn a_bind_moves_to_the_next_server_if_nothing_was_sent() {
    let lab = lab::ldap();
    let ports = [
        ("127.0.0.1", closed_port().await),
        ("127.0.0.1", always_sends(b"").await),
        (lab.addr.as_str(), lab.port),
    ];
    // a silent server without TLS fails only at the bind; with TLS it fails earlier
    let mut settings = ldap_settings(lab);
    settings.servers = ports[..2]
        .iter()
        .map(|(host, port)| Server { host: (*host).into(), port: Some(*port), tls_name: None, via: None })
        .chain([ldaps(lab)])
        .collect();
    let alice = one(&open(lab, &ldap_settings(lab)), "alice").await;
    let directory = open(lab, &settings);
    let answer = bind(&directory, &alice, &Plain::new(lab.user_password.clone()), deadline()).await;
    let server = Some(format!("{}:{}", lab.addr, lab.tls_port));
    assert_eq!(answer, Ok(Bound { outcome: BindOutcome::Accepted, server }));
    assert_eq!(directory.stats().current, 2);
}

#[tokio::test]
async fn a_burst_is_queued_and_then_shed() {
    let lab = lab::ldap();
    let relay = Relay::to(&lab.addr, lab.port).await;
    // Longer than a request waits for a connection: a server that is slow for a moment is not treated as
    // failed.
    let settings = settings::Directory {
        search_connections: 2,
        operation_timeout_ms: 3_000,
        ..plain_settings(lab, &[("127.0.0.1", relay.port)])
    };
    let directory = open(lab, &settings);
    one(&directory, "alice").await;
    let alice = name("alice");
    let burst = |size: usize| {
        let finds: Vec<_> = (0..size).map(|_| directory.find(&alice, deadline())).collect();
        futures_util::future::join_all(finds)
    };
    // How many are served before the last of them has waited too long depends on the machine.
    let served = burst(200).await;
    let (well, shed): (Vec<_>, Vec<_>) = served.iter().partition(|answer| answer.is_ok());
    assert!(well.len() > 2, "a burst that can be served is served");
    assert!(shed.iter().all(|answer| **answer == Err(DirectoryError::Busy)), "{shed:?}");
    let stats = directory.stats();
    assert_eq!((stats.searches.shed, stats.searches.waiting), (shed.len() as u64, 0));
    assert!(relay.connections() <= 2, "by no more connections than allowed");
    assert_eq!(stats.servers[0].1, BreakerState::Closed);

    // Two are in progress at a server that is silent now; of the others 256 wait for half a second, and the
    // rest is rejected at once, on any machine.
    relay.set(Mode::Mute);
    let answers = burst(400).await;
    assert!(answers.iter().all(|answer| matches!(answer, Err(error) if error.is_outage())));
    let busy = answers.iter().filter(|answer| **answer == Err(DirectoryError::Busy)).count();
    assert!(busy >= 400 - 2 - 256, "{busy}");
    let searches = directory.stats().searches;
    assert_eq!((searches.shed - stats.searches.shed, searches.waiting), (busy as u64, 0));
    assert!(searches.timeouts > 0);
    let is_open = async || {
        let _ = directory.find(&alice, deadline()).await;
        directory.stats().servers[0].1 == BreakerState::Open
    };
    until("the server counts as dead", is_open).await;
}
