//! Connect to the provider: through the proxy if there is one, with TLS, to a WebSocket.

use std::io;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::future::ready;
use futures_util::{SinkExt, StreamExt};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Duration, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::client_async_with_config;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as WebSocketError, Message};

use super::config::{AgentConfig, Proxy};
use super::{ByteStream, Incoming, Outgoing};
use crate::domain::agent::PATH;
use crate::tls;

/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// No proxy's answer is longer.
const LONGEST_HEAD: usize = 8 * 1024;
/// Longer than any message that a provider sends.
const LONGEST_MESSAGE: usize = 256 * 1024;

/// Why there is no connection to the provider.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error("no connection to {0}: {1}")]
    Tcp(String, #[source] io::Error),
    #[error("the proxy {0} does not answer as one: {1}")]
    Proxy(String, String),
    #[error("no TLS session with {0}: {1}; where a proxy inspects TLS, exempt this address or set ca_file")]
    Tls(String, String),
    #[error("the CA certificates can't be used: {0}")]
    Ca(String),
    #[error(
        "{0} answers {1} in place of a WebSocket: a proxy on the way may not pass WebSockets, or provider is another address"
    )]
    NoWebSocket(String, String),
    #[error("no response in time")]
    Timeout,
}

/// The trusted CAs, read once; `None` for a provider on this machine that is reached without TLS.
pub(crate) fn trust(config: &AgentConfig) -> Result<Option<Arc<ClientConfig>>, ConnectError> {
    if config.url.scheme() != "https" {
        return Ok(None);
    }
    let trusted = tls::client_config(config.ca_pem.as_deref());
    trusted.map(Some).map_err(|error| ConnectError::Ca(error.to_string()))
}

/// Connects.
pub(crate) async fn connect(
    config: &AgentConfig,
    trusted: Option<&Arc<ClientConfig>>,
) -> Result<(Incoming, Outgoing), ConnectError> {
    timeout(PATIENCE, connect_patiently(config, trusted)).await.unwrap_or(Err(ConnectError::Timeout))
}

async fn connect_patiently(
    config: &AgentConfig,
    trusted: Option<&Arc<ClientConfig>>,
) -> Result<(Incoming, Outgoing), ConnectError> {
    let (host, port) = address(config);
    let stream = match &config.proxy {
        None => tcp(&host, port).await?,
        Some(proxy) => through(proxy, &host, port).await?,
    };
    let stream: Box<dyn ByteStream> = match trusted {
        Some(trusted) => Box::new(encrypted(stream, &host, trusted).await?),
        None => Box::new(stream),
    };
    web_socket(config, stream).await
}

/// The host without the brackets of IPv6, and the port.
fn address(config: &AgentConfig) -> (String, u16) {
    let host = config.url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    (host.to_owned(), config.url.port_or_known_default().unwrap_or(443))
}

async fn tcp(host: &str, port: u16) -> Result<TcpStream, ConnectError> {
    let failed = |error| ConnectError::Tcp(format!("{host}:{port}"), error);
    let stream = TcpStream::connect((host, port)).await.map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    Ok(stream)
}

async fn through(proxy: &Proxy, host: &str, port: u16) -> Result<TcpStream, ConnectError> {
    let mut stream = tcp(&proxy.host, proxy.port).await?;
    let name = format!("{}:{}", proxy.host, proxy.port);
    let target = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
    if let Some(credentials) = &proxy.credentials {
        request += &format!("Proxy-Authorization: Basic {}\r\n", STANDARD.encode(credentials.expose()));
    }
    request += "\r\n";
    let failed = |error: io::Error| ConnectError::Proxy(name.clone(), error.to_string());
    stream.write_all(request.as_bytes()).await.map_err(failed)?;
    let head = head(&mut stream).await.map_err(failed)?;
    match status(&head) {
        Some(200..=299) => Ok(stream),
        Some(407) => Err(ConnectError::Proxy(name, "it wants a user name and a password".to_owned())),
        Some(status) => Err(ConnectError::Proxy(name, format!("status {status}"))),
        None => Err(ConnectError::Proxy(name, "its answer is not HTTP".to_owned())),
    }
}

/// The head of an answer. Byte by byte: what follows it belongs to TLS.
async fn head(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == LONGEST_HEAD {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the answer is too long"));
        }
        head.push(stream.read_u8().await?);
    }
    Ok(head)
}

