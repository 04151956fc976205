//! What a token is that a client presents to revoke it or to ask about it. Nothing is decided about it here.

use crate::domain::grant::{Grant, GrantId};
use crate::flow::installation::context::LoginParts;
use crate::flow::tokens::{access, refresh};
use crate::oidc::claims::{AccessTokenClaims, ClientTokenClaims};
use crate::store::StoreError;

/// A token of ours that has not expired, and whose grant has not ended.
pub(super) enum PresentedToken {
    /// A refresh token of this family; an earlier one has been exchanged for the current one.
    Refresh { grant: Grant, is_current: bool },
    /// The access token of a person.
    Access { claims: Box<AccessTokenClaims>, grant: Grant },
    /// The access token of a client itself, which belongs to no grant.
    Client(Box<ClientTokenClaims>),
}

impl PresentedToken {
    /// The client that it was issued to.
    pub(super) fn client_id(&self) -> &str {
        match self {
            Self::Refresh { grant, .. } | Self::Access { grant, .. } => &grant.client_id,
            Self::Client(claims) => &claims.client_id,
        }
    }
}

/// Finds what a text is; `None` if it is none of our tokens, or has ended.
pub(super) async fn find(parts: &LoginParts, token: &str) -> Result<Option<PresentedToken>, StoreError> {
    if let Ok(payload) = access::verified(parts, token) {
        return access_token(parts, &payload).await;
    }
    let grant = refresh::family_of(parts, token).await?.filter(|grant| grant.is_alive(parts.now()));
    Ok(grant.map(|grant| {
        let is_current = refresh::is_current(parts, &grant, token);
        PresentedToken::Refresh { grant, is_current }
    }))
}

async fn access_token(parts: &LoginParts, payload: &[u8]) -> Result<Option<PresentedToken>, StoreError> {
    let now = parts.now();
    if let Ok(claims) = serde_json::from_slice::<AccessTokenClaims>(payload) {
        if !claims.is_current(&parts.issuer, now) {
            return Ok(None);
        }
        let grant = parts.store.login().grant(&GrantId(claims.grant_id.clone())).await?;
        let grant = grant.filter(|grant| grant.is_alive(now));
        return Ok(grant.map(|grant| PresentedToken::Access { claims: Box::new(claims), grant }));
    }
    let claims = serde_json::from_slice::<ClientTokenClaims>(payload).ok();
    let claims = claims.filter(|claims| claims.check(&parts.issuer, now).is_ok());
    Ok(claims.map(|claims| PresentedToken::Client(Box::new(claims))))
}
