//! The panel for scripts: with access tokens, in JSON, under the same capabilities as the pages.

use std::path::Path;
use std::process::Command;

use cloudsync_idp::domain::MINUTE;
use cloudsync_idp::domain::admin::Role;
use cloudsync_idp::flow::settings::Mode;
use cloudsync_idp::web::admin::{PanelRoute, panel};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use super::{COOKIE, Inside, PanelStory};
use crate::support::browser::Browser;
use crate::support::count;
use crate::support::relying_party::RelyingParty;

pub(super) const API: &str = "/admin/api/v1";
const APPLICATIONS: &str = "/settings/integrations/single-sign-on/applications";
const SSO: &str = "/settings/integrations/single-sign-on";
const SECRET: &str = "a secret of a script";
/// How many requests a minute the access tokens of one person may make.
const TOKENS_A_MINUTE: u32 = 120;

/// A script for each role, one without a role that signs people in with the scope `admin`, and one without it.
pub(super) fn clients() -> String {
    let script = |role: Role| {
        let role = role.as_str();
        format!(
            "[[clients]]\nclient_id = \"{role}\"\nclient_secret = {SECRET:?}\nadmin_role = \"{role}\"\n\
             grant_types = [\"client_credentials\"]\nscope = \"admin\"\nredirect_uris = []\n"
        )
    };
    let tool = "[[clients]]\nclient_id = \"tool\"\nclient_secret = \"a secret of a tool\"\nscope = \"openid admin\"\n\
         redirect_uris = [\"https://cloudsync.example/callback\"]\n";
    format!("{}{tool}", Role::ALL.map(script).concat())
}

/// An answer in JSON.
#[derive(Debug)]
pub(super) struct Answer {
    pub status: StatusCode,
    kind: String,
    challenge: String,
    replayed: bool,
    pub body: Value,
    pub etag: String,
    /// In seconds; 0 without one.
    retry_after: u32,
}

impl Answer {
    pub async fn of(request: RequestBuilder) -> Self {
        Self::read(request.send().await.expect("an answer")).await
    }

    async fn read(response: Response) -> Self {
        let header = |name: &str| {
            let value = response.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        Self {
            status: response.status(),
            kind: header("content-type"),
            challenge: header("www-authenticate"),
            etag: header("etag"),
            retry_after: header("retry-after").parse().unwrap_or_default(),
            replayed: response.headers().contains_key("idempotency-replayed"),
            body: response.json().await.unwrap_or(Value::Null),
        }
    }

    /// It is a problem of this status, and says so.
    pub fn assert_problem(&self, status: StatusCode) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.kind, "application/problem+json", "{self:?}");
        assert_eq!(self.body["status"], status.as_u16(), "{self:?}");
        assert!(self.body["title"].as_str().is_some_and(|title| !title.is_empty()), "{self:?}");
    }
}

impl PanelStory {
    /// The token of the script with this role.
    pub(super) async fn script(&self, role: Role) -> String {
        let script = RelyingParty::new(&self.provider.url, role.as_str(), Some(SECRET));
        let tokens = script.token(&[("grant_type", "client_credentials")]).await;
        assert_eq!(tokens.status, StatusCode::OK, "{:?}", tokens.body);
        assert_eq!((tokens.text("scope"), tokens.text("refresh_token")), ("admin", ""));
        tokens.text("access_token").to_owned()
    }

    pub(super) fn api(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        let browser = Browser::new();
        browser.http.request(method, format!("{}{API}{path}", self.provider.url)).bearer_auth(token)
    }

    pub(super) async fn get(&self, path: &str, token: &str) -> Answer {
        Answer::of(self.api(Method::GET, path, token)).await
    }

    pub(super) async fn act(&self, path: &str, token: &str, body: &Value) -> Answer {
        Answer::of(self.api(Method::POST, path, token).json(body)).await
    }
}

/// The routes of pages and actions that scripts have too, with their path below the API.
fn twins() -> Vec<(PanelRoute, String)> {
    let without = ["/admin/confirm/{id}", "/admin/tasks/{id}/events"];
    let routes = panel().routes().to_vec();
    let routes = routes.into_iter().filter(|route| !without.contains(&route.path));
    let path = |route: &PanelRoute| match route.path.trim_start_matches("/admin") {
        "" => "/overview".to_owned(),
        path => path.to_owned(),
    };
    routes.map(|route| (route, path(&route))).collect()
}

