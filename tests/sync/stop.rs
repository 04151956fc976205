//! `sync stop`: a run ends between two pages, what it has written stays, and it is completed after resuming.

use rusqlite::Connection;

use super::Subtree;
use super::log::{done, installed, json};
use super::plan::status;
use crate::admin::process::Installation;

fn execute(idp: &Installation, sql: &str) {
    let file = Connection::open(idp.path("idp.db")).expect("a store");
    file.busy_timeout(std::time::Duration::from_secs(10)).expect("a limit");
    file.execute_batch(sql).expect("SQL");
}

/// From now on each run is stopped as soon as it has begun, as if `sync stop` came at that moment.
fn stop_each_run(idp: &Installation, pauses: bool) {
    let pause = if pauses {
        "INSERT OR IGNORE INTO paused (directory, why, since) VALUES ('corp', 'stopped by anna', 1);"
    } else {
        ""
    };
    let update = "UPDATE runs SET stopped_by = 'anna' WHERE id = NEW.id;";
    execute(idp, &format!("CREATE TRIGGER stops AFTER INSERT ON runs BEGIN {update} {pause} END"));
}

#[tokio::test]
async fn a_run_that_is_stopped_while_it_reads_changes_nothing() {
    let subtree = Subtree::ldap();
    let idp = installed(&subtree);
    let person = subtree.person();
    stop_each_run(&idp, false);
    let stopped = idp.run(&["sync"]);
    assert_eq!(stopped.status, Some(1), "{stopped:?}");
    assert!(stopped.err.contains("interrupted: stopped by anna"), "{}", stopped.err);
    assert!(stopped.err.contains("sync --resume"), "what to do: {}", stopped.err);
    assert_eq!(status(&idp, &person), "nobody");
    let run = json(idp.run(&["sync", "log", "--json"]))["runs"][0].clone();
    assert_eq!((&run["state"], &run["error"]), (&"failed".into(), &"interrupted: stopped by anna".into()));
    execute(&idp, "DROP TRIGGER stops");
    done(idp.run(&["sync"]));
    assert_eq!(status(&idp, &person), "active");
    let status = json(idp.run(&["sync", "status", "--json"]));
    assert_eq!(status[0]["newest_run"]["state"], "done", "{status}");
}

/// The pause of the stop is there before the run looks, and refuses what the run would write.
#[tokio::test]
async fn a_run_that_is_stopped_before_it_writes_says_who_stopped_it() {
    let subtree = Subtree::ldap();
    let idp = installed(&subtree);
    let person = subtree.person();
    done(idp.run(&["sync"]));
    subtree.disable(&person);
    stop_each_run(&idp, true);
    let stopped = idp.run(&["sync"]);
    assert_eq!(stopped.status, Some(1), "{stopped:?}");
    assert!(stopped.err.contains("interrupted: stopped by anna"), "{}", stopped.err);
    assert_eq!(status(&idp, &person), "active");
    execute(&idp, "DROP TRIGGER stops");
    assert!(idp.run(&["sync"]).err.contains("is paused (stopped by anna)"));
    assert!(done(idp.run(&["sync", "--resume"])).contains("stopped by anna"));
    done(idp.run(&["sync"]));
    assert_eq!(status(&idp, &person), "suspended (disabled)");
}

#[tokio::test]
async fn a_stopped_plan_leaves_the_rest_undone() {
    let subtree = Subtree::ldap();
    let idp = installed(&subtree);
    let person = subtree.person();
    let plan = json(idp.run(&["sync", "--plan", "--json"]))["plan"].to_string();
    stop_each_run(&idp, true);
    // A full read is due, so that the run begins before it applies anything.
    execute(&idp, "UPDATE mirror_cursors SET cursor = NULL");
    let stopped = idp.run(&["sync", "--apply", &plan]);
    assert_eq!(stopped.status, Some(1), "{stopped:?}");
    assert!(stopped.err.contains("interrupted: stopped by anna"), "{}", stopped.err);
    assert_eq!(status(&idp, &person), "nobody");
}

#[tokio::test]
async fn stopping_pauses_the_sync_and_is_recorded() {
    let subtree = Subtree::ldap();
    let idp = installed(&subtree);
    let person = subtree.person();
    let none = idp.run(&["sync", "stop"]);
    assert_eq!(none.status, Some(1), "{none:?}");
    assert!(none.out.contains("no run is in progress"), "{}", none.out);
    assert!(!idp.run(&["sync", "status"]).out.contains("PAUSED"));

    // The run of a process that was killed: nobody looks any more, and the pause holds nevertheless.
    execute(&idp, "INSERT INTO runs (directory, trigger_word, started_at) VALUES ('corp', 'command', 1)");
    let stopped = json(idp.run(&["sync", "stop", "--json"]));
    assert_eq!((&stopped[0]["result"], &stopped[0]["run"]), (&"stopped".into(), &1.into()));
    let paused = json(idp.run(&["sync", "status", "--json"]))[0]["paused"].clone();
    assert!(paused["why"].as_str().is_some_and(|why| why.starts_with("stopped by command ")), "{paused}");
    assert_eq!(idp.run(&["sync"]).status, Some(1));
    assert_eq!(status(&idp, &person), "nobody");
    let trail = idp.run(&["audit", "list", "--decision", "sync_stopped"]).out;
    assert!(trail.contains("command "), "{trail}");
    done(idp.run(&["sync", "--resume"]));
    done(idp.run(&["sync"]));
    assert_eq!(status(&idp, &person), "active");
}
