//! Answer a client that asks whether a token is valid (RFC 7662): by the grant, the account and the settings as
//! they are now, as userinfo does.

use crate::domain::client::GrantType;
use crate::domain::grant::Grant;
use crate::domain::secret::Plain;
use crate::flow::tokens::error::TokenError;
use crate::flow::tokens::presented::{self, PresentedToken};
use crate::flow::tokens::request::ClientRequest;
use crate::flow::tokens::{access, client};
use crate::oidc::claims::AccessTokenClaims;
use crate::oidc::error::OAuthError;
use crate::oidc::introspection::{ActiveToken, Introspection};
use crate::oidc::scope::{OAuthScope, ScopeSet};
use crate::store::StoreError;

/// Says what a token is. A client may ask about its own tokens; with `introspection = true` about access tokens
/// of every client. For all others the response is that to an unknown token.
pub async fn introspect(request: ClientRequest<'_>, token: &Plain) -> Result<Introspection, TokenError> {
    // RFC 7662 section 2.1: "the endpoint MUST also require some form of authorization": anybody can send the
    // id of a public client.
    if request.client.is_public() {
        return Err(OAuthError::invalid_client("a client without a secret can't ask about tokens").into());
    }
    let Some(found) = presented::find(request.parts, token.expose()).await? else {
        return Ok(Introspection::INACTIVE);
    };
    let may_know = may_know(request, &found);
    // The token is looked at whoever asks: the time of the response does not tell that a token of another client
    // is valid.
    let active = match found {
        PresentedToken::Access { claims, grant } => access_token(request, *claims, &grant).await?,
        PresentedToken::Refresh { grant, is_current } => refresh_token(request, &grant, is_current).await?,
        PresentedToken::Client(claims) => {
            let settings = &request.current.settings;
            client::owner(settings, &claims, request.parts.now()).map(|_| ActiveToken::client(*claims))
        }
    };
    Ok(active.filter(|_| may_know).into())
}

/// A refresh token is nobody's business but its client's: a resource server that is given one must not take it
/// for an access token.
fn may_know(request: ClientRequest<'_>, found: &PresentedToken) -> bool {
    let is_own = found.client_id() == request.client.client_id;
    is_own || (request.client.introspection && !matches!(found, PresentedToken::Refresh { .. }))
}

async fn access_token(
    request: ClientRequest<'_>,
    claims: AccessTokenClaims,
    grant: &Grant,
) -> Result<Option<ActiveToken>, StoreError> {
    let Some(owner) = access::owner(request.parts, grant, request.parts.now()).await? else {
        return Ok(None);
    };
    let Some(scope) = scope_now(request, grant, claims.scope) else { return Ok(None) };
    let username = owner.profile.login_name.filter(|_| scope.has(OAuthScope::Profile));
    Ok(Some(ActiveToken::access(claims, scope, username)))
}

async fn refresh_token(
    request: ClientRequest<'_>,
    grant: &Grant,
    is_current: bool,
) -> Result<Option<ActiveToken>, StoreError> {
    let now = request.parts.now();
    if access::owner(request.parts, grant, now).await?.is_none() {
        return Ok(None);
    }
    let scope = scope_now(request, grant, ScopeSet::known_in(&grant.scope));
    let scope = scope.filter(|scope| scope.has(OAuthScope::OfflineAccess));
    let client = request.current.settings.client(&grant.client_id);
    let may_refresh = client.is_some_and(|client| client.grant_types.contains(&GrantType::RefreshToken));
    let is_valid = is_current && may_refresh && now < grant.refresh_expires_at;
    Ok(scope.filter(|_| is_valid).map(|scope| ActiveToken::refresh(&request.parts.issuer, grant, scope)))
}

/// What is left of a token's scope under the present settings of its client; `None` if nothing is: who checks
/// no scope must not take it for a token with all of them.
fn scope_now(request: ClientRequest<'_>, grant: &Grant, scope: ScopeSet) -> Option<ScopeSet> {
    let client = request.current.settings.client(&grant.client_id)?;
    Some(scope.and(ScopeSet::known_in(&client.scope))).filter(|scope| !scope.is_empty())
}
