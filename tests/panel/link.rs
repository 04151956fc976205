//! Break-glass links: once, within ten minutes, by a button, recorded, and every admin is told.

use cloudsync_idp::domain::MINUTE;
use cloudsync_idp::domain::admin::{Actor, LINK_LIFETIME, LINK_NOTICE, LINK_SESSION, Role};
use cloudsync_idp::flow::admin::link;
use cloudsync_idp::flow::settings::Mode;
use reqwest::StatusCode;

use super::{COOKIE, LINK_REFUSED, OVERVIEW, PanelStory, assert_asked};
use crate::support::browser::{Browser, Page};

const ROTATE: &str = "/admin/settings/integrations/single-sign-on/applications/rotate-secret";
const OURS: &str = "/admin/links/ours";
const END: &str = "/admin/links/end";
const LINK_OLD: &str = "The link is older than ten minutes";

/// Makes a link, as `admin link` does.
pub(super) async fn made(story: &PanelStory) -> String {
    let made = link::make(&story.provider.parts.login(), "root@idp").await.expect("a link");
    assert_eq!(made.expires_at, story.now() + LINK_LIFETIME);
    made.url
}

/// Opens the link and presses the button.
pub(super) async fn uses(story: &PanelStory, browser: &Browser, url: &str) -> Page {
    let page = browser.open(url).await;
    assert_eq!((page.status, page.heading().as_str()), (StatusCode::OK, "Enter the admin panel"));
    assert_eq!(page.headers["referrer-policy"], "origin", "the token is in the address");
    let token = page.fields()["t"].clone();
    story.send(browser, "/admin/link", &[("t", &token)]).await
}

/// Enters by a new link.
pub(super) async fn enters(story: &PanelStory) -> (Browser, Page) {
    let browser = Browser::new();
    let sent = uses(story, &browser, &made(story).await).await;
    let page = browser.go_on(sent).await;
    (browser, page)
}

/// The same, with the value of the panel's cookie.
pub(super) async fn enters_with_cookie(story: &PanelStory) -> (Browser, String) {
    let browser = Browser::new();
    let sent = uses(story, &browser, &made(story).await).await;
    let cookie = sent.cookie(COOKIE).expect("a session").to_owned();
    (browser, cookie)
}

fn assert_refused(page: &Page) {
    assert_eq!((page.status, page.heading().as_str()), (StatusCode::FORBIDDEN, LINK_REFUSED));
    assert_eq!(page.cookie(COOKIE), None);
}

#[tokio::test]
async fn a_link_lets_in_once_and_is_recorded() {
    let story = PanelStory::new("").await;
    let url = made(&story).await;
    for _ in 0..3 {
        assert_eq!(Browser::new().open(&url).await.status, StatusCode::OK, "a preview uses nothing");
    }
    let browser = Browser::new();
    let sent = uses(&story, &browser, &url).await;
    assert_eq!(sent.location.as_deref(), Some("/admin"));
    let cookie = sent.cookie(COOKIE).expect("a session").to_owned();
    assert!(sent.cookies[0].contains("HttpOnly; SameSite=Lax; Path=/"), "{:?}", sent.cookies);
    let page = browser.follow(&story.url("/admin")).await;
    for shown in [OVERVIEW, "root@idp", "Owner", "You are here by a break-glass link"] {
        assert!(page.text().contains(shown), "{shown}: {}", page.text());
    }
    assert_refused(&uses(&story, &Browser::new(), &url).await);

    let made = story.trail("admin_link_made").await;
    assert_eq!((made.len(), made[0].actor.as_deref()), (1, Some("command root@idp")));
    let used = story.trail("admin_link_used").await;
    assert_eq!((used.len(), used[0].actor.as_deref()), (1, Some("break-glass root@idp")));
    assert!(used[0].address.is_some() && used[0].role.as_deref() == Some("owner"));

    let session = story.session(&cookie).await.expect("there");
    assert!(session.is_fresh(story.now()) && !session.is_fresh(story.now() + LINK_LIFETIME));
    story.later(29 * MINUTE);
    assert_eq!(browser.follow(&story.url("/admin")).await.heading(), OVERVIEW);
    story.later(29 * MINUTE);
    assert_eq!(browser.follow(&story.url("/admin")).await.heading(), OVERVIEW);
    story.later(LINK_SESSION - 58 * MINUTE);
    assert_asked(&browser.open(&story.url("/admin")).await);
}

