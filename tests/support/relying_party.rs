//! A relying party without a library, to send requests that a correct library would not. (Correct ones:
//! `openidconnect`.)

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;

use super::browser::Page;

/// One client of the provider.
pub struct RelyingParty {
    pub issuer: String,
    pub client_id: String,
    pub secret: Option<String>,
    pub redirect_uri: String,
    http: Client,
}

/// An authorization request and its secrets.
#[derive(Clone, Debug)]
pub struct Authorization {
    pub url: String,
}

/// The verifier of every request: it only has to match the challenge.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

impl RelyingParty {
    pub fn new(issuer: &str, client_id: &str, secret: Option<&str>) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        Self {
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            secret: secret.map(str::to_owned),
            redirect_uri: "https://cloudsync.example/callback".to_owned(),
            http: Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client"),
        }
    }

    /// A complete request for `openid profile email offline_access`; `changes` replace parameters, and an
    /// empty value removes one.
    pub fn authorize(&self, changes: &[(&str, &str)]) -> Authorization {
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()));
        let mut parameters: Vec<(&str, &str)> = vec![
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("response_type", "code"),
            ("scope", "openid profile email offline_access"),
            ("state", "a-state"),
            ("nonce", "a-nonce"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in changes {
            parameters.retain(|(known, _)| known != name);
            if !value.is_empty() {
                parameters.push((name, value));
            }
        }
        let url = reqwest::Url::parse_with_params(&format!("{}/authorize", self.issuer), &parameters);
        Authorization { url: url.expect("an address").to_string() }
    }

    /// Exchanges the code in a page's redirect.
    pub async fn exchange(&self, page: &Page) -> Tokens {
        let code = page
            .parameter("code")
            .unwrap_or_else(|| panic!("a code in {:?}: {}", page.location, page.text()));
        let tokens = self.exchange_code(&code).await;
        assert_eq!(tokens.status, StatusCode::OK, "{:?}", tokens.body);
        tokens
    }

    pub async fn exchange_code(&self, code: &str) -> Tokens {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.redirect_uri.as_str()),
            ("code_verifier", VERIFIER),
        ];
        self.token(&fields).await
    }

    pub async fn refresh(&self, refresh_token: &str) -> Tokens {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await
    }

    /// Any token request.
    pub async fn token(&self, fields: &[(&str, &str)]) -> Tokens {
        self.post("/token", fields).await
    }

    pub async fn revoke(&self, token: &str) -> Tokens {
        self.post("/revoke", &[("token", token)]).await
    }

    pub async fn introspect(&self, token: &str) -> Tokens {
        self.post("/introspect", &[("token", token)]).await
    }

    /// Posts a form, authenticated by `client_secret_basic` if there is a secret.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Tokens {
        let mut fields = fields.to_vec();
        let mut request = self.http.post(format!("{}{path}", self.issuer));
        match &self.secret {
            Some(secret) => request = request.basic_auth(&self.client_id, Some(secret)),
            None => fields.push(("client_id", &self.client_id)),
        }
        Tokens::read(request.form(&fields).send().await.expect("an answer")).await
    }

    pub async fn userinfo(&self, access_token: &str) -> Tokens {
        let request = self.http.get(format!("{}/userinfo", self.issuer)).bearer_auth(access_token);
        Tokens::read(request.send().await.expect("an answer")).await
    }
}

/// A JSON response.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub status: StatusCode,
    pub body: Value,
}

impl Tokens {
    async fn read(response: Response) -> Self {
        let status = response.status();
        let body = response.json().await.unwrap_or(Value::Null);
        Self { status, body }
    }

    /// A member as text; empty when missing.
    pub fn text(&self, member: &str) -> &str {
        self.body[member].as_str().unwrap_or_default()
    }

    /// The payload of a token, not verified.
    pub fn payload(&self, member: &str) -> Value {
        let part = self.text(member).split('.').nth(1).unwrap_or_default();
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64url");
        serde_json::from_slice(&bytes).expect("JSON")
    }
}
