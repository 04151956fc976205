//! `admin approvals`: what was asked of a second owner, and how it was decided.

use cloudsync_idp::clock::Clock;
use cloudsync_idp::domain::admin::APPROVAL_LIFETIME;
use cloudsync_idp::domain::{DAY, HOUR, MINUTE};
use rusqlite::{Connection, params};
use serde_json::Value;

use super::process::Installation;
use crate::support::provider::CLIENT;
use crate::support::subtree::Subtree;

/// Requests of this account: one that waits, one that is too old, one that was rejected, and one that nobody has
/// asked for yet.
fn asked(idp: &Installation, account: &str) {
    let store = Connection::open(idp.path("idp.db")).expect("a store");
    let generation: i64 = store
        .query_row("SELECT max(generation) FROM settings_versions", [], |row| row.get(0))
        .expect("settings");
    let now = Clock::System.now();
    for (id, kind, state, made_at, decided) in [
        ("waits", None, "waiting", now - MINUTE, None),
        ("late", Some("revert"), "waiting", now - APPROVAL_LIFETIME, None),
        ("no", Some("apply_plan"), "rejected", now - 2 * HOUR, Some("account gone")),
        ("unasked", None, "open", now, None),
    ] {
        store
            .execute(
                "INSERT INTO approvals (id, kind, content, generation, state, asked_by, role, why, made_at, \
                 decided_by, decided_at, reason) VALUES (?, ?, NULL, ?, ?, ?, 'owner', ?, ?, ?, ?, ?)",
                params![
                    id,
                    kind,
                    generation,
                    state,
                    account,
                    "the \u{1b}[31mauditors",
                    made_at,
                    decided,
                    decided.map(|_| made_at + HOUR),
                    decided.map(|_| "not this week"),
                ],
            )
            .expect("a request");
    }
}

#[test]
fn requests_are_listed_with_their_state() {
    let subtree = Subtree::ldap();
    let alice = subtree.person();
    let idp = Installation::new();
    idp.apply(&format!("{CLIENT}{}", subtree.settings(&subtree.unit, "")));
    assert_eq!(idp.run(&["sync"]).status, Some(0));
    let none = idp.run(&["admin", "approvals"]);
    assert_eq!((none.status, none.out.as_str()), (Some(0), "nobody has asked for anything\n"), "{none:?}");
    assert_eq!(idp.run(&["admin", "approvals", "--json"]).out.trim(), "[]");

    let list = idp.run(&["accounts", "list"]).out;
    let line = list.lines().find(|line| line.contains(&alice.mail)).expect("an account");
    asked(&idp, line.split('\t').next().expect("an id"));
    let ran = idp.run(&["admin", "approvals", "--json"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let requests: Vec<Value> = serde_json::from_str(&ran.out).expect("JSON");
    let of = |id: &str| requests.iter().find(|one| one["id"] == id);
    assert!(of("unasked").is_none(), "only its asker sees it: {requests:?}");
    let (waits, late, no) = (of("waits").unwrap(), of("late").unwrap(), of("no").unwrap());
    assert_eq!((&waits["what"], &waits["state"]), (&"settings".into(), &"waiting".into()));
    let name = waits["asked_by"].as_str().expect("a name");
    assert!(!name.is_empty() && !name.contains("account "), "the name of the person: {waits}");
    assert_eq!((&late["what"], &late["state"]), (&"revert".into(), &"expired".into()));
    assert_eq!((&no["state"], &no["reason"]), (&"rejected".into(), &"not this week".into()));
    let days = |one: &Value, key: &str| one[key].as_str().map(|time| time[..10].to_owned());
    assert!(days(waits, "asked_at") < days(waits, "expires_at"), "{waits}");
    assert!(APPROVAL_LIFETIME == 7 * DAY && late["decided_by"].is_null(), "{late}");

    let text = idp.run(&["admin", "approvals"]).out;
    for words in ["settings", "waiting", "expired", "rejected", name] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains('\u{1b}'), "what somebody typed moves no cursor: {text:?}");
    let newest = text.find("waiting").expect("it waits");
    assert!(newest < text.find("rejected").expect("it is listed"), "the newest first: {text}");
}
