//! Output and exit status of `--help`, `sync` and `explain`.

use super::process::{Installation, free_port};
use crate::support::lab;
use crate::support::provider::{CLIENT, ad_settings, ldap_settings};

#[test]
fn help_names_every_command() {
    let idp = Installation::new();
    let help = idp.run(&["--help"]);
    assert_eq!((help.status, help.err.as_str()), (Some(0), ""));
    for command in ["serve", "sync", "explain", "doctor", "accounts", "settings", "keys", "--config"] {
        assert!(help.out.contains(command), "{command} in {}", help.out);
    }
    for arguments in [vec!["explain", "--help"], vec!["settings", "apply", "--help"], vec!["--version"]] {
        assert_eq!(idp.run(&arguments).status, Some(0), "{arguments:?}");
    }
    for wrong in [vec![], vec!["srve"], vec!["explain"]] {
        let ran = idp.run(&wrong);
        assert_eq!((ran.status, ran.out.as_str()), (Some(2), ""), "{wrong:?}");
    }
}

fn with_ad() -> Installation {
    let idp = Installation::new();
    idp.apply(&format!("{CLIENT}{}", ad_settings(lab::ad())));
    idp
}

#[test]
fn explain_names_the_gate_and_sets_its_status() {
    let idp = with_ad();
    let before = idp.run(&["explain", "bob"]);
    assert!(before.out.contains("run: cloudsync-idp sync"), "groups are known by the import: {}", before.out);
    assert_eq!(idp.run(&["accounts", "list"]).out, "", "explaining writes nothing");
    assert_eq!(idp.run(&["sync"]).status, Some(0));
    for (name, status, expected) in [
        ("alice", 0, "could sign in with the right password"),
        ("CORP\\bob", 0, "CN=CloudSync,OU=Groups"),
        ("zoe", 0, "pass"),
        ("carol", 1, "would be refused by: in_scope"),
        ("dora", 1, "would be refused by: enabled"),
        ("emil", 1, "would be refused by: not_expired"),
        ("fred", 1, "would be refused by: password_usable"),
        ("gina", 1, "would be refused by: password_usable"),
        ("hugo", 1, "would be refused by: not_locked"),
        ("jan", 1, "would be refused by: mail_present"),
        ("nobody", 1, "would be refused by: found"),
        ("al\u{1b}[31mice", 1, "would be refused by: found"),
        ("", 1, "would be refused by: found"),
    ] {
        let ran = idp.run(&["explain", name]);
        assert_eq!(ran.status, Some(status), "{name}: {ran:?}");
        assert!(ran.out.contains(expected), "{name}: {}", ran.out);
        assert!(!ran.out.contains(|c: char| c.is_control() && c != '\n'), "{name}: {:?}", ran.out);
        assert_eq!(ran.out.contains("what to do: "), status == 1, "{name}: {}", ran.out);
    }
}

#[test]
fn explain_without_an_answer_has_another_status() {
    let idp = with_ad();
    let ran = idp.run(&["explain", "alice", "--directory", "crop"]);
    assert_eq!(ran.status, Some(2));
    assert!(ran.err.contains("there is no directory \"crop\"; there are: corp"), "{}", ran.err);
    let lab = lab::ldap();
    let away = ldap_settings(&[lab]).replace(&lab.tls_port.to_string(), &free_port().to_string());
    let idp = Installation::new();
    let none = idp.run(&["sync"]);
    assert_eq!(none.status, Some(2));
    assert!(none.err.contains("settings apply FILE"), "the way out is named: {}", none.err);
    idp.apply(&format!("{CLIENT}{away}"));
    for (arguments, status) in [(vec!["explain", "alice"], 2), (vec!["sync"], 1)] {
        let ran = idp.run(&arguments);
        assert_eq!((ran.status, ran.out.as_str()), (Some(status), ""), "{ran:?}");
        assert!(ran.err.contains("\ncorp: no server could serve the request"), "{}", ran.err);
    }
}

#[test]
fn sync_reports_its_changes_and_conflicts_with_their_fix() {
    let idp = with_ad();
    let ran = idp.run(&["sync"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let first = ran.out.lines().next().unwrap_or_default();
    assert!(first.starts_with("Example Corp: ") && first.contains(" created, "), "{first}");
    assert!(
        ran.out
            .lines()
            .any(|line| line == "  conflict: jan: the entry has no email address; set it in the directory"),
        "{}",
        ran.out
    );
    let list = idp.run(&["accounts", "list"]);
    let alice = list.out.lines().find(|line| line.contains("alice@example.com")).expect("alice");
    let columns: Vec<_> = alice.split('\t').collect();
    assert_eq!(columns[1..], ["alice@example.com", "Alice Adams", "active", "corp"]);
    for nobody in ["carol@", "dora@", "emil@"] {
        assert!(!list.out.contains(nobody), "{nobody}");
    }
}

#[test]
fn text_from_the_directory_can_not_control_the_terminal() {
    let lab = lab::own_ldap(&[]);
    let evil = lab.dn("uid=e\\1B[2Jvil,ou=people");
    lab.admin.add(
        &evil,
        &[
            ("objectClass", "inetOrgPerson"),
            ("uid", "e\u{1b}[2Jvil"),
            ("cn", "E\u{1b}]0;x\u{7}vil\tx"),
            ("sn", "E"),
        ],
    );
    let idp = Installation::of(&lab);
    for mail in [&[][..], &["e@example.org"]] {
        lab.admin.replace(&evil, "mail", mail);
        for arguments in [vec!["sync"], vec!["accounts", "list"]] {
            let ran = idp.run(&arguments);
            assert_eq!(ran.status, Some(0), "{ran:?}");
            assert!(
                !ran.out.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t')),
                "{:?}",
                ran.out
            );
            assert!(ran.out.lines().all(|line| matches!(line.matches('\t').count(), 0 | 4)), "{:?}", ran.out);
        }
    }
}

#[test]
fn explain_uses_the_directory_that_the_sign_in_page_would_use() {
    let idp = with_ad();
    let other = ldap_settings(&[lab::ldap()])
        .replace("\"corp\"", "\"other\"")
        .replace("Example Corp", "Other Corp")
        .replace("\"CORP\"", "\"OTHER\"");
    idp.apply(&other);
    assert_eq!(idp.run(&["sync"]).status, Some(0));
    for (name, more, status, directory) in [
        ("bob", &["--directory", "corp"][..], 0, "Example Corp"),
        ("OTHER\\alice", &[], 0, "Other Corp"),
        ("alice@example.org", &[], 0, "Other Corp"),
        ("alice@corp.example.com", &[], 0, "Example Corp"),
        ("CORP\\alice", &[], 0, "Example Corp"),
        ("ELSEWHERE\\alice", &[], 1, "Example Corp"),
        ("alice", &["--directory", "other"], 0, "Other Corp"),
    ] {
        let ran = idp.run(&[&["explain", name], more].concat());
        assert_eq!(ran.status, Some(status), "{name}: {ran:?}");
        assert!(ran.out.starts_with(&format!("{name} in {directory}\n")), "{name}: {}", ran.out);
        assert_eq!(ran.out.matches(" Corp\n").count(), 1, "{name}: one answer: {}", ran.out);
    }
    // bob of the one may sign in, bob of the other not
    let both = idp.run(&["explain", "bob"]);
    assert_eq!(both.status, Some(1), "{both:?}");
    assert!(
        both.out.contains("bob in Example Corp\n") && both.out.contains("bob in Other Corp\n"),
        "{}",
        both.out
    );
    assert!(both.err.contains("--directory corp or --directory other"), "{}", both.err);
}
