//! More proof is required than a session has: by a policy that came later, by a client, or by a request. The
//! session is raised at its next authorization request, and no code or token is issued until then.

use cloudsync_idp::domain::{HOUR, MINUTE};

use super::SESSION;
use crate::support::browser::{Browser, Page};
use crate::support::story::{
    CODE, ENROL, EVERYONE, INVITATION, MFA, SFA, SIGN_IN, STEP, Story, assert_arrived, essential_acr,
};
use crate::support::subtree::Subtree;

const NOBODY: &str = "[second_factor]\nrequired = \"nobody\"\n";
/// A second client, which always requires two factors.
const STRICT: &str = r#"
[[clients]]
client_id = "vault"
client_name = "Vault"
client_secret = "secret-of-the-vault-1"
redirect_uris = ["https://cloudsync.example/callback"]
require_second_factor = true
"#;

fn auth_time(story: &Story) -> i64 {
    story.now() / 1000
}

#[tokio::test]
async fn a_session_older_than_the_policy_is_raised_at_its_next_authorization() {
    let story = Story::at_openldap(NOBODY).await;
    let (phone, ..) = story.enrolled().await;
    let other = Browser::new();
    let arrived = story.signs_in_with(&other, &story.cloudsync.authorize(&[])).await;
    let (before, signed_in_at) = (story.tokens(&arrived).await, auth_time(&story));
    assert_eq!(before.payload("id_token")["acr"], SFA);
    let refreshed = story.cloudsync.refresh(before.text("refresh_token")).await;
    let session = arrived.cookie(SESSION).expect("a session").to_owned();

    story.set(EVERYONE).await;
    story.later(10 * MINUTE);
    let refused = story.cloudsync.refresh(refreshed.text("refresh_token")).await;
    assert_eq!(refused.text("error"), "invalid_grant", "{:?}", refused.body);
    let silent = other.open(&story.cloudsync.authorize(&[("prompt", "none")]).url).await;
    assert_eq!(silent.parameter("error").as_deref(), Some("interaction_required"));

    let page = other.follow(&story.cloudsync.authorize(&[]).url).await;
    assert_eq!(page.heading(), CODE, "no password is asked for: {}", page.text());
    let code = phone.code(story.now());
    let arrived = other.fill(&page, "/login/factor", &[("code", &code)]).await;
    let raised = story.tokens(&arrived).await;
    let claims = raised.payload("id_token");
    assert_eq!((&claims["acr"], &claims["auth_time"]), (&MFA.into(), &signed_in_at.into()));
    assert_eq!(claims["sid"], before.payload("id_token")["sid"], "the same session");
    let renewed = arrived.cookie(SESSION).expect("with another id");
    assert_ne!(renewed, session);
    let stolen = Browser::with_cookie(&story.provider.url, &format!("{SESSION}={session}"));
    let silent = stolen.open(&story.cloudsync.authorize(&[("prompt", "none")]).url).await;
    assert_eq!(silent.parameter("error").as_deref(), Some("login_required"), "the old id is invalid");
    assert_eq!(story.cloudsync.refresh(raised.text("refresh_token")).await.status, 200);
}

#[tokio::test]
async fn a_code_alone_does_not_renew_auth_time() {
    let story = Story::at_openldap(NOBODY).await;
    let (phone, ..) = story.enrolled().await;
    let signed_in_at = auth_time(&story);
    story.later(HOUR);
    let essential = essential_acr(&[MFA]);
    let page = story.starts_login(&[("max_age", "60"), ("claims", &essential)]).await;
    assert_eq!(page.heading(), SIGN_IN, "a code is not enough: {}", page.text());
    story.set(EVERYONE).await;
    let other = Browser::new();
    let page = story.signs_in_with(&other, &story.cloudsync.authorize(&[])).await;
    let code = phone.code(story.now());
    let arrived = other.fill(&page, "/login/factor", &[("code", &code)]).await;
    assert_eq!(story.tokens(&arrived).await.payload("id_token")["auth_time"], auth_time(&story));

    // The session was raised by a code only, so its `auth_time` is still that of its password.
    let arrived = story.starts_login(&[]).await;
    assert_eq!(story.tokens(&arrived).await.payload("id_token")["auth_time"], signed_in_at);
    let page = story.starts_login(&[("max_age", "60")]).await;
    assert_eq!(page.heading(), SIGN_IN);
    let page =
        story.browser.go_on(story.browser.submit(&page, &story.person.account, &story.password).await).await;
    let arrived = story.types_next_code(&page, &phone).await;
    let claims = story.tokens(&arrived).await.payload("id_token");
    assert_eq!(claims["auth_time"], auth_time(&story) - STEP / 1000, "when the password was checked");
}

