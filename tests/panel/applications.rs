//! Applications: one is added, gets what was pasted, gets a new secret, and is removed.

use cloudsync_idp::domain::admin::Role;
use cloudsync_idp::domain::client::TEST_CLIENT_ID;
use cloudsync_idp::domain::{HOUR, MINUTE};
use cloudsync_idp::flow::settings::Mode;
use openidconnect::core::CoreUserInfoClaims;
use openidconnect::{AuthType, AuthorizationCode, OAuth2TokenResponse, TokenResponse};
use reqwest::StatusCode;

use super::settings::value;
use super::{Inside, PanelStory};
use crate::oidc::library::{Begun, begin, party, send};
use crate::support::browser::{Browser, Page};
use crate::support::provider::CLIENT;
use crate::support::relying_party::RelyingParty;

const LIST: &str = "/admin/settings/integrations/single-sign-on/applications";
const CALLBACK: &str = "https://cloudsync.example/callback";
const CONFIRM: &str = "Confirm";

fn path(last: &str) -> String {
    format!("{LIST}/{last}")
}

/// The value of a field that is only read.
fn pasted(page: &Page, id: &str) -> String {
    let after = page.body.split(&format!("id=\"{id}\"")).nth(1);
    let after = after.unwrap_or_else(|| panic!("{id} is not on the page: {}", page.text()));
    after.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a value").to_owned()
}

impl PanelStory {
    async fn adds(&self, inside: &Inside, fields: &[(&str, &str)]) -> Page {
        let version = self.version(inside, &path("new")).await;
        let fields: Vec<_> =
            [("version", version.as_str())].into_iter().chain(fields.iter().copied()).collect();
        self.saves(inside, &path("new"), &fields).await
    }

    /// Signs the bystander in to the client by a library, and reads the person's claims.
    async fn signs_in_to(&self, issuer: &str, id: &str, secret: &str) -> Result<String, String> {
        let party = party(issuer, id, Some(secret), AuthType::BasicAuth).await;
        let Begun { asked, nonce, verifier, .. } = begin(&party);
        let back = Browser::new().sign_in(&asked, &self.bystander.account, &self.subtree.password).await;
        let code = AuthorizationCode::new(back.parameter("code").ok_or_else(|| back.text())?);
        let request = party.exchange_code(code).expect("an endpoint").set_pkce_verifier(verifier);
        let tokens = request.request_async(&send).await.map_err(|error| format!("{error:?}"))?;
        let claims = tokens.id_token().expect("one").claims(&party.id_token_verifier(), &nonce);
        let subject = claims.expect("verified").subject().clone();
        let request = party.user_info(tokens.access_token().clone(), Some(subject)).expect("an endpoint");
        let claims: CoreUserInfoClaims = request.request_async(&send).await.expect("claims");
        Ok(claims.email().expect("an address").to_string())
    }
}

