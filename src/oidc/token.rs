//! The token request (RFC 6749 sections 4.1.3 and 6) and its response. The client is authenticated before.

use serde::{Deserialize, Serialize};

use super::authorize::{AuthorizeRequest, registered_client};
use super::claim_set::{ClaimSet, NamedClaims};
use super::error::{ErrorCode, OAuthError};
use super::params::Params;
use super::pkce;
use super::scope::ScopeSet;
use crate::domain::client::{Client, GrantType};
use crate::domain::policy::AcrAsk;
use crate::domain::secret::Plain;
use crate::domain::settings::Settings;

/// A token request, by grant type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenRequest {
    AuthorizationCode(CodeExchange),
    RefreshToken(RefreshExchange),
    /// `grant_type=client_credentials`.
    ClientCredentials,
}

/// `grant_type=authorization_code`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeExchange {
    pub code: Plain,
    /// The same as in the authorization request.
    pub redirect_uri: String,
    /// The PKCE verifier.
    pub code_verifier: Option<Plain>,
}

/// What the exchange needs of the authorization request. It is stored with the code; the rest of the request,
/// which may be long, is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRequest {
    pub client_id: String,
    pub redirect_uri: String,
    /// Put into the ID token unchanged.
    pub nonce: Option<String>,
    pub scope: ScopeSet,
    /// The S256 challenge.
    pub code_challenge: Option<String>,
    /// The requested authentication level.
    pub acr: AcrAsk,
    /// The claims that were requested by name.
    pub claims: NamedClaims,
}

impl From<&AuthorizeRequest> for CodeRequest {
    fn from(request: &AuthorizeRequest) -> Self {
        Self {
            client_id: request.client_id.clone(),
            redirect_uri: request.redirect_uri.clone(),
            nonce: request.nonce.clone(),
            scope: request.scope,
            code_challenge: request.code_challenge.clone(),
            acr: request.acr.clone(),
            claims: request.claims,
        }
    }
}

impl CodeRequest {
    /// Every claim about the person that this code's tokens, or the userinfo endpoint, may contain.
    #[must_use]
    pub fn shown_claims(&self) -> ClaimSet {
        ClaimSet::of_scopes(self.scope).or(self.claims.anywhere())
    }

    /// The client, if it is still registered with this redirect URI.
    #[must_use]
    pub fn client<'a>(&self, settings: &'a Settings) -> Option<&'a Client> {
        registered_client(settings, &self.client_id, &self.redirect_uri)
    }
}

/// `grant_type=refresh_token`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshExchange {
    pub refresh_token: Plain,
    /// Less than was granted; `None` for all of it.
    pub scope: Option<String>,
}

/// Checks a token request of an authenticated client.
///
/// # Errors
/// `invalid_request`, `unsupported_grant_type` or `unauthorized_client`.
pub fn check(params: &Params, client: &Client) -> Result<TokenRequest, OAuthError> {
    match params.required("grant_type")? {
        "authorization_code" => {
            allowed(client, GrantType::AuthorizationCode)?;
            CodeExchange::read(params).map(TokenRequest::AuthorizationCode)
        }
        "refresh_token" => {
            allowed(client, GrantType::RefreshToken)?;
            RefreshExchange::read(params).map(TokenRequest::RefreshToken)
        }
        "client_credentials" => {
            allowed(client, GrantType::ClientCredentials)?;
            client_scope(params)?;
            Ok(TokenRequest::ClientCredentials)
        }
        // RFC 6749 section 5.2
        _ => Err(OAuthError::new(
            ErrorCode::UnsupportedGrantType,
            "grant_type must be authorization_code, refresh_token or client_credentials",
        )),
    }
}

// RFC 6749 section 5.2: "The authenticated client is not authorized to use this authorization grant type."
fn allowed(client: &Client, grant_type: GrantType) -> Result<(), OAuthError> {
    if client.grant_types.contains(&grant_type) {
        return Ok(());
    }
    Err(OAuthError::new(ErrorCode::UnauthorizedClient, "the client may not use this grant_type"))
}

/// RFC 6749 section 4.4.2: without a scope, the client gets what there is.
fn client_scope(params: &Params) -> Result<(), OAuthError> {
    match params.value("scope")? {
        None | Some("admin") => Ok(()),
        Some(_) => Err(OAuthError::new(ErrorCode::InvalidScope, "a client itself gets the scope admin only")),
    }
}

impl CodeExchange {
    // RFC 6749 section 4.1.3: redirect_uri is REQUIRED if the authorization request had it, and there it is
    // required.
    fn read(params: &Params) -> Result<Self, OAuthError> {
        let code = Plain::new(params.required("code")?);
        let redirect_uri = params.required("redirect_uri")?.to_owned();
        let code_verifier = params.value("code_verifier")?;
        // RFC 7636 section 4.1
        if code_verifier.is_some_and(|verifier| !pkce::is_well_formed(verifier)) {
            return Err(OAuthError::invalid_request("code_verifier is malformed"));
        }
        Ok(Self { code, redirect_uri, code_verifier: code_verifier.map(Plain::new) })
    }

    /// Checks that the code was issued for this client, this redirect URI and this verifier. A client that
    /// fails this check does not own the code and gets nothing for it.
    ///
    /// # Errors
    /// `invalid_grant`.
    pub fn belongs_to(&self, request: &CodeRequest, client: &Client) -> Result<(), OAuthError> {
        // RFC 6749 section 4.1.3: "ensure that the authorization code was issued to the authenticated
        // confidential client, or if the client is public, ensure that the code was issued to "client_id" in
        // the request".
        if request.client_id != client.client_id {
            return Err(OAuthError::invalid_grant("code of another client"));
        }
        // RFC 6749 section 4.1.3: "ensure that their values are identical".
        if request.redirect_uri != self.redirect_uri {
            return Err(OAuthError::invalid_grant("redirect_uri differs from the authorization request"));
        }
        // RFC 7636 section 4.6
        pkce::verify(request.code_challenge.as_deref(), self.code_verifier.as_ref().map(Plain::expose))
    }
}

impl RefreshExchange {
    fn read(params: &Params) -> Result<Self, OAuthError> {
        let refresh_token = Plain::new(params.required("refresh_token")?);
        Ok(Self { refresh_token, scope: params.owned("scope")? })
    }

    // RFC 6749 section 6: "The requested scope MUST NOT include any scope not originally granted by the
    // resource owner, and if omitted is treated as equal to the scope originally granted".
    /// The scope of the new access token. The new refresh token keeps the whole grant ("the refresh token
    /// scope MUST be identical").
    ///
    /// # Errors
    /// `invalid_scope` for more than was granted.
    pub fn narrowed(&self, granted: ScopeSet) -> Result<ScopeSet, OAuthError> {
        let Some(text) = &self.scope else { return Ok(granted) };
        match ScopeSet::parse(text) {
            Ok(asked) if !asked.has_unknown && asked.known.is_within(granted) && !asked.known.is_empty() => {
                Ok(asked.known)
            }
            _ => Err(OAuthError::new(ErrorCode::InvalidScope, "scope exceeds what was granted")),
        }
    }
}

/// The response (RFC 6749 section 5.1, OpenID Connect Core section 3.1.3.3), sent with `Cache-Control:
/// no-store`.
#[derive(Clone, Serialize)]
pub struct TokenResponse {
    /// A JWT for userinfo and for APIs.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    pub expires_in: i64,
    /// With `offline_access` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// With `openid` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// The granted scope: it may be less than was requested.
    pub scope: ScopeSet,
}

#[cfg(test)]
mod tests;
