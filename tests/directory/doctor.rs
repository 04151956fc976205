//! How far a connection gets, step by step, at servers with every kind of problem; and that a password is
//! sent once.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use cloudsync_idp::clock::Clock;
use cloudsync_idp::directory::probe::Probe;
use cloudsync_idp::domain::bind::BindRefusal;
use cloudsync_idp::domain::doctor::facts::{Reach, Right, ServiceBind, TlsProblem};
use cloudsync_idp::domain::doctor::{self, Severity};
use cloudsync_idp::domain::secret::Plain;
use cloudsync_idp::domain::settings::{self, Encryption, Server};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tempfile::TempDir;

use super::{ad_settings, ldap_settings, plain_settings};
use crate::support::{lab, relay};

const NAME: &str = "dc1.example.com";

/// `openssl s_server`: another TLS stack than ours. Dropping it ends the process.
struct TlsServer {
    port: u16,
    child: Child,
    _files: TempDir,
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(certificate: &str, key: &str, more: &[&str]) -> TlsServer {
    let files = TempDir::new().expect("a temporary folder");
    let write = |name: &str, text: &str| std::fs::write(files.path().join(name), text).expect("a file");
    write("cert.pem", certificate);
    write("key.pem", key);
    let mut child = Command::new("openssl")
        .args(["s_server", "-accept", "127.0.0.1:0", "-cert", "cert.pem", "-key", "key.pem"])
        .args(more)
        .current_dir(files.path())
        .stdin(Stdio::piped()) // it ends with its stdin
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl is installed");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let port = lines.find_map(|line| line.ok()?.strip_prefix("ACCEPT 127.0.0.1:")?.parse().ok());
    // no one reads further: the output of a handshake fits into the pipe
    std::mem::forget(lines);
    TlsServer { port: port.expect("it says its port"), child, _files: files }
}

/// A CA, and its certificate for [`NAME`] with these dates.
fn issued(from: i32, to: i32) -> (String, String, String) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(DnType::CommonName, "Test CA");
    let ca = CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key")).expect("a CA");
    let key = KeyPair::generate().expect("a key");
    let mut own = CertificateParams::new([NAME.to_owned()]).expect("a name");
    own.not_before = rcgen::date_time_ymd(from, 1, 1);
    own.not_after = rcgen::date_time_ymd(to, 1, 1);
    let certificate = own.signed_by(&key, &ca).expect("a certificate");
    (certificate.pem(), key.serialize_pem(), ca.pem())
}

async fn reach(port: u16, tls_name: &str, ca_pem: &str) -> Reach {
    let settings = settings::Directory {
        servers: vec![Server {
            host: "127.0.0.1".into(),
            port: Some(port),
            tls_name: Some(tls_name.into()),
            via: None,
        }],
        ca_pem: Some(ca_pem.to_owned()),
        ..ldap_settings(lab::ldap())
    };
    probe(&settings).reach(0).await.expect("the only server")
}

fn probe(settings: &settings::Directory) -> Probe {
    let password = Plain::new(lab::ldap().service_password.clone());
    Probe::new(settings, password).expect("good settings")
}

fn problem(reach: &Reach) -> Option<&TlsProblem> {
    reach.tls.as_ref().expect("TLS was tried").problem.as_ref()
}

#[tokio::test]
async fn a_good_certificate_is_described() {
    let (certificate, key, ca) = issued(2020, 4000);
    let server = serve(&certificate, &key, &[]);
    let reach = reach(server.port, NAME, &ca).await;
    assert_eq!(problem(&reach), None);
    let shake = reach.tls.as_ref().expect("TLS");
    assert_eq!(shake.protocol.as_deref(), Some("TLSv1.3"));
    assert_eq!(shake.chain.first().map(|own| own.names.clone()), Some(vec![NAME.to_owned()]));
    let days = doctor::certificates(&reach, Clock::System.now());
    assert!(days.iter().all(|finding| finding.verdict == Severity::Ok), "{days:?}");
}

#[tokio::test]
async fn each_bad_certificate_has_its_own_error() {
    let (expired, expired_key, expired_ca) = issued(2019, 2020);
    let server = serve(&expired, &expired_key, &[]);
    let over = reach(server.port, NAME, &expired_ca).await;
    assert!(matches!(problem(&over), Some(TlsProblem::Dates(_))), "{over:?}");
    let days = doctor::certificates(&over, Clock::System.now());
    assert_eq!(days.first().map(|finding| finding.what.contains("has expired")), Some(true), "{days:?}");

    let (good, good_key, good_ca) = issued(2020, 4000);
    let server = serve(&good, &good_key, &[]);
    let elsewhere = reach(server.port, "dc2.example.com", &good_ca).await;
    assert_eq!(problem(&elsewhere), Some(&TlsProblem::WrongName));
    let stranger = reach(server.port, NAME, &expired_ca).await;
    assert_eq!(problem(&stranger), Some(&TlsProblem::UnknownIssuer));

    let key = KeyPair::generate().expect("a key");
    let own = CertificateParams::new([NAME.to_owned()]).expect("a name").self_signed(&key).expect("made");
    let server = serve(&own.pem(), &key.serialize_pem(), &[]);
    let alone = reach(server.port, NAME, &good_ca).await;
    let finding = doctor::handshake(&alone).expect("a finding");
    assert!(finding.what.contains("self-signed"), "{finding:?}");
}

