//! Both ends of a tunnel in one process, with a real server behind.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{sink, stream as streams};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Duration, Instant, timeout};

use super::reach::Reachable;
use super::serve::serve;
use super::stream::TunnelStream;
use super::*;
use crate::domain::agent::{AllowList, OpenRefusal, Target};
use crate::domain::entry::DirectoryId;

const LONGEST: Duration = Duration::from_secs(30);

fn half(from: mpsc::Receiver<Bytes>, to: mpsc::Sender<Bytes>) -> (Incoming, Outgoing) {
    let incoming: Incoming = Box::pin(streams::unfold(from, |mut from| async move {
        from.recv().await.map(|bytes| (Ok(bytes), from))
    }));
    let outgoing: Outgoing = Box::pin(sink::unfold(to, |to: mpsc::Sender<Bytes>, bytes: Bytes| async move {
        match to.send(bytes).await {
            Ok(()) => Ok(to),
            Err(_) => Err(io::Error::from(io::ErrorKind::BrokenPipe)),
        }
    }));
    (incoming, outgoing)
}

/// A WebSocket's two ends.
fn ends() -> ((Incoming, Outgoing), (Incoming, Outgoing)) {
    let (to_agent, from_provider) = mpsc::channel(4);
    let (to_provider, from_agent) = mpsc::channel(4);
    (half(from_agent, to_agent), half(from_provider, to_provider))
}

fn directory() -> DirectoryId {
    DirectoryId("corp".into())
}

fn who(name: &str, targets: &[Target]) -> Admitted {
    Admitted {
        agent: name.into(),
        name: name.into(),
        directory: directory(),
        version: "1".into(),
        address: "192.0.2.1".into(),
        since: 0,
        targets: targets.to_vec(),
    }
}

/// An agent with these ports of this machine on its list.
async fn connected(tunnels: &Tunnels, name: &str, ports: &[u16]) -> JoinHandle<TunnelEnd> {
    let server = |port: &u16| Target::server(&format!("127.0.0.1:{port}")).expect("a server");
    let targets: Vec<Target> = ports.iter().map(server).collect();
    let ((incoming, outgoing), (agent_in, agent_out)) = ends();
    let reachable = Arc::new(Reachable::new(AllowList { targets: targets.clone(), networks: Vec::new() }));
    tokio::spawn(async move { serve(&reachable, agent_in, agent_out).await });
    let begun = Tunnel::begin(who(name, &targets), incoming, outgoing).await;
    let (tunnel, drive) = begun.expect("a tunnel");
    tunnels.add(tunnel);
    tokio::spawn(drive.run())
}

async fn dial(tunnels: &Tunnels, port: u16) -> Result<TunnelStream, DialFault> {
    let until = Instant::now() + LONGEST;
    tunnels.dial(&directory(), ("127.0.0.1", port), until).await.map(|(_, stream)| stream)
}

/// A server that sends back what it gets.
async fn echo() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut read, mut write) = client.split();
                copy(&mut read, &mut write).await
            });
        }
    });
    port
}

/// A server that sends without end.
async fn flood() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move { while client.write_all(&[7; 16 * 1024]).await.is_ok() {} });
        }
    });
    port
}

async fn sent_back(stream: TunnelStream, bytes: &[u8]) -> Vec<u8> {
    let (mut read, mut write) = tokio::io::split(stream);
    let mut back = Vec::new();
    let sending = async {
        write.write_all(bytes).await.expect("written");
        write.shutdown().await.expect("ended");
    };
    let both = async { tokio::join!(sending, read.read_to_end(&mut back)).1.expect("read") };
    timeout(LONGEST, both).await.expect("in time");
    back
}

#[tokio::test(flavor = "multi_thread")]
async fn many_bytes_arrive_whole_on_many_streams() {
    let (tunnels, port) = (Tunnels::default(), echo().await);
    let _end = connected(&tunnels, "one", &[port]).await;
    let bytes: Vec<u8> =
        (0..2_000_000u32).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    let streams =
        (0..8).map(|_| async { sent_back(dial(&tunnels, port).await.expect("a stream"), &bytes).await });
    for back in futures_util::future::join_all(streams).await {
        assert!(back == bytes, "{} of {} bytes came back", back.len(), bytes.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_that_nobody_reads_stop_no_other() {
    let (tunnels, echo, flood) = (Tunnels::default(), echo().await, flood().await);
    let _end = connected(&tunnels, "one", &[echo, flood]).await;
    let mut unread = Vec::new();
    for _ in 0..20 {
        let mut stream = dial(&tunnels, flood).await.expect("a stream");
        stream.read_exact(&mut [0; 1]).await.expect("it floods");
        unread.push(stream);
    }
    let bytes = vec![1; 500_000];
    assert!(sent_back(dial(&tunnels, echo).await.expect("a stream"), &bytes).await == bytes);
    let tunnel = tunnels.all().remove(0);
    assert_eq!(tunnel.stats().streams, unread.len());
    drop(unread);
    assert_eq!(tunnel.stats().streams, 0, "nothing is left of them");
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_named() {
    let (tunnels, echo) = (Tunnels::default(), echo().await);
    assert_eq!(dial(&tunnels, echo).await.err(), Some(DialFault::NoAgent));
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        listener.local_addr().expect("an address").port()
    };
    let end = connected(&tunnels, "one", &[closed]).await;
    assert_eq!(dial(&tunnels, echo).await.err(), Some(DialFault::NotListed(format!("127.0.0.1:{echo}"))));
    let why = OpenError::Refused(OpenRefusal::Unreachable);
    assert_eq!(dial(&tunnels, closed).await.err(), Some(DialFault::Agent { agent: "one".into(), why }));
    tunnels.all().remove(0).end(TunnelEnd::Revoked);
    assert_eq!(timeout(LONGEST, end).await.expect("in time").expect("no panic"), TunnelEnd::Revoked);
    assert_eq!(dial(&tunnels, closed).await.err(), Some(DialFault::NoAgent));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_tunnel_breaks_its_streams() {
    let (tunnels, echo) = (Tunnels::default(), echo().await);
    let _end = connected(&tunnels, "one", &[echo]).await;
    let mut stream = dial(&tunnels, echo).await.expect("a stream");
    tunnels.all().remove(0).end(TunnelEnd::Revoked);
    let read = timeout(LONGEST, stream.read(&mut [0; 1])).await.expect("in time");
    assert!(read.is_err(), "an end is not taken for the server's: {read:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_agent_is_left_and_another_serves() {
    let (tunnels, echo) = (Tunnels::default(), echo().await);
    let targets = [Target::server(&format!("127.0.0.1:{echo}")).expect("a server")];
    let ((incoming, outgoing), frozen) = ends();
    let (tunnel, drive) = Tunnel::begin(who("frozen", &targets), incoming, outgoing).await.expect("a tunnel");
    tunnels.add(tunnel);
    let end = tokio::spawn(drive.run());
    let _other = connected(&tunnels, "other", &[echo]).await;
    let began = Instant::now();
    assert_eq!(sent_back(dial(&tunnels, echo).await.expect("a stream"), b"hello").await, b"hello");
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert_eq!(timeout(LONGEST, end).await.expect("in time").expect("no panic"), TunnelEnd::Frozen);
    drop(frozen);
}
