//! Tokens of a client itself (RFC 6749 section 4.4): a script that uses the admin panel, in the role that the
//! settings give it. They are not stored: each use asks the settings in force again.

use crate::domain::admin::Role;
use crate::domain::audit::{Decision, Event};
use crate::domain::client::Client;
use crate::domain::settings::Settings;
use crate::domain::{Millis, SECOND};
use crate::flow::installation::context::LoginParts;
use crate::flow::tokens::error::TokenError;
use crate::flow::tokens::request::ClientRequest;
use crate::oidc::bearer::BearerError;
use crate::oidc::claims::{ACCESS_TOKEN_TYPE, ClientTokenClaims};
use crate::oidc::scope::{OAuthScope, ScopeSet};
use crate::oidc::token::TokenResponse;

/// Issues a token for the scope `admin`. It ends with the secret that the client has sent: a client with the
/// same id that is added after this one was removed has another.
pub async fn grant(request: ClientRequest<'_>, by_old_secret: bool) -> Result<TokenResponse, TokenError> {
    let ClientRequest { parts, current, visit, client } = request;
    let (lifetime, now) = (current.settings.tokens.access_token(), parts.now());
    let secret =
        if by_old_secret { client.old_secret_hash(now) } else { client.client_secret_hash.as_deref() };
    let (id, secret) = (&client.client_id, secret.unwrap_or_default());
    let claims = ClientTokenClaims::new(&parts.issuer, id, secret, parts.random_id(), now, lifetime);
    let claims = serde_json::to_vec(&claims).map_err(|_| crate::keys::KeyError::Unserializable)?;
    let algorithm = client.access_token_signed_response_alg;
    let access_token = parts.keys.ring().sign(algorithm, ACCESS_TOKEN_TYPE, &claims)?;
    let event = visit.event(now, Decision::ClientTokenIssued);
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
    let now = parts.now();
    claims.check(&parts.issuer, now)?;
    owner(settings, &claims, now).ok_or(BearerError::InvalidToken)
}

/// The client of a token with these checked claims, while its secret is accepted and it has a role.
pub(super) fn owner<'a>(
    settings: &'a Settings,
    claims: &ClientTokenClaims,
    now: Millis,
) -> Option<(&'a Client, Role)> {
    let client = settings.client(&claims.client_id).filter(|client| {
        client.acts_for_itself() && client.secret_hashes(now).any(|hash| claims.is_for_secret(hash))
    });
    client.and_then(|client| Some((client, client.admin_role?)))
}