/// A session is not enough to set up a factor: a person who finds a screen unlocked must not add a phone of
/// their own.
async fn types_the_password_again(story: &Story, page: &Page) -> Page {
    assert_eq!(page.heading(), SIGN_IN, "{}", page.text());
    let sent = story.browser.submit(page, &story.person.account, &story.password).await;
    story.browser.go_on(sent).await
}

#[tokio::test]
async fn a_client_can_require_two_factors_for_itself_alone() {
    let story = Story::at_openldap(&format!("{NOBODY}{STRICT}")).await;
    let mut vault = story.provider.cloudsync();
    (vault.client_id, vault.secret) = ("vault".into(), Some("secret-of-the-vault-1".into()));
    assert_arrived(&story.signs_in(&[]).await);
    assert_eq!(story.silently(&[]).await, "a code");
    let vaults = vault.authorize(&[("prompt", "none")]).url;
    assert_eq!(story.browser.open(&vaults).await.parameter("error").as_deref(), Some("interaction_required"));
    let page = story.browser.follow(&vault.authorize(&[]).url).await;
    let page = types_the_password_again(&story, &page).await;
    assert_eq!(page.heading(), ENROL, "{}", page.text());
    let (_, codes) = story.sets_up_factor(&page).await;
    let arrived = story.continues_from(&codes).await;
    assert_eq!(vault.exchange(&arrived).await.payload("id_token")["acr"], MFA);
    let arrived = story.starts_login(&[]).await;
    assert_eq!(story.tokens(&arrived).await.payload("id_token")["acr"], MFA, "and the session keeps it");
}

/// The settings of `[second_factor]` relax nothing for a client that requires two factors.
#[tokio::test]
async fn a_grace_period_or_a_remembered_browser_is_not_enough_for_such_a_client() {
    let soft = "[second_factor]\nrequired = \"everyone\"\ngrace_days = 5\nremember_browser_days = 30\n";
    let story = Story::at_openldap(&format!("{soft}{STRICT}")).await;
    let mut vault = story.provider.cloudsync();
    (vault.client_id, vault.secret) = ("vault".into(), Some("secret-of-the-vault-1".into()));

    // In the grace period: the other client's session is not enough, and the set-up cannot be postponed.
    let page = story.signs_in(&[]).await;
    assert_eq!(page.heading(), ENROL, "{}", page.text());
    assert_arrived(&story.browser.fill(&page, "/login/enrol/later", &[]).await);
    let vaults = vault.authorize(&[("prompt", "none")]).url;
    assert_eq!(story.browser.open(&vaults).await.parameter("error").as_deref(), Some("interaction_required"));
    let page = story.browser.follow(&vault.authorize(&[]).url).await;
    let page = types_the_password_again(&story, &page).await;
    assert!(page.heading() == ENROL && !page.text().contains("Not now"), "{}", page.text());
    let forced = story.browser.fill(&page, "/login/enrol/later", &[]).await;
    assert_eq!((forced.heading().as_str(), forced.parameter("code")), (ENROL, None), "{}", forced.text());
    let (phone, codes) = story.sets_up_factor(&forced).await;
    let arrived = story.continues_from(&codes).await;
    assert_eq!(vault.exchange(&arrived).await.payload("id_token")["acr"], MFA);

    // In a remembered browser: the other client requires no code, this one does.
    let page = story.signs_in(&[("prompt", "login")]).await;
    story.later(STEP);
    let typed = [("code", &*phone.code(story.now())), ("remember", "yes")];
    assert_arrived(&story.browser.fill(&page, "/login/factor", &typed).await);
    let arrived = story.signs_in(&[("prompt", "login")]).await;
    assert_eq!(story.tokens(&arrived).await.payload("id_token")["acr"], SFA);
    assert_eq!(story.browser.open(&vaults).await.parameter("error").as_deref(), Some("interaction_required"));
    let page = story.browser.follow(&vault.authorize(&[]).url).await;
    let arrived = story.types_next_code(&page, &phone).await;
    let tokens = vault.exchange(&arrived).await;
    assert_eq!(tokens.payload("id_token")["acr"], MFA);
    assert_eq!(vault.refresh(tokens.text("refresh_token")).await.payload("id_token")["acr"], MFA);
}

