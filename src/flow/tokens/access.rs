//! Check an access token of a person: it is valid only while its grant, its client and its account are.

use crate::domain::Millis;
use crate::domain::account::Account;
use crate::domain::grant::{Grant, GrantId};
use crate::flow::installation::context::LoginParts;
use crate::flow::tokens::error::UserInfoError;
use crate::oidc::bearer::BearerError;
use crate::oidc::claims::{ACCESS_TOKEN_TYPE, AccessTokenClaims};
use crate::oidc::scope::{OAuthScope, ScopeSet};
use crate::store::StoreError;

/// What an access token stands for.
#[derive(Clone, Debug)]
pub(in crate::flow) struct LivingToken {
    /// Of the token: it may be less than was granted.
    pub scope: ScopeSet,
    pub grant: Grant,
    pub account: Account,
}

/// The content of an access token whose signature is ours.
pub(in crate::flow) fn verified(parts: &LoginParts, token: &str) -> Result<Vec<u8>, BearerError> {
    parts.keys.ring().verify(token, ACCESS_TOKEN_TYPE).map_err(|_| BearerError::InvalidToken)
}

/// Checks a person's token with this scope.
pub(in crate::flow) async fn living(
    parts: &LoginParts,
    payload: &[u8],
    needed: OAuthScope,
) -> Result<LivingToken, UserInfoError> {
    let now = parts.now();
    let claims: AccessTokenClaims = serde_json::from_slice(payload).map_err(|_| BearerError::InvalidToken)?;
    claims.check(&parts.issuer, now, needed)?;
    let grant = parts.store.login().grant(&GrantId(claims.grant_id)).await?;
    let grant = grant.filter(|grant| grant.is_alive(now)).ok_or(BearerError::InvalidToken)?;
    let account = owner(parts, &grant, now).await?.ok_or(BearerError::InvalidToken)?;
    Ok(LivingToken { scope: claims.scope, grant, account })
}

/// The owner of a grant, if the account may be used and is as it was at the sign-in.
pub(super) async fn owner(
    parts: &LoginParts,
    grant: &Grant,
    now: Millis,
) -> Result<Option<Account>, StoreError> {
    let account = parts.store.identity().account(&grant.evidence.account).await?;
    Ok(account
        .filter(|account| account.is_usable(now) && account.generation == grant.evidence.account_generation))
}
