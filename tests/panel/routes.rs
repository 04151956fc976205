//! Every route of the panel, by the builder's own table: who may, and which requests are refused. A route that
//! is added later is tested without being listed here.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use axum::response::{IntoResponse, Response};
use cloudsync_idp::app;
use cloudsync_idp::domain::MINUTE;
use cloudsync_idp::domain::admin::{Capability, Role};
use cloudsync_idp::web;
use cloudsync_idp::web::admin::{
    Admin, AdminForm, DOORS, EditRoles, Fresh, Panel, PanelRoute, SeeOverview, TestSso, panel,
};
use reqwest::StatusCode;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::services::SERVICE;
use super::{COOKIE, Inside, PanelStory, assert_asked};
use crate::support::browser::{Browser, Page, attribute};

const DIRECTORIES: &str = "/admin/settings/integrations/active-directory";
const SERVICES: &str = "/admin/settings/integrations/services";
const SSO: &str = "/admin/settings/integrations/single-sign-on";
const STOP: &str = "/admin/settings/active-directory/sync-log/stop";
const LOCK_DOWN: &str = "/admin/people/lock-down";
const SIGN_OUT: &str = "/admin/sign-out";
const DANGEROUS: &str = "/admin/test/dangerous";

async fn only_owners(_: Admin<TestSso>) -> Response {
    "".into_response()
}

async fn harmless(_: AdminForm<SeeOverview>) -> Response {
    "".into_response()
}

async fn dangerous(_: Fresh<EditRoles>) -> Response {
    "".into_response()
}

/// The panel with three more routes: for owners only, for everybody, and dangerous.
fn with_more() -> Panel {
    let panel = panel().page("/admin/test/owners", only_owners);
    panel.action("/admin/test/harmless", harmless).action(DANGEROUS, dangerous)
}

/// The same provider at another address, with these routes. Dropping it stops it.
struct Served {
    url: String,
    issuer: String,
    server: JoinHandle<()>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Served {
    async fn of(story: &PanelStory) -> Self {
        let parts = &story.provider.parts;
        let router =
            web::router_with(app::web(&story.provider.config, parts).expect("the web layer"), with_more());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move { axum::serve(listener, service).await.expect("it serves") });
        Self { url, issuer: story.provider.url.clone(), server }
    }

    async fn get(&self, browser: &Browser, path: &str) -> Page {
        browser.open(&format!("{}{path}", self.url)).await
    }

