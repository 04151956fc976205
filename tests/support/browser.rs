//! A person's browser: cookies, forms, and no redirect followed unseen.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::cookie::Jar;
use reqwest::header::{LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, StatusCode};

use super::relying_party::Authorization;

/// One browser with its own cookies.
pub struct Browser {
    /// For requests that no form makes.
    pub http: Client,
}

/// A response as the browser shows it.
#[derive(Clone, Debug)]
pub struct Page {
    pub status: StatusCode,
    /// The target of a redirect.
    pub location: Option<String>,
    /// Names in lower case; of a repeated header, one.
    pub headers: BTreeMap<String, String>,
    /// Whole `Set-Cookie` lines.
    pub cookies: Vec<String>,
    pub body: String,
    /// The address of this page.
    pub url: String,
}

impl Browser {
    /// A browser that has never been here.
    pub fn new() -> Self {
        Self::of(Jar::default())
    }

    /// A browser in which an attacker has planted a cookie for this address.
    pub fn with_cookie(url: &str, cookie: &str) -> Self {
        let jar = Jar::default();
        jar.add_cookie_str(cookie, &url.parse().expect("an address"));
        Self::of(jar)
    }

    /// A browser at another address, with this user agent.
    pub fn named(user_agent: &str, address: Ipv4Addr) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let builder = Client::builder().cookie_store(true).redirect(Policy::none()).user_agent(user_agent);
        Self { http: builder.local_address(IpAddr::from(address)).build().expect("a client") }
    }

    /// A browser at another address: all of 127.0.0.0/8 is this machine.
    pub fn at(address: Ipv4Addr) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let builder = Client::builder().cookie_store(true).redirect(Policy::none());
        Self { http: builder.local_address(IpAddr::from(address)).build().expect("a client") }
    }

    fn of(jar: Jar) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let builder = Client::builder().cookie_provider(Arc::new(jar)).redirect(Policy::none());
        Self { http: builder.build().expect("a client") }
    }

    pub async fn open(&self, url: &str) -> Page {
        Page::of(self.http.get(url)).await
    }

    /// Opens an address and follows redirects within the provider.
    pub async fn follow(&self, url: &str) -> Page {
        self.go_on(self.open(url).await).await
    }

    /// Follows redirects within the provider.
    pub async fn go_on(&self, mut page: Page) -> Page {
        while let Some(next) = page.location.clone().filter(|next| next.starts_with('/')) {
            page = self.open(&page.absolute(&next)).await;
        }
        page
    }

    pub async fn post(&self, url: &str, fields: &[(&str, &str)]) -> Page {
        Page::of(self.http.post(url).form(fields)).await
    }

    /// Fills in the sign-in page and sends it.
    pub async fn submit(&self, page: &Page, username: &str, password: &str) -> Page {
        self.send(page, "/login", &[("username", username), ("password", password)]).await
    }

    /// Sends one of the page's forms with these fields filled in.
    pub async fn send(&self, page: &Page, path: &str, typed: &[(&str, &str)]) -> Page {
        let mut fields = page.fields();
        fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(&page.absolute(path), &fields).await
    }

    /// The same, and follows redirects to the next page of the login or to the client.
    pub async fn fill(&self, page: &Page, path: &str, typed: &[(&str, &str)]) -> Page {
        self.go_on(self.send(page, path, typed).await).await
    }

    /// From the client's request through the sign-in page to the next response.
    pub async fn sign_in(&self, asked: &Authorization, username: &str, password: &str) -> Page {
        let page = self.follow(&asked.url).await;
        assert_eq!(page.status, StatusCode::OK, "the sign-in page: {}", page.body);
        self.submit(&page, username, password).await
    }
}

impl Page {
    /// Sends a request and reads the response.
    pub async fn of(request: RequestBuilder) -> Self {
        Self::read(request.send().await.expect("an answer")).await
    }

    async fn read(response: Response) -> Self {
        let header = |value: &reqwest::header::HeaderValue| value.to_str().unwrap_or_default().to_owned();
        Self {
            status: response.status(),
            location: response.headers().get(LOCATION).map(header),
            headers: response
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), header(value)))
                .collect(),
            cookies: response.headers().get_all(SET_COOKIE).iter().map(header).collect(),
            url: response.url().to_string(),
            body: response.text().await.expect("a body"),
        }
    }

    /// The value of a cookie that the response sets.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let (_, line) =
            self.cookies.iter().filter_map(|line| line.split_once('=')).find(|(key, _)| *key == name)?;
        line.split(';').next()
    }

    /// Where an action of the panel leads, and after a `|` the notice for that page.
    pub fn told(&self) -> Option<String> {
        let value = self.cookie("cloudsync_notice")?;
        let notice = URL_SAFE_NO_PAD.decode(value.get(64..)?).ok()?;
        Some(format!("{}|{}", self.location.as_deref()?, String::from_utf8(notice).ok()?))
    }

    /// The hidden fields of the page's first form.
    pub fn fields(&self) -> BTreeMap<String, String> {
        let form =
            self.body.split("</form>").find(|part| part.contains("name=\"pending\"")).unwrap_or(&self.body);
        form.split("<input")
            .filter(|input| input.contains("type=\"hidden\""))
            .filter_map(|input| {
                Some((attribute(input, "name")?, attribute(input, "value").unwrap_or_default()))
            })
            .collect()
    }

    /// The text between the tags, white space folded.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut inside = false;
        for c in self.body.chars() {
            match c {
                '<' => inside = true,
                '>' => {
                    inside = false;
                    text.push(' ');
                }
                _ if !inside => text.push(c),
                _ => {}
            }
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The page's heading.
    pub fn heading(&self) -> String {
        let heading = self.body.split("<h1>").nth(1).and_then(|rest| rest.split("</h1>").next());
        unescaped(heading.unwrap_or_default())
    }

    pub fn attempt_id(&self) -> &str {
        self.body
            .split("<code>")
            .nth(1)
            .and_then(|rest| rest.split('<').next())
            .expect("a number on the page")
    }

    /// An address on the page, made absolute.
    pub fn absolute(&self, path: &str) -> String {
        reqwest::Url::parse(&self.url).and_then(|base| base.join(path)).expect("an address").to_string()
    }

    /// A parameter of the redirect's target.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let url = reqwest::Url::parse(self.location.as_deref()?).ok()?;
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

/// The first attribute of that name, decoded.
pub fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!("{name}=\""))? + name.len() + 2;
    let value = tag[start..].split('"').next()?;
    Some(unescaped(value))
}

/// Decodes HTML entities.
pub fn unescaped(html: &str) -> String {
    let quotes = html.replace("&quot;", "\"").replace("&#34;", "\"").replace("&#39;", "'");
    quotes.replace("&lt;", "<").replace("&#60;", "<").replace("&amp;", "&").replace("&#38;", "&")
}