#[tokio::test]
async fn an_essential_acr_is_met_whatever_the_policy() {
    let invited = "[second_factor]\nenrolment = \"invited\"\ngrace_days = 5\n";
    for (policy, first) in [("", ENROL), (invited, INVITATION)] {
        let story = Story::at_openldap(policy).await;
        assert_arrived(&story.signs_in(&[]).await);
        let essential = essential_acr(&[MFA]);
        assert_eq!(story.silently(&[("claims", &essential)]).await, "interaction_required");
        let page = story.starts_login(&[("claims", &essential)]).await;
        let mut page = types_the_password_again(&story, &page).await;
        assert_eq!(page.heading(), first);
        assert!(!page.text().contains("Not now"), "no grace period for it: {}", page.text());
        if first == INVITATION {
            let code = story.help_desk_code().await;
            page = story.browser.fill(&page, "/login/invitation", &[("code", &code)]).await;
        }
        let (_, codes) = story.sets_up_factor(&page).await;
        let arrived = story.continues_from(&codes).await;
        assert_eq!(story.tokens(&arrived).await.payload("id_token")["acr"], MFA);
        assert_eq!(story.silently(&[("claims", &essential)]).await, "a code", "it is met from now on");
    }
}

#[tokio::test]
async fn a_voluntary_acr_is_met_if_possible_and_never_an_error() {
    let story = Story::at_openldap(NOBODY).await;
    let arrived = story.signs_in(&[("acr_values", &format!("{MFA} {SFA}"))]).await;
    assert_eq!(story.tokens(&arrived).await.payload("id_token")["acr"], SFA, "there is no factor to ask for");
    let arrived = story.starts_login(&[("acr_values", "urn:unknown")]).await;
    assert_eq!(story.tokens(&arrived).await.payload("id_token")["acr"], SFA);
    let unmet = essential_acr(&["urn:gold"]);
    let error = story.browser.open(&story.cloudsync.authorize(&[("claims", &unmet)]).url).await;
    assert_eq!(error.parameter("error").as_deref(), Some("unmet_authentication_requirements"));

    let (phone, ..) = story.enrolled().await;
    let other = Browser::new();
    assert_arrived(&story.signs_in_with(&other, &story.cloudsync.authorize(&[])).await);
    let wished = story.cloudsync.authorize(&[("acr_values", MFA)]);
    let page = other.follow(&wished.url).await;
    assert_eq!(page.heading(), CODE, "a person with a factor is asked for it");
    story.later(STEP);
    let code = phone.code(story.now());
    let arrived = other.fill(&page, "/login/factor", &[("code", &code)]).await;
    assert_eq!(story.tokens(&arrived).await.payload("id_token")["acr"], MFA);
}

#[tokio::test]
async fn a_request_for_a_fresh_sign_in_asks_for_both_again() {
    let story = Story::at_openldap(EVERYONE).await;
    let (phone, ..) = story.enrolled().await;
    for changes in [[("prompt", "login")], [("max_age", "0")], [("prompt", "select_account")]] {
        let page = story.signs_in(&changes).await;
        assert_arrived(&story.types_next_code(&page, &phone).await);
    }
    story.later(2 * MINUTE);
    assert_eq!(story.silently(&[("max_age", "60")]).await, "login_required");
    assert_eq!(story.silently(&[("max_age", "600")]).await, "a code");
}

