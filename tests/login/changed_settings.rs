//! Settings that change during a sign-in: it continues if they allow it; otherwise the page gives the reason.

use cloudsync_idp::flow::account::factors;

use super::{assert_ended, assert_refused};
use crate::support::story::{CODE, ENROL, EVERYONE, Story, assert_arrived};

const NOBODY: &str = "[second_factor]\nrequired = \"nobody\"\n";

#[tokio::test]
async fn a_policy_relaxed_during_a_sign_in_lets_it_continue() {
    let story = Story::at_openldap(EVERYONE).await;
    let page = story.signs_in(&[]).await;
    assert_eq!(page.heading(), ENROL);
    story.set(NOBODY).await;
    assert_arrived(&story.browser.fill(&page, "/login/enrol", &[("code", "000000")]).await);

    story.set(EVERYONE).await;
    let (phone, codes) = story.sets_up_factor(&story.signs_in(&[("prompt", "login")]).await).await;
    assert_arrived(&story.continues_from(&codes).await);
    for typed in [phone.code(story.now()), "000000".to_owned()] {
        story.set(EVERYONE).await;
        let page = story.signs_in(&[("prompt", "login")]).await;
        assert_eq!(page.heading(), CODE);
        story.set(NOBODY).await;
        assert_arrived(&story.browser.fill(&page, "/login/factor", &[("code", &typed)]).await);
    }
}

#[tokio::test]
async fn any_other_setting_may_change_during_a_sign_in() {
    let story = Story::at_ad(EVERYONE).await;
    let page = story.signs_in(&[]).await;
    story.set("[session]\nidle_minutes = 30\n").await;
    let opened = story.browser.follow(&page.url).await;
    assert_eq!(opened.heading(), ENROL, "{}", opened.text());
    let (_, codes) = story.sets_up_factor(&page).await;
    assert_arrived(&story.continues_from(&codes).await);
}

#[tokio::test]
async fn a_person_excluded_by_new_settings_sees_why_and_gets_nothing() {
    let story = Story::at_openldap(EVERYONE).await;
    let page = story.signs_in(&[]).await;
    story.set("[sso]\nenabled = false\n").await;
    let typed = [("code", "000000")];
    assert_refused(
        &story.browser.fill(&page, "/login/enrol", &typed).await,
        "Company sign-in is switched off",
    );
    story.set("[sso]\nenabled = true\n").await;
    let (_, codes) = story.sets_up_factor(&page).await;
    assert_arrived(&story.continues_from(&codes).await);
}

#[tokio::test]
async fn a_reset_ends_the_login_whatever_the_settings() {
    let story = Story::at_openldap(EVERYONE).await;
    let page = story.signs_in(&[]).await;
    let account = story.account().await.id;
    factors::reset(&story.provider.parts.login(), &account).await.expect("a reset");
    story.set(NOBODY).await;
    assert_ended(&story.browser.fill(&page, "/login/enrol", &[("code", "000000")]).await);
}
