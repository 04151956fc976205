//! A proxy in front of a real server that can be made to misbehave, and servers that always misbehave.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Duration, sleep};

/// What a relay does with the server's responses. Requests always pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mode {
    Pass,
    /// Responses are dropped.
    Mute,
    /// The connection ends instead of a response.
    Cut,
    /// The connection ends in the middle of the response.
    CutInside,
    /// Other bytes are sent.
    Garble,
    /// Responses to binds are dropped.
    MuteBinds,
    /// The connection ends instead of the response to a bind.
    CutBinds,
    /// The response to a bind takes [`SLOW`].
    SlowBinds,
    /// Responses wait until the mode changes.
    Hold,
    /// A message of two gigabytes is announced, and sent as long as it is read.
    Swell,
}

/// How long a bind takes in a slow directory.
const SLOW: Duration = Duration::from_millis(200);

/// A relay on its own loopback port.
pub struct Relay {
    pub port: u16,
    mode: Arc<AtomicU8>,
    connections: Arc<AtomicUsize>,
    holds: Arc<AtomicBool>,
    target: Target,
}

/// The server behind a relay.
type Target = Arc<Mutex<(String, u16)>>;

impl Relay {
    /// Starts it in front of a server.
    pub async fn to(host: &str, port: u16) -> Self {
        let (listener, own_port) = listen().await;
        let (mode, connections) = (Arc::new(AtomicU8::new(Mode::Pass as u8)), Arc::new(AtomicUsize::new(0)));
        let target: Target = Arc::new(Mutex::new((host.to_owned(), port)));
        let holds = Arc::new(AtomicBool::new(false));
        let (to, of_task, counter) = (target.clone(), mode.clone(), connections.clone());
        let held = holds.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                let to = to.lock().expect("no poison").clone();
                tokio::spawn(relay(client, to, of_task.clone(), held.clone()));
            }
        });
        Self { port: own_port, mode, connections, holds, target }
    }

    /// Connects new connections to another server from now on.
    pub fn lead_to(&self, host: &str, port: u16) {
        *self.target.lock().expect("no poison") = (host.to_owned(), port);
    }

    pub fn set(&self, mode: Mode) {
        self.holds.store(false, Ordering::SeqCst);
        self.mode.store(mode as u8, Ordering::SeqCst);
    }

    /// True once a response has waited.
    pub fn holds(&self) -> bool {
        self.holds.load(Ordering::SeqCst)
    }

    /// The number of connections made to it so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// A relay that replaces `word` in the server's responses by other text of the same length. Returns its port.
pub async fn without(host: &str, port: u16, word: &'static str) -> u16 {
    let (listener, own_port) = listen().await;
    let host = host.to_owned();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let Ok(server) = TcpStream::connect((host.as_str(), port)).await else { break };
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            tokio::spawn(requests(from_client, to_server, Arc::default()));
            tokio::spawn(censored(from_server, to_client, word));
        }
    });
    own_port
}

async fn censored(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, word: &'static str) -> Option<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        let answer = &mut buffer[..read];
        while let Some(at) = answer.windows(word.len()).position(|part| part == word.as_bytes()) {
            answer[at..at + word.len()].fill(b'9');
        }
        to.write_all(answer).await.ok()?;
    }
}

async fn relay(
    client: TcpStream,
    target: (String, u16),
    mode: Arc<AtomicU8>,
    holds: Arc<AtomicBool>,
) -> Option<()> {
    let server = TcpStream::connect(target).await.ok()?;
    let (from_client, mut to_client) = client.into_split();
    let (mut from_server, to_server) = server.into_split();
    let binding = Arc::new(AtomicBool::new(false));
    tokio::spawn(requests(from_client, to_server, binding.clone()));
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from_server.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        let answer = &mut buffer[..read];
        let is = |wanted: Mode| mode.load(Ordering::SeqCst) == wanted as u8;
        let on_bind = binding.load(Ordering::SeqCst);
        while is(Mode::Hold) {
            holds.store(true, Ordering::SeqCst);
            sleep(Duration::from_millis(5)).await;
        }
        if is(Mode::Mute) || is(Mode::MuteBinds) && on_bind {
            continue;
        } else if is(Mode::Cut) || is(Mode::CutBinds) && on_bind {
            return None;
        } else if is(Mode::CutInside) {
            to_client.write_all(&answer[..read / 2]).await.ok()?;
            return None;
        } else if is(Mode::Swell) {
            swell(&mut to_client, &AtomicUsize::new(0)).await;
            return None;
        } else if is(Mode::Garble) {
            answer.iter_mut().for_each(|byte| *byte ^= 0x5a);
        } else if is(Mode::SlowBinds) && on_bind {
            sleep(SLOW).await;
        }
        to_client.write_all(answer).await.ok()?;
    }
}

/// Begins an LDAP message of two gigabytes, and counts the bytes that are read.
pub async fn swell(to: &mut (impl AsyncWrite + Unpin), taken: &AtomicUsize) {
    let mut part = b"\x30\x84\x7f\xff\xff\xff".to_vec();
    while to.write_all(&part).await.is_ok() && to.flush().await.is_ok() {
        taken.fetch_add(part.len(), Ordering::SeqCst);
        part = vec![0; 64 * 1024];
    }
}

/// Passes requests on, and notes whether the last one (in clear text) is a bind.
async fn requests(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, binding: Arc<AtomicBool>) -> Option<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        binding.store(is_bind(&buffer[..read]), Ordering::SeqCst);
        to.write_all(&buffer[..read]).await.ok()?;
    }
}

/// RFC 4511 section 4.2: `[APPLICATION 0]` follows the message id.
fn is_bind(message: &[u8]) -> bool {
    let long = message.get(1).filter(|length| **length > 0x80).map_or(0, |length| usize::from(length & 0x7f));
    let id = message.get(3 + long).copied().unwrap_or_default();
    message.get(4 + long + usize::from(id)) == Some(&0x60)
}

/// A server that accepts connections, sends these bytes for any request, and keeps the connection open.
pub async fn always_sends(bytes: &'static [u8]) -> u16 {
    let (listener, port) = listen().await;
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut heard = [0; 4096];
                while client.read(&mut heard).await.is_ok_and(|read| read > 0) {
                    if client.write_all(bytes).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    port
}

/// A port without a listener.
pub async fn closed_port() -> u16 {
    listen().await.1
}

async fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    (listener, port)
}
