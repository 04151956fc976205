//! Configure Active Directory over HTTP: each fault fails its own stage with its advice, nothing is saved before
//! a test, nothing locks the service account, and two admins never overwrite each other.

use cloudsync_idp::domain::admin::Role;
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::domain::settings::Directory;
use cloudsync_idp::domain::{HOUR, MINUTE};
use cloudsync_idp::flow::settings::Mode::Merge;
use reqwest::StatusCode;

use super::settings::value;
use super::{Inside, PanelStory};
use crate::support::browser::{Browser, Page};
use crate::support::lab;
use crate::support::relay::{self, Mode, Relay};
use crate::support::subtree::Subtree;
use crate::support::until;

const LIST: &str = "/admin/settings/integrations/active-directory";
const CONFIGURE: &str = "/admin/settings/integrations/active-directory/configure";
const DRAFT: &str = "/admin/settings/integrations/active-directory/configure/draft";
const TROUBLE: &str = "/admin/troubleshooting/connection-test-fails";
const REMOVE: &str = "/admin/settings/integrations/active-directory/remove";
const NEW: &str = "/admin/settings/integrations/active-directory/new";

type Fields = Vec<(String, String)>;

/// An owner at the form of the directory.
struct Form {
    story: PanelStory,
    inside: Inside,
    password: String,
}

impl Form {
    /// Tests may use these ports besides the directory's own.
    async fn new(subtree: Subtree, ports: &[u16]) -> Self {
        let mut all = vec![389, 636, lab::ldap().port, lab::ldap().tls_port];
        all.extend(ports);
        let is_ad = subtree.is_ad;
        let story = PanelStory::at(subtree, &format!("[admin]\noutbound_ports = {all:?}")).await;
        let inside = story.inside(Role::Owner).await;
        let password = if is_ad { &lab::ad().service_password } else { &lab::ldap().service_password };
        Self { story, inside, password: password.clone() }
    }

    async fn directory(&self) -> Directory {
        self.story.settings().await.directories.remove(0)
    }

    async fn generation(&self) -> i64 {
        let version = self.story.provider.parts.store.settings().settings().await;
        version.expect("the store").expect("settings").generation
    }

