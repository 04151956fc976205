//! Entering: only by our own sign-in with a second factor, and only with a role that the directory confirms.

use cloudsync_idp::domain::MINUTE;
use cloudsync_idp::domain::admin::Role;
use cloudsync_idp::flow::settings::Mode;
use reqwest::StatusCode;

use super::{COOKIE, NO_ROLE, OVERVIEW, PanelStory, assert_asked, go_on};
use crate::support::browser::{Browser, Page};
use crate::support::lab::unique;
use crate::support::story::{CODE, ENROL, EVERYONE, INVITATION, MFA, RECOVERED, SIGN_IN, essential_acr};

#[tokio::test]
async fn an_owner_enters_with_a_second_factor_and_signs_out_of_everything() {
    let story = PanelStory::new("").await;
    let page = Browser::new().follow(&story.url("/admin")).await;
    assert!(page.text().contains("to open the admin panel"), "{}", page.text());

    let inside = story.inside(Role::Owner).await;
    let (browser, page) = (&inside.browser, &inside.page);
    for shown in ["Example Corp", "Owner", "Works", "Nothing is waiting"] {
        assert!(page.text().contains(shown), "{shown}: {}", page.text());
    }
    let policy = &page.headers["content-security-policy"];
    assert!(policy.contains("script-src 'self'; connect-src 'self'; "), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    let entered = story.trail("admin_entered").await;
    let account = story.account(story.person(Role::Owner)).await;
    assert_eq!(entered[0].actor, Some(format!("account {}", account.0)));
    assert_eq!((entered.len(), entered[0].role.as_deref()), (1, Some("owner")));

    let sent = story.token(&inside.cookie, "/admin/sign-out").await;
    let left = story.send(browser, "/admin/sign-out", &[("csrf", &sent)]).await;
    assert_eq!(left.location.as_deref(), Some("/signed-out"));
    assert_asked(&browser.open(&story.url("/admin")).await);
    let own = browser.follow(&story.url("/account/security")).await;
    assert_eq!(own.heading(), SIGN_IN, "the browser session ended too");
    let replayed = Browser::with_cookie(&story.provider.url, &format!("{COOKIE}={}", inside.cookie));
    assert_asked(&replayed.open(&story.url("/admin")).await);
}

#[tokio::test]
async fn a_password_alone_or_an_old_sign_in_does_not_open_the_panel() {
    let story = PanelStory::new("").await;
    let owner = story.person(Role::Owner);
    let browser = Browser::new();
    let asked = story.provider.cloudsync().authorize(&[]);
    let arrived = browser.sign_in(&asked, &owner.account, &story.subtree.password).await;
    assert!(arrived.parameter("code").is_some(), "signed in with the password: {}", arrived.text());
    assert_eq!(browser.follow(&story.url("/admin")).await.heading(), SIGN_IN, "and not in the panel");

    let inside = story.inside(Role::Owner).await;
    let own = &inside.browser;
    let (page, _) = go_on(own, own.open(&story.url("/admin/enter?again=yes&to=/admin")).await).await;
    assert_eq!(page.heading(), OVERVIEW, "the sign-in is recent");
    story.later(5 * MINUTE);
    let page = own.follow(&story.url("/admin/enter?again=yes&to=/admin")).await;
    assert_eq!(page.heading(), SIGN_IN, "it is old");
    let (page, cookie) = story.signs_in_again(&inside, owner, "/admin/enter?again=yes&to=/admin").await;
    assert_eq!(page.heading(), OVERVIEW);
    assert_ne!(cookie, inside.cookie);
    assert!(story.session(&inside.cookie).await.is_none(), "each confirmation has a new id");

    let head = Page::of(own.http.head(story.url("/admin/enter?again=yes&to=/admin"))).await;
    assert_eq!(head.status, StatusCode::METHOD_NOT_ALLOWED, "a HEAD request must not write");
    assert!(head.cookies.is_empty() && story.session(&cookie).await.is_some(), "{:?}", head.cookies);
    assert!(story.session(&cookie).await.expect("there").is_fresh(story.now()));
}

#[tokio::test]
async fn nobody_makes_the_directory_answer_as_often_as_they_like() {
    let story = PanelStory::new("[throttle]\nperson_codes_per_minute = 5\n").await;
    let inside = story.enrols(Browser::new(), &story.bystander, "/admin").await;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(inside.browser.open(&story.url("/admin/enter?to=/admin")).await.status.as_u16());
    }
    // The sign-in and the first attempt count too.
    assert_eq!(statuses, [403, 403, 403, 429, 429, 429]);
}