/// Pages that scripts have no use for, and why.
const NO_TWIN: [(&str, &str); 8] = [
    (
        "/settings/integrations/single-sign-on/test/callback",
        "the answer of a sign-in, for the browser that began it",
    ),
    ("/settings/integrations/single-sign-on/applications/new", "an empty form"),
    ("/settings/integrations/active-directory/new", "an empty form"),
    ("/settings/integrations/services/new", "an empty form"),
    ("/settings/integrations/active-directory/configure/test/{id}/events", "the stream of a page"),
    ("/people/lock-down/events", "the stream of a page"),
    ("/settings/integrations/services/test/{id}/events", "the stream of a page"),
    ("/settings/integrations/services/comparison/{id}/events", "the stream of a page"),
];

/// Actions that need no field. What any other did with an empty form would be nothing.
const WITHOUT_FIELDS: [&str; 13] = [
    "/audit-log/check",
    "/links/end",
    "/audit-log/export",
    "/security/administrators/groups",
    "/security/two-step-authentication/groups",
    "/security/two-step-authentication/people/export",
    "/settings/active-directory/sync-log/export",
    "/settings/active-directory/sync-settings/draft",
    "/settings/integrations/active-directory/configure/draft",
    "/settings/integrations/single-sign-on/branding/preview",
    "/sign-out",
    "/support-bundle",
    "/settings/integrations/active-directory/configure",
];

#[tokio::test]
async fn every_route_answers_scripts_by_their_role() {
    let story = PanelStory::new(&clients()).await;
    let account = story.account(&story.bystander).await.0;
    for role in Role::ALL {
        let token = story.script(role).await;
        let document = story.get("/openapi.json", &token).await.body;
        for (route, path) in twins() {
            if !is_described(&document, &route, &path) {
                assert!(!route.is_action && NO_TWIN.iter().any(|(without, _)| path == *without), "{path}");
                continue;
            }
            assert!(route.is_action || NO_TWIN.iter().all(|(without, _)| path != *without), "{path}");
            let answer = match route.is_action {
                true => story.act(&path, &token, &json!({})).await,
                false => story.get(&format!("{path}?id={account}&entry=tool"), &token).await,
            };
            let refused = answer.status == StatusCode::FORBIDDEN;
            assert_eq!(!refused, role.can(route.needs), "{role:?} {route:?}: {answer:?}");
            assert!(!answer.status.is_server_error(), "{role:?} {route:?}: {answer:?}");
            let is_ours = answer.kind.starts_with("application/") || answer.kind.starts_with("text/csv");
            assert!(is_ours, "{role:?} {route:?}: {answer:?}");
            if route.is_action && answer.status.is_success() {
                assert!(WITHOUT_FIELDS.contains(&path.as_str()), "{role:?} {route:?}: {answer:?}");
            }
            assert!(!answer.status.is_redirection(), "{role:?} {route:?}: {answer:?}");
        }
    }
}

fn is_described(document: &Value, route: &PanelRoute, path: &str) -> bool {
    let verb = if route.is_action { "post" } else { "get" };
    document["paths"][format!("{API}{path}")][verb].is_object()
}

#[tokio::test]
async fn only_a_token_with_the_scope_lets_a_script_in() {
    let story = PanelStory::new(&clients()).await;
    let inside = story.inside(Role::Owner).await;
    let url = story.url(&format!("{API}/overview"));
    let cookie = Browser::with_cookie(&story.provider.url, &format!("{COOKIE}={}", inside.cookie));
    for request in [Browser::new().http.get(&url), cookie.http.get(&url), inside.browser.http.get(&url)] {
        let answer = Answer::of(request).await;
        answer.assert_problem(StatusCode::UNAUTHORIZED);
        assert_eq!(answer.challenge, "Bearer realm=\"admin\"", "{answer:?}");
    }
    let token = story.script(Role::Owner).await;
    let (head, signature) = token.rsplit_once('.').expect("a signed token");
    let forged = format!("{head}.{}", signature.chars().rev().collect::<String>());
    let other = story.provider.cloudsync().authorize(&[("scope", "openid")]);
    let browser = Browser::new();
    let person = story.person(Role::Owner);
    let page = browser.sign_in(&other, &person.account, &story.subtree.password).await;
    let of_cloudsync = story.provider.cloudsync().exchange(&page).await;
    for wrong in ["x", &forged, of_cloudsync.text("id_token")] {
        story.get("/overview", wrong).await.assert_problem(StatusCode::UNAUTHORIZED);
    }
    story.get("/overview", of_cloudsync.text("access_token")).await.assert_problem(StatusCode::FORBIDDEN);
    let userinfo = story.provider.cloudsync().userinfo(&token).await;
    assert_eq!(userinfo.status, StatusCode::UNAUTHORIZED, "a script is no person");

    assert_eq!(story.get("/overview", &token).await.status, StatusCode::OK);
    let fewer = clients().replace("admin_role = \"owner\"", "admin_role = \"auditor\"");
    story.provider.apply(&fewer, Mode::Merge).await.expect("applied");
    let page = story.act(SSO, &token, &json!({ "version": 0 })).await;
    page.assert_problem(StatusCode::FORBIDDEN);
    story.later(60 * MINUTE);
    story.get("/overview", &token).await.assert_problem(StatusCode::UNAUTHORIZED);
}

