//! Access tokens (RFC 9068), and the userinfo endpoint that accepts them.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use reqwest::header::AUTHORIZATION;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use super::{MINUTE, SECOND, START, Stage};
use crate::support::browser::{Browser, Page};
use crate::support::relying_party::{RelyingParty, Tokens};

#[tokio::test]
async fn an_access_token_is_what_rfc_9068_says() {
    let rs256 = r#"
[[clients]]
client_id = "rsa"
client_secret = "rsa-long-test-secret"
redirect_uris = ["https://cloudsync.example/callback"]
access_token_signed_response_alg = "RS256"
"#;
    let stage = Stage::with(rs256).await;
    let (browser, tokens) = stage.signed_in().await;
    let party = RelyingParty::new(&stage.provider.url, "rsa", Some("rsa-long-test-secret"));
    let others = party.exchange(&browser.follow(&party.authorize(&[]).url).await).await;
    let keys: JwkSet = reqwest::get(stage.at("/jwks")).await.unwrap().json().await.unwrap();
    for (tokens, client, algorithm) in
        [(&tokens, "cloudsync", Algorithm::ES256), (&others, "rsa", Algorithm::RS256)]
    {
        let token = tokens.text("access_token");
        let header = decode_header(token).unwrap();
        assert_eq!((header.typ.as_deref(), header.alg), (Some("at+jwt"), algorithm));
        let key = DecodingKey::from_jwk(keys.find(&header.kid.unwrap()).expect("published")).unwrap();
        let mut rules = Validation::new(algorithm);
        rules.set_issuer(&[&stage.provider.url]);
        rules.set_audience(&[&stage.provider.url]);
        rules.validate_exp = false; // checked by this test's clock, below
        let claims: Value = decode(token, &key, &rules).expect("verified").claims;
        let start = START / SECOND;
        assert_eq!(
            (claims["client_id"].as_str(), &claims["iat"], &claims["exp"], &claims["auth_time"]),
            (Some(client), &json!(start), &json!(start + 600), &json!(start))
        );
        assert_eq!(claims["sub"], tokens.payload("id_token")["sub"]);
        assert_eq!(claims["scope"], "openid profile email offline_access");
        for personal in ["email", "name", "preferred_username", "nonce"] {
            assert_eq!(claims[personal], Value::Null, "{personal}");
        }
    }
    let id = |tokens: &Tokens| tokens.payload("access_token")["jti"].clone();
    assert!(id(&tokens).is_string());
    assert_ne!(id(&tokens), id(&others));
}

#[tokio::test]
async fn userinfo_accepts_only_valid_access_tokens_of_this_provider() {
    let stage = Stage::new().await;
    let tokens = stage.tokens().await;
    let good = tokens.text("access_token");
    let keys: Value = reqwest::get(stage.at("/jwks")).await.unwrap().json().await.unwrap();
    let mut parts = good.split('.');
    let (header, payload, signature) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let kid = decode_header(good).unwrap().kid.unwrap();
    let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let none = encode(&json!({"alg": "none", "typ": "at+jwt", "kid": kid}));
    let hmac = encode(&json!({"alg": "HS256", "typ": "at+jwt", "kid": kid}));
    let public = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == *kid).unwrap().to_string();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, public.as_bytes());
    let mac = aws_lc_rs::hmac::sign(&key, format!("{hmac}.{payload}").as_bytes());
    let mut other = tokens.payload("access_token");
    other["scope"] = json!("openid profile email groups");
    let other = encode(&other);
    let untyped = encode(&json!({"alg": "ES256", "typ": "JWT", "kid": kid}));
    let table = [
        ("an ID token", tokens.text("id_token").to_owned()),
        ("a refresh token", tokens.text("refresh_token").to_owned()),
        ("other claims", format!("{header}.{other}.{signature}")),
        ("another header", format!("{untyped}.{payload}.{signature}")),
        ("no signature", format!("{header}.{payload}.")),
        ("half a signature", format!("{header}.{payload}.{}", &signature[..40])),
        ("alg none", format!("{none}.{payload}.")),
        ("alg none with a signature", format!("{none}.{payload}.{signature}")),
        ("HS256 with the public key", format!("{hmac}.{payload}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac))),
        ("four parts", format!("{good}.x")),
        ("words", "let-me-in".to_owned()),
    ];
    for (what, token) in table {
        let answer = get(&stage, &format!("Bearer {token}")).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{what}: {}", answer.body);
        let challenge = &answer.headers["www-authenticate"];
        assert!(challenge.starts_with("Bearer ") && challenge.contains("error=\"invalid_token\""), "{what}");
    }
    assert_eq!(stage.opens(&tokens).await, StatusCode::OK);
}

#[tokio::test]
async fn an_access_token_lives_for_ten_minutes() {
    let stage = Stage::new().await;
    let tokens = stage.sign_in(&Browser::new(), "alice", &[("scope", "openid")]).await;
    stage.later(10 * MINUTE - 1);
    assert_eq!(stage.opens(&tokens).await, StatusCode::OK);
    stage.later(1);
    assert_eq!(stage.opens(&tokens).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_is_sent_in_one_way_and_not_in_the_address() {
    let stage = Stage::new().await;
    let tokens = stage.tokens().await;
    let token = tokens.text("access_token");
    let form = [("access_token", token)];
    let twice = [form[0], form[0]];
    let at = stage.at("/userinfo");
    let bearer = format!("Bearer {token}");
    let http = Client::new();
    #[rustfmt::skip]
    let table = [
        ("header, GET", http.get(&at).header(AUTHORIZATION, &bearer), 200, ""),
        ("header, POST", http.post(&at).header(AUTHORIZATION, &bearer), 200, ""),
        ("form, POST", http.post(&at).form(&form), 200, ""),
        ("both", http.post(&at).header(AUTHORIZATION, &bearer).form(&form), 400, "invalid_request"),
        ("twice in the form", http.post(&at).form(&twice), 400, "invalid_request"),
        ("in the address", http.get(format!("{at}?access_token={token}")), 401, ""),
        ("in JSON", http.post(&at).json(&json!({"access_token": token})), 401, ""),
        ("nowhere", http.get(&at), 401, ""),
        ("another scheme", http.get(&at).header(AUTHORIZATION, format!("DPoP {token}")), 401, ""),
        ("two words", http.get(&at).header(AUTHORIZATION, "Bearer a b"), 400, "invalid_request"),
        ("no word", http.get(&at).header(AUTHORIZATION, "Bearer "), 401, ""),
    ];
    for (what, request, status, error) in table {
        let answer = Page::of(request).await;
        assert_eq!(answer.status.as_u16(), status, "{what}: {}", answer.body);
        assert_eq!(answer.headers["cache-control"], "no-store", "{what}");
        let challenge = answer.headers.get("www-authenticate").cloned().unwrap_or_default();
        assert_eq!(challenge.starts_with("Bearer realm="), status != 200, "{what}: {challenge}");
        // RFC 6750 section 3.1: a request without a token gets no error code.
        assert_eq!(challenge.contains("error="), !error.is_empty(), "{what}: {challenge}");
        assert!(challenge.contains(error), "{what}: {challenge}");
    }
}

async fn get(stage: &Stage, authorization: &str) -> Page {
    Page::of(Client::new().get(stage.at("/userinfo")).header(AUTHORIZATION, authorization)).await
}
