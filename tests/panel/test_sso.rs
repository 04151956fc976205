//! Test SSO: an admin signs in through the private client and sees what happened; nobody else can use it.

use cloudsync_idp::domain::MINUTE;
use cloudsync_idp::domain::admin::Role;
use cloudsync_idp::domain::client::TEST_CLIENT_ID;
use reqwest::StatusCode;

use super::{Inside, PanelStory, assert_asked, link};
use crate::support::browser::{Browser, Page};
use crate::support::relying_party::RelyingParty;
use crate::support::story::{CODE, EVERYONE, SIGN_IN, STEP};

const PATH: &str = "/admin/settings/integrations/single-sign-on/test";
const TITLE: &str = "Test SSO";
const WORKS: &str = "Single sign-on works";
const UNKNOWN: &str = "This answer belongs to no test";
const UNKNOWN_CLIENT: &str = "This app is not registered";

/// Presses the button; the address of the sign-in.
async fn starts(story: &PanelStory, browser: &Browser) -> String {
    let page = browser.open(&story.url(PATH)).await;
    assert_eq!(page.heading(), TITLE, "{}", page.text());
    let token = page.body.split("single-sign-on/test\">").nth(1).expect("the form");
    let token = token.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a token");
    let sent = story.send(browser, PATH, &[("csrf", token)]).await;
    sent.location.unwrap_or_else(|| panic!("{} {}", sent.status, sent.body))
}

/// Signs in there, with the next code of the phone; the redirect back, not yet followed.
async fn signs_in(story: &PanelStory, inside: &Inside, url: &str) -> Page {
    let page = inside.browser.follow(url).await;
    assert_eq!(page.heading(), SIGN_IN, "a test always asks: {}", page.text());
    assert!(page.text().contains(TITLE), "{}", page.text());
    let owner = story.person(Role::Owner);
    let sent = inside.browser.submit(&page, &owner.account, &story.subtree.password).await;
    let page = inside.browser.go_on(sent).await;
    assert_eq!(page.heading(), CODE, "it obeys the policy: {}", page.text());
    story.later(STEP);
    inside.browser.send(&page, "/login/factor", &[("code", &inside.phone.code(story.now()))]).await
}

fn callback_of(page: &Page) -> String {
    page.location.clone().unwrap_or_else(|| panic!("a redirect: {} {}", page.status, page.text()))
}

