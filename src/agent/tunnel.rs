//! The provider's end of one agent's connection: open streams, and notice when the agent is gone or frozen.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use bytes::Bytes;
use futures_util::{Sink, Stream};
use h2::client::{Connection, SendRequest};
use h2::{Ping, PingPong};
use http::{Request, StatusCode};
use tokio::sync::watch;
use tokio::time::{Duration, Instant, sleep, timeout, timeout_at};

use super::pulse::Pulse;
use super::stream::{Counted, MOST_STREAMS, Meter, SEND_BUFFER, STREAM_WINDOW, TUNNEL_WINDOW, TunnelStream};
use super::wire::Wire;
use crate::domain::Millis;
use crate::domain::agent::{Load, Open, OpenRefusal, Target, index_of};
use crate::domain::entry::DirectoryId;

/// The header in which an agent says why it refuses a stream.
pub(crate) const WHY: &str = "why";
/// How often a tunnel is looked at.
const LOOK: Duration = Duration::from_millis(250);
/// An agent that was sent something and is silent for longer is asked for a sign of life.
const PATIENCE: Duration = Duration::from_millis(500);
/// It has this long to give one.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);
/// A sign of life is asked for at least so often: proxies close connections that are idle for a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// Who is at the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// The agent's id.
    pub agent: String,
    pub name: String,
    pub directory: DirectoryId,
    /// The version of its program.
    pub version: String,
    /// Where it connects from.
    pub address: String,
    /// When it connected.
    pub since: Millis,
    /// What it may reach, by its own list.
    pub targets: Vec<Target>,
}

/// Why a tunnel has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TunnelEnd {
    #[error("the connection was closed")]
    Closed,
    #[error("no sign of life")]
    Frozen,
    #[error("it was revoked")]
    Revoked,
    #[error("the same agent has connected again")]
    Replaced,
    #[error("the provider stops")]
    Stopped,
    #[error("the agent does not speak the protocol")]
    Garbage,
}

/// Why a stream was not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error("{}", .0.explained())]
    Refused(OpenRefusal),
    #[error("the tunnel has ended")]
    Ended,
    #[error("no response in time")]
    Timeout,
}

/// What a tunnel has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TunnelStats {
    pub streams: usize,
    pub bytes_sent: u64,
    pub bytes_received: u64,
    /// The last measured round-trip time, in milliseconds.
    pub rtt_ms: u32,
}

/// One agent's connection.
pub struct Tunnel {
    who: Admitted,
    send: SendRequest<Bytes>,
    meter: Arc<Meter>,
    pulse: Arc<Pulse>,
    silent: AtomicBool,
    rtt_ms: AtomicU32,
    end: watch::Sender<Option<TunnelEnd>>,
}

/// What drives a tunnel: it works only while [`Drive::run`] is polled.
pub struct Drive<R, W> {
    tunnel: Arc<Tunnel>,
    connection: Connection<Wire<R, W>, Bytes>,
}

impl Tunnel {
    /// Begins HTTP/2 with an agent that was let in.
    pub async fn begin<R, W>(
        who: Admitted,
        incoming: R,
        outgoing: W,
    ) -> Result<(Arc<Self>, Drive<R, W>), TunnelEnd>
    where
        R: Stream<Item = io::Result<Bytes>> + Unpin,
        W: Sink<Bytes, Error = io::Error> + Unpin,
    {
        let pulse = Arc::new(Pulse::new());
        let wire = Wire::new(incoming, outgoing, Arc::clone(&pulse));
        let mut builder = h2::client::Builder::new();
        builder.initial_window_size(STREAM_WINDOW).initial_connection_window_size(TUNNEL_WINDOW);
        builder.enable_push(false).max_send_buffer_size(SEND_BUFFER).max_header_list_size(4_096);
        let begun = builder.handshake::<_, Bytes>(wire).await;
        let (send, connection) = begun.map_err(|_| TunnelEnd::Garbage)?;
        let tunnel = Arc::new(Self {
            who,
            send,
            meter: Arc::default(),
            pulse,
            silent: AtomicBool::new(false),
            rtt_ms: AtomicU32::new(0),
            end: watch::Sender::new(None),
        });
        Ok((Arc::clone(&tunnel), Drive { tunnel, connection }))
    }

    /// Who is at the other end.
    #[must_use]
    pub fn who(&self) -> &Admitted {
        &self.who
    }

    /// What it has carried.
    #[must_use]
    pub fn stats(&self) -> TunnelStats {
        let (bytes_sent, bytes_received) = self.meter.bytes();
        let rtt_ms = self.rtt_ms.load(Ordering::Relaxed);
        TunnelStats { streams: self.meter.streams(), bytes_sent, bytes_received, rtt_ms }
    }

