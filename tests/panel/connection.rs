//! Test a connection with settings that are not stored: each fault fails its own stage, nothing is saved, no
//! password is sent twice in vain, and a server that is no directory is never quoted.

use cloudsync_idp::domain::doctor::{Finding, FindingSink, Stage, StagedFinding, failed};
use cloudsync_idp::domain::secret::Plain;
use cloudsync_idp::domain::settings::{Directory, Encryption, Server};
use cloudsync_idp::flow::support::doctor::{ConnectionTest, TestNotMade, test_connection};

use crate::support::lab::{self, LdapLab};
use crate::support::provider::{Provider, Setup, ldap_settings};
use crate::support::relay;

/// Longer than the LDAP message that its first bytes announce, so that no test waits for the rest.
const BANNER: &str = "SSH-2.0-a banner that nobody may see, from a service that is no directory, with a text that goes on \
                      for a while and says which version of which program it is";

/// A change of the settings.
type Change = Box<dyn Fn(&mut Directory)>;

/// The findings of a test.
#[derive(Debug, Default)]
struct Found(Vec<StagedFinding>);

impl FindingSink for Found {
    fn found(&mut self, stage: Stage, finding: Finding) {
        self.0.push(StagedFinding { stage, finding });
    }
}

impl Found {
    fn text(&self) -> String {
        serde_json::to_string(&self.0).expect("JSON")
    }
}

struct Scene {
    ldap: &'static LdapLab,
    provider: Provider,
}

impl Scene {
    /// Tests may use these ports besides the directory's own.
    async fn with_ports(ports: &[u16]) -> Self {
        let ldap = lab::ldap();
        let ports: Vec<u16> = ports.iter().copied().chain([ldap.port, ldap.tls_port]).collect();
        let settings = format!("[admin]\noutbound_ports = {ports:?}\n{}", ldap_settings(&[ldap]));
        Self { ldap, provider: Provider::start(Setup::new(&settings)).await }
    }

    /// The stored directory with a change.
    fn draft(&self, change: impl FnOnce(&mut Directory)) -> Directory {
        let mut directory = self.provider.parts.current().settings.directories[0].clone();
        change(&mut directory);
        directory
    }

    async fn test(&self, directory: &Directory, password: Option<&str>) -> Result<Found, TestNotMade> {
        let mut found = Found::default();
        let test = ConnectionTest { directory, password: password.map(Plain::new), by_command: false };
        let parts = &self.provider.parts;
        test_connection(&parts.operation(), &parts.volatile, &test, &mut found).await.map(|()| found)
    }

    /// The findings with the right password, and the stage that failed.
    async fn fails(&self, change: impl FnOnce(&mut Directory)) -> (Option<Stage>, Found) {
        let password = Some(self.ldap.service_password.as_str());
        let found = self.test(&self.draft(change), password).await.expect("a test");
        assert!(!found.text().contains(&self.ldap.service_password), "no secrets");
        (failed(&found.0), found)
    }
}

#[tokio::test]
async fn each_fault_fails_its_own_stage_and_nothing_is_saved() {
    let closed = relay::closed_port().await;
    let scene = Scene::with_ports(&[closed]).await;
    let before = scene.provider.parts.store.settings().settings().await.expect("the store");

    let stored = scene.test(&scene.draft(|_| ()), None).await.expect("a test");
    assert_eq!(failed(&stored.0), None, "{stored:#?}");
    for stage in Stage::ALL {
        assert!(stored.0.iter().any(|found| found.stage == stage), "{stage:?}: {stored:#?}");
    }

    let plain = scene.ldap.port;
    let base = format!("ou=gone,{}", scene.ldap.base_dn);
    let faults: [(Stage, Change); 6] = [
        (Stage::Dns, Box::new(|draft| draft.servers[0].host = "no-such-host.invalid".to_owned())),
        (Stage::Tcp, Box::new(move |draft| draft.servers[0].port = Some(closed))),
        (Stage::Tls, Box::new(move |draft| draft.servers[0].port = Some(plain))),
        (Stage::Tls, Box::new(|draft| draft.ca_pem = None)),
        (Stage::Tls, Box::new(|draft| draft.servers[0].tls_name = Some("other.example".to_owned()))),
        (Stage::BaseDn, Box::new(move |draft| draft.base_dn.clone_from(&base))),
    ];
    for (expected, change) in faults {
        let (stage, found) = scene.fails(change).await;
        assert_eq!(stage, Some(expected), "{found:#?}");
        let errors = found.0.iter().filter(|one| one.stage == expected);
        assert!(errors.clone().any(|one| one.finding.fix.is_some()), "{found:#?}");
    }
    let start_tls = |draft: &mut Directory| {
        draft.servers[0].port = Some(plain);
        draft.encryption = Encryption::StartTls;
    };
    let (stage, found) = scene.fails(start_tls).await;
    assert_eq!(stage, None, "{found:#?}");

    let after = scene.provider.parts.store.settings().settings().await.expect("the store");
    assert_eq!(
        before.map(|one| (one.generation, one.document)),
        after.map(|one| (one.generation, one.document))
    );
}

