//! Codes at the sign-in: of the authenticator, recovery codes, and of the help desk. Each is valid once.

use cloudsync_idp::domain::DAY;
use cloudsync_idp::flow::account::factors;
use reqwest::StatusCode;

use super::SESSION;
use crate::support::browser::Browser;
use crate::support::story::{
    CODE, ENROL, EVERYONE, RECOVERED, SIGN_IN, STEP, Story, assert_arrived, assert_rejected,
};

#[tokio::test]
async fn an_authenticator_code_is_valid_once() {
    let story = Story::at_openldap(EVERYONE).await;
    let (phone, ..) = story.enrolled().await;
    let page = story.signs_in(&[("prompt", "login")]).await;
    let spent = phone.code(story.now());
    assert_rejected(&story.types_code(&page, &spent).await, "That code has been used already");
    assert_rejected(&story.types_code(&page, &phone.wrong_code(story.now())).await, "That code did not work");
    assert_rejected(&story.types_code(&page, " ").await, "Enter a code");

    story.later(STEP);
    let code = phone.code(story.now());
    let pasted = format!(" {} {} ", &code[..3], &code[3..]);
    let arrived = story.types_code(&page, &pasted).await;
    let claims = story.tokens(&arrived).await.payload("id_token");
    assert_eq!(claims["amr"], serde_json::json!(["pwd", "otp", "mfa"]));

    let thief = Browser::new();
    let page = story.signs_in_with(&thief, &story.cloudsync.authorize(&[])).await;
    let replayed = thief.fill(&page, "/login/factor", &[("code", &code)]).await;
    assert_rejected(&replayed, "That code has been used already");
    assert_eq!(replayed.cookie(SESSION), None);
}

#[tokio::test]
async fn codes_one_step_early_or_late_are_accepted_but_none_older_than_the_last() {
    let story = Story::at_openldap(EVERYONE).await;
    let (phone, ..) = story.enrolled().await;
    story.later(10 * STEP);
    let now = story.now();
    let page = story.signs_in(&[("prompt", "login")]).await;
    for far in [-2, 2] {
        assert_rejected(
            &story.types_code(&page, &phone.code(now + far * STEP)).await,
            "That code did not work",
        );
    }
    assert_arrived(&story.types_code(&page, &phone.code(now + STEP)).await);
    let page = story.signs_in(&[("prompt", "login")]).await;
    for older in [-1, 0, 1] {
        let refused = story.types_code(&page, &phone.code(now + older * STEP)).await;
        assert_rejected(&refused, "That code has been used already");
    }
    // A phone whose clock is late.
    story.later(3 * STEP);
    assert_arrived(&story.types_code(&page, &phone.code(story.now() - STEP)).await);
}

#[tokio::test]
async fn of_two_browsers_with_the_same_code_only_one_gets_in() {
    let story = Story::at_openldap(EVERYONE).await;
    let (phone, ..) = story.enrolled().await;
    story.later(STEP);
    let (one, other) = (Browser::new(), Browser::new());
    let asked = story.cloudsync.authorize(&[]);
    let (first, second) =
        (story.signs_in_with(&one, &asked).await, story.signs_in_with(&other, &asked).await);
    let code = phone.code(story.now());
    let typed = [("code", code.as_str())];
    let (a, b) =
        tokio::join!(one.fill(&first, "/login/factor", &typed), other.fill(&second, "/login/factor", &typed));
    let arrived = [&a, &b].iter().filter(|page| page.parameter("code").is_some()).count();
    assert_eq!(arrived, 1, "{} / {}", a.text(), b.text());
}

#[tokio::test]
async fn each_recovery_code_is_valid_once() {
    let story = Story::at_openldap(EVERYONE).await;
    let (_, codes, _) = story.enrolled().await;
    for (used, code) in codes.iter().enumerate() {
        let page = story.signs_in(&[("prompt", "login")]).await;
        let recovered = story.types_code(&page, &code.to_lowercase().replace('-', " ")).await;
        assert_eq!(
            (recovered.heading().as_str(), recovered.cookie(SESSION)),
            (RECOVERED, None),
            "{}",
            recovered.text()
        );
        let left = match 9 - used {
            0 => "You have no recovery codes left".to_owned(),
            1 => "You have 1 recovery code left".to_owned(),
            left => format!("You have {left} recovery codes left"),
        };
        assert!(recovered.text().contains(&left), "{left}: {}", recovered.text());
        let arrived = story.continues_from(&recovered).await;
        assert_eq!(
            story.tokens(&arrived).await.payload("id_token")["amr"],
            serde_json::json!(["pwd", "otp", "mfa"])
        );
        let page = story.signs_in(&[("prompt", "login")]).await;
        assert_rejected(&story.types_code(&page, code).await, "That code did not work");
        // Five wrong ones in a day would make the person wait.
        story.later(DAY);
    }
}

