//! The tunnel of an agent, both ends. An agent runs behind a firewall, dials out to the provider by a WebSocket, and
//! carries bytes to the directory servers on its own list. TLS to these servers ends at the provider, so the agent
//! carries what it can't read.
//!
//! - `pulse`, `wire`, `stream`: a WebSocket as bytes, and the streams of HTTP/2 on it; the same at both ends
//! - `tunnel`, `tunnels`: the provider's end
//! - `config`, `key`, `connect`, `enter`, `reach`, `serve`, `connections`, `run`: the agent's process, portable to other systems

mod config;
mod connect;
mod connections;
mod enter;
mod key;
mod pulse;
mod reach;
mod run;
mod serve;
mod stream;
#[cfg(test)]
mod tests;
mod tunnel;
mod tunnels;
mod wire;

use std::io;
use std::pin::Pin;

use bytes::Bytes;
use futures_util::{Sink, Stream};
use tokio::io::{AsyncRead, AsyncWrite};

pub use config::{AgentConfig, AgentConfigError};
pub use key::{KeyFileError, is_signed};
pub use run::{AgentError, enrol, is_enrolled, run};
pub use tunnel::{Admitted, Drive, OpenError, Tunnel, TunnelEnd, TunnelStats};
pub use tunnels::{DialFault, Tunnels};

/// A connection, whatever carries it.
pub(crate) trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> ByteStream for S {}

/// The binary messages of a WebSocket that come in.
pub type Incoming = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;
/// Those that go out.
pub type Outgoing = Pin<Box<dyn Sink<Bytes, Error = io::Error> + Send>>;
