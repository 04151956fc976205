//! A person hired again, and a newcomer with a leaver's address: both solved by the advised commands.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use super::Subtree;
use super::log::{done, installed, json};
use crate::admin::process::{Installation, Ran};
use crate::support::lab::Person;

/// The conflict of this person.
fn conflict(idp: &Installation, person: &Person) -> Option<Value> {
    let log = json(idp.run(&["sync", "log", "--json"]));
    let conflicts = log["conflicts"].as_array().expect("conflicts").clone();
    conflicts.into_iter().find(|row| row["login_name"] == person.account.as_str())
}

/// Runs the command that the advice contains, word by word.
fn advised(idp: &Installation, advice: &str, command: &str, more: &[&str]) -> Ran {
    let start = advice.find(command).unwrap_or_else(|| panic!("{command} in {advice}"));
    let text = advice[start..].split(". ").next().unwrap_or_default();
    let words: Vec<&str> = text.split_whitespace().skip(1).chain(more.iter().copied()).collect();
    idp.run(&words)
}

fn account(idp: &Installation, mail: &str) -> (String, String) {
    let list = idp.run(&["accounts", "list"]).out;
    let line = list.lines().find(|line| line.contains(mail)).unwrap_or_else(|| panic!("{mail} in {list}"));
    let mut fields = line.split('\t');
    let id = fields.next().unwrap_or_default().to_owned();
    (id, fields.nth(2).unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_person_hired_again_gets_their_account_back() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let idp = installed(&subtree);
        let (first, _other) = (subtree.person(), subtree.person());
        done(idp.run(&["sync"]));
        let (id, _) = account(&idp, &first.mail);
        subtree.admin.delete(&first.dn);
        done(idp.run(&["sync", "--person", &first.mail]));
        let again = subtree.person();
        subtree.mail(&again, &first.mail);
        done(idp.run(&["sync"]));
        assert_eq!(account(&idp, &first.mail), (id.clone(), "suspended (out_of_scope)".to_owned()));
        let held = conflict(&idp, &again).expect("a conflict");
        let advice = held["fix"].as_str().expect("advice").to_owned();
        assert!(advice.contains(&id) && advice.contains("suspended since 20"), "{advice}");

        let unasked = advised(&idp, &advice, "cloudsync-idp accounts hand-over", &[]);
        assert_eq!(unasked.status, Some(2), "there is no terminal to ask on: {unasked:?}");
        assert!(unasked.err.contains("--yes"), "{}", unasked.err);
        assert!(conflict(&idp, &again).is_some(), "nothing is done without a confirmation");
        let output = done(advised(&idp, &advice, "cloudsync-idp accounts hand-over", &["--yes"]));
        assert!(output.contains(&id), "{output}");
        assert_eq!(account(&idp, &first.mail), (id.clone(), "active".to_owned()));
        assert_eq!(conflict(&idp, &again), None);
        done(idp.run(&["sync"]));
        assert_eq!(account(&idp, &first.mail), (id.clone(), "active".to_owned()), "it stays so");
        let trail = idp.run(&["audit", "list", "--decision", "account_handed_over"]).out;
        assert!(trail.contains(&id), "{trail}");
        let log = json(idp.run(&["sync", "log", "--person", &id, "--json"]));
        let kinds: Vec<&str> = log["changes"]
            .as_array()
            .expect("changes")
            .iter()
            .filter_map(|row| row["kind"].as_str())
            .collect();
        assert!(kinds.contains(&"handed_over"), "{kinds:?}");

        // An active account cannot be handed over, and a person has one account.
        let rival = subtree.person();
        let refused = idp.run(&["accounts", "hand-over", &id, &rival.account, "--yes"]);
        assert_eq!(refused.status, Some(2));
        assert!(refused.err.contains("is active and linked to another entry"), "{}", refused.err);
        let nobody = idp.run(&["accounts", "hand-over", &id, "nobody-at-all", "--yes"]);
        assert!(nobody.err.contains("no directory has a person"), "{}", nobody.err);
        done(idp.run(&["sync"]));
        let (theirs, _) = account(&idp, &rival.mail);
        subtree.disable(&again);
        done(idp.run(&["sync"]));
        let refused = idp.run(&["accounts", "hand-over", &id, &rival.account, "--yes"]);
        assert!(refused.err.contains(&format!("already has account {theirs}")), "{}", refused.err);
    }
}

