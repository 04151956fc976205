//! Back-channel logout at relying parties that others wrote: `mod_auth_openidc`, and a server with `openid-client`.

use std::time::Duration;

use cloudsync_idp::flow::account::lock_down::lock_down;
use cloudsync_idp::flow::account::sessions::end_sessions;
use cloudsync_idp::flow::account::suspension;
use cloudsync_idp::jobs;
use cloudsync_idp::store::AuditFilter;
use reqwest::StatusCode;
use tokio::task::JoinHandle;

use super::{HOUR, MINUTE, SECOND};
use crate::support::browser::Browser;
use crate::support::lab::{self, RelyingPartyLab};
use crate::support::relying_party::Authorization;
use crate::support::story::Story;
use crate::support::{desk, until};

/// A person and somebody else, who both use a client.
struct Scene {
    story: Story,
    client: RelyingPartyLab,
    other: Browser,
    job: JoinHandle<()>,
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.job.abort();
    }
}

impl Scene {
    /// `start` starts the client at an issuer.
    async fn new(start: fn(&str) -> RelyingPartyLab) -> Self {
        let story = Story::at_openldap("").await;
        let client = start(&story.provider.url);
        story.set(&client.settings()).await;
        let job = tokio::spawn(jobs::tell_clients(story.provider.parts.panel()));
        let scene = Self { story, client, other: Browser::new(), job };
        let lab = lab::ldap();
        let other = lab.admin.add_inet_person(&lab.dn("ou=people"), &lab.user_password);
        scene.signs_in(&scene.other, &other.account).await;
        scene
    }

    /// Opens the client's page and signs in at the provider.
    async fn signs_in(&self, browser: &Browser, name: &str) {
        let sent = browser.open(&self.client.url).await;
        let asked = Authorization { url: sent.location.expect("to the provider") };
        let arrived = browser.go_on(browser.sign_in(&asked, name, &self.story.password).await).await;
        let back = browser.open(arrived.location.as_deref().expect("back to the client")).await;
        assert_eq!(back.status, StatusCode::FOUND, "{}", back.text());
        assert!(self.is_signed_in(browser).await);
    }

    async fn the_person_signs_in(&self) {
        self.signs_in(&self.story.browser, &self.story.person.account).await;
    }

    /// Whether the client shows its page.
    async fn is_signed_in(&self, browser: &Browser) -> bool {
        let page = browser.open(&self.client.url).await;
        let shown = page.status == StatusCode::OK && page.text().contains("Signed in: ");
        assert!(shown || page.status == StatusCode::FOUND, "{}: {}", page.status, page.text());
        shown
    }

    /// The client has ended the person's session within two seconds, and no other.
    async fn is_told_soon(&self) {
        let told = until("the session ends", async || !self.is_signed_in(&self.story.browser).await);
        tokio::time::timeout(Duration::from_secs(2), told).await.expect("within two seconds");
        assert!(self.is_signed_in(&self.other).await, "somebody else");
    }

    /// The person signs out of CloudSync in the same browser.
    async fn signs_out_elsewhere(&self) {
        let story = &self.story;
        let tokens = story.tokens(&story.starts_login(&[]).await).await;
        let hint = tokens.text("id_token");
        story.browser.open(&format!("{}/logout?id_token_hint={hint}", story.provider.url)).await;
    }

    /// The client's server is down while an admin ends the sessions, and for so long after that.
    async fn is_down_for(&self, outage: i64) {
        let (story, identity) = (&self.story, self.story.provider.parts.store.identity());
        self.client.kill();
        let account = story.account().await.id;
        end_sessions(&story.provider.parts.login(), &account, &desk()).await.expect("ended");
        until("it was tried", async || {
            let waiting = identity.waiting_logouts(&self.client.client_id, i64::MAX, 9).await.unwrap();
            waiting.first().is_some_and(|logout| logout.attempts > 0)
        })
        .await;
        story.later(outage);
        self.client.restart();
    }

    /// The decisions about this client's logouts.
    async fn decided(&self) -> Vec<String> {
        let trail = self.story.provider.parts.store.login().audit_page(None, 200, &AuditFilter::All).await;
        let rows = trail.expect("the trail").into_iter();
        let its = rows.filter(|row| row.client_id.as_ref() == Some(&self.client.client_id));
        its.map(|row| row.decision).filter(|decision| decision.starts_with("backchannel")).collect()
    }
}

async fn each_end_is_told(scene: &Scene, outage: i64) {
    let story = &scene.story;
    scene.the_person_signs_in().await;
    scene.signs_out_elsewhere().await;
    scene.is_told_soon().await;

    scene.the_person_signs_in().await;
    let parts = story.provider.parts.login();
    lock_down(&parts, &story.account().await, &desk()).await.expect("locked down");
    scene.is_told_soon().await;
    suspension::reactivate(&parts, &story.account().await, &desk()).await.expect("reactivated");

    scene.the_person_signs_in().await;
    scene.is_down_for(outage).await;
    assert!(scene.is_signed_in(&scene.other).await, "sessions survive the restart");
    until("the client is told", async || {
        story.later(SECOND / 10);
        !scene.is_signed_in(&story.browser).await
    })
    .await;
    assert!(scene.is_signed_in(&scene.other).await, "somebody else");
    until("three logouts are confirmed", async || scene.decided().await.len() >= 3).await;
    assert_eq!(scene.decided().await, ["backchannel_logout"; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn mod_auth_openidc_ends_its_sessions_within_two_seconds_and_after_an_outage() {
    // It accepts no token that was issued more than an hour ahead of its clock.
    each_end_is_told(&Scene::new(lab::mod_auth_openidc).await, HOUR - 5 * MINUTE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn openid_client_ends_its_sessions_within_two_seconds_and_after_an_outage() {
    each_end_is_told(&Scene::new(lab::openid_client).await, HOUR).await;
}