#[tokio::test]
async fn a_person_without_a_role_is_refused_and_recorded() {
    let story = PanelStory::new("").await;
    let inside = story.enrols(Browser::new(), &story.bystander, "/admin").await;
    assert_eq!((inside.page.status, inside.page.heading().as_str()), (StatusCode::FORBIDDEN, NO_ROLE));
    assert_eq!(inside.cookie, "");
    let refused = story.trail("admin_refused").await;
    assert_eq!((refused.len(), refused[0].cause.as_deref()), (1, Some("no_role")));
}

#[tokio::test]
async fn a_code_that_is_older_than_the_password_is_not_fresh() {
    let story = PanelStory::new("").await;
    let (owner, inside) = (story.person(Role::Owner), story.inside(Role::Owner).await);
    // A sign-in with a code, whose password is typed again much later.
    let cloudsync = story.provider.cloudsync();
    let claims = essential_acr(&[MFA]);
    let asked = cloudsync.authorize(&[("prompt", "login"), ("claims", claims.as_str())]);
    let browser = Browser::new();
    let page = browser.follow(&asked.url).await;
    let sent = browser.submit(&page, &owner.account, &story.subtree.password).await;
    let page = browser.go_on(sent).await;
    let left = inside.codes.first().expect("a recovery code");
    let waiting = browser.send(&page, "/login/factor", &[("code", left)]).await;
    assert_eq!(waiting.heading(), RECOVERED, "{}", waiting.text());
    story.later(12 * MINUTE);
    let page = browser.fill(&waiting, "/login/recovery-codes", &[]).await;
    assert_eq!(page.heading(), SIGN_IN, "the password is too old, the code stays: {}", page.text());
    let arrived = browser.submit(&page, &owner.account, &story.subtree.password).await;
    assert!(browser.go_on(arrived.clone()).await.parameter("code").is_some(), "{}", arrived.text());
    let page = browser.follow(&story.url("/admin")).await;
    assert_eq!(page.heading(), SIGN_IN, "the panel asks for both again: {}", page.text());
}

#[tokio::test]
async fn what_should_give_a_role_and_is_missing_is_named_to_owners_only() {
    let story = PanelStory::new("").await;
    let missing = format!("CN={},{}", unique("owners"), story.subtree.unit);
    let groups = format!(
        "[[directories]]\nid = \"corp\"\nadmin_groups = [{:?}, {missing:?}]\n",
        story.group(Role::Owner)
    );
    story.provider.apply(&groups, Mode::Merge).await.expect("good settings");
    let found = "A group that should give a role was not found";
    for (role, named) in [(Role::Owner, true), (Role::HelpDesk, false), (Role::Auditor, false)] {
        let page = story.inside(role).await.page;
        assert!(page.text().contains(found), "{role:?}: {}", page.text());
        assert_eq!(page.text().contains(&missing), named, "{role:?}: {}", page.text());
    }
    // Somebody creates it: it counts, and that is on record.
    story.subtree.admin.add(&missing, &[("objectClass", "groupOfNames"), ("member", &story.bystander.dn)]);
    let before = story.trail("admin_group_found").await.len();
    story.provider.sync().await.expect("a sync");
    let found = story.trail("admin_group_found").await;
    assert_eq!(found.len(), before + 1, "{found:?}");
    assert!(found[0].detail.as_deref().is_some_and(|detail| detail.contains(&missing)), "{found:?}");
}