    async fn post(&self, browser: &Browser, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Page {
        let request = browser.http.post(format!("{}{path}", self.url)).body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        Page::of(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
    }

    /// As our own page sends it.
    async fn send(&self, browser: &Browser, path: &str, token: &str) -> Page {
        self.post(browser, path, &[("origin", &self.issuer)], format!("csrf={token}").into()).await
    }
}

/// The status of a page about something that does not exist.
const NOT_THERE: [StatusCode; 2] = [StatusCode::BAD_REQUEST, StatusCode::NOT_FOUND];

/// True for a path with a part in braces, which the tests leave as it is, and for a page about a person whom they
/// do not name.
fn names_nothing(route: &PanelRoute) -> bool {
    route.path.contains('{') || route.path.starts_with(LOCK_DOWN)
}

/// All routes, signing out last: it ends what the others need.
fn routes() -> Vec<PanelRoute> {
    let mut routes = with_more().routes().to_vec();
    routes.sort_by_key(|route| route.path == SIGN_OUT);
    routes
}

#[tokio::test]
async fn every_route_asks_for_a_sign_in_and_then_for_the_role() {
    let story = PanelStory::new("").await;
    let served = Served::of(&story).await;
    let stranger = Browser::new();
    let signed_in = Browser::new();
    let owner = story.person(Role::Owner);
    let asked = story.provider.cloudsync().authorize(&[]);
    signed_in.sign_in(&asked, &owner.account, &story.subtree.password).await;
    let planted = Browser::with_cookie(&served.url, &format!("{COOKIE}={}", "A".repeat(43)));
    for route in routes() {
        for browser in [&stranger, &signed_in, &planted] {
            let page = match route.is_action {
                true => served.send(browser, route.path, "x").await,
                false => served.get(browser, route.path).await,
            };
            assert_asked(&page);
        }
    }
    for role in Role::ALL {
        let inside = story.inside(role).await;
        for route in routes() {
            assert_allowed(&story, &served, &inside, route, role.can(route.needs)).await;
        }
        assert!(story.session(&inside.cookie).await.is_none(), "{role:?} has signed out");
    }
    let (browser, _) = super::link::enters(&story).await;
    for route in routes().into_iter().filter(|route| !route.is_action) {
        let status = served.get(&browser, route.path).await.status;
        let expected = if names_nothing(&route) { NOT_THERE.as_slice() } else { &[StatusCode::OK] };
        assert!(expected.contains(&status), "{route:?}: {status}");
    }
}

/// The pages of the panel to which a page links.
fn links_of(page: &Page) -> BTreeSet<String> {
    let links = page.body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let links = links.map(|link| link.replace("&#38;", "&").replace("&amp;", "&"));
    links.filter(|link| link.starts_with("/admin")).collect()
}

#[tokio::test]
async fn no_page_links_to_one_that_the_role_may_not_open() {
    let story = PanelStory::new("").await;
    let outsider = story.subtree.person_in(&story.subtree.outside);
    let account = story.account(&story.bystander).await.0;
    story.subtree.disable(&story.bystander);
    let pages = panel().routes().to_vec();
    let pages = pages.iter().filter(|route| !route.is_action && !names_nothing(route));
    let plain: Vec<_> = pages.filter(|route| !route.path.ends_with("/callback")).collect();
    let mut shut = Vec::new();
    for role in Role::ALL {
        let inside = story.inside(role).await;
        if role == Role::Owner {
            let paused = story.saves(&inside, STOP, &[("directory", "corp"), ("do", "pause")]).await;
            assert!(paused.told().is_some_and(|told| told.ends_with("|done=paused")), "{}", paused.text());
        }
        let mut open: Vec<String> =
            plain.iter().filter(|route| role.can(route.needs)).map(|route| route.path.to_owned()).collect();
        open.push(format!("/admin/people/person?id={account}&live=1"));
        open.push(format!("/admin/troubleshooting/user-cant-log-in?who={}", outsider.account));
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for path in open {
            let page = inside.browser.open(&story.url(&path)).await;
            seen.extend(links_of(&page).into_iter().map(|link| (link, path.clone())));
        }
        for (link, from) in seen {
            if inside.browser.open(&story.url(&link)).await.status == StatusCode::FORBIDDEN {
                shut.push(format!("{role:?}: {from} links to {link}"));
            }
        }
    }
    assert_eq!(shut, Vec::<String>::new());
}

async fn assert_allowed(story: &PanelStory, served: &Served, inside: &Inside, route: PanelRoute, may: bool) {
    let page = match route.is_action {
        true => {
            let token = story.token(&inside.cookie, route.path).await;
            served.send(&inside.browser, route.path, &token).await
        }
        false => served.get(&inside.browser, route.path).await,
    };
    let refused = page.status == StatusCode::FORBIDDEN;
    assert_eq!(!refused, may, "{route:?}: {} {}", page.status, page.text());
    // A form of settings without a version is one on an old version.
    let answered = match page.status {
        // An empty form may name nothing either.
        status if NOT_THERE.contains(&status) => names_nothing(&route) || route.is_action,
        StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => route.is_action,
        status => status.is_success() || status.is_redirection() || refused,
    };
    assert!(answered, "{route:?}: {} {}", page.status, page.text());
    let asked = page.location.as_deref().is_some_and(|to| to.starts_with("/admin/enter"));
    assert!(!asked, "{route:?}: {:?}", page.location);
}

#[tokio::test]
async fn a_form_that_our_page_did_not_send_changes_nothing() {
    let story = PanelStory::new("").await;
    let served = Served::of(&story).await;
    let (inside, other) = (story.inside(Role::Owner).await, story.inside(Role::Operator).await);
    let browser = &inside.browser;
    let ours = served.issuer.clone();
    for route in routes().into_iter().filter(|route| route.is_action) {
        let path = route.path;
        let token = story.token(&inside.cookie, path).await;
        let of_other_path = story.token(&inside.cookie, "/admin/other").await;
        let of_other_session = story.token(&other.cookie, path).await;
        let from_here = [("origin", ours.as_str())];
        for wrong in [
            "",
            "csrf=",
            "csrf=x",
            &format!("csrf={of_other_path}"),
            &format!("csrf={of_other_session}"),
            &format!("csrf={token}&csrf={token}"),
        ] {
            let page = served.post(browser, path, &from_here, wrong.into()).await;
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{path} {wrong}: {}", page.text());
        }
        let evil = "https://evil.example";
        let foreign: [&[(&str, &str)]; 7] = [
            &[],
            &[("origin", "null")],
            &[("origin", evil)],
            &[("origin", &ours), ("sec-fetch-site", "cross-site")],
            &[("origin", &ours), ("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[("origin", evil), ("sec-fetch-site", "same-origin")],
        ];
        for headers in foreign {
            let page = served.post(browser, path, headers, format!("csrf={token}").into()).await;
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{path} {headers:?}: {}", page.text());
        }
        let junk = [
            (vec![b'a'; 1 << 20], StatusCode::PAYLOAD_TOO_LARGE),
            (format!("csrf={token}{}", "&a=1".repeat(10_000)).into(), StatusCode::BAD_REQUEST),
            (format!("csrf={token}&a=%00").into(), StatusCode::BAD_REQUEST),
            ([format!("csrf={token}&a=").as_bytes(), b"\xff\xfe"].concat(), StatusCode::BAD_REQUEST),
        ];
        for (body, status) in junk {
            assert_eq!(served.post(browser, path, &from_here, body).await.status, status, "{path}");
        }
        if !routes().iter().any(|page| page.path == path && !page.is_action) {
            let wrong_method = served.get(browser, path).await;
            assert_eq!(wrong_method.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        }
    }
    assert!(story.session(&inside.cookie).await.is_some(), "nobody was signed out");
    let token = story.token(&inside.cookie, SIGN_OUT).await;
    let fetched = [("sec-fetch-site", "same-origin")];
    let page = served.post(browser, SIGN_OUT, &fetched, format!("csrf={token}").into()).await;
    assert_eq!(page.location.as_deref(), Some("/signed-out"), "a browser without Origin: {}", page.text());
}

/// The forms of a page that carry a version: where each is sent, and what it sends as it stands.
fn versioned_forms(page: &Page) -> BTreeMap<String, Vec<(String, String)>> {
    let forms = page.body.split("<form").skip(1).filter_map(|rest| rest.split("</form>").next());
    let forms = forms.filter(|form| form.contains("name=\"version\""));
    let sent = |form: &str| {
        let inputs = form.split("<input").skip(1).filter_map(|rest| rest.split('>').next());
        let sent = inputs.filter(|input| !input.contains("type=\"checkbox\"") || input.contains(" checked"));
        let sent = sent.filter(|input| !input.contains("type=\"radio\"") || input.contains(" checked"));
        let named = sent.filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)));
        named.filter(|(name, _)| name != "csrf").collect()
    };
    forms.map(|form| (attribute(form, "action").expect("an action"), sent(form))).collect()
}

#[tokio::test]
async fn no_form_overwrites_what_was_saved_since_it_was_opened() {
    let story = PanelStory::new(SERVICE).await;
    let inside = story.inside(Role::Owner).await;
    let more = ["/new?domain=", "/configure?directory=corp"].map(|last| format!("{DIRECTORIES}{last}"));
    let application =
        ["application", "edit"].map(|page| format!("{SSO}/applications/{page}?entry=cloudsync"));
    let service = ["service", "edit"].map(|page| format!("{SERVICES}/{page}?entry=cloudsync"));
    let plain = panel().routes().to_vec();
    let plain = plain.iter().filter(|route| !route.is_action && !names_nothing(route));
    let plain = plain.map(|route| route.path.to_owned());
    let mut forms = BTreeMap::new();
    for path in plain.chain(more).chain(application).chain(service) {
        if !path.ends_with("/callback") {
            forms.extend(versioned_forms(&inside.browser.open(&story.url(&path)).await));
        }
    }
    let actions: Vec<_> = forms.keys().map(|action| action.split('?').next().unwrap_or(action)).collect();
    let apps = ["edit", "new", "remove"].map(|last| format!("{SSO}/applications/{last}"));
    let services = ["edit", "new", "remove"].map(|last| format!("{SERVICES}/{last}"));
    let expected = [
        "/admin/security/administrators",
        "/admin/security/two-step-authentication",
        "/admin/settings/active-directory/sync-settings",
        &format!("{DIRECTORIES}/configure"),
        &format!("{DIRECTORIES}/remove"),
        &services[0],
        &services[1],
        &services[2],
        SSO,
        &apps[0],
        &apps[1],
        &apps[2],
        &format!("{SSO}/branding"),
    ];
    assert_eq!(actions, expected);

    let version = story.version(&inside, SSO).await;
    let saved = [("version", version.as_str()), ("session.idle_minutes", "61")];
    let saved = story.saves(&inside, SSO, &saved).await;
    assert!(saved.told().is_some_and(|told| told.ends_with("saved=yes")), "{}", saved.text());
    let in_force = story.settings().await;
    for (action, fields) in forms {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut page = story.saves(&inside, &action, &fields).await;
        if page.location.as_deref().is_some_and(|to| to.starts_with("/admin/confirm/")) {
            let confirm = inside.browser.go_on(page).await;
            page = story.agrees(&inside, &action, &confirm).await;
        }
        assert_eq!(page.status, StatusCode::CONFLICT, "{action}: {:?} {}", page.location, page.text());
        assert_eq!(story.settings().await, in_force, "{action}");
    }
}

#[tokio::test]
async fn a_dangerous_action_needs_a_fresh_factor() {
    let story = PanelStory::new("").await;
    let served = Served::of(&story).await;
    let inside = story.inside(Role::Owner).await;
    let send = async |browser: &Browser, cookie: &str| {
        let token = story.token(cookie, DANGEROUS).await;
        served.send(browser, DANGEROUS, &token).await
    };
    story.later(5 * MINUTE - 1);
    assert_eq!(send(&inside.browser, &inside.cookie).await.status, StatusCode::OK);
    story.later(1);
    let page = send(&inside.browser, &inside.cookie).await;
    let to = page.location.unwrap_or_default();
    assert!(to.starts_with("/admin/enter?to=%2Fadmin%2Fconfirm%2F") && to.ends_with("&again=yes"), "{to}");
    let (_, cookie) =
        story.signs_in_again(&inside, story.person(Role::Owner), "/admin/enter?to=%2Fadmin&again=yes").await;
    assert_eq!(send(&inside.browser, &cookie).await.status, StatusCode::OK);
}

#[test]
fn the_table_has_every_route_with_what_it_needs() {
    let found: Vec<_> =
        panel().routes().iter().map(|route| (route.path, route.is_action, route.needs)).collect();

    let log = "/admin/settings/active-directory/sync-log";
    let (held, stop, resume) = (format!("{log}/held"), format!("{log}/stop"), format!("{log}/resume"));
    let settings = "/admin/settings/active-directory/sync-settings";
    let (draft, plan, apply) =
        (format!("{settings}/draft"), format!("{settings}/plan/{{plan}}"), format!("{settings}/apply"));
    let add_unit = format!("{settings}/add-unit");
    let (revert, log_export) = (format!("{log}/revert"), format!("{log}/export"));
    let (roles, sso) = ("/admin/security/administrators", "/admin/settings/integrations/single-sign-on");
    let approvals = "/admin/security/approvals";
    let [request, ask, withdraw, approve, reject] =
        ["request/{id}", "ask", "withdraw", "approve", "reject"].map(|last| format!("{approvals}/{last}"));
    let test = format!("{sso}/test");
    let callback = format!("{test}/callback");
    let apps = format!("{sso}/applications");
    let [new, one, edit, rotate, end_old, remove] =
        ["new", "application", "edit", "rotate-secret", "end-old-secret", "remove"]
            .map(|last| format!("{apps}/{last}"));
    let (branding, preview) = (format!("{sso}/branding"), format!("{sso}/branding/preview"));
    let two_step = "/admin/security/two-step-authentication";
    let directories = "/admin/settings/integrations/active-directory";
    let trouble = "/admin/troubleshooting/connection-test-fails";
    let (fresh, configure) = (format!("{directories}/new"), format!("{directories}/configure"));
    let (typed, report) = (format!("{configure}/draft"), format!("{configure}/test/{{id}}"));
    let events = format!("{report}/events");
    let no_more = format!("{directories}/remove");
    let (enrolled, export) = (format!("{two_step}/people"), format!("{two_step}/people/export"));
    let (role_groups, factor_groups) = (format!("{roles}/groups"), format!("{two_step}/groups"));
    let [new_service, service, edit_service, retry, next_token, no_service] =
        ["new", "service", "edit", "retry", "next-token", "remove"].map(|last| format!("{SERVICES}/{last}"));
    let [test_service, compare] = ["test", "compare"].map(|last| format!("{SERVICES}/{last}"));
    let [test_report, comparison] = ["test", "comparison"].map(|what| format!("{SERVICES}/{what}/{{id}}"));
    let [test_events, comparison_events] = [&test_report, &comparison].map(|one| format!("{one}/events"));
    let expected = [
        ("/admin", false, Capability::SeeOverview),
        (log, false, Capability::SeeSyncLog),
        (held.as_str(), false, Capability::SeeSyncLog),
        (held.as_str(), true, Capability::DecideHeld),
        (stop.as_str(), true, Capability::StopSync),
        (resume.as_str(), true, Capability::RunSync),
        (revert.as_str(), true, Capability::RevertRun),
        (log_export.as_str(), true, Capability::Export),
        (plan.as_str(), false, Capability::SeeSyncLog),
        (apply.as_str(), true, Capability::DecideHeld),
        (settings, false, Capability::SeeSettings),
        (settings, true, Capability::EditScope),
        (draft.as_str(), true, Capability::RunSync),
        (add_unit.as_str(), true, Capability::EditScope),
        ("/admin/set-up", false, Capability::SeeSettings),
        ("/admin/troubleshooting/users-not-syncing", false, Capability::SeeHealth),
        ("/admin/troubleshooting/sync-is-slow", false, Capability::SeeHealth),
        ("/admin/support-bundle", true, Capability::MakeSupportBundle),
        (SIGN_OUT, true, Capability::SignOut),
        ("/admin/links/ours", true, Capability::EditRoles),
        ("/admin/links/end", true, Capability::EditRoles),
        ("/admin/confirm/{id}", false, Capability::Confirm),
        ("/admin/tasks", true, Capability::RunSync),
        ("/admin/tasks/{id}", false, Capability::SeeSyncLog),
        ("/admin/tasks/{id}/events", false, Capability::SeeSyncLog),
        ("/admin/tasks/{id}/stop", true, Capability::StopSync),
        (roles, false, Capability::SeeSettings),
        (roles, true, Capability::EditRoles),
        (role_groups.as_str(), true, Capability::SeeSettings),
        (approvals, false, Capability::SeeSettings),
        (request.as_str(), false, Capability::SeeSettings),
        (ask.as_str(), true, Capability::Confirm),
        (withdraw.as_str(), true, Capability::Confirm),
        (approve.as_str(), true, Capability::Approve),
        (reject.as_str(), true, Capability::Approve),
        (sso, false, Capability::SeeSettings),
        (sso, true, Capability::EditSso),
        (test.as_str(), false, Capability::TestSso),
        (test.as_str(), true, Capability::TestSso),
        (callback.as_str(), false, Capability::TestSso),
        (apps.as_str(), false, Capability::SeeSettings),
        (new.as_str(), false, Capability::SeeSettings),
        (new.as_str(), true, Capability::EditClients),
        (one.as_str(), false, Capability::SeeSettings),
        (edit.as_str(), false, Capability::SeeSettings),
        (edit.as_str(), true, Capability::EditClients),
        (rotate.as_str(), true, Capability::EditClients),
        (end_old.as_str(), true, Capability::EditClients),
        (remove.as_str(), true, Capability::EditClients),
        (branding.as_str(), false, Capability::SeeSettings),
        (branding.as_str(), true, Capability::EditBranding),
        (preview.as_str(), true, Capability::SeeSettings),
        (two_step, false, Capability::SeeSettings),
        (two_step, true, Capability::EditTwoStep),
        (factor_groups.as_str(), true, Capability::SeeSettings),
        ("/admin/people", false, Capability::SeePeople),
        ("/admin/people/person", false, Capability::SeePeople),
        ("/admin/people/sync", true, Capability::SyncPerson),
        ("/admin/people/end-sessions", true, Capability::EndSessions),
        ("/admin/people/invite", true, Capability::Invite),
        ("/admin/people/reset-factors", true, Capability::ResetFactors),
        ("/admin/people/suspend", true, Capability::SuspendHere),
        ("/admin/people/lock-down", true, Capability::SuspendHere),
        ("/admin/people/lock-down", false, Capability::SeePeople),
        ("/admin/people/lock-down/events", false, Capability::SeePeople),
        ("/admin/people/reactivate", true, Capability::SuspendHere),
        ("/admin/people/hand-over", true, Capability::HandOver),
        (enrolled.as_str(), false, Capability::SeePeople),
        (export.as_str(), true, Capability::Export),
        ("/admin/help-desk", false, Capability::ReadSupportCode),
        ("/admin/troubleshooting/user-cant-log-in", false, Capability::SeePeople),
        ("/admin/audit-log", false, Capability::SeeAudit),
        ("/admin/audit-log/export", true, Capability::Export),
        ("/admin/audit-log/check", true, Capability::SeeAudit),
        (directories, false, Capability::SeeSettings),
        (fresh.as_str(), false, Capability::TestConnection),
        (fresh.as_str(), true, Capability::TestConnection),
        (configure.as_str(), false, Capability::SeeSettings),
        (configure.as_str(), true, Capability::ConfigureDirectory),
        (no_more.as_str(), true, Capability::ConfigureDirectory),
        (typed.as_str(), true, Capability::TestConnection),
        (report.as_str(), false, Capability::TestConnection),
        (events.as_str(), false, Capability::TestConnection),
        (trouble, false, Capability::SeeHealth),
        (trouble, true, Capability::TestConnection),
        (SERVICES, false, Capability::SeeSettings),
        (new_service.as_str(), false, Capability::SeeSettings),
        (new_service.as_str(), true, Capability::EditServices),
        (service.as_str(), false, Capability::SeeSettings),
        (edit_service.as_str(), false, Capability::SeeSettings),
        (edit_service.as_str(), true, Capability::EditServices),
        (retry.as_str(), true, Capability::RetryDelivery),
        (next_token.as_str(), true, Capability::EditServices),
        (no_service.as_str(), true, Capability::EditServices),
        (test_service.as_str(), true, Capability::TestConnection),
        (test_report.as_str(), false, Capability::TestConnection),
        (test_events.as_str(), false, Capability::TestConnection),
        (compare.as_str(), true, Capability::RetryDelivery),
        (comparison.as_str(), false, Capability::RetryDelivery),
        (comparison_events.as_str(), false, Capability::RetryDelivery),
    ];
    assert_eq!(found, expected);
    for capability in Capability::ALL {
        assert!(
            found.iter().any(|(_, _, needs)| needs == capability),
            "{capability:?} is needed by no route"
        );
    }
    assert_eq!(DOORS, [("/admin/enter", false), ("/admin/link", false), ("/admin/link", true)]);
}

#[tokio::test]
async fn a_refusal_is_recorded_with_who_tried_what() {
    let story = PanelStory::new("").await;
    let served = Served::of(&story).await;
    let inside = story.inside(Role::Operator).await;
    for _ in 0..3 {
        let page = served.get(&inside.browser, "/admin/test/owners").await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        served.send(&inside.browser, "/admin/test/harmless", "forged").await;
    }
    let account = story.account(story.person(Role::Operator)).await;
    let refused = story.trail("admin_refused").await;
    for cause in ["capability:TestSso", "form"] {
        let rows: Vec<_> = refused.iter().filter(|row| row.cause.as_deref() == Some(cause)).collect();
        let [row] = rows.as_slice() else { panic!("one row an hour: {refused:?}") };
        assert_eq!((row.times, row.role.as_deref()), (3, Some("operator")));
        assert_eq!(row.actor, Some(format!("account {}", account.0)));
    }
}
