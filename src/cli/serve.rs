//! `cloudsync-idp serve`: run the server.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::RustlsAcceptor;

use super::{admin_link, tls};
use crate::app::App;
use crate::config::Config;
use crate::flow::agents;
use crate::flow::installation::nodes;
use crate::{app, jobs, web};

/// How long a client may take for the head of a request, including the idle time between two requests: each
/// idle connection holds a file descriptor, and their number is limited.
const HEAD: Duration = Duration::from_secs(10);

/// How long an HTTP/2 connection may be silent before the server sends a ping.
const SILENCE: Duration = Duration::from_secs(30);

/// Serves until SIGTERM or Ctrl-C.
pub async fn run(config: &Config, parts: &App) -> Result<u8> {
    let web = app::web(config, parts)?;
    let streams = web.streams();
    let service = web::router(web).into_make_service_with_connect_info::<SocketAddr>();
    // Find errors before anything is started.
    let listener = std::net::TcpListener::bind(config.listen)
        .with_context(|| format!("can't listen on {}; another process may use it", config.listen))?;
    listener.set_nonblocking(true)?;
    let certificate = config.tls.as_ref().map(tls::load).transpose()?;
    let handle = Handle::new();
    let stopped = parts.operation();
    tokio::spawn(app::shutdown_on_signal(handle.clone(), move || {
        streams.end();
        agents::close_all(&stopped);
    }));
    let files = parts.keys.sealer.files();
    if files.next.is_some() || files.old.is_some() {
        tracing::warn!(
            "a rotation of the sealing key is not finished; run: cloudsync-idp keys list --sealing"
        );
    }
    let operation = parts.operation();
    // Before anybody is served: a rotation waits for the nodes that it knows of.
    nodes::note(&operation).await.context("this node can't be noted in the store")?;
    admin_link::at_start(&parts.login()).await?;
    let background = tokio::spawn(jobs::run(operation.clone(), parts.sync()));
    let tasks = tokio::spawn(jobs::run_tasks(parts.panel()));
    let logouts = tokio::spawn(jobs::tell_clients(parts.panel()));
    tracing::info!(issuer = config.public_url.as_str(), listen = %config.listen, "ready");
    let mut server = axum_server::from_tcp(listener)?.handle(handle).first_request_timeout(HEAD);
    let http = server.http_builder();
    http.http1().header_read_timeout(HEAD);
    http.http2().keep_alive_interval(SILENCE).keep_alive_timeout(SILENCE / 3).max_concurrent_streams(64);
    let served = match (&config.tls, certificate) {
        (Some(files), Some(certificate)) => {
            tokio::spawn(tls::watch(files.clone(), certificate.clone()));
            let acceptor = RustlsAcceptor::new(certificate).acceptor(NoDelayAcceptor::new());
            server.acceptor(acceptor).serve(service).await
        }
        _ => server.acceptor(NoDelayAcceptor::new()).serve(service).await,
    };
    background.abort();
    tasks.abort();
    logouts.abort();
    if let Err(error) = nodes::leave(&operation).await {
        tracing::debug!(%error, "this node can't be removed from the list of nodes");
    }
    if let Err(error) = parts.store.login().write_waiting_events().await {
        tracing::error!(%error, "audit events are lost: the store is not available");
    }
    jobs::conclude(&operation).await;
    served?;
    Ok(0)
}