#[tokio::test]
async fn an_owner_sees_each_step_gate_and_claim_and_the_tokens_are_revoked() {
    let story = PanelStory::new(EVERYONE).await;
    let inside = story.inside(Role::Owner).await;
    let url = starts(&story, &inside.browser).await;
    assert!(url.starts_with(&format!("{}/authorize?", story.provider.url)), "{url}");
    let back = callback_of(&signs_in(&story, &inside, &url).await);
    assert!(back.starts_with(&story.url(PATH)) && back.contains("iss="), "{back}");
    let page = inside.browser.open(&back).await;
    let (shown, mail) = (page.text(), &story.person(Role::Owner).mail);
    for part in
        [WORKS, "Discovery", "in_scope", "mail_matches", "preferred_username", mail, "userinfo refuses"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    for failed in ["Failed", "Not reached"] {
        assert!(!shown.contains(failed), "{shown}");
    }
    assert!(!page.body.contains("eyJ") && !page.body.contains("refresh_token"), "no token: {shown}");
    assert_eq!(page.headers["cache-control"], "no-store");

    // The grant is gone, and who tested is on record.
    let tested = story.trail("sso_tested").await;
    let account = story.account(story.person(Role::Owner)).await;
    assert_eq!((tested.len(), tested[0].actor.clone()), (1, Some(format!("account {}", account.0))));
    assert_eq!(tested[0].client_id.as_deref(), Some(TEST_CLIENT_ID));
    assert_eq!(story.provider.parts.login().current().generation, 1, "nothing was saved");

    // The session of the panel goes on, and the answer is worth nothing a second time.
    let again = inside.browser.open(&back).await;
    assert!(again.text().contains(UNKNOWN), "{}", again.text());
    assert_eq!(story.trail("code_exchanged").await.len(), 1);
}

#[tokio::test]
async fn nobody_else_can_use_the_client_of_tests() {
    let story = PanelStory::new(EVERYONE).await;
    let inside = story.inside(Role::Owner).await;
    let url = starts(&story, &inside.browser).await;
    let refused = async |browser: &Browser, url: &str| {
        let page = browser.open(url).await;
        assert_eq!(
            (page.status, page.heading().as_str()),
            (StatusCode::BAD_REQUEST, UNKNOWN_CLIENT),
            "{url}"
        );
    };
    // The address of the test in another browser, and without a session.
    let operator = story.inside(Role::Operator).await;
    let (by_link, _) = link::enters(&story).await;
    for browser in [&Browser::new(), &operator.browser, &by_link] {
        refused(browser, &url).await;
    }
    // The owner's own browser, with a state that no test has.
    let (head, _) = url.split_once("&state=").unwrap_or((&url, ""));
    refused(&inside.browser, head).await;
    refused(&inside.browser, &format!("{head}&state=")).await;
    refused(&inside.browser, &format!("{head}&state={}", "x".repeat(43))).await;

    // Neither a guessed secret nor none redeems a code from outside; an unknown client looks the same.
    let back = callback_of(&signs_in(&story, &inside, &url).await);
    let code = reqwest::Url::parse(&back).expect("an address");
    let code = code.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned();
    for (id, secret) in [(TEST_CLIENT_ID, Some("x")), (TEST_CLIENT_ID, None), ("nobody", Some("x"))] {
        let party = RelyingParty::new(&story.provider.url, id, secret);
        let tokens = party.exchange_code(&code).await;
        assert_eq!((tokens.status, tokens.text("error")), (StatusCode::UNAUTHORIZED, "invalid_client"));
    }
    // Nor does another client of the settings.
    let other = story.provider.cloudsync().exchange_code(&code).await;
    assert_eq!((other.status, other.text("error")), (StatusCode::BAD_REQUEST, "invalid_grant"));

    // The callback: without a session, in other sessions, with another state or issuer.
    assert_asked(&Browser::new().open(&back).await);
    let page = operator.browser.open(&back).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let page = by_link.open(&back).await;
    assert!(page.text().contains(UNKNOWN), "another session: {}", page.text());
    let foreign = back.replace("state=", "state=x");
    let page = inside.browser.open(&foreign).await;
    assert!(page.text().contains(UNKNOWN), "another state: {}", page.text());
    // None of them has ended the test.
    let page = inside.browser.open(&back).await;
    assert!(page.text().contains(WORKS), "{}", page.text());
}

#[tokio::test]
async fn a_wrong_answer_is_explained_and_exchanged_never() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    let cloudsync = story.provider.cloudsync();
    let callback = |state: &str, rest: &str| story.url(&format!("{PATH}/callback?state={state}&{rest}"));
    let issuer: String = form_urlencoded::byte_serialize(story.provider.url.as_bytes()).collect();
    let state = async || {
        let url = reqwest::Url::parse(&starts(&story, &inside.browser).await).expect("an address");
        url.query_pairs().find(|(name, _)| name == "state").expect("a state").1.into_owned()
    };
    // A mix-up: the answer names another issuer, or none (RFC 9207).
    for iss in ["iss=https%3A%2F%2Fevil.example&", "", "iss=&"] {
        let page = inside.browser.open(&callback(&state().await, &format!("{iss}code=x"))).await;
        assert!(page.text().contains("A step failed") && page.text().contains("iss is"), "{}", page.text());
    }
    // A cancelled sign-in, and text of a stranger.
    let denied =
        format!("iss={issuer}&error=access_denied&error_description=%3Cscript%3Ealert(1)%3C/script%3E");
    let page = inside.browser.open(&callback(&state().await, &denied)).await;
    assert!(page.text().contains("access_denied") && !page.body.contains("<script>"), "{}", page.text());
    // The code of another client.
    let owner = story.person(Role::Owner);
    let elsewhere = Browser::new();
    let asked = cloudsync.authorize(&[]);
    let arrived = elsewhere.sign_in(&asked, &owner.account, &story.subtree.password).await;
    let arrived = elsewhere.go_on(arrived).await;
    let code = match arrived.parameter("code") {
        Some(code) => code,
        None => {
            assert_eq!(arrived.heading(), CODE, "{}", arrived.text());
            story.later(STEP);
            let code = inside.phone.code(story.now());
            let arrived = elsewhere.send(&arrived, "/login/factor", &[("code", &code)]).await;
            arrived.parameter("code").expect("a code")
        }
    };
    let page = inside.browser.open(&callback(&state().await, &format!("iss={issuer}&code={code}"))).await;
    assert!(page.text().contains("invalid_grant") && page.text().contains("Not reached"), "{}", page.text());
    assert_eq!(cloudsync.exchange_code(&code).await.status, StatusCode::OK, "it was not spent");
    // Too late.
    let waiting = state().await;
    story.later(15 * MINUTE);
    let page = inside.browser.open(&callback(&waiting, &format!("iss={issuer}&code=x"))).await;
    assert!(page.text().contains(UNKNOWN), "{}", page.text());
}

#[tokio::test]
async fn a_refused_sign_in_of_a_test_is_listed_with_its_cause_and_the_fix() {
    let story = PanelStory::new("").await;
    let (browser, _) = link::enters(&story).await;
    let url = starts(&story, &browser).await;
    let page = browser.follow(&url).await;
    let refused = browser.submit(&page, "nobody-of-that-name", "wrong").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let page = browser.open(&story.url(PATH)).await;
    assert!(page.text().contains("found"), "the gate and the advice: {}", page.text());
    assert!(!page.text().contains("No sign-in of a test was refused"), "{}", page.text());
    // The same test goes on with the right name: here by a person who is no admin.
    let sent = {
        let page = browser.follow(&url).await;
        browser.submit(&page, &story.bystander.account, &story.subtree.password).await
    };
    let page = browser.open(&callback_of(&sent)).await;
    assert!(page.text().contains(WORKS) && page.text().contains(&story.bystander.mail), "{}", page.text());
}
