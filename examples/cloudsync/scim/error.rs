//! Errors in SCIM's form (RFC 7644 section 3.12).

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// The type of all bodies (RFC 7644 section 3.1).
pub const SCIM_JSON: &str = "application/scim+json";

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScimError {
    pub status: StatusCode,
    /// A word of RFC 7644 table 9; only for 400 and 409.
    pub kind: Option<&'static str>,
    pub detail: String,
}

impl ScimError {
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, kind: None, detail: detail.into() }
    }

    fn bad(kind: &'static str, detail: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, kind: Some(kind), detail: detail.into() }
    }

    /// The body is no message of this kind.
    pub fn syntax(detail: impl Into<String>) -> Self {
        Self::bad("invalidSyntax", detail)
    }

    /// A value is missing, or has the wrong type.
    pub fn value(detail: impl Into<String>) -> Self {
        Self::bad("invalidValue", detail)
    }

    /// A path cannot be read, or names no attribute.
    pub fn path(detail: impl Into<String>) -> Self {
        Self::bad("invalidPath", detail)
    }

    /// A filter cannot be read.
    pub fn filter(detail: impl Into<String>) -> Self {
        Self::bad("invalidFilter", detail)
    }

    /// A path has led to nothing that can be changed.
    pub fn no_target(detail: impl Into<String>) -> Self {
        Self::bad("noTarget", detail)
    }

    /// The attribute is not the client's to change.
    pub fn mutability(name: &str) -> Self {
        Self::bad("mutability", format!("{name} is read-only or immutable"))
    }

    /// Another resource has the value.
    pub fn uniqueness(name: &str) -> Self {
        let detail = format!("another resource has this {name}");
        Self { status: StatusCode::CONFLICT, kind: Some("uniqueness"), detail }
    }

    /// There is no such resource.
    pub fn not_found(id: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("there is no resource {id}"))
    }
}

impl IntoResponse for ScimError {
    fn into_response(self) -> Response {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": self.status.as_u16().to_string(), "detail": self.detail,
        });
        if let Some(kind) = self.kind {
            body["scimType"] = json!(kind);
        }
        (self.status, [(CONTENT_TYPE, SCIM_JSON)], body.to_string()).into_response()
    }
}
