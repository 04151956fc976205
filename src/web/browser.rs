//! The browser that sends a request: what its cookies say, and where its login continues.

use axum::http::HeaderMap;

use super::cookies::{self, Cookie};
use super::session;
use super::state::Web;
use crate::flow::installation::browser::Browser;
use crate::flow::installation::device::Device;
use crate::flow::installation::fault::Fault;
use crate::flow::login::pending::Pending;

/// Reads the browser's cookies; a browser without a login cookie gets a new id.
pub async fn browser(web: &Web, headers: &HeaderMap) -> Result<Browser, Fault> {
    let cookie = |cookie| cookies::read(headers, &web.surface, cookie);
    Ok(Browser {
        id: cookie(Cookie::Login).unwrap_or_else(|| web.parts.random_id()),
        session: session::current(web, headers).await?,
        device: Device::open(&web.parts, cookie(Cookie::Device).as_deref()),
        remembered: cookie(Cookie::Remembered),
    })
}

/// URL of a login's page. It names the client, so that the link back works after the login has ended.
#[must_use]
pub fn login_url(pending: &Pending) -> String {
    login_url_of(&pending.id, &pending.request.client_id)
}

/// The same, by the login's id.
#[must_use]
pub fn login_url_of(id: &str, client_id: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("p", id)
        .append_pair("client_id", client_id)
        .finish();
    format!("/login?{query}")
}
