//! `sync held`: an administrator decides about people whom the guard holds, one by one.

use serde_json::Value;

use super::Subtree;
use super::log::{done, installed, json};
use super::plan::status;
use crate::admin::process::Installation;
use crate::support::lab::Person;

fn held(idp: &Installation) -> Vec<Value> {
    json(idp.run(&["sync", "held", "--json"])).as_array().expect("a list").clone()
}

fn result(decided: &Value, number: usize) -> (&str, &str) {
    let one = &decided["people"][number];
    (one["login_name"].as_str().expect("a name"), one["result"].as_str().expect("a result"))
}

/// Eight people, of whom the guard holds four: seven were disabled at once, and three are always allowed.
fn with_held_people(subtree: &Subtree) -> (Installation, Vec<Person>) {
    let idp = installed(subtree);
    let people: Vec<Person> = (0..8).map(|_| subtree.person()).collect();
    done(idp.run(&["sync"]));
    people[1..].iter().for_each(|person| subtree.disable(person));
    assert_eq!(idp.run(&["sync"]).status, Some(3));
    let names: Vec<String> =
        held(&idp).iter().map(|row| row["login_name"].as_str().expect("a name").to_owned()).collect();
    assert_eq!(names.len(), 4);
    let waits = |person: &Person| names.contains(&person.account);
    (idp, people.into_iter().filter(waits).collect())
}

#[tokio::test]
async fn held_people_are_approved_and_rejected_one_by_one() {
    let subtree = Subtree::ldap();
    let (idp, people) = with_held_people(&subtree);
    let [one, two, three, four] = people.as_slice() else { panic!("four people: {people:?}") };
    let standing = || json(idp.run(&["sync", "status", "--json"]))[0].clone();

    let approved = json(idp.run(&["sync", "held", "approve", &one.account, &two.mail, "--json"]));
    assert_eq!(result(&approved, 0), (one.account.as_str(), "done"));
    assert_eq!(result(&approved, 1), (two.account.as_str(), "done"));
    assert_eq!(
        [one, two, three, four].map(|person| status(&idp, person)),
        ["suspended (disabled)", "suspended (disabled)", "active", "active"]
    );
    let run = json(idp.run(&["sync", "log", "--run", &approved["run"].to_string(), "--json"]));
    assert_eq!((&run["runs"][0]["trigger"], &run["runs"][0]["approved"]), (&"approval".into(), &true.into()));
    assert_eq!(run["changes"].as_array().map(Vec::len), Some(2), "nobody else: {run}");

    let kept = done(idp.run(&["sync", "held", "reject", &three.account]));
    assert!(kept.contains(&three.account) && kept.contains("keeps everything"), "{kept}");
    assert_eq!((&standing()["held"], &standing()["undecided"]), (&2.into(), &1.into()));
    assert_eq!(idp.run(&["sync"]).status, Some(3), "one person still waits for a decision");
    done(idp.run(&["sync", "held", "reject", &four.account]));
    assert_eq!(idp.run(&["sync"]).status, Some(0), "everything is decided");
    assert_eq!(status(&idp, three), "active");
    assert!(held(&idp).iter().all(|row| row["rejected_by"].is_string() && row["rejected_at"].is_string()));
    let text = idp.run(&["sync", "status"]);
    assert_eq!(text.status, Some(0), "no administrator is needed");
    assert!(text.out.contains("2 by the guard (2 keep everything by a decision)"), "{}", text.out);

    let trail = idp.run(&["audit", "list", "--decision", "held_decided"]).out;
    assert_eq!(trail.lines().filter(|line| line.contains("held_decided")).count(), 4, "{trail}");
    assert!(trail.contains("command "), "who decided: {trail}");
    let nobody = idp.run(&["sync", "held", "approve", &one.account]);
    assert_eq!(nobody.status, Some(2), "{nobody:?}");
    assert!(nobody.err.contains("the guard holds nobody named"), "{}", nobody.err);
}

#[tokio::test]
async fn all_held_people_are_decided_about_at_once() {
    let subtree = Subtree::ldap();
    let (idp, people) = with_held_people(&subtree);
    done(idp.run(&["sync", "held", "reject", &people[0].account]));
    let asked = idp.run(&["sync", "held", "approve", "--all"]);
    assert_eq!(asked.status, Some(2), "nobody can answer here: {asked:?}");
    assert!(asked.err.contains("of 3 held people, 3 would be suspended (disabled)"), "{}", asked.err);
    let approved = json(idp.run(&["sync", "held", "approve", "--all", "--yes", "--json"]));
    assert_eq!(approved["people"].as_array().map(Vec::len), Some(3), "{approved}");
    assert_eq!(status(&idp, &people[0]), "active", "somebody has decided about this one");
    assert!(people[1..].iter().all(|person| status(&idp, person) == "suspended (disabled)"));
    assert_eq!(held(&idp).len(), 1);
    let both = idp.run(&["sync", "held", "reject", "--all", &people[0].account]);
    assert_eq!(both.status, Some(2), "{both:?}");
}

#[tokio::test]
async fn a_decision_is_only_about_the_loss_that_was_seen() {
    let subtree = Subtree::ldap();
    let (idp, people) = with_held_people(&subtree);
    let (fixed, leaver) = (&people[0], &people[1]);
    // Nobody has run the sync since: the approval itself asks the directory.
    subtree.enable(fixed);
    let refused = idp.run(&["sync", "held", "approve", &fixed.account, "--json"]);
    assert_eq!(refused.status, Some(1), "{refused:?}");
    assert_eq!(result(&json(refused), 0), (fixed.account.as_str(), "changed"));
    assert_eq!(status(&idp, fixed), "active");

    done(idp.run(&["sync", "held", "reject", &leaver.account]));
    let decided = |idp: &Installation| {
        let row = held(idp).into_iter().find(|row| row["login_name"] == leaver.account.as_str());
        row.expect("still held")["rejected_by"].clone()
    };
    idp.run(&["sync"]);
    assert!(decided(&idp).is_string(), "the same loss");
    subtree.admin.delete(&leaver.dn);
    assert_eq!(idp.run(&["sync"]).status, Some(3));
    assert!(decided(&idp).is_null(), "another loss: it is asked again");
    assert_eq!(status(&idp, leaver), "active");
    let gone = json(idp.run(&["sync", "held", "approve", &leaver.account, "--json"]));
    assert_eq!(result(&gone, 0), (leaver.account.as_str(), "done"));
    assert_eq!(status(&idp, leaver), "suspended (out_of_scope)");
}

#[tokio::test]
async fn held_people_are_decided_about_while_the_sync_is_paused() {
    let subtree = Subtree::ldap();
    let (idp, people) = with_held_people(&subtree);
    let file = rusqlite::Connection::open(idp.path("idp.db")).expect("a store");
    file.execute("INSERT INTO paused (directory, why, since) VALUES ('corp', 'a test', 1)", [])
        .expect("a pause");
    drop(file);
    done(idp.run(&["sync", "held", "approve", &people[0].account]));
    assert_eq!(status(&idp, &people[0]), "suspended (disabled)");
    assert_eq!(status(&idp, &people[1]), "active");
    assert!(idp.run(&["sync", "status"]).out.contains("PAUSED"));
}
