//! Output of commands whose reader goes away or whose disk is full.

use std::fs::File;

use super::process::Installation;
use crate::support::lab;

const COMMANDS: &[&str] = &[
    "--help",
    "--version",
    "doctor --help",
    "sync",
    "sync --plan",
    "sync --plan --json",
    "sync --person alice",
    "sync --person nobody",
    "sync --resume",
    "sync held",
    "sync held reject nobody",
    "sync stop",
    "sync pause",
    "sync status",
    "sync status --json",
    "sync log",
    "sync log --run 1 --json",
    "sync log --person nobody",
    "sync --apply 99",
    "explain alice",
    "explain carol",
    "explain alice --shares",
    "explain alice --json",
    "explain --attempt nothing",
    "doctor",
    "doctor --json",
    "accounts list",
    "accounts import none.csv",
    "admin factors list alice",
    "admin factors invite alice",
    "admin factors reset alice",
    "admin sessions list alice",
    "admin sessions end alice",
    "admin accounts purge alice",
    "admin link",
    "settings export",
    "settings apply settings.toml",
    "settings apply idp.toml",
    "keys list",
    "keys rotate",
    "nonsense",
];

#[test]
fn a_reader_that_goes_away_ends_no_command_with_a_panic() {
    let lab = lab::own_ldap(&[]);
    let idp = Installation::of(&lab);
    for command in COMMANDS {
        let arguments: Vec<&str> = command.split(' ').collect();
        let status = idp.run(&arguments).status;
        let cut = idp.run_unread(&arguments, false);
        assert_eq!(cut.status, status, "{command}: {}", cut.err);
        assert!(!cut.err.contains("panicked") && !cut.err.contains("Broken pipe"), "{command}: {}", cut.err);
        assert_eq!(
            idp.run_unread(&arguments, true).status,
            status,
            "{command}: nobody reads its errors either"
        );
    }
}

#[test]
fn a_command_finishes_without_a_reader() {
    let lab = lab::own_ldap(&[]);
    let idp = Installation::of(&lab);
    assert_eq!(idp.run_unread(&["sync"], true).status, Some(0));
    assert!(idp.run(&["accounts", "list"]).out.contains("alice"));
}

#[test]
fn output_that_is_lost_is_an_error() {
    let idp = Installation::new();
    let full = File::options().write(true).open("/dev/full").expect("/dev/full");
    let ran = idp.run_into(&["settings", "export"], full);
    assert_eq!(ran.status, Some(2));
    assert!(ran.err.contains("the output could not be written: No space left on device"), "{}", ran.err);
}
