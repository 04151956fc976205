//! A directory that is frozen, killed, silent or sending garbage: people get an error in time, others are
//! served, and no wrong password counts twice.

use std::time::{Duration, Instant};

use futures_util::future::{Either, join, join_all, select};
use reqwest::StatusCode;
use tempfile::TempDir;

use super::{GENERIC, HOME, assert_nothing_gained, assert_refused, right, signed_in, stats};
use crate::support::browser::{Browser, Page};
use crate::support::lab::{self, LdapLab};
use crate::support::provider::{CLIENT, NO_THROTTLE, Provider, Setup, directory, ldap_settings};
use crate::support::relay::{Mode, Relay, always_sends, closed_port};
use crate::support::relying_party::RelyingParty;
use crate::support::until;

/// The time limit of a request.
const BUDGET: Duration = Duration::from_secs(5);
const UNREACHABLE: &str = "The company directory cannot be reached";
const BUSY: &str = "Many people are signing in right now";

async fn opened(cloudsync: &RelyingParty) -> (Browser, Page) {
    let browser = Browser::new();
    let page = browser.follow(&cloudsync.authorize(&[]).url).await;
    assert_eq!(page.status, StatusCode::OK);
    (browser, page)
}

/// Within the time limit the page says that the directory cannot be reached, and links back to the client.
async fn assert_unreachable_in_time(submit: impl Future<Output = Page>) {
    let before = Instant::now();
    let page = submit.await;
    assert!(before.elapsed() < BUDGET, "{:?}", before.elapsed());
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{}", page.text());
    assert!(page.text().contains(UNREACHABLE), "{}", page.text());
    assert!(page.body.contains(HOME));
    assert_nothing_gained(&page);
}

async fn gets_in(browser: &Browser, page: &Page) -> bool {
    browser.submit(page, "alice", right()).await.parameter("code").is_some()
}

#[tokio::test]
async fn with_the_only_server_frozen_people_get_an_error_and_nobody_else_waits() {
    let lab = lab::own_ldap(&[]);
    let provider = Provider::for_ldap(&[&lab]).await;
    let cloudsync = provider.cloudsync();
    signed_in(&cloudsync, "alice").await;
    let (browser, page) = opened(&cloudsync).await;
    lab.pause();
    let (other, asked) = (Browser::new(), cloudsync.authorize(&[]).url);
    let others = async { assert_eq!(other.follow(&asked).await.status, StatusCode::OK) };
    let notice = assert_unreachable_in_time(browser.submit(&page, "alice", right()));
    match select(Box::pin(others), Box::pin(notice)).await {
        Either::Left(((), notice)) => notice.await,
        Either::Right(_) => panic!("others had to wait"),
    }
    for _ in 0..3 {
        assert_unreachable_in_time(browser.submit(&page, "alice", right())).await;
    }
    lab.resume();
    until("the same form works again", || gets_in(&browser, &page)).await;
}

#[tokio::test]
async fn with_the_only_server_killed_people_get_an_error_at_once() {
    let lab = lab::own_ldap(&[]);
    let provider = Provider::for_ldap(&[&lab]).await;
    let cloudsync = provider.cloudsync();
    signed_in(&cloudsync, "alice").await;
    let (browser, page) = opened(&cloudsync).await;
    lab.kill();
    for _ in 0..3 {
        assert_unreachable_in_time(browser.submit(&page, "alice", right())).await;
    }
    lab.restart();
    until("the same form works again", || gets_in(&browser, &page)).await;
}

#[tokio::test]
async fn a_silent_garbled_or_closed_port_is_reported_in_time() {
    let ports = [
        always_sends(b"").await,
        always_sends(b"HTTP/1.1 400 Bad Request\r\n\r\n").await,
        always_sends(b"\x30\x84\x7f\xff\xff\xff\x02\x01\x01").await,
        closed_port().await,
    ];
    for port in ports {
        for encryption in ["ldaps", "start_tls", "unencrypted_loopback_only"] {
            let provider = Provider::start(Setup::new(&at_ports(lab::ldap(), encryption, &[port]))).await;
            let (browser, page) = opened(&provider.cloudsync()).await;
            assert_unreachable_in_time(browser.submit(&page, "alice", right())).await;
        }
    }
}

