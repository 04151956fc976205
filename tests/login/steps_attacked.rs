//! Attacks on the pages after the password: forged forms, planted cookies, frames, addresses, log lines.

use reqwest::StatusCode;
use reqwest::header::ORIGIN;

use super::hostile::Log;
use super::{ENDED, SESSION, assert_ended, assert_nothing_gained};
use crate::support::browser::{Browser, Page};
use crate::support::phone::Phone;
use crate::support::story::{CODE, ENROL, EVERYONE, NEW_PASSWORD, Story, assert_arrived, recovery_codes};

const ROUTES: [&str; 8] = [
    "/login/factor",
    "/login/enrol",
    "/login/enrol/later",
    "/login/invitation",
    "/login/recovery-codes",
    "/login/password",
    "/session/forget",
    "/login/cancel",
];
const INVITED: &str = "[second_factor]\nrequired = \"everyone\"\nenrolment = \"invited\"\ngrace_days = 3\n";

/// All fields of the forms.
fn filled<'a>(code: &'a str, password: &'a str) -> [(&'a str, &'a str); 5] {
    [
        ("code", code),
        ("name", "My phone"),
        ("current", password),
        ("new", "A-New-Passw0rd!"),
        ("again", "A-New-Passw0rd!"),
    ]
}

#[tokio::test]
async fn a_forged_form_uses_up_nothing_and_changes_nothing() {
    let story = Story::at_openldap(EVERYONE).await;
    let page = story.signs_in(&[]).await;
    let phone = Phone::scan(&page);
    let code = phone.code(story.now());
    let token = page.fields()["csrf"].clone();
    let other = story.starts_login(&[]).await.fields()["csrf"].clone();
    for path in ROUTES {
        for forged in ["", "0", &token[1..], &other] {
            let typed = [&filled(&code, &story.password)[..], &[("csrf", forged)]].concat();
            let answer = story.browser.send(&page, path, &typed).await;
            assert!(
                answer.status.is_client_error() && answer.text().contains(ENDED),
                "{path}: {}",
                answer.text()
            );
            assert_nothing_gained(&answer);
        }
        for origin in ["https://evil.example", "null", "http://localhost"] {
            let mut fields = page.fields();
            fields.insert("code".into(), code.clone());
            let request = story.browser.http.post(page.absolute(path)).header(ORIGIN, origin).form(&fields);
            let answer = Page::of(request).await;
            assert!(answer.status.is_client_error(), "{path} from {origin}: {}", answer.text());
            assert_nothing_gained(&answer);
        }
        assert_eq!(story.browser.open(&page.absolute(path)).await.status.as_u16(), 405, "{path} by a link");
    }
    assert!(story.factors().await.is_empty());
    let (_, codes) = story.sets_up_factor(&page).await;
    assert_arrived(&story.continues_from(&codes).await);
}

#[tokio::test]
async fn a_step_cannot_be_used_in_another_browser() {
    let story = Story::at_openldap(EVERYONE).await;
    let (phone, codes, _) = story.enrolled().await;
    let victim = Browser::new();
    let page = story.signs_in_with(&victim, &story.cloudsync.authorize(&[])).await;
    assert_eq!(page.heading(), CODE);
    let thief = Browser::new();
    thief.follow(&story.cloudsync.authorize(&[]).url).await;
    story.later(30_000);
    let code = phone.code(story.now());
    for other in [&Browser::new(), &thief] {
        assert_ended(&other.open(&page.url).await);
        for path in ROUTES {
            // A person who is lured into sending the form is not signed in, and the owner's code stays
            // unused.
            assert_ended(&other.send(&page, path, &filled(&code, &story.password)).await);
            assert_ended(&other.send(&page, path, &filled(&codes[0], &story.password)).await);
        }
    }
    assert_arrived(&victim.fill(&page, "/login/factor", &[("code", &code)]).await);
}