#[tokio::test]
async fn a_server_without_a_common_suite_is_recognised() {
    let (certificate, key, ca) = issued(2020, 4000);
    // what Windows Server 2012 R2 has with an RSA certificate: no suite with both ECDHE and AES-GCM
    let old = ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-SHA384:ECDHE-ECDSA-AES128-SHA"];
    let server = serve(&certificate, &key, &old);
    let reach = reach(server.port, NAME, &ca).await;
    assert_eq!(problem(&reach), Some(&TlsProblem::NoSharedSuite));
    let finding = doctor::handshake(&reach).expect("a finding");
    assert!(finding.fix.is_some_and(|fix| fix.contains("ECDSA certificate")));
}

#[tokio::test]
async fn a_server_that_is_none_shows_in_the_failing_step() {
    let (_, _, ca) = issued(2020, 4000);
    let nobody = reach(relay::closed_port().await, NAME, &ca).await;
    assert!(matches!(nobody.connected, Some(Err(_))) && nobody.tls.is_none(), "{nobody:?}");
    let http = reach(relay::always_sends(b"HTTP/1.1 400 Bad Request\r\n\r\n").await, NAME, &ca).await;
    assert!(matches!(problem(&http), Some(TlsProblem::NotTls(_))), "{http:?}");
    let lab = lab::ldap();
    let settings = settings::Directory {
        encryption: Encryption::StartTls,
        servers: vec![Server {
            host: lab.addr.clone(),
            port: Some(lab.port),
            tls_name: Some(lab.host_name.clone()),
            via: None,
        }],
        ..ldap_settings(lab)
    };
    let started = probe(&settings).reach(0).await.expect("the only server");
    assert_eq!((started.start_tls.clone(), problem(&started)), (Some(Ok(())), None));
}

#[tokio::test]
async fn a_refused_password_is_sent_to_one_server_alone() {
    let lab = lab::ad();
    let account = lab.admin.add_person(&lab.dn("OU=Outside"), &lab.user_password);
    let mut settings = settings::Directory { service_account: account.dn.clone(), ..ad_settings(lab) };
    let again = settings.servers.clone();
    settings.servers.extend(again);
    let probe = Probe::new(&settings, Plain::new("wrong")).expect("good settings");
    let (first, none) = probe.bind(0).await;
    assert!(none.is_none());
    assert!(
        matches!(first, ServiceBind::Refused { why: Some(BindRefusal::InvalidCredentials), .. }),
        "{first:?}"
    );
    for at in [1, 0] {
        assert!(matches!(probe.bind(at).await, (ServiceBind::Withheld, None)));
    }
    assert_eq!(lab.admin.read(&account.dn, "badPwdCount"), ["1"]);
}

#[tokio::test]
async fn rights_are_found_out_by_using_them() {
    let lab = lab::ad();
    let password = Plain::new(lab.service_password.clone());
    let sync = Probe::new(&ad_settings(lab), password.clone()).expect("good settings");
    let reader = settings::Directory { service_account: lab.dn("CN=Svc Reader,OU=Svc"), ..ad_settings(lab) };
    let reader = Probe::new(&reader, password).expect("good settings");
    for (probe, may) in [(sync, true), (reader, false)] {
        let mut session = probe.bind(0).await.1.expect("bound");
        session.root_dse().await.expect("a root DSE");
        let (deleted, changes) = (session.deleted_objects().await, session.dir_sync().await);
        assert_eq!(deleted == Right::Granted, may, "{deleted:?}");
        assert_eq!(changes.replication == Right::Granted, may, "{changes:?}");
        assert_eq!(changes.object_security, Right::Granted);
        assert!(matches!(changes.replication, Right::Granted | Right::Denied(_)));
    }
}

#[tokio::test]
async fn a_server_that_cuts_lists_is_noticed() {
    let lab = lab::own_ldap(&[("USERS", "600")]);
    let settings = settings::Directory {
        service_account: lab.dn("uid=alice,ou=people"),
        ..plain_settings(&lab, &[(lab.addr.as_str(), lab.port)])
    };
    let probe = Probe::new(&settings, Plain::new(lab.user_password.clone())).expect("good settings");
    let mut session = probe.bind(0).await.1.expect("bound");
    session.root_dse().await.expect("a root DSE");
    let mut cookie = Vec::new();
    let why = loop {
        match session.people(probe.base(), cookie).await {
            Ok(page) => cookie = page.next.expect("there are more than it gives"),
            Err(why) => break why,
        }
    };
    assert!(why.starts_with("result 4"), "{why}");
}
