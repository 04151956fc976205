//! The authorization response: destination, mode and content. A [`ReplyTo`] comes only from a request that
//! [`super::authorize::check`] has checked, or from its error, so an unchecked address can't be redirected to.

use serde::{Deserialize, Serialize};

use super::error::OAuthError;

/// How the response is sent (OAuth 2.0 Multiple Response Type Encoding Practices section 2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of the redirect URI: the default for `code`.
    #[default]
    Query,
    /// In a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

impl ResponseMode {
    /// Every mode.
    pub const ALL: [Self; 2] = [Self::Query, Self::FormPost];

    /// The value of `response_mode`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::FormPost => "form_post",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == word)
    }
}

/// A verified destination for an authorization response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyTo {
    pub(super) redirect_uri: String,
    pub(super) response_mode: ResponseMode,
    pub(super) state: Option<String>,
}

/// The response, ready to be sent.
#[derive(Clone, PartialEq, Eq)]
pub enum Reply {
    /// Redirect to this URL, with 303 (RFC 9700 section 4.12: never 307).
    Redirect(String),
    /// Show a page with a form that posts these fields.
    FormPost {
        action: String,
        /// Names and values; the template escapes them.
        fields: Vec<(&'static str, String)>,
    },
}

impl ReplyTo {
    /// The response with a code.
    #[must_use]
    pub fn code(&self, issuer: &str, code: &str) -> Reply {
        self.send(issuer, vec![("code", code.to_owned())])
    }

    // RFC 6749 section 4.1.2.1
    /// The response with an error.
    #[must_use]
    pub fn error(&self, issuer: &str, error: &OAuthError) -> Reply {
        let description = error.wire_description();
        self.send(issuer, vec![("error", error.code.as_str().to_owned()), ("error_description", description)])
    }

    fn send(&self, issuer: &str, mut fields: Vec<(&'static str, String)>) -> Reply {
        // RFC 6749 sections 4.1.2 and 4.1.2.1: state is "REQUIRED if the "state" parameter was present in the
        // client authorization request. The exact value received from the client."
        fields.extend(self.state.clone().map(|state| ("state", state)));
        // RFC 9207 section 2: the server "MUST indicate its identity by including the iss parameter", in
        // errors too.
        fields.push(("iss", issuer.to_owned()));
        match self.response_mode {
            ResponseMode::Query => Reply::Redirect(with_query(&self.redirect_uri, &fields)),
            ResponseMode::FormPost => Reply::FormPost { action: self.redirect_uri.clone(), fields },
        }
    }
}

// RFC 6749 section 3.1.2: the redirect URI "MAY include an "application/x-www-form-urlencoded" formatted
// query component, which MUST be retained when adding additional query parameters."
/// Adds parameters to a URI without a fragment; the existing text is unchanged.
pub(super) fn with_query(uri: &str, fields: &[(&'static str, String)]) -> String {
    let mut target = uri.to_owned();
    if !target.contains('?') {
        target.push('?');
    } else if !target.ends_with(['?', '&']) {
        target.push('&');
    }
    target + &form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Debug output has only the destination: codes stay out of the log.
impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Redirect(url) => write!(f, "Redirect({})", url.split('?').next().unwrap_or_default()),
            Self::FormPost { action, .. } => write!(f, "FormPost({action})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;
    use crate::oidc::error::ErrorCode;

    const ISSUER: &str = "https://idp.example.com";

    fn reply_to(redirect_uri: &str, response_mode: ResponseMode) -> ReplyTo {
        ReplyTo { redirect_uri: redirect_uri.into(), response_mode, state: Some("a b&c".into()) }
    }

    #[test]
    fn the_query_that_was_there_is_kept() {
        let end = "code=x&state=a+b%26c&iss=https%3A%2F%2Fidp.example.com";
        let table = [
            ("https://rp/cb", "https://rp/cb?"),
            ("https://rp/cb?", "https://rp/cb?"),
            ("https://rp/cb?a=%7e", "https://rp/cb?a=%7e&"),
            ("https://rp/cb?a=1&", "https://rp/cb?a=1&"),
            ("com.example.app:/cb", "com.example.app:/cb?"),
        ];
        for (uri, start) in table {
            let reply = reply_to(uri, ResponseMode::Query).code(ISSUER, "x");
            assert_eq!(reply, Reply::Redirect(format!("{start}{end}")));
        }
    }

    #[test]
    fn a_form_carries_the_same_fields() {
        let error = OAuthError::new(ErrorCode::LoginRequired, "nobody is \"signed in\"");
        let reply = reply_to("https://rp/cb", ResponseMode::FormPost).error(ISSUER, &error);
        let Reply::FormPost { action, fields } = reply else { panic!("not a form") };
        assert_eq!(action, "https://rp/cb");
        let expected = [
            ("error", "login_required"),
            ("error_description", "nobody is ?signed in?"),
            ("state", "a b&c"),
            ("iss", ISSUER),
        ];
        assert_eq!(fields, expected.map(|(name, value)| (name, value.to_owned())));
    }

    #[test]
    fn a_reply_does_not_print_its_code() {
        let reply = reply_to("https://rp/cb", ResponseMode::Query).code(ISSUER, "secret-code");
        assert_eq!(format!("{reply:?}"), "Redirect(https://rp/cb)");
    }

    proptest! {
        #[test]
        fn the_state_is_returned_unchanged(state in any::<String>(), code in any::<String>()) {
            let to = ReplyTo { state: Some(state.clone()), ..reply_to("https://rp/cb?a=1", ResponseMode::Query) };
            let Reply::Redirect(url) = to.code(ISSUER, &code) else { panic!("not a redirect") };
            let sent: Vec<(String, String)> = Url::parse(&url).unwrap().query_pairs().into_owned().collect();
            prop_assert!(url.starts_with("https://rp/cb?a=1&"));
            prop_assert_eq!(sent, [("a", "1"), ("code", &code), ("state", &state), ("iss", ISSUER)]
                .map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
    }
}
