//! The server of a client: it keeps the logout tokens that it is sent, and answers with a status.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use tokio::net::TcpListener;

/// A running server.
#[derive(Clone, Default)]
pub struct LogoutServer {
    sent: Arc<Mutex<Vec<String>>>,
    status: Arc<AtomicU16>,
}

async fn receive(State(server): State<LogoutServer>, body: String) -> StatusCode {
    server.sent.lock().expect("no panic").push(body);
    StatusCode::from_u16(server.status.load(Ordering::Relaxed)).expect("a status")
}

impl LogoutServer {
    /// A server that answers with this status, and its address.
    pub async fn start(status: u16) -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        (Self::on(listener, status), url(address))
    }

    /// The same at this address, where nobody listens yet.
    pub async fn start_at(address: SocketAddr, status: u16) -> Self {
        Self::on(TcpListener::bind(address).await.expect("still free"), status)
    }

    fn on(listener: TcpListener, status: u16) -> Self {
        let server = Self::default();
        server.answers(status);
        let routes = Router::new().route("/logout", post(receive)).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        server
    }

    /// From now on it answers with this status.
    pub fn answers(&self, status: u16) {
        self.status.store(status, Ordering::Relaxed);
    }

    /// The tokens until now.
    pub fn tokens(&self) -> Vec<String> {
        let sent = self.sent.lock().expect("no panic");
        sent.iter()
            .map(|body| body.strip_prefix("logout_token=").expect("one parameter").to_owned())
            .collect()
    }
}

/// Where a client with its server at this address is told.
pub fn url(address: SocketAddr) -> String {
    format!("http://{address}/logout?tenant=7")
}

/// An address where nobody listens.
pub async fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    listener.local_addr().expect("an address")
}

/// The settings by which a client is told at this address.
pub fn told_at(client_id: &str, url: &str) -> String {
    format!("[[clients]]\nclient_id = {client_id:?}\nbackchannel_logout_uri = {url:?}\n")
}
