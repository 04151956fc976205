//! Clients (relying parties). Field names are those of OpenID Connect Dynamic Client Registration 1.0 section
//! 2.

use serde::{Deserialize, Serialize};

use super::Millis;
use super::role::Role;

/// How a client authenticates at the token endpoint (OpenID Connect Core section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthMethod {
    /// HTTP Basic with form-encoded id and secret (RFC 6749 section 2.3.1).
    ClientSecretBasic,
    /// Id and secret in the form.
    ClientSecretPost,
    /// A public client: no secret, so PKCE always.
    None,
}

/// Algorithms that we sign with (RFC 7518 section 3.1, RFC 8037).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256: the one that every client must support.
    RS256,
    /// ECDSA with P-256 and SHA-256.
    ES256,
    /// Ed25519.
    EdDSA,
}

impl SigningAlgorithm {
    /// Every algorithm, the default of ID tokens first.
    pub const ALL: [Self; 3] = [Self::RS256, Self::ES256, Self::EdDSA];

    /// The value of `alg`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::ES256 => "ES256",
            Self::EdDSA => "EdDSA",
        }
    }
}

/// What a client may present at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// RFC 6749 section 4.1.
    AuthorizationCode,
    /// RFC 6749 section 6.
    RefreshToken,
    /// RFC 6749 section 4.4: for scripts that use the admin panel.
    ClientCredentials,
}

/// What a client may request at the authorization endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseType {
    Code,
}

/// Which claims about the person a client's ID tokens contain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdTokenClaimSource {
    /// Claims of the granted scopes, and claims requested by name: many clients read the email address from
    /// the ID token.
    #[default]
    Scopes,
    /// Claims that the request names (`claims`). Claims of the scopes are returned only by the userinfo
    /// endpoint, as OpenID Connect Core section 5.4 specifies for the code flow.
    Requested,
}

/// The id of the client with which an admin tests single sign-on. No client of the settings may have it.
pub const TEST_CLIENT_ID: &str = "cloudsync-idp-test";

/// One client as an administrator registers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Client {
    pub client_id: String,
    /// The name on the sign-in page.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub client_name: String,
    /// A secret in clear text: only in a settings file that is being applied, never stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// A file to read the secret from while settings are applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret_file: Option<String>,
    /// An environment variable to read the secret from while settings are applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret_env: Option<String>,
    /// `hmac-sha256:` and the keyed digest of the secret in hexadecimal, as stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret_hash: Option<String>,
    /// The digest of the secret before, which is accepted until `client_secret_old_until`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret_old_hash: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret_old_until: Option<String>,
    /// Compared character by character (RFC 9700 section 2.1).
    pub redirect_uris: Vec<String>,
    /// Where a sign-out may return to; compared character by character.
    pub post_logout_redirect_uris: Vec<String>,
    /// Without it, both secret methods are accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_method: Option<ClientAuthMethod>,
    pub grant_types: Vec<GrantType>,
    /// The role in the admin panel of a client that gets tokens for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin_role: Option<Role>,
    pub response_types: Vec<ResponseType>,
    /// The scopes that the client may request, separated by spaces; others are removed from the grant.
    pub scope: String,
    pub id_token_signed_response_alg: SigningAlgorithm,
    pub id_token_claims: IdTokenClaimSource,
    /// RS256 or ES256.
    pub access_token_signed_response_alg: SigningAlgorithm,
    /// Whether it must send a `code_challenge` (RFC 7636). Public clients always must.
    pub require_pkce: bool,
    /// The home page, linked from error pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// Default of `max_age` in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<i64>,
    /// Whether every sign-in to this client needs a second factor, whatever `[second_factor]` says.
    pub require_second_factor: bool,
    /// Whether it may ask about access tokens of every client (RFC 7662): an API that accepts them.
    pub introspection: bool,
    /// Where it is told that a session has ended (OpenID Connect Back-Channel Logout 1.0 section 2.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    /// Private networks in which that address may be.
    pub private_addresses: Vec<String>,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            client_id: String::new(),
            client_name: String::new(),
            client_secret: None,
            client_secret_file: None,
            client_secret_env: None,
            client_secret_hash: None,
            client_secret_old_hash: None,
            client_secret_old_until: None,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            token_endpoint_auth_method: None,
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            admin_role: None,
            response_types: vec![ResponseType::Code],
            scope: "openid profile email groups offline_access".to_owned(),
            id_token_signed_response_alg: SigningAlgorithm::RS256,
            id_token_claims: IdTokenClaimSource::Scopes,
            access_token_signed_response_alg: SigningAlgorithm::ES256,
            require_pkce: true,
            client_uri: None,
            default_max_age: None,
            require_second_factor: false,
            introspection: false,
            backchannel_logout_uri: None,
            private_addresses: Vec::new(),
        }
    }
}

