//! Settings that change during a sign-in: it continues if they allow it; otherwise the page gives the reason.

use cloudsync_idp::flow::account::factors;
use cloudsync_idp::flow::settings::Mode;
use futures_util::future::join;

use super::faults::at_ports;
use super::{ENDED, assert_ended, assert_nothing_gained, assert_refused};
use crate::support::browser::Page;
use crate::support::lab;
use crate::support::relay::{self, Relay};
use crate::support::story::{CODE, ENROL, EVERYONE, NEW_PASSWORD, Story, assert_arrived};
use crate::support::until;

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
    factors::reset(&story.provider.parts.login(), &account, &crate::support::desk()).await.expect("a reset");
    story.set(NOBODY).await;
    assert_ended(&story.browser.fill(&page, "/login/enrol", &[("code", "000000")]).await);
}

/// A person whose directory is reached through a relay.
struct Relayed {
    story: Story,
    relay: Relay,
    directory: String,
}

impl Relayed {
    async fn new() -> Self {
        let lab = lab::ldap();
        let relay = Relay::to(&lab.addr, lab.tls_port).await;
        let directory = at_ports(lab, "ldaps", &[relay.port]);
        let person = lab.admin.add_inet_person(&lab.dn("ou=people"), &lab.user_password);
        let story = Story::of((person, &lab.user_password, &lab.admin), &directory, "").await;
        Self { story, relay, directory }
    }

    /// Applies settings while a step waits for the directory.
    async fn change_during(&self, step: impl Future<Output = Page>, settings: &str, mode: Mode) -> Page {
        self.relay.set(relay::Mode::Hold);
        let change = async {
            until("the directory's response waits", async || self.relay.holds()).await;
            self.story.provider.apply(settings, mode).await.expect("good settings");
            self.relay.set(relay::Mode::Pass);
        };
        let (page, ()) = join(step, change).await;
        self.story.browser.go_on(page).await
    }

    async fn change_during_password(&self, settings: &str, mode: Mode) -> Page {
        let Story { browser, person, password, .. } = &self.story;
        let page = self.story.starts_login(&[("prompt", "login")]).await;
        self.change_during(browser.submit(&page, &person.account, password), settings, mode).await
    }
}

#[tokio::test]
async fn settings_that_change_while_the_directory_checks_a_password_decide_what_follows() {
    let relayed = Relayed::new().await;
    assert_arrived(&relayed.story.signs_in(&[]).await);
    let page = relayed.change_during_password("[session]\nidle_minutes = 30\n", Mode::Merge).await;
    assert_arrived(&page);
    let page = relayed.change_during_password(EVERYONE, Mode::Merge).await;
    assert_eq!(page.heading(), ENROL, "{}", page.text());
    let page = relayed.change_during_password("[sso]\nenabled = false\n", Mode::Merge).await;
    assert_refused(&page, "Company sign-in is switched off");
    relayed.story.set("[sso]\nenabled = true\n[second_factor]\nrequired = \"nobody\"\n").await;
    let page = relayed.change_during_password(&relayed.directory, Mode::Replace).await;
    assert!(page.text().contains(ENDED), "without the client: {}", page.text());
    assert_nothing_gained(&page);
}

#[tokio::test]
async fn settings_may_change_while_the_directory_sets_a_new_password() {
    let relayed = Relayed::new().await;
    let Story { browser, person, password, admin, .. } = &relayed.story;
    assert_arrived(&relayed.story.signs_in(&[]).await);
    admin.replace(&person.dn, "pwdReset", &["TRUE"]);
    let page = relayed.story.signs_in(&[("prompt", "login")]).await;
    assert_eq!(page.heading(), NEW_PASSWORD, "{}", page.text());
    let typed = [("current", password.as_str()), ("new", "A-New-Passw0rd!"), ("again", "A-New-Passw0rd!")];
    let step = browser.send(&page, "/login/password", &typed);
    assert_arrived(&relayed.change_during(step, "[session]\nidle_minutes = 30\n", Mode::Merge).await);
}
