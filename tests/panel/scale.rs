//! The time of each page of the panel with 100,000 accounts, 10,000 groups and 1,000,000 events: `make bench-panel`.
//! The rows are made by the database. `BENCH_PART=10` makes a tenth of them.

use std::time::{Duration, Instant};

use cloudsync_idp::domain::DAY;
use cloudsync_idp::domain::admin::Role;
use cloudsync_idp::flow::support::hours;
use cloudsync_idp::web::admin::panel;
use serde_json::{Value, json};

use super::{Inside, PanelStory};
use crate::support::lab;
use crate::support::raw_sql;
use crate::support::subtree::Subtree;

/// The limit for 99 of 100 requests.
const LIMIT: Duration = Duration::from_millis(50);
const REQUESTS: usize = 200;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: make bench-panel"]
async fn every_page_is_fast_with_a_hundred_thousand_accounts() {
    let mut figures = Vec::new();
    for database in ["sqlite", "postgresql"] {
        let store = match database {
            "sqlite" => String::new(),
            _ => tokio::task::spawn_blocking(|| lab::postgres().url()).await.expect("PostgreSQL runs"),
        };
        let story = PanelStory::in_store(Subtree::ldap(), "", store).await;
        let inside = story.inside(Role::Owner).await;
        fill(&story).await;
        let before = resident_kb();
        let pages = measured(&story, &inside).await;
        figures.push(json!({ "database": database, "rss_kb_before": before, "rss_kb_after": resident_kb(), "pages": pages }));
    }
    let text = serde_json::to_string_pretty(&figures).expect("plain data");
    std::fs::create_dir_all("target/bench").expect("a folder");
    std::fs::write("target/bench/panel.json", &text).expect("written");
    println!("{text}");
    let slow: Vec<&Value> = figures
        .iter()
        .flat_map(|one| one["pages"].as_array().expect("a list"))
        .filter(|page| page["p99_ms"].as_f64().is_some_and(|p99| p99 >= LIMIT.as_secs_f64() * 1e3))
        .collect();
    assert!(slow.is_empty(), "slower than {LIMIT:?}: {slow:#?}");
}

/// The pages of the table, and some with a query that reads much.
fn pages() -> Vec<String> {
    let all = panel();
    let plain = all.routes().iter().filter(|route| !route.is_action && !route.path.contains('{'));
    let plain = plain.map(|route| route.path.to_owned()).filter(|path| !path.ends_with("/callback"));
    let queries = [
        "/admin/people?q=p",
        "/admin/people?q=bench%20per",
        "/admin/people?q=bench77%20person",
        "/admin/people/person?id=bench77",
        "/admin/security/two-step-authentication/people?show=enrolled",
        "/admin/security/two-step-authentication/people?after=zzz",
        "/admin/security/two-step-authentication/people?order=descending&after=bench7",
        "/admin/audit-log?order=oldest",
        "/admin/audit-log?decision=sign_in_refused",
        "/admin/audit-log?decision=sign_in_refused&order=oldest",
        "/admin/audit-log?from=2026-01-01&until=2026-06-01",
        "/admin/audit-log?person=bench77",
        "/admin/audit-log?decision=settings_changed&until=2026-06-01",
        "/admin/audit-log?decision=sign_in_refused&person=bench77",
        "/admin/audit-log?decision=signed_in&directory=corp",
        "/admin/help-desk?code=BENCH-00077",
        "/admin/settings/active-directory/sync-log?kind=reactivated",
        "/admin/settings/active-directory/sync-log?person=bench77",
        "/admin/settings/active-directory/sync-settings/plan/1",
        "/admin/settings/active-directory/sync-settings/plan/1?kind=suspended",
        "/admin/settings/integrations/single-sign-on/applications/application?entry=cloudsync",
    ];
    plain.chain(queries.map(str::to_owned)).collect()
}

async fn measured(story: &PanelStory, inside: &Inside) -> Vec<Value> {
    let mut figures = Vec::new();
    for path in pages() {
        let mut times = Vec::with_capacity(REQUESTS);
        for _ in 0..REQUESTS {
            let begun = Instant::now();
            let page = inside.browser.open(&story.url(&path)).await;
            times.push(begun.elapsed());
            assert!(page.status.is_success() || page.status.is_redirection(), "{path}: {}", page.status);
        }
        times.sort_unstable();
        let ms = |part: usize| times[REQUESTS * part / 100 - 1].as_secs_f64() * 1e3;
        figures.push(json!({ "page": path, "p50_ms": ms(50), "p99_ms": ms(99) }));
    }
    figures
}

