//! A code for tokens, once. The client is known and every check of the request is made before the code is consumed.

use crate::domain::Millis;
use crate::domain::audit::{Decision, Event};
use crate::domain::client::Client;
use crate::domain::grant::{Grant, GrantId};
use crate::domain::login::Authorized;
use crate::flow::context::{Parts, Visit};
use crate::flow::estate::Current;
use crate::flow::fault::{Fault, carries_faults};
use crate::flow::issue::{CODE, CodeContent, code_key, keep};
use crate::flow::mint::{self, Order};
use crate::flow::refresh;
use crate::keys::KeyError;
use crate::oidc::error::OAuthError;
use crate::oidc::scope::Scope;
use crate::oidc::token::{CodeExchange, TokenResponse};
use crate::store::{ExchangeOutcome, StoreError};
use crate::volatile::{Taken, VolatileError};

/// Why there are no tokens.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The client's fault, or the person's state.
    #[error(transparent)]
    OAuth(#[from] OAuthError),
    /// Nothing was decided and nothing consumed: the client may try again.
    #[error(transparent)]
    Fault(#[from] Fault),
}

carries_faults!(TokenError: StoreError, VolatileError, KeyError);

/// Exchanges a code of an authenticated client.
pub async fn exchange(
    parts: &Parts,
    visit: &Visit,
    client: &Client,
    asked: &CodeExchange,
) -> Result<TokenResponse, TokenError> {
    let key = code_key(parts, asked.code.expose());
    let Some(content) = read(parts, &key).await? else {
        return Err(spent_or_unknown(parts, visit, client, &key).await?);
    };
    asked.belongs_to(&content.request, client)?;
    let note = note(&content.request.client_id, &content.grant_id);
    match parts.volatile.take(CODE, &key, parts.now(), note.as_bytes()).await? {
        Taken::First(_) => redeem(parts, visit, content).await,
        Taken::Again(note) => Err(replayed(parts, visit, client, &note).await?),
        Taken::Unknown => Err(OAuthError::invalid_grant("the code has expired").into()),
    }
}

async fn read(parts: &Parts, key: &str) -> Result<Option<CodeContent>, TokenError> {
    let Some(sealed) = parts.volatile.get(CODE, key, parts.now()).await? else { return Ok(None) };
    let content = parts.keys.sealer.open(CODE, key, &sealed).ok();
    Ok(content.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

async fn redeem(parts: &Parts, visit: &Visit, content: CodeContent) -> Result<TokenResponse, TokenError> {
    let current = parts.current();
    let authorized = Authorized::restore(content.authorized);
    let grant_id = GrantId(content.grant_id);
    let scope = content.request.scope;
    let refresh = scope.has(Scope::OfflineAccess).then(|| refresh::new_token(parts, &grant_id));
    let now = parts.now();
    let grant = Grant {
        id: grant_id,
        client_id: content.request.client_id.clone(),
        sid: content.sid,
        scope: scope.to_string(),
        claims: content.request.claims.to_text(),
        groups: content.groups,
        evidence: authorized.evidence().clone(),
        created_at: now,
        expires_at: now + family_lifetime(&current, refresh.is_some()),
        refresh_hash: refresh.as_ref().map(|refresh| refresh.hash),
        refresh_expires_at: now + current.settings.tokens.refresh_idle(),
        refresh_rotated_at: None,
        revoked_at: None,
    };
    let event = Event { keep: keep(content.again), ..visit.event(now, Decision::CodeExchanged) };
    write(parts, &grant, &authorized, event).await?;
    let client = content.request.client(&current.settings);
    let client = client.ok_or_else(|| OAuthError::invalid_grant("the client was taken away"))?;
    let account = parts.store.account(&authorized.evidence().account).await?;
    let account = account.ok_or_else(|| OAuthError::invalid_grant("no such account"))?;
    let team_shares = mint::team_shares(parts, &current, &account, content.request.shown_claims()).await?;
    let order = Order {
        authorized: &authorized,
        account: &account,
        client,
        grant: &grant.id,
        sid: &grant.sid,
        acr: &content.request.acr,
        scope,
        named: content.request.claims,
        nonce: content.request.nonce.clone(),
        groups: &grant.groups,
        team_shares: team_shares.as_deref(),
        refresh_token: refresh.map(|refresh| refresh.token),
    };
    Ok(mint::mint(parts, &current, order)?)
}

/// Writes the family, if account and settings are those that the code was judged under: it must not outlive a switch
/// that was thrown since ([sso] enabled, a scope). The client then asks again, and the session answers.
async fn write(
    parts: &Parts,
    grant: &Grant,
    authorized: &Authorized,
    event: Event,
) -> Result<(), TokenError> {
    let event = Event {
        account_id: Some(grant.evidence.account.0.clone()),
        client_id: Some(grant.client_id.clone()),
        ..event
    };
    let refused = match parts.store.exchange(grant, authorized.generations(), &event).await? {
        ExchangeOutcome::Exchanged => return Ok(()),
        ExchangeOutcome::Revoked => "the grant was revoked",
        ExchangeOutcome::Stale => "account, settings or session changed",
    };
    Err(OAuthError::invalid_grant(refused).into())
}

/// Without a refresh token the family need only outlive its access token.
fn family_lifetime(current: &Current, offline: bool) -> Millis {
    let tokens = &current.settings.tokens;
    if offline { tokens.refresh_absolute() } else { tokens.access_token().max(tokens.id_token()) }
}

async fn spent_or_unknown(
    parts: &Parts,
    visit: &Visit,
    client: &Client,
    key: &str,
) -> Result<TokenError, TokenError> {
    match parts.volatile.take(CODE, key, parts.now(), b"").await? {
        Taken::Again(note) => replayed(parts, visit, client, &note).await,
        Taken::First(_) | Taken::Unknown => Ok(OAuthError::invalid_grant("unknown or expired code").into()),
    }
}

/// What a code that was taken leaves behind. No grant's id has a space in it.
fn note(client_id: &str, grant_id: &str) -> String {
    format!("{grant_id} {client_id}")
}

/// The grant that a code gave to this client. Another client's is none of its business: who has somebody's spent code must
/// not end what it gave.
fn own_grant(note: &[u8], client: &Client) -> Option<GrantId> {
    let (grant, owner) = std::str::from_utf8(note).ok()?.split_once(' ')?;
    (owner == client.client_id).then(|| GrantId(grant.to_owned()))
}

// RFC 6749 section 4.1.2: on a second use the server "SHOULD revoke (when possible) all tokens previously issued based on
// that authorization code".
async fn replayed(
    parts: &Parts,
    visit: &Visit,
    client: &Client,
    note: &[u8],
) -> Result<TokenError, TokenError> {
    let Some(grant) = own_grant(note, client) else {
        return Ok(OAuthError::invalid_grant("unknown or expired code").into());
    };
    let now = parts.now();
    let event =
        Event { client_id: Some(client.client_id.clone()), ..visit.event(now, Decision::CodeReplayed) };
    let until = now + family_lifetime(&parts.current(), true);
    parts.store.revoke_grant(&grant, until, &event).await?;
    Ok(OAuthError::invalid_grant("the code was used before").into())
}
