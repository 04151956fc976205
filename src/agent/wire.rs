//! Bytes over a WebSocket: what is written goes out as binary messages, and what comes in as such is read.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::pulse::Pulse;

/// What is written is sent when there is so much of it, or at a flush.
const CHUNK: usize = 32 * 1024;

/// A WebSocket as a stream of bytes.
pub(crate) struct Wire<R, W> {
    incoming: R,
    outgoing: W,
    read: Bytes,
    written: BytesMut,
    pulse: Arc<Pulse>,
}

impl<R, W> Wire<R, W>
where
    R: Stream<Item = io::Result<Bytes>> + Unpin,
    W: Sink<Bytes, Error = io::Error> + Unpin,
{
    pub(crate) fn new(incoming: R, outgoing: W, pulse: Arc<Pulse>) -> Self {
        Self { incoming, outgoing, read: Bytes::new(), written: BytesMut::new(), pulse }
    }

    fn drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.written.is_empty() {
            ready!(self.outgoing.poll_ready_unpin(cx))?;
            self.outgoing.start_send_unpin(self.written.split().freeze())?;
        }
        Poll::Ready(Ok(()))
    }
}

impl<R, W> AsyncRead for Wire<R, W>
where
    R: Stream<Item = io::Result<Bytes>> + Unpin,
    W: Unpin,
{
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.read.is_empty() {
            match ready!(self.incoming.poll_next_unpin(cx)) {
                None => return Poll::Ready(Ok(())),
                Some(bytes) => {
                    self.read = bytes?;
                    self.pulse.hear();
                }
            }
        }
        let length = self.read.len().min(buffer.remaining());
        buffer.put_slice(&self.read[..length]);
        self.read.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl<R, W> AsyncWrite for Wire<R, W>
where
    R: Stream<Item = io::Result<Bytes>> + Unpin,
    W: Sink<Bytes, Error = io::Error> + Unpin,
{
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.written.len() >= CHUNK {
            ready!(self.drain(cx))?;
        }
        let length = bytes.len().min(CHUNK);
        self.written.extend_from_slice(&bytes[..length]);
        Poll::Ready(Ok(length))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.drain(cx))?;
        self.outgoing.poll_flush_unpin(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.drain(cx))?;
        self.outgoing.poll_close_unpin(cx)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{sink, stream};
    use proptest::prelude::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::mpsc;

    use super::super::{Incoming, Outgoing};
    use super::*;

    type Pair = Wire<Incoming, Outgoing>;

    /// Two ends with room for one message on the way.
    fn pair() -> (Pair, Pair) {
        let (to_one, from_other) = mpsc::channel::<Bytes>(1);
        let (to_other, from_one) = mpsc::channel::<Bytes>(1);
        let wire = |from: mpsc::Receiver<Bytes>, to: mpsc::Sender<Bytes>| {
            let incoming: Incoming = Box::pin(stream::unfold(from, |mut from| async move {
                from.recv().await.map(|bytes| (Ok(bytes), from))
            }));
            let outgoing: Outgoing =
                Box::pin(sink::unfold(to, |to: mpsc::Sender<Bytes>, bytes: Bytes| async move {
                    match to.send(bytes).await {
                        Ok(()) => Ok(to),
                        Err(_) => Err(io::Error::from(io::ErrorKind::BrokenPipe)),
                    }
                }));
            Wire::new(incoming, outgoing, Arc::new(Pulse::new()))
        };
        (wire(from_other, to_other), wire(from_one, to_one))
    }

    fn carried(pieces: Vec<Vec<u8>>) -> Vec<u8> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        runtime.block_on(async {
            let (mut one, mut other) = pair();
            let sending = async {
                for piece in pieces {
                    one.write_all(&piece).await.expect("written");
                }
                one.shutdown().await.expect("closed");
                drop(one);
            };
            let mut read = Vec::new();
            let (_, result) = tokio::join!(sending, other.read_to_end(&mut read));
            result.expect("read");
            read
        })
    }

    #[test]
    fn long_texts_arrive_whole() {
        let long: Vec<u8> = (0..1_000_000u32).map(|at| at.to_be_bytes()[3]).collect();
        assert_eq!(carried(vec![long.clone()]), long);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn what_is_written_is_read(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..20)) {
            prop_assert_eq!(carried(pieces.clone()), pieces.concat());
        }
    }
}
