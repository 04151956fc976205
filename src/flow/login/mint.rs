//! Create tokens, from [`Authorized`] only.

use crate::domain::account::Account;
use crate::domain::client::{Client, SigningAlgorithm};
use crate::domain::email;
use crate::domain::grant::GrantId;
use crate::domain::login::Authorized;
use crate::domain::policy::AcrAsk;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::current::Current;
use crate::keys::KeyError;
use crate::oidc::claim_set::{Claim, ClaimSet, NamedClaims};
use crate::oidc::claims::{ACCESS_TOKEN_TYPE, AccessTokenClaims, ClaimsSubject, IdTokenPayload, Issuing};
use crate::oidc::scope::{OAuthScope, ScopeSet};
use crate::oidc::token::TokenResponse;
use crate::store::StoreError;

/// What the tokens are made from.
pub struct MintInput<'a> {
    pub authorized: &'a Authorized,
    pub account: &'a Account,
    pub client: &'a Client,
    pub grant: &'a GrantId,
    pub sid: &'a str,
    /// The client's request for an `acr`; empty after a refresh.
    pub acr: &'a AcrAsk,
    pub scope: ScopeSet,
    /// Claims that the authorization request named.
    pub named: NamedClaims,
    /// Of the authorization request; `None` after a refresh.
    pub nonce: Option<String>,
    pub groups: &'a [String],
    /// As returned by [`team_shares`].
    pub team_shares: Option<&'a [String]>,
    /// The refresh token that is returned with them.
    pub refresh_token: Option<String>,
}

/// Signs an access token and an ID token.
pub fn mint(parts: &LoginParts, current: &Current, order: MintInput<'_>) -> Result<TokenResponse, KeyError> {
    let lifetimes = &current.settings.tokens;
    let issuing = Issuing {
        issuer: &parts.issuer,
        client: order.client,
        grant: order.grant,
        sid: order.sid,
        evidence: order.authorized.evidence(),
        level: order.acr.level_to_report(order.authorized.evidence().level()),
        scope: order.scope,
        named: order.named,
        now: parts.now(),
    };
    let claims = AccessTokenClaims::new(&issuing, parts.random_id(), lifetimes.access_token());
    let access_token =
        sign(parts, order.client.access_token_signed_response_alg, ACCESS_TOKEN_TYPE, &claims)?;
    let id_token = if order.scope.has(OAuthScope::OpenId) {
        let person = person(current, order.account, order.groups, order.team_shares);
        let claims = IdTokenPayload::new(&issuing, &person, order.nonce, &access_token, lifetimes.id_token());
        Some(sign(parts, order.client.id_token_signed_response_alg, "JWT", &claims)?)
    } else {
        None
    };
    Ok(TokenResponse {
        access_token,
        token_type: "Bearer",
        expires_in: lifetimes.access_token() / crate::domain::SECOND,
        refresh_token: order.refresh_token,
        id_token,
        scope: order.scope,
    })
}

/// The claims of a person. Whether the email address counts as verified is set for each directory.
#[must_use]
pub fn person<'a>(
    current: &Current,
    account: &'a Account,
    groups: &'a [String],
    team_shares: Option<&'a [String]>,
) -> ClaimsSubject<'a> {
    let site = account.link.as_ref().and_then(|link| current.site(&link.directory));
    // What is no email address can't be verified, whoever wrote it.
    let email_verified = site.is_some_and(|site| site.settings.email_written_by_admins_only)
        && email::fault(&account.profile.email).is_none();
    ClaimsSubject { account, email_verified, groups, team_shares }
}

/// The person's current Team Shares for these claims, whatever an earlier token said. `None` if the claim is
/// not among them, or no group is mapped to a Team Share.
pub async fn team_shares(
    parts: &LoginParts,
    current: &Current,
    account: &Account,
    claims: ClaimSet,
) -> Result<Option<Vec<String>>, StoreError> {
    if current.settings.team_shares.is_empty() || !claims.has(Claim::TeamShares) {
        return Ok(None);
    }
    parts.store.sync().team_shares(&account.id).await.map(Some)
}

fn sign(
    parts: &LoginParts,
    algorithm: SigningAlgorithm,
    typ: &str,
    claims: &impl serde::Serialize,
) -> Result<String, KeyError> {
    let claims = serde_json::to_vec(claims).map_err(|_| KeyError::Unserializable)?;
    parts.keys.ring().sign(algorithm, typ, &claims)
}
