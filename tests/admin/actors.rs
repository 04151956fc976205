//! Each command that changes something: its event in the audit log names who ran it, with before and after.

use std::collections::BTreeSet;
use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;

use clap::CommandFactory;
use cloudsync_idp::cli::Arguments;
use serde_json::Value;

use super::process::{Installation, Ran};
use crate::support::browser::Browser;
use crate::support::provider::CLIENT;
use crate::support::raw_sql;
use crate::support::stand_in::StandIn;
use crate::support::subtree::Subtree;

/// Commands that only show something. `sync held` without a word more shows a list.
const READING: &[&str] = &[
    "accounts list",
    "accounts show",
    "admin approvals",
    "admin factors list",
    "admin sessions list",
    "agent",
    "agents list",
    "audit list",
    "audit verify",
    "completions",
    "delivery log",
    "delivery preview",
    "delivery status",
    "doctor",
    "explain",
    "keys list",
    "man",
    "settings check",
    "settings diff",
    "settings export",
    "support-bundle",
    "sync held",
    "sync log",
    "sync status",
];

/// Commands whose events other tests find: `init` in `init.rs`, the link of a first `serve` in `link.rs`, the comparison of
/// a service in `delivery/comparing.rs`.
const ELSEWHERE: &[&str] = &["delivery reconcile", "init", "serve"];

/// The options of `sync`. Whoever adds one that changes something adds it to this test.
const SYNC_OPTIONS: &[&str] = &["apply", "directory", "person", "plan", "resume", "undo", "yes"];

/// The options of `keys rotate`.
const ROTATE_OPTIONS: &[&str] = &["finish", "now", "sealing"];

