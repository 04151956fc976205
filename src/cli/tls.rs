//! Load the server's own certificate, and reload it when its file changes or on SIGHUP.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, anyhow, ensure};
use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::signal::unix::{SignalKind, signal};

use crate::config::TlsFiles;

const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// Reads the certificate and its key.
pub fn load(files: &TlsFiles) -> Result<RustlsConfig> {
    Ok(RustlsConfig::from_config(Arc::new(server_config(files)?)))
}

/// Reloads a changed certificate; an invalid one is logged, and the old one stays.
pub async fn watch(files: TlsFiles, config: RustlsConfig) -> Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    let mut seen = changed_at(&files);
    loop {
        let signalled = tokio::select! {
            _ = hangup.recv() => true,
            () = tokio::time::sleep(LOOK_AGAIN) => false,
        };
        let now = changed_at(&files);
        if !signalled && now == seen {
            continue;
        }
        seen = now;
        match server_config(&files) {
            Ok(new) => {
                config.reload_from_config(Arc::new(new));
                tracing::info!("certificate reloaded");
            }
            Err(error) => {
                tracing::error!(error = %format!("{error:#}"), "the old certificate stays in force")
            }
        }
    }
}

fn server_config(files: &TlsFiles) -> Result<ServerConfig> {
    let (certificate, private_key) = (files.certificate.display(), files.private_key.display());
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| anyhow!("{certificate}: {error}"))?;
    ensure!(
        !chain.is_empty(),
        "{certificate} contains no certificate; it must be PEM, with this server's certificate first"
    );
    let key = PrivateKeyDer::from_pem_file(&files.private_key).map_err(|error| match error {
        pem::Error::NoItemsFound => {
            anyhow!("{private_key} contains no private key; it must be PEM, unencrypted")
        }
        error => anyhow!("{private_key}: {error}"),
    })?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .with_context(|| format!("{certificate} and {private_key} do not belong together"))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn changed_at(files: &TlsFiles) -> [Option<SystemTime>; 2] {
    let of = |path: &Path| std::fs::metadata(path).and_then(|data| data.modified()).ok();
    [of(&files.certificate), of(&files.private_key)]
}
