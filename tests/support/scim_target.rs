//! A service provider as a client sees it: the product's messages, and any other request.

use cloudsync_idp::delivery::scim::{Message, Method, Reply};
use reqwest::header::{CONTENT_TYPE, ETAG, HeaderName, IF_MATCH, LOCATION};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::Value;

/// The type of bodies (RFC 7644 section 3.1).
pub const SCIM_JSON: &str = "application/scim+json";

/// A service provider.
pub struct ScimTarget {
    /// The address, without a slash at its end.
    pub base: String,
    pub token: String,
    http: Client,
}

/// An answer.
#[derive(Debug)]
pub struct ScimAnswer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
    /// The body; `null` if it is no JSON.
    pub body: Value,
}

impl ScimTarget {
    pub fn new(base: &str, token: &str) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        Self { base: base.to_owned(), token: token.to_owned(), http: Client::new() }
    }

    /// A request with the token. `path` is below the address, without a slash at its start.
    pub fn request(&self, method: reqwest::Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/{path}", self.base)).bearer_auth(&self.token)
    }

    /// Sends any request with this body, if it is not `null`.
    pub async fn send(&self, method: reqwest::Method, path: &str, body: &Value) -> ScimAnswer {
        let mut request = self.request(method, path);
        if !body.is_null() {
            request = request.header(CONTENT_TYPE, SCIM_JSON).body(body.to_string());
        }
        ScimAnswer::of(request).await
    }

    pub async fn get(&self, path: &str) -> ScimAnswer {
        self.send(reqwest::Method::GET, path, &Value::Null).await
    }

    /// Sends a message of the product.
    pub async fn deliver(&self, message: &Message) -> Reply {
        let method = match message.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut request = self.request(method, &message.path);
        if let Some(etag) = &message.if_match {
            request = request.header(IF_MATCH, etag);
        }
        if let Some(body) = &message.body {
            request = request.header(CONTENT_TYPE, SCIM_JSON).body(body.to_string());
        }
        let answer = ScimAnswer::of(request).await;
        Reply {
            status: answer.status.as_u16(),
            etag: answer.header(ETAG),
            location: answer.header(LOCATION),
            retry_after: None,
            body: answer.text.into_bytes(),
        }
    }
}

impl ScimAnswer {
    pub async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.expect("a body");
        Self { status, headers, body: serde_json::from_str(&text).unwrap_or_default(), text }
    }

    pub fn header(&self, name: HeaderName) -> Option<String> {
        self.headers.get(name)?.to_str().ok().map(str::to_owned)
    }
}
