//! An accepted code is used up, so it stays accepted even if the directory is unavailable afterwards.

use std::time::{Duration, Instant};

use cloudsync_idp::domain::MINUTE;
use reqwest::StatusCode;

use super::faults::at_ports;
use crate::support::browser::Page;
use crate::support::lab;
use crate::support::relay::{Mode, Relay};
use crate::support::story::{CODE, ENROL, EVERYONE, INVITATION, Story, assert_arrived};

/// Longer than a cached entry is valid: the account is evaluated again before the login continues.
const TOO_OLD: i64 = 2 * MINUTE;

/// A person of OpenLDAP, and a relay in front of it.
async fn behind_a_relay(policy: &str) -> (Story, Relay) {
    let lab = lab::ldap();
    let relay = Relay::to(&lab.addr, lab.port).await;
    let person = lab.admin.add_inet_person(&lab.dn("ou=people"), &lab.user_password);
    let settings = at_ports(lab, "unencrypted_loopback_only", &[relay.port]);
    let story = Story::of((person, &lab.user_password, &lab.admin), &settings, policy).await;
    (story, relay)
}

/// The page says that the directory is unavailable; its address continues the login afterwards.
async fn leads_on(story: &Story, relay: &Relay, outage: &Page) -> Page {
    assert_eq!(outage.status, StatusCode::SERVICE_UNAVAILABLE, "{}", outage.text());
    relay.set(Mode::Pass);
    // A server that has just failed is not asked for a moment.
    let began = Instant::now();
    loop {
        let page = story.browser.follow(&outage.url).await;
        if page.status != StatusCode::SERVICE_UNAVAILABLE || began.elapsed() > Duration::from_secs(20) {
            return page;
        }
    }
}

#[tokio::test]
async fn an_authenticator_code_counts_despite_an_outage_after_it() {
    let (story, relay) = behind_a_relay(EVERYONE).await;
    let (phone, ..) = story.enrolled().await;
    let page = story.signs_in(&[("prompt", "login")]).await;
    assert_eq!(page.heading(), CODE, "{}", page.text());
    story.later(TOO_OLD);
    relay.set(Mode::Cut);
    let outage = story.types_code(&page, &phone.code(story.now())).await;
    assert_arrived(&leads_on(&story, &relay, &outage).await);
}

#[tokio::test]
async fn a_help_desk_code_counts_despite_an_outage_after_it() {
    let (story, relay) =
        behind_a_relay("[second_factor]\nrequired = \"everyone\"\nenrolment = \"invited\"\n").await;
    let page = story.signs_in(&[]).await;
    assert_eq!(page.heading(), INVITATION, "{}", page.text());
    let code = story.help_desk_code().await;
    story.later(TOO_OLD);
    relay.set(Mode::Cut);
    let outage = story.browser.fill(&page, "/login/invitation", &[("code", &code)]).await;
    let page = leads_on(&story, &relay, &outage).await;
    assert_eq!(page.heading(), ENROL, "{}", page.text());
}