impl Client {
    /// The client with which an admin tests single sign-on: no refresh tokens, and our own address as the only
    /// place that its codes are sent to.
    #[must_use]
    pub fn for_test(redirect_uri: String, client_secret_hash: String) -> Self {
        Self {
            client_id: TEST_CLIENT_ID.to_owned(),
            client_name: "Test SSO".to_owned(),
            client_secret_hash: Some(client_secret_hash),
            redirect_uris: vec![redirect_uri],
            token_endpoint_auth_method: Some(ClientAuthMethod::ClientSecretBasic),
            grant_types: vec![GrantType::AuthorizationCode],
            scope: "openid profile email groups".to_owned(),
            ..Self::default()
        }
    }

    /// The name to display.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        if self.client_name.is_empty() { &self.client_id } else { &self.client_name }
    }

    /// True for a client that can't keep a secret (RFC 6749 section 2.1).
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.token_endpoint_auth_method == Some(ClientAuthMethod::None)
    }

    /// Until when the secret before is accepted.
    #[must_use]
    pub fn old_secret_until(&self) -> Option<Millis> {
        let until = self.client_secret_old_until.as_deref()?.parse::<jiff::Timestamp>().ok()?;
        Some(until.as_millisecond())
    }

    /// The digest of the secret before, while it is accepted.
    #[must_use]
    pub fn old_secret_hash(&self, now: Millis) -> Option<&str> {
        let until = self.old_secret_until()?;
        self.client_secret_old_hash.as_deref().filter(|_| now < until)
    }

    /// The digests of its secrets that are accepted.
    pub fn secret_hashes(&self, now: Millis) -> impl Iterator<Item = &str> {
        self.client_secret_hash.as_deref().into_iter().chain(self.old_secret_hash(now))
    }

    /// True if the client gets tokens for itself, in the role of `admin_role`.
    #[must_use]
    pub fn acts_for_itself(&self) -> bool {
        self.grant_types.contains(&GrantType::ClientCredentials) && !self.is_public()
    }

    /// True if people sign in to the client.
    #[must_use]
    pub fn signs_people_in(&self) -> bool {
        self.grant_types.contains(&GrantType::AuthorizationCode)
    }

    /// True if the client may authenticate with this method.
    #[must_use]
    pub fn allows(&self, method: ClientAuthMethod) -> bool {
        self.token_endpoint_auth_method.map_or(method != ClientAuthMethod::None, |only| only == method)
    }

    /// True if a request without a `code_challenge` must be refused.
    #[must_use]
    pub fn needs_pkce(&self) -> bool {
        self.require_pkce || self.is_public()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_secret_ends_and_one_without_an_end_is_never_accepted() {
        let client = |until: Option<&str>| Client {
            client_secret_old_hash: Some("old".to_owned()),
            client_secret_old_until: until.map(str::to_owned),
            ..Client::default()
        };
        let minute = client(Some("1970-01-01T00:01:00Z"));
        assert_eq!(minute.old_secret_hash(59_999), Some("old"));
        assert_eq!(minute.old_secret_hash(60_000), None);
        assert_eq!(client(Some("1970-01-01T01:01:00+01:00")).old_secret_until(), Some(60_000));
        for until in [None, Some(""), Some("tomorrow"), Some("1970-01-01")] {
            assert_eq!(client(until).old_secret_hash(0), None, "{until:?}");
        }
    }
}
