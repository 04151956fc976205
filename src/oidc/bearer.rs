//! The bearer token of a userinfo request, and the responses when it is missing or invalid (RFC 6750).

use super::params::Params;
use super::scope::OAuthScope;

/// Why a bearer token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BearerError {
    #[error("no access token")]
    Missing,
    /// Two tokens were sent, or a malformed one.
    #[error("malformed request")]
    InvalidRequest,
    /// Not issued by us, expired or revoked, or its account may no longer be used.
    #[error("invalid access token")]
    InvalidToken,
    /// It was not granted this scope.
    #[error("insufficient scope")]
    InsufficientScope(OAuthScope),
}

impl BearerError {
    // RFC 6750 section 3.1
    /// The HTTP status.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Missing | Self::InvalidToken => 401,
            Self::InvalidRequest => 400,
            Self::InsufficientScope(_) => 403,
        }
    }

    // RFC 6750 section 3: the header is a MUST if no token was sent or the token is not accepted; without
    // authentication information the response "SHOULD NOT include an error code" (section 3.1).
    /// The value of `WWW-Authenticate`.
    #[must_use]
    pub fn www_authenticate(self) -> String {
        let detail = match self {
            Self::Missing => String::new(),
            Self::InvalidRequest => {
                r#", error="invalid_request", error_description="send one access token, in one way""#.into()
            }
            Self::InvalidToken => {
                r#", error="invalid_token", error_description="unknown, expired or revoked""#.into()
            }
            Self::InsufficientScope(scope) => {
                format!(r#", error="insufficient_scope", scope="{}""#, scope.as_str())
            }
        };
        format!(r#"Bearer realm="userinfo"{detail}"#)
    }
}

/// Finds the token in the `Authorization` header or in the form of a POST. The query is not read (RFC 6750
/// section 2.3 advises against it, RFC 9700 section 4.3.2 forbids it).
///
/// # Errors
/// No token, two tokens, or a malformed one.
pub fn token<'a>(authorization: Option<&'a [u8]>, form: Option<&'a Params>) -> Result<&'a str, BearerError> {
    let posted = form.map_or(Ok(None), |form| form.value("access_token"));
    match (authorization, posted.map_err(|_| BearerError::InvalidRequest)?) {
        (None, None) => Err(BearerError::Missing),
        (Some(header), None) => in_header(header),
        (None, Some(token)) => well_formed(token),
        // RFC 6750 section 2: "Clients MUST NOT use more than one method to transmit the token in each
        // request."
        (Some(_), Some(_)) => Err(BearerError::InvalidRequest),
    }
}

// RFC 6750 section 2.1: credentials = "Bearer" 1*SP b64token. Another scheme is no bearer token at all.
fn in_header(header: &[u8]) -> Result<&str, BearerError> {
    let (scheme, token) = header.split_at_checked(7).ok_or(BearerError::Missing)?;
    if !scheme.eq_ignore_ascii_case(b"bearer ") {
        return Err(BearerError::Missing);
    }
    std::str::from_utf8(token)
        .map_err(|_| BearerError::InvalidRequest)
        .and_then(|token| well_formed(token.trim_matches(' ')))
}

fn well_formed(token: &str) -> Result<&str, BearerError> {
    let allowed = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=')
    };
    if token.is_empty() || !token.bytes().all(allowed) {
        return Err(BearerError::InvalidRequest);
    }
    Ok(token)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_token_in_one_way() {
        let form = |text: &str| Params::parse(text.as_bytes()).unwrap();
        let table = [
            (Some("Bearer a.b-c"), None, Ok("a.b-c")),
            (Some("bearer a"), None, Ok("a")),
            (None, Some("access_token=a.b"), Ok("a.b")),
            (None, Some("x=1"), Err(BearerError::Missing)),
            (None, None, Err(BearerError::Missing)),
            (Some("Basic YTpi"), None, Err(BearerError::Missing)),
            (Some("Bearer"), None, Err(BearerError::Missing)),
            (Some("Bearer "), None, Err(BearerError::InvalidRequest)),
            (Some("Bearer a b"), None, Err(BearerError::InvalidRequest)),
            (Some("Bearer a"), Some("access_token=a"), Err(BearerError::InvalidRequest)),
            (None, Some("access_token=a&access_token=a"), Err(BearerError::InvalidRequest)),
        ];
        for (header, body, expected) in table {
            let body = body.map(form);
            assert_eq!(token(header.map(str::as_bytes), body.as_ref()), expected, "{header:?} {body:?}");
        }
    }

    #[test]
    fn each_error_has_its_status_and_challenge() {
        let table = [
            (BearerError::Missing, 401, r#"Bearer realm="userinfo""#),
            (BearerError::InvalidRequest, 400, r#"error="invalid_request""#),
            (BearerError::InvalidToken, 401, r#"error="invalid_token""#),
            (
                BearerError::InsufficientScope(OAuthScope::OpenId),
                403,
                r#"error="insufficient_scope", scope="openid""#,
            ),
        ];
        for (error, status, challenge) in table {
            assert_eq!(error.status(), status);
            assert!(error.www_authenticate().contains(challenge), "{error:?}");
        }
        assert!(!BearerError::Missing.www_authenticate().contains("error"));
    }

    proptest! {
        #[test]
        fn any_header_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = token(Some(&bytes), None);
            let _ = token(Some(&[b"Bearer ".as_slice(), &bytes].concat()), None);
        }
    }
}
