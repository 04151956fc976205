//! The lab: a real Active Directory, OpenLDAP, PostgreSQL, Redis, service providers of SCIM and relying parties, started by
//! the scripts in `tests/lab` when a test first needs them, shared by the whole test process, and gone when it ends (even by
//! kill -9).
//!
//! Contains their start, stop and addresses; no tests and no code of the product. Concurrent test runs on one
//! machine do not collide: each claims its own loopback address.

#![allow(dead_code, reason = "no single test binary uses the whole lab")]

mod admin;
mod processes;
mod relying_party;
mod scim;
mod server;

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};

pub use admin::{Admin, Person, line, unique};
use processes::Processes;
pub use relying_party::RelyingPartyLab;
pub use scim::ScimLab;
use server::{Address, LabServer, cache};

/// The shared domain. Tests that change it add their own people ([`Admin::add_person`]) and leave the seeded
/// ones unchanged.
pub fn ad() -> &'static AdLab {
    static AD: OnceLock<AdLab> = OnceLock::new();
    AD.get_or_init(|| AdLab::start(&[]))
}

/// A domain with a low threshold: four wrong passwords lock an account until an administrator unlocks it.
pub fn strict_ad() -> &'static AdLab {
    static AD: OnceLock<AdLab> = OnceLock::new();
    AD.get_or_init(|| AdLab::start(&[("LOCKOUT", "4")]))
}

/// An OpenLDAP with the same threshold.
pub fn strict_ldap() -> &'static LdapLab {
    static LDAP: OnceLock<LdapLab> = OnceLock::new();
    LDAP.get_or_init(|| LdapLab::start(&[("LOCKOUT", "4")]))
}

/// An OpenLDAP that never locks, for tests with dozens of wrong passwords.
pub fn patient_ldap() -> &'static LdapLab {
    static LDAP: OnceLock<LdapLab> = OnceLock::new();
    LDAP.get_or_init(|| LdapLab::start(&[("LOCKOUT", "0")]))
}

/// A separate domain, to freeze, kill or break. `options` are variables of `samba-ad.sh`: `LOCKOUT`, `HOST`,
/// `PDC`.
pub fn own_ad(options: &[(&str, &str)]) -> AdLab {
    AdLab::start(options)
}

/// The shared OpenLDAP.
pub fn ldap() -> &'static LdapLab {
    static LDAP: OnceLock<LdapLab> = OnceLock::new();
    LDAP.get_or_init(|| LdapLab::start(&[]))
}

/// An OpenLDAP that reports no changes.
pub fn silent_ldap() -> &'static LdapLab {
    static LDAP: OnceLock<LdapLab> = OnceLock::new();
    LDAP.get_or_init(|| LdapLab::start(&[("SYNCPROV", "no")]))
}

/// A separate OpenLDAP, to freeze, kill or fill. `options` are variables of `slapd.sh`: `USERS`, `LOCKOUT`,
/// `UNAUTH`, `SESSLOG`, `SYNCPROV`.
pub fn own_ldap(options: &[(&str, &str)]) -> LdapLab {
    LdapLab::start(options)
}

/// The shared PostgreSQL; each [`PostgresLab::url`] is a new database.
pub fn postgres() -> &'static PostgresLab {
    static POSTGRES: OnceLock<PostgresLab> = OnceLock::new();
    POSTGRES.get_or_init(|| PostgresLab::start(&[]))
}

/// The shared Redis; each [`RedisLab::url`] is a separate database.
pub fn redis() -> &'static RedisLab {
    static REDIS: OnceLock<RedisLab> = OnceLock::new();
    REDIS.get_or_init(|| RedisLab::start(&[]))
}

/// The shared service provider of the Python project `scim2-server`.
pub fn scim2_server() -> &'static ScimLab {
    static SERVER: OnceLock<ScimLab> = OnceLock::new();
    SERVER.get_or_init(|| ScimLab::start("scim2-server"))
}

/// The shared service provider of the Node project SCIMMY.
pub fn scimmy() -> &'static ScimLab {
    static SERVER: OnceLock<ScimLab> = OnceLock::new();
    SERVER.get_or_init(|| ScimLab::start("scimmy"))
}

/// A separate `scim2-server`, to freeze and kill.
pub fn own_scim2_server() -> ScimLab {
    ScimLab::start("scim2-server")
}

/// A separate Apache httpd that signs people in by `mod_auth_openidc` at this provider.
pub fn mod_auth_openidc(issuer: &str) -> RelyingPartyLab {
    RelyingPartyLab::start("mod_auth_openidc", issuer)
}

/// A separate server that signs people in by `openid-client` at this provider.
pub fn openid_client(issuer: &str) -> RelyingPartyLab {
    RelyingPartyLab::start("openid-client", issuer)
}