/// A script is removed, and another one gets its id.
#[tokio::test]
async fn a_script_gets_nothing_of_one_that_had_its_id() {
    let story = PanelStory::new(&clients()).await;
    let (removed, keeper) = (story.script(Role::Owner).await, story.script(Role::Auditor).await);
    let order = json!({ "order": "sync", "directory": "corp" });
    let send = async |token: &str| {
        let request = story.api(Method::POST, "/tasks", token).header("idempotency-key", "k1").json(&order);
        Answer::of(request).await
    };
    assert_eq!(send(&removed).await.status, StatusCode::OK);
    let version = story.get(&format!("{APPLICATIONS}/application?entry=owner"), &removed).await;
    let remove = json!({ "entry": "owner", "version": version.body["version"], "confirmed": true });
    let gone = story.act(&format!("{APPLICATIONS}/remove"), &removed, &remove).await;
    assert_eq!(gone.status, StatusCode::OK, "{gone:?}");
    story.get("/overview", &removed).await.assert_problem(StatusCode::UNAUTHORIZED);
    let other = clients().replace(SECRET, "the secret of another script");
    story.provider.apply(&other, Mode::Merge).await.expect("settings");
    story.get("/overview", &removed).await.assert_problem(StatusCode::UNAUTHORIZED);
    story.get("/overview", &keeper).await.assert_problem(StatusCode::UNAUTHORIZED);
    let script = RelyingParty::new(&story.provider.url, "owner", Some("the secret of another script"));
    let tokens = script.token(&[("grant_type", "client_credentials")]).await;
    assert!(!send(tokens.text("access_token")).await.replayed, "the answer was for the other script");
}

#[tokio::test]
async fn a_client_gets_a_token_for_itself_only_where_the_settings_say_so() {
    let story = PanelStory::new(&clients()).await;
    let ask = async |client: &RelyingParty, scope: &str| {
        let tokens = client.token(&[("grant_type", "client_credentials"), ("scope", scope)]).await;
        (tokens.status, tokens.text("error").to_owned())
    };
    let script = RelyingParty::new(&story.provider.url, "owner", Some(SECRET));
    let wrong = RelyingParty::new(&story.provider.url, "owner", Some("another secret"));
    let bad = StatusCode::BAD_REQUEST;
    assert_eq!(ask(&script, "admin").await.0, StatusCode::OK);
    assert_eq!(ask(&script, "openid").await, (bad, "invalid_scope".into()));
    assert_eq!(ask(&story.provider.cloudsync(), "admin").await, (bad, "unauthorized_client".into()));
    assert_eq!(ask(&wrong, "admin").await, (StatusCode::UNAUTHORIZED, "invalid_client".into()));
    assert_eq!(story.trail("client_token_issued").await.len(), 1);
}

#[tokio::test]
async fn a_script_with_a_role_of_its_own_asks_for_nothing_that_needs_two_owners() {
    let story = PanelStory::new(&format!("{}[admin]\nfour_eyes = true\n", clients())).await;
    let token = story.script(Role::Owner).await;
    let roles = "/security/administrators";
    let version = story.get(roles, &token).await.body["version"].as_i64().expect("a version");
    let change = json!({ "version": version, "admin.four_eyes": false, "confirmed": true });
    let answer = story.act(roles, &token, &change).await;
    answer.assert_problem(StatusCode::FORBIDDEN);
    assert_eq!(answer.body["type"], "urn:cloudsync-idp:problem:not-a-person", "{answer:?}");
    assert!(story.settings().await.admin.four_eyes);
    let harmless = json!({ "version": version, "session.idle_minutes": 60 });
    assert_eq!(story.act(SSO, &token, &harmless).await.status, StatusCode::OK);
}

