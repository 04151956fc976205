//! `admin sessions`: list and end a person's sessions.

use super::process::Installation;

#[test]
fn sessions_are_listed_and_ended_for_one_person_by_any_name() {
    let idp = Installation::new();
    let file = idp.write("accounts.csv", "id,email,name\n42,alice@example.org,Alice\n");
    assert_eq!(idp.run(&["accounts", "import", &file.display().to_string()]).status, Some(0));
    let list = idp.run(&["admin", "sessions", "list", "alice@example.org"]);
    assert_eq!(list.status, Some(0), "{list:?}");
    assert!(list.out.contains("not signed in") && list.out.contains("0 refresh families"), "{}", list.out);
    let ended = idp.run(&["admin", "sessions", "end", "42"]);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert!(ended.out.contains("0 sessions and 0 refresh families are ended"), "{}", ended.out);
    for command in ["list", "end"] {
        let ran = idp.run(&["admin", "sessions", command, "zoe"]);
        assert_eq!((ran.status, ran.out.as_str()), (Some(2), ""), "{command}");
        assert!(ran.err.contains("no account has this name"), "{}", ran.err);
    }
}
