//! Back-Channel Logout: clients with a server of their own are told that a session has ended.

use cloudsync_idp::domain::account::AccountId;
use cloudsync_idp::flow::account::suspension;
use cloudsync_idp::flow::settings::Mode;
use cloudsync_idp::jobs;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::{DAY, HOUR, NOTES, SECOND, START, Stage};
use crate::support::browser::Browser;
use crate::support::logout_server::{LogoutServer, free_address, told_at, url};
use crate::support::relying_party::Tokens;
use crate::support::{desk, until};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A provider that tells `cloudsync` and `notes`.
struct Told {
    stage: Stage,
    cloudsync: LogoutServer,
    notes: LogoutServer,
    job: JoinHandle<()>,
}

impl Drop for Told {
    fn drop(&mut self) {
        self.job.abort();
    }
}

impl Told {
    async fn new() -> Self {
        let stage = Stage::with(NOTES).await;
        let ((cloudsync, first), (notes, second)) =
            (LogoutServer::start(200).await, LogoutServer::start(204).await);
        let told = [("cloudsync", first), ("notes", second)].map(|(id, address)| told_at(id, &address));
        stage.provider.apply(&told.concat(), Mode::Merge).await.expect("good settings");
        let job = tokio::spawn(jobs::tell_clients(stage.provider.parts.panel()));
        Self { stage, cloudsync, notes, job }
    }

    /// Waits until so many logouts were confirmed.
    async fn confirmed(&self, many: usize) {
        until("the clients have confirmed", async || {
            self.stage.decided("backchannel_logout").await.len() >= many
        })
        .await;
        assert_eq!(self.stage.decided("backchannel_logout").await.len(), many);
    }

    async fn signs_out(&self, browser: &Browser, tokens: &Tokens) {
        let hint = tokens.text("id_token");
        browser.open(&self.stage.at(&format!("/logout?id_token_hint={hint}"))).await;
    }

    /// The verified claims of a logout token.
    async fn claims(&self, token: &str) -> Value {
        let header = decode_header(token).unwrap();
        assert_eq!((header.typ.as_deref(), header.alg), (Some("logout+jwt"), Algorithm::RS256));
        let keys: JwkSet = reqwest::get(self.stage.at("/jwks")).await.unwrap().json().await.unwrap();
        let key = DecodingKey::from_jwk(keys.find(&header.kid.unwrap()).expect("published")).unwrap();
        let mut rules = Validation::new(Algorithm::RS256);
        rules.validate_aud = false; // compared by each test
        rules.validate_exp = false;
        let claims: Value = decode(token, &key, &rules).expect("verified").claims;
        // Section 2.4: an event and no nonce, so that nobody takes it for an ID token.
        assert_eq!((&claims["events"], claims.get("nonce")), (&json!({ EVENT: {} }), None), "{claims}");
        claims
    }
}

