//! Checks the rules of the source tree: which room may import which, which may read a clock, how a file
//! begins and how long it may be. It parses every file, so an inline `crate::` path, a chain of `super` and
//! the inside of a macro count as much as a `use` line. Each violation is one sentence with its place.

use std::fs;
use std::path::Path;

use syn::visit::Visit;

use self::file_check::FileCheck;

#[path = "architecture/circles.rs"]
mod circles;
#[path = "architecture/docs.rs"]
mod docs;
#[path = "architecture/file_check.rs"]
mod file_check;
#[path = "architecture/profile.rs"]
mod profile;
#[path = "architecture/snippets.rs"]
mod snippets;

const MAX_LINES: usize = 450;

/// Each room and what it may import besides itself and the clock.
const ROOMS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("clock", &["domain"]),
    ("config", &["domain"]),
    ("oidc", &["domain"]),
    ("store", &["domain"]),
    ("volatile", &["domain"]),
    ("tls", &["domain"]),
    ("dns", &[]),
    ("agent", &["domain", "tls", "dns"]),
    ("directory", &["domain", "tls", "dns", "agent"]),
    ("delivery", &["domain", "tls"]),
    ("keys", &["domain", "oidc"]),
    ("flow", &["domain", "oidc", "store", "volatile", "directory", "delivery", "agent", "keys"]),
    ("jobs", &["domain", "oidc", "store", "volatile", "directory", "delivery", "keys", "flow"]),
    ("web", &["flow", "oidc", "domain", "app"]),
];

/// The modules of a room in their order: each uses only those before it. What two of them share belongs in
/// an earlier one.
const ORDERS: &[(&str, &[&str])] = &[
    (
        "flow",
        &[
            "settings",
            "installation",
            "limits",
            "person",
            "sync",
            "account",
            "support",
            "agents",
            "login",
            "tokens",
            "delivery",
            "admin",
        ],
    ),
    (
        "directory",
        &[
            "ber",
            "error",
            "message",
            "connection",
            "requests",
            "schema",
            "search",
            "policy",
            "person",
            "health",
            "feed",
            "probe",
        ],
    ),
    ("store", &["engine", "trail", "mirror", "delivery", "identity", "login", "sync", "settings", "admin"]),
    ("directory/feed", &["server", "objects", "scan", "active_directory", "syncrepl", "full_scan", "any"]),
];

/// The parts of each wing, and the rooms of `flow` that use them. `person`, where the wings meet, uses neither.
const PARTS: &[(&str, &[&str])] = &[
    ("LoginParts", &["installation", "limits", "account", "support", "login", "tokens", "admin"]),
    ("SyncParts", &["installation", "sync"]),
    ("OperationParts", &["installation", "support", "agents", "delivery"]),
    ("PanelParts", &["installation", "admin"]),
];

/// Rooms that assemble the program: these may import everything.
const ASSEMBLY: &[&str] = &["app", "cli", "main", "lib"];

/// Fields of a wing's parts that `web` may not use, whatever they are read from: it calls `flow` instead.
const BEHIND_FLOW: &[&str] = &["store", "volatile", "keys", "installation", "process"];

/// Only this file builds routes of the admin panel: its functions take no handler that forgets the check.
const PANEL_ROUTES: (&str, &str) = ("src/web/admin/", "src/web/admin/routes.rs");

/// What builds routes.
const ROUTING: &[&[&str]] = &[&["axum", "routing"], &["axum", "Router"], &["MethodRouter"]];

/// Rooms without I/O and without async.
const PURE: &[&str] = &["domain", "oidc"];

/// Paths that a pure room may not use.
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

/// Crates that only one room may use.
const CRATE_OWNERS: &[(&str, &str)] =
    &[("sqlx", "store"), ("rusqlite", "store"), ("ldap3", "directory"), ("redis", "volatile")];