    /// The fields of the stored directory, with these in place of or beside its own.
    async fn fields(&self, changed: &[(&str, &str)]) -> Fields {
        let page = self.inside.browser.open(&self.story.url(&format!("{CONFIGURE}?directory=corp"))).await;
        let server = self.directory().await.servers.remove(0);
        let port = server.port.map(|port| port.to_string()).unwrap_or_default();
        let name = server.tls_name.unwrap_or_default();
        let version = value(&page, "version");
        let own = [("directory", "corp"), ("version", &version), ("host", &server.host), ("port", &port)];
        let own = own.into_iter().chain([("tls_name", name.as_str())]);
        let kept = own.filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
        kept.chain(changed.iter().copied()).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    async fn posts(&self, path: &str, query: &str, fields: &Fields) -> Page {
        let token = self.story.token(&self.inside.cookie, path).await;
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let fields = [&[("csrf", token.as_str())], fields.as_slice()].concat();
        self.story.send(&self.inside.browser, &format!("{path}{query}"), &fields).await
    }

    async fn presses(&self, button: &str, fields: &Fields) -> Page {
        self.posts(DRAFT, &format!("?do={button}"), fields).await
    }

    /// Follows to the report, and waits until the test has ended.
    async fn report(&self, sent: &Page) -> Page {
        let path = sent.location.clone().unwrap_or_else(|| panic!("no report: {}", sent.text()));
        assert!(path.starts_with(&format!("{CONFIGURE}/test/")), "{path}");
        let open = async || self.inside.browser.open(&self.story.url(&path)).await;
        until("the test ends", async || !open().await.body.contains("http-equiv=\"refresh\"")).await;
        open().await
    }

    /// The report of a test with these changes and the password.
    async fn tests(&self, changed: &[(&str, &str)]) -> Page {
        let password = [("password", self.password.as_str())];
        let own = if changed.iter().any(|(name, _)| *name == "password") { &[][..] } else { &password };
        let fields = self.fields(&[changed, own].concat()).await;
        let page = self.report(&self.presses("test", &fields).await).await;
        assert!(!page.body.contains(&self.password), "no page shows a password");
        page
    }

    /// The same in the next minute: so many tests are allowed in one.
    async fn fails(&self, changed: &[(&str, &str)], title: &str, advice: &str) {
        self.story.later(MINUTE);
        let page = self.tests(changed).await;
        for text in [&format!("The test failed: {title}"), advice] {
            assert!(page.text().contains(text), "{changed:?}: {text}: {}", page.text());
        }
    }
}

#[tokio::test]
async fn each_fault_fails_its_stage_with_its_advice_and_saves_nothing() {
    let closed = relay::closed_port().await;
    let form = Form::new(Subtree::ldap(), &[closed]).await;
    let before = form.generation().await;
    let plain = lab::ldap().port.to_string();
    let closed = closed.to_string();
    let other_ca = rcgen::generate_simple_self_signed(vec!["other.example".to_owned()]).expect("a CA");
    let other_ca = other_ca.cert.pem();
    let gone = format!("ou=gone,{}", form.story.subtree.base);
    let tls = "Certificates and host names (TLS)";
    for (changed, stage, advice) in [
        (("host", "no-such-host.invalid"), "Names of the servers (DNS)", "What to do:"),
        (("port", closed.as_str()), "Connections to their ports", "no firewall blocks the port"),
        (("port", &plain), tls, "389"),
        (("directories[corp].ca_pem", ""), tls, "into “CA certificates”"),
        (("directories[corp].ca_pem", &other_ca), tls, "into “CA certificates”"),
        (("tls_name", "other.example"), tls, "the name in the certificate of this server"),
        (("password", "a wrong one"), "Sign-in of the service account", "is wrong"),
    ] {
        form.fails(&[changed], stage, advice).await;
    }
    // The scope of the stored directory lies below its base DN, so a wrong base is typed with a new directory.
    let stored = form.directory().await;
    let (host, name) = (stored.servers[0].host.clone(), stored.servers[0].tls_name.clone().expect("a name"));
    let port = stored.servers[0].port.expect("a port").to_string();
    let pem = stored.ca_pem.clone().expect("a CA");
    let new = [
        ("directory", "other"),
        ("host", host.as_str()),
        ("port", &port),
        ("tls_name", &name),
        ("directories[other].name", "Other"),
        ("directories[other].schema", "Rfc2307bis"),
        ("directories[other].base_dn", &gone),
        ("directories[other].ca_pem", &pem),
        ("directories[other].service_account", &stored.service_account),
    ];
    form.fails(&new, "Base DN", "let the service account read it").await;
    let start_tls = [("port", plain.as_str()), ("directories[corp].encryption", "start_tls")];
    form.story.later(MINUTE);
    let page = form.tests(&start_tls).await;
    assert!(page.text().contains("The connection works") && page.text().contains("Nothing was saved"));

    assert_eq!(form.generation().await, before, "nothing was saved");
    let tested = form.story.trail("connection_tested").await;
    assert_eq!(tested.len(), 9);
    assert!(tested.iter().all(|row| row.role.as_deref() == Some("owner")), "{tested:?}");
}

#[tokio::test]
async fn the_stored_password_is_used_once_and_never_for_another_server() {
    let form = Form::new(Subtree::ldap(), &[]).await;
    let fields = form.fields(&[]).await;
    let page = form.report(&form.presses("test", &fields).await).await;
    assert!(page.text().contains("The connection works"), "{}", page.text());
    let elsewhere = form.fields(&[("host", "127.0.0.1")]).await;
    let page = form.presses("test", &elsewhere).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.text());
    assert!(page.text().contains("was given for other servers"), "{}", page.text());
}