#[tokio::test]
async fn a_group_of_the_same_name_elsewhere_gives_no_role() {
    let story = PanelStory::new("").await;
    let name = story.group(Role::Owner).split(',').next().expect("a DN");
    let twin = format!("{name},{}", story.subtree.outside);
    let members = [("objectClass", "groupOfNames"), ("member", story.bystander.dn.as_str())];
    story.subtree.admin.add(&twin, &members);
    story.provider.sync().await.expect("a sync");
    let inside = story.enrols(Browser::new(), &story.bystander, "/admin").await;
    assert_eq!(inside.page.heading(), NO_ROLE, "{}", inside.page.text());
}

#[tokio::test]
async fn a_thief_of_the_password_enrols_no_factor_of_an_admin_anywhere() {
    let story = PanelStory::new(EVERYONE).await;
    let cloudsync = story.provider.cloudsync();
    let first_page = async |person| {
        let browser = Browser::new();
        let page = browser.follow(&cloudsync.authorize(&[]).url).await;
        let person: &crate::support::lab::Person = person;
        let sent = browser.submit(&page, &person.account, &story.subtree.password).await;
        browser.go_on(sent).await.heading()
    };
    assert_eq!(first_page(&story.bystander).await, ENROL, "the policy lets people do it alone");
    for role in Role::ALL {
        assert_eq!(first_page(story.person(role)).await, INVITATION, "{role:?} at another client");
    }
    let page = story.signs_in(&Browser::new(), &story.bystander, "/admin").await;
    assert_eq!(page.heading(), INVITATION, "and nobody at the panel");
    // A new member, whom no sync has reported yet.
    story.subtree.admin.add_values(story.group(Role::Owner), "member", &[&story.bystander.dn]);
    assert_eq!(first_page(&story.bystander).await, INVITATION, "the directory itself is asked");
}

#[tokio::test]
async fn after_the_sign_in_only_a_page_of_the_panel_follows() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Auditor).await;
    for hostile in [
        "//evil.example",
        "https://evil.example/admin",
        "/\\evil.example",
        "/admin/../logout",
        "/logout",
        "/admin/sign-out",
        "/admin/link?t=x",
        "/admin%0d%0aset-cookie:a=b",
        "javascript:alert(1)",
    ] {
        for again in ["", "yes"] {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("to", hostile)
                .append_pair("again", again)
                .finish();
            let page = inside.browser.open(&story.url(&format!("/admin/enter?{query}"))).await;
            assert_eq!(page.location.as_deref(), Some("/admin"), "{hostile}");
        }
    }
    let page = inside.browser.open(&story.url("/admin/enter?to=/admin%3Fq%3D1")).await;
    assert_eq!(page.location.as_deref(), Some("/admin?q=1"));
}

#[tokio::test]
async fn a_planted_cookie_is_replaced_and_a_cancelled_sign_in_leads_home() {
    let story = PanelStory::new("").await;
    let planted = "a".repeat(43);
    let browser = Browser::with_cookie(&story.provider.url, &format!("{COOKIE}={planted}"));
    let inside = story.enrols(browser, story.person(Role::Operator), "/admin").await;
    assert!(inside.page.heading() == OVERVIEW && inside.cookie != planted);
    let thief = Browser::with_cookie(&story.provider.url, &format!("{COOKIE}={planted}"));
    assert_asked(&thief.open(&story.url("/admin")).await);

    let browser = Browser::new();
    let page = story.signs_in(&browser, story.person(Role::Operator), "/admin").await;
    assert_eq!(page.heading(), CODE);
    let cancelled = browser.send(&page, "/login/cancel", &[]).await;
    assert_eq!(cancelled.location.as_deref(), Some("/"));
}
