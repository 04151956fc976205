//! `sync log` and `sync status`: what was done to which account and why, also under a person's earlier names.

use serde_json::Value;

use super::Subtree;
use crate::admin::process::{Installation, Ran};
use crate::support::provider::CLIENT;

pub(super) fn installed(subtree: &Subtree) -> Installation {
    let idp = Installation::new();
    idp.apply(&format!("{CLIENT}{}", subtree.settings(&subtree.unit, "")));
    idp
}

pub(super) fn done(ran: Ran) -> String {
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(!ran.out.contains(|c: char| c.is_control() && c != '\n'), "{:?}", ran.out);
    ran.out
}

pub(super) fn json(ran: Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

#[tokio::test]
async fn the_log_shows_what_was_done_to_each_account() {
    let subtree = Subtree::ldap();
    let idp = installed(&subtree);
    let (person, bare) = (subtree.person(), subtree.person());
    subtree.mail(&bare, "");
    done(idp.run(&["sync"]));
    let fresh = format!("fresh-{}", person.mail);
    subtree.mail(&person, &fresh);
    done(idp.run(&["sync"]));

    let log = json(idp.run(&["sync", "log", "--person", &person.mail, "--json"]));
    let changes = log["changes"].as_array().expect("changes");
    let kinds: Vec<_> = changes.iter().map(|change| change["kind"].as_str().unwrap_or_default()).collect();
    assert_eq!(kinds, ["updated", "created"], "found by an earlier email address: {log}");
    assert_eq!(changes[0]["differs"]["email"]["after"], fresh.as_str());
    assert_eq!(changes[0]["differs"]["email"]["before"], person.mail.as_str());
    assert_eq!(log["runs"].as_array().map(Vec::len), Some(2));
    let account = changes[0]["account"].as_str().expect("an id");
    for name in [account, &fresh, &person.account, &person.account.to_uppercase()] {
        let text = done(idp.run(&["sync", "log", "--person", name]));
        assert!(text.contains(&format!("email: {} -> {fresh}", person.mail)), "{name}: {text}");
    }

    let run = log["runs"][0]["run"].to_string();
    let of_run = done(idp.run(&["sync", "log", "--run", &run]));
    assert!(of_run.contains("trigger") || of_run.contains("command"), "{of_run}");
    assert!(of_run.contains("1 updated") && of_run.contains(&fresh), "{of_run}");
    let held = done(idp.run(&["sync", "log", "--person", &bare.account]));
    assert!(held.contains("the entry has no email address; set it in the directory"), "{held}");
    let nobody = idp.run(&["sync", "log", "--person", "no\u{1b}body"]);
    assert_eq!(nobody.status, Some(2));
    assert!(nobody.err.contains("the log has nothing about no\\u001bbody"), "{}", nobody.err);
}

#[tokio::test]
async fn the_log_is_paged() {
    let subtree = Subtree::ldap();
    let idp = installed(&subtree);
    let people: Vec<_> = (0..3).map(|_| subtree.person()).collect();
    done(idp.run(&["sync"]));
    let log = json(idp.run(&["sync", "log", "--json"]));
    let run = log["runs"][0]["run"].to_string();
    let (mut before, mut seen) = (None, Vec::new());
    loop {
        let mut arguments = vec!["sync", "log", "--run", &run, "--limit", "2", "--json"];
        let text: String;
        if let Some(number) = before {
            text = i64::to_string(&number);
            arguments.extend(["--before", &text]);
        }
        let page = json(idp.run(&arguments));
        let changes = page["changes"].as_array().expect("changes").clone();
        seen.extend(changes.iter().map(|change| change["login_name"].as_str().expect("a name").to_owned()));
        before = page["next_before"].as_i64();
        if before.is_none() {
            break;
        }
    }
    seen.sort();
    let mut expected: Vec<_> = people.iter().map(|person| person.account.clone()).collect();
    expected.sort();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn the_status_shows_the_state_of_a_directory_and_what_to_do() {
    let subtree = Subtree::ldap();
    let idp = installed(&subtree);
    subtree.person();
    done(idp.run(&["sync"]));
    let text = done(idp.run(&["sync", "status"]));
    assert!(text.contains("real-time") && text.contains("caught up at"), "{text}");
    let status = json(idp.run(&["sync", "status", "--json"]));
    assert_eq!(status[0]["accounts"], 1, "{status}");
    assert_eq!((&status[0]["error"], &status[0]["paused"]), (&Value::Null, &Value::Null));

    let gone = format!("ou=nowhere,{}", subtree.base);
    idp.apply(&format!("{CLIENT}{}", subtree.settings(&gone, "")));
    let failed = idp.run(&["sync"]);
    assert_eq!(failed.status, Some(1));
    assert!(failed.err.contains("remove it from [directories.scope]"), "{}", failed.err);
    let status = idp.run(&["sync", "status"]);
    assert_eq!(status.status, Some(1), "an administrator is needed");
    assert!(status.out.contains("FAILED") && status.out.contains("what to do"), "{}", status.out);
    let shown = json(idp.run(&["sync", "log", "--json"]));
    assert_eq!(shown["runs"][0]["state"], "failed");
    assert!(shown["runs"][0]["advice"].as_str().is_some_and(|advice| advice.contains(&gone)), "{shown}");

    // Fixed, with nothing to do: there is no new run, and no administrator is needed any more.
    idp.apply(&format!("{CLIENT}{}", subtree.settings(&subtree.unit, "")));
    done(idp.run(&["sync"]));
    assert_eq!(json(idp.run(&["sync", "log", "--json"]))["runs"], shown["runs"]);
    let text = done(idp.run(&["sync", "status"]));
    assert!(!text.contains("FAILED") && !text.contains("caught up at  never"), "{text}");
}
