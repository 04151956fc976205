//! Create all parts of the process from its configuration.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum_server::Handle;
use futures_util::FutureExt;

use crate::clock::Clock;
use crate::config::Config;
use crate::flow::installation::context::{
    LoginParts, OperationParts, PanelParts, SyncParts, reads_settings_and_time,
};
use crate::flow::installation::current::Installation;
use crate::flow::installation::process::{Process, Startup};
use crate::flow::installation::rotation;
use crate::flow::support::bundle::write_by_itself;
use crate::keys::{Keys, Sealer};
use crate::oidc::discovery::Metadata;
use crate::store::Store;
use crate::volatile::Volatile;
use crate::web::{Language, Surface, Web};

/// All parts of a process, created once. Each use case gets only what its wing needs.
#[derive(Clone)]
pub struct App {
    pub issuer: Arc<str>,
    pub store: Store,
    pub volatile: Volatile,
    pub keys: Arc<Keys>,
    pub installation: Arc<Installation>,
    pub process: Arc<Process>,
    pub clock: Clock,
}

impl App {
    /// What signing in needs.
    #[must_use]
    pub fn login(&self) -> LoginParts {
        let Self { issuer, store, volatile, keys, installation, clock, .. } = self.clone();
        LoginParts { issuer, store, volatile, keys, installation, clock }
    }

    /// What syncing needs.
    #[must_use]
    pub fn sync(&self) -> SyncParts {
        let operation = self.operation();
        let OperationParts { store, installation, clock, .. } = operation.clone();
        let write_bundle = move |directory, why: String| {
            let parts = operation.clone();
            async move { write_by_itself(&parts, &directory, &why).await }.boxed()
        };
        SyncParts { store, installation, write_bundle: Arc::new(write_bundle), clock }
    }

    /// What operating the process needs.
    #[must_use]
    pub fn operation(&self) -> OperationParts {
        let Self { store, keys, installation, process, clock, .. } = self.clone();
        OperationParts { store, keys, installation, process, clock }
    }

    /// What the admin panel needs.
    #[must_use]
    pub fn panel(&self) -> PanelParts {
        PanelParts { login: self.login(), sync: self.sync(), operation: self.operation() }
    }
}

reads_settings_and_time!(App);

/// Opens everything that a process needs and loads the stored settings; signing keys are created if there are
/// none.
pub async fn parts(config: &Config, clock: Clock) -> Result<App> {
    let parts = bare_parts(config, clock).await?;
    parts.installation.refresh().await.context("the stored settings can't be put in force")?;
    let _steps = rotation::by_schedule(&parts.operation()).await.context("the signing keys can't be read")?;
    Ok(parts)
}

/// The same without connections to directories, for commands that must work without a usable directory. (The
/// doctor opens its own.)
pub async fn parts_without_directories(config: &Config, clock: Clock) -> Result<App> {
    let parts = bare_parts(config, clock).await?;
    parts.installation.without_directories().await.context("the stored settings can't be read")?;
    Ok(parts)
}

/// The same for commands about signing keys.
pub async fn parts_for_keys(config: &Config, clock: Clock) -> Result<App> {
    let parts = parts_without_directories(config, clock).await?;
    let _steps = rotation::by_schedule(&parts.operation()).await.context("the signing keys can't be read")?;
    Ok(parts)
}

/// Opens everything but loads no settings, so that invalid stored settings can still be exported and fixed.
pub async fn bare_parts(config: &Config, clock: Clock) -> Result<App> {
    let sealer = Arc::new(Sealer::open_dir(&config.keys_dir)?);
    let store = Store::open(config.store.expose()).await.context("the store can't be opened")?;
    let volatile =
        Volatile::open(config.volatile.expose()).await.context("the short-lived state can't be opened")?;
    let issuer: Arc<str> = config.public_url.as_str().into();
    let installation = Installation::vacant(Arc::clone(&issuer), store.clone(), Arc::clone(&sealer));
    let parts = App {
        issuer,
        store,
        volatile,
        keys: Arc::new(Keys::new(sealer)),
        installation: Arc::new(installation),
        process: Arc::new(Process { startup: startup(config), ..Process::default() }),
        clock,
    };
    rotation::follow_sealing_key(&parts.operation()).await.context("the signing keys can't be read")?;
    Ok(parts)
}

/// The part of a support bundle about the process: each key of the configuration, without secrets.
fn startup(config: &Config) -> Startup {
    let proxies: Vec<String> = config.trusted_proxies.iter().map(ToString::to_string).collect();
    let tls = config.tls.as_ref().map(|tls| tls.certificate.display().to_string());
    let configuration = vec![
        ("public_url", config.public_url.to_string()),
        ("listen", config.listen.to_string()),
        ("store", config.store.to_string()),
        ("volatile", config.volatile.to_string()),
        ("keys_dir", config.keys_dir.display().to_string()),
        ("log_format", format!("{:?}", config.log_format).to_lowercase()),
        ("tls.certificate", tls.unwrap_or_default()),
        ("trusted_proxies", proxies.join(", ")),
    ];
    let beside_keys = config.keys_dir.parent().map(Path::to_path_buf);
    let folders = [config.store.folder(), beside_keys, Some(std::env::temp_dir())];
    Startup {
        configuration,
        secrets: config.store.passwords().into_iter().chain(config.volatile.passwords()).collect(),
        folders: folders.into_iter().flatten().collect(),
        host: std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned(),
    }
}

/// Creates the web part.
pub fn web(config: &Config, parts: &App) -> Result<Web> {
    let languages = Language::ALL.map(Language::tag);
    let metadata = Metadata::new(config.public_url.as_str(), &languages);
    let secure = config.public_url.is_https();
    let surface = Surface {
        secure,
        trusted_proxies: config.trusted_proxies.clone(),
        only_proxies: secure && config.tls.is_none(),
        configuration: serde_json::to_string(&metadata)?,
    };
    Ok(Web::new(parts.panel(), Arc::clone(&parts.process.background), surface))
}

/// Stops the server on SIGTERM or Ctrl-C; requests in progress are answered first. `before` ends those that would
/// not end by themselves.
pub async fn shutdown_on_signal(handle: Handle<std::net::SocketAddr>, before: impl FnOnce()) -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    tracing::info!("shutting down; requests in progress are answered first");
    before();
    handle.graceful_shutdown(Some(std::time::Duration::from_secs(10)));
    Ok(())
}