#[tokio::test]
async fn members_of_chosen_groups_are_asked_at_any_depth() {
    for subtree in [Subtree::ldap(), Subtree::ad()] {
        let (member, bystander) = (subtree.person(), subtree.person());
        let inner = subtree.group(&[&member.dn]);
        let outer = subtree.group(&[&inner]);
        let policy = format!("[second_factor]\nrequired = \"groups\"\ngroups = [\"{outer}\"]\n");
        let of = async |person| {
            let directory = subtree.settings(&subtree.unit, "");
            Story::of((person, &subtree.password, subtree.admin), &directory, &policy).await
        };
        let story = of(bystander).await;
        story.provider.sync().await.expect("a sync");
        assert_arrived(&story.signs_in(&[]).await);
        assert_eq!(story.silently(&[]).await, "a code");

        let story = of(member).await;
        story.provider.sync().await.expect("a sync");
        assert_eq!(story.signs_in(&[]).await.heading(), ENROL, "{outer}");
        assert_eq!(story.silently(&[]).await, "login_required");
    }
}

#[tokio::test]
async fn a_session_is_raised_when_its_person_joins_a_chosen_group() {
    let subtree = Subtree::ldap();
    let (member, newcomer) = (subtree.person(), subtree.person());
    let group = subtree.group(&[&member.dn]);
    let policy = format!("[second_factor]\nrequired = \"groups\"\ngroups = [\"{group}\"]\n");
    let directory = subtree.settings(&subtree.unit, "");
    let story = Story::of((newcomer, &subtree.password, subtree.admin), &directory, &policy).await;
    story.provider.sync().await.expect("a sync");
    let arrived = story.signs_in(&[]).await;
    let tokens = story.tokens(&arrived).await;
    subtree.admin.add_values(&group, "member", &[&story.person.dn]);
    assert_eq!(story.silently(&[]).await, "interaction_required");
    let refused = story.cloudsync.refresh(tokens.text("refresh_token")).await;
    assert_eq!(refused.text("error"), "invalid_grant", "{:?}", refused.body);
    let page = story.starts_login(&[]).await;
    assert_eq!(types_the_password_again(&story, &page).await.heading(), ENROL);
}

#[tokio::test]
async fn a_code_is_judged_by_the_policy_at_its_exchange() {
    let story = Story::at_openldap(NOBODY).await;
    let arrived = story.signs_in(&[]).await;
    let code = arrived.parameter("code").expect("a code");
    story.set(EVERYONE).await;
    let tokens = story.cloudsync.exchange_code(&code).await;
    assert_eq!(tokens.text("error"), "invalid_grant", "{:?}", tokens.body);
}

#[tokio::test]
async fn starting_again_does_not_skip_the_factor() {
    let story = Story::at_openldap(EVERYONE).await;
    let (phone, ..) = story.enrolled().await;
    let thief = Browser::new();
    let gained = |page: &Page| page.parameter("code").is_some() || page.cookie(SESSION).is_some();
    let page = story.signs_in_with(&thief, &story.cloudsync.authorize(&[])).await;
    for path in [
        "/login/recovery-codes",
        "/login/enrol/later",
        "/login/enrol",
        "/login/invitation",
        "/login/password",
    ] {
        let answer = thief.fill(&page, path, &[("code", &phone.wrong_code(story.now()))]).await;
        assert!(!gained(&answer), "{path}: {}", answer.text());
    }
    assert!(!gained(&thief.follow(&page.url).await), "back");
    for changes in
        [("prompt", "none"), ("prompt", "login"), ("max_age", "99999"), ("response_mode", "form_post")]
    {
        let asked = story.cloudsync.authorize(&[changes]);
        let page = thief.follow(&asked.url).await;
        assert!(!gained(&page), "{changes:?}: {}", page.text());
    }
    let page = story.signs_in_with(&thief, &story.cloudsync.authorize(&[])).await;
    assert_eq!(page.heading(), CODE, "the password leads to the code again");
}