#[tokio::test]
async fn a_new_client_signs_in_with_what_was_pasted_and_gets_a_new_secret_without_an_outage() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    let fields = [("client_id", "a wiki/1"), ("kind", "server"), ("clients[new].redirect_uris", CALLBACK)];
    let page = story.adds(&inside, &fields).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    assert!(page.text().contains("The application was added"), "{}", page.text());
    assert_eq!(page.headers["cache-control"], "no-store");
    let (issuer, id, first) =
        (pasted(&page, "application-issuer"), pasted(&page, "application-id"), pasted(&page, "secret"));
    assert_eq!((issuer.as_str(), id.as_str(), first.len()), (story.provider.url.as_str(), "a wiki/1", 43));
    for key in ["application-discovery", "application-jwks"] {
        assert_eq!(inside.browser.open(&pasted(&page, key)).await.status, StatusCode::OK, "{key}");
    }
    assert_eq!(story.signs_in_to(&issuer, &id, &first).await, Ok(story.bystander.mail.clone()));

    // Shown once, stored as a digest, and the log has who did it without the secret.
    let one = path("application?entry=a%20wiki/1");
    let shown = inside.browser.open(&story.url(&one)).await;
    assert!(!shown.body.contains(&first) && !shown.body.contains("hmac-sha256"), "{}", shown.body);
    let stored = story.settings().await;
    let digest = stored.client(&id).expect("it").client_secret_hash.clone().expect("a digest");
    assert!(digest.starts_with("hmac-sha256:") && !digest.contains(&first));
    let event = story.trail("settings_changed").await.remove(0);
    let detail = event.detail.expect("a detail");
    assert!(
        event.actor.is_some_and(|actor| actor.starts_with("account ")) && !detail.contains(&first),
        "{detail}"
    );

    let rotate = async |hours: &str| {
        let fields = [("entry", id.as_str()), ("overlap_hours", hours)];
        story.saves(&inside, &path("rotate-secret"), &fields).await
    };
    for wrong in ["", "-1", "721", "x"] {
        assert_eq!(rotate(wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}");
    }
    let page = rotate("1").await;
    let second = pasted(&page, "secret");
    assert_ne!(first, second);
    for secret in [&first, &second] {
        assert_eq!(story.signs_in_to(&issuer, &id, secret).await, Ok(story.bystander.mail.clone()));
    }
    let page = rotate("1").await;
    assert_eq!(page.status, StatusCode::CONFLICT, "a third one: {}", page.text());
    assert!(
        !page.body.contains("id=\"secret\"") && page.text().contains("It was last used"),
        "{}",
        page.text()
    );
    // The old one ends by itself, or by the button.
    story.later(HOUR);
    let refused = story.signs_in_to(&issuer, &id, &first).await;
    assert!(refused.as_ref().is_err_and(|error| error.contains("invalid_client")), "{refused:?}");
    story.later(-HOUR);
    let ended = story.saves(&inside, &path("end-old-secret"), &[("entry", &id)]).await;
    let page = inside.browser.go_on(ended).await;
    assert!(page.text().contains("The old secret is no longer accepted"), "{}", page.text());
    assert!(story.signs_in_to(&issuer, &id, &first).await.is_err(), "ended");
    assert_eq!(story.signs_in_to(&issuer, &id, &second).await, Ok(story.bystander.mail.clone()));
}

#[tokio::test]
async fn what_is_wrong_with_a_new_client_stands_at_its_field() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    let before = story.settings().await;
    let uris = "https://ok.example/cb\r\njavascript:alert(1)\r\nhttps://*.evil.example/cb";
    for (id, uris, words) in [
        ("", CALLBACK, "1 to 255 letters"),
        ("w\u{fc}st", CALLBACK, "1 to 255 letters"),
        ("cloudsync", CALLBACK, "is taken by another application"),
        (TEST_CLIENT_ID, CALLBACK, "is the client of Test SSO"),
        ("wiki", "", "is missing"),
        ("wiki", uris, "the scheme javascript is not allowed"),
        ("wiki", "http://intranet.example/cb", "https"),
    ] {
        let fields = [("client_id", id), ("kind", "server"), ("clients[new].redirect_uris", uris)];
        let page = story.adds(&inside, &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{id:?} {uris:?}: {}", page.text());
        assert!(
            page.text().contains(words) && page.body.contains("aria-invalid=\"true\""),
            "{words}: {}",
            page.text()
        );
        assert!(page.body.contains(&format!("value=\"{id}\"")), "what was typed stays: {}", page.body);
    }
    // Fields that are no fields of the form change nothing: a secret of one's own, a file of the server.
    let fields = [
        ("client_id", "wiki"),
        ("kind", "public"),
        ("clients[new].redirect_uris", CALLBACK),
        ("clients[new].client_secret", "guessed"),
        ("clients[new].client_secret_file", "/etc/shadow"),
        ("clients[wiki].require_pkce", ""),
        ("clients[cloudsync].redirect_uris", "https://evil.example/cb"),
    ];
    let page = story.adds(&inside, &fields).await;
    assert!(page.status == StatusCode::OK && !page.body.contains("id=\"secret\""), "{}", page.text());
    let after = story.settings().await;
    let wiki = after.client("wiki").expect("added");
    assert!(wiki.is_public() && wiki.require_pkce && wiki.client_secret_hash.is_none());
    assert_eq!(after.client("cloudsync"), before.client("cloudsync"));

    // Somebody else has saved: nothing is lost.
    let fields = [("version", "1"), ("client_id", "late"), ("clients[new].redirect_uris", CALLBACK)];
    let page = story.saves(&inside, &path("new"), &fields).await;
    assert_eq!(page.status, StatusCode::CONFLICT, "{}", page.text());
    assert!(page.body.contains("value=\"late\"") && story.settings().await.client("late").is_none());
}