/// The leaver's entry still exists, disabled and with the address.
#[tokio::test]
async fn a_leavers_account_is_purged_for_a_newcomer_with_the_address() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let idp = installed(&subtree);
        let (leaver, _other) = (subtree.person(), subtree.person());
        done(idp.run(&["sync"]));
        let (old, _) = account(&idp, &leaver.mail);
        subtree.disable(&leaver);
        let newcomer = subtree.person();
        subtree.mail(&newcomer, &leaver.mail);
        done(idp.run(&["sync"]));
        let held = conflict(&idp, &newcomer).expect("a conflict");
        assert_eq!(held["taken_by"], old.as_str());
        let advice = held["fix"].as_str().expect("advice").to_owned();
        done(advised(&idp, &advice, "cloudsync-idp admin accounts purge", &[]));
        done(idp.run(&["sync"]));
        assert_eq!(conflict(&idp, &newcomer), None);
        let (new, status) = account(&idp, &leaver.mail);
        assert!(new != old && status == "active", "{new} {status}");
    }
}

#[tokio::test]
async fn an_account_claimed_by_two_people_is_linked_by_one_command() {
    let subtree = Subtree::ldap();
    let idp = installed(&subtree);
    let (owner, other) = (subtree.person(), subtree.person());
    subtree.mail(&other, &owner.mail);
    let file = idp.write("accounts.csv", &format!("id,email,name\n42,{},Owner\n", owner.mail));
    done(idp.run(&["accounts", "import", &file.display().to_string()]));
    done(idp.run(&["sync"]));
    assert_eq!(conflict(&idp, &owner).expect("a conflict")["kind"], "link_contested");
    let advice = conflict(&idp, &owner).expect("a conflict")["fix"].as_str().expect("advice").to_owned();
    done(advised(&idp, &advice, "cloudsync-idp accounts hand-over", &["--yes"]));
    done(idp.run(&["sync"]));
    assert_eq!(account(&idp, &owner.mail), ("42".to_owned(), "active".to_owned()));
    assert_eq!(conflict(&idp, &owner), None);
    assert_eq!(conflict(&idp, &other).expect("a conflict")["kind"], "mail_taken");
}

/// A person's factors belong to no other, even if the account was not linked when it was handed over.
#[tokio::test]
async fn a_hand_over_always_resets_the_second_factors() {
    let subtree = Subtree::ldap();
    let idp = installed(&subtree);
    let leaver = subtree.person();
    let file = idp.write("accounts.csv", "id,email,name\n42,loaded@elsewhere.example,Loaded\n");
    done(idp.run(&["accounts", "import", &file.display().to_string()]));
    done(idp.run(&["sync"]));
    let (left, _) = account(&idp, &leaver.mail);
    let secrets = format!("name,secret\n42,JBSWY3DPEHPK3PXP\n{left},KRSXG5CTMVRXEZLUKN2XAZLSKNSWG4TF\n");
    let secrets = idp.write("factors.csv", &secrets);
    set_permissions(&secrets, Permissions::from_mode(0o600)).expect("a file of ours");
    let loaded = idp.run(&["admin", "factors", "import", &secrets.display().to_string()]);
    assert!(loaded.out.starts_with("2 loaded"), "{loaded:?}");

    subtree.admin.delete(&leaver.dn);
    done(idp.run(&["sync", "--person", &leaver.mail]));
    for id in ["42", left.as_str()] {
        let heir = subtree.person();
        done(idp.run(&["accounts", "hand-over", id, &heir.account, "--yes"]));
        let list = idp.run(&["admin", "factors", "list", id]);
        assert!(list.out.contains("no second factor"), "{id}: {list:?}");
        assert_eq!(account(&idp, &heir.mail), (id.to_owned(), "active".to_owned()));
    }
}