#[tokio::test]
async fn of_two_at_once_one_gets_in() {
    let story = PanelStory::new("").await;
    let url = made(&story).await;
    let (one, two) = (Browser::new(), Browser::new());
    let (first, second) = tokio::join!(uses(&story, &one, &url), uses(&story, &two, &url));
    let entered = [&first, &second].iter().filter(|page| page.cookie(COOKIE).is_some()).count();
    assert_eq!(entered, 1, "{} {}", first.text(), second.text());
}

#[tokio::test]
async fn an_old_a_replaced_and_a_forged_link_are_refused() {
    let story = PanelStory::new("").await;
    let replaced = made(&story).await;
    let old = made(&story).await;
    assert_refused(&uses(&story, &Browser::new(), &replaced).await);
    story.later(LINK_LIFETIME);
    assert_refused(&uses(&story, &Browser::new(), &old).await);
    assert_refused(
        &uses(&story, &Browser::new(), &story.url(&format!("/admin/link?t={}", "A".repeat(43)))).await,
    );
    for junk in ["", "?t=", "?t=short", "?t=%00", "?t=<script>alert(1)</script>", "?t=a&t=b"] {
        assert_refused(&Browser::new().open(&story.url(&format!("/admin/link{junk}"))).await);
    }

    let url = made(&story).await;
    let token = url.split("t=").nth(1).expect("a token");
    let browser = Browser::new();
    for headers in [
        &[][..],
        &[("origin", "null")],
        &[("origin", "https://evil.example")],
        &[("origin", story.provider.url.as_str()), ("sec-fetch-site", "cross-site")],
    ] {
        let mut request = browser.http.post(story.url("/admin/link")).form(&[("t", token)]);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let page = Page::of(request).await;
        assert_eq!((page.status, page.cookie(COOKIE)), (StatusCode::BAD_REQUEST, None), "{headers:?}");
    }
    let entered = uses(&story, &browser, &url).await;
    assert!(entered.cookie(COOKIE).is_some(), "the link was not used by these: {}", entered.text());
}

#[tokio::test]
async fn a_newer_link_ends_what_an_older_one_opened_and_hides_none() {
    let story = PanelStory::new("").await;
    let (intruder, page) = enters(&story).await;
    assert!(!page.text().contains("was used in the last"), "not its own: {}", page.text());
    story.later(MINUTE);
    let (browser, page) = enters(&story).await;
    assert_asked(&intruder.open(&story.url("/admin")).await);
    assert!(page.text().contains("1 minute ago, from 127.0.0.1, created by root@idp"), "{}", page.text());
    let page = story.inside(Role::HelpDesk).await.page;
    assert!(page.text().contains("2 break-glass links were used"), "{}", page.text());

    let ended = link::end_all(&story.provider.parts.login(), &Actor::command("root@idp".into()))
        .await
        .expect("ended");
    assert_eq!(ended, 1);
    assert_asked(&browser.open(&story.url("/admin")).await);
    assert_eq!(story.trail("admin_links_ended").await.len(), 1);
}

