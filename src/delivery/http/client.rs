//! Send a request and read its answer.

use std::error::Error as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Method, Proxy, Request, Response, redirect};
use url::{Host, Url};
use zeroize::Zeroizing;

use super::resolver::CheckedResolver;
use super::{Authorization, HttpBody, HttpError, HttpReply, HttpRequest, Outbound};
use crate::domain::outbound::ServiceRule;
use crate::tls;

/// Connecting takes no longer, with TLS.
const CONNECT: Duration = Duration::from_secs(10);
/// Below the idle time-out of usual servers and balancers, 60 s: a connection that they close is not used again.
const IDLE: Duration = Duration::from_secs(45);

/// A client with kept connections; clones share them.
#[derive(Clone, Debug)]
pub struct HttpClient {
    client: Client,
    rule: Arc<ServiceRule>,
    most_bytes: usize,
}

impl HttpClient {
    /// Fails if the CAs or the proxy can't be used.
    pub fn new(outbound: &Outbound) -> Result<Self, HttpError> {
        let tls = tls::client_config(outbound.ca_pem.as_deref());
        let tls = tls.map_err(|why| HttpError::Settings(why.to_string()))?;
        let rule = Arc::new(outbound.rule.clone());
        let builder = Client::builder()
            .tls_backend_preconfigured((*tls).clone())
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .connect_timeout(CONNECT.min(outbound.timeout))
            .timeout(outbound.timeout)
            .pool_idle_timeout(IDLE)
            .user_agent(concat!("cloudsync-idp/", env!("CARGO_PKG_VERSION")));
        let builder = match &outbound.proxy {
            // Only the proxy's own name is looked up here.
            Some(proxy) => builder.proxy(Proxy::all(proxy.clone()).map_err(|why| settings(&why))?),
            None => builder.dns_resolver(CheckedResolver(rule.clone())),
        };
        let client = builder.build().map_err(|why| settings(&why))?;
        Ok(Self { client, rule, most_bytes: outbound.most_bytes })
    }

    /// Sends a request; returns the answer, whatever its status.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpReply, HttpError> {
        check(&request.url, &self.rule)?;
        let request = built(request)?;
        let response = self.client.execute(request).await.map_err(failed)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = self.body(response).await?;
        Ok(HttpReply { status, headers, body })
    }

    async fn body(&self, mut response: Response) -> Result<Vec<u8>, HttpError> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|why| HttpError::Lost(words(why)))? {
            if body.len() + chunk.len() > self.most_bytes {
                return Err(HttpError::TooLarge(self.most_bytes));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// The resolver sees no address that is written as a number. Without TLS only this machine is spoken to.
fn check(url: &Url, rule: &ServiceRule) -> Result<(), HttpError> {
    let address = match url.host() {
        Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
        Some(Host::Domain(_)) | None => None,
    };
    if let Some(address) = address {
        rule.check(address).map_err(|why| HttpError::NotSent(why.to_string()))?;
    }
    let local = address.is_some_and(|ip| ip.is_loopback()) || url.host_str() == Some("localhost");
    match url.scheme() {
        "https" => Ok(()),
        "http" if local => Ok(()),
        _ => Err(HttpError::NotSent("the address has to begin with https://".into())),
    }
}

pub(super) fn built(request: HttpRequest) -> Result<Request, HttpError> {
    let unusable = |what: &str| HttpError::NotSent(format!("{what} can't be sent in a header"));
    let method = Method::from_bytes(request.method.as_bytes()).map_err(|_| unusable("the method"))?;
    let mut built = Request::new(method, request.url);
    let headers = built.headers_mut();
    for (name, value) in request.headers {
        headers.insert(name, HeaderValue::from_str(&value).map_err(|_| unusable(name))?);
    }
    if let Some(authorization) = request.authorization {
        let (scheme, secret) = match &authorization {
            Authorization::Bearer(token) => ("Bearer", token),
            Authorization::Basic(encoded) => ("Basic", encoded),
        };
        let value = Zeroizing::new(format!("{scheme} {}", secret.expose()));
        let mut value = HeaderValue::from_str(&value).map_err(|_| unusable("the token"))?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    if let Some(HttpBody { content_type, bytes }) = request.body {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        *built.body_mut() = Some(bytes.into());
    }
    Ok(built)
}

fn failed(why: reqwest::Error) -> HttpError {
    if why.is_connect() || why.is_builder() {
        HttpError::NotSent(words(why))
    } else {
        HttpError::Lost(words(why))
    }
}

fn settings(why: &reqwest::Error) -> HttpError {
    HttpError::Settings(why.to_string())
}

/// The innermost cause says most, e.g. "connection refused" or "invalid peer certificate".
fn words(why: reqwest::Error) -> String {
    let timeout = why.is_timeout();
    let why = why.without_url();
    let mut cause = why.to_string();
    let mut next = why.source();
    while let Some(source) = next {
        cause = source.to_string();
        next = source.source();
    }
    if timeout { "no answer in time".to_owned() } else { cause }
}
