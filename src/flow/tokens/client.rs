//! Tokens of a client itself (RFC 6749 section 4.4): a script that uses the admin panel, in the role that the
//! settings give it. They are not stored: each use asks the settings in force again.

use crate::domain::SECOND;
use crate::domain::admin::Role;
use crate::domain::audit::{Decision, Event};
use crate::domain::client::Client;
use crate::domain::settings::Settings;
use crate::flow::installation::context::LoginParts;
use crate::flow::tokens::error::TokenError;
use crate::flow::tokens::request::ClientRequest;
use crate::oidc::bearer::BearerError;
use crate::oidc::claims::{ACCESS_TOKEN_TYPE, ClientTokenClaims};
use crate::oidc::scope::{OAuthScope, ScopeSet};
use crate::oidc::token::TokenResponse;

/// Issues a token for the scope `admin`.
pub async fn grant(request: ClientRequest<'_>) -> Result<TokenResponse, TokenError> {
    let ClientRequest { parts, current, visit, client } = request;
    let lifetime = current.settings.tokens.access_token();
    let claims =
        ClientTokenClaims::new(&parts.issuer, &client.client_id, parts.random_id(), parts.now(), lifetime);
    let claims = serde_json::to_vec(&claims).map_err(|_| crate::keys::KeyError::Unserializable)?;
    let algorithm = client.access_token_signed_response_alg;
    let access_token = parts.keys.ring().sign(algorithm, ACCESS_TOKEN_TYPE, &claims)?;
    let event = visit.event(parts.now(), Decision::ClientTokenIssued);
    let event = Event {
        client_id: Some(client.client_id.clone()),
        role: client.admin_role.map(Role::as_str),
        ..event
    };
    parts.store.login().append(&event).await?;
    Ok(TokenResponse {
        access_token,
        token_type: "Bearer",
        expires_in: lifetime / SECOND,
        refresh_token: None,
        id_token: None,
        scope: ScopeSet::from_iter([OAuthScope::Admin]),
    })
}

/// The client of such a token, with its role, as the settings in force say.
pub(in crate::flow) fn living<'a>(
    parts: &LoginParts,
    settings: &'a Settings,
    payload: &[u8],
) -> Result<(&'a Client, Role), BearerError> {
    let claims: ClientTokenClaims = serde_json::from_slice(payload).map_err(|_| BearerError::InvalidToken)?;
    claims.check(&parts.issuer, parts.now())?;
    let client = settings.client(&claims.client_id).filter(|client| client.acts_for_itself());
    let role = client.and_then(|client| Some((client, client.admin_role?)));
    role.ok_or(BearerError::InvalidToken)
}