#[tokio::test]
async fn one_client_is_changed_and_only_that_one() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    let edit = path("edit?entry=cloudsync");
    let before = story.settings().await;
    let version = story.version(&inside, &edit).await;
    let fields = [
        ("entry", "cloudsync"),
        ("version", version.as_str()),
        ("clients[cloudsync].client_name", "Our cloud"),
        ("clients[cloudsync].require_second_factor", "yes"),
        ("clients[cloudsync].redirect_uris", "javascript:alert(1)"),
    ];
    let page = story.saves(&inside, &path("edit"), &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.text());
    assert!(page.body.contains("Our cloud") && story.settings().await == before);
    let page = story.saves(&inside, &path("edit"), &fields[..4]).await;
    assert_eq!(page.told(), Some(path("edit?entry=cloudsync|saved=yes")), "{}", page.text());
    let after = story.settings().await;
    let cloudsync = after.client("cloudsync").expect("it");
    assert!(cloudsync.require_second_factor && cloudsync.client_name == "Our cloud");
    assert_eq!(cloudsync.client_secret_hash, before.client("cloudsync").expect("it").client_secret_hash);
    let list = inside.browser.open(&story.url(LIST)).await;
    assert!(list.text().contains("Our cloud") && !list.text().contains(TEST_CLIENT_ID), "{}", list.text());
}

#[tokio::test]
async fn removing_says_what_ends_and_needs_its_page() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    let cloudsync = story.provider.cloudsync();
    let browser = Browser::new();
    let asked = cloudsync.authorize(&[]);
    let back = browser.sign_in(&asked, &story.bystander.account, &story.subtree.password).await;
    let tokens = cloudsync.exchange(&back).await;
    let page = inside.browser.open(&story.url(&path("application?entry=cloudsync"))).await;
    let version = value(&page, "version");
    let fields = [("entry", "cloudsync"), ("version", version.as_str())];
    let kept = story.saves(&inside, &path("remove"), &fields).await;
    let confirm = inside.browser.open(&story.url(&kept.location.expect("the page"))).await;
    assert_eq!(confirm.heading(), CONFIRM);
    assert!(confirm.text().contains("for 1 sign-in"), "{}", confirm.text());
    assert!(story.settings().await.client("cloudsync").is_some(), "not yet");
    let draft = [("draft", value(&confirm, "draft"))];
    let draft: Vec<_> = draft.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let gone = story.saves(&inside, &path("remove"), &draft).await;
    assert_eq!(gone.told(), Some(format!("{LIST}|removed=cloudsync")), "{}", gone.text());
    assert!(story.settings().await.client("cloudsync").is_none());
    assert_eq!(cloudsync.refresh(tokens.text("refresh_token")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(cloudsync.userinfo(tokens.text("access_token")).await.status, StatusCode::UNAUTHORIZED);
    // Nor do they come back with a client of the same id.
    story.provider.apply(CLIENT, Mode::Merge).await.expect("settings");
    let refused = cloudsync.refresh(tokens.text("refresh_token")).await;
    assert_eq!((refused.status, refused.text("error")), (StatusCode::BAD_REQUEST, "invalid_grant"));
    assert_eq!(cloudsync.userinfo(tokens.text("access_token")).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn without_a_fresh_factor_the_form_comes_back_with_what_it_does() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    let version = story.version(&inside, &path("new")).await;
    let fields = [
        ("version", version.as_str()),
        ("client_id", "wiki"),
        ("kind", "server"),
        ("clients[new].redirect_uris", CALLBACK),
    ];
    let (page, cookie) = story.confirms(&inside, &path("new"), &fields).await;
    assert_eq!(page.heading(), "Confirm your changes", "{}", page.text());
    assert!(
        page.text().contains("Adds the application wiki") && page.text().contains(CALLBACK),
        "{}",
        page.text()
    );
    assert!(story.settings().await.client("wiki").is_none(), "not yet");
    let draft = value(&page, "draft");
    let added = story.posts(&inside.browser, &cookie, &path("new"), &[("draft", &draft)]).await;
    let secret = pasted(&added, "secret");
    assert_eq!(
        story.signs_in_to(&story.provider.url, "wiki", &secret).await,
        Ok(story.bystander.mail.clone())
    );
    // The draft is used up: the secret is not shown again, and nothing is added twice.
    let again = story.posts(&inside.browser, &cookie, &path("new"), &[("draft", &draft)]).await;
    assert!(again.status == StatusCode::BAD_REQUEST && !again.body.contains(&secret), "{}", again.text());
    story.later(5 * MINUTE);
    let party = RelyingParty::new(&story.provider.url, "wiki", Some("wrong"));
    assert_eq!(party.refresh("x").await.status, StatusCode::UNAUTHORIZED);
}
