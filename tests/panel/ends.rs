//! A session of the panel ends with the role, the account, the browser session, and by the clock. Without the
//! directory it goes on for a few minutes, for reading.

use cloudsync_idp::domain::admin::{ROLE_WITHOUT_DIRECTORY, Role};
use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::{HOUR, MINUTE, SECOND};
use cloudsync_idp::flow::settings::Mode;
use reqwest::{Method, Response, StatusCode};

use super::api::clients;
use super::{Inside, NO_ROLE, OVERVIEW, PanelStory, UNCONFIRMED, assert_asked};
use crate::support::lab;
use crate::support::story::SIGN_IN;
use crate::support::subtree::Subtree;

/// Removes the only member of a role's group; another person stays in it, since it may not be empty.
fn leave(story: &PanelStory, role: Role) {
    let (group, member) = (story.group(role), &story.person(role).dn);
    story.subtree.admin.add_values(group, "member", &[&story.subtree.unit]);
    story.subtree.admin.remove_values(group, "member", &[member]);
}

async fn heading(story: &PanelStory, inside: &Inside) -> String {
    inside.browser.follow(&story.url("/admin")).await.heading()
}

#[tokio::test]
async fn a_change_that_the_feed_reports_ends_the_session_at_the_next_click() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    leave(&story, Role::Owner);
    assert_eq!(heading(&story, &inside).await, OVERVIEW, "nobody has reported it yet");
    story.provider.sync().await.expect("a sync");
    assert_eq!(heading(&story, &inside).await, NO_ROLE);
    assert!(story.session(&inside.cookie).await.is_none());
    let refused = story.trail("admin_refused").await;
    assert!(refused.iter().any(|row| row.cause.as_deref() == Some("role_changed")), "{refused:?}");
}

/// There the groups come from `tokenGroups`, and the feed is another one.
#[tokio::test]
async fn it_is_the_same_in_active_directory() {
    let story = PanelStory::at(Subtree::ad(), "").await;
    let inside = story.inside(Role::Operator).await;
    let (group, member) = (story.group(Role::Operator), &story.person(Role::Operator).dn);
    story.subtree.admin.remove_values(group, "member", &[member]);
    story.provider.sync().await.expect("a sync");
    assert_eq!(heading(&story, &inside).await, NO_ROLE);
}

/// Starts the download of the audit log, and reads its beginning.
async fn download(story: &PanelStory, inside: &Inside) -> (Response, usize) {
    const EXPORT: &str = "/admin/audit-log/export";
    let csrf = story.token(&inside.cookie, EXPORT).await;
    let request = inside.browser.http.post(story.url(EXPORT)).header("origin", &story.provider.url);
    let sent = request.form(&[("csrf", csrf.as_str()), ("format", "json")]).send().await;
    let mut file = sent.expect("an answer");
    assert_eq!(file.status(), StatusCode::OK);
    let first = file.chunk().await.expect("it begins").expect("not empty");
    (file, first.len())
}

/// The rest of it; `None` if the transfer is cut off.
async fn rest(mut file: Response) -> Option<usize> {
    let mut length = 0;
    while let Some(piece) = file.chunk().await.ok()? {
        length += piece.len();
    }
    Some(length)
}

/// More than what is on its way between server and client at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_download_is_cut_off_once_the_role_is_lost() {
    const EVENTS: usize = 2_600;
    let story = PanelStory::new(&clients()).await;
    let inside = story.inside(Role::Auditor).await;
    let detail = serde_json::json!({ "text": "x".repeat(16_000) }).to_string();
    let event = Event { detail: Some(detail), ..Event::new(story.now(), Decision::AccountsImported) };
    for _ in 0..EVENTS {
        story.provider.parts.store.login().append(&event).await.expect("written");
    }
    let (file, first) = download(&story, &inside).await;
    story.later(5 * SECOND);
    let length = rest(file).await.expect("it is complete");
    assert!(first + length > 16_000 * EVENTS, "{length}");

    let (file, _) = download(&story, &inside).await;
    leave(&story, Role::Auditor);
    story.provider.sync().await.expect("a sync");
    story.later(5 * SECOND);
    assert_eq!(rest(file).await, None, "the client sees that it is not complete");

    // The token of a script, too.
    let token = story.script(Role::Auditor).await;
    let export = story.api(Method::POST, "/audit-log/export", &token).json(&serde_json::json!({}));
    let mut file = export.send().await.expect("an answer");
    assert_eq!(file.status(), StatusCode::OK);
    file.chunk().await.expect("it begins").expect("not empty");
    let fewer = clients().replace("admin_role = \"auditor\"", "admin_role = \"help_desk\"");
    story.provider.apply(&fewer, Mode::Merge).await.expect("good settings");
    story.later(5 * SECOND);
    assert_eq!(rest(file).await, None, "the script has lost its role");
}

#[tokio::test]
async fn without_a_report_the_directory_is_asked_after_a_minute() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    leave(&story, Role::Owner);
    story.later(59 * SECOND);
    assert_eq!(heading(&story, &inside).await, OVERVIEW);
    story.later(SECOND);
    assert_eq!(heading(&story, &inside).await, NO_ROLE);
}

