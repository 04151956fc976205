//! The stand-in for CloudSync as a service provider, in this process. Its own unit tests run here too.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use self::scim::Scim;
use super::scim_target::ScimTarget;

#[path = "../../examples/cloudsync/scim/mod.rs"]
#[allow(dead_code, reason = "its pages use more of it")]
pub mod scim;

/// A running stand-in. Dropping it stops it.
pub struct StandIn {
    pub scim: Arc<Scim>,
    pub target: ScimTarget,
    server: JoinHandle<()>,
}

impl StandIn {
    pub async fn start() -> Self {
        Self::start_as(|scim| scim).await
    }

    /// One that goes on with what this file has.
    pub async fn start_with_state(file: PathBuf) -> Self {
        Self::start_as(|scim| scim.kept_in(file).expect("a file that can be read")).await
    }

    async fn start_as(prepared: impl FnOnce(Scim) -> Scim) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let site = format!("http://{}", listener.local_addr().expect("an address"));
        let token = "a-token-of-the-tests";
        let scim = Arc::new(prepared(Scim::new(&site, token)));
        let routes = scim::routes(Arc::clone(&scim));
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.expect("it serves") });
        Self { scim, target: ScimTarget::new(&format!("{site}{}", scim::PATH), token), server }
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.server.abort();
    }
}
