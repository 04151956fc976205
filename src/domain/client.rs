//! Relying parties. Field names are those of OpenID Connect Dynamic Client Registration 1.0 section 2.

use serde::{Deserialize, Serialize};

/// How a client proves who it is at the token endpoint (OpenID Connect Core section 9).
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
    /// RSASSA-PKCS1-v1_5 with SHA-256: the one that every client must know.
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
}

/// What a client may ask for at the authorization endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseType {
    /// The authorization code flow, the only one offered.
    Code,
}

/// Which claims about the person a client's ID tokens carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdTokenClaims {
    /// Those of the granted scopes, and those asked for by name: many clients read the email address there.
    #[default]
    Scopes,
    /// Those that the request asks for by name (`claims`); scopes give theirs at the userinfo endpoint alone, as OpenID
    /// Connect Core section 5.4 has it for the code flow.
    Requested,
}

/// One relying party as an administrator registers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Client {
    /// The public identifier.
    pub client_id: String,
    /// What people read on the sign-in page.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub client_name: String,
    /// A secret in clear text: only ever in a settings file on its way in, never stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// A file to read the secret from, on its way in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret_file: Option<String>,
    /// An environment variable to read the secret from, on its way in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret_env: Option<String>,
    /// `hmac-sha256:` and the keyed digest of the secret in hexadecimal: what is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret_hash: Option<String>,
    /// Where answers may go; compared letter by letter (RFC 9700 section 2.1).
    pub redirect_uris: Vec<String>,
    /// Where a sign-out may lead back to; compared letter by letter.
    pub post_logout_redirect_uris: Vec<String>,
    /// How the client authenticates. Left out: either of the two secret methods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_method: Option<ClientAuthMethod>,
    /// What the client may present at the token endpoint.
    pub grant_types: Vec<GrantType>,
    /// What the client may ask for at the authorization endpoint.
    pub response_types: Vec<ResponseType>,
    /// The scopes it may ask for, separated by spaces; others are left out of the grant.
    pub scope: String,
    /// Algorithm of its ID tokens.
    pub id_token_signed_response_alg: SigningAlgorithm,
    /// Which claims about the person its ID tokens carry.
    pub id_token_claims: IdTokenClaims,
    /// Algorithm of its access tokens (ours; RS256 or ES256).
    pub access_token_signed_response_alg: SigningAlgorithm,
    /// Whether it must send a `code_challenge` (RFC 7636). Public clients always must.
    pub require_pkce: bool,
    /// Its home page, where an error page leads back to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// Default of `max_age` in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<i64>,
    /// Whether everybody who signs in to it must prove a second factor, whatever `[second_factor]` asks.
    pub require_second_factor: bool,
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
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            token_endpoint_auth_method: None,
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            response_types: vec![ResponseType::Code],
            scope: "openid profile email groups offline_access".to_owned(),
            id_token_signed_response_alg: SigningAlgorithm::RS256,
            id_token_claims: IdTokenClaims::Scopes,
            access_token_signed_response_alg: SigningAlgorithm::ES256,
            require_pkce: true,
            client_uri: None,
            default_max_age: None,
            require_second_factor: false,
        }
    }
}

impl Client {
    /// The name to show to people.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        if self.client_name.is_empty() { &self.client_id } else { &self.client_name }
    }

    /// True for a client that can't keep a secret (RFC 6749 section 2.1).
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.token_endpoint_auth_method == Some(ClientAuthMethod::None)
    }

    /// True when the client may authenticate this way.
    #[must_use]
    pub fn allows(&self, method: ClientAuthMethod) -> bool {
        self.token_endpoint_auth_method.map_or(method != ClientAuthMethod::None, |only| only == method)
    }

    /// True when a request without a `code_challenge` must be refused.
    #[must_use]
    pub fn needs_pkce(&self) -> bool {
        self.require_pkce || self.is_public()
    }
}
