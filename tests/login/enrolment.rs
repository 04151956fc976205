//! Setting up a second factor during a sign-in: who is asked, who may, what is stored when, and how long it
//! can be postponed.

use cloudsync_idp::domain::{DAY, HOUR, MINUTE};
use reqwest::StatusCode;

use super::{SESSION, assert_ended};
use crate::support::browser::Browser;
use crate::support::phone::Phone;
use crate::support::story::{
    CODE, CODES, ENROL, EVERYONE, INVITATION, MFA, SIGN_IN, Story, assert_arrived, assert_rejected,
    recovery_codes,
};

const INVITED: &str = "[second_factor]\nrequired = \"everyone\"\nenrolment = \"invited\"\n";
const GRACE: &str = "[second_factor]\nrequired = \"everyone\"\ngrace_days = 3\n";

#[tokio::test]
async fn nothing_is_stored_before_the_first_right_code() {
    let story = Story::at_openldap(EVERYONE).await;
    let page = story.signs_in(&[]).await;
    assert_eq!(page.heading(), ENROL);
    assert!(page.body.contains("<svg class=\"qr\"") && !page.body.contains("data:"), "{}", page.body);
    assert!(story.factors().await.is_empty());

    let phone = Phone::scan(&page);
    let wrong = phone.wrong_code(story.now());
    for (code, words) in [("", "Enter a code"), (&wrong, "That code did not work")] {
        let again = story.browser.fill(&page, "/login/enrol", &[("code", code)]).await;
        assert_rejected(&again, words);
        assert_eq!(
            Phone::scan(&again).code(0),
            phone.code(0),
            "the same key, because the phone has it already"
        );
        assert!(story.factors().await.is_empty());
    }
    let reopened = story.browser.open(&page.url).await;
    assert_eq!(Phone::scan(&reopened).code(0), phone.code(0));

    let code = phone.code(story.now());
    let codes = story.browser.fill(&page, "/login/enrol", &[("code", &code), ("name", "My phone")]).await;
    assert_eq!(codes.heading(), CODES, "{}", codes.text());
    assert_eq!(codes.cookie(SESSION), None, "nobody is signed in yet");
    let factors = story.factors().await;
    assert_eq!(factors.iter().map(|factor| factor.name.as_str()).collect::<Vec<_>>(), ["My phone"]);

    let arrived = story.continues_from(&codes).await;
    let claims = story.tokens(&arrived).await.payload("id_token");
    assert_eq!((&claims["acr"], &claims["amr"]), (&MFA.into(), &serde_json::json!(["pwd", "otp", "mfa"])));
}

#[tokio::test]
async fn the_recovery_codes_are_shown_once() {
    let story = Story::at_openldap(EVERYONE).await;
    let page = story.signs_in(&[]).await;
    let (phone, codes) = story.sets_up_factor(&page).await;
    let shown = recovery_codes(&codes);
    assert_eq!(shown.iter().collect::<std::collections::BTreeSet<_>>().len(), 10, "{shown:?}");
    assert!(
        shown.iter().all(|code| code.chars().filter(char::is_ascii_alphanumeric).count() >= 12),
        "{shown:?}"
    );
    // The same form again, the page before, the page after: none shows them.
    let proof = phone.code(story.now());
    let again = story.browser.fill(&page, "/login/enrol", &[("code", &proof)]).await;
    let before = story.browser.follow(&page.url).await;
    let fields = codes.fields();
    let after = story.browser.open(&codes.absolute(&format!("/login?p={}", fields["pending"]))).await;
    for page in [&again, &before, &after] {
        assert!(shown.iter().all(|code| !page.body.contains(code.as_str())), "{}", page.text());
    }
    assert_eq!(story.factors().await.len(), 1, "the second set-up added nothing");
    assert_ne!(again.heading(), CODES);
}