#[tokio::test]
async fn relaxed_sign_ins_do_not_relax_the_panel() {
    let story = PanelStory::new("[login]\nmax_staleness_seconds = 3600\n").await;
    let inside = story.inside(Role::Owner).await;
    leave(&story, Role::Owner);
    story.later(60 * SECOND);
    assert_eq!(heading(&story, &inside).await, NO_ROLE);
}

#[tokio::test]
async fn another_role_needs_another_sign_in() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    let person = story.person(Role::Owner);
    story.subtree.admin.add_values(story.group(Role::Auditor), "member", &[&person.dn]);
    leave(&story, Role::Owner);
    story.provider.sync().await.expect("a sync");
    assert_asked(&inside.browser.open(&story.url("/admin")).await);
    let page = inside.browser.follow(&story.url("/admin")).await;
    assert!(page.heading() == OVERVIEW && page.text().contains("Auditor"), "{}", page.text());
}

#[tokio::test]
async fn it_ends_with_the_browser_session_and_with_the_account() {
    let story = PanelStory::new("").await;
    let account = story.account(story.person(Role::Owner)).await;
    let identity = story.provider.parts.store.identity();
    let event = Event::new(story.now(), Decision::SessionsEnded);
    let inside = story.inside(Role::Owner).await;
    identity.end_sessions_of(&account, None, &event).await.expect("ended");
    assert_asked(&inside.browser.open(&story.url("/admin")).await);
    assert_eq!(heading(&story, &inside).await, SIGN_IN);

    let inside = story.inside(Role::Operator).await;
    story.subtree.disable(story.person(Role::Operator));
    story.provider.sync().await.expect("a sync");
    assert_asked(&inside.browser.open(&story.url("/admin")).await);
    assert_eq!(heading(&story, &inside).await, SIGN_IN);
    let refused = story.trail("admin_refused").await;
    assert!(refused.iter().any(|row| row.cause.as_deref() == Some("not_suspended")), "{refused:?}");
}

#[tokio::test]
async fn it_ends_when_it_is_not_used_and_after_some_hours() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::HelpDesk).await;
    story.later(29 * MINUTE);
    assert_eq!(heading(&story, &inside).await, OVERVIEW);
    story.later(29 * MINUTE);
    assert_eq!(heading(&story, &inside).await, OVERVIEW, "it was used in between");
    story.later(30 * MINUTE);
    assert_asked(&inside.browser.open(&story.url("/admin")).await);

    let person = story.person(Role::HelpDesk);
    let (page, _) = story.signs_in_again(&inside, person, "/admin").await;
    assert_eq!(page.heading(), OVERVIEW);
    for _ in 0..19 {
        story.later(25 * MINUTE);
        assert_eq!(heading(&story, &inside).await, OVERVIEW);
    }
    story.later(8 * HOUR - 19 * 25 * MINUTE);
    assert_asked(&inside.browser.open(&story.url("/admin")).await);
}

#[tokio::test]
async fn watching_a_task_is_no_use_of_the_session() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Operator).await;
    let path = format!("{}/events", story.orders(&inside, "sync").await);
    story.later(29 * MINUTE);
    let stream = inside.browser.http.get(story.url(&path)).send().await.expect("an answer");
    assert_eq!(stream.status(), StatusCode::OK);
    story.later(MINUTE);
    assert_asked(&inside.browser.open(&story.url("/admin")).await);
}

#[tokio::test]
async fn without_the_directory_reading_goes_on_for_ten_minutes() {
    let lab: &'static lab::LdapLab = Box::leak(Box::new(lab::own_ldap(&[])));
    let story = PanelStory::at(Subtree::of_ldap(lab), "").await;
    let inside = story.inside(Role::Owner).await;
    lab.kill();
    let open = async || inside.browser.open(&story.url("/admin")).await;
    assert!(!open().await.text().contains(UNCONFIRMED), "confirmed a moment ago");
    story.later(2 * MINUTE);
    let page = open().await;
    assert!(page.heading() == OVERVIEW && page.text().contains(UNCONFIRMED), "{}", page.text());
    let token = story.token(&inside.cookie, "/admin/sign-out").await;
    story.later(ROLE_WITHOUT_DIRECTORY - 2 * MINUTE);
    let page = open().await;
    assert_eq!((page.status, page.heading().as_str()), (StatusCode::SERVICE_UNAVAILABLE, UNCONFIRMED));
    assert!(page.text().contains("cloudsync-idp admin link"), "{}", page.text());
    let enter = inside.browser.open(&story.url("/admin/enter?again=yes&to=/admin")).await;
    assert_eq!(enter.cookie(super::COOKIE), None, "{}", enter.text());

    let left = story.send(&inside.browser, "/admin/sign-out", &[("csrf", &token)]).await;
    assert_eq!(left.location.as_deref(), Some("/signed-out"), "signing out needs no directory");

    let (browser, page) = super::link::enters(&story).await;
    assert!(page.heading() == OVERVIEW && page.text().contains("break-glass"), "{}", page.text());
    story.later(20 * MINUTE);
    assert_eq!(browser.follow(&story.url("/admin")).await.heading(), OVERVIEW, "the directory is not asked");
}
