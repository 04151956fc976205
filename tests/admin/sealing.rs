//! `keys rotate --sealing` while people sign in: nobody is refused, whenever the command is killed, and the old key goes.

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use cloudsync_idp::clock::Clock;
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::flow::support::bundle::bundle;
use cloudsync_idp::flow::support::doctor::examine;
use cloudsync_idp::flow::support::sealing;
use rand::RngExt;
use reqwest::StatusCode;

use super::process::{Installation, Ran, Served, free_port};
use crate::support::browser::{Browser, Page};
use crate::support::phone::Phone;
use crate::support::provider::{CLIENT, NO_THROTTLE, Provider};
use crate::support::relying_party::RelyingParty;
use crate::support::subtree::Subtree;
use crate::support::visitor::Visitor;
use crate::support::{desk, lab, until};

const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const OPTIONAL: &str = "[second_factor]\nrequired = \"optional\"\nenrolment = \"alone\"\n";
const ROTATE: &[&str] = &["keys", "rotate", "--sealing"];
const FINISH: &[&str] = &["keys", "rotate", "--sealing", "--finish"];
const FINISH_NOW: &[&str] = &["keys", "rotate", "--sealing", "--finish", "--now"];

/// People of a directory: some with an authenticator, each good for a sign-in or two; the others by password alone.
struct People {
    password: String,
    with_factor: Vec<String>,
    without: Vec<String>,
}

impl People {
    fn signed_up(idp: &Installation, subtree: &Subtree) -> Self {
        let names = |many: usize| (0..many).map(|_| subtree.person().account).collect::<Vec<_>>();
        let people = Self { password: subtree.password.clone(), with_factor: names(8), without: names(2) };
        idp.apply(&format!("{CLIENT}{OPTIONAL}{}", subtree.settings(&subtree.unit, "")));
        assert_eq!(idp.run(&["sync"]).status, Some(0));
        let lines: String = people.with_factor.iter().map(|name| format!("{name},{SECRET}\n")).collect();
        let file = idp.write("factors.csv", &format!("name,secret\n{lines}"));
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("ours");
        let ran = idp.run(&["admin", "factors", "import", file.to_str().expect("a name")]);
        assert_eq!(ran.status, Some(0), "{ran:?}");
        people
    }

    /// Signs somebody in who has not been here yet, with password and code.
    async fn next_signs_in(&mut self, cloudsync: &RelyingParty) -> (Browser, Page) {
        let name = self.with_factor.pop().expect("enough people");
        let browser = Browser::new();
        let asked = browser.sign_in(&cloudsync.authorize(&[]), &name, &self.password).await;
        let page = browser.go_on(asked).await;
        let phone = Phone::of(&format!("otpauth://totp/x?secret={SECRET}"));
        let code = phone.code(Clock::System.now());
        let arrived = browser.fill(&page, "/login/factor", &[("code", &code)]).await;
        assert!(arrived.parameter("code").is_some(), "{}", arrived.text());
        (browser, arrived)
    }
}

