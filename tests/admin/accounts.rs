//! `accounts import` and `accounts list`.

use super::process::Installation;

fn import(idp: &Installation, text: &[u8]) -> super::process::Ran {
    let path = idp.path("accounts.csv");
    std::fs::write(&path, text).expect("a file");
    idp.run(&["accounts", "import", &path.display().to_string()])
}

#[test]
fn a_valid_file_is_imported_once() {
    let idp = Installation::new();
    let file = "id,email,name\n42,alice@example.org,\"Adams, Alice\"\n43,bob@example.org,\n".as_bytes();
    let ran = import(&idp, file);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(ran.out.starts_with("2 created, 0 updated, 0 unchanged"), "{}", ran.out);
    assert!(import(&idp, file).out.starts_with("0 created, 0 updated, 2 unchanged"));
    let list = idp.run(&["accounts", "list"]);
    assert_eq!(
        list.out,
        "42\talice@example.org\tAdams, Alice\tactive\tnot linked\n43\tbob@example.org\t-\tactive\tnot linked\n"
    );
    let excel = "\u{feff}id,email,name\r\n44,carol@example.org,Carol\r\n".as_bytes();
    assert!(import(&idp, excel).out.starts_with("1 created"), "as a spreadsheet writes it");
}

#[test]
fn of_a_bad_file_every_line_is_named_and_nothing_is_loaded() {
    let idp = Installation::new();
    let bad = "id,email,name\n42,alice@example.org,Alice\n43,not-a-mail,Bob\n42,carol@example.org,C\n,d@example.org,D\n";
    let ran = import(&idp, bad.as_bytes());
    assert_eq!((ran.status, ran.out.as_str()), (Some(2), ""));
    for line in ["nothing was loaded", "line 3: ", "line 4: the id 42 is also on line 2", "line 5: "] {
        assert!(ran.err.contains(line), "{line} in {}", ran.err);
    }
    let foreign = import(&idp, b"name;mail\nx;y\n");
    assert!(foreign.err.contains("the first line must be id,email,name"), "{}", foreign.err);
    assert!(import(&idp, b"id,email,name\n1,a@b.c,\xff\xfe\n").err.contains("UTF-8"));
    assert_eq!(idp.run(&["accounts", "import", "nowhere.csv"]).status, Some(2));
    assert_eq!(idp.run(&["accounts", "list"]).out, "");
}

#[test]
fn an_email_address_of_another_account_is_skipped_and_reported() {
    let idp = Installation::new();
    import(&idp, b"id,email,name\n42,alice@example.org,Alice\n");
    let ran = import(&idp, b"id,email,name\n50,ALICE@example.org,Other\n51,new@example.org,New\n");
    assert_eq!(ran.status, Some(1));
    assert!(ran.out.starts_with("1 created"), "{}", ran.out);
    assert!(
        ran.out.contains("not loaded: 50 ALICE@example.org: the email address belongs to account 42"),
        "{}",
        ran.out
    );
}
