//! Serve the streams that the provider opens: connect to a directory server and carry bytes both ways.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use h2::RecvStream;
use h2::server::SendResponse;
use http::{Request, Response, StatusCode};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Duration, sleep, timeout};

use super::pulse::Pulse;
use super::reach::Reachable;
use super::stream::{Counted, MOST_STREAMS, Meter, SEND_BUFFER, STREAM_WINDOW, TUNNEL_WINDOW, TunnelStream};
use super::tunnel::WHY;
use super::wire::Wire;
use super::{Incoming, Outgoing};

/// A provider asks for a sign of life every twenty seconds; one that is silent for longer is gone.
const SILENCE: Duration = Duration::from_secs(45);
const LOOK: Duration = Duration::from_secs(5);
/// A stream whose receiver takes nothing for so long ends.
const STALLED: Duration = Duration::from_secs(30);
const BUFFER: usize = 16 * 1024;

/// Why the agent stopped serving.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeEnd {
    #[error("the connection was closed")]
    Closed,
    #[error("the provider gives no sign of life")]
    Silent,
    #[error("the connection broke: {0}")]
    Broken(#[from] h2::Error),
}

/// Serves until the connection ends; then all streams end.
pub(crate) async fn serve(reachable: &Arc<Reachable>, incoming: Incoming, outgoing: Outgoing) -> ServeEnd {
    let pulse = Arc::new(Pulse::new());
    let wire = Wire::new(incoming, outgoing, Arc::clone(&pulse));
    tokio::select! {
        ended = accept(reachable, wire, &pulse) => ended.err().unwrap_or(ServeEnd::Closed),
        () = silent(&pulse) => ServeEnd::Silent,
    }
}

async fn accept(
    reachable: &Arc<Reachable>,
    wire: Wire<Incoming, Outgoing>,
    pulse: &Arc<Pulse>,
) -> Result<(), ServeEnd> {
    let mut builder = h2::server::Builder::new();
    builder.initial_window_size(STREAM_WINDOW).initial_connection_window_size(TUNNEL_WINDOW);
    builder
        .max_concurrent_streams(MOST_STREAMS)
        .max_send_buffer_size(SEND_BUFFER)
        .max_header_list_size(4_096);
    let mut connection = builder.handshake::<_, Bytes>(wire).await?;
    let meter = Arc::<Meter>::default();
    let mut streams = JoinSet::new();
    while let Some(accepted) = connection.accept().await {
        let (request, respond) = accepted?;
        while streams.try_join_next().is_some() {}
        let (reachable, pulse, counted) = (Arc::clone(reachable), Arc::clone(pulse), Counted::new(&meter));
        streams.spawn(async move {
            if let Err(error) = stream(&reachable, request, respond, pulse, counted).await {
                tracing::debug!(%error, "a stream has ended");
            }
        });
    }
    Ok(())
}

/// Returns when the provider has been silent for too long.
async fn silent(pulse: &Pulse) {
    while pulse.silence() < SILENCE {
        sleep(LOOK).await;
    }
}

async fn stream(
    reachable: &Reachable,
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    pulse: Arc<Pulse>,
    counted: Counted,
) -> io::Result<()> {
    let path = request.uri().path().to_owned();
    let reached = tokio::select! {
        reached = reachable.connect(&path) => reached,
        // Nobody waits for it any more.
        _ = poll_fn(|cx| respond.poll_reset(cx)) => return Ok(()),
    };
    let mut answer = Response::new(());
    match reached {
        Ok(server) => {
            let send = respond.send_response(answer, false).map_err(io::Error::other)?;
            // What is left of it would keep the stream open.
            drop(respond);
            carry(TunnelStream::new(send, request.into_body(), pulse, counted), server).await
        }
        Err(why) => {
            *answer.status_mut() = StatusCode::FORBIDDEN;
            answer.headers_mut().insert(WHY, http::HeaderValue::from_static(why.as_str()));
            respond.send_response(answer, true).map_err(io::Error::other)?;
            Ok(())
        }
    }
}

/// Carries bytes both ways. Neither end is read faster than the other takes, so nothing piles up here.
async fn carry(tunnel: TunnelStream, server: TcpStream) -> io::Result<()> {
    let (from_provider, to_provider) = split(tunnel);
    let (from_server, to_server) = server.into_split();
    tokio::try_join!(half(from_provider, to_server), half(from_server, to_provider)).map(drop)
}

async fn half(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return timeout(STALLED, to.shutdown()).await?;
        }
        timeout(STALLED, to.write_all(&buffer[..read])).await??;
    }
}