/// The ids of all keys that stored values are sealed under.
fn keys_in_use(idp: &Installation) -> BTreeSet<String> {
    let file = rusqlite::Connection::open(idp.path("idp.db")).expect("the file opens");
    let read = |sql: &str| -> Vec<Vec<u8>> {
        let mut statement = file.prepare(sql).expect("a query");
        let rows = statement.query_map([], |row| row.get(0)).expect("rows");
        rows.collect::<Result<_, _>>().expect("bytes")
    };
    let mut values = read("SELECT sealed_private FROM signing_keys");
    values.extend(read("SELECT sealed_secret FROM factors"));
    for document in read("SELECT CAST(document AS BLOB) FROM settings_versions") {
        let document = String::from_utf8(document).expect("text");
        let sealed =
            document.split("\"sealed:v2:").skip(1).map(|rest| rest.split('"').next().expect("it ends"));
        values.extend(sealed.map(|text| BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64")));
    }
    assert!(values.len() > 8, "{}", values.len());
    let id = |value: &Vec<u8>| {
        assert_eq!(value[0], 2, "the version of the format");
        hex::encode(&value[1..5])
    };
    values.iter().map(id).collect()
}

/// State and counts of each sealing key.
fn sealing_keys(idp: &Installation) -> Vec<Vec<String>> {
    let ran = idp.run(&["keys", "list", "--sealing"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    ran.out.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn is_well(ran: &Ran) {
    assert_eq!(ran.status, Some(0), "{ran:?}");
}

/// What somebody got before the rotation is still good after it.
async fn still_counts(cloudsync: &RelyingParty, browser: &Browser, refresh_token: &str) {
    let silent = browser.follow(&cloudsync.authorize(&[("prompt", "none")]).url).await;
    assert!(silent.parameter("code").is_some(), "the session goes on: {:?}", silent.location);
    let renewed = cloudsync.refresh(refresh_token).await;
    assert_eq!(renewed.status, StatusCode::OK, "{:?}", renewed.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_refused_whenever_the_command_is_killed_and_the_old_key_goes() {
    let idp = Installation::new();
    let mut people = People::signed_up(&idp, &Subtree::ldap());
    idp.apply(&format!("[second_factor]\ngrace_days = 3\n{NO_THROTTLE}"));
    let served = idp.serve();
    let cloudsync = served.cloudsync();
    let (before, arrived) = people.next_signs_in(&cloudsync).await;
    let token = cloudsync.exchange(&arrived).await.text("refresh_token").to_owned();
    let old = keys_in_use(&idp);
    assert_eq!(old.len(), 1);
    let come_and_go = |name: &String| {
        let visitor = Visitor::new(served.cloudsync(), name, &people.password);
        tokio::spawn(visitor.run_until_the_server_is_gone())
    };
    let visitors: Vec<_> = people.without.iter().map(come_and_go).collect();
    let is_rotated =
        || idp.path("keys/sealing.old.key").exists() && !idp.path("keys/sealing.next.key").exists();
    for _ in 0..4 {
        let command = idp.begin(ROTATE);
        tokio::time::sleep(Duration::from_millis(rand::rng().random_range(20..900))).await;
        drop(command);
        people.next_signs_in(&cloudsync).await;
        if is_rotated() {
            break;
        }
    }
    if !is_rotated() {
        is_well(&idp.run(ROTATE));
    }
    let now_used = keys_in_use(&idp);
    assert!(now_used.len() == 1 && now_used.is_disjoint(&old), "{old:?} {now_used:?}");
    let listed = sealing_keys(&idp);
    let states: Vec<&str> = listed.iter().map(|line| line[1].as_str()).collect();
    assert_eq!(states, ["in force", "old"]);
    assert_eq!(listed[1][2..], ["0", "0", "0"].map(str::to_owned));
    let early = idp.run(FINISH);
    assert!(early.status == Some(1) && early.err.contains("run this command again after"), "{early:?}");
    let second = idp.run(ROTATE);
    assert!(second.status == Some(2) && second.err.contains("--finish"), "{second:?}");
    is_well(&idp.run(FINISH_NOW));
    assert!(!idp.path("keys/sealing.old.key").exists());
    people.next_signs_in(&cloudsync).await;
    served.kill();
    for visitor in visitors {
        visitor.await.expect("nobody is refused");
    }

    let served = idp.serve();
    let cloudsync = served.cloudsync();
    people.next_signs_in(&cloudsync).await;
    still_counts(&cloudsync, &before, &token).await;
    assert_eq!(sealing_keys(&idp).len(), 1);
    assert!(idp.run(FINISH).err.contains("there is no old sealing key"));
    let trail = idp.run(&["audit", "list", "--decision", "keys_rotated"]).out;
    for cause in ["sealing_begun", "sealing_rotated", "sealing_key_removed"] {
        assert!(trail.contains(cause), "{cause}: {trail}");
    }
    idp.apply(CLIENT);
}

/// A node on the same database and Redis, with a `keys_dir` of its own.
fn node(store: &str, volatile: &str) -> Installation {
    let port = free_port();
    let config = format!("public_url = \"http://127.0.0.1:{port}\"\nlisten = \"127.0.0.1:{port}\"\n");
    Installation::with(port, &config)
        .set("CLOUDSYNC_IDP_STORE", store)
        .set("CLOUDSYNC_IDP_VOLATILE", volatile)
}

fn copy(from: &Installation, to: &Installation, name: &str) {
    std::fs::create_dir_all(to.path("keys")).expect("a folder");
    std::fs::copy(from.path(name), to.path(name)).expect("it is copied with its mode");
}

async fn restarted(idp: &Installation, mut served: Served) -> Served {
    served.signal("-TERM");
    assert!(served.ended().success());
    idp.serve()
}

#[tokio::test(flavor = "multi_thread")]
async fn several_nodes_are_waited_for_until_each_holds_the_key() {
    let (store, volatile) = (lab::postgres().url(), lab::redis().url());
    let (one, other) = (node(&store, &volatile), node(&store, &volatile));
    let mut people = People::signed_up(&one, &Subtree::ldap());
    copy(&one, &other, "keys/sealing.key");
    let (served_one, served_other) = (one.serve(), other.serve());
    let (before, arrived) = people.next_signs_in(&served_one.cloudsync()).await;
    let token = served_one.cloudsync().exchange(&arrived).await.text("refresh_token").to_owned();
    let mut command = one.begin(ROTATE);
    until("the command waits", async || command.log().contains("waiting for")).await;
    assert!(command.log().contains("copy sealing.next.key and digest.keys"), "{}", command.log());
    let states = || sealing_keys(&one).into_iter().map(|line| line[1].clone()).collect::<Vec<_>>();
    assert_eq!(states(), ["in force", "next"], "nothing is under the next key while a node lacks it");
    for name in ["keys/digest.keys", "keys/sealing.next.key"] {
        copy(&one, &other, name);
    }
    assert!(command.ended().success(), "{}", command.log());
    assert_eq!(states(), ["in force", "old"]);
    for served in [&served_one, &served_other] {
        people.next_signs_in(&served.cloudsync()).await;
    }
    is_well(&one.run(FINISH_NOW));
    let unsettled = one.run(ROTATE);
    assert!(unsettled.status == Some(1) && unsettled.err.contains("Nothing was begun"), "{unsettled:?}");
    is_well(&other.run(ROTATE));
    is_well(&other.run(FINISH_NOW));
    let key = |idp: &Installation| std::fs::read(idp.path("keys/sealing.key")).expect("a key");
    assert_eq!(key(&one), key(&other));
    let served_other = restarted(&other, served_other).await;
    people.next_signs_in(&served_other.cloudsync()).await;
    still_counts(&served_one.cloudsync(), &before, &token).await;

    std::fs::remove_file(other.path("keys/digest.keys")).expect("it was there");
    let lost = other.run(&["keys", "list"]);
    assert!(lost.status == Some(2) && lost.err.contains("digest.keys is missing"), "{lost:?}");
}

/// Two tabs refresh at once, the one at a node that has changed over and the other at a node that has not.
#[tokio::test]
async fn a_refresh_that_races_with_the_rotation_signs_nobody_out() {
    let provider = Provider::for_ldap(&[lab::ldap()]).await;
    let (cloudsync, sealer) = (provider.cloudsync(), &provider.parts.keys.sealer);
    let arrived =
        Browser::new().sign_in(&cloudsync.authorize(&[]), "alice", &lab::ldap().user_password).await;
    let token = cloudsync.exchange(&arrived).await.text("refresh_token").to_owned();
    let before = cloudsync.refresh(&token).await;
    sealer.begin_rotation().expect("it begins");
    sealer.put_in_force(sealer.files().next.expect("it was made")).expect("it is held");
    let after = cloudsync.refresh(&token).await;
    assert_eq!(after.status, StatusCode::OK, "no replay: {:?}", after.body);
    assert_eq!(after.text("refresh_token"), before.text("refresh_token"));
    sealer.complete_rotation().expect("it ends");
    let next = cloudsync.refresh(after.text("refresh_token")).await;
    sealer.forget_old_key().expect("it goes");
    assert_eq!(cloudsync.refresh(next.text("refresh_token")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn doctor_and_bundle_of_a_running_server_use_the_resealed_password() {
    let provider = Subtree::ldap().provider().await;
    let command = provider.another_process().await.operation();
    sealing::rotate(&command, &desk(), &|_| {}).await.expect("it rotates");
    sealing::finish(&command, true, &desk(), &|_| {}).await.expect("the old key is removed");
    let parts = &provider.parts.operation();
    parts.keys.sealer.read_again().expect("the keys");
    let examined = examine(parts, None).await.expect("an answer");
    let checks: Vec<_> = examined[0].findings.iter().map(|finding| finding.check).collect();
    assert!(checks.contains(&"lockout") && !checks.contains(&"settings"), "{checks:?}");
    let corp = DirectoryId("corp".into());
    let bundle = bundle(parts, Some(&corp), "a test").await;
    let found = &bundle["directories"][0]["doctor"]["findings"];
    let usable = |finding: &serde_json::Value| finding["check"] != "settings";
    assert!(found.as_array().is_some_and(|all| all.len() > 3 && all.iter().all(usable)), "{found}");
}
