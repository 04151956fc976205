//! Revoke a token on request of its client (RFC 7009).

use crate::domain::audit::Decision;
use crate::domain::grant::Grant;
use crate::domain::secret::Plain;
use crate::flow::tokens::error::TokenError;
use crate::flow::tokens::presented::{self, PresentedToken};
use crate::flow::tokens::request::ClientRequest;
use crate::oidc::error::{ErrorCode, OAuthError};

/// Ends the grant of a token of this client. Nothing is left to do for a token that is unknown or has ended.
pub async fn revoke(request: ClientRequest<'_>, token: &Plain) -> Result<(), TokenError> {
    let found = presented::find(request.parts, token.expose()).await?;
    // RFC 7009 section 2.1: only the client of a token may revoke it. The response is that to an unknown
    // token (section 2.2), or a thief could find out here whether a stolen token is still valid.
    match found.filter(|found| found.client_id() == request.client.client_id) {
        None => Ok(()),
        Some(PresentedToken::Refresh { grant, .. } | PresentedToken::Access { grant, .. }) => {
            end(request, &grant).await
        }
        // RFC 7009 section 2.2.1. It is not stored anywhere.
        Some(PresentedToken::Client(_)) => Err(OAuthError::new(
            ErrorCode::UnsupportedTokenType,
            "the token of a client itself ends with its lifetime, or with the client's secret",
        )
        .into()),
    }
}

// RFC 7009 section 2.1: with a refresh token its access tokens end too; with an access token the server "MAY
// revoke the respective refresh token as well". Here an access token is valid for as long as its grant is, so
// that is the only way to end it. A refresh token that was used before ends the family as well: whoever wants
// to end it holds one of its tokens, and a client that missed the last response has no newer one.
async fn end(request: ClientRequest<'_>, grant: &Grant) -> Result<(), TokenError> {
    let event = request.event(Decision::TokenRevoked).about(&grant.evidence.account, None);
    request.parts.store.login().end_grant(&grant.id, &event).await?;
    Ok(())
}
