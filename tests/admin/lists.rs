//! Lists as tables on a terminal, as lines for a pipe and as JSON, with their filters.

use serde_json::Value;

use super::process::{Installation, Ran};

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"))
}

fn with_accounts() -> Installation {
    let idp = Installation::new();
    let file = idp.write(
        "accounts.csv",
        "id,email,name\n42,alice@example.org,Alice Adams\n43,bob@example.org,Bob Brown\n",
    );
    assert_eq!(idp.run(&["accounts", "import", &file.display().to_string()]).status, Some(0));
    idp
}

#[test]
fn a_terminal_gets_a_fitting_table_and_a_pipe_gets_lines() {
    let idp = with_accounts();
    let shown = idp.run_on_terminal(&["accounts", "list"], 50);
    assert!(shown.starts_with("ACCOUNT  EMAIL"), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 50), "{shown}");
    assert!(shown.contains("Alice") && shown.contains("Adams"), "{shown}");
    let piped = idp.run(&["accounts", "list"]).out;
    assert!(piped.starts_with("42\talice@example.org\tAlice Adams\tactive\tnot linked\n"), "{piped}");
}

#[test]
fn colour_is_used_on_a_terminal_unless_it_is_refused() {
    let idp = with_accounts();
    idp.write("s.toml", "[session]\nidle_minutes = 7\n");
    let file = idp.path("s.toml").display().to_string();
    let arguments = ["settings", "diff", file.as_str()];
    assert!(idp.run_on_terminal(&arguments, 80).contains("\u{1b}[32m+ session.idle_minutes = 7"));
    let piped = idp.run(&arguments);
    assert!(piped.status == Some(1) && piped.out.contains("+ session.idle_minutes = 7"), "{piped:?}");
    assert!(!piped.out.contains('\u{1b}'));
    let refused = idp.set("NO_COLOR", "1").run_on_terminal(&arguments, 80);
    assert!(refused.contains("+ session.idle_minutes = 7") && !refused.contains('\u{1b}'), "{refused:?}");
}

#[test]
fn accounts_are_searched_and_shown() {
    let idp = with_accounts();
    for (arguments, found) in [
        (&["--search", "ADAMS"][..], "42"),
        (&["--search", "bob@"], "43"),
        (&["--status", "suspended"], ""),
        (&["--directory", "corp"], ""),
        (&["--search", "b"], "43"),
        (&["--search", "example.org", "--status", "active"], "42 43"),
        (&["--search", "brown bo"], "43"),
        (&["--search", "rown"], ""),
    ] {
        let list = json(&idp.run(&[&["accounts", "list", "--json"], arguments].concat()));
        let ids: Vec<&str> =
            list.as_array().expect("a list").iter().filter_map(|one| one["account"].as_str()).collect();
        assert_eq!(ids.join(" "), found, "{arguments:?}");
    }
    let shown = idp.run(&["accounts", "show", "alice@example.org"]);
    assert_eq!(shown.status, Some(0), "{shown:?}");
    for expected in ["42\n", "Alice Adams", "active", "not linked", "0 recovery codes left", "Team Shares"] {
        assert!(shown.out.contains(expected), "{expected}: {}", shown.out);
    }
    // The flag may stand anywhere.
    let one = json(&idp.run(&["--json", "accounts", "show", "42"]));
    assert_eq!((&one["status"], &one["sessions"]), (&Value::from("active"), &Value::Array(vec![])));
    assert_eq!(idp.run(&["accounts", "show", "zoe"]).status, Some(2));
}

#[test]
fn an_account_is_suspended_and_reactivated_on_the_server() {
    let idp = with_accounts();
    let status = || json(&idp.run(&["accounts", "show", "alice@example.org", "--json"]));
    let asked = idp.run(&["accounts", "suspend", "42"]);
    assert_eq!(asked.status, Some(2), "nobody is at a terminal to answer: {asked:?}");
    assert!(asked.err.contains("--yes"), "{}", asked.err);
    let done = json(&idp.run(&["accounts", "suspend", "42", "--yes", "--json"]));
    assert_eq!((&done["account"], &done["sessions"]), (&Value::from("42"), &Value::from(0)));
    let shown = status();
    assert_eq!((&shown["status"], &shown["suspended_because"]), (&"suspended".into(), &"admin".into()));
    let again = idp.run(&["accounts", "suspend", "42", "--yes"]);
    assert!(again.status == Some(2) && again.err.contains("already suspended here"), "{again:?}");
    assert_eq!(idp.run(&["accounts", "reactivate", "42"]).status, Some(0));
    assert_eq!(status()["status"], Value::from("active"));
    let again = idp.run(&["accounts", "reactivate", "42"]);
    assert!(again.status == Some(2) && again.err.contains("is not suspended"), "{again:?}");
    let page = json(&idp.run(&["audit", "list", "--json", "--person", "42"]));
    let decision = |place: usize| page["decisions"][place]["decision"].clone();
    assert_eq!((decision(0), decision(1)), ("person_reactivated".into(), "person_suspended".into()));
}