/// Ways to read a clock, and the rooms that may use them. An `Instant` measures deadlines and durations; it
/// is no date.
const CLOCKS: &[(&[&str], &[&str])] = &[
    (&["SystemTime", "now"], &["clock"]),
    (&["OffsetDateTime", "now_utc"], &["clock"]),
    (&["Instant", "now"], &["agent", "directory", "flow", "jobs", "web"]),
];

/// Functions and types that create the right to tokens or restore it from a sealed value, and the only files
/// that may use them.
const GUARDED: &[(&[&str], &[&str])] = &[
    (&["PasswordProof", "new"], &["src/flow/login/sign_in.rs", "src/domain/gates/tests.rs"]),
    (&["FactorProof", "new"], &["src/flow/login/second_factor.rs"]),
    (&["with_new_password"], &["src/flow/login/expired_password.rs"]),
    (&["Progress", "restore"], &["src/flow/login/pending.rs"]),
    (&["SealedProgress"], &["src/flow/login/pending.rs"]),
    (&["Authorized", "restore"], &["src/flow/tokens/exchange.rs"]),
    (&["SealedAuthorized"], &["src/flow/login/issue.rs"]),
    (&["Authorized", "by_refresh"], &["src/flow/tokens/refresh.rs"]),
    (
        &["Actor", "person"],
        &[
            "src/flow/admin/session.rs",
            "src/flow/admin/enter.rs",
            "src/flow/admin/token.rs",
            "src/domain/admin/actor.rs",
        ],
    ),
    (&["Actor", "client"], &["src/flow/admin/token.rs", "src/domain/admin/actor.rs"]),
    (&["CheckedAdmin", "by_token"], &["src/flow/admin/token.rs"]),
    (&["Actor", "ordered"], &["src/flow/admin/task/run.rs", "src/domain/admin/actor.rs"]),
    (
        &["Actor", "break_glass"],
        &["src/flow/admin/session.rs", "src/flow/admin/link.rs", "src/domain/admin/actor.rs"],
    ),
];

/// Types that may not be renamed or aliased, because another name would bypass [`GUARDED`].
const NO_ALIAS: &[&str] =
    &["PasswordProof", "FactorProof", "Progress", "Authorized", "SealedProgress", "SealedAuthorized"];

/// The module that makes these types, with its tests.
const DECISION: &str = "src/domain/login";

#[test]
fn all_source_files_follow_the_rules() {
    let (mut broken, mut uses, mut for_tests) = (Vec::new(), Vec::new(), Vec::new());
    let files = rust_files(Path::new("src"));
    assert!(files.len() > 20, "run this in the folder of Cargo.toml: only {} files found", files.len());
    for file in &files {
        let text = fs::read_to_string(file).expect("a file that was listed");
        let checked = read(file, &text);
        broken.extend(checked.broken);
        let module = module_of(file);
        for name in checked.test_modules {
            for_tests.push([module.clone(), vec![name]].concat());
        }
        uses.push((module, checked.uses));
    }
    uses.retain(|(module, _)| !for_tests.iter().any(|tests| module.starts_with(tests)));
    broken.extend(circles::circles(&uses));
    for (path, users) in GUARDED {
        let all_there = users.iter().all(|user| files.iter().any(|file| file == user));
        assert!(all_there, "a file that uses `{}` is gone: {users:?}", path.join("::"));
    }
    for (room, _) in ROOMS {
        let (file, folder) = (format!("src/{room}.rs"), format!("src/{room}/"));
        let exists = files.iter().any(|path| *path == file || path.starts_with(&folder));
        assert!(exists, "the plan names a room that does not exist: {room}");
    }
    for (room, order) in ORDERS {
        let mut modules = modules_in(room, &files);
        modules.retain(|module| !order.contains(&module.as_str()));
        assert!(modules.is_empty(), "these modules of {room} have no place in its order: {modules:?}");
        for module in *order {
            let (file, folder) = (format!("src/{room}/{module}.rs"), format!("src/{room}/{module}/"));
            let exists = files.iter().any(|path| *path == file || path.starts_with(&folder));
            assert!(exists, "the order of {room} names a module that does not exist: {module}");
        }
    }
    assert!(broken.is_empty(), "{} rules are broken:\n{}\n", broken.len(), broken.join("\n"));
}

