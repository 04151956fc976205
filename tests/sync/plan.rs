//! `sync --plan`, `--apply` and `--person`: a plan changes nothing, then is applied exactly; and the guard.

use serde_json::Value;

use super::log::{done, installed, json};
use super::{Subtree, account, corp, is_active, synced};
use crate::admin::process::Installation;
use crate::support::browser::Browser;
use crate::support::lab::Person;
use crate::support::rows::Decisions;

pub(super) fn status(idp: &Installation, person: &Person) -> String {
    let list = idp.run(&["accounts", "list"]).out;
    let line = list.lines().find(|line| line.contains(&person.mail)).unwrap_or_default();
    line.split('\t').nth(3).unwrap_or("nobody").to_owned()
}

fn planned(plan: &Value) -> Vec<(String, String)> {
    let rows = plan["rows"].as_array().expect("rows").iter();
    let text = |row: &Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
    let mut planned: Vec<_> = rows.map(|row| (text(row, "login_name"), text(row, "kind"))).collect();
    planned.sort();
    planned
}

#[tokio::test]
async fn a_plan_changes_nothing_and_is_then_applied_exactly() {
    let subtree = Subtree::ldap();
    let idp = installed(&subtree);
    let person = subtree.person();
    let plan = json(idp.run(&["sync", "--plan", "--json"]));
    assert_eq!(planned(&plan), [(person.account.clone(), "created".to_owned())]);
    assert_eq!(status(&idp, &person), "nobody", "a plan changes nothing");
    let id = plan["plan"].to_string();
    let applied = done(idp.run(&["sync", "--apply", &id]));
    assert!(applied.contains("1 created"), "{applied}");
    assert_eq!(status(&idp, &person), "active");
    let twice = idp.run(&["sync", "--apply", &id]);
    assert_eq!(twice.status, Some(2));
    assert!(twice.err.contains("was already applied"), "{}", twice.err);
    assert!(done(idp.run(&["sync", "--plan"])).contains("nothing to change"));
    let unknown = idp.run(&["sync", "--apply", "4711"]);
    assert!(unknown.err.contains("there is no plan 4711"), "{}", unknown.err);
}

#[tokio::test]
async fn changes_since_a_plan_are_reported_and_nothing_is_done() {
    let subtree = Subtree::ldap();
    let idp = installed(&subtree);
    let (one, two) = (subtree.person(), subtree.person());
    let plan = json(idp.run(&["sync", "--plan", "--json"]));
    subtree.mail(&one, &format!("fresh-{}", one.mail));
    let refused = idp.run(&["sync", "--apply", &plan["plan"].to_string()]);
    assert_eq!(refused.status, Some(1), "{refused:?}");
    assert!(
        refused.out.contains("nothing was done") && refused.out.contains(&one.account),
        "{}",
        refused.out
    );
    assert!(!refused.out.contains(&two.account), "only differences are reported: {}", refused.out);
    assert_eq!((status(&idp, &one), status(&idp, &two)), ("nobody".into(), "nobody".into()));
}