#[tokio::test]
async fn a_help_desk_code_replaces_a_lost_phone_once() {
    let story = Story::at_openldap(EVERYONE).await;
    story.enrolled().await;
    let code = story.help_desk_code().await;
    let page = story.signs_in(&[("prompt", "login")]).await;
    let recovered = story.types_code(&page, &code).await;
    assert_eq!(recovered.heading(), RECOVERED, "{}", recovered.text());
    assert_arrived(&story.continues_from(&recovered).await);
    let page = story.signs_in(&[("prompt", "login")]).await;
    assert_rejected(&story.types_code(&page, &code).await, "That code did not work");
    assert_eq!(story.factors().await.len(), 1, "the lost phone can still be removed by its owner");
}

#[tokio::test]
async fn after_five_wrong_codes_a_wait_applies_to_new_logins_too() {
    let story = Story::at_openldap(EVERYONE).await;
    let (phone, ..) = story.enrolled().await;
    let thief = Browser::new();
    let asked = story.cloudsync.authorize(&[]);
    let page = story.signs_in_with(&thief, &asked).await;
    let wrong = phone.wrong_code(story.now());
    for _ in 0..6 {
        thief.fill(&page, "/login/factor", &[("code", &wrong)]).await;
    }
    story.later(STEP / 2);
    let page = story.signs_in_with(&thief, &asked).await;
    assert_eq!(page.heading(), CODE);
    let waits = thief.fill(&page, "/login/factor", &[("code", &phone.code(story.now() + STEP))]).await;
    assert_eq!(waits.status, StatusCode::TOO_MANY_REQUESTS, "{}", waits.text());
    assert!(waits.headers.contains_key("retry-after"), "{:?}", waits.headers);
    assert!(waits.text().contains("Too many wrong codes"), "{}", waits.text());
    // A thief of the password does not make the owner's own browser wait.
    let page = story.signs_in(&[("prompt", "login")]).await;
    assert_arrived(&story.types_next_code(&page, &phone).await);
}

#[tokio::test]
async fn a_reset_ends_everything_and_the_person_sets_up_again() {
    let story = Story::at_openldap(EVERYONE).await;
    let (phone, codes, arrived) = story.enrolled().await;
    let tokens = story.tokens(&arrived).await;
    let under_way = Browser::new();
    let page = story.signs_in_with(&under_way, &story.cloudsync.authorize(&[])).await;
    assert_eq!(page.heading(), CODE);
    assert_eq!(story.silently(&[]).await, "a code");

    let account = story.account().await.id;
    factors::reset(&story.provider.parts.login(), &account, &crate::support::desk()).await.expect("a reset");
    assert_eq!(story.silently(&[]).await, "login_required");
    assert_eq!(story.cloudsync.refresh(tokens.text("refresh_token")).await.text("error"), "invalid_grant");
    let userinfo = story.cloudsync.userinfo(tokens.text("access_token")).await;
    assert_eq!(userinfo.status, StatusCode::UNAUTHORIZED);
    story.later(STEP);
    for code in [phone.code(story.now()), codes[0].clone()] {
        let stale = under_way.fill(&page, "/login/factor", &[("code", &code)]).await;
        assert_eq!((stale.parameter("code"), stale.cookie(SESSION)), (None, None), "{}", stale.text());
    }
    let page = story.signs_in(&[]).await;
    assert_eq!(page.heading(), ENROL);
    let (_, codes) = story.sets_up_factor(&page).await;
    assert_arrived(&story.continues_from(&codes).await);
}

#[tokio::test]
async fn an_authenticator_set_up_with_other_parameters_keeps_working() {
    let totp = "[second_factor.totp]\ndigits = 8\nperiod = 60\n";
    let story = Story::at_openldap(&format!("{EVERYONE}{totp}")).await;
    let (phone, ..) = story.enrolled().await;
    assert_eq!(phone.code(story.now()).len(), 8);
    story.set("[second_factor.totp]\ndigits = 6\nperiod = 30\n").await;
    story.later(2 * STEP);
    let page = story.signs_in(&[("prompt", "login")]).await;
    assert_arrived(&story.types_code(&page, &phone.code(story.now())).await);
}

#[tokio::test]
async fn not_you_returns_to_the_sign_in_page() {
    let story = Story::at_openldap(EVERYONE).await;
    for set_up in [true, false] {
        let page = story.signs_in(&[("prompt", "login")]).await;
        assert!(page.text().contains(&story.person.account), "{}", page.text());
        let anew = story.browser.fill(&page, "/session/forget", &[]).await;
        assert_eq!(anew.heading(), SIGN_IN, "{}", anew.text());
        assert!(!anew.body.contains(&story.person.account), "{}", anew.body);
        if set_up {
            story.enrolled().await;
        }
    }
}
