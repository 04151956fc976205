//! Notices of the panel say what has happened, and nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloudsync_idp::domain::admin::Role;

use super::{COOKIE, Inside, PanelStory};
use crate::support::browser::Page;

const NOTICE: &str = "cloudsync_notice";
const GOOD: &str = "class=\"notice good\"";
const SUSPENDED: &str = "all sessions are ended";

impl PanelStory {
    /// Opens a page in the session of an admin, with this cookie of a notice.
    async fn with_notice(&self, inside: &Inside, path: &str, notice: &str) -> Page {
        let cookies = format!("{COOKIE}={}; {NOTICE}={notice}", inside.cookie);
        Page::of(inside.browser.http.get(self.url(path)).header("cookie", cookies)).await
    }
}

#[tokio::test]
async fn no_link_makes_the_panel_say_that_something_was_done() {
    let story = PanelStory::new("").await;
    let owner = story.inside(Role::Owner).await;
    let account = story.account(&story.bystander).await.0;
    let person = format!("/admin/people/person?id={account}");
    for made_up in [
        format!("{person}&notice=done-factors-reset"),
        "/admin/security/approvals?notice=saved".to_owned(),
        "/admin/security/administrators?saved=yes".to_owned(),
        "/admin/settings/active-directory/sync-settings?directory=corp&saved=yes".to_owned(),
        "/admin/settings/active-directory/sync-log?done=decided&kept=1&left=0".to_owned(),
        "/admin/settings/integrations/active-directory?saved=yes".to_owned(),
        "/admin/settings/integrations/single-sign-on/applications?removed=cloudsync".to_owned(),
        "/admin/settings/integrations/single-sign-on/applications/application?entry=cloudsync&notice=ended"
            .to_owned(),
    ] {
        let page = owner.browser.open(&story.url(&made_up)).await;
        assert_eq!(page.status, 200, "{made_up}");
        assert!(!page.body.contains(GOOD), "{made_up}: {}", page.text());
    }
    let words = URL_SAFE_NO_PAD.encode("notice=done-factors-reset");
    for mark in ["0".repeat(64), "f".repeat(63), String::new()] {
        let page = story.with_notice(&owner, &person, &format!("{mark}{words}")).await;
        assert!(!page.body.contains(GOOD), "{mark}: {}", page.text());
    }
}

#[tokio::test]
async fn a_notice_is_shown_once_in_its_session_and_on_its_page() {
    let story = PanelStory::new("").await;
    let operator = story.inside(Role::Operator).await;
    let [account, other] =
        [story.account(&story.bystander).await.0, story.account(story.person(Role::Auditor)).await.0];
    let done = story.saves(&operator, "/admin/people/suspend", &[("account", &account)]).await;
    let notice = done.cookie(NOTICE).expect("a notice").to_owned();
    let page = format!("/admin/people/person?id={account}");
    assert_eq!(done.location.as_deref(), Some(page.as_str()), "{}", done.text());

    let owner = story.inside(Role::Owner).await;
    let elsewhere = story.with_notice(&owner, &page, &notice).await;
    assert!(elsewhere.text().contains(&story.bystander.account), "{}", elsewhere.text());
    assert!(!elsewhere.body.contains(GOOD), "of another session: {}", elsewhere.text());
    let of_other = story.with_notice(&operator, &format!("/admin/people/person?id={other}"), &notice).await;
    assert!(!of_other.body.contains(GOOD), "of another page: {}", of_other.text());

    let shown = operator.browser.go_on(done).await;
    assert!(shown.body.contains(GOOD) && shown.text().contains(SUSPENDED), "{}", shown.text());
    assert_eq!(shown.cookie(NOTICE), Some(""), "it is shown once");
    let again = operator.browser.open(&story.url(&page)).await;
    assert!(!again.body.contains(GOOD), "{}", again.text());
}
