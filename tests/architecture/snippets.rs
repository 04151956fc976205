//! Tests the checker on snippets: what it must report and what it must allow.

use super::{ASSEMBLY, MAX_LINES, ROOMS, check};

/// The violations in this file with this body, which begins at line 2.
fn violations(file: &str, body: &str) -> Vec<String> {
    check(file, &format!("//! A module.\n{body}\n"))
}

#[test]
fn every_form_of_import_is_found() {
    let ways = [
        "use crate::store::Store;",
        "use crate::{domain::Millis, store::{self, Store}};",
        "use crate::store;",
        "use crate::store as s;",
        "use super::super::store;",
        "use super::super::{store};",
        "use cloudsync_idp::store::Store;",
        "fn f() { use crate::store::Store; }",
        "fn f() { cloudsync_idp::store::engine::open() }",
        "fn f(_: &crate::store::Store) {}",
        "fn f(_: Vec<Option<crate::store::Store>>) {}",
        "impl crate::store::Kept for u8 {}",
        "#[derive(crate::store::Row)] struct A;",
        "#[serde(with = \"crate::store::millis\")] struct A;",
        "fn f() { println!(\"{}\", cloudsync_idp::store::engine::open()) }",
        "fn f() { vec![vec![1, super::super::store::open()]] }",
        "m! { use crate::{domain, store::Store}; }",
        "macro_rules! m { () => { $cloudsync_idp::store::engine::open() } }",
        "mod a { mod b { use super::super::super::super::store; } }",
    ];
    for way in ways {
        let found = violations("src/web/login.rs", way);
        assert!(
            found.iter().any(|rule| rule.starts_with("src/web/login.rs:2: web imports store")),
            "{way}: {found:#?}"
        );
    }
}

#[test]
fn debug_text_in_a_log_line_is_found() {
    let wrong = [
        "fn f() { tracing::info!(?pause, \"x\") }",
        "fn f() { tracing::warn!(a = 1, state = ?b.c, \"x\") }",
        "fn f() { tracing::error!(error = %format!(\"{error:?}\"), \"x\") }",
        "fn f() { tracing::debug!(\"it is {:?}\", x) }",
    ];
    for line in wrong {
        let found = violations("src/web/login.rs", line);
        assert!(found.iter().any(|rule| rule.contains("debug text")), "{line}: {found:#?}");
    }
    let fine = "fn f() -> R { tracing::info!(a = %b, c = d()?, \"why?\"); assert!(x, \"{x:?}\") }";
    assert_eq!(violations("src/web/login.rs", fine), Vec::<String>::new());
}

#[test]
fn a_route_of_the_panel_that_goes_round_the_check_is_found() {
    let ways = [
        "use axum::routing::get;",
        "use axum::{Router, response::Response};",
        "fn f() { axum::routing::post(handler) }",
        "fn f(_: axum::Router<Web>) {}",
        "use axum::routing::MethodRouter;",
    ];
    for way in ways {
        let found = violations("src/web/admin/overview.rs", way);
        assert!(found.iter().any(|rule| rule.contains("builds a route")), "{way}: {found:#?}");
        assert_eq!(violations("src/web/admin/routes.rs", way), Vec::<String>::new());
        assert_eq!(violations("src/web/mod.rs", way), Vec::<String>::new());
    }
}

#[test]
fn another_door_of_the_panel_is_found() {
    for (file, way) in [
        ("src/web/mod.rs", "fn f(r: Router) { r.route(\"/admin/people\", get(page)); }"),
        ("src/web/mod.rs", "fn f(r: Router) { r.nest(\"/admin\", other); }"),
        ("src/web/admin/overview.rs", "fn f(p: Panel) { p.with_doors(a, b, c); }"),
    ] {
        assert_eq!(violations(file, way).len(), 1, "{way}");
    }
    assert_eq!(
        violations("src/web/mod.rs", "fn f(r: R) { r.route(\"/account\", get(a)); }"),
        Vec::<String>::new()
    );
}

#[test]
fn allowed_code_has_no_violations() {
    let fine = [
        (
            "src/web/login.rs",
            "use crate::{app::App, clock::Clock, domain, flow::sign_in, oidc}; use super::pages;",
        ),
        (
            "src/web/pages/mod.rs",
            "pub(crate) fn f() {} pub(super) fn g() {} pub(in crate::web) fn h() {} use super::x;",
        ),
        (
            "src/web/mod.rs",
            "mod a { use super::b; use crate::web::c; } pub use self::a::d; fn f() { store::open() }",
        ),
        ("src/web/login.rs", "/// See [`crate::store`].\nfn f() {}"),
        ("src/web/login.rs", "fn f() { let _ = \"not crate::store\"; m!(a.store::<u8>(), x: super::y); }"),
        ("src/directory/connection/pool.rs", "use ldap3::Ldap; fn f() { tokio::time::Instant::now(); }"),
        ("src/store/mod.rs", "use sqlx::Row; async fn f() {}"),
        ("src/volatile/redis.rs", "use redis::Client;"),
        ("src/clock.rs", "fn f() { std::time::SystemTime::now(); } use crate::domain::Millis;"),
        ("src/app.rs", "use crate::{store::Store, web, *};"),
        ("src/main.rs", "use cloudsync_idp::{cli, store::Store};"),
        ("src/lib.rs", "pub mod store; pub use crate::app::App;"),
        ("src/jobs.rs", "use crate::flow::sync; use std::time::SystemTime;"),
    ];
    for (file, body) in fine {
        assert_eq!(violations(file, body), [""; 0], "{file}: {body}");
    }
}