/// The settings of an OpenLDAP at these ports of 127.0.0.1.
pub(super) fn at_ports(lab: &LdapLab, encryption: &str, ports: &[u16]) -> String {
    let servers: Vec<_> = ports.iter().map(|port| ("127.0.0.1", *port, lab.host_name.as_str())).collect();
    let service = (lab.service_dn.as_str(), lab.service_password.as_str());
    let scope = [lab.dn("ou=people"), String::new()];
    directory("Rfc2307bis", &lab.base_dn, &servers, &lab.ca_pem_path, service, &scope)
        .replace("[directories.scope]", &format!("encryption = \"{encryption}\"\n[directories.scope]"))
}

/// A provider for two servers with the same people; the first is a separate one, to break.
async fn pair() -> (LdapLab, Provider, TempDir) {
    let (first, second) = (lab::own_ldap(&[]), lab::ldap());
    let folder = TempDir::new().expect("a temporary folder");
    let both =
        [&first.ca_pem_path, &second.ca_pem_path].map(|path| std::fs::read_to_string(path).expect("a CA"));
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, both.concat()).expect("the folder can be written");
    let settings = ldap_settings(&[&first, second])
        .replace(&first.ca_pem_path.display().to_string(), &file.display().to_string());
    let provider = Provider::start(Setup::new(&settings)).await;
    provider.sync().await.expect("the first sync");
    (first, provider, folder)
}

#[tokio::test]
async fn with_the_first_server_frozen_the_second_takes_over_and_stays() {
    let (first, provider, _folder) = pair().await;
    let cloudsync = provider.cloudsync();
    signed_in(&cloudsync, "alice").await;
    first.pause();
    let (browser, page) = opened(&cloudsync).await;
    let before = Instant::now();
    assert!(gets_in(&browser, &page).await, "in the same request");
    assert!(before.elapsed() < BUDGET, "{:?}", before.elapsed());
    for _ in 0..3 {
        let before = Instant::now();
        signed_in(&cloudsync, "ada").await;
        assert!(before.elapsed() < Duration::from_secs(1), "{:?}", before.elapsed());
    }
    first.resume();
    signed_in(&cloudsync, "alice").await;
    assert_eq!(stats(&provider).current, 1, "it stays with the working server");
}

#[tokio::test]
async fn with_the_first_server_killed_sign_ins_continue() {
    let (first, provider, _folder) = pair().await;
    let cloudsync = provider.cloudsync();
    signed_in(&cloudsync, "alice").await;
    first.kill();
    for name in ["alice", "ada", "zoe"] {
        let before = Instant::now();
        signed_in(&cloudsync, name).await;
        assert!(before.elapsed() < Duration::from_secs(2), "{:?}", before.elapsed());
    }
}

#[tokio::test]
async fn a_password_that_may_have_been_sent_goes_to_no_other_server() {
    let lab = lab::ldap();
    for mode in [Mode::MuteBinds, Mode::CutBinds] {
        let (relay, other) = (Relay::to(&lab.addr, lab.port).await, Relay::to(&lab.addr, lab.port).await);
        let settings = at_ports(lab, "unencrypted_loopback_only", &[relay.port, other.port]);
        let provider = Provider::start(Setup::new(&settings)).await;
        let person = lab.admin.add_inet_person(&lab.dn("ou=people"), right());
        let cloudsync = provider.cloudsync();
        signed_in(&cloudsync, "alice").await;
        let (browser, page) = opened(&cloudsync).await;
        relay.set(mode);
        assert_unreachable_in_time(browser.submit(&page, &person.account, "wrong")).await;
        assert_eq!(lab.admin.read(&person.dn, "pwdFailureTime").len(), 1, "{mode:?}");
        assert_eq!(other.connections(), 0, "{mode:?}: no other server was asked");
        relay.set(Mode::Pass);
        assert_refused(&browser.submit(&page, &person.account, "wrong").await, GENERIC);
        assert_eq!(lab.admin.read(&person.dn, "pwdFailureTime").len(), 2, "{mode:?}");
    }
}