/// A separate PostgreSQL, to stop and start.
pub fn own_postgres() -> PostgresLab {
    PostgresLab::start(&[])
}

/// A PostgreSQL and a Redis that speak TLS by certificates for `::ffff:` and their address.
pub fn tls_stores() -> (PostgresLab, RedisLab) {
    (PostgresLab::start(&[("TLS", "on")]), RedisLab::start(&[("TLS", "on")]))
}

/// A separate Redis, to stop and start.
pub fn own_redis() -> RedisLab {
    RedisLab::start(&[])
}

/// A separate Redis with this memory limit in bytes.
pub fn small_redis(bytes: usize) -> RedisLab {
    RedisLab::start(&[("MAXMEMORY", &bytes.to_string()), ("DATABASES", "1")])
}

/// A Samba Active Directory domain controller on ports 389 and 636 of its own address.
pub struct AdLab {
    /// The address to connect to.
    pub addr: String,
    /// The name to verify: the certificate contains this name and no address.
    pub host_name: String,
    pub ca_pem_path: PathBuf,
    pub base_dn: String,
    pub netbios_name: String,
    pub service_dn: String,
    pub service_password: String,
    /// The password of every seeded person.
    pub user_password: String,
    pub admin: Admin,
    pid_file: PathBuf,
    server: LabServer,
}

impl AdLab {
    fn start(options: &[(&str, &str)]) -> Self {
        let address = Address::claim();
        let mut variables = vec![("ADDR", address.ip.as_str()), ("CACHE", cache())];
        variables.extend_from_slice(options);
        let server = LabServer::start("samba-ad.sh", &variables);
        let mut lab = Self {
            addr: server.variable("AD_ADDR"),
            host_name: server.variable("AD_HOST"),
            ca_pem_path: server.variable("AD_CA").into(),
            base_dn: server.variable("AD_BASE"),
            netbios_name: server.variable("AD_NETBIOS"),
            service_dn: server.variable("AD_SVC"),
            service_password: server.variable("AD_SVC_PW"),
            user_password: server.variable("AD_USER_PW"),
            admin: Admin::new(
                &server.variable("AD_URLS"),
                &server.variable("AD_ADMIN"),
                &server.variable("AD_ADMIN_PW"),
            ),
            pid_file: server.variable("AD_PIDFILE").into(),
            server,
        };
        lab.server.keep(address);
        lab
    }

    /// The DN of a relative path, `OU=Staff` for example.
    pub fn dn(&self, relative: &str) -> String {
        format!("{relative},{}", self.base_dn)
    }

    /// Puts an access rule (in SDDL) before the existing ones of an entry.
    pub fn rule(&self, dn: &str, sddl: &str) {
        let done = Command::new("samba-tool")
            .args(["dsacl", "set", "--configfile=/dev/null", "--option=tls verify peer = no_check"])
            .args(["-H", &format!("ldaps://{}", self.addr), &format!("--simple-bind-dn={}", self.admin.name)])
            .args([&format!("--password={}", self.admin.password), &format!("--objectdn={dn}")])
            .arg(format!("--sddl={sddl}"))
            .output()
            .expect("samba is installed");
        assert!(done.status.success(), "{done:?}");
    }

    fn processes(&self) -> Processes {
        Processes::Group(pid(&self.pid_file))
    }

    /// Freezes every process of the server: it accepts connections and never responds.
    pub fn pause(&self) {
        self.processes().freeze();
    }

    /// Ends [`AdLab::pause`].
    pub fn resume(&self) {
        self.processes().thaw();
    }

    /// kill -9.
    pub fn kill(&self) {
        self.processes().kill();
    }

    /// Starts it again after [`AdLab::kill`], with its data.
    pub fn restart(&self) {
        self.server.run("up");
    }

    /// Restores the seeded state, like an administrator who restores a snapshot.
    pub fn put_back(&self) {
        self.server.run("reset");
    }
}

/// An OpenLDAP server.
pub struct LdapLab {
    /// The address to connect to.
    pub addr: String,
    /// `ldap://`, with StartTLS.
    pub port: u16,
    /// `ldaps://`
    pub tls_port: u16,
    /// The name to verify.
    pub host_name: String,
    pub ca_pem_path: PathBuf,
    pub base_dn: String,
    pub service_dn: String,
    pub service_password: String,
    /// The password of every seeded person.
    pub user_password: String,
    pub admin: Admin,
    pid_file: PathBuf,
    server: LabServer,
}

