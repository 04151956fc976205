//! Errors of OAuth 2.0 and OpenID Connect, and their form on the wire. Details for the log are separate.

use std::borrow::Cow;

use serde::Serialize;

/// The value of `error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// A parameter is missing, repeated, malformed or not allowed (RFC 6749 sections 4.1.2.1 and 5.2).
    InvalidRequest,
    /// The client may not do this (RFC 6749 sections 4.1.2.1 and 5.2).
    UnauthorizedClient,
    /// The person or the policy refused (RFC 6749 section 4.1.2.1).
    AccessDenied,
    /// Anything but `code` (RFC 6749 section 4.1.2.1).
    UnsupportedResponseType,
    /// The scope is malformed, lacks `openid` or exceeds the grant (RFC 6749 sections 4.1.2.1 and 5.2).
    InvalidScope,
    /// Our fault (RFC 6749 section 4.1.2.1).
    ServerError,
    /// The directory is unavailable, or there is too much load (RFC 6749 section 4.1.2.1).
    TemporarilyUnavailable,
    /// `prompt=none`, but a page would have to be shown (OpenID Connect Core section 3.1.2.6).
    InteractionRequired,
    /// `prompt=none`, but nobody is signed in (OpenID Connect Core section 3.1.2.6).
    LoginRequired,
    /// The required `acr` can't be reached (OpenID Connect Core Error Code unmet_authentication_requirements
    /// 1.0).
    UnmetAuthenticationRequirements,
    /// Request objects are not supported (OpenID Connect Core section 3.1.2.6).
    RequestNotSupported,
    /// Request objects by reference are not supported (OpenID Connect Core section 3.1.2.6).
    RequestUriNotSupported,
    /// Self-issued registration is not supported (OpenID Connect Core section 3.1.2.6).
    RegistrationNotSupported,
    /// Client authentication failed (RFC 6749 section 5.2).
    InvalidClient,
    /// The code or refresh token is invalid, or was issued to another client (RFC 6749 section 5.2).
    InvalidGrant,
    /// Anything but a code or a refresh token (RFC 6749 section 5.2).
    UnsupportedGrantType,
    /// A kind of token that can't be revoked (RFC 7009 section 2.2.1).
    UnsupportedTokenType,
}

impl ErrorCode {
    /// The value on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::InteractionRequired => "interaction_required",
            Self::LoginRequired => "login_required",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedTokenType => "unsupported_token_type",
        }
    }
}

/// An error for the client, with a hint for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {description}", .code.as_str())]
pub struct OAuthError {
    pub code: ErrorCode,
    /// A sentence for the client's developer; see [`OAuthError::wire_description`].
    pub description: Cow<'static, str>,
    /// For the log only: never sent.
    pub hint: Option<String>,
}

/// The JSON body of an error at the token endpoint (RFC 6749 section 5.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorBody {
    pub error: &'static str,
    pub error_description: String,
}

impl OAuthError {
    /// An error with its description.
    #[must_use]
    pub fn new(code: ErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        Self { code, description: description.into(), hint: None }
    }

    /// `invalid_request`, the most frequent error.
    #[must_use]
    pub fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::InvalidRequest, description)
    }

    /// `invalid_grant`. The description is the same for every cause, so that an attacker with a stolen code
    /// learns nothing about it.
    #[must_use]
    pub fn invalid_grant(hint: impl Into<String>) -> Self {
        Self::new(
            ErrorCode::InvalidGrant,
            "the code or token is unknown, used, expired or not for this client",
        )
        .with_hint(hint)
    }

    /// `invalid_client`. The description is the same for an unknown client and a wrong secret.
    #[must_use]
    pub fn invalid_client(hint: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidClient, "client authentication failed").with_hint(hint)
    }

    /// Adds details for the log.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    // RFC 6749 sections 4.1.2.1 and 5.2: "Values for the "error_description" parameter MUST NOT include
    // characters outside the set %x20-21 / %x23-5B / %x5D-7E."
    /// The description in the characters that may be sent.
    #[must_use]
    pub fn wire_description(&self) -> String {
        let allowed = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
        self.description.chars().map(|c| if allowed(c) { c } else { '?' }).collect()
    }

    // RFC 6749 section 5.2: 400 "unless specified otherwise"; 401 for `invalid_client`.
    /// The HTTP status at the token endpoint.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.code {
            ErrorCode::InvalidClient => 401,
            ErrorCode::ServerError => 500,
            ErrorCode::TemporarilyUnavailable => 503,
            _ => 400,
        }
    }

    // RFC 6749 section 5.2: a client that used the Authorization header MUST get 401 and a challenge of its
    // scheme (we support only Basic). RFC 9110 section 15.5.2 requires a challenge with every 401.
    /// The value of `WWW-Authenticate` at the token endpoint, if the error has one.
    #[must_use]
    pub fn www_authenticate(&self) -> Option<&'static str> {
        (self.code == ErrorCode::InvalidClient).then_some(r#"Basic realm="token endpoint", charset="UTF-8""#)
    }

    /// The JSON body at the token endpoint.
    #[must_use]
    pub fn body(&self) -> ErrorBody {
        ErrorBody { error: self.code.as_str(), error_description: self.wire_description() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_status_follows_the_code() {
        let table = [
            (ErrorCode::InvalidClient, 401, true),
            (ErrorCode::InvalidGrant, 400, false),
            (ErrorCode::InvalidRequest, 400, false),
            (ErrorCode::UnauthorizedClient, 400, false),
            (ErrorCode::UnsupportedGrantType, 400, false),
            (ErrorCode::UnsupportedTokenType, 400, false),
            (ErrorCode::TemporarilyUnavailable, 503, false),
            (ErrorCode::ServerError, 500, false),
        ];
        for (code, status, challenged) in table {
            let error = OAuthError::new(code, "x");
            assert_eq!(error.status(), status, "{code:?}");
            assert_eq!(error.www_authenticate().is_some(), challenged, "{code:?}");
        }
    }

    #[test]
    fn the_log_hint_is_never_sent() {
        let error = OAuthError::invalid_grant("code of another client");
        let body = serde_json::to_string(&error.body()).unwrap();
        assert!(!body.contains("another"), "{body}");
        assert!(!error.to_string().contains("another"));
    }

    proptest! {
        #[test]
        fn a_description_keeps_to_the_allowed_characters(text in any::<String>()) {
            let sent = OAuthError::invalid_request(text).wire_description();
            prop_assert!(sent.bytes().all(|b| matches!(b, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e)));
        }
    }
}
