//! A profile attribute is a row of one table: no list, statement or struct elsewhere names it.

use std::fs;
use std::path::Path;

use cloudsync_idp::domain::profile::{AttributeRow, ProfileAttribute, TABLE};

use super::rust_files;

/// The most files of the code that may name an attribute: the table, and one with a reason of its own.
const MOST: usize = 2;

#[test]
fn an_attribute_is_named_in_the_table_and_a_migration() {
    let files: Vec<(String, String)> = rust_files(Path::new("src"))
        .into_iter()
        .filter(|path| {
            !path.ends_with("tests.rs") && !path.contains("/tests/") && !path.ends_with("samples.rs")
        })
        .map(|path| (path.clone(), code_of(&path)))
        .collect();
    let migrations = fs::read_dir("src/store/engine/migrations").expect("a folder");
    let migrations: String =
        migrations.map(|file| fs::read_to_string(file.expect("a file").path()).expect("a text")).collect();
    // Every account has a display name: pages and commands show it.
    for row in TABLE.iter().filter(|row| row.attribute != ProfileAttribute::Name) {
        let named: Vec<&String> =
            files.iter().filter(|(_, code)| names(code, row)).map(|(path, _)| path).collect();
        assert!(named.iter().any(|path| *path == "src/domain/profile.rs"), "{named:?}");
        assert!(named.len() <= MOST, "{} is named in {named:?}: use the table", row.column);
        let adds = [format!("ADD COLUMN {} TEXT", row.column), format!("    {} TEXT", row.column)];
        assert!(adds.iter().any(|text| migrations.contains(text)), "no migration adds {}", row.column);
    }
}

/// Whatever pages show of a person is shown with markup in it by the story in the browser.
#[test]
fn each_attribute_is_hostile_in_the_browser_tests() {
    let people = fs::read_to_string("tests/browser/hostile-people.mjs").expect("a file");
    // The name of an entry is its DN there.
    for name in TABLE.iter().flat_map(|row| row.active_directory).filter(|name| **name != "cn") {
        assert!(
            people.contains(&format!("\"{name}\"")),
            "{name}: add it to ATTRIBUTES of hostile-people.mjs"
        );
    }
}

/// The code of a file without its unit tests.
fn code_of(path: &str) -> String {
    let text = fs::read_to_string(path).expect("a file that was listed");
    text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()
}

/// Whether code has the attribute itself, or one of its names as a text.
fn names(code: &str, row: &AttributeRow) -> bool {
    let ldap = row.active_directory.iter().chain(row.rfc2307bis);
    let mut texts = ldap.chain([&row.column, &row.claim]);
    texts.any(|name| code.contains(&format!("\"{name}\"")))
        || code.contains(&format!("ProfileAttribute::{:?}", row.attribute))
}
