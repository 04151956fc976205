//! Reads what handlers need from a request: who sends it, and in which language its page is.

use axum::Extension;
use axum::extract::FromRequestParts;
use axum::extract::rejection::ExtensionRejection;
use axum::http::HeaderMap;
use axum::http::request::Parts;

use super::error::RequestContext;
use super::session;
use super::state::Web;
use crate::domain::session::Session;
use crate::flow::installation::context::Visit;
use crate::flow::installation::fault::Fault;

/// The request for a page or an endpoint.
pub struct PageRequest {
    pub web: Web,
    pub visit: Visit,
    pub headers: HeaderMap,
}

impl PageRequest {
    /// The context of a page that belongs to no client.
    #[must_use]
    pub fn context(&self) -> RequestContext<'_> {
        RequestContext::new(&self.web, &self.visit, &self.headers)
    }

    /// The valid session of this browser.
    pub async fn session(&self) -> Result<Option<Session>, Fault> {
        session::current(&self.web, &self.headers).await
    }
}

impl FromRequestParts<Web> for PageRequest {
    type Rejection = ExtensionRejection;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Self::Rejection> {
        let Extension(visit) = Extension::from_request_parts(parts, web).await?;
        Ok(Self { web: web.clone(), visit, headers: parts.headers.clone() })
    }
}
