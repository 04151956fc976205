//! Return the person's current claims for an access token.

use crate::domain::client::Client;
use crate::domain::grant::{Grant, GrantId};
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::fault::{Fault, carries_faults};
use crate::flow::login::mint::{person, team_shares};
use crate::oidc::bearer::BearerError;
use crate::oidc::claim_set::{ClaimSet, NamedClaims};
use crate::oidc::claims::{ACCESS_TOKEN_TYPE, AccessTokenClaims, UserInfo};
use crate::oidc::scope::ScopeSet;
use crate::store::StoreError;

/// Why the claims are not returned.
#[derive(Debug, thiserror::Error)]
pub enum UserInfoError {
    #[error(transparent)]
    Bearer(#[from] BearerError),
    #[error(transparent)]
    Fault(#[from] Fault),
}

carries_faults!(UserInfoError: StoreError);

/// Answers for an access token. It is valid only while its grant, its client and its account are.
pub async fn userinfo(parts: &LoginParts, token: &str) -> Result<UserInfo, UserInfoError> {
    let now = parts.now();
    let payload =
        parts.keys.ring().verify(token, ACCESS_TOKEN_TYPE).map_err(|_| BearerError::InvalidToken)?;
    let claims: AccessTokenClaims =
        serde_json::from_slice(&payload).map_err(|_| BearerError::InvalidToken)?;
    claims.check(&parts.issuer, now)?;
    let grant = parts.store.login().grant(&GrantId(claims.grant_id)).await?;
    let grant = grant.filter(|grant| grant.is_alive(now)).ok_or(BearerError::InvalidToken)?;
    let account = parts.store.identity().account(&grant.evidence.account).await?;
    let account = account
        .filter(|account| account.is_usable(now) && account.generation == grant.evidence.account_generation)
        .ok_or(BearerError::InvalidToken)?;
    let current = parts.current();
    let client = current.settings.client(&grant.client_id).ok_or(BearerError::InvalidToken)?;
    let shown = shown(claims.scope, &grant, client);
    let team_shares = team_shares(parts, &current, &account, shown).await?;
    Ok(UserInfo::new(shown, &person(&current, &account, &grant.groups, team_shares.as_deref())))
}

/// The claims that a token with these scopes shows. Claims requested by name belong to the whole of the
/// granted scopes: a token narrowed at a refresh does not show them.
fn shown(token: ScopeSet, grant: &Grant, client: &Client) -> ClaimSet {
    let client_scope = ScopeSet::known_in(&client.scope);
    let named = match ScopeSet::known_in(&grant.scope).and(client_scope).is_within(token) {
        true => NamedClaims::from_text(grant.claims.as_deref()).userinfo,
        false => ClaimSet::default(),
    };
    let allowed = ClaimSet::of_scopes(client_scope);
    ClaimSet::of_scopes(token).or(named).and(allowed)
}
