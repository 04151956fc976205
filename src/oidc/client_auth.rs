//! Client authentication at the endpoints for tokens (RFC 6749 sections 2.3 and 3.2.1, RFC 7009 section 2.1).
//!
//! Refuses two methods at once, assertions, and any method that is not registered for the client.

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use super::error::OAuthError;
use super::params::{Params, form_decode};
use crate::domain::Millis;
use crate::domain::client::{Client, ClientAuthMethod};
use crate::domain::secret::Plain;

/// The credentials that a client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientCredentials {
    Basic {
        id: String,
        secret: Plain,
    },
    Post {
        id: String,
        secret: Plain,
    },
    /// Only an id: a public client.
    None {
        id: String,
    },
}

impl ClientCredentials {
    /// Reads the credentials of a client's request: the bytes of its `Authorization` header, and its form.
    ///
    /// # Errors
    /// `invalid_client` if there are none that we support, `invalid_request` if there are two.
    pub fn read(authorization: Option<&[u8]>, form: &Params) -> Result<Self, OAuthError> {
        let id = form.owned("client_id")?;
        let secret = form.value("client_secret")?.map(Plain::new);
        if form.has("client_assertion") || form.has("client_assertion_type") {
            return Err(OAuthError::invalid_client("client assertions are not supported"));
        }
        match (authorization, id, secret) {
            // RFC 6749 section 2.3: "The client MUST NOT use more than one authentication method in each
            // request."
            (Some(_), _, Some(_)) => {
                Err(OAuthError::invalid_request("more than one client authentication method"))
            }
            (Some(header), named, None) => basic(header)?.agreeing_with(named.as_deref()),
            (None, Some(id), Some(secret)) => Ok(Self::Post { id, secret }),
            (None, Some(id), None) => Ok(Self::None { id }),
            (None, None, _) => Err(OAuthError::invalid_client("no client authentication")),
        }
    }

    /// The id that the client claims.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Basic { id, .. } | Self::Post { id, .. } | Self::None { id } => id,
        }
    }

    /// The method that it used.
    #[must_use]
    pub fn method(&self) -> ClientAuthMethod {
        match self {
            Self::Basic { .. } => ClientAuthMethod::ClientSecretBasic,
            Self::Post { .. } => ClientAuthMethod::ClientSecretPost,
            Self::None { .. } => ClientAuthMethod::None,
        }
    }

    fn secret(&self) -> Option<&str> {
        match self {
            Self::Basic { secret, .. } | Self::Post { secret, .. } => Some(secret.expose()),
            Self::None { .. } => None,
        }
    }

    // A `client_id` beside the header only identifies, it does not authenticate a second time (RFC 6749
    // section 3.2.1); but two different ids would leave open whose code it is.
    fn agreeing_with(self, named: Option<&str>) -> Result<Self, OAuthError> {
        if named.is_none_or(|named| named == self.id()) {
            return Ok(self);
        }
        Err(OAuthError::invalid_request("client_id differs from the one in the Authorization header"))
    }
}

// RFC 7617 section 2 (the scheme), RFC 6749 section 2.3.1: id and secret are each encoded with
// "application/x-www-form-urlencoded" and joined. An encoded colon is %3A, so the first colon separates them.
fn basic(header: &[u8]) -> Result<ClientCredentials, OAuthError> {
    let broken = || OAuthError::invalid_client("malformed Authorization header");
    let Some((scheme, encoded)) = header.split_at_checked(6) else { return Err(broken()) };
    if !scheme.eq_ignore_ascii_case(b"basic ") {
        return Err(OAuthError::invalid_client("unsupported Authorization scheme"));
    }
    let pair = Zeroizing::new(BASE64.decode(encoded.trim_ascii()).map_err(|_| broken())?);
    let colon = pair.iter().position(|byte| *byte == b':').ok_or_else(broken)?;
    let text = |part: &[u8]| String::from_utf8(form_decode(part).to_vec()).map_err(|_| broken());
    let (id, secret) = (text(&pair[..colon])?, text(&pair[colon + 1..])?);
    if id.is_empty() || id.contains('\0') || secret.contains('\0') {
        return Err(broken());
    }
    Ok(ClientCredentials::Basic { id, secret: Plain::new(secret) })
}

/// Some clients leave out the padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Compared for clients without a digest, so that an unknown client takes as long as a wrong secret.
const NOBODY: &str = "hmac-sha256:0000000000000000000000000000000000000000000000000000000000000000";

