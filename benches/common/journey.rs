//! One complete login, as a browser and a relying party see it: authorize, page, post, code, tokens,
//! userinfo. With a second factor its page and post come before the code.

use anyhow::{Context, Result, ensure};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::Value;
use url::Url;

use super::http::{Answer, Http};

const CLIENT: &str = "cloudsync";
const SECRET: &str = "cloudsync-bench-secret";
const REDIRECT_URI: &str = "https://cloudsync.example/callback";

/// The relying party, with what it has read of the provider.
pub struct Client {
    issuer: String,
    scope: &'static str,
    keys: JwkSet,
    basic: String,
}

/// The person who signs in.
pub struct Person<'a> {
    pub name: &'a str,
    pub email: &'a str,
    pub password: &'a str,
    /// The code of their authenticator at this moment, if they are asked for one.
    pub code: &'a (dyn Fn() -> Result<Option<String>> + Sync),
}

/// The result of a login.
pub struct SignedIn {
    /// The response of the token endpoint.
    pub tokens: Value,
    /// The session cookie, `name=value`.
    pub session: String,
}

impl Client {
    /// Reads the keys of the provider with this issuer. Each login requests `scope`.
    pub async fn connect(issuer: &str, scope: &'static str) -> Result<Self> {
        let address = issuer.trim_start_matches("http://");
        let answer = Http::connect(address).await?.get("/jwks", "").await?.expect(200)?;
        let basic = BASE64_STANDARD.encode(format!("{CLIENT}:{SECRET}"));
        Ok(Self { issuer: issuer.to_owned(), scope, keys: serde_json::from_str(&answer.body)?, basic })
    }

    /// Signs a person in, in a new browser.
    pub async fn sign_in(&self, http: &mut Http, person: &Person<'_>) -> Result<SignedIn> {
        // Instead of random values: each login only needs its own values, and must get them back.
        let name = person.name;
        let verifier = format!("{name}.a-verifier-of-at-least-forty-three-characters");
        let (state, nonce) = (format!("state-{name}"), format!("nonce-{name}"));
        let (landing, session) = self.through_the_pages(http, person, &verifier, (&state, &nonce)).await?;
        let parameter = |name| landing.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value);
        ensure!(landing.as_str().starts_with(REDIRECT_URI), "led to {landing}");
        ensure!(parameter("state").as_deref() == Some(&state), "another state: {landing}");
        ensure!(parameter("iss").as_deref() == Some(&self.issuer), "another issuer: {landing}");
        let code = parameter("code").with_context(|| format!("no code: {landing}"))?;
        let tokens = self.exchange(http, &code, &verifier).await?;
        let sub = self.check(&tokens, person, &nonce)?;
        let bearer = format!("authorization: Bearer {}\r\n", text(&tokens, "access_token"));
        let userinfo: Value = serde_json::from_str(&http.get("/userinfo", &bearer).await?.expect(200)?.body)?;
        ensure!(
            text(&userinfo, "sub") == sub && text(&userinfo, "email") == person.email,
            "userinfo of {name}: {userinfo}"
        );
        Ok(SignedIn { tokens, session })
    }

    /// The response to a refresh: new tokens, or an error (RFC 6749 section 6).
    pub async fn refresh(&self, http: &mut Http, token: &str) -> Result<Answer> {
        let headers = format!("authorization: Basic {}\r\n", self.basic);
        http.post("/token", &headers, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// The redirect target of a request that may not show a page (`prompt=none`), for a browser with this
    /// session.
    pub async fn without_page(&self, http: &mut Http, session: &str) -> Result<String> {
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, b"this code is never exchanged"));
        let query = self.authorization("silent", "silent", &challenge);
        let asked = format!("/authorize?{query}&prompt=none");
        let answer = http.get(&asked, &format!("cookie: {session}\r\n")).await?.expect(303)?;
        Ok(answer.header("location").context("no redirect back")?.to_owned())
    }

    fn authorization(&self, state: &str, nonce: &str, challenge: &str) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("client_id", CLIENT), ("redirect_uri", REDIRECT_URI), ("response_type", "code")])
            .extend_pairs([("scope", self.scope), ("state", state), ("nonce", nonce)])
            .extend_pairs([("code_challenge", challenge), ("code_challenge_method", "S256")])
            .finish()
    }

    /// The browser's final redirect target, and its session.
    async fn through_the_pages(
        &self,
        http: &mut Http,
        person: &Person<'_>,
        verifier: &str,
        (state, nonce): (&str, &str),
    ) -> Result<(Url, String)> {
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
        let query = self.authorization(state, nonce, &challenge);
        let asked = http.get(&format!("/authorize?{query}"), "").await?.expect(303)?;
        let cookie = format!("cookie: {}\r\n", asked.cookie("cloudsync_login")?);
        let typed = [("username", person.name), ("password", person.password)];
        let mut done = self.fill_in(http, &asked, &cookie, ("/login", &typed)).await?;
        if let Some(code) = (person.code)()? {
            done = self.fill_in(http, &done, &cookie, ("/login/factor", &[("code", &code)])).await?;
        }
        let session = done.cookie("cloudsync_session")?.to_owned();
        Ok((Url::parse(done.header("location").context("no redirect back")?)?, session))
    }

    /// Follows a redirect to its page, and submits the form there.
    async fn fill_in(
        &self,
        http: &mut Http,
        before: &Answer,
        cookie: &str,
        (path, typed): (&str, &[(&str, &str)]),
    ) -> Result<Answer> {
        let page = before.header("location").context("no redirect to the page")?;
        let page = http.get(page, cookie).await?.expect(200)?;
        let mut form = vec![("pending", page.field("pending")?), ("csrf", page.field("csrf")?)];
        form.extend_from_slice(typed);
        let headers = format!("{cookie}origin: {}\r\n", self.issuer);
        http.post(path, &headers, &form).await?.expect(303)
    }

    async fn exchange(&self, http: &mut Http, code: &str, verifier: &str) -> Result<Value> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", verifier),
        ];
        let headers = format!("authorization: Basic {}\r\n", self.basic);
        Ok(serde_json::from_str(&http.post("/token", &headers, &form).await?.expect(200)?.body)?)
    }

    /// Verifies both tokens; returns their subject.
    fn check(&self, tokens: &Value, person: &Person<'_>, nonce: &str) -> Result<String> {
        let id = self.verify(text(tokens, "id_token"), Algorithm::RS256, CLIENT).context("the ID token")?;
        ensure!(
            text(&id, "nonce") == nonce && text(&id, "email") == person.email,
            "ID token of {}: {id}",
            person.name
        );
        let header = decode_header(text(tokens, "access_token"))?;
        ensure!(header.alg == Algorithm::ES256, "the access token's algorithm is {:?}", header.alg);
        Ok(text(&id, "sub").to_owned())
    }

    fn verify(&self, token: &str, algorithm: Algorithm, audience: &str) -> Result<Value> {
        let kid = decode_header(token)?.kid.context("no kid")?;
        let key = DecodingKey::from_jwk(self.keys.find(&kid).context("an unknown key")?)?;
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[audience]);
        Ok(decode::<Value>(token, &key, &validation)?.claims)
    }
}

/// A string member; empty if there is none.
pub fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_default()
}
