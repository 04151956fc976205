//! The provider itself, in this process, on a free port: the same wiring as `serve`, with a clock that a test
//! may set.

use std::net::SocketAddr;
use std::path::Path;

use cloudsync_idp::app;
use cloudsync_idp::app::App;
use cloudsync_idp::clock::Clock;
use cloudsync_idp::config::Config;
use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::flow::settings::{AppliedSettings, Mode, Secrets, SettingsError, SettingsFile, apply};
use cloudsync_idp::flow::sync::{self, RunOrder, RunReport, SyncError};
use cloudsync_idp::store::RunTrigger;
use cloudsync_idp::web;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::lab::{AdLab, LdapLab};
use super::relying_party::RelyingParty;

/// The client that every test provider has.
pub const CLIENT: &str = r#"
[sso]
help_contact = "the help desk, extension 100"

[[clients]]
client_id = "cloudsync"
client_name = "CloudSync"
client_secret = "cloudsync-test-secret"
redirect_uris = ["https://cloudsync.example/callback"]
post_logout_redirect_uris = ["https://cloudsync.example/"]
client_uri = "https://cloudsync.example/"
"#;

/// No limit on attempts: all of a test's people come from one address, and sign in as fast as they can.
pub const NO_THROTTLE: &str = "
[throttle]
name_per_minute = 0
address_per_minute = 0
overall_per_minute = 0
person_codes_per_minute = 0
";

/// A running provider. Dropping it stops it and deletes its files.
pub struct Provider {
    pub url: String,
    /// The parts, to inspect its state.
    pub parts: App,
    /// The configuration of the process.
    pub config: Config,
    server: JoinHandle<()>,
    files: TempDir,
}

/// A further node of a running provider. Dropping it stops it.
pub struct Node {
    /// Its own address; the issuer is the provider's.
    pub url: String,
    server: JoinHandle<()>,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The setup of a provider.
pub struct Setup {
    /// All settings, as TOML.
    pub settings: String,
    /// SQLite in a temporary folder when empty.
    pub store: String,
    /// In memory when empty.
    pub volatile: String,
    /// The system's clock, or one that stands still.
    pub clock: Clock,
}

impl Setup {
    /// The usual client, and this directory.
    pub fn new(directory: &str) -> Self {
        let settings = format!("{CLIENT}\n{directory}");
        Self { settings, store: String::new(), volatile: String::new(), clock: Clock::System }
    }
}

/// `[[directories]]` of the lab's domain: OU=Staff and the group CloudSync are in scope.
pub fn ad_settings(ad: &AdLab) -> String {
    let host = (ad.addr.as_str(), 636, ad.host_name.as_str());
    let base = &ad.base_dn;
    let scope = [format!("OU=Staff,{base}"), format!("CN=CloudSync,OU=Groups,{base}")];
    let service = (ad.service_dn.as_str(), ad.service_password.as_str());
    directory("ActiveDirectory", base, &[host], &ad.ca_pem_path, service, &scope)
}

/// `[[directories]]` of the lab's OpenLDAP servers, in this order: ou=people is in scope.
pub fn ldap_settings(servers: &[&LdapLab]) -> String {
    let first = servers[0];
    let hosts: Vec<_> =
        servers.iter().map(|lab| (lab.addr.as_str(), lab.tls_port, lab.host_name.as_str())).collect();
    let scope = [format!("ou=people,{}", first.base_dn), String::new()];
    let service = (first.service_dn.as_str(), first.service_password.as_str());
    directory("Rfc2307bis", &first.base_dn, &hosts, &first.ca_pem_path, service, &scope)
}

/// One directory called `corp`; `scope` is an OU and a group, either may be empty.
pub fn directory(
    schema: &str,
    base: &str,
    servers: &[(&str, u16, &str)],
    ca: &Path,
    service: (&str, &str),
    scope: &[String; 2],
) -> String {
    let servers: Vec<String> = servers
        .iter()
        .map(|(host, port, name)| format!("{{ host = \"{host}\", port = {port}, tls_name = \"{name}\" }}"))
        .collect();
    let list = |dn: &str| if dn.is_empty() { String::new() } else { format!("{dn:?}") };
    format!(
        r#"
[[directories]]
id = "corp"
name = "Example Corp"
schema = "{schema}"
base_dn = "{base}"
netbios_name = "CORP"
servers = [{}]
ca_file = {:?}
service_account = "{}"
service_account_password = "{}"
email_written_by_admins_only = true
{}
[directories.scope]
organizational_units = [{}]
groups = [{}]
"#,
        servers.join(", "),
        ca,
        service.0,
        service.1,
        // OpenLDAP has no policy configured
        if schema == "Rfc2307bis" { "assumed_lockout_threshold = 0" } else { "" },
        list(&scope[0]),
        list(&scope[1]),
    )
}

impl Provider {
    /// A provider for the lab's domain, after the first sync.
    pub async fn for_ad(ad: &AdLab) -> Self {
        let provider = Self::start(Setup::new(&ad_settings(ad))).await;
        provider.sync().await.expect("the first sync");
        provider
    }