/// Makes accounts, groups and events. Half of the people have a second factor.
async fn fill(story: &PanelStory) {
    let part: i64 = std::env::var("BENCH_PART").ok().and_then(|part| part.parse().ok()).unwrap_or(1);
    let (people, groups, events) = (100_000 / part, 10_000 / part, 1_000_000 / part);
    let url = story.provider.config.store.expose();
    let now = story.now();
    let is_sqlite = url.starts_with("sqlite:");
    let numbers = |many: i64| {
        format!(
            "WITH RECURSIVE numbers(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM numbers WHERE i < {many})"
        )
    };
    let twelve = "substr('000000000000' || i, length('000000000000' || i) - 11)";
    let bytes = |hex: &str| if is_sqlite { format!("unhex({hex})") } else { format!("decode({hex}, 'hex')") };
    let id = |kind: &str| bytes(&format!("'{kind}0000000000000000000' || {twelve}"));
    let object = |kind: &str, word: &str, count: i64| {
        format!(
            "INSERT INTO mirror_objects (directory, id, kind, dn, path, hash, facts, scan, dirty, gone) {} \
             SELECT 'corp', {}, '{word}', 'CN={word} ' || i, {}, {}, '{{}}', 1, 0, 0 FROM numbers",
            numbers(count),
            id(kind),
            id(kind),
            id(kind),
        )
    };
    let statements = [
        format!(
            "INSERT INTO accounts (id, directory, entry, email, email_key, name, login_name, status, generation, seen_at, created_at) \
             {} SELECT 'bench' || i, 'corp', 'f0000000-0000-0000-0000-' || {twelve}, 'bench' || i || '@bench.example', \
             'bench' || i || '@bench.example', 'Person Bench' || i, 'p' || i, 'active', 1, {now}, {now} FROM numbers",
            numbers(people)
        ),
        format!(
            "INSERT INTO account_words (word, account, is_name) {} SELECT 'bench' || i, 'bench' || i, 1 FROM numbers",
            numbers(people)
        ),
        format!(
            "INSERT INTO account_words (word, account, is_name) {} SELECT 'person', 'bench' || i, 0 FROM numbers",
            numbers(people)
        ),
        format!(
            "INSERT INTO account_words (word, account, is_name) {} SELECT 'p' || i, 'bench' || i, 1 FROM numbers",
            numbers(people)
        ),
        format!(
            "INSERT INTO factors (id, account, kind, parameters, name, sealed_secret, created_at) {} \
             SELECT 'bench' || i, 'bench' || i, 'totp', '{{}}', 'Phone', {}, {now} FROM numbers",
            numbers(people / 2),
            bytes("'00'")
        ),
        object("f", "person", people),
        object("e", "group", groups),
        format!(
            "INSERT INTO audit (at, decision, attempt_id, account, directory, client_id, address, cause, kept_until) {} \
             SELECT {now} - ({events} - i) * 30000, \
             CASE i % 4 WHEN 0 THEN 'sign_in_refused' WHEN 1 THEN 'signed_in' WHEN 2 THEN 'code_exchanged' ELSE 'refreshed' END, \
             'BENCH-' || substr('00000' || i % 100000, length('00000' || i % 100000) - 4), 'bench' || i % {people}, 'corp', \
             'cloudsync', '192.0.2.1', CASE i % 4 WHEN 0 THEN 'bound' ELSE NULL END, {} FROM numbers",
            numbers(events),
            now + 400 * DAY
        ),
    ];
    for sql in statements.into_iter().chain(sync_rows(part, now)) {
        raw_sql(url, &sql).await;
    }
    if !is_sqlite {
        // What autovacuum does within a minute.
        raw_sql(url, "VACUUM ANALYZE").await;
    }
    let operation = story.provider.parts.operation();
    hours::count(&operation).await.expect("it counts");
    hours::measure(&operation).await.expect("it measures");
}

/// Grants of the client, changes of syncs, people whom the guard holds, conflicts, and a plan for everybody.
fn sync_rows(part: i64, now: i64) -> [String; 6] {
    let numbers = |many: i64| {
        let many = many / part;
        format!(
            "WITH RECURSIVE numbers(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM numbers WHERE i < {many})"
        )
    };
    let entry = "'f0000000-0000-0000-0000-' || substr('000000000000' || i, length('000000000000' || i) - 11)";
    let people = 100_000 / part;
    [
        format!(
            "INSERT INTO grants (id, client_id, account, scope, created_at, expires_at) {} \
             SELECT 'bench' || i, 'cloudsync', 'bench' || (1 + i % {people}), 'openid', {now}, {} FROM numbers",
            numbers(200_000),
            now + DAY
        ),
        // What a change of the synced people looks like.
        format!(
            "INSERT INTO changes (run, directory, account, at, kind, before, after) {}, \
             known(text) AS (SELECT max(after) FROM changes) \
             SELECT NULL, 'corp', 'bench' || (1 + i % {people}), {now}, \
             CASE i % 100000 WHEN 7 THEN 'reactivated' ELSE 'updated' END, text, text FROM numbers, known",
            numbers(500_000)
        ),
        format!(
            "INSERT INTO held (directory, entry, account, login_name, what, since, what_since) {} \
             SELECT 'corp', {entry}, 'bench' || i, 'p' || i, '{{\"shares\":[\"Sales\"]}}', {now}, {now} FROM numbers",
            numbers(50_000)
        ),
        format!(
            "INSERT INTO conflicts (directory, entry, login_name, kind, email, since) {} \
             SELECT 'corp', {entry}, 'p' || i, 'no_mail', NULL, {now} FROM numbers",
            numbers(1_000)
        ),
        format!(
            "INSERT INTO plans (id, directory, made_at, settings_generation, mirror_version, counts) \
             SELECT 1, 'corp', {now}, 1, 1, '{{\"updated\":{people},\"suspended\":20}}'"
        ),
        format!(
            "INSERT INTO plan_rows (plan, seq, entry, account, login_name, kind, before, after) {}, \
             known(text) AS (SELECT max(after) FROM changes) \
             SELECT 1, i, {entry}, 'bench' || i, 'p' || i, CASE i % 5000 WHEN 7 THEN 'suspended' ELSE 'updated' END, text, text \
             FROM numbers, known",
            numbers(100_000)
        ),
    ]
}

/// The memory of this process, in kilobytes.
fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
