//! `audit verify` on a log that is whole, and on one that somebody has changed, cut or reordered in the database;
//! and the chain while the sealing key is rotated.

use serde_json::Value;

use super::process::{Installation, Ran};
use crate::support::{raw_sql, until};

const VERIFY: &[&str] = &["audit", "verify"];

/// Writes events, and waits until a server has linked them all. Returns the head of the chain.
async fn linked(idp: &Installation) -> String {
    let mut served = idp.serve();
    for _ in 0..4 {
        assert_eq!(idp.run(&["admin", "link"]).status, Some(0));
    }
    until("all events are linked", async || {
        let ran = idp.run(&["audit", "verify", "--json"]);
        let found: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
        found["unchanged"] == true && found["waiting"] == 0 && found["events"].as_u64() >= Some(4)
    })
    .await;
    served.signal("-TERM");
    assert!(served.ended().success(), "{}", served.log());
    let head = idp.run(&["audit", "verify", "--head"]);
    assert_eq!(head.status, Some(0), "{head:?}");
    head.out.trim().to_owned()
}

fn assert_whole(ran: &Ran) {
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(ran.out.contains("events are unchanged; 0 others have ended"), "{ran:?}");
    assert_eq!(ran.err, "", "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_changes_the_log_in_the_database_is_found() {
    let idp = Installation::new();
    let head = linked(&idp).await;
    let (file, whole) = (idp.path("idp.db"), idp.path("whole.db"));
    std::fs::copy(&file, &whole).expect("a copy");
    assert_whole(&idp.run(VERIFY));
    assert_whole(&idp.run(&["audit", "verify", "--expect", &head]));
    let second = "(SELECT event FROM audit_chain WHERE seq = 2)";
    let third = "(SELECT event FROM audit_chain WHERE seq = 3)";
    let cut = "DELETE FROM audit_chain WHERE seq > 2; DELETE FROM audit WHERE id > ";
    for (what, sql, problem) in [
        ("changed", format!("UPDATE audit SET actor = 'command mallory' WHERE id = {second}"), "was changed"),
        ("removed", format!("DELETE FROM audit WHERE id = {second}"), "was removed before its time"),
        (
            "removed with its link",
            "DELETE FROM audit_chain WHERE seq = 2".to_owned(),
            "link 2 of the chain is missing",
        ),
        ("cut", format!("{cut}{second}"), "the chain ends at link 2, which is not its recorded end"),
        (
            "reordered",
            format!(
                "UPDATE audit SET id = -1 WHERE id = {second}; UPDATE audit SET id = {second} WHERE id = {third}; \
                 UPDATE audit SET id = {third} WHERE id = -1"
            ),
            "was changed",
        ),
        (
            "links reordered",
            "UPDATE audit_chain SET seq = -1 WHERE seq = 2; UPDATE audit_chain SET seq = 2 WHERE seq = 3; \
             UPDATE audit_chain SET seq = 3 WHERE seq = -1"
                .to_owned(),
            "link 2 of the chain",
        ),
        (
            "begun anew",
            "DELETE FROM audit_chain; DELETE FROM audit_chain_ends; DELETE FROM audit".to_owned(),
            "the chain has begun, and its recorded end is missing",
        ),
    ] {
        for rest in ["idp.db-wal", "idp.db-shm"] {
            let _ = std::fs::remove_file(idp.path(rest));
        }
        std::fs::copy(&whole, &file).expect("it is whole again");
        raw_sql(&idp.store(), &sql).await;
        let ran = idp.run(&["audit", "verify", "--expect", &head]);
        assert_eq!(ran.status, Some(1), "{what}: {ran:?}");
        assert!(ran.out.starts_with("CHANGED: ") && ran.out.contains(problem), "{what}: {ran:?}");
        assert!(ran.err.contains("somebody has written to the database"), "{what}: {ran:?}");
        let json = idp.run(&["audit", "verify", "--json", "--expect", &head]);
        let found: Value = serde_json::from_str(&json.out).expect("JSON");
        assert_eq!((json.status, &found["unchanged"]), (Some(1), &Value::Bool(false)), "{what}: {json:?}");
        assert!(found["problem"].as_str().is_some_and(|text| text.contains(problem)), "{what}: {found}");
    }
    let mut served = idp.serve();
    until("the server reports it", async || served.log().contains("the audit log was changed")).await;
    served.signal("-TERM");
    assert!(served.ended().success(), "{}", served.log());
    let ran = idp.run(VERIFY);
    assert!(
        ran.status == Some(1) && ran.out.contains("its recorded end is missing"),
        "no job hides it: {ran:?}"
    );
    let junk = idp.run(&["audit", "verify", "--expect", "junk"]);
    assert!(junk.status == Some(2) && junk.err.contains("NUMBER:DIGITS"), "{junk:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chain_holds_while_the_sealing_key_is_replaced() {
    let idp = Installation::new();
    let before = linked(&idp).await;
    for rotation in
        [&["keys", "rotate", "--sealing"][..], &["keys", "rotate", "--sealing", "--finish", "--now"]]
    {
        let ran = idp.run(rotation);
        assert_eq!(ran.status, Some(0), "{ran:?}");
        assert_whole(&idp.run(&["audit", "verify", "--expect", &before]));
    }
    assert!(!idp.path("keys/sealing.old.key").exists());
    let after = linked(&idp).await;
    assert_ne!(before, after);
    for head in [&before, &after] {
        assert_whole(&idp.run(&["audit", "verify", "--expect", head]));
    }
    raw_sql(
        &idp.store(),
        "UPDATE audit SET cause = 'x' WHERE id = (SELECT event FROM audit_chain WHERE seq = 1)",
    )
    .await;
    let ran = idp.run(VERIFY);
    assert!(ran.status == Some(1) && ran.out.contains("was changed"), "an event from before: {ran:?}");
}

/// The server writes the head to its log, which an older copy of the database does not have.
#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_of_the_database_lacks_a_head_from_the_log() {
    let idp = Installation::new();
    linked(&idp).await;
    let (file, older) = (idp.path("idp.db"), idp.path("older.db"));
    std::fs::copy(&file, &older).expect("a copy");
    let mut served = idp.serve();
    until("the head at the start is logged", async || served.log().contains("--expect HEAD")).await;
    assert_eq!(idp.run(&["admin", "link"]).status, Some(0));
    served.signal("-TERM");
    assert!(served.ended().success(), "{}", served.log());
    let log = served.log();
    let heads: Vec<&str> = log.lines().filter(|line| line.contains("audit verify --expect HEAD")).collect();
    let head = |line: &str| {
        line.split("head=").nth(1).and_then(|rest| rest.split_whitespace().next()).map(str::to_owned)
    };
    let [first, last] =
        [heads.first(), heads.last()].map(|line| line.and_then(|line| head(line)).expect("a head"));
    assert_ne!(first, last, "one at the start, one at the stop: {log}");
    for head in [&first, &last] {
        assert_whole(&idp.run(&["audit", "verify", "--expect", head]));
    }
    for rest in ["idp.db-wal", "idp.db-shm"] {
        let _ = std::fs::remove_file(idp.path(rest));
    }
    std::fs::copy(&older, &file).expect("it is put back");
    assert_whole(&idp.run(VERIFY));
    assert_whole(&idp.run(&["audit", "verify", "--expect", &first]));
    let ran = idp.run(&["audit", "verify", "--expect", &last]);
    assert!(ran.status == Some(1) && ran.out.contains("does not contain the head"), "{ran:?}");
}

/// As in a read-only `keys_dir`, which tests that run as root can't have: the name leads nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn a_beginning_that_can_not_be_noted_is_reported_with_what_to_do() {
    let idp = Installation::new();
    assert_eq!(idp.run(&["keys", "rotate"]).status, Some(0), "the keys are made");
    let noted = idp.path("keys/audit-chain.begun");
    std::os::unix::fs::symlink("nowhere", &noted).expect("a link");
    let mut served = idp.serve();
    let is_told =
        |text: &str| text.contains("is not noted in keys_dir") && text.contains("create the empty file");
    until("the server reports it", async || is_told(&served.log())).await;
    served.signal("-TERM");
    assert!(served.ended().success(), "{}", served.log());
    assert_eq!(served.log().matches("is not noted in keys_dir").count(), 1, "once: {}", served.log());
    let ran = idp.run(VERIFY);
    assert!(ran.status == Some(0) && is_told(&ran.err), "{ran:?}");
    let json = idp.run(&["audit", "verify", "--json"]);
    let found: Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(found["beginning_noted"], false);
    std::fs::remove_file(&noted).expect("it goes");
    std::fs::write(&noted, "").expect("the file that the advice names");
    assert_whole(&idp.run(VERIFY));
}
