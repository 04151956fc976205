//! A client that signs in and refreshes in a loop, tolerates a server that dies, and records what the server
//! has promised.

use reqwest::{Error, RequestBuilder};
use serde_json::Value;

use super::browser::{Browser, Page};
use super::relying_party::{RelyingParty, VERIFIER};

/// How often a visitor refreshes before a new sign-in.
const REFRESHES: usize = 3;

/// A person with a browser, and the client behind it.
pub struct Visitor {
    pub name: String,
    pub password: String,
    pub browser: Browser,
    /// Whether a login was completed: then the browser has a session.
    pub has_session: bool,
    /// How many logins were completed, as far as the responses arrived.
    pub sign_ins: usize,
    /// The browser and the sign-in page of a login without a response yet.
    pub under_way: Option<(Browser, Page)>,
    /// The refresh token received last.
    pub refresh: Option<Sent>,
    cloudsync: RelyingParty,
}

/// A refresh token.
pub struct Sent {
    pub token: String,
    /// False when it was sent without a response: it may be spent or not.
    pub answered: bool,
}

impl Visitor {
    pub fn new(cloudsync: RelyingParty, name: &str, password: &str) -> Self {
        Self {
            name: name.to_owned(),
            password: password.to_owned(),
            browser: Browser::new(),
            has_session: false,
            sign_ins: 0,
            under_way: None,
            refresh: None,
            cloudsync,
        }
    }

    /// Runs until the server is gone.
    pub async fn run_until_the_server_is_gone(mut self) -> Self {
        while self.once().await.is_ok() {}
        self
    }

    async fn once(&mut self) -> Result<(), Error> {
        // A new browser: an existing session would skip the password. The tokens of the last login are kept
        // meanwhile.
        let browser = Browser::new();
        let start = self.page(browser.http.get(self.cloudsync.authorize(&[]).url)).await?;
        let login = start.absolute(start.location.as_deref().expect("the sign-in page"));
        let page = self.page(browser.http.get(login)).await?;
        let mut fields = page.fields();
        fields.insert("username".into(), self.name.clone());
        fields.insert("password".into(), self.password.clone());
        let form = browser.http.post(page.absolute("/login")).form(&fields);
        let http = browser.http.clone();
        self.under_way = Some((browser, page));
        let mut arrived = self.page(form).await?;
        // After an outage in the middle the provider leads on by a page of its own.
        while let Some(next) = arrived.location.clone().filter(|next| next.starts_with('/')) {
            arrived = self.page(http.get(arrived.absolute(&next))).await?;
        }
        if let Some((browser, _)) = self.under_way.take() {
            (self.browser, self.has_session, self.refresh) = (browser, true, None);
            self.sign_ins += 1;
        }
        let code = arrived
            .parameter("code")
            .unwrap_or_else(|| panic!("a code: {:?} {}", arrived.location, arrived.text()));
        let mut tokens = self
            .token(&[
                ("grant_type", "authorization_code"),
                ("code", &code),
                ("redirect_uri", &self.cloudsync.redirect_uri),
                ("code_verifier", VERIFIER),
            ])
            .await?;
        for _ in 0..REFRESHES {
            let token = tokens["refresh_token"].as_str().expect("a refresh token").to_owned();
            self.refresh = Some(Sent { token: token.clone(), answered: false });
            tokens = self.token(&[("grant_type", "refresh_token"), ("refresh_token", &token)]).await?;
        }
        let token = tokens["refresh_token"].as_str().expect("a refresh token").to_owned();
        self.refresh = Some(Sent { token, answered: true });
        Ok(())
    }

    async fn page(&self, request: RequestBuilder) -> Result<Page, Error> {
        let response = request.send().await?;
        let text = |value: &reqwest::header::HeaderValue| value.to_str().unwrap_or_default().to_owned();
        Ok(Page {
            status: response.status(),
            location: response.headers().get("location").map(text),
            headers: Default::default(),
            cookies: Vec::new(),
            url: response.url().to_string(),
            body: response.text().await?,
        })
    }

    async fn token(&self, fields: &[(&str, &str)]) -> Result<Value, Error> {
        let url = format!("{}/token", self.cloudsync.issuer);
        let secret = self.cloudsync.secret.as_deref();
        let request = self.browser.http.post(url).basic_auth(&self.cloudsync.client_id, secret).form(fields);
        request.send().await?.json().await
    }
}