    /// Ends it with all of its streams.
    pub fn end(&self, why: TunnelEnd) {
        self.end.send_if_modified(|end| {
            let first = end.is_none();
            end.get_or_insert(why);
            first
        });
    }

    pub(super) fn has_ended(&self) -> bool {
        self.end.borrow().is_some()
    }

    pub(super) fn load(&self) -> Load {
        let silent = self.silent.load(Ordering::Relaxed);
        Load { streams: self.meter.streams(), most: MOST_STREAMS as usize, silent }
    }

    /// The request for a stream to this server, if the agent's list has it.
    pub(super) fn way_to(&self, host: &str, port: u16) -> Option<Open> {
        let target = index_of(&self.who.targets, host, port)?;
        let by_domain = matches!(self.who.targets.get(target), Some(Target::Domain(_)));
        Some(Open { target, host: by_domain.then(|| host.trim_end_matches('.').to_ascii_lowercase()) })
    }

    /// Opens a stream. An agent that does not answer in time counts as silent until it is heard again.
    pub(super) async fn open(&self, open: &Open, until: Instant) -> Result<TunnelStream, OpenError> {
        let counted = Counted::new(&self.meter);
        match timeout_at(until, self.opened(open, counted)).await {
            Ok(opened) => opened,
            Err(_) => {
                self.silent.store(true, Ordering::Relaxed);
                Err(OpenError::Timeout)
            }
        }
    }

    async fn opened(&self, open: &Open, counted: Counted) -> Result<TunnelStream, OpenError> {
        let ended = |_: h2::Error| OpenError::Ended;
        let request = Request::post(format!("http://agent{open}")).body(()).map_err(|_| OpenError::Ended)?;
        let mut send = self.send.clone().ready().await.map_err(ended)?;
        let (response, stream) = send.send_request(request, false).map_err(ended)?;
        self.pulse.send();
        let response = response.await.map_err(ended)?;
        if response.status() != StatusCode::OK {
            let why = response.headers().get(WHY).and_then(|why| why.to_str().ok());
            let why = why.and_then(OpenRefusal::parse).unwrap_or(OpenRefusal::Malformed);
            return Err(OpenError::Refused(why));
        }
        Ok(TunnelStream::new(stream, response.into_body(), Arc::clone(&self.pulse), counted))
    }

    /// Looks again and again whether the agent lives; returns when it does not.
    async fn watch(&self, mut ping: PingPong) -> TunnelEnd {
        loop {
            sleep(LOOK).await;
            let silence = self.pulse.silence();
            if silence < PATIENCE {
                self.silent.store(false, Ordering::Relaxed);
            }
            let doubtful = self.pulse.waits() && silence >= PATIENCE;
            if (doubtful || silence >= KEEP_ALIVE)
                && let Err(end) = self.sign_of_life(&mut ping).await
            {
                return end;
            }
        }
    }

    /// Anything that is heard is a sign of life: on a busy line the answer itself may be late.
    async fn sign_of_life(&self, ping: &mut PingPong) -> Result<(), TunnelEnd> {
        let began = Instant::now();
        ping.send_ping(Ping::opaque()).map_err(|_| TunnelEnd::Closed)?;
        loop {
            match timeout(SIGN_OF_LIFE, poll_fn(|cx| ping.poll_pong(cx))).await {
                Ok(Ok(_)) => {
                    let took = u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX);
                    self.rtt_ms.store(took, Ordering::Relaxed);
                    self.pulse.hear();
                    return Ok(());
                }
                Ok(Err(_)) => return Err(TunnelEnd::Closed),
                Err(_) if self.pulse.silence() < SIGN_OF_LIFE => {}
                Err(_) => return Err(TunnelEnd::Frozen),
            }
        }
    }
}

impl<R, W> Drive<R, W>
where
    R: Stream<Item = io::Result<Bytes>> + Unpin,
    W: Sink<Bytes, Error = io::Error> + Unpin,
{
    /// Carries everything until the tunnel ends. Afterwards its streams are broken.
    pub async fn run(mut self) -> TunnelEnd {
        let mut end = self.tunnel.end.subscribe();
        let Some(ping) = self.connection.ping_pong() else { return TunnelEnd::Garbage };
        let tunnel = Arc::clone(&self.tunnel);
        let why = tokio::select! {
            _ = self.connection => TunnelEnd::Closed,
            why = tunnel.watch(ping) => why,
            why = ended(&mut end) => why,
        };
        tunnel.end(why);
        why
    }
}

/// Waits until somebody ends the tunnel.
async fn ended(end: &mut watch::Receiver<Option<TunnelEnd>>) -> TunnelEnd {
    let why = end.wait_for(Option::is_some).await;
    why.ok().and_then(|why| *why).unwrap_or(TunnelEnd::Closed)
}
