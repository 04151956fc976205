//! What a handler gets of a request.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::header::{CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use serde_json::Value;

use super::Scim;
use super::error::ScimError;
use super::query::Query;
use super::shown::Wanted;

/// A request.
pub struct Call {
    pub scim: Arc<Scim>,
    /// The id at the end of the address; empty where none belongs.
    pub id: String,
    /// The query of the address, as it came.
    pub query: Option<String>,
    headers: HeaderMap,
    body: Bytes,
}

impl FromRequest<Arc<Scim>> for Call {
    type Rejection = ScimError;

    async fn from_request(request: Request, scim: &Arc<Scim>) -> Result<Self, ScimError> {
        let (mut parts, body) = request.into_parts();
        let id = Path::<String>::from_request_parts(&mut parts, scim).await;
        let (query, headers) = (parts.uri.query().map(str::to_owned), parts.headers.clone());
        let body = Bytes::from_request(Request::from_parts(parts, body), scim).await;
        Ok(Self {
            scim: Arc::clone(scim),
            id: id.map_or_else(|_| String::new(), |Path(id)| id),
            query,
            headers,
            body: body.map_err(|error| ScimError::new(error.status(), error.body_text()))?,
        })
    }
}

impl Call {
    /// The body as JSON.
    pub fn message(&self) -> Result<Value, ScimError> {
        let kind = self.header(CONTENT_TYPE).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_lowercase();
        if !["application/scim+json", "application/json"].contains(&kind.as_str()) {
            return Err(ScimError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "the type is not application/scim+json",
            ));
        }
        serde_json::from_slice(&self.body).map_err(|error| ScimError::syntax(format!("no JSON: {error}")))
    }

    /// Which attributes the answer should have.
    pub fn wanted(&self) -> Result<Wanted, ScimError> {
        Query::of_address(self.query.as_deref()).map(|query| query.wanted)
    }

    /// The versions that the client has seen.
    pub fn if_match(&self) -> Option<&str> {
        self.header(IF_MATCH)
    }

    /// Whether the client has this version already.
    pub fn has_seen(&self, version: &str) -> bool {
        self.header(IF_NONE_MATCH).is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == version))
    }

    fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