#[tokio::test]
async fn a_configuration_is_saved_after_its_test_and_in_spite_of_it_only_by_a_second_yes() {
    let form = Form::new(Subtree::ldap(), &[]).await;
    let before = form.generation().await;
    let right = form.directory().await.servers.remove(0).tls_name.expect("a name");
    let changed = [("directories[corp].connect_timeout_ms", "1700"), ("password", &form.password)];
    let fields = form.fields(&changed).await;
    let page = form.report(&form.posts(CONFIGURE, "", &fields).await).await;
    assert!(page.text().contains("and the configuration is saved"), "{}", page.text());
    assert_eq!((form.generation().await, form.directory().await.connect_timeout_ms), (before + 1, 1700));
    let event = form.story.trail("settings_changed").await.remove(0);
    assert!(event.actor.is_some_and(|actor| actor.starts_with("account ")));
    assert!(!event.detail.expect("a detail").contains(&form.password));

    let broken = form.fields(&[("tls_name", "other.example"), ("password", &form.password)]).await;
    let page = form.report(&form.posts(CONFIGURE, "", &broken).await).await;
    assert!(page.text().contains("The test failed: Certificates"), "{}", page.text());
    assert!(page.text().contains("Save although nobody can sign in"), "{}", page.text());
    assert_eq!(form.generation().await, before + 1, "not without a second yes");
    let yes =
        |draft: &str| vec![("typed".to_owned(), draft.to_owned()), ("anyway".to_owned(), "yes".to_owned())];
    let saved = form.posts(CONFIGURE, "", &yes(&value(&page, "typed"))).await;
    assert_eq!(saved.told(), Some(format!("{LIST}|saved=yes")), "{}", saved.text());
    assert_eq!(form.directory().await.servers[0].tls_name.as_deref(), Some("other.example"));

    // What has passed its test is saved as it was tested, without another test.
    let tested = form.story.trail("connection_tested").await.len();
    let page = form.tests(&[("tls_name", &right)]).await;
    assert!(page.text().contains("The connection works") && page.body.contains("Save Configuration"));
    assert!(!page.body.contains("name=\"anyway\""), "{}", page.body);
    let saved = form.posts(CONFIGURE, "", &yes(&value(&page, "typed"))[..1].to_vec()).await;
    assert_eq!(saved.told(), Some(format!("{LIST}|saved=yes")), "{}", saved.text());
    assert_eq!(form.story.trail("connection_tested").await.len(), tested + 1);
    // What has failed is not saved without the second yes: it is tested once more.
    form.story.later(MINUTE);
    let failed = form.tests(&[("tls_name", "other.example")]).await;
    let draft = failed.url.rsplit('/').next().expect("a draft");
    let sent = form.posts(CONFIGURE, "", &yes(draft)[..1].to_vec()).await;
    assert!(sent.location.is_some_and(|to| to.starts_with(&format!("{CONFIGURE}/test/"))));

    // A draft that was never tested is tested first, whatever the form says.
    let again = form.fields(&[("tls_name", "another.example"), ("password", &form.password)]).await;
    let kept = form.presses("keep", &again).await.location.expect("the form");
    let draft = kept.split("draft=").nth(1).expect("a draft").to_owned();
    let sent = form.posts(CONFIGURE, "", &yes(&draft)).await;
    assert!(sent.location.is_some_and(|to| to.starts_with(&format!("{CONFIGURE}/test/"))));
}

#[tokio::test]
async fn two_admins_at_one_form_never_overwrite_each_other() {
    let form = Form::new(Subtree::ldap(), &[]).await;
    let fields = form.fields(&[("tls_name", "other.example"), ("password", &form.password)]).await;
    let theirs = "[[directories]]\nid = \"corp\"\nname = \"Renamed\"\n";
    form.story.provider.apply(theirs, Merge).await.expect("settings");
    let page = form.posts(CONFIGURE, "", &fields).await;
    assert_eq!(page.status, StatusCode::CONFLICT, "{}", page.text());
    let mine = value(&page, "directories[corp].servers");
    assert!(mine.ends_with("=other.example"), "{mine}");
    let version = value(&page, "version");
    let typed = value(&page, "typed");
    let merged: Fields = [("directory", "corp"), ("version", &version), ("typed", &typed)]
        .into_iter()
        .chain([("directories[corp].servers", mine.as_str())])
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let page = form.report(&form.posts(CONFIGURE, "", &merged).await).await;
    assert!(page.text().contains("The test failed: Certificates"), "the password is kept: {}", page.text());
    assert_eq!(form.directory().await.name, "Renamed");
}