#[test]
fn each_violation_is_reported() {
    let broken = [
        (
            "src/domain/gates.rs",
            "use crate::clock::Clock;",
            "domain imports clock, but may import only: nothing of this crate",
        ),
        ("src/config.rs", "use crate::flow::settings;", "config imports flow, but may import only: domain"),
        ("src/flow/sync.rs", "use crate::web::pages;", "flow imports web"),
        (
            "src/flow/limits/throttle.rs",
            "use crate::flow::login::pending;",
            "flow::limits uses flow::login, which comes later",
        ),
        (
            "src/flow/sync/mod.rs",
            "use crate::flow::installation::context::{Visit, LoginParts};",
            "flow::sync uses LoginParts, which are for installation, limits",
        ),
        ("src/flow/sync/mod.rs", "use super::tokens;", "flow::sync uses flow::tokens, which comes later"),
        (
            "src/directory/message/code.rs",
            "use crate::directory::connection::Pool;",
            "directory::message uses directory::connection, which comes later",
        ),
        (
            "src/directory/feed/server/link.rs",
            "use super::super::scan::FullReadPages;",
            "directory::feed::server uses directory::feed::scan, which comes later",
        ),
        ("src/store/mod.rs", "use crate::keys::Keys;", "store imports keys"),
        ("src/web/a.rs", "fn f() { web.parts.store.ping() }", "web uses `store` instead of flow"),
        ("src/web/a.rs", "fn f() { g(&self.parts.keys.sealer) }", "web uses `keys` instead of flow"),
        ("src/web/a.rs", "fn f() { let parts = &web.parts; g(&parts.volatile) }", "web uses `volatile`"),
        ("src/web/a.rs", "fn f() { let LoginParts { store, .. } = &web.parts; }", "web uses `store`"),
        ("src/web/login.rs", "use sqlx::Row;", "web uses sqlx, which is only for store"),
        ("src/web/login.rs", "fn f() { ::ldap3::ldap_escape(\"\") }", "web uses ldap3"),
        ("src/app.rs", "m!(redis::Client::open());", "app uses redis"),
        ("src/store/mod.rs", "use crate as ours;", "the whole crate is imported"),
        ("src/store/mod.rs", "use super::*;", "the whole crate is imported"),
        ("src/flow/mod.rs", "pub use crate::store::Store;", "flow re-exports store"),
        ("src/domain/a.rs", "fn f() { std::time::SystemTime::now() }", "`SystemTime::now` is not for domain"),
        ("src/store/a.rs", "fn f() { g(Instant::now) }", "`Instant::now` is not for store"),
        ("src/app.rs", "fn f() { OffsetDateTime::now_utc(); }", "`OffsetDateTime::now_utc` is not for app"),
        ("src/oidc/a.rs", "async fn f() {}", "oidc is pure and may not be async"),
        ("src/domain/a.rs", "fn f() { std::fs::read(\"\") }", "domain is pure and may not use std::fs::read"),
        ("src/domain/a.rs", "use tokio::time::Instant;", "domain is pure and may not use tokio"),
        ("src/web/a.rs", "pub fn f() {}", "`f` is public and has no documentation"),
        ("src/web/a.rs", "impl A { pub fn f(&self) {} }", "`f` is public and has no documentation"),
        ("src/helpers/a.rs", "", "`helpers` is not in the list of rooms"),
        ("src/web/a.rs", "#[path = \"../store/x.rs\"] mod x;", "`#[path]` hides"),
        ("src/web/a.rs", "include!(\"../store/x.rs\");", "`include!` hides"),
        ("src/web/a.rs", "extern crate sqlx as s;", "`extern crate`"),
        ("src/web/a.rs", "fn f( {", "not Rust"),
    ];
    for (file, body, rule) in broken {
        let found = violations(file, body);
        assert!(found.iter().any(|found| found.contains(rule)), "{file}: {body}: {found:#?}");
    }
}