#[tokio::test]
async fn leaving_the_set_up_gives_nothing() {
    let story = Story::at_openldap(EVERYONE).await;
    let page = story.signs_in(&[]).await;
    for path in ["/login/recovery-codes", "/login/enrol/later", "/login/factor", "/login/password"] {
        let page = story.browser.fill(&page, path, &[("code", "123456")]).await;
        assert!(page.status == StatusCode::OK || page.status.is_client_error(), "{path}: {}", page.text());
        assert_eq!((page.parameter("code"), page.cookie(SESSION)), (None, None), "{path}");
    }
    assert_eq!(story.starts_login(&[]).await.heading(), SIGN_IN, "a new login begins with the password");
    assert_eq!(story.silently(&[]).await, "login_required");
    assert!(story.factors().await.is_empty());
}

#[tokio::test]
async fn a_key_is_valid_only_in_its_own_login_until_that_ends() {
    let story = Story::at_openldap(EVERYONE).await;
    let page = story.signs_in(&[]).await;
    let phone = Phone::scan(&page);
    let other = story.signs_in(&[]).await;
    assert_ne!(Phone::scan(&other).code(0), phone.code(0), "another login has another key");
    let foreign = phone.code(story.now());
    let refused = story.browser.fill(&other, "/login/enrol", &[("code", &foreign)]).await;
    assert_rejected(&refused, "That code did not work");
    story.later(31 * MINUTE);
    let late = phone.code(story.now());
    assert_ended(&story.browser.fill(&page, "/login/enrol", &[("code", &late)]).await);
    assert!(story.factors().await.is_empty());
}

#[tokio::test]
async fn of_two_simultaneous_set_ups_one_is_stored() {
    let story = Story::at_openldap(EVERYONE).await;
    let (one, other) = (story.signs_in(&[]).await, story.signs_in(&[]).await);
    let (first, second) = (Phone::scan(&one), Phone::scan(&other));
    let (first, second) = (first.code(story.now()), second.code(story.now()));
    let first = [("code", first.as_str())];
    let second = [("code", second.as_str())];
    let (a, b) = tokio::join!(
        story.browser.fill(&one, "/login/enrol", &first),
        story.browser.fill(&other, "/login/enrol", &second)
    );
    let done = [&a, &b].iter().filter(|page| page.heading() == CODES).count();
    assert_eq!((done, story.factors().await.len()), (1, 1), "{} / {}", a.text(), b.text());
    let loser = if a.heading() == CODES { b } else { a };
    assert_eq!(loser.heading(), CODE, "the loser is asked for a code of the stored authenticator");
}

#[tokio::test]
async fn with_enrolment_by_invitation_a_password_alone_sets_nothing_up() {
    let story = Story::at_openldap(INVITED).await;
    let page = story.signs_in(&[]).await;
    assert_eq!(page.heading(), INVITATION);
    let code = story.help_desk_code().await;
    for (typed, words) in
        [("", "Enter the code from your help desk"), ("ABCDE-FGHJK-MNPQR", "That code did not work")]
    {
        let refused = story.browser.fill(&page, "/login/invitation", &[("code", typed)]).await;
        assert_rejected(&refused, words);
    }
    // Sending the form of the next page does not skip the code.
    let skipped = story.browser.fill(&page, "/login/enrol", &[("code", "123456")]).await;
    assert_eq!(skipped.heading(), INVITATION);

    let untidy = format!(" {} ", code.to_lowercase().replace('-', " "));
    let set_up = story.browser.fill(&page, "/login/invitation", &[("code", &untidy)]).await;
    assert_eq!(set_up.heading(), ENROL, "{}", set_up.text());
    let thief = Browser::new();
    let theirs = story.signs_in_with(&thief, &story.cloudsync.authorize(&[])).await;
    let used = thief.fill(&theirs, "/login/invitation", &[("code", &code)]).await;
    assert_rejected(&used, "That code did not work");
    let (_, codes) = story.sets_up_factor(&set_up).await;
    assert_arrived(&story.continues_from(&codes).await);
}