#[tokio::test]
async fn an_owner_says_whose_link_it_was_or_ends_what_it_opened() {
    let story = PanelStory::new("").await;
    let (intruder, cookie) = enters_with_cookie(&story).await;
    let used_at = story.now().to_string();
    let fields = [("made_by", "root@idp"), ("used_at", used_at.as_str())];
    story.later(MINUTE);
    let (colleague, second) = enters_with_cookie(&story).await;
    assert_asked(&intruder.open(&story.url("/admin")).await);
    let own = story.posts(&colleague, &second, OURS, &fields).await;
    assert_eq!(own.told().as_deref(), Some("/admin|notice=links-not-a-person"), "{}", own.text());

    let owner = story.inside(Role::Owner).await;
    assert!(owner.page.text().contains("2 break-glass links were used"), "{}", owner.page.text());
    let elsewhere = owner.browser.open(&story.url("/admin/people")).await.text();
    assert!(elsewhere.contains("2 break-glass links were used"), "{elsewhere}");
    assert!(!elsewhere.contains("without a password"), "only a line: {elsewhere}");
    let page = owner.browser.go_on(story.saves(&owner, OURS, &fields).await).await;
    assert!(page.text().contains("A break-glass link was used in the last"), "{}", page.text());
    let again = story.saves(&owner, OURS, &fields).await;
    assert_eq!(again.told().as_deref(), Some("/admin|notice=links-unknown"), "{}", again.text());
    let [row] = &story.trail("admin_link_confirmed").await[..] else { panic!("once") };
    let account = story.account(story.person(Role::Owner)).await.0;
    assert_eq!(row.actor, Some(format!("account {account}")));
    assert!(row.detail.as_deref().is_some_and(|detail| detail.contains("root@idp")), "{row:?}");

    let help_desk = story.inside(Role::HelpDesk).await;
    assert!(!help_desk.page.text().contains("That was us"), "{}", help_desk.page.text());
    let page = owner.browser.go_on(story.saves(&owner, END, &[]).await).await;
    assert!(page.text().contains("What the links opened has ended"), "{}", page.text());
    assert_asked(&colleague.open(&story.url("/admin")).await);
    assert!(story.session(&cookie).await.is_none() && story.session(&second).await.is_none());
}

#[tokio::test]
async fn signing_out_of_the_browser_ends_a_break_glass_session_too() {
    let story = PanelStory::new("").await;
    let browser = Browser::new();
    let sent = uses(&story, &browser, &made(&story).await).await;
    let cookie = sent.cookie(COOKIE).expect("a session").to_owned();
    browser.open(&story.url("/logout")).await;
    assert!(story.session(&cookie).await.is_none());
    assert_asked(&browser.open(&story.url("/admin")).await);
}

#[tokio::test]
async fn a_link_ends_the_session_of_the_person_who_was_in_the_panel() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Auditor).await;
    let sent = uses(&story, &inside.browser, &made(&story).await).await;
    assert!(sent.cookie(COOKIE).is_some_and(|cookie| cookie != inside.cookie), "{}", sent.text());
    assert!(story.session(&inside.cookie).await.is_none(), "a copy of the old cookie is worth nothing");
}

#[tokio::test]
async fn every_admin_is_told_for_a_week() {
    let story = PanelStory::new("[admin]\nidle_minutes = 480\nsession_hours = 24\n").await;
    enters(&story).await;
    let inside = story.inside(Role::Auditor).await;
    for shown in ["A break-glass link was used", "just now, from 127.0.0.1, created by root@idp"] {
        assert!(inside.page.text().contains(shown), "{shown}: {}", inside.page.text());
    }
    story.later(LINK_NOTICE);
    let (page, _) = story.signs_in_again(&inside, story.person(Role::Auditor), "/admin").await;
    assert!(page.heading() == OVERVIEW && !page.text().contains("break-glass"), "{}", page.text());
}

#[tokio::test]
async fn a_link_changes_something_for_ten_minutes_or_until_owners_are_named() {
    let story = PanelStory::new("").await;
    let rotates = async |browser: &Browser, cookie: &str| {
        let csrf = story.token(cookie, ROTATE).await;
        story.send(browser, ROTATE, &[("csrf", &csrf), ("entry", "unknown")]).await
    };
    let (browser, cookie) = enters_with_cookie(&story).await;
    assert_ne!(rotates(&browser, &cookie).await.heading(), LINK_OLD);
    story.later(LINK_LIFETIME);
    let page = rotates(&browser, &cookie).await;
    assert_eq!((page.status, page.heading().as_str()), (StatusCode::FORBIDDEN, LINK_OLD));
    assert!(page.text().contains("cloudsync-idp admin link"), "{}", page.text());

    let nobody = "[[directories]]\nid = \"corp\"\nadmin_groups = []\n";
    story.provider.apply(nobody, Mode::Merge).await.expect("no owners");
    assert_ne!(rotates(&browser, &cookie).await.heading(), LINK_OLD, "nobody can prove a factor");
    let (_, page) = enters(&story).await;
    assert_eq!(page.heading(), "Set-up");
}
