//! `sync --undo RUN`: the run is reverted, and the sync is paused until an administrator resumes it.

use super::Subtree;
use super::log::{done, installed, json};

#[tokio::test]
async fn a_reverted_run_stays_reverted_until_the_sync_is_resumed() {
    let subtree = Subtree::ldap();
    let idp = installed(&subtree);
    let (leaver, other) = (subtree.person(), subtree.person());
    done(idp.run(&["sync"]));
    subtree.admin.delete(&leaver.dn);
    let newcomer = subtree.person();
    done(idp.run(&["sync"]));
    let status = |mail: &str| {
        let list = idp.run(&["accounts", "list"]).out;
        let line = list.lines().find(|line| line.contains(mail)).unwrap_or_default().to_owned();
        line.split('\t').nth(3).unwrap_or("nobody").to_owned()
    };
    assert_eq!(status(&leaver.mail), "suspended (out_of_scope)");
    let log = json(idp.run(&["sync", "log", "--person", &leaver.mail, "--json"]));
    let run = log["changes"][0]["run"].to_string();

    let undone = done(idp.run(&["sync", "--undo", &run]));
    assert!(undone.contains(&format!("run {run} is reverted")) && undone.contains("--resume"), "{undone}");
    assert_eq!(
        (status(&leaver.mail), status(&newcomer.mail)),
        ("active".into(), "suspended (undone)".into())
    );
    assert_eq!(status(&other.mail), "active");
    let paused = idp.run(&["sync"]);
    assert_eq!(paused.status, Some(1));
    assert!(paused.err.contains("is paused") && paused.err.contains("--resume"), "{}", paused.err);
    let shown = idp.run(&["sync", "status"]);
    assert_eq!(shown.status, Some(1));
    assert!(shown.out.contains("PAUSED"), "{}", shown.out);
    let again = idp.run(&["sync", "--undo", &run]);
    assert_eq!(again.status, Some(2));
    assert!(again.err.contains("already reverted run"), "{}", again.err);

    assert!(done(idp.run(&["sync", "--resume"])).contains("resumed"));
    assert_eq!(json(idp.run(&["sync", "--resume", "--json"]))[0]["resumed"], false);
    done(idp.run(&["sync"]));
    assert_eq!(
        (status(&leaver.mail), status(&newcomer.mail)),
        ("suspended (out_of_scope)".into(), "active".into()),
        "the next run makes the changes again"
    );
    let unknown = idp.run(&["sync", "--undo", "4711"]);
    assert_eq!(unknown.status, Some(2));
    assert!(unknown.err.contains("there is no run 4711"), "{}", unknown.err);
}

/// Reverting a link does not allow a link by email address: only another plan links the account again.
#[tokio::test]
async fn reverted_links_are_made_again_only_by_a_plan() {
    let subtree = Subtree::ldap();
    let idp = installed(&subtree);
    let settings = subtree.settings(&subtree.unit, "");
    assert!(settings.contains("email_written_by_admins_only = true"));
    idp.apply(
        &settings.replace("email_written_by_admins_only = true", "email_written_by_admins_only = false"),
    );
    let person = subtree.person();
    let file = idp.write("accounts.csv", &format!("id,email,name\nold-1,{},Old\n", person.mail));
    let loaded = done(idp.run(&["accounts", "import", &file.display().to_string()]));
    assert!(loaded.contains("sync --plan"), "{loaded}");
    let pending = done(idp.run(&["sync"]));
    assert!(pending.contains("old-1") && pending.contains("sync --plan"), "{pending}");
    let link = || {
        let plan = json(idp.run(&["sync", "--plan", "--json"]));
        assert_eq!(
            (&plan["rows"][0]["kind"], &plan["rows"][0]["account"]),
            (&"linked".into(), &"old-1".into())
        );
        let text = idp.run(&["sync", "--plan"]).out;
        assert!(text.contains("old-1"), "{text}");
        assert!(done(idp.run(&["sync", "--apply", &plan["plan"].to_string()])).contains("1 linked"));
    };
    link();
    let undo = || {
        let log = json(idp.run(&["sync", "log", "--person", "old-1", "--json"]));
        let run =
            log["changes"].as_array().expect("changes").iter().find(|change| change["kind"] == "linked");
        done(idp.run(&["sync", "--undo", &run.expect("it was linked")["run"].to_string()]));
        done(idp.run(&["sync", "--resume"]));
    };
    undo();
    let again = done(idp.run(&["sync"]));
    assert!(again.contains("not linked to an entry yet"), "{again}");
    link();
    // For another person's entry the plan says what it removes from the account.
    undo();
    let other = subtree.person();
    subtree.mail(&person, &format!("fresh-{}", person.mail));
    subtree.mail(&other, &person.mail);
    let plan = json(idp.run(&["sync", "--plan", "--json"]));
    let row = plan["rows"].as_array().expect("rows").iter().find(|row| row["kind"] == "linked");
    let row = row.unwrap_or_else(|| panic!("a link: {plan}"));
    assert_eq!(row["login_name"], other.account.as_str());
    assert!(row["why"].as_str().is_some_and(|why| why.contains("second factors are reset")), "{row}");
    assert!(done(idp.run(&["sync", "--apply", &plan["plan"].to_string(), "--yes"])).contains("1 linked"));
    let trail = idp.run(&["audit", "list", "--decision", "factors_reset"]).out;
    assert!(trail.contains("old-1"), "{trail}");
}

/// The run had suspended a leaver, whose account belongs to another person by now.
#[tokio::test]
async fn reverting_leaves_an_account_that_was_handed_over_since() {
    let subtree = Subtree::ldap();
    let idp = installed(&subtree);
    let (leaver, _other) = (subtree.person(), subtree.person());
    done(idp.run(&["sync"]));
    subtree.admin.delete(&leaver.dn);
    done(idp.run(&["sync"]));
    let log = json(idp.run(&["sync", "log", "--person", &leaver.mail, "--json"]));
    let (run, id) = (log["changes"][0]["run"].to_string(), log["changes"][0]["account"].clone());
    let id = id.as_str().expect("an account");
    let heir = subtree.person();
    done(idp.run(&["accounts", "hand-over", id, &heir.account, "--yes"]));
    let shown = || json(idp.run(&["accounts", "show", id, "--json"]));
    let before = shown();
    let undone = idp.run(&["sync", "--undo", &run]);
    assert_eq!(undone.status, Some(1), "not everything was reverted: {undone:?}");
    assert!(undone.out.contains("was linked to another entry since; that link was kept"), "{}", undone.out);
    let after = shown();
    assert!(before["entry"].is_string(), "{before}");
    assert_eq!((&after["entry"], &after["status"]), (&before["entry"], &before["status"]));
    done(idp.run(&["sync", "--resume"]));
    done(idp.run(&["sync"]));
    assert_eq!(shown()["entry"], before["entry"]);
}