fn text(claims: &Value, claim: &str) -> String {
    claims[claim].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_sign_out_is_told_to_each_client_of_the_session_and_to_no_other() {
    let told = Told::new().await;
    let (stage, notes) = (&told.stage, told.stage.notes());
    let (browser, tokens) = stage.signed_in().await;
    stage.signed_in().await;
    let noted = notes.exchange(&browser.follow(&notes.authorize(&[]).url).await).await;
    assert_eq!(tokens.payload("id_token")["sid"], noted.payload("id_token")["sid"]);
    told.signs_out(&browser, &tokens).await;
    told.confirmed(2).await;
    for (server, client) in [(&told.cloudsync, "cloudsync"), (&told.notes, "notes")] {
        let sent = server.tokens();
        assert_eq!(sent.len(), 1, "{client}: only this session, and once");
        let claims = told.claims(&sent[0]).await;
        let expected = json!({
            "iss": stage.provider.url, "sub": tokens.payload("id_token")["sub"], "aud": client,
            "iat": START / SECOND, "exp": START / SECOND + 120, "jti": claims["jti"],
            "events": { EVENT: {} }, "sid": tokens.payload("id_token")["sid"],
        });
        assert_eq!(claims, expected);
        assert_eq!(text(&claims, "jti").len(), 43, "random");
    }
}

#[tokio::test]
async fn a_suspended_person_is_signed_out_of_every_session_everywhere() {
    let told = Told::new().await;
    let stage = &told.stage;
    let (_, first) = stage.signed_in().await;
    let (_, second) = stage.signed_in().await;
    stage.signed_in_as("zoe").await;
    let id = AccountId(text(&first.payload("id_token"), "sub"));
    let parts = stage.provider.parts.login();
    let account = parts.store.identity().account(&id).await.unwrap().unwrap();
    suspension::suspend(&parts, &account, &desk()).await.expect("suspended");
    told.confirmed(2).await;
    let mut sids = Vec::new();
    for token in told.cloudsync.tokens() {
        sids.push(text(&told.claims(&token).await, "sid"));
    }
    let mut expected = [&first, &second].map(|tokens| text(&tokens.payload("id_token"), "sid"));
    sids.sort();
    expected.sort();
    assert_eq!(sids, expected);
    assert!(told.notes.tokens().is_empty(), "nobody was signed in there");
}

#[tokio::test]
async fn a_client_that_fails_is_told_again_each_time_by_a_new_token() {
    let told = Told::new().await;
    told.cloudsync.answers(503);
    let (browser, tokens) = told.stage.signed_in().await;
    told.signs_out(&browser, &tokens).await;
    let tried = async |tries: usize| {
        until("a try", async || {
            told.stage.later(SECOND);
            told.cloudsync.tokens().len() >= tries
        })
        .await;
    };
    tried(1).await;
    told.stage.later(HOUR);
    tried(3).await;
    told.cloudsync.answers(200);
    until("it is confirmed", async || {
        told.stage.later(SECOND);
        told.stage.decided("backchannel_logout").await.len() == 1
    })
    .await;
    let sent = told.cloudsync.tokens();
    let (mut jtis, mut times) = (Vec::new(), Vec::new());
    for token in &sent {
        let claims = told.claims(token).await;
        jtis.push(text(&claims, "jti"));
        times.push(claims["iat"].as_i64().unwrap());
        assert_eq!(claims["sid"], tokens.payload("id_token")["sid"]);
    }
    jtis.sort();
    jtis.dedup();
    assert_eq!(jtis.len(), sent.len(), "no jti twice");
    assert!(
        times.windows(2).all(|pair| pair[0] <= pair[1]) && times[0] < times[times.len() - 1],
        "{times:?}"
    );
    assert!(told.stage.decided("backchannel_logout_failed").await.is_empty());
}

#[tokio::test]
async fn a_client_that_is_down_for_an_hour_is_told_then() {
    let told = Told::new().await;
    let (stage, address) = (&told.stage, free_address().await);
    stage.provider.apply(&told_at("cloudsync", &url(address)), Mode::Merge).await.expect("good settings");
    let (browser, tokens) = stage.signed_in().await;
    told.signs_out(&browser, &tokens).await;
    let attempts = async || {
        let store = &stage.provider.parts.store;
        let waiting = store.identity().waiting_logouts("cloudsync", i64::MAX, 9).await.unwrap();
        waiting.first().map(|logout| logout.attempts)
    };
    until("it was tried", async || attempts().await.is_some_and(|attempts| attempts > 0)).await;
    stage.later(HOUR);
    let before = attempts().await;
    until("it was tried again", async || attempts().await > before).await;
    let server = LogoutServer::start_at(address, 200).await;
    until("it is confirmed", async || {
        stage.later(SECOND);
        stage.decided("backchannel_logout").await.len() == 1
    })
    .await;
    let sent = server.tokens();
    let claims = told.claims(sent.last().expect("a token")).await;
    assert_eq!(claims["sid"], tokens.payload("id_token")["sid"]);
    assert!(claims["iat"].as_i64().unwrap() >= (START + HOUR) / SECOND, "a new token: {claims}");
    assert_eq!(attempts().await, None);
}

#[tokio::test]
async fn after_a_day_it_is_given_up_and_others_have_been_told() {
    let told = Told::new().await;
    let (stage, notes) = (&told.stage, told.stage.notes());
    told.cloudsync.answers(400);
    let (browser, tokens) = stage.signed_in().await;
    notes.exchange(&browser.follow(&notes.authorize(&[]).url).await).await;
    told.signs_out(&browser, &tokens).await;
    told.confirmed(1).await;
    assert_eq!(told.notes.tokens().len(), 1, "one that fails delays no other");
    until("a try", async || !told.cloudsync.tokens().is_empty()).await;
    stage.later(DAY);
    until("it is given up", async || !stage.decided("backchannel_logout_failed").await.is_empty()).await;
    assert_eq!(stage.decided("backchannel_logout_failed").await, [Some("cloudsync".to_owned())]);
    let tries = told.cloudsync.tokens().len();
    stage.later(HOUR);
    told.cloudsync.answers(200);
    let (browser, tokens) = stage.signed_in().await;
    told.signs_out(&browser, &tokens).await;
    told.confirmed(2).await;
    assert_eq!(told.cloudsync.tokens().len(), tries + 1, "only the new one");
}

#[tokio::test]
async fn a_logout_token_opens_nothing() {
    let told = Told::new().await;
    let stage = &told.stage;
    let (browser, tokens) = stage.signed_in().await;
    told.signs_out(&browser, &tokens).await;
    told.confirmed(1).await;
    let token = told.cloudsync.tokens().remove(0);
    assert_eq!(stage.cloudsync.userinfo(&token).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(stage.cloudsync.introspect(&token).await.body, json!({ "active": false }));
    let page = browser.open(&stage.at(&format!("/logout?id_token_hint={token}"))).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{}", page.text());
}

#[tokio::test]
async fn a_client_in_a_private_network_is_told_only_if_the_settings_name_it() {
    let told = Told::new().await;
    let inside =
        "[[clients]]\nclient_id = \"cloudsync\"\nbackchannel_logout_uri = \"https://10.255.255.1/x\"\n";
    told.stage.provider.apply(inside, Mode::Merge).await.expect("good settings");
    let (browser, tokens) = told.stage.signed_in().await;
    told.signs_out(&browser, &tokens).await;
    let waits = async || {
        let parts = &told.stage.provider.parts;
        let waiting = parts.store.identity().waiting_logouts("cloudsync", i64::MAX, 9).await.unwrap();
        waiting.first().map(|logout| logout.attempts)
    };
    until("it was tried", async || waits().await.is_some_and(|attempts| attempts > 0)).await;
    told.stage.later(DAY);
    until("it is given up", async || waits().await.is_none()).await;
    assert!(told.cloudsync.tokens().is_empty(), "the address before is not told any more");
    assert_eq!(told.stage.decided("backchannel_logout_failed").await, [Some("cloudsync".to_owned())]);
}