/// What was tested is saved only on the version on which it was typed.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_saves_while_a_test_runs_is_not_overwritten_by_it() {
    let ldap = lab::ldap();
    let slow = Relay::to(&ldap.addr.to_string(), ldap.tls_port).await;
    let form = Form::new(Subtree::ldap(), &[slow.port]).await;
    let name = form.directory().await.servers.remove(0).tls_name;
    let name = name.unwrap_or_else(|| ldap.addr.to_string());
    let (port, saves) = (slow.port.to_string(), &form.password);
    let changed =
        [("host", "127.0.0.1"), ("port", port.as_str()), ("tls_name", &name), ("password", saves.as_str())];
    for path in [CONFIGURE, DRAFT] {
        slow.set(Mode::Hold);
        let fields = form.fields(&changed).await;
        let query = if path == DRAFT { "?do=test" } else { "" };
        let sent = form.posts(path, query, &fields).await;
        until("the test waits for the server", async || slow.holds()).await;
        let theirs = format!("[[directories]]\nid = \"corp\"\nname = \"Renamed by {}\"\n", path.len());
        form.story.provider.apply(&theirs, Merge).await.expect("settings");
        let after = form.generation().await;
        slow.set(Mode::Pass);
        let page = form.report(&sent).await;
        let saved = page.text().contains("the configuration was not saved");
        assert_eq!(saved, path == CONFIGURE, "{path}: {}", page.text());
        assert!(path == CONFIGURE || page.text().contains("The connection works"), "{}", page.text());
        assert_eq!(form.generation().await, after, "{path}: nothing was saved on top of it");
        let directory = form.directory().await;
        assert!(directory.name.starts_with("Renamed") && directory.servers[0].port != Some(slow.port));
    }
}

#[tokio::test]
async fn whatever_names_a_file_or_a_variable_of_the_server_is_text() {
    let form = Form::new(Subtree::ldap(), &[]).await;
    let before = form.directory().await;
    let secret = form.story.provider.sqlite().with_file_name("secret");
    std::fs::write(&secret, "the content of a file of the server").expect("a file");
    let path = secret.to_str().expect("text");
    let extra: Vec<(&str, &str)> = [
        "directories[corp].ca_file",
        "directories[corp].service_account_password_file",
        "directories[corp].service_account_password_env",
        "directories[corp].service_account_password",
        "branding.logo_file",
        "clients[cloudsync].client_secret_file",
    ]
    .into_iter()
    .map(|name| (name, path))
    .collect();
    let fields = form.fields(&extra).await;
    let page = form.posts(CONFIGURE, "", &fields).await;
    assert_eq!(page.told(), Some(format!("{LIST}|saved=no")), "they are no fields: {}", page.text());
    let page = form.inside.browser.go_on(page).await;
    assert!(page.text().contains("There was nothing to save"), "{}", page.text());
    for typed in [path, "sealed:v2:AAAA", "given:AAAA"] {
        let page = form.tests(&[("password", typed)]).await;
        assert!(page.text().contains("Sign-in of the service account"), "{typed}: {}", page.text());
        assert!(!page.body.contains("the content of a file"), "{typed}");
        form.story.later(HOUR / 30);
    }
    let keys =
        ["name", "base_dn", "netbios_name", "service_account", "ca_pem", "email_domains", "password_policy"];
    for key in keys {
        for typed in [format!("ca_file = {path:?}"), format!("sealed:{path}"), path.to_owned()] {
            let name = format!("directories[corp].{key}");
            let fields = form.fields(&[(&name, &typed)]).await;
            let page = form.presses("keep", &fields).await;
            let shown = form.inside.browser.open(&form.story.url(&page.location.expect("the form"))).await;
            assert!(!shown.body.contains("the content of a file"), "{key} {typed}");
        }
    }
    assert_eq!(form.directory().await, before);
}

#[tokio::test]
async fn no_button_reaches_what_is_no_directory() {
    let banner = "SSH-2.0-a banner that nobody may see, from a service that is no directory, which goes on for a while";
    let (allowed, refused) =
        (relay::always_sends(banner.as_bytes()).await, relay::always_sends(banner.as_bytes()).await);
    let form = Form::new(Subtree::ldap(), &[allowed]).await;
    let (allowed, refused) = (allowed.to_string(), refused.to_string());
    for (host, port, shown) in [
        ("169.254.169.254", "636", "a test may not connect"),
        ("::ffff:169.254.169.254", "636", "a test may not connect"),
        ("0.0.0.0", "636", "a test may not connect"),
        ("224.0.0.1", "636", "a test may not connect"),
        ("127.0.0.1", "22", "outbound_ports"),
        ("127.0.0.1", &refused, "outbound_ports"),
        ("127.0.0.1", &allowed, ""),
    ] {
        form.story.later(MINUTE);
        let page = form.tests(&[("host", host), ("port", port)]).await;
        assert!(page.text().contains("The test failed"), "{host}: {}", page.text());
        assert!(page.text().contains(shown) && !page.body.contains("banner"), "{host}: {}", page.text());
        let fields = form.fields(&[("host", host), ("port", port)]).await;
        let page = form.presses("chain&row=0", &fields).await;
        assert!(page.text().contains("No usable certificate came"), "{host}: {}", page.text());
        assert!(page.text().contains(shown) && !page.body.contains("banner"), "{host}: {}", page.text());
    }
}