#[tokio::test]
async fn a_wrong_password_is_sent_once_and_two_are_the_most() {
    let scene = Scene::with_ports(&[]).await;
    let draft = scene.draft(|_| ());
    let tried = async |password: &str| {
        let found = scene.test(&draft, Some(password)).await.expect("a test");
        let texts: Vec<String> = found.0.iter().map(|one| one.finding.what.clone()).collect();
        (failed(&found.0), texts.join("\n"))
    };
    let (stage, what) = tried("a wrong one").await;
    assert!(stage == Some(Stage::Bind) && what.contains("is wrong"), "{what}");
    let (stage, what) = tried("a wrong one").await;
    assert!(stage == Some(Stage::Bind) && what.contains("not sent again"), "{what}");
    let (_, what) = tried("another wrong one").await;
    assert!(what.contains("is wrong"), "{what}");
    let (stage, what) = tried(&scene.ldap.service_password).await;
    assert!(stage == Some(Stage::Bind) && what.contains("a third is not sent"), "{what}");
}

#[tokio::test]
async fn the_stored_password_is_sent_only_where_it_may_be() {
    let listens = relay::always_sends(b"x").await;
    let scene = Scene::with_ports(&[listens]).await;
    let elsewhere = scene.draft(|draft| draft.servers[0].port = Some(listens));
    let other_ca = scene.draft(|draft| draft.ca_pem = None);
    for draft in [elsewhere, other_ca] {
        let refused = scene.test(&draft, None).await;
        assert!(matches!(refused, Err(TestNotMade::PasswordNeeded)), "{refused:?}");
    }
    let many = scene.draft(|draft| {
        draft.servers[0].port = Some(listens);
        draft.servers = vec![draft.servers[0].clone(); 17];
    });
    let refused = scene.test(&many, Some("x")).await;
    assert!(matches!(refused, Err(TestNotMade::TooManyServers)), "{refused:?}");
    let open = scene.draft(|draft| draft.encryption = Encryption::UnencryptedLoopbackOnly);
    let refused = scene.test(&open, Some("x")).await;
    assert!(matches!(refused, Err(TestNotMade::Unencrypted)), "{refused:?}");
}

#[tokio::test]
async fn a_server_that_is_no_directory_is_neither_reached_nor_quoted() {
    let allowed = relay::always_sends(BANNER.as_bytes()).await;
    let refused = relay::always_sends(BANNER.as_bytes()).await;
    let scene = Scene::with_ports(&[allowed]).await;
    for encryption in [Encryption::Ldaps, Encryption::StartTls] {
        let at = |port: u16| {
            move |draft: &mut Directory| {
                draft.servers[0] =
                    Server { host: "127.0.0.1".to_owned(), port: Some(port), tls_name: None, via: None };
                draft.encryption = encryption;
            }
        };
        let (stage, found) = scene.fails(at(allowed)).await;
        assert_eq!(stage, Some(Stage::Tls), "{found:#?}");
        assert!(!found.text().contains("banner"), "{found:#?}");
        let (stage, found) = scene.fails(at(refused)).await;
        assert_eq!(stage, Some(Stage::Tcp), "{found:#?}");
        assert!(found.text().contains("outbound_ports") && !found.text().contains("banner"), "{found:#?}");
    }
    for host in ["169.254.169.254", "0.0.0.0", "224.0.0.1", "::ffff:169.254.169.254"] {
        let (stage, found) = scene.fails(|draft| draft.servers[0].host = host.to_owned()).await;
        assert_eq!(stage, Some(Stage::Tcp), "{host}: {found:#?}");
        assert!(found.text().contains("a test may not connect"), "{host}: {found:#?}");
    }
}