/// Whoever ends sessions must also inform the clients, so the statements stand in one place; an erasure and the
/// clean-up of expired rows have their own.
#[test]
fn sessions_and_grants_of_an_account_end_in_one_place() {
    let one_place = "src/store/identity/endings.rs";
    let statements = [
        ("DELETE FROM sessions WHERE account", vec![one_place, "src/store/identity/purge.rs"]),
        ("UPDATE grants SET revoked_at", vec![one_place, "src/store/login/grants.rs"]),
    ];
    for (statement, places) in statements {
        let mut files = rust_files(Path::new("src"));
        files.retain(|file| fs::read_to_string(file).expect("a file that was listed").contains(statement));
        assert_eq!(files, places, "use endings::end instead of: {statement}");
    }
}

/// Whoever writes what services get of accounts and memberships also has it delivered (`Tx::wish`); an erasure does so
/// by `delivery::erase`.
#[test]
fn accounts_and_memberships_are_written_only_where_their_delivery_is_noted() {
    let in_sync = |name: &str| format!("src/store/sync/{name}.rs");
    let in_identity = |name: &str| format!("src/store/identity/{name}.rs");
    let statements = [
        ("UPDATE accounts SET status", vec![in_sync("account_change"), in_sync("suspend_here")]),
        ("UPDATE accounts SET directory", vec![in_sync("hand_over")]),
        (", \"accounts\", \"", vec![in_identity("import"), in_sync("created")]),
        (".update(\"accounts\")", vec![in_identity("import"), in_sync("account_change"), in_sync("undo")]),
        ("\"share_memberships\", tail", vec![in_sync("shares")]),
        ("DELETE FROM share_memberships", vec![in_identity("purge"), in_sync("shares")]),
        ("DELETE FROM accounts", vec![in_identity("purge")]),
    ];
    for (statement, places) in statements {
        let mut files = rust_files(Path::new("src/store"));
        files.retain(|file| fs::read_to_string(file).expect("a file that was listed").contains(statement));
        assert_eq!(files, places, "have it delivered, and name the file here: {statement}");
    }
}

/// The modules in the folder of a room.
fn modules_in(room: &str, files: &[String]) -> Vec<String> {
    let folder = format!("src/{room}/");
    let inside = files.iter().filter_map(|file| file.strip_prefix(&folder));
    let names = inside.filter_map(|path| path.split('/').next()).map(|name| name.trim_end_matches(".rs"));
    names.filter(|name| *name != "mod").map(str::to_owned).collect()
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
    read(file, text).broken
}

/// Checks one file.
fn read<'a>(file: &'a str, text: &str) -> FileCheck<'a> {
    let module = module_of(file);
    let room = match module.first() {
        Some(room) => room.clone(),
        None => file.trim_start_matches("src/").trim_end_matches(".rs").to_owned(),
    };
    let mut check = FileCheck::new(file, room, module);
    if !ROOMS.iter().any(|(room, _)| *room == check.room) && !ASSEMBLY.contains(&check.room.as_str()) {
        check.report(1, format!("`{}` is not in the list of rooms", check.room));
    }
    if !text.starts_with("//!") {
        check.report(1, "a file begins with `//!` and what it does".to_owned());
    }
    let lines = text.lines().count();
    if lines > MAX_LINES {
        check.report(lines, format!("{lines} lines are more than {MAX_LINES}: split the file"));
    }
    match syn::parse_file(text) {
        Ok(parsed) => {
            check.private_types = file_check::private_types(&parsed);
            check.visit_file(&parsed);
        }
        Err(error) => check.report(error.span().start().line, format!("not Rust: {error}")),
    }
    check
}

/// `src/web/pages/mod.rs` is `web::pages`; the roots of the crate have no name.
fn module_of(file: &str) -> Vec<String> {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    if matches!(path, "lib" | "main") { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}
