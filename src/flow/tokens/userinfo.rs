//! Return the person's current claims for an access token.

use crate::domain::client::Client;
use crate::domain::grant::Grant;
use crate::flow::installation::context::LoginParts;
use crate::flow::login::mint::{person, team_shares};
use crate::flow::tokens::access::{LivingToken, living, verified};
use crate::flow::tokens::error::UserInfoError;
use crate::oidc::bearer::BearerError;
use crate::oidc::claim_set::{ClaimSet, NamedClaims};
use crate::oidc::claims::UserInfo;
use crate::oidc::scope::{OAuthScope, ScopeSet};

/// Answers for an access token. It is valid only while its grant, its client and its account are.
pub async fn userinfo(parts: &LoginParts, token: &str) -> Result<UserInfo, UserInfoError> {
    // OpenID Connect Core section 5.3: userinfo is for tokens of OpenID Connect.
    let payload = verified(parts, token)?;
    let LivingToken { scope, grant, account } = living(parts, &payload, OAuthScope::OpenId).await?;
    let current = parts.current();
    let client = current.settings.client(&grant.client_id).ok_or(BearerError::InvalidToken)?;
    let shown = shown(scope, &grant, client);
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
