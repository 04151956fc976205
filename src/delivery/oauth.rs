//! Access tokens for client credentials (RFC 6749 section 4.4), without a connection.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use form_urlencoded::{Serializer, byte_serialize};
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::http::{Authorization, HttpBody, HttpRequest};
use crate::domain::delivery::TokenFailure;
use crate::domain::secret::Plain;
use crate::domain::settings::OAuthAuthMethod;
use crate::domain::{Millis, SECOND};

/// The longest text of a token endpoint that is kept, in characters.
const WORDS: usize = 200;
/// The longest error code that is kept; the RFC's own are shorter.
const CODE: usize = 40;

/// What a token endpoint wants to know.
#[derive(Clone, Debug)]
pub struct ClientCredentials {
    pub token_endpoint: Url,
    pub client_id: String,
    pub client_secret: Plain,
    pub scope: Option<String>,
    pub method: OAuthAuthMethod,
}

/// An access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    pub token: Plain,
    /// `expires_in`, as a duration.
    pub lifetime: Option<Millis>,
}

/// The request for a token (RFC 6749 section 4.4.2).
#[must_use]
pub fn token_request(credentials: &ClientCredentials) -> HttpRequest {
    let ClientCredentials { token_endpoint, client_id, client_secret, scope, method } = credentials;
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "client_credentials");
    if let Some(scope) = scope {
        form.append_pair("scope", scope);
    }
    let authorization = match method {
        OAuthAuthMethod::ClientSecretBasic => Some(basic(client_id, client_secret)),
        OAuthAuthMethod::ClientSecretPost => {
            form.append_pair("client_id", client_id);
            form.append_pair("client_secret", client_secret.expose());
            None
        }
    };
    HttpRequest {
        method: "POST",
        url: token_endpoint.clone(),
        authorization,
        headers: vec![("accept", "application/json".to_owned())],
        body: Some(HttpBody {
            content_type: "application/x-www-form-urlencoded",
            bytes: form.finish().into_bytes(),
        }),
    }
}

/// RFC 6749 section 2.3.1: both are encoded as in a form before they are joined.
fn basic(client_id: &str, client_secret: &Plain) -> Authorization {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let joined = Zeroizing::new(format!("{}:{}", encoded(client_id), encoded(client_secret.expose())));
    Authorization::Basic(Plain::new(BASE64_STANDARD.encode(&*joined)))
}

/// Reads the answer (RFC 6749 sections 5.1 and 5.2). Of a success no text is kept, since it may hold a token.
pub fn access_token(
    status: u16,
    retry_after: Option<Millis>,
    body: &[u8],
) -> Result<AccessToken, TokenFailure> {
    let body = serde_json::from_slice::<Value>(body).ok();
    let text = |name: &str| body.as_ref()?.get(name)?.as_str();
    if !(200..300).contains(&status) {
        let code = text("error").map(|code| printable(code, CODE)).filter(|code| !code.is_empty());
        let words = text("error_description").map(|words| printable(words, WORDS)).unwrap_or_default();
        return Err(TokenFailure::of_status(status, (code, words), retry_after));
    }
    let unusable = |what: &str| TokenFailure::Unusable(format!("status {status}, {what}"));
    let token = text("access_token").ok_or_else(|| unusable("without access_token"))?;
    // RFC 6749 section 5.1: the type is compared without case.
    if text("token_type").is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return Err(unusable("with a token that is no bearer token"));
    }
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(unusable("with a token that no header can carry"));
    }
    let lifetime = body.as_ref().and_then(|body| seconds(body.get("expires_in")?));
    Ok(AccessToken { token: Plain::new(token), lifetime })
}

/// Some write the number as text.
fn seconds(value: &Value) -> Option<Millis> {
    let seconds = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    seconds.map(|seconds| seconds.saturating_mul(SECOND))
}