/// What the detail of an event has to say.
#[derive(Clone, Copy)]
enum Says {
    /// A value before and after: its key begins so; `*` is any value, and an empty text is none.
    Changed(&'static str, &'static str, &'static str),
    /// The kind of the order; what it changes is in the sync log.
    Ordered(&'static str),
    /// What was decided about a person whom the guard holds.
    Decided(&'static str),
    /// There is nothing before and after.
    Nothing,
}

struct Commands {
    idp: Installation,
    run: BTreeSet<String>,
}

impl Commands {
    /// Runs a command, and finds its event.
    fn changes(&mut self, command: &str, rest: &[&str], decision: &str, says: Says) -> Ran {
        let before = self.newest(decision)["id"].as_i64();
        let words: Vec<&str> = command.split(' ').chain(rest.iter().copied()).collect();
        let ran = self.idp.run(&words);
        assert_eq!(ran.status, Some(0), "{words:?}: {ran:?}");
        let event = self.newest(decision);
        assert!(event["id"].as_i64() > before, "{words:?} wrote no event {decision}");
        let actor = event["actor"].as_str().unwrap_or_default();
        assert!(actor.starts_with("command ") && actor.contains("sudo: anna"), "{words:?}: {event}");
        assert!(says.holds(&event["detail"]), "{words:?}: {event}");
        self.run.insert(command.to_owned());
        ran
    }

    fn newest(&self, decision: &str) -> Value {
        let ran = self.idp.run(&["audit", "list", "--decision", decision, "--limit", "1", "--json"]);
        json(&ran)["decisions"][0].clone()
    }

    fn done(&self, words: &[&str]) -> Ran {
        let ran = self.idp.run(words);
        assert_eq!(ran.status, Some(0), "{words:?}: {ran:?}");
        ran
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.idp.write(name, text);
        set_permissions(&path, Permissions::from_mode(0o600)).expect("a file of ours");
        path.display().to_string()
    }
}

impl Says {
    fn holds(self, detail: &Value) -> bool {
        let is = |value: &Value, wanted: &str| match wanted {
            "*" => value.is_string(),
            "" => value.is_null(),
            text => value == text,
        };
        match self {
            Self::Changed(key, before, after) => {
                let changes = detail["differences"].as_array().map(Vec::as_slice).unwrap_or_default();
                changes.iter().any(|one| {
                    one["key"].as_str().is_some_and(|found| found.starts_with(key))
                        && is(&one["before"], before)
                        && is(&one["after"], after)
                })
            }
            Self::Ordered(kind) => detail["order"]["kind"] == kind,
            Self::Decided(word) => detail["decision"] == word && !detail["what"].is_null(),
            Self::Nothing => true,
        }
    }
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_command_that_changes_something_names_who_ran_it_with_before_and_after() {
    let subtree = Subtree::ldap();
    let mut commands = Commands { idp: Installation::new().set("SUDO_USER", "anna"), run: BTreeSet::new() };
    settings(&mut commands, &subtree);
    accounts(&mut commands);
    runs(&mut commands, &subtree).await;
    held(&mut commands, &subtree);
    hand_over(&mut commands, &subtree);
    sessions(&mut commands, &subtree).await;
    deliveries(&mut commands).await;
    keys(&mut commands);
    agents(&mut commands);
    let known: BTreeSet<String> = READING.iter().chain(ELSEWHERE).map(|name| (*name).to_owned()).collect();
    assert_eq!(known.intersection(&commands.run).next(), None);
    let all: BTreeSet<String> = known.union(&commands.run).cloned().collect();
    assert_eq!(all, every_command(), "each command either only shows something, or is run by this test");
}

#[test]
fn each_option_that_makes_another_command_of_one_is_known() {
    let program = Arguments::command();
    let options = |path: &[&str]| {
        let command = path.iter().fold(&program, |at, name| at.find_subcommand(name).expect("a command"));
        command.get_arguments().map(|one| one.get_id().to_string()).collect::<BTreeSet<_>>()
    };
    let known = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(options(&["sync"]), known(SYNC_OPTIONS));
    assert_eq!(options(&["keys", "rotate"]), known(ROTATE_OPTIONS));
}

/// The words of each command that can be run.
fn every_command() -> BTreeSet<String> {
    fn walk(command: &clap::Command, words: &str, all: &mut BTreeSet<String>) {
        let needs_another_word = command.has_subcommands() && command.is_subcommand_required_set();
        if !words.is_empty() && !needs_another_word {
            all.insert(words.to_owned());
        }
        for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
            walk(below, format!("{words} {}", below.get_name()).trim(), all);
        }
    }
    let mut all = BTreeSet::new();
    walk(&Arguments::command(), "", &mut all);
    all
}

fn settings(commands: &mut Commands, subtree: &Subtree) {
    let file = commands.file("first.toml", &format!("{CLIENT}{}", subtree.settings(&subtree.unit, "")));
    let first = Says::Changed("directories[corp].base_dn", "", "*");
    commands.changes("settings apply", &[&file], "settings_changed", first);
    let file = commands.file("second.toml", "[session]\nidle_minutes = 7\n");
    let second = Says::Changed("session.idle_minutes", "*", "7");
    commands.changes("settings apply", &[&file], "settings_changed", second);
    let secret = Says::Changed("clients[cloudsync].client_secret_hash", "(a secret)", "(another secret)");
    commands.changes("clients rotate-secret", &["cloudsync"], "settings_changed", secret);
    let ended = Says::Changed("clients[cloudsync].client_secret_old_until", "*", "");
    commands.changes("clients end-old-secret", &["cloudsync"], "settings_changed", ended);
    commands.changes("admin link", &[], "admin_link_made", Says::Nothing);
    commands.changes("admin link", &["--end"], "admin_links_ended", Says::Nothing);
}

fn accounts(commands: &mut Commands) {
    let file = commands.file("accounts.csv", "id,email,name\n42,loaded@elsewhere.example,Loaded\n");
    let created = Says::Changed("account 42", "", "created");
    commands.changes("accounts import", &[&file], "accounts_imported", created);
    let file = commands.file("factors.csv", "name,secret\n42,JBSWY3DPEHPK3PXP\n");
    let added = Says::Changed("added factors", "", "1");
    commands.changes("admin factors import", &[&file], "factors_imported", added);
    let own = commands.newest("factor_added");
    assert!(own["account"] == "42" && Says::Changed("factors", "0", "1").holds(&own["detail"]), "{own}");
    for before in ["", "*"] {
        let valid = Says::Changed("invitation", before, "*");
        commands.changes("admin factors invite", &["42"], "invitation_made", valid);
    }
    commands.changes("admin factors reset", &["42"], "factors_reset", Says::Changed("factors", "1", "0"));
    let suspended = Says::Changed("status", "active", "suspended (admin)");
    commands.changes("accounts suspend", &["42", "--yes"], "person_suspended", suspended);
    let active = Says::Changed("status", "suspended (admin)", "active");
    commands.changes("accounts reactivate", &["42"], "person_reactivated", active);
    commands.changes("lock-down", &["42", "--yes"], "person_locked_down", suspended);
    commands.changes("accounts reactivate", &["42"], "person_reactivated", active);
}

async fn runs(commands: &mut Commands, subtree: &Subtree) {
    let person = subtree.person();
    let ordered = "task_ordered";
    let run = json(&commands.changes("sync", &["--json"], ordered, Says::Ordered("sync")))["run"].to_string();
    commands.changes("sync", &["--person", &person.mail], ordered, Says::Ordered("sync_person"));
    let about = commands.newest(ordered)["detail"].to_string();
    assert!(!about.contains(&person.mail), "the log names nobody who may be erased: {about}");
    let plan = commands.changes("sync", &["--plan", "--json"], ordered, Says::Ordered("plan"));
    let plan = json(&plan)["plan"].to_string();
    commands.changes("sync", &["--apply", &plan, "--yes"], ordered, Says::Ordered("apply_plan"));
    commands.changes("sync", &["--undo", &run], ordered, Says::Ordered("revert"));
    commands.changes("sync", &["--resume"], "sync_resumed", Says::Changed("pause", "*", ""));
    commands.changes("sync pause", &[], "sync_paused", Says::Changed("pause", "", "*"));
    commands.done(&["sync", "--resume"]);
    let running = "INSERT INTO runs (directory, trigger_word, started_at) VALUES ('corp', 'command', 1)";
    raw_sql(&commands.idp.store(), running).await;
    commands.changes("sync stop", &[], "sync_stopped", Says::Changed("pause", "", "*"));
    commands.done(&["sync", "--resume"]);
}

fn held(commands: &mut Commands, subtree: &Subtree) {
    let people: Vec<_> = (0..8).map(|_| subtree.person()).collect();
    commands.done(&["sync"]);
    people.iter().for_each(|person| subtree.disable(person));
    let ran = commands.idp.run(&["sync"]);
    assert_eq!(ran.status, Some(3), "the guard holds some: {ran:?}");
    let held = json(&commands.done(&["sync", "held", "--json"]));
    let name = |number: usize| held[number]["login_name"].as_str().expect("a name").to_owned();
    let [approved, kept] = ["approved", "rejected"].map(Says::Decided);
    commands.changes("sync held approve", &[&name(0)], "held_decided", approved);
    commands.changes("sync held reject", &[&name(1)], "held_decided", kept);
}

fn hand_over(commands: &mut Commands, subtree: &Subtree) {
    let newcomer = subtree.person();
    let entry = Says::Changed("entry", "", "*");
    let words = ["42", newcomer.account.as_str(), "--yes"];
    commands.changes("accounts hand-over", &words, "account_handed_over", entry);
    let erased = Says::Changed("status", "active", "");
    commands.changes("admin accounts purge", &["42", "--yes-erase-active"], "account_erased", erased);
}

async fn sessions(commands: &mut Commands, subtree: &Subtree) {
    let person = subtree.person();
    assert_eq!(commands.idp.run(&["sync"]).status, Some(3), "some are still held");
    let file = commands.file("known.toml", CLIENT);
    commands.done(&["settings", "apply", &file]);
    let mut served = commands.idp.serve();
    let asked = served.cloudsync().authorize(&[]);
    Browser::new().sign_in(&asked, &person.account, &subtree.password).await;
    let ended = Says::Changed("sessions", "1", "");
    commands.changes("admin sessions end", &[&person.mail], "sessions_ended", ended);
    served.signal("-TERM");
    assert!(served.ended().success(), "{}", served.log());
}

async fn deliveries(commands: &mut Commands) {
    let service = "[[provisioning]]\nid = \"elsewhere\"\nbase_url = \"http://127.0.0.1:9/scim\"\n\
         private_addresses = [\"127.0.0.0/8\"]\ntoken = \"a-token\"\n";
    let file = commands.file("service.toml", service);
    commands.done(&["settings", "apply", &file]);
    let stopped = "UPDATE delivery_targets SET stopped = 'unauthorized', stopped_at = 1";
    raw_sql(&commands.idp.store(), stopped).await;
    let ran = commands.idp.run(&["delivery", "status", "--json"]);
    assert_eq!((ran.status, json(&ran)["stopped"]["why"].as_str()), (Some(1), Some("unauthorized")));
    let resumed = Says::Changed("stopped", "unauthorized", "");
    commands.changes("delivery retry", &["elsewhere"], "delivery_retried", resumed);
    let ran = commands.done(&["delivery", "status"]);
    assert!(ran.out.contains("elsewhere  http://127.0.0.1:9/scim"), "{ran:?}");
    let unknown = commands.idp.run(&["delivery", "retry", "nowhere"]);
    assert!(unknown.status == Some(2) && unknown.err.contains("there are: elsewhere"), "{unknown:?}");
    let nobody = commands.idp.run(&["delivery", "retry", "elsewhere", "--account", "nobody"]);
    assert!(nobody.status == Some(2) && nobody.err.contains("does not wait"), "{nobody:?}");
    tests_of_a_service(commands).await;
}

async fn tests_of_a_service(commands: &mut Commands) {
    let ran = commands.idp.run(&["delivery", "test", "elsewhere", "--json"]);
    assert_eq!((ran.status, json(&ran)["failed_stage"].as_str()), (Some(1), Some("tcp")), "{ran:?}");
    let ran = commands.idp.run(&["delivery", "test", "elsewhere"]);
    assert!(ran.out.contains("token: not reached") && ran.out.contains("failed: connection"), "{ran:?}");
    let unknown = commands.idp.run(&["delivery", "test", "nowhere"]);
    assert!(unknown.status == Some(2) && unknown.err.contains("there are: elsewhere"), "{unknown:?}");

    let stand_in = StandIn::start().await;
    let service = format!(
        "[[provisioning]]\nid = \"here\"\nbase_url = {:?}\nprivate_addresses = [\"127.0.0.0/8\"]\ntoken = {:?}\n",
        stand_in.target.base, stand_in.target.token
    );
    let file = commands.file("stand-in.toml", &service);
    commands.done(&["settings", "apply", &file]);
    let words = ["here", "--round-trip"];
    let ran = commands.changes("delivery test", &words, "delivery_tested", Says::Nothing);
    assert!(ran.out.contains("round trip") && ran.out.trim_end().ends_with("passed"), "{ran:?}");
    assert!(!ran.out.contains(&stand_in.target.token), "the token is not shown");
}

fn agents(commands: &mut Commands) {
    let invited =
        commands.changes("agents invite", &["hq", "--directory", "corp"], "agent_invited", Says::Nothing);
    let code =
        invited.out.split("--code ").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("a code");
    let trail = commands.done(&["audit", "list", "--json"]);
    assert!(
        !trail.out.contains(code.split('.').nth(1).expect("a secret")),
        "the code is not in the audit log"
    );
    commands.changes("agents revoke", &["hq"], "agent_revoked", Says::Nothing);
    let again = commands.idp.run(&["agents", "revoke", "hq"]);
    assert_eq!(again.status, Some(2), "{again:?}");
    let nowhere = commands.idp.run(&["agents", "invite", "hq", "--directory", "nowhere"]);
    assert!(
        nowhere.status == Some(2) && nowhere.err.contains("there is no directory nowhere"),
        "{nowhere:?}"
    );
}

fn keys(commands: &mut Commands) {
    let rotated = "keys_rotated";
    commands.changes("keys rotate", &[], rotated, Says::Changed("key ", "next", "current"));
    let listed = json(&commands.done(&["keys", "list", "--json"]));
    let current = listed.as_array().and_then(|keys| keys.iter().find(|key| key["state"] == "current"));
    let kid = current.and_then(|key| key["kid"].as_str()).expect("a key").to_owned();
    commands.changes("keys revoke", &[&kid], rotated, Says::Changed("key ", "current", ""));
    let sealing = Says::Changed("sealing_key", "*", "*");
    commands.changes("keys rotate", &["--sealing"], rotated, sealing);
    commands.changes("keys rotate", &["--sealing", "--finish", "--now"], rotated, sealing);
}