#[tokio::test]
async fn tests_are_limited_and_what_was_typed_stays() {
    let form = Form::new(Subtree::ldap(), &[]).await;
    let fields = form.fields(&[("host", "127.0.0.1"), ("password", "typed")]).await;
    for _ in 0..12 {
        let page = form.presses("chain&row=0", &fields).await;
        assert!(page.text().contains("Certificates of"), "{}", page.text());
    }
    let page = form.presses("test", &fields).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{}", page.text());
    assert!(page.text().contains("Try again in"), "{}", page.text());
    assert!(page.body.contains("value=\"127.0.0.1\"") && !page.body.contains("value=\"typed\""));
    assert!(page.text().contains("The password that you have typed is kept"), "{}", page.text());

    // Another session can't open it.
    let draft = value(&page, "typed");
    let stranger = Browser::new();
    let url = form.story.url(&format!("{CONFIGURE}?draft={draft}"));
    assert!(stranger.open(&url).await.location.is_some_and(|to| to.starts_with("/admin/enter")));
    let (linked, _) = super::link::enters(&form.story).await;
    assert_eq!(linked.open(&url).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_new_directory_is_found_asked_trusted_tested_and_saved() {
    let form = Form::new(Subtree::ldap(), &[]).await;
    let stored = form.directory().await;
    let server = &stored.servers[0];
    let junk = form.posts(NEW, "", &vec![("domain".into(), "not a domain".into())]).await;
    assert_eq!(junk.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", junk.text());
    let page = form.posts(NEW, "", &vec![("domain".into(), "fresh.invalid".into())]).await;
    assert!(
        page.text().contains("a new directory") || page.text().contains("A new directory"),
        "{}",
        page.text()
    );
    let version = value(&page, "version");
    let port = server.port.expect("a port").to_string();
    let name = server.tls_name.clone().expect("a name");
    let typed = |more: &[(&str, &str)]| -> Fields {
        let own = [
            ("directory", "fresh"),
            ("version", version.as_str()),
            ("host", server.host.as_str()),
            ("port", &port),
            ("tls_name", &name),
            ("directories[fresh].name", "Fresh"),
            ("directories[fresh].base_dn", "DC=fresh,DC=invalid"),
            ("directories[fresh].service_account", &stored.service_account),
        ];
        own.into_iter().chain(more.iter().copied()).map(|(n, v)| (n.to_owned(), v.to_owned())).collect()
    };
    let page = form.presses("chain&row=0", &typed(&[("password", &form.password)])).await;
    assert!(page.text().contains("Trust CN=Lab CA"), "{}", page.text());
    let looked_up = form.story.trail("connection_tested").await;
    assert!(looked_up.iter().any(|row| row.detail.as_deref().is_some_and(|it| it.contains("certificates"))));
    let draft = value(&page, "typed");
    let fingerprint =
        page.text().split("SHA-256 ").last().expect("it").split(' ').next().expect("it").to_owned();
    let wrong = fingerprint.replace(|c: char| c.is_ascii_digit(), "0");
    let page = form.presses(&format!("trust&row=0&value={wrong}"), &typed(&[("typed", &draft)])).await;
    assert!(page.text().contains("another CA certificate"), "{}", page.text());
    let page = form.presses(&format!("trust&row=0&value={fingerprint}"), &typed(&[("typed", &draft)])).await;
    assert!(page.text().contains("The CA is in the form now"), "{}", page.text());
    let (draft, pem) = (value(&page, "typed"), stored.ca_pem.clone().expect("a CA"));
    let trusted = [("typed", draft.as_str()), ("directories[fresh].ca_pem", &pem)];
    let page = form.presses("ask", &typed(&trusted)).await;
    assert!(page.text().contains("The server names 1 base DN"), "{}", page.text());
    assert!(page.body.contains(&format!("value=\"{}\"", lab::ldap().base_dn)), "{}", page.body);

    form.story.later(MINUTE);
    let base = ("directories[fresh].base_dn", lab::ldap().base_dn.as_str());
    let draft = value(&page, "typed");
    let all = [("typed", draft.as_str()), ("directories[fresh].ca_pem", &pem), base];
    let schema = ("directories[fresh].schema", "Rfc2307bis");
    let mut fields = typed(&all);
    fields.retain(|(name, value)| name != base.0 || value == base.1);
    fields.push((schema.0.into(), schema.1.into()));
    let page = form.report(&form.posts(CONFIGURE, "", &fields).await).await;
    assert!(page.text().contains("and the configuration is saved"), "{}", page.text());
    let list = form.inside.browser.open(&form.story.url(LIST)).await;
    assert!(list.text().contains("Fresh"), "{}", list.text());
    let fresh = DirectoryId("fresh".into());
    let paused = form.story.provider.parts.store.sync().paused(&fresh).await.expect("the store");
    assert!(
        paused.is_some_and(|pause| pause.why.contains("Run Initial Sync")),
        "no import before its plan was seen"
    );
}

#[tokio::test]
async fn servers_are_added_moved_and_removed_without_a_script() {
    let form = Form::new(Subtree::ldap(), &[]).await;
    let fields = form.fields(&[]).await;
    let two: Fields = [
        fields.clone(),
        vec![
            ("host".into(), "dc2.corp".into()),
            ("port".into(), String::new()),
            ("tls_name".into(), String::new()),
        ],
    ]
    .concat();
    let hosts = |page: &Page| -> Vec<String> {
        let inputs = page.body.split("name=\"host\"").skip(1);
        inputs
            .map(|input| {
                input
                    .split("value=\"")
                    .nth(1)
                    .and_then(|rest| rest.split('"').next())
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect()
    };
    let own = form.directory().await.servers.remove(0).host;
    for (button, sent, expected) in [
        ("add", &fields, vec![own.as_str(), ""]),
        ("up&row=1", &two, vec!["dc2.corp", &own]),
        ("down&row=0", &two, vec!["dc2.corp", &own]),
        ("remove&row=0", &two, vec!["dc2.corp"]),
    ] {
        let kept = form.presses(button, sent).await;
        let page = form.inside.browser.open(&form.story.url(&kept.location.expect("the form"))).await;
        assert_eq!(hosts(&page), expected, "{button}");
    }
}

#[tokio::test]
async fn active_directory_counts_one_wrong_password_however_often_the_button_is_pressed() {
    let form = Form::new(Subtree::ad(), &[]).await;
    let ad = lab::ad();
    let account = ad.admin.add_person(&ad.dn("OU=Outside"), &ad.user_password);
    let typed = |password: &'static str| {
        let account = account.dn.clone();
        async move |form: &Form| {
            let changed = [("directories[corp].service_account", account.as_str()), ("password", password)];
            form.tests(&changed).await
        }
    };
    for _ in 0..5 {
        let page = typed("wrong")(&form).await;
        assert!(page.text().contains("The test failed: Sign-in of the service account"), "{}", page.text());
    }
    assert_eq!(ad.admin.read(&account.dn, "badPwdCount"), ["1"]);
    form.story.later(MINUTE);
    for password in ["second", "third", "fourth"] {
        typed(password)(&form).await;
    }
    assert_eq!(ad.admin.read(&account.dn, "badPwdCount"), ["2"], "two an hour at most");
    assert!(["", "0"].contains(&ad.admin.read(&account.dn, "lockoutTime").concat().as_str()));

    form.story.later(MINUTE);
    // Elsewhere in the domain other tests hide attributes of people.
    let unit = form.story.subtree.unit.clone();
    let own = ("directories[corp].base_dn", unit.as_str());
    let page = form.tests(&[own]).await;
    assert!(page.text().contains("The connection works"), "{}", page.text());
    let start_tls = [own, ("port", "389"), ("directories[corp].encryption", "start_tls")];
    let page = form.tests(&start_tls).await;
    assert!(page.text().contains("The connection works"), "{}", page.text());
    form.fails(&[("port", "389")], "Certificates and host names (TLS)", "389").await;
    form.fails(
        &[("directories[corp].ca_pem", "")],
        "Certificates and host names (TLS)",
        "into “CA certificates”",
    )
    .await;
    // An account without rights: the base DN is not shown to it.
    let blind = ad.admin.add_person(&ad.dn("OU=Outside"), &ad.user_password);
    let unit = ad.dn(&format!("OU={}", lab::unique("hidden")));
    form.story.subtree.add_unit(&unit);
    ad.rule(&unit, "(D;;RPLCLO;;;AU)");
    let stored = form.directory().await;
    let pem = stored.ca_pem.clone().expect("a CA");
    let server = &stored.servers[0];
    let name = server.tls_name.clone().expect("a name");
    let new = [
        ("directory", "other"),
        ("host", server.host.as_str()),
        ("port", "636"),
        ("tls_name", &name),
        ("directories[other].name", "Other"),
        ("directories[other].base_dn", &unit),
        ("directories[other].ca_pem", &pem),
        ("directories[other].service_account", &blind.dn),
        ("password", &ad.user_password),
    ];
    form.fails(&new, "Base DN", "let the service account read it").await;
}

/// The directory is gone, so nobody's role can be confirmed: a link from the server lets the owner repair it.
#[tokio::test]
async fn a_break_glass_link_repairs_a_directory_that_is_down() {
    let form = Form::new(Subtree::ldap(), &[]).await;
    let right = form.directory().await;
    let closed = relay::closed_port().await;
    let broken = form.story.subtree.settings(&form.story.subtree.unit, "");
    let broken = broken.replace(&lab::ldap().tls_port.to_string(), &closed.to_string());
    form.story.provider.apply(&broken, Merge).await.expect("settings");
    form.story.later(20 * MINUTE);
    let refused = form.inside.browser.open(&form.story.url(CONFIGURE)).await;
    assert_ne!(refused.status, StatusCode::OK);

    let (browser, cookie) = super::link::enters_with_cookie(&form.story).await;
    let form = Form { inside: Inside { browser, cookie, ..form.inside }, ..form };
    let server = &right.servers[0];
    let port = server.port.expect("a port").to_string();
    let fields = form.fields(&[("port", &port), ("password", &form.password)]).await;
    let page = form.report(&form.presses("test", &fields).await).await;
    assert!(page.text().contains("The connection works"), "{}", page.text());
    let page = form.report(&form.posts(CONFIGURE, "", &fields).await).await;
    assert!(page.text().contains("and the configuration is saved"), "{}", page.text());
    assert_eq!(form.directory().await.servers, right.servers);
    let event = form.story.trail("settings_changed").await.remove(0);
    assert_eq!(event.actor.as_deref(), Some("break-glass root@idp"));
}

#[tokio::test]
async fn without_a_fresh_factor_saving_is_confirmed_and_the_password_is_kept() {
    let form = Form::new(Subtree::ldap(), &[]).await;
    let changed = [("directories[corp].connect_timeout_ms", "1700"), ("password", &form.password)];
    let fields = form.fields(&changed).await;
    form.story.later(5 * MINUTE);
    let kept = form.posts(CONFIGURE, "", &fields).await;
    let to = kept.location.unwrap_or_else(|| panic!("no sign-in: {}", kept.body));
    let owner = form.story.person(Role::Owner);
    let (page, cookie) = form.story.signs_in_again(&form.inside, owner, &to).await;
    assert_eq!(page.heading(), "Confirm your changes", "{}", page.text());
    for shown in ["1500", "1700", "Before it is saved, the connection is tested"] {
        assert!(page.text().contains(shown), "{shown}: {}", page.text());
    }
    assert!(!page.body.contains(&form.password));
    let form = Form { inside: Inside { cookie, ..form.inside }, ..form };
    let draft = vec![("draft".to_owned(), value(&page, "draft"))];
    let page = form.report(&form.posts(CONFIGURE, "", &draft).await).await;
    assert!(page.text().contains("and the configuration is saved"), "{}", page.text());
    assert_eq!(form.directory().await.connect_timeout_ms, 1700);
}

#[tokio::test]
async fn a_test_is_shown_live_and_the_manuals_question_tests_what_is_stored() {
    let form = Form::new(Subtree::ldap(), &[]).await;
    let asked = vec![("directory".to_owned(), "corp".to_owned())];
    let sent = form.posts(TROUBLE, "", &asked).await;
    let events = format!("{}/events", sent.location.clone().unwrap_or_else(|| panic!("{}", sent.text())));
    let stream = form.inside.browser.open(&form.story.url(&events)).await;
    let ends = ["event: part", "event: done", "The connection works", "Attributes of people"];
    for part in ends {
        assert!(stream.body.contains(part), "{part}: {}", stream.body);
    }
    let desk = form.story.inside(Role::HelpDesk).await;
    let page = desk.browser.open(&form.story.url(TROUBLE)).await;
    assert!(page.text().contains("Only owners can test a connection"), "{}", page.text());
    assert_eq!(desk.browser.open(&form.story.url(&events)).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_ca_is_uploaded_without_a_script() {
    let form = Form::new(Subtree::ldap(), &[]).await;
    let ca = rcgen::generate_simple_self_signed(vec!["ca.example".to_owned()]).expect("a CA");
    let token = form.story.token(&form.inside.cookie, DRAFT).await;
    let field = |head: &str, content: &[u8]| {
        let head = format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n");
        [head.as_bytes(), content, b"\r\n"].concat()
    };
    let body = [
        field("name=\"csrf\"", token.as_bytes()),
        field("name=\"directory\"", b"corp"),
        field("name=\"ca_upload\"; filename=\"ca.cer\"", ca.cert.der()),
        b"--b--\r\n".to_vec(),
    ];
    let request = form.inside.browser.http.post(form.story.url(&format!("{DRAFT}?do=keep")));
    let request = request.header("origin", &form.story.provider.url);
    let request = request.header("content-type", "multipart/form-data; boundary=b").body(body.concat());
    let kept = Page::of(request).await;
    let url = kept.location.unwrap_or_else(|| panic!("{}", kept.body));
    let page = form.inside.browser.open(&form.story.url(&url)).await;
    let line = ca.cert.pem().lines().nth(1).expect("a line").to_owned();
    assert!(page.body.contains(&line), "{}", page.body);
}

#[tokio::test]
async fn a_directory_is_removed_and_its_people_keep_their_accounts() {
    let story = PanelStory::new("").await;
    let operator = story.inside(Role::Operator).await;
    let list = operator.browser.open(&story.url(LIST)).await;
    assert!(!list.text().contains("Remove this directory"), "an owner's: {}", list.text());
    let owner = story.inside(Role::Owner).await;
    let list = owner.browser.open(&story.url(LIST)).await;
    assert!(list.text().contains("Remove this directory"), "{}", list.text());
    let version = value(&list, "version");
    let fields = [("directory", "corp"), ("version", version.as_str())];

    // Somebody else saves while it is confirmed.
    let confirm = story.is_asked(&owner, REMOVE, &fields).await;
    let shown = confirm.text();
    for text in [
        "Remove this directory: 5 people lose their sign-in",
        "You sign in by this directory yourself",
        "No group gives the role of an owner any more",
        "with the short name corp",
    ] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    story.provider.apply("[session]\nidle_minutes = 61", Merge).await.expect("settings");
    let stale = story.agrees(&owner, REMOVE, &confirm).await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "{}", stale.text());
    let before = story.settings().await;
    assert_eq!(before.directories.len(), 1, "nothing is saved");
    let unknown = story.saves(&owner, REMOVE, &[("directory", "other"), ("version", &version)]).await;
    assert_eq!(unknown.location.as_deref(), Some(LIST));

    let account = story.account(&story.bystander).await;
    let version = value(&stale, "version");
    let confirm = story.is_asked(&owner, REMOVE, &[("directory", "corp"), ("version", &version)]).await;
    let removed = story.agrees(&owner, REMOVE, &confirm).await;
    assert_eq!(removed.told(), Some(format!("{LIST}|saved=yes")), "{}", removed.text());
    assert!(story.settings().await.directories.is_empty());
    assert!(story.provider.parts.installation.current().sites().is_empty(), "at once");
    let event = story.trail("settings_changed").await.remove(0);
    assert_eq!(event.role.as_deref(), Some("owner"));
    assert!(event.detail.expect("a detail").contains("directories"), "with what was removed");
    let shut = owner.browser.open(&story.url(LIST)).await;
    assert_ne!(shut.status, StatusCode::OK, "it was the owner's own: {}", shut.text());

    let again = story.subtree.settings(&story.subtree.unit, "");
    story.provider.apply(&again, Merge).await.expect("settings");
    assert_eq!(story.account(&story.bystander).await, account);
    let browser = Browser::new();
    let asked = story.provider.cloudsync().authorize(&[]);
    let page = browser.sign_in(&asked, &story.bystander.account, &story.subtree.password).await;
    let page = browser.go_on(page).await;
    assert!(page.location.is_some(), "signed in: {}", page.text());
}