#[tokio::test]
async fn an_invitation_expires_and_only_the_newest_is_valid() {
    let story = Story::at_openldap(INVITED).await;
    let page = story.signs_in(&[]).await;
    let (older, newer) = (story.help_desk_code().await, story.help_desk_code().await);
    let refused = story.browser.fill(&page, "/login/invitation", &[("code", &older)]).await;
    assert_rejected(&refused, "That code did not work");
    story.later(72 * HOUR);
    let page = story.signs_in(&[]).await;
    let refused = story.browser.fill(&page, "/login/invitation", &[("code", &newer)]).await;
    assert_rejected(&refused, "That code did not work");
    let in_time = story.help_desk_code().await;
    story.later(20 * MINUTE);
    let page = story.browser.fill(&page, "/login/invitation", &[("code", &in_time)]).await;
    assert_eq!(page.heading(), ENROL);
}

#[tokio::test]
async fn a_grace_period_counts_down_and_ends() {
    let story = Story::at_openldap(GRACE).await;
    let page = story.signs_in(&[]).await;
    assert!(page.heading() == ENROL && page.text().contains("for 3 more days"), "{}", page.text());
    let arrived = story.browser.fill(&page, "/login/enrol/later", &[]).await;
    let tokens = story.tokens(&arrived).await;
    assert_eq!(tokens.payload("id_token")["amr"], serde_json::json!(["pwd"]));
    assert_eq!(
        story.silently(&[]).await,
        "a code",
        "the notice was shown at the sign-in and is not repeated"
    );

    story.later(2 * DAY + HOUR);
    let page = story.signs_in(&[]).await;
    assert!(page.text().contains("for 1 more day."), "{}", page.text());
    assert_arrived(&story.browser.fill(&page, "/login/enrol/later", &[]).await);

    story.later(DAY - HOUR - 5 * MINUTE);
    let open = story.signs_in(&[("prompt", "login")]).await;
    assert_arrived(&story.browser.fill(&open, "/login/enrol/later", &[]).await);
    let open = story.signs_in(&[("prompt", "login")]).await;
    story.later(10 * MINUTE);
    let page = story.signs_in(&[("prompt", "login")]).await;
    assert!(page.heading() == ENROL && !page.text().contains("Not now"), "{}", page.text());
    for page in [&page, &open] {
        let still = story.browser.fill(page, "/login/enrol/later", &[]).await;
        assert_eq!((still.parameter("code"), still.cookie(SESSION)), (None, None), "{}", still.text());
    }
    assert_eq!(
        story.silently(&[]).await,
        "interaction_required",
        "a session of the grace period ends with it"
    );
    assert_eq!(story.cloudsync.refresh(tokens.text("refresh_token")).await.text("error"), "invalid_grant");
    let (_, codes) = story.sets_up_factor(&page).await;
    assert_arrived(&story.continues_from(&codes).await);
}

#[tokio::test]
async fn a_grace_period_does_not_start_again() {
    let story = Story::at_openldap(GRACE).await;
    story.signs_in(&[]).await;
    let account = story.account().await.id;
    cloudsync_idp::flow::account::factors::reset(
        &story.provider.parts.login(),
        &account,
        &crate::support::desk(),
    )
    .await
    .expect("a reset");
    story.later(3 * DAY);
    let page = story.signs_in(&[]).await;
    assert!(page.heading() == ENROL && !page.text().contains("Not now"), "{}", page.text());
}

#[tokio::test]
async fn an_optional_factor_is_asked_of_those_who_have_one() {
    let story = Story::at_openldap("[second_factor]\nrequired = \"optional\"\n").await;
    assert_arrived(&story.signs_in(&[]).await);
    story.browser.send(&story.starts_login(&[("prompt", "login")]).await, "/session/forget", &[]).await;
    let (phone, ..) = story.enrolled().await;
    let page = story.signs_in(&[("prompt", "login")]).await;
    assert_arrived(&story.types_next_code(&page, &phone).await);
}