fn printable(text: &str, most: usize) -> String {
    let printable = text.chars().map(|one| if one.is_control() { ' ' } else { one });
    printable.take(most).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn credentials(method: OAuthAuthMethod) -> ClientCredentials {
        ClientCredentials {
            token_endpoint: Url::parse("https://login.example.com/token").expect("a URL"),
            client_id: "id with:colon".into(),
            client_secret: Plain::new("s+e/c r"),
            scope: Some("users groups".into()),
            method,
        }
    }

    #[test]
    fn a_secret_is_sent_in_the_header_or_in_the_body_and_printed_nowhere() {
        for (method, authorization, expected) in [
            (
                OAuthAuthMethod::ClientSecretBasic,
                Some("id+with%3Acolon:s%2Be%2Fc+r"),
                "grant_type=client_credentials&scope=users+groups",
            ),
            (
                OAuthAuthMethod::ClientSecretPost,
                None,
                "grant_type=client_credentials&scope=users+groups&client_id=id+with%3Acolon&client_secret=s%2Be%2Fc+r",
            ),
        ] {
            let request = token_request(&credentials(method));
            let body = request.body.clone().expect("a form");
            assert_eq!(String::from_utf8_lossy(&body.bytes), expected);
            let sent = request.authorization.as_ref().map(|authorization| match authorization {
                Authorization::Basic(text) => BASE64_STANDARD.decode(text.expose()).expect("base64"),
                Authorization::Bearer(_) => Vec::new(),
            });
            assert_eq!(sent.as_deref(), authorization.map(str::as_bytes));
            let printed = format!("{:?}{:?}", request, credentials(method));
            assert!(!printed.contains("s+e/c r") && !printed.contains("s%2Be"), "{printed}");
            let bytes = format!("{:?}", body.bytes);
            assert!(!printed.contains(bytes.trim_matches(['[', ']'])), "the body is not printed either");
        }
    }

    #[test]
    fn a_token_is_read_with_its_lifetime() {
        for (body, expected) in [
            (r#"{"access_token": "a.b", "token_type": "Bearer", "expires_in": 3600}"#, Some(3_600 * SECOND)),
            (r#"{"access_token": "a.b", "token_type": "bearer", "expires_in": "60"}"#, Some(60 * SECOND)),
            (r#"{"access_token": "a.b", "token_type": "BEARER"}"#, None),
            (r#"{"access_token": "a.b", "expires_in": "soon"}"#, None),
        ] {
            let read = access_token(200, None, body.as_bytes());
            assert_eq!(read, Ok(AccessToken { token: Plain::new("a.b"), lifetime: expected }), "{body}");
        }
    }

    #[test]
    fn what_is_no_token_is_not_taken_for_one_and_not_repeated() {
        for body in [
            "",
            "<html>secret</html>",
            "[]",
            r#"{"token": "secret"}"#,
            r#"{"access_token": 7}"#,
            r#"{"access_token": ""}"#,
            r#"{"access_token": "secret one"}"#,
            r#"{"access_token": "secret", "token_type": "mac"}"#,
        ] {
            let failure = access_token(200, None, body.as_bytes()).expect_err(body);
            assert!(matches!(&failure, TokenFailure::Unusable(_)), "{body}: {failure:?}");
            assert!(!failure.to_string().contains("secret"), "{failure}");
        }
        let refused = access_token(
            401,
            None,
            br#"{"error": "invalid_client", "error_description": "the secret\nhas expired", "access_token": "x"}"#,
        );
        let expected =
            TokenFailure::Refused { code: "invalid_client".into(), words: "the secret has expired".into() };
        assert_eq!(refused, Err(expected));
    }

    proptest! {
        #[test]
        fn nothing_that_a_token_endpoint_sends_does_harm(
            status in 100_u16..600,
            body in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..500),
                "\\{\"(error|access_token)\": \"\\PC{0,300}\"\\}".prop_map(String::into_bytes),
            ],
        ) {
            if let Err(failure) = access_token(status, None, &body) {
                let text = failure.to_string();
                prop_assert!(text.chars().count() < 400 && !text.contains('\n'), "{}", text);
            }
        }
    }
}
