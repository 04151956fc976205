//! The provider's metadata (OpenID Connect Discovery 1.0 section 3, RFC 8414 section 2): only what is
//! implemented.

use serde::Serialize;

use super::acr::{ACR_ONE_FACTOR, ACR_SEVERAL_FACTORS};
use super::authorize::PROMPTS;
use super::claim_set::Claim;
use super::reply::ResponseMode;
use super::scope::OAuthScope;
use crate::domain::client::SigningAlgorithm;

/// Paths below the issuer.
pub mod path {
    /// OpenID Connect Discovery 1.0 section 4.
    pub const CONFIGURATION: &str = "/.well-known/openid-configuration";
    /// OpenID Connect Core section 3.1.2.
    pub const AUTHORIZE: &str = "/authorize";
    /// OpenID Connect Core section 3.1.3.
    pub const TOKEN: &str = "/token";
    /// RFC 7009 section 2.
    pub const REVOKE: &str = "/revoke";
    /// RFC 7662 section 2.
    pub const INTROSPECT: &str = "/introspect";
    /// OpenID Connect Core section 5.3.
    pub const USERINFO: &str = "/userinfo";
    /// Public keys (RFC 7517).
    pub const JWKS: &str = "/jwks";
    /// RP-Initiated Logout 1.0 section 2.
    pub const LOGOUT: &str = "/logout";
}

/// The document at [`path::CONFIGURATION`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: String,
    introspection_endpoint: String,
    userinfo_endpoint: String,
    jwks_uri: String,
    end_session_endpoint: String,
    scopes_supported: Vec<&'static str>,
    claims_supported: Vec<&'static str>,
    claim_types_supported: [&'static str; 1],
    response_types_supported: [&'static str; 1],
    response_modes_supported: Vec<&'static str>,
    grant_types_supported: [&'static str; 3],
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: Vec<&'static str>,
    token_endpoint_auth_methods_supported: [&'static str; 3],
    revocation_endpoint_auth_methods_supported: [&'static str; 3],
    introspection_endpoint_auth_methods_supported: [&'static str; 2],
    code_challenge_methods_supported: [&'static str; 1],
    prompt_values_supported: [&'static str; 4],
    acr_values_supported: [&'static str; 2],
    ui_locales_supported: Vec<String>,
    authorization_response_iss_parameter_supported: bool,
    backchannel_logout_supported: bool,
    backchannel_logout_session_supported: bool,
    claims_parameter_supported: bool,
    request_parameter_supported: bool,
    request_uri_parameter_supported: bool,
}

impl Metadata {
    // OpenID Connect Discovery 1.0 section 4.3: the issuer "MUST be identical to the iss Claim value in ID
    // Tokens".
    /// The metadata of the provider at `issuer` (without a trailing slash), with the languages of its pages.
    #[must_use]
    pub fn new(issuer: &str, ui_locales: &[&str]) -> Self {
        let at = |path: &str| format!("{issuer}{path}");
        Self {
            issuer: issuer.to_owned(),
            authorization_endpoint: at(path::AUTHORIZE),
            token_endpoint: at(path::TOKEN),
            revocation_endpoint: at(path::REVOKE),
            introspection_endpoint: at(path::INTROSPECT),
            userinfo_endpoint: at(path::USERINFO),
            jwks_uri: at(path::JWKS),
            end_session_endpoint: at(path::LOGOUT),
            scopes_supported: OAuthScope::ALL.map(OAuthScope::as_str).to_vec(),
            claims_supported: PROTOCOL_CLAIMS.into_iter().chain(Claim::all().map(Claim::as_str)).collect(),
            claim_types_supported: ["normal"],
            response_types_supported: ["code"],
            response_modes_supported: ResponseMode::ALL.map(ResponseMode::as_str).to_vec(),
            grant_types_supported: ["authorization_code", "refresh_token", "client_credentials"],
            subject_types_supported: ["public"],
            id_token_signing_alg_values_supported: SigningAlgorithm::ALL
                .map(SigningAlgorithm::as_str)
                .to_vec(),
            token_endpoint_auth_methods_supported: AUTH_METHODS,
            revocation_endpoint_auth_methods_supported: AUTH_METHODS,
            introspection_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
            code_challenge_methods_supported: ["S256"],
            prompt_values_supported: PROMPTS,
            acr_values_supported: [ACR_ONE_FACTOR, ACR_SEVERAL_FACTORS],
            ui_locales_supported: ui_locales.iter().map(|&locale| locale.to_owned()).collect(),
            authorization_response_iss_parameter_supported: true,
            backchannel_logout_supported: true,
            backchannel_logout_session_supported: true,
            claims_parameter_supported: true,
            request_parameter_supported: false,
            request_uri_parameter_supported: false,
        }
    }
}

/// How clients authenticate wherever they send a form of their own.
const AUTH_METHODS: [&str; 3] = ["client_secret_basic", "client_secret_post", "none"];

/// Claims of the protocol, which ID tokens have beside those about the person.
const PROTOCOL_CLAIMS: [&str; 11] =
    ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid"];

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn document() -> Value {
        serde_json::to_value(Metadata::new("https://idp.example.com", &["en", "de"])).unwrap()
    }

    // OpenID Connect Discovery 1.0 section 3 and RFC 9207 section 3
    #[test]
    fn required_metadata_is_present() {
        let document = document();
        for required in [
            "issuer",
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
            "response_types_supported",
            "subject_types_supported",
            "id_token_signing_alg_values_supported",
        ] {
            assert!(document.get(required).is_some(), "{required}");
        }
        let algorithms = document["id_token_signing_alg_values_supported"].as_array().unwrap();
        assert!(algorithms.contains(&json!("RS256")), "section 3: RS256 MUST be included");
        assert!(document["scopes_supported"].as_array().unwrap().contains(&json!("openid")));
        assert_eq!(document["authorization_response_iss_parameter_supported"], json!(true));
        // It would default to true.
        assert_eq!(document["request_uri_parameter_supported"], json!(false));
    }

    #[test]
    fn endpoints_lie_below_the_issuer() {
        let document = document();
        for (key, value) in document.as_object().unwrap() {
            if key.ends_with("_endpoint") || key == "jwks_uri" {
                assert!(value.as_str().unwrap().starts_with("https://idp.example.com/"), "{key}");
            }
        }
        assert_eq!(document["end_session_endpoint"], json!("https://idp.example.com/logout"));
        assert_eq!(document["ui_locales_supported"], json!(["en", "de"]));
    }
}