#[tokio::test]
async fn a_planted_login_cookie_gives_the_attacker_nothing() {
    let story = Story::at_openldap(EVERYONE).await;
    let (phone, ..) = story.enrolled().await;
    let planted = format!("cloudsync_login={}", "A".repeat(43));
    let (victim, planter) = (
        Browser::with_cookie(&story.provider.url, &planted),
        Browser::with_cookie(&story.provider.url, &planted),
    );
    let asked = story.cloudsync.authorize(&[]);
    let begun = planter.follow(&asked.url).await;
    // The victim is lured into the login that the attacker began, and completes it.
    let page = victim.open(&begun.url).await;
    let page = victim.go_on(victim.submit(&page, &story.person.account, &story.password).await).await;
    assert_eq!(page.heading(), CODE);
    let waiting = planter.open(&begun.url).await;
    assert!(waiting.body.contains("id=\"password\""), "no further than it was: {}", waiting.text());
    story.later(30_000);
    let code = phone.code(story.now());
    let arrived = victim.fill(&page, "/login/factor", &[("code", &code)]).await;
    assert_arrived(&arrived);
    assert_ended(&planter.open(&begun.url).await);
    let silent = planter.open(&story.cloudsync.authorize(&[("prompt", "none")]).url).await;
    assert_eq!(silent.parameter("error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn no_step_can_be_framed_scripted_or_cached() {
    let story = Story::at_openldap(INVITED).await;
    let invitation = story.signs_in(&[]).await;
    let refused = story.browser.fill(&invitation, "/login/invitation", &[("code", "x")]).await;
    let code = story.help_desk_code().await;
    let enrol = story.browser.fill(&invitation, "/login/invitation", &[("code", &code)]).await;
    let (_, codes) = story.sets_up_factor(&enrol).await;
    let sheet = recovery_codes(&codes);
    assert_arrived(&story.continues_from(&codes).await);
    let factor = story.signs_in(&[("prompt", "login")]).await;
    let used = story.types_code(&factor, &sheet[0]).await;
    let changer = Story::at_openldap("").await;
    changer.admin.replace(&changer.person.dn, "pwdReset", &["TRUE"]);
    let password = changer.signs_in(&[]).await;
    assert_eq!((enrol.heading().as_str(), password.heading().as_str()), (ENROL, NEW_PASSWORD));
    for page in [invitation, refused, enrol, codes, factor, used, password] {
        let policy = &page.headers["content-security-policy"];
        for directive in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "; form-action 'self' https://cloudsync.example",
        ] {
            assert!(policy.contains(directive), "{}: {policy}", page.heading());
        }
        assert!(!policy.contains("unsafe") && !policy.contains("data:"), "{}: {policy}", page.heading());
        assert!(!page.body.contains(" style=") && !page.body.contains(" onclick="), "{}", page.body);
        for (header, value) in [
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            let found = page.headers.get(header).map(String::as_str);
            assert_eq!(found, Some(value), "{}: {header}", page.heading());
        }
        // Nothing is loaded from elsewhere, and no address contains what a page shows only once.
        let away = page.body.split("src=\"").skip(1).any(|rest| rest.starts_with("http"));
        assert!(!away && sheet.iter().all(|code| !page.url.contains(code.as_str())), "{}", page.url);
    }
}

#[tokio::test]
async fn every_redirect_leads_to_the_registered_address() {
    let story = Story::at_openldap(INVITED).await;
    let page = story.signs_in(&[]).await;
    let evil = "https://evil.example/";
    let away = ["redirect_uri", "next", "return_to", "url", "continue", "post_logout_redirect_uri"]
        .map(|name| (name, evil));
    for path in ROUTES {
        let answer = story.browser.send(&page, path, &away).await;
        let location = answer.location.unwrap_or_default();
        let good = location.is_empty()
            || location.starts_with("/login?p=")
            || location.starts_with("https://cloudsync.example/callback?code=");
        assert!(good && !location.contains("evil"), "{path}: {location}");
    }
    let asked = Story::at_openldap(INVITED).await;
    let page = asked.signs_in(&[]).await;
    let client = [("client_id", "evil"), ("redirect_uri", evil)];
    let later = asked.browser.send(&page, "/login/enrol/later", &client).await;
    assert!(later.location.unwrap_or_default().starts_with("https://cloudsync.example/callback?code="));
    let opened = asked.browser.open(&format!("{}&next={evil}&redirect_uri={evil}", page.url)).await;
    assert!(opened.location.is_none() && !opened.body.contains("evil"), "{}", opened.body);
}

#[tokio::test]
async fn markup_and_oversized_input_do_no_harm() {
    const MARKUP: &str = "\"><script>alert(1)</script>";
    let story = Story::at_openldap(EVERYONE).await;
    let page = story.signs_in(&[]).await;
    let much = "1".repeat(70_000);
    for path in ROUTES.into_iter().filter(|path| path.starts_with("/login")) {
        let fields: Vec<_> = page.fields().into_iter().collect();
        let mut twice: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let pending = twice.iter().copied().find(|(name, _)| *name == "pending").expect("a login");
        twice.push(pending);
        let answer = story.browser.post(&page.absolute(path), &twice).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.text());
        let answer = story.browser.send(&page, path, &[("code", &much)]).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
    let page = story.signs_in(&[]).await;
    let phone = Phone::scan(&page);
    for typed in [MARKUP, "\0", "１２３４５６", "-00001", "+123456", "1e5", " ", &"9".repeat(5000)] {
        let answer = story.browser.fill(&page, "/login/enrol", &[("code", typed), ("name", MARKUP)]).await;
        assert!(
            answer.status.is_client_error() && !answer.body.contains("<script>alert"),
            "{typed:?}: {}",
            answer.text()
        );
        assert_eq!(answer.cookie(SESSION), None);
        story.later(15 * 60_000 / 8);
    }
    let page = story.signs_in(&[]).await;
    assert_eq!(story.factors().await.len(), 0);
    drop(phone);
    assert_eq!(page.heading(), ENROL);
}

#[tokio::test]
async fn log_lines_cannot_be_forged_by_a_code_and_contain_no_secret() {
    const BREAK: &str = "123456\r\nFORGED: alice signed in\u{1b}[31m";
    Log::keep();
    let story = Story::at_openldap(EVERYONE).await;
    let page = story.signs_in(&[]).await;
    let phone = Phone::scan(&page);
    for (path, field) in [("/login/enrol", "code"), ("/login/factor", "code"), ("/login/invitation", "code")]
    {
        let answer = story.browser.send(&page, path, &[(field, BREAK)]).await;
        assert!(!answer.headers.contains_key("forged") && answer.status.as_u16() < 500, "{path}");
    }
    let proof = phone.code(story.now());
    let codes = story.browser.fill(&page, "/login/enrol", &[("code", &proof), ("name", BREAK)]).await;
    let sheet = recovery_codes(&codes);
    assert_arrived(&story.continues_from(&codes).await);
    assert!(story.factors().await.iter().all(|factor| !factor.name.contains(char::is_control)));
    let help_desk = story.help_desk_code().await;
    story.admin.replace(&story.person.dn, "pwdReset", &["TRUE"]);
    let page = story.signs_in(&[("prompt", "login")]).await;
    let recovered = story.types_code(&page, &sheet[0]).await;
    let page = story.continues_from(&recovered).await;
    let new = "A-New-Passw0rd!";
    let refused = [("current", "Old-1-typed"), ("new", "New-1-typed"), ("again", "New-1-typed")];
    story.browser.fill(&page, "/login/password", &refused).await;
    let changed = [("current", story.password.as_str()), ("new", new), ("again", new)];
    assert_arrived(&story.browser.fill(&page, "/login/password", &changed).await);

    let text = Log::text();
    assert!(text.contains("path=\"/login/password\""), "{text}");
    assert!(!text.lines().any(|line| line.contains("FORGED") && !line.contains("cloudsync_idp")), "{text}");
    let secrets = ["Old-1-typed", "New-1-typed", new, &story.password, &sheet[0], &sheet[1], &help_desk];
    for secret in secrets {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}