/// An authenticated client.
#[derive(Clone, Copy, Debug)]
pub struct AuthenticatedClient<'a> {
    pub client: &'a Client,
    /// It has sent the secret before the current one.
    pub by_old_secret: bool,
}

/// Authenticates a client: `client` is the one with the id [`ClientCredentials::id`], `verify` compares a
/// secret with a stored digest in constant time.
///
/// # Errors
/// `invalid_client`; the cause is only in the hint.
pub fn authenticate<'a>(
    client: Option<&'a Client>,
    credentials: &ClientCredentials,
    now: Millis,
    verify: impl Fn(&str, &str) -> bool,
) -> Result<AuthenticatedClient<'a>, OAuthError> {
    let stored = client.and_then(|client| client.client_secret_hash.as_deref());
    let old = client.and_then(|client| client.old_secret_hash(now));
    // Both digests are always compared first, so that the time does not depend on the client.
    let has = |digest: Option<&str>| {
        credentials.secret().is_none_or(|secret| verify(secret, digest.unwrap_or(NOBODY)) && digest.is_some())
    };
    let (is_current, is_old) = (has(stored), has(old));
    let client = client.ok_or_else(|| OAuthError::invalid_client("unknown client"))?;
    // RFC 6749 section 3.2.1: clients "issued client credentials MUST authenticate"; OpenID Connect Core
    // section 9: with the method that they registered.
    if !client.allows(credentials.method()) {
        return Err(OAuthError::invalid_client("not the client's registered authentication method"));
    }
    if !is_current && !is_old {
        return Err(OAuthError::invalid_client("wrong client secret"));
    }
    Ok(AuthenticatedClient { client, by_old_secret: !is_current })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use base64::prelude::BASE64_STANDARD;
    use proptest::prelude::*;

    use super::*;
    use crate::oidc::error::ErrorCode;

    fn header(pair: &str) -> Vec<u8> {
        format!("Basic {}", BASE64_STANDARD.encode(pair)).into_bytes()
    }

    fn form(text: &str) -> Params {
        Params::parse(text.as_bytes()).unwrap()
    }

    fn read(authorization: Option<&str>, body: &str) -> Result<ClientCredentials, ErrorCode> {
        ClientCredentials::read(authorization.map(header).as_deref(), &form(body)).map_err(|error| error.code)
    }

    fn client(method: Option<ClientAuthMethod>) -> Client {
        Client {
            client_id: "cloudsync".into(),
            client_secret_hash: Some("digest of right".into()),
            token_endpoint_auth_method: method,
            ..Client::default()
        }
    }

    fn verify(secret: &str, stored: &str) -> bool {
        stored == format!("digest of {secret}")
    }

    #[test]
    fn each_method_is_read() {
        let (id, secret) = ("a b".to_owned(), Plain::new("s:%+"));
        assert_eq!(
            read(Some("a+b:s%3A%25%2B"), "client_id=a+b"),
            Ok(ClientCredentials::Basic { id: id.clone(), secret: secret.clone() })
        );
        assert_eq!(
            read(None, "client_id=a+b&client_secret=s%3A%25%2B"),
            Ok(ClientCredentials::Post { id: id.clone(), secret })
        );
        assert_eq!(read(None, "client_id=a+b"), Ok(ClientCredentials::None { id }));
        assert!(
            matches!(read(Some("a:x:y"), ""), Ok(ClientCredentials::Basic { secret, .. }) if secret.expose() == "x:y")
        );
    }

    #[test]
    fn anything_but_a_single_method_is_refused() {
        let table = [
            (Some("a:b"), "client_id=a&client_secret=b", ErrorCode::InvalidRequest),
            (Some("a:b"), "client_id=c", ErrorCode::InvalidRequest),
            (None, "client_id=a&client_id=a", ErrorCode::InvalidRequest),
            (None, "", ErrorCode::InvalidClient),
            (None, "client_secret=b", ErrorCode::InvalidClient),
            (None, "client_id=a&client_assertion=x", ErrorCode::InvalidClient),
            (Some("no colon"), "", ErrorCode::InvalidClient),
            (Some(":secret"), "", ErrorCode::InvalidClient),
            (Some("a:%00"), "", ErrorCode::InvalidClient),
            (Some("a:%FF"), "", ErrorCode::InvalidClient),
        ];
        for (authorization, body, code) in table {
            assert_eq!(read(authorization, body), Err(code), "{authorization:?} {body}");
        }
        for raw in ["Bearer abc", "Basic", "Basic ???", ""] {
            let error = ClientCredentials::read(Some(raw.as_bytes()), &form("")).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidClient, "{raw}");
        }
        assert!(ClientCredentials::read(Some(b"basic YTpi"), &form("")).is_ok(), "the scheme has no case");
    }

    #[test]
    fn only_the_registered_method_and_the_right_secret_pass() {
        use ClientAuthMethod::{ClientSecretBasic, ClientSecretPost};
        let basic =
            |secret: &str| ClientCredentials::Basic { id: "cloudsync".into(), secret: Plain::new(secret) };
        let post =
            |secret: &str| ClientCredentials::Post { id: "cloudsync".into(), secret: Plain::new(secret) };
        let none = || ClientCredentials::None { id: "cloudsync".into() };
        let public = ClientAuthMethod::None;
        let table = [
            (None, basic("right"), true),
            (None, post("right"), true),
            (None, none(), false),
            (None, basic("wrong"), false),
            (None, basic(""), false),
            (Some(ClientSecretBasic), basic("right"), true),
            (Some(ClientSecretBasic), post("right"), false),
            (Some(ClientSecretPost), post("right"), true),
            (Some(ClientSecretPost), basic("right"), false),
            (Some(public), none(), true),
            (Some(public), basic("right"), false),
        ];
        for (method, credentials, passes) in table {
            let client = client(method);
            let outcome = authenticate(Some(&client), &credentials, 0, verify);
            assert_eq!(outcome.is_ok(), passes, "{method:?} {credentials:?}");
        }
    }

    #[test]
    fn two_secrets_pass_until_the_old_one_ends() {
        let client = Client {
            client_secret_old_hash: Some("digest of old".into()),
            client_secret_old_until: Some("1970-01-01T00:00:01Z".into()),
            ..client(None)
        };
        let by_old = |secret: &str, now| {
            let sent = ClientCredentials::Basic { id: "cloudsync".into(), secret: Plain::new(secret) };
            authenticate(Some(&client), &sent, now, verify).ok().map(|passed| passed.by_old_secret)
        };
        for (secret, now, expected) in [
            ("right", 0, Some(false)),
            ("old", 999, Some(true)),
            ("old", 1_000, None),
            ("right", 1_000, Some(false)),
            ("wrong", 0, None),
            ("", 0, None),
        ] {
            assert_eq!(by_old(secret, now), expected, "{secret} at {now}");
        }
    }

    #[test]
    fn an_unknown_client_looks_like_a_wrong_secret_and_costs_the_same() {
        let calls = Cell::new(0);
        let always = |_: &str, _: &str| {
            calls.set(calls.get() + 1);
            true
        };
        let credentials = ClientCredentials::Basic { id: "x".into(), secret: Plain::new("y") };
        let unknown = authenticate(None, &credentials, 0, always).unwrap_err();
        let without_secret = Client { client_secret_hash: None, ..client(None) };
        let no_digest = authenticate(Some(&without_secret), &credentials, 0, always).unwrap_err();
        let wrong = authenticate(Some(&client(None)), &credentials, 0, verify).unwrap_err();
        assert_eq!(calls.get(), 4, "both digests of each");
        assert_eq!(unknown.body(), wrong.body());
        assert_eq!(no_digest.body(), wrong.body());
    }

    proptest! {
        #[test]
        fn any_header_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = ClientCredentials::read(Some(&bytes), &form(""));
            let _ = ClientCredentials::read(Some(&[b"Basic ".as_slice(), &bytes].concat()), &form(""));
            let encoded = format!("Basic {}", BASE64_STANDARD.encode(&bytes));
            let _ = ClientCredentials::read(Some(encoded.as_bytes()), &form(""));
        }

        #[test]
        fn encoded_credentials_are_decoded(id in "[^\0]{1,20}", secret in "[^\0]{0,20}") {
            let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let sent = header(&format!("{}:{}", encode(&id), encode(&secret)));
            prop_assert_eq!(
                ClientCredentials::read(Some(&sent), &form("")),
                Ok(ClientCredentials::Basic { id, secret: Plain::new(secret) })
            );
        }
    }
}
