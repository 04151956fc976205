//! Tokens, minted from [`Authorized`] and nothing else.

use crate::domain::account::Account;
use crate::domain::client::{Client, SigningAlgorithm};
use crate::domain::email;
use crate::domain::grant::GrantId;
use crate::domain::login::Authorized;
use crate::domain::policy::AcrAsk;
use crate::flow::installation::context::Parts;
use crate::flow::installation::current::Current;
use crate::keys::KeyError;
use crate::oidc::claim_set::{Claim, ClaimSet, NamedClaims};
use crate::oidc::claims::{ACCESS_TOKEN_TYPE, AccessTokenClaims, ClaimsSubject, IdTokenPayload, Issuing};
use crate::oidc::scope::{OAuthScope, ScopeSet};
use crate::oidc::token::TokenResponse;
use crate::store::StoreError;

/// For whom, and out of what, tokens are made.
pub struct Order<'a> {
    /// The right to tokens.
    pub authorized: &'a Authorized,
    /// The account as it is now.
    pub account: &'a Account,
    /// Whom the tokens are for.
    pub client: &'a Client,
    pub grant: &'a GrantId,
    pub sid: &'a str,
    /// What the client asked of the `acr`; nothing after a refresh.
    pub acr: &'a AcrAsk,
    pub scope: ScopeSet,
    /// Claims that the authorization request asked for by name.
    pub named: NamedClaims,
    /// Of the authorization request; `None` after a refresh.
    pub nonce: Option<String>,
    /// Names of the person's groups.
    pub groups: &'a [String],
    /// The person's Team Shares, as [`team_shares`] gave them.
    pub team_shares: Option<&'a [String]>,
    /// The refresh token that goes out beside them.
    pub refresh_token: Option<String>,
}

/// Signs an access token and an ID token.
pub fn mint(parts: &Parts, current: &Current, order: Order<'_>) -> Result<TokenResponse, KeyError> {
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

/// A person as clients may know them; whether the mail is verified is the directory's administrator's word.
#[must_use]
pub fn person<'a>(
    current: &Current,
    account: &'a Account,
    groups: &'a [String],
    team_shares: Option<&'a [String]>,
) -> ClaimsSubject<'a> {
    let site = account.link.as_ref().and_then(|link| current.site(&link.directory));
    // Nobody can have verified what is no address, whoever wrote it.
    let email_verified = site.is_some_and(|site| site.settings.email_written_by_admins_only)
        && email::fault(&account.profile.email).is_none();
    ClaimsSubject { account, email_verified, groups, team_shares }
}

/// The Team Shares of a person for these claims: as they are now, whatever an earlier token said. `None` where the claim is
/// not among them, or no group leads to a Team Share.
pub async fn team_shares(
    parts: &Parts,
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
    parts: &Parts,
    algorithm: SigningAlgorithm,
    typ: &str,
    claims: &impl serde::Serialize,
) -> Result<String, KeyError> {
    let claims = serde_json::to_vec(claims).map_err(|_| KeyError::Unserializable)?;
    parts.keys.ring().sign(algorithm, typ, &claims)
}