#[tokio::test]
async fn suspensions_held_by_the_guard_wait_for_a_plan() {
    let subtree = Subtree::ldap();
    let idp = installed(&subtree);
    let people: Vec<Person> = (0..6).map(|_| subtree.person()).collect();
    done(idp.run(&["sync"]));
    people[1..].iter().for_each(|person| subtree.disable(person));
    let output = idp.run(&["sync"]);
    assert_eq!(output.status, Some(3), "a status of its own: {output:?}");
    for word in ["2 people", "0 unchanged", "sync status --directory", "sync --plan", "sync --apply PLAN-ID"]
    {
        assert!(output.out.contains(word), "{word}: {}", output.out);
    }
    let again = idp.run(&["sync"]);
    assert!(again.status == Some(3) && again.out.contains("HELD"), "they still wait: {again:?}");
    let held = json(idp.run(&["sync", "--json"]));
    assert_eq!((&held["held"], &held["counts"]["held"]), (&Value::from(2), &Value::from(0)));
    let suspended =
        |idp: &Installation| people.iter().filter(|person| status(idp, person) != "active").count();
    assert_eq!(suspended(&idp), 3, "as many as the guard always allows");
    let standing = idp.run(&["sync", "status", "--json"]);
    assert_eq!((standing.status, &json(standing)[0]["held"]), (Some(1), &Value::from(2)));
    let listed = idp.run(&["sync", "status"]).out;
    let waiting: Vec<&Person> = people.iter().filter(|one| listed.contains(&one.account)).collect();
    assert_eq!(waiting.len(), 2, "by name: {listed}");
    let one = idp.run(&["sync", "--person", &waiting[0].account]);
    assert_eq!(one.status, Some(3), "{one:?}");
    let log = json(idp.run(&["sync", "log", "--json"]));
    assert_eq!(log["held"].as_array().map(Vec::len), Some(2), "{log}");
    assert_eq!(log["held"][0]["what"]["suspend"], "disabled");

    let plan = json(idp.run(&["sync", "--plan", "--json"]));
    assert_eq!((&plan["counts"]["suspended"], &plan["counts"]["held"]), (&Value::from(2), &Value::from(2)));
    let text = idp.run(&["sync", "--plan"]);
    let lines: Vec<&str> = text.out.lines().collect();
    assert_eq!(lines[1], "  − suspend: 2", "the numbers first: {}", text.out);
    assert!(text.out.contains(&format!("  − {} (", waiting[0].account)), "{}", text.out);
    let id = plan["plan"].to_string();
    let unasked = idp.run(&["sync", "--apply", &id]);
    assert_eq!(unasked.status, Some(2), "{unasked:?}");
    assert!(unasked.err.contains("from 2 people, 2 more than the guard") && unasked.err.contains("--yes"));
    assert_eq!(suspended(&idp), 3, "nothing is done without a confirmation");
    let asked = idp.run_on_terminal(&["sync", "--apply", &id], 120);
    assert!(asked.contains("Apply it? [y/N]") && asked.contains("nothing was done"), "{asked}");
    assert_eq!(suspended(&idp), 3);
    done(idp.run(&["sync", "--apply", &id, "--yes"]));
    assert_eq!(suspended(&idp), 5);
    assert_eq!(idp.run(&["sync", "status"]).status, Some(0), "nobody is held back any more");
    subtree.disable(&people[0]);
    assert_eq!(idp.run(&["sync"]).status, Some(3));
    assert_eq!(suspended(&idp), 5, "approved suspensions do not count, and the day's allowance is used up");
}

/// If everybody seems disabled, the server may be at fault: that is also true of entries read for a refresh.
#[tokio::test]
async fn the_guard_counts_suspensions_by_a_refresh_too() {
    let subtree = Subtree::ldap();
    let provider = subtree.provider().await;
    let people: Vec<Person> = (0..6).map(|_| subtree.person()).collect();
    synced(&provider).await;
    let (cloudsync, mut tokens) = (provider.cloudsync(), Vec::new());
    for person in &people[1..] {
        let arrived =
            Browser::new().sign_in(&cloudsync.authorize(&[]), &person.account, &subtree.password).await;
        tokens.push(cloudsync.exchange(&arrived).await.text("refresh_token").to_owned());
    }
    people[1..].iter().for_each(|person| subtree.disable(person));
    for person in &people[1..] {
        let account = account(&provider, &person.mail).await.expect("there");
        provider.parts.store.sync().unconfirm(account, provider.parts.now()).await.expect("an answer");
    }
    for token in &tokens {
        assert_eq!(cloudsync.refresh(token).await.text("error"), "invalid_grant", "no refresh is accepted");
    }
    let mut active = 0;
    for person in &people[1..] {
        active += usize::from(is_active(&provider, &person.mail).await);
    }
    assert_eq!(active, 2, "as many as the guard always allows, and no more");
    assert_eq!(provider.parts.store.sync().count_held(&corp()).await.expect("an answer"), 2);
    subtree.enable(&people[5]);
    synced(&provider).await;
    assert_eq!(provider.parts.store.sync().count_held(&corp()).await.expect("an answer"), 1);
}

#[tokio::test]
async fn one_person_is_synced_now() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let idp = installed(&subtree);
        let (first, second) = (subtree.person(), subtree.person());
        done(idp.run(&["sync"]));
        subtree.disable(&first);
        subtree.disable(&second);
        let output = done(idp.run(&["sync", "--person", &first.account]));
        assert!(output.contains("1 suspended") && output.contains(&first.account), "{output}");
        assert!(status(&idp, &first).starts_with("suspended"));
        assert_eq!(status(&idp, &second), "active", "nobody else");
        subtree.enable(&first);
        done(idp.run(&["sync", "--person", &first.mail]));
        assert_eq!(status(&idp, &first), "active");
        subtree.admin.delete(&first.dn);
        done(idp.run(&["sync", "--person", &first.mail]));
        assert_eq!(status(&idp, &first), "suspended (out_of_scope)");
        let nobody = idp.run(&["sync", "--person", "nobody-at-all"]);
        assert_eq!(nobody.status, Some(2), "{nobody:?}");
    }
}