/// The status of an answer (RFC 9112 section 4).
fn status(head: &[u8]) -> Option<u16> {
    let line = head.strip_prefix(b"HTTP/1.")?;
    let digits = line.get(1..5)?.strip_prefix(b" ")?;
    let status = std::str::from_utf8(digits).ok()?;
    status.bytes().all(|byte| byte.is_ascii_digit()).then(|| status.parse().ok())?
}

async fn encrypted(
    stream: TcpStream,
    host: &str,
    trusted: &Arc<ClientConfig>,
) -> Result<TlsStream<TcpStream>, ConnectError> {
    let failed = |error: &dyn std::fmt::Display| ConnectError::Tls(host.to_owned(), error.to_string());
    let name = ServerName::try_from(host.to_owned()).map_err(|error| failed(&error))?;
    TlsConnector::from(Arc::clone(trusted)).connect(name, stream).await.map_err(|error| failed(&error))
}

async fn web_socket(
    config: &AgentConfig,
    stream: Box<dyn ByteStream>,
) -> Result<(Incoming, Outgoing), ConnectError> {
    let failed = |error: WebSocketError| {
        let what = match error {
            WebSocketError::Http(answer) => format!("status {}", answer.status().as_u16()),
            other => other.to_string(),
        };
        ConnectError::NoWebSocket(config.provider.clone(), what)
    };
    let mut url = config.url.clone();
    url.set_path(PATH);
    let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
    let address = url.as_str().replacen(url.scheme(), scheme, 1);
    let request = address.into_client_request().map_err(failed)?;
    let mut settings = WebSocketConfig::default();
    settings.read_buffer_size = 16 * 1024;
    settings.write_buffer_size = 16 * 1024;
    settings.max_message_size = Some(LONGEST_MESSAGE);
    settings.max_frame_size = Some(LONGEST_MESSAGE);
    let (socket, _) = client_async_with_config(request, stream, Some(settings)).await.map_err(failed)?;
    let (outgoing, incoming) = socket.split();
    let outgoing: Outgoing = Box::pin(
        outgoing.sink_map_err(as_io).with(|bytes: Bytes| ready(Ok::<_, io::Error>(Message::Binary(bytes)))),
    );
    let incoming: Incoming = Box::pin(incoming.filter_map(|message| {
        ready(match message {
            Ok(Message::Binary(bytes)) => Some(Ok(bytes)),
            Ok(Message::Text(_)) => Some(Err(io::ErrorKind::InvalidData.into())),
            Ok(_) => None,
            Err(error) => Some(Err(as_io(error))),
        })
    }));
    Ok((incoming, outgoing))
}

fn as_io(error: WebSocketError) -> io::Error {
    match error {
        WebSocketError::Io(error) => error,
        other => io::Error::new(io::ErrorKind::ConnectionAborted, other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_status_of_a_proxy_is_read() {
        let table: [(&[u8], Option<u16>); 8] = [
            (b"HTTP/1.1 200 Connection established\r\n\r\n", Some(200)),
            (b"HTTP/1.0 407 Proxy Authentication Required\r\n\r\n", Some(407)),
            (b"HTTP/1.1 200\r\n\r\n", Some(200)),
            (b"HTTP/2 200\r\n\r\n", None),
            (b"HTTP/1.1 +20\r\n\r\n", None),
            (b"HTTP/1.1", None),
            (b"SSH-2.0-x\r\n\r\n", None),
            (b"", None),
        ];
        for (head, expected) in table {
            assert_eq!(status(head), expected, "{}", String::from_utf8_lossy(head));
        }
    }

    #[tokio::test]
    async fn what_follows_the_head_is_left() {
        let mut answer: &[u8] = b"HTTP/1.1 200 OK\r\nVia: x\r\n\r\n\x16\x03";
        assert_eq!(status(&head(&mut answer).await.expect("a head")), Some(200));
        assert_eq!(answer, b"\x16\x03");
        let mut endless: &[u8] = &[b'x'; 2 * LONGEST_HEAD];
        assert!(head(&mut endless).await.is_err());
    }

    proptest! {
        #[test]
        fn no_answer_makes_the_reader_panic(bytes: Vec<u8>) {
            let _ = status(&bytes);
        }
    }
}