#[test]
fn the_audit_log_is_filtered_by_person_attempt_and_decision() {
    let idp = with_accounts();
    idp.apply("[session]\nidle_minutes = 7\n");
    assert_eq!(idp.run(&["admin", "sessions", "end", "42"]).status, Some(0));
    let words = |arguments: &[&str]| -> Vec<String> {
        let page = json(&idp.run(&[&["audit", "list", "--json"], arguments].concat()));
        let decisions = page["decisions"].as_array().expect("a list").iter();
        decisions.filter_map(|one| one["decision"].as_str()).map(str::to_owned).collect()
    };
    let all = words(&[]);
    assert_eq!(all.first().map(String::as_str), Some("sessions_ended"), "the newest first: {all:?}");
    assert!(all.contains(&"settings_changed".to_owned()) && all.contains(&"accounts_imported".to_owned()));
    assert_eq!(words(&["--person", "alice@example.org"]), ["sessions_ended"]);
    assert_eq!(words(&["--person", "42"]), ["sessions_ended"]);
    assert_eq!(words(&["--decision", "settings_changed"]), ["settings_changed"]);
    let actor = json(&idp.run(&["audit", "list", "--json"]))["decisions"][0]["actor"].clone();
    let actor = actor.as_str().expect("who ran the command");
    assert!(actor.starts_with("command "), "{actor}");
    assert_eq!(words(&["--actor", actor]), all, "every command names who ran it");
    assert_eq!(words(&["--actor", "command somebody@else"]), [""; 0]);
    assert_eq!(idp.run(&["audit", "list", "--actor", "zoe"]).status, Some(2));
    assert_eq!(words(&["--from", "2020-01-01", "--until", "2020-12-31T23:59:59Z"]), [""; 0]);
    assert_eq!(words(&["--from", "2020-01-01", "--decision", "settings_changed"]), ["settings_changed"]);
    assert_eq!(words(&["--directory", "corp"]), [""; 0]);
    assert_eq!(idp.run(&["audit", "list", "--from", "yesterday"]).status, Some(2));
    assert_eq!(words(&["--attempt", "7K3PW-01X9M"]), [""; 0]);
    let first = json(&idp.run(&["audit", "list", "--json", "--limit", "1"]));
    let before = first["next_before"].to_string();
    assert_eq!(words(&["--before", &before, "--limit", "1000"]), all[1..]);
    let text = idp.run(&["audit", "list"]);
    assert!(text.out.lines().any(|line| line.contains("sessions_ended\t-\t42\t")), "{}", text.out);
}

#[test]
fn a_settings_file_is_checked_and_compared_and_nothing_is_stored() {
    let idp = Installation::new();
    let good = idp.write("good.toml", "[session]\nidle_minutes = 7\n").display().to_string();
    let bad = idp.write("bad.toml", "[session]\nidle_minutes = 0\n").display().to_string();
    let checked = idp.run(&["settings", "check", &good]);
    assert_eq!(checked.status, Some(0), "{checked:?}");
    assert!(checked.out.contains("is valid, and would change: session"), "{}", checked.out);
    let refused = idp.run(&["settings", "check", &bad]);
    assert_eq!((refused.status, refused.out.as_str()), (Some(2), ""));
    assert!(refused.err.contains("session.idle_minutes"), "{}", refused.err);
    let diff = json(&idp.run(&["settings", "diff", "--json", &good]));
    assert_eq!((&diff[0]["key"], &diff[0]["after"]), (&"session.idle_minutes".into(), &"7".into()));
    assert!(idp.run(&["settings", "export"]).out.contains("idle_minutes = 480"), "nothing was stored");
    idp.apply("[session]\nidle_minutes = 7\n");
    let same = idp.run(&["settings", "diff", &good]);
    assert_eq!((same.status, same.out.as_str()), (Some(0), ""));
}

#[test]
fn completions_and_man_pages_know_every_command_and_need_no_configuration() {
    let idp = Installation::with(1, "nonsense");
    for shell in ["bash", "zsh", "fish"] {
        let ran = idp.run(&["completions", shell]);
        assert_eq!(ran.status, Some(0), "{ran:?}");
        assert!(ran.out.contains("support-bundle") && ran.out.contains("audit"), "{shell}");
    }
    let folder = idp.path("man").display().to_string();
    assert_eq!(idp.run(&["man", &folder]).status, Some(0));
    let page = std::fs::read_to_string(idp.path("man/cloudsync-idp-accounts-show.1")).expect("a page");
    assert!(page.contains("Login name, email address or account id"), "{page}");
}