#[test]
fn a_file_begins_with_its_purpose_and_is_not_too_long() {
    assert_eq!(check("src/web/a.rs", "fn f() {}\n").len(), 1);
    assert_eq!(check("src/web/a.rs", &format!("//! A.\n{}", "\n".repeat(MAX_LINES - 1))), [""; 0]);
    let long = check("src/web/a.rs", &format!("//! A.\n{}", "\n".repeat(MAX_LINES)));
    assert_eq!(long, ["src/web/a.rs:451: 451 lines are more than 450: split the file"]);
}

#[test]
fn each_allowed_import_is_a_known_room() {
    for (room, may) in ROOMS {
        for other in *may {
            let known = ROOMS.iter().any(|(name, _)| name == other) || ASSEMBLY.contains(other);
            assert!(known && other != room, "{room} may import {other}");
        }
    }
}

#[test]
fn guarded_functions_are_used_only_where_they_may_be() {
    let ways = [
        (
            "fn f() { PasswordProof::new(&passed, now); }",
            "`PasswordProof::new` is only for src/flow/login/sign_in.rs",
        ),
        ("fn f() { login::PasswordProof::new(&passed, now) }", "`PasswordProof::new`"),
        ("fn f() { crate::domain::login::PasswordProof::new(&passed, now) }", "`PasswordProof::new`"),
        ("fn f() { x.and_then(|x| PasswordProof::new(x, now)) }", "`PasswordProof::new`"),
        ("fn f() { g(PasswordProof::new) }", "`PasswordProof::new`"),
        ("fn f() { <PasswordProof>::new(&passed, now) }", "`PasswordProof::new`"),
        ("fn f() { <crate::domain::login::PasswordProof>::new(&passed, now) }", "`PasswordProof::new`"),
        ("fn f() { m!(PasswordProof::new(&passed, now)) }", "`PasswordProof::new`"),
        ("use crate::domain::login::PasswordProof as P;", "PasswordProof may have no other name"),
        ("use crate::domain::login::{FactorProof as F, LoginStep};", "FactorProof may have no other name"),
        ("type P = crate::domain::login::PasswordProof;", "PasswordProof may have no other name"),
        (
            "fn f() { FactorProof::new(&account, method) }",
            "`FactorProof::new` is only for src/flow/login/second_factor.rs",
        ),
        (
            "fn f() { proof.with_new_password(at, now) }",
            "`with_new_password` is only for src/flow/login/expired_password.rs",
        ),
        ("fn f() { PasswordProof::with_new_password(proof, at, now) }", "`with_new_password`"),
        ("fn f() { m!(proof.with_new_password(at, now)) }", "`with_new_password`"),
        (
            "fn f() { Progress::restore(content) }",
            "`Progress::restore` is only for src/flow/login/pending.rs",
        ),
        ("fn f(_: SealedProgress) {}", "`SealedProgress` is only for src/flow/login/pending.rs"),
        ("fn f() { from_slice::<login::SealedProgress>(bytes) }", "`SealedProgress`"),
        (
            "fn f() { Authorized::restore(content) }",
            "`Authorized::restore` is only for src/flow/tokens/exchange.rs",
        ),
        ("fn f(_: Option<SealedAuthorized>) {}", "`SealedAuthorized` is only for src/flow/login/issue.rs"),
        (
            "fn f() { Authorized::by_refresh(p, e, s, now) }",
            "`Authorized::by_refresh` is only for src/flow/tokens/refresh.rs",
        ),
    ];
    for (body, rule) in ways {
        let found = violations("src/flow/login/advance.rs", body);
        assert!(found.iter().any(|found| found.contains(rule)), "{body}: {found:#?}");
        assert_eq!(
            violations("src/domain/login/proof.rs", &body.replace("crate::domain::", "super::")),
            [""; 0]
        );
    }
    let fine = [
        ("src/flow/login/sign_in.rs", "fn f() { PasswordProof::new(&passed, now); }"),
        ("src/flow/login/second_factor.rs", "fn f() { FactorProof::new(&account, method); }"),
        ("src/flow/login/expired_password.rs", "fn f() { proof.with_new_password(at, now); }"),
        ("src/flow/login/pending.rs", "fn f(content: SealedProgress) { Progress::restore(content); }"),
        ("src/flow/tokens/exchange.rs", "fn f() { Authorized::restore(content); }"),
        ("src/flow/login/issue.rs", "struct CodeContent { authorized: SealedAuthorized }"),
        ("src/flow/tokens/refresh.rs", "fn f() { Authorized::by_refresh(p, e, s, now); }"),
        ("src/web/outcome.rs", "fn f() { x.and_then(PasswordProof::needs_new_password); Plain::new(y); }"),
        (
            "src/flow/login/advance.rs",
            "use crate::domain::login::{Authorized, Progress}; fn f(_: &Authorized) {}",
        ),
    ];
    for (file, body) in fine {
        assert_eq!(violations(file, body), [""; 0], "{file}: {body}");
    }
}