impl LdapLab {
    fn start(options: &[(&str, &str)]) -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(10389);
        let port = NEXT.fetch_add(2, Ordering::Relaxed);
        let (plain, tls) = (port.to_string(), (port + 1).to_string());
        let mut variables =
            vec![("ADDR", Address::shared()), ("CACHE", cache()), ("PORT", &plain), ("TLSPORT", &tls)];
        variables.extend_from_slice(options);
        let server = LabServer::start("slapd.sh", &variables);
        Self {
            addr: server.variable("LDAP_ADDR"),
            port,
            tls_port: port + 1,
            host_name: server.variable("LDAP_NAME"),
            ca_pem_path: server.variable("LDAP_CA").into(),
            base_dn: server.variable("LDAP_BASE"),
            service_dn: server.variable("LDAP_SVC"),
            service_password: server.variable("LDAP_SVC_PW"),
            user_password: server.variable("LDAP_USER_PW"),
            admin: Admin::new(
                &server.variable("LDAP_URLS"),
                &server.variable("LDAP_ADMIN"),
                &server.variable("LDAP_ADMIN_PW"),
            ),
            pid_file: server.variable("LDAP_PIDFILE").into(),
            server,
        }
    }

    /// The DN of a relative path, `ou=people` for example.
    pub fn dn(&self, relative: &str) -> String {
        format!("{relative},{}", self.base_dn)
    }

    /// Its process.
    pub fn processes(&self) -> Processes {
        Processes::One(pid(&self.pid_file))
    }

    /// Freezes it: the kernel accepts connections, and no response comes.
    pub fn pause(&self) {
        self.processes().freeze();
    }

    /// Ends [`LdapLab::pause`].
    pub fn resume(&self) {
        self.processes().thaw();
    }

    /// kill -9.
    pub fn kill(&self) {
        self.processes().kill();
    }

    /// Restarts it with these access rules before its own (slapd.access(5)).
    pub fn restart_with(&self, rules: &str) {
        let folder = self.pid_file.parent().expect("a folder");
        std::fs::write(folder.join("rules"), rules).expect("the folder can be written");
        self.server.run("down");
        self.restart();
    }

    /// Starts it again after [`LdapLab::kill`], with its data.
    pub fn restart(&self) {
        self.server.run("up");
    }

    /// Restores the seeded state, like an administrator who restores a snapshot.
    pub fn put_back(&self) {
        self.server.run("reset");
    }
}

/// A PostgreSQL server.
pub struct PostgresLab {
    addr: String,
    port: u16,
    server: LabServer,
}

impl PostgresLab {
    fn start(options: &[(&str, &str)]) -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(5432);
        let port = NEXT.fetch_add(1, Ordering::Relaxed);
        let text = port.to_string();
        let variables = [&[("ADDR", Address::shared()), ("PORT", text.as_str())], options].concat();
        let server = LabServer::start("postgres.sh", &variables);
        Self { addr: server.variable("PG_ADDR"), port, server }
    }

    /// Shuts it down: transactions in progress are rolled back, and connected clients are notified.
    pub fn stop(&self) {
        self.server.run("down");
    }

    /// Starts it again after [`PostgresLab::stop`].
    pub fn start_again(&self) {
        self.server.run("up");
    }

    /// The file of its CA, if it speaks TLS.
    pub fn ca(&self) -> String {
        self.server.variable("PG_CA")
    }

    /// A fresh, empty database.
    pub fn url(&self) -> String {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.server.run_with(&["create", &name]);
        format!("postgres://postgres@{}:{}/{name}", self.addr, self.port)
    }
}

/// A Redis server.
pub struct RedisLab {
    addr: String,
    port: u16,
    server: LabServer,
}

impl RedisLab {
    fn start(options: &[(&str, &str)]) -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(6379);
        let port = NEXT.fetch_add(1, Ordering::Relaxed);
        let text = port.to_string();
        let variables = [&[("ADDR", Address::shared()), ("PORT", text.as_str())], options].concat();
        let server = LabServer::start("redis.sh", &variables);
        Self { addr: server.variable("REDIS_ADDR"), port, server }
    }

    /// Shuts it down. Its data is lost.
    pub fn stop(&self) {
        self.server.run("down");
    }

    /// Starts it again after [`RedisLab::stop`].
    pub fn start_again(&self) {
        self.server.run("up");
    }

    /// A fresh, empty database.
    pub fn url(&self) -> String {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        format!("redis://{}:{}/{}", self.addr, self.port, NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// The file of its CA, if it speaks TLS.
    pub fn ca(&self) -> String {
        self.server.variable("REDIS_CA")
    }

    /// Its first database, for a server that has no other.
    pub fn only_url(&self) -> String {
        format!("redis://{}:{}/0", self.addr, self.port)
    }
}

fn pid(file: &PathBuf) -> String {
    std::fs::read_to_string(file).expect("the server runs").trim().to_owned()
}
