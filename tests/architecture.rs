//! Holds the code to the plan of the house: who may import whom, who may read a clock, how a file opens and how long it
//! may grow. It parses every file, so an inline `crate::` path, a chain of `super` and the inside of a macro count as
//! much as a `use` line. Each broken rule is one sentence with its place.

use std::fs;
use std::path::Path;

use syn::visit::Visit;

use self::look::Look;

#[path = "architecture/docs.rs"]
mod docs;
#[path = "architecture/look.rs"]
mod look;
#[path = "architecture/snippets.rs"]
mod snippets;

const LONGEST: usize = 450;

/// Each room and what it may import besides itself and the clock.
const ROOMS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("clock", &["domain"]),
    ("config", &["domain"]),
    ("oidc", &["domain"]),
    ("store", &["domain"]),
    ("volatile", &["domain"]),
    ("directory", &["domain"]),
    ("keys", &["domain", "oidc"]),
    ("provisioning", &["domain"]),
    ("agent", &["domain"]),
    ("flow", &["domain", "oidc", "store", "volatile", "directory", "keys", "provisioning", "agent"]),
    ("jobs", &["domain", "oidc", "store", "volatile", "directory", "keys", "provisioning", "agent", "flow"]),
    ("web", &["flow", "oidc", "domain", "app"]),
];

/// The rooms of `flow` in their order: each uses only those before it. Two stories that need each other meet in an earlier room.
const FLOW: &[&str] =
    &["settings", "installation", "limits", "person", "sync", "account", "support", "login", "tokens"];

/// What goes against that order, and why.
const AGAINST_THE_ORDER: &[(&str, &str)] = &[
    // An initial sync that takes too long leaves a support bundle.
    ("src/flow/sync/slow.rs", "support"),
];

/// Where the parts are put together: these may import everything.
const ASSEMBLY: &[&str] = &["app", "cli", "main", "lib"];

/// Parts that only `flow` may use: `web` calls a use case instead, also where it holds the parts.
const BEHIND_FLOW: &[&str] = &["store", "volatile", "keys", "installation"];

/// Rooms that decide: without I/O and without waiting.
const PURE: &[&str] = &["domain", "oidc"];

/// What a pure room may not name.
const IMPURE: &[&[&str]] = &[
    &["tokio"],
    &["axum"],
    &["tower"],
    &["std", "fs"],
    &["std", "net"],
    &["std", "env"],
    &["std", "process"],
    &["std", "thread"],
];

/// Crates with one home.
const HOMES: &[(&str, &str)] =
    &[("sqlx", "store"), ("rusqlite", "store"), ("ldap3", "directory"), ("redis", "volatile")];

/// Readings of a clock, and who may take them. An `Instant` measures deadlines and durations; it is no date.
const CLOCKS: &[(&[&str], &[&str])] = &[
    (&["SystemTime", "now"], &["clock"]),
    (&["OffsetDateTime", "now_utc"], &["clock"]),
    (&["Instant", "now"], &["directory", "flow", "jobs", "web"]),
];

/// Where the right to tokens is made, and where it comes back from what was sealed: these files and no others.
const DOORS: &[(&[&str], &[&str])] = &[
    (&["PasswordProof", "new"], &["src/flow/login/sign_in.rs", "src/domain/gates/tests.rs"]),
    (&["FactorProof", "new"], &["src/flow/login/second_factor.rs"]),
    (&["with_new_password"], &["src/flow/login/expired_password.rs"]),
    (&["Progress", "restore"], &["src/flow/login/pending.rs"]),
    (&["SealedProgress"], &["src/flow/login/pending.rs"]),
    (&["Authorized", "restore"], &["src/flow/tokens/exchange.rs"]),
    (&["SealedAuthorized"], &["src/flow/login/issue.rs"]),
    (&["Authorized", "by_refresh"], &["src/flow/tokens/refresh.rs"]),
];

/// What would go through a door under another name.
const UNNAMED: &[&str] =
    &["PasswordProof", "FactorProof", "Progress", "Authorized", "SealedProgress", "SealedAuthorized"];

/// The decision itself, and its own tests.
const DECISION: &str = "src/domain/login";

#[test]
fn the_house_is_built_as_planned() {
    let mut broken = Vec::new();
    let files = rust_files(Path::new("src"));
    assert!(files.len() > 20, "run me where Cargo.toml is: only {} files found", files.len());
    for file in &files {
        let text = fs::read_to_string(file).expect("a file that was listed");
        broken.extend(check(file, &text));
    }
    for (door, keepers) in DOORS {
        let all_there = keepers.iter().all(|keeper| files.iter().any(|file| file == keeper));
        assert!(all_there, "a keeper of `{}` is gone: {keepers:?}", door.join("::"));
    }
    assert!(broken.is_empty(), "{} rules are broken:\n{}\n", broken.len(), broken.join("\n"));
}

fn rust_files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for item in fs::read_dir(folder).expect("a folder") {
        let path = item.expect("an item").path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path.to_str().expect("a name in UTF-8").to_owned());
        }
    }
    found.sort();
    found
}

/// All rules that one file breaks.
fn check(file: &str, text: &str) -> Vec<String> {
    let module = module_of(file);
    let room = match module.first() {
        Some(room) => room.clone(),
        None => file.trim_start_matches("src/").trim_end_matches(".rs").to_owned(),
    };
    let mut look = Look { file, room, module, broken: Vec::new(), private_types: Vec::new() };
    if !ROOMS.iter().any(|(room, _)| *room == look.room) && !ASSEMBLY.contains(&look.room.as_str()) {
        look.report(1, format!("`{}` is no room of the plan", look.room));
    }
    if !text.starts_with("//!") {
        look.report(1, "a module opens with `//!`: what it owns, what it refuses".to_owned());
    }
    let lines = text.lines().count();
    if lines > LONGEST {
        look.report(lines, format!("{lines} lines are more than {LONGEST}: two things live here"));
    }
    match syn::parse_file(text) {
        Ok(parsed) => {
            look.private_types = look::private_types(&parsed);
            look.visit_file(&parsed);
        }
        Err(error) => look.report(error.span().start().line, format!("not Rust: {error}")),
    }
    look.broken
}

/// `src/web/pages/mod.rs` holds `web::pages`; the crate's roots hold nothing.
fn module_of(file: &str) -> Vec<String> {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    if matches!(path, "lib" | "main") { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}