    /// A provider for OpenLDAP servers, after the first sync.
    pub async fn for_ldap(servers: &[&LdapLab]) -> Self {
        let provider = Self::start(Setup::new(&ldap_settings(servers))).await;
        provider.sync().await.expect("the first sync");
        provider
    }

    /// Starts, without a sync.
    pub async fn start(setup: Setup) -> Self {
        let files = TempDir::new().expect("a temporary folder");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let url = format!("http://{address}");
        let config = config(&url, address, files.path(), &setup);
        let parts = app::parts(&config, setup.clock).await.expect("the parts");
        let router = web::router(app::web(&config, &parts).expect("the web layer"));
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move {
            axum::serve(listener, service).await.expect("it serves");
        });
        let provider = Self { url, parts, config, server, files };
        provider.apply(&setup.settings, Mode::Replace).await.expect("the settings of the test");
        provider
    }

    /// Applies settings, as `settings apply` does, and activates them.
    pub async fn apply(&self, text: &str, mode: Mode) -> Result<AppliedSettings, SettingsError> {
        let file = SettingsFile { name: "test.toml", text, folder: Path::new("/") };
        let secrets = Secrets::new(&self.parts.keys.sealer, |_| None);
        let applied = apply(
            &self.parts.store,
            &secrets,
            &file,
            mode,
            Event::new(self.parts.now(), Decision::SettingsChanged),
        )
        .await?;
        self.parts.installation.refresh().await.expect("they can be put in force");
        Ok(applied)
    }

    /// Runs a full sync of the directory `corp`.
    pub async fn sync(&self) -> Result<RunReport, SyncError> {
        let current = self.parts.current();
        let site = current.site(&DirectoryId("corp".into())).expect("the directory of the test");
        sync::run(&self.parts.sync(), site, &RunOrder::everything(RunTrigger::Command, "it was asked for"))
            .await
    }

    /// The parts of another process on the same store and keys, as `keys rotate` or a second node has them.
    pub async fn another_process(&self) -> App {
        app::parts(&self.config, self.parts.clock.clone()).await.expect("the parts")
    }

    /// A second node on the same store, keys and short-lived state, with its own address.
    pub async fn another_node(&self) -> Node {
        let parts = self.another_process().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = web::router(app::web(&self.config, &parts).expect("the web layer"));
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move {
            axum::serve(listener, service).await.expect("it serves");
        });
        Node { url, server }
    }

    pub fn sqlite(&self) -> std::path::PathBuf {
        self.files.path().join("idp.db")
    }

    /// Removes these tables from its SQLite file, as a damaged disk might, or all of them if none is named.
    pub fn cut_store(&self, tables: &[&str]) {
        let file = rusqlite::Connection::open(self.sqlite()).expect("the file opens");
        file.pragma_update(None, "foreign_keys", false).expect("a pragma");
        let mut all = file.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").expect("a query");
        let all: Vec<String> =
            all.query_map([], |row| row.get(0)).expect("rows").collect::<Result<_, _>>().expect("names");
        for table in all.iter().filter(|table| !table.starts_with("sqlite_")) {
            if tables.is_empty() || tables.contains(&table.as_str()) {
                file.execute_batch(&format!("ALTER TABLE {table} RENAME TO {table}_cut")).expect("renamed");
            }
        }
    }

    /// Its client.
    pub fn cloudsync(&self) -> RelyingParty {
        RelyingParty::new(&self.url, "cloudsync", Some("cloudsync-test-secret"))
    }
}

fn config(url: &str, address: SocketAddr, files: &Path, setup: &Setup) -> Config {
    let store = match setup.store.as_str() {
        "" => format!("sqlite:{}", files.join("idp.db").display()),
        url => url.to_owned(),
    };
    let volatile = if setup.volatile.is_empty() { "memory" } else { &setup.volatile };
    let text = format!(
        "public_url = {url:?}\nlisten = \"{address}\"\nstore = {store:?}\nvolatile = {volatile:?}\nkeys_dir = {:?}\n",
        files.join("keys"),
    );
    Config::parse(&files.join("idp.toml"), &text, &|_| None).expect("the configuration of the test")
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.server.abort();
    }
}