#[tokio::test]
async fn settings_are_read_changed_and_checked() {
    let story = PanelStory::new(&clients()).await;
    let token = story.script(Role::Owner).await;
    let seen = story.get(SSO, &token).await;
    let version = seen.body["version"].as_i64().expect("a version");
    let fields = seen.body["fields"].as_array().expect("fields");
    assert!(fields.iter().any(|field| field["name"] == "session.idle_minutes" && field["value"] == "480"));
    let done = story.act(SSO, &token, &json!({ "version": version, "session.idle_minutes": 60 })).await;
    assert_eq!(done.status, StatusCode::OK, "{done:?}");
    assert_eq!(story.settings().await.session.idle_minutes, 60);
    let changed = story.trail("settings_changed").await;
    assert_eq!(changed[0].actor.as_deref(), Some("client owner"));

    let stale = story.act(SSO, &token, &json!({ "version": version, "session.idle_minutes": 90 })).await;
    stale.assert_problem(StatusCode::CONFLICT);
    assert_eq!(seen.etag, format!("\"{version}\""));
    let on = async |etag: &str, idle: i64| {
        let request = story.api(Method::POST, SSO, &token).header("if-match", etag);
        Answer::of(request.json(&json!({ "version": version + 1, "session.idle_minutes": idle }))).await
    };
    let stale = on(&seen.etag, 90).await;
    stale.assert_problem(StatusCode::PRECONDITION_FAILED);
    assert_eq!(stale.body["versions"], json!({ "sent": version, "current": version + 1 }), "{stale:?}");
    on("*", 90).await.assert_problem(StatusCode::BAD_REQUEST);
    assert_eq!(story.settings().await.session.idle_minutes, 60);
    let etag = story.get(SSO, &token).await.etag;
    assert_eq!(on(&etag, 61).await.status, StatusCode::OK);
    let version = version + 1;
    let wrong = story.act(SSO, &token, &json!({ "version": version + 1, "session.idle_minutes": 0 })).await;
    wrong.assert_problem(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.body["problems"][0]["field"], "session.idle_minutes", "{wrong:?}");
    let off = json!({ "version": version + 1, "sso.enabled": false });
    let asked = story.act(SSO, &token, &off).await;
    asked.assert_problem(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(asked.body["problems"][0]["field"], "confirmed", "{asked:?}");
    assert!(story.settings().await.sso.enabled);
    let off = json!({ "version": version + 1, "sso.enabled": false, "confirmed": true });
    assert_eq!(story.act(SSO, &token, &off).await.status, StatusCode::OK);
    assert!(!story.settings().await.sso.enabled);
}

#[tokio::test]
async fn a_request_that_is_sent_again_is_carried_out_once() {
    let story = PanelStory::new(&clients()).await;
    let token = story.script(Role::Operator).await;
    let order = |order: &str| json!({ "order": order, "directory": "corp" });
    let send = async |key: &str, body: &Value| {
        let request = story.api(Method::POST, "/tasks", &token).header("idempotency-key", key).json(body);
        Answer::of(request).await
    };
    let first = send("k1", &order("sync")).await;
    let place = first.body["location"].as_str().expect("where it is").to_owned();
    assert!(place.starts_with(&format!("{API}/tasks/")), "{first:?}");
    let task = story.get(place.trim_start_matches(API), &token).await;
    assert_eq!((task.body["kind"].as_str(), task.body["state"].as_str()), (Some("sync"), Some("waiting")));
    let stop = format!("{}/stop", place.trim_start_matches(API));
    assert_eq!(story.act(&stop, &token, &json!({})).await.status, StatusCode::OK);
    let again = send("k1", &order("sync")).await;
    assert!(again.replayed && !first.replayed, "{again:?}");
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    send("k1", &order("plan")).await.assert_problem(StatusCode::UNPROCESSABLE_ENTITY);
    let request = story.api(Method::POST, "/tasks?do=other", &token).header("idempotency-key", "k1");
    Answer::of(request.json(&order("sync"))).await.assert_problem(StatusCode::UNPROCESSABLE_ENTITY);
    let new = send("k2", &order("sync")).await;
    assert_ne!(new.body, first.body, "the first one was stopped");
    for wrong in ["", &"k".repeat(101)] {
        send(wrong, &order("sync")).await.assert_problem(StatusCode::BAD_REQUEST);
    }
    assert_eq!(story.trail("task_ordered").await.len(), 2);
    story.later(24 * 60 * MINUTE);
    let token = story.script(Role::Operator).await;
    let request = story.api(Method::POST, "/tasks", &token).header("idempotency-key", "k1");
    assert!(!Answer::of(request.json(&order("plan"))).await.replayed, "an answer is kept for a day");
}

#[tokio::test]
async fn every_error_is_a_problem_in_json() {
    let story = PanelStory::new(&clients()).await;
    let token = story.script(Role::Owner).await;
    story.get("/nothing", &token).await.assert_problem(StatusCode::NOT_FOUND);
    story.get("/tasks/none", &token).await.assert_problem(StatusCode::NOT_FOUND);
    story.get("/tasks", &token).await.assert_problem(StatusCode::METHOD_NOT_ALLOWED);
    let post = |body: Vec<u8>, kind: &str| {
        story.api(Method::POST, "/tasks", &token).header("content-type", kind).body(body)
    };
    for (request, status) in [
        (post(vec![b'a'; 1 << 20], "application/json"), StatusCode::PAYLOAD_TOO_LARGE),
        (post(b"order=sync".into(), "application/x-www-form-urlencoded"), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (post(b"{".into(), "application/json"), StatusCode::UNPROCESSABLE_ENTITY),
        (post(b"[1]".into(), "application/json"), StatusCode::UNPROCESSABLE_ENTITY),
        (post(b"{\"order\":\"other\"}".into(), "application/json"), StatusCode::NOT_FOUND),
    ] {
        Answer::of(request).await.assert_problem(status);
    }
}

/// Signs in to the tool with a second factor.
async fn token_of(story: &PanelStory, inside: &Inside, role: Role) -> String {
    let tool = RelyingParty::new(&story.provider.url, "tool", Some("a secret of a tool"));
    let asked = tool.authorize(&[("scope", "openid admin"), ("prompt", "login")]);
    let page = inside.browser.follow(&asked.url).await;
    let person = story.person(role);
    let page = inside.browser.submit(&page, &person.account, &story.subtree.password).await;
    let page = inside.browser.go_on(page).await;
    story.later(crate::support::story::STEP);
    let code = inside.phone.code(story.now());
    let page = inside.browser.fill(&page, "/login/factor", &[("code", &code)]).await;
    let tokens = tool.exchange(&page).await;
    assert!(tokens.text("scope").contains("admin"), "{:?}", tokens.body);
    tokens.text("access_token").to_owned()
}

#[tokio::test]
async fn a_person_uses_it_in_their_role_with_a_second_factor() {
    let settings = "[second_factor]\nrequired = \"everyone\"\n[tokens]\naccess_token_minutes = 120\n\
         [admin]\nsession_hours = 1\n";
    let story = PanelStory::new(&format!("{settings}{}", clients())).await;
    let inside = story.inside(Role::Owner).await;
    let token = token_of(&story, &inside, Role::Owner).await;
    let seen = story.get(SSO, &token).await;
    assert_eq!(seen.status, StatusCode::OK, "{seen:?}");
    let change = json!({ "version": seen.body["version"], "session.idle_minutes": 60 });
    story.later(5 * MINUTE);
    let stale = story.act(SSO, &token, &change).await;
    stale.assert_problem(StatusCode::UNAUTHORIZED);
    assert!(stale.challenge.contains("insufficient_user_authentication"), "{stale:?}");
    let token = token_of(&story, &inside, Role::Owner).await;
    assert_eq!(story.act(SSO, &token, &change).await.status, StatusCode::OK);
    let account = story.account(story.person(Role::Owner)).await;
    assert_eq!(story.trail("settings_changed").await[0].actor, Some(format!("account {}", account.0)));
    let refused = story.trail("admin_refused").await.remove(0);
    let of = (refused.account_id, refused.client_id, refused.cause);
    assert_eq!(of, (Some(account.0), Some("tool".into()), Some("second_factor_too_old".into())));
    // The token lives on, but the sign-in behind it counts no longer than a session of the panel.
    story.later(59 * MINUTE);
    assert_eq!(story.get(SSO, &token).await.status, StatusCode::OK);
    story.later(MINUTE);
    let old = story.get(SSO, &token).await;
    old.assert_problem(StatusCode::UNAUTHORIZED);
    assert!(old.challenge.contains("insufficient_user_authentication"), "{old:?}");

    let auditor = story.inside(Role::Auditor).await;
    let token = token_of(&story, &auditor, Role::Auditor).await;
    assert_eq!(story.get(SSO, &token).await.status, StatusCode::OK);
    story.act(SSO, &token, &change).await.assert_problem(StatusCode::FORBIDDEN);
    let roles = story.get("/security/administrators", &token).await;
    let (seen, group) = (roles.body.to_string(), story.group(Role::Owner));
    assert!(seen.contains("1 group, which only owners see") && !seen.contains(group), "{roles:?}");
}

#[tokio::test]
async fn the_tokens_of_a_person_are_limited_and_nobody_else_pays_for_it() {
    let settings = "[second_factor]\nrequired = \"everyone\"\n";
    let story = PanelStory::new(&format!("{settings}{}", clients())).await;
    let owner = story.inside(Role::Owner).await;
    let desk = story.inside(Role::HelpDesk).await;
    let (busy, other) =
        (token_of(&story, &owner, Role::Owner).await, token_of(&story, &desk, Role::HelpDesk).await);
    // A new minute, in which nothing was counted yet.
    story.later(MINUTE - story.now() % MINUTE);
    for number in 1..=TOKENS_A_MINUTE {
        let answer = story.get("/people", &busy).await;
        assert_eq!(answer.status, StatusCode::OK, "{number}: {answer:?}");
    }
    let refused = story.get("/people", &busy).await;
    refused.assert_problem(StatusCode::TOO_MANY_REQUESTS);
    assert!((1..=60).contains(&refused.retry_after), "{refused:?}");
    assert_eq!(story.get("/people", &other).await.status, StatusCode::OK, "another person");
    let script = story.script(Role::Auditor).await;
    assert_eq!(
        story.get("/people", &script).await.status,
        StatusCode::OK,
        "a role by the settings asks nobody"
    );
    let page = owner.browser.open(&story.url("/admin/people")).await;
    assert_eq!(page.status, StatusCode::OK, "the same person in a browser");
    story.later(MINUTE);
    assert_eq!(story.get("/people", &busy).await.status, StatusCode::OK);
}

/// Sends what the description allows, and what it does not, as each role.
#[tokio::test(flavor = "multi_thread")]
async fn the_description_is_true() {
    let story = PanelStory::new(&clients()).await;
    let document = story.get("/openapi.json", &story.script(Role::Auditor).await).await.body;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("openapi.json");
    std::fs::write(&file, document.to_string()).expect("it is written");
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/py");
    assert!(python.join("bin/schemathesis").exists(), "schemathesis is missing: run make install");
    for role in Role::ALL {
        let token = story.script(role).await;
        let mut command = Command::new("python3");
        command.current_dir(folder.path()).env("PYTHONPATH", &python).arg(python.join("bin/schemathesis"));
        command.arg("run").arg(&file).args(["--url", &story.provider.url]);
        command.args([
            "-H",
            &format!("Authorization: Bearer {token}"),
            "--max-time",
            &count(12, 120).to_string(),
        ]);
        command.args(["--checks", CHECKS, "--phases", "coverage,fuzzing", "--no-color"]);
        let run = tokio::task::spawn_blocking(move || command.output());
        let output = run.await.expect("it ran").expect("it starts");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{role:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
    }
}

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,ignored_auth";

#[tokio::test]
async fn the_description_refers_to_what_it_has() {
    let story = PanelStory::new(&clients()).await;
    let token = story.script(Role::Auditor).await;
    let document = story.get("/openapi.json", &token).await;
    assert_eq!(document.body["openapi"], "3.1.0", "{document:?}");
    let text = document.body.to_string();
    let names = text.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next());
    for name in names {
        assert!(document.body["components"]["schemas"][name].is_object(), "{name}");
    }
    story.get("/openapi.json", "x").await.assert_problem(StatusCode::UNAUTHORIZED);
}