#[tokio::test]
async fn a_frozen_server_receives_no_password() {
    let lab = lab::own_ldap(&[]);
    let person = lab.admin.add_inet_person(&lab.dn("ou=people"), right());
    let provider = Provider::for_ldap(&[&lab]).await;
    let cloudsync = provider.cloudsync();
    signed_in(&cloudsync, "alice").await;
    let (browser, page) = opened(&cloudsync).await;
    lab.pause();
    assert_unreachable_in_time(browser.submit(&page, &person.account, "wrong")).await;
    lab.resume();
    until("it works again", || gets_in(&browser, &page)).await;
    assert!(lab.admin.read(&person.dn, "pwdFailureTime").is_empty());
    let (browser, page) = opened(&cloudsync).await;
    assert_refused(&browser.submit(&page, &person.account, "wrong").await, GENERIC);
    assert_eq!(lab.admin.read(&person.dn, "pwdFailureTime").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_burst_is_shed_with_an_explanation_and_the_rest_get_in() {
    // Attempts at one name take turns, so the crowd needs names; most belong to no person.
    let unknown: Vec<String> = (0..300).map(|number| format!("nobody{number}")).collect();
    let names: Vec<&str> =
        ["alice", "ada", "zoe"].into_iter().chain(unknown.iter().map(String::as_str)).collect();
    let lab = lab::own_ldap(&[]);
    let provider = Provider::for_ldap(&[&lab]).await;
    provider
        .apply(NO_THROTTLE, cloudsync_idp::flow::settings::Mode::Merge)
        .await
        .expect("all come from one address here");
    let cloudsync = provider.cloudsync();
    signed_in(&cloudsync, "alice").await;
    let (browser, _) = opened(&cloudsync).await;
    let asked = cloudsync.authorize(&[]).url;
    let pages = join_all(names.iter().map(|_| browser.follow(&asked))).await;
    // Pausing the directory makes the burst simultaneous, however fast this machine is.
    lab.pause();
    let before = Instant::now();
    let burst = join_all(pages.iter().zip(&names).map(|(page, name)| browser.submit(page, name, right())));
    let thaw = async {
        until("a request is shed", async || stats(&provider).searches.shed > 0).await;
        lab.resume();
    };
    let (answers, ()) = join(burst, thaw).await;
    assert!(before.elapsed() < BUDGET * 2, "{:?}", before.elapsed());
    let (shed, decided): (Vec<_>, Vec<_>) =
        answers.iter().partition(|page| page.status == StatusCode::SERVICE_UNAVAILABLE);
    assert!(!decided.is_empty() && !shed.is_empty(), "{} decided, {} shed", decided.len(), shed.len());
    for page in decided.iter().filter(|page| page.parameter("code").is_none()) {
        assert_refused(page, GENERIC);
    }
    assert!(shed.iter().any(|page| page.text().contains(BUSY)));
    for page in shed {
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{}", page.text());
        let shed_or_given_up = [BUSY, UNREACHABLE].iter().any(|words| page.text().contains(words));
        assert!(shed_or_given_up, "{}", page.text());
        assert!(page.headers.contains_key("retry-after"), "{:?}", page.headers);
    }
    assert_eq!(stats(&provider).searches.waiting, 0);
    signed_in(&cloudsync, "alice").await;
}

#[tokio::test]
async fn without_any_directory_the_sign_in_page_says_so() {
    let provider = Provider::start(Setup { settings: CLIENT.to_owned(), ..Setup::new("") }).await;
    let (browser, page) = opened(&provider.cloudsync()).await;
    assert_refused(&browser.submit(&page, "alice", right()).await, GENERIC);
}
