//! What a code has proven stays proven: it is spent, and what comes after it may be away.

use std::time::{Duration, Instant};

use cloudsync_idp::domain::MINUTE;
use reqwest::StatusCode;

use super::faults::at_ports;
use crate::support::browser::Page;
use crate::support::lab;
use crate::support::relay::{Mode, Relay};
use crate::support::story::{CODE, ENROL, EVERYONE, INVITATION, Story, assert_arrived};

/// Longer than what is known of a person is good for: they are judged again before the login goes on.
const TOO_OLD: i64 = 2 * MINUTE;

/// Somebody at OpenLDAP, and the way to it.
async fn behind_a_relay(policy: &str) -> (Story, Relay) {
    let lab = lab::ldap();
    let relay = Relay::to(&lab.addr, lab.port).await;
    let person = lab.admin.add_inet_person(&lab.dn("ou=people"), &lab.user_password);
    let settings = at_ports(lab, "unencrypted_loopback_only", &[relay.port]);
    let story = Story::of((person, &lab.user_password, &lab.admin), &settings, policy).await;
    (story, relay)
}

/// The page says that the directory is away, at an address that leads on once it is back.
async fn leads_on(story: &Story, relay: &Relay, told: &Page) -> Page {
    assert_eq!(told.status, StatusCode::SERVICE_UNAVAILABLE, "{}", told.text());
    relay.set(Mode::Pass);
    // for a moment nobody asks a server that has just failed
    let began = Instant::now();
    loop {
        let page = story.browser.follow(&told.url).await;
        if page.status != StatusCode::SERVICE_UNAVAILABLE || began.elapsed() > Duration::from_secs(20) {
            return page;
        }
    }
}

#[tokio::test]
async fn a_code_of_the_app_counts_although_the_directory_was_away_after_it() {
    let (story, relay) = behind_a_relay(EVERYONE).await;
    let (phone, ..) = story.enrolled().await;
    let page = story.signs_in(&[("prompt", "login")]).await;
    assert_eq!(page.heading(), CODE, "{}", page.text());
    story.later(TOO_OLD);
    relay.set(Mode::Cut);
    let told = story.types(&page, &phone.code(story.now())).await;
    assert_arrived(&leads_on(&story, &relay, &told).await);
}

#[tokio::test]
async fn a_code_of_the_help_desk_counts_although_the_directory_was_away_after_it() {
    let (story, relay) =
        behind_a_relay("[second_factor]\nrequired = \"everyone\"\nenrolment = \"invited\"\n").await;
    let page = story.signs_in(&[]).await;
    assert_eq!(page.heading(), INVITATION, "{}", page.text());
    let code = story.help_desk_code().await;
    story.later(TOO_OLD);
    relay.set(Mode::Cut);
    let told = story.browser.fill(&page, "/login/invitation", &[("code", &code)]).await;
    let page = leads_on(&story, &relay, &told).await;
    assert_eq!(page.heading(), ENROL, "{}", page.text());
}
