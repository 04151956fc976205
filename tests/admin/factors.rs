//! `admin factors`: commands of the help desk, and the import from another system.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;

use super::process::{Installation, Ran};

fn with_people() -> Installation {
    let idp = Installation::new();
    let file =
        idp.write("accounts.csv", "id,email,name\n42,alice@example.org,Alice\n43,bob@example.org,Bob\n");
    assert_eq!(idp.run(&["accounts", "import", &file.display().to_string()]).status, Some(0));
    idp
}

fn factors(idp: &Installation, arguments: &[&str]) -> Ran {
    idp.run(&[&["admin", "factors"], arguments].concat())
}

/// Imports a file that only its owner may read.
fn import(idp: &Installation, text: &str, flags: &[&str]) -> Ran {
    let path = idp.write("factors.csv", text);
    set_permissions(&path, Permissions::from_mode(0o600)).expect("a file of ours");
    factors(idp, &[&["import", path.to_str().expect("a name")], flags].concat())
}

const FILE: &str = "name,secret\n42,JBSWY3DPEHPK3PXP\nBOB@example.org,\
    otpauth://totp/Old:bob?secret=KRSXG5CTMVRXEZLUKN2XAZLSKNSWG4TFOQ&algorithm=SHA256&digits=8&period=60\n";

#[test]
fn a_file_is_checked_then_imported_then_not_imported_again() {
    let idp = with_people();
    let dry = import(&idp, FILE, &["--dry-run"]);
    assert_eq!(dry.status, Some(0), "{dry:?}");
    assert!(dry.out.starts_with("2 would be loaded, 0 have a second factor already"), "{}", dry.out);
    assert!(factors(&idp, &["list", "42"]).out.contains("no second factor"));
    let done = import(&idp, FILE, &[]);
    assert_eq!(done.status, Some(0), "{done:?}");
    assert!(done.out.starts_with("2 loaded, 0 have"), "{}", done.out);
    let bob = factors(&idp, &["list", "bob@example.org"]);
    assert!(bob.out.starts_with("43\t-\tbob@example.org\n"), "{}", bob.out);
    assert!(bob.out.contains("TOTP SHA256, 8 digits, 60 s"), "{}", bob.out);
    assert!(bob.out.contains("never used") && bob.out.contains("0 recovery codes left"), "{}", bob.out);
    let again = import(&idp, FILE, &[]);
    assert_eq!(again.status, Some(1));
    assert!(again.out.starts_with("0 loaded, 2 have a second factor already and keep it"), "{}", again.out);
    for ran in [dry, done, bob, again] {
        assert!(!ran.out.contains("JBSWY3DP") && !ran.err.contains("JBSWY3DP"), "no secret: {ran:?}");
    }
}

#[test]
fn a_file_with_open_permissions_or_a_bad_line_is_refused() {
    let idp = with_people();
    let path = idp.write("open.csv", FILE);
    for mode in [0o644, 0o640, 0o602] {
        set_permissions(&path, Permissions::from_mode(mode)).expect("a file of ours");
        let ran = factors(&idp, &["import", path.to_str().expect("a name")]);
        assert_eq!((ran.status, ran.out.as_str()), (Some(2), ""));
        assert!(ran.err.contains(&format!("(mode {mode:03o}); run: chmod 600 ")), "{}", ran.err);
    }
    let bad = "name,secret\n42,JBSWY3DPEHPK3PXP\nzoe,JBSWY3DPEHPK3PXP\n43,JBSWY3DP\n";
    let ran = import(&idp, bad, &[]);
    assert_eq!(ran.status, Some(2));
    assert!(ran.err.contains("line 4: the secret has 40 bits") && !ran.err.contains("JBSW"), "{}", ran.err);
    let stranger = import(&idp, "name,secret\n42,JBSWY3DPEHPK3PXP\nz\u{1b}oe,JBSWY3DPEHPK3PXP\n", &[]);
    assert!(stranger.err.contains("line 3: z\u{fffd}oe: no account has this name"), "{}", stranger.err);
    assert_eq!(factors(&idp, &["import", "/"]).status, Some(2));
    assert!(factors(&idp, &["list", "42"]).out.contains("no second factor"), "nothing was loaded");
    let rest = import(&idp, bad, &["--skip-bad"]);
    assert_eq!(rest.status, Some(1), "{rest:?}");
    assert!(rest.out.starts_with("1 loaded, 0 have"), "{}", rest.out);
    for (line, why) in [(3, "zoe: no account has this name"), (4, "the secret has 40 bits")] {
        assert!(rest.out.contains(&format!("  skipped: line {line}: {why}")), "{}", rest.out);
    }
    assert!(!rest.out.contains("JBSW"), "no secret: {}", rest.out);
}

#[test]
fn a_code_is_for_one_person_and_a_reset_removes_everything() {
    let idp = with_people();
    import(&idp, FILE, &[]);
    let invited = factors(&idp, &["invite", "alice@example.org"]);
    assert_eq!(invited.status, Some(0), "{invited:?}");
    let code = invited.out.lines().find_map(|line| line.trim().strip_prefix("code:")).expect("a code").trim();
    assert_eq!((code.len(), code.matches('-').count()), (17, 2), "{code}");
    let list = factors(&idp, &["list", "42"]).out;
    assert!(list.contains("invited until ") && !list.contains(code), "{list}");
    assert_eq!(factors(&idp, &["reset", "42"]).status, Some(0));
    let list = factors(&idp, &["list", "42"]).out;
    assert!(list.contains("no second factor") && !list.contains("invited"), "{list}");
    assert!(factors(&idp, &["list", "43"]).out.contains("TOTP SHA256"), "nobody else's");
    for name in ["zoe", "", "ali\u{1b}ce"] {
        let ran = factors(&idp, &["reset", name]);
        assert_eq!((ran.status, ran.out.as_str()), (Some(2), ""), "{name:?}");
        assert!(ran.err.contains("no account has this name"), "{}", ran.err);
        assert!(!ran.err.contains('\u{1b}'), "{:?}", ran.err);
    }
}
