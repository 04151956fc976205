//! One stream of a tunnel as bytes. HTTP/2's windows carry the back-pressure from end to end: bytes that nobody reads here
//! are not sent there.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use h2::{RecvStream, SendStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::pulse::Pulse;

/// How many bytes of one stream may be under way.
pub(crate) const STREAM_WINDOW: u32 = 128 * 1024;
/// How many of all streams of a tunnel. More than one stream's, so that a stream that is not read stops no other.
pub(crate) const TUNNEL_WINDOW: u32 = 8 * 1024 * 1024;
/// How many bytes of one stream wait to be sent.
pub(crate) const SEND_BUFFER: usize = 64 * 1024;
/// How many streams an agent carries at most.
pub(crate) const MOST_STREAMS: u32 = 1_024;

/// What the streams of a tunnel have carried.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    streams: AtomicUsize,
    /// Bytes that were written to the streams here.
    written: AtomicU64,
    read: AtomicU64,
}

impl Meter {
    pub(crate) fn streams(&self) -> usize {
        self.streams.load(Ordering::Relaxed)
    }

    /// Bytes written and read.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        (self.written.load(Ordering::Relaxed), self.read.load(Ordering::Relaxed))
    }
}

/// Counts a stream while it exists.
pub(crate) struct Counted(Arc<Meter>);

impl Counted {
    pub(crate) fn new(meter: &Arc<Meter>) -> Self {
        meter.streams.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(meter))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.streams.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One stream. Dropping it ends it at the other side too, after what was written.
pub(crate) struct TunnelStream {
    send: SendStream<Bytes>,
    receive: RecvStream,
    left: Bytes,
    pulse: Arc<Pulse>,
    counted: Counted,
}

impl TunnelStream {
    pub(crate) fn new(
        send: SendStream<Bytes>,
        receive: RecvStream,
        pulse: Arc<Pulse>,
        counted: Counted,
    ) -> Self {
        Self { send, receive, left: Bytes::new(), pulse, counted }
    }
}

impl AsyncRead for TunnelStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.left.is_empty() {
            match ready!(self.receive.poll_data(cx)) {
                None => return Poll::Ready(Ok(())),
                Some(data) => self.left = data.map_err(broken)?,
            }
        }
        let length = self.left.len().min(buffer.remaining());
        buffer.put_slice(&self.left[..length]);
        self.left.advance(length);
        self.counted.0.read.fetch_add(length as u64, Ordering::Relaxed);
        // It fails only if the stream has ended, which the next read reports.
        let _ = self.receive.flow_control().release_capacity(length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for TunnelStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        loop {
            self.send.reserve_capacity(bytes.len().min(SEND_BUFFER));
            let length = self.send.capacity().min(bytes.len());
            if length > 0 {
                self.send.send_data(Bytes::copy_from_slice(&bytes[..length]), false).map_err(broken)?;
                self.counted.0.written.fetch_add(length as u64, Ordering::Relaxed);
                self.pulse.send();
                return Poll::Ready(Ok(length));
            }
            match ready!(self.send.poll_capacity(cx)) {
                None => return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
                Some(capacity) => capacity.map_err(broken)?,
            };
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A stream that the other side has ended needs no end.
        let _ = self.send.send_data(Bytes::new(), true);
        Poll::Ready(Ok(()))
    }
}

fn broken(error: h2::Error) -> io::Error {
    match error.get_io() {
        Some(cause) => io::Error::new(cause.kind(), cause.to_string()),
        None => io::Error::new(io::ErrorKind::ConnectionReset, error.to_string()),
    }
}
