//! Exchange a code for tokens, once. The client is authenticated and every check of the request is done
//! before the code is consumed. The store spends it in the transaction that writes the grant: an earlier
//! error consumes nothing.

use crate::domain::Millis;
use crate::domain::account::Account;
use crate::domain::audit::{Decision, Event};
use crate::domain::client::Client;
use crate::domain::grant::{Grant, GrantId};
use crate::domain::login::Authorized;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::current::Current;
use crate::flow::login::issue::{CODE, CodeContent, code_key, keep};
use crate::flow::login::mint::{self, MintInput};
use crate::flow::tokens::error::TokenError;
use crate::flow::tokens::refresh;
use crate::flow::tokens::request::ClientRequest;
use crate::oidc::error::OAuthError;
use crate::oidc::scope::OAuthScope;
use crate::oidc::token::{CodeExchange, CodeRequest, TokenResponse};
use crate::store::ExchangeOutcome;
use crate::volatile::TakeResult;

/// A code of this client, with everything its tokens are made from.
struct Redeemed {
    grant: Grant,
    authorized: Authorized,
    request: CodeRequest,
    account: Account,
    team_shares: Option<Vec<String>>,
    refresh_token: Option<String>,
}

/// Exchanges a code of an authenticated client. Everything that can fail happens before the transaction that
/// spends the code, so that a client that is told to retry can use the code again. The grant's id is part of
/// the code: of several exchanges of one code the store writes one.
pub async fn exchange(request: ClientRequest<'_>, asked: &CodeExchange) -> Result<TokenResponse, TokenError> {
    let ClientRequest { parts, current, client, .. } = request;
    let key = code_key(parts, asked.code.expose());
    let Some(content) = read(parts, &key).await? else {
        return Err(spent_or_unknown(request, &key).await?);
    };
    asked.belongs_to(&content.request, client)?;
    let event = Event { keep: keep(content.soon_after), ..request.event(Decision::CodeExchanged) };
    let redeemed = prepare(parts, current, content).await?;
    let grant = &redeemed.grant;
    let is_told = client.backchannel_logout_uri.is_some();
    let refused = match write(parts, grant, &redeemed.authorized, event, is_told).await? {
        ExchangeOutcome::Exchanged => None,
        ExchangeOutcome::Again => return Err(replayed(request, grant.id.clone()).await?),
        ExchangeOutcome::Stale => Some("account, settings or session changed"),
    };
    forget(parts, &key, grant).await;
    match refused {
        None => Ok(mint::mint(parts, current, redeemed.order(client))?),
        Some(why) => Err(OAuthError::invalid_grant(why).into()),
    }
}

async fn read(parts: &LoginParts, key: &str) -> Result<Option<CodeContent>, TokenError> {
    let Some(sealed) = parts.volatile.get(CODE, key, parts.now()).await? else { return Ok(None) };
    // A node that lacks the key answers that it can't, and leaves the code to one that has it.
    match parts.keys.sealer.open(CODE, key, &sealed) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(error) if error.is_outage() => Err(error.into()),
        Err(_) => Ok(None),
    }
}

async fn prepare(
    parts: &LoginParts,
    current: &Current,
    content: CodeContent,
) -> Result<Redeemed, TokenError> {
    let authorized = Authorized::restore(content.authorized);
    let grant_id = GrantId(content.grant_id);
    let request = content.request;
    if request.client(&current.settings).is_none() {
        return Err(OAuthError::invalid_grant("the client was removed").into());
    }
    let account = parts.store.identity().account(&authorized.evidence().account).await?;
    let account = account.ok_or_else(|| OAuthError::invalid_grant("no such account"))?;
    let team_shares = mint::team_shares(parts, current, &account, request.shown_claims()).await?;
    let refresh = request.scope.has(OAuthScope::OfflineAccess).then(|| refresh::new_token(parts, &grant_id));
    let now = parts.now();
    let grant = Grant {
        id: grant_id,
        client_id: request.client_id.clone(),
        sid: content.sid,
        scope: request.scope.to_string(),
        claims: request.claims.to_text(),
        groups: content.groups,
        evidence: authorized.evidence().clone(),
        created_at: now,
        expires_at: now + family_lifetime(current, refresh.is_some()),
        refresh_hash: refresh.as_ref().map(|refresh| refresh.hash),
        refresh_expires_at: now + current.settings.tokens.refresh_idle(),
        refresh_rotated_at: None,
        revoked_at: None,
    };
    let refresh_token = refresh.map(|refresh| refresh.token);
    Ok(Redeemed { grant, authorized, request, account, team_shares, refresh_token })
}

impl Redeemed {
    fn order<'a>(&'a self, client: &'a Client) -> MintInput<'a> {
        MintInput {
            authorized: &self.authorized,
            account: &self.account,
            client,
            grant: &self.grant.id,
            sid: &self.grant.sid,
            acr: &self.request.acr,
            scope: self.request.scope,
            named: self.request.claims,
            nonce: self.request.nonce.clone(),
            groups: &self.grant.groups,
            team_shares: self.team_shares.as_deref(),
            refresh_token: self.refresh_token.clone(),
        }
    }
}

/// Writes the grant if account and settings are those that the code was judged under: it must not outlive a
/// change since then ([sso] enabled, a scope). The client then requests again, and the session answers.
async fn write(
    parts: &LoginParts,
    grant: &Grant,
    authorized: &Authorized,
    event: Event,
    is_told: bool,
) -> Result<ExchangeOutcome, TokenError> {
    let event = event.about(&grant.evidence.account, None);
    let (login, checks) = (parts.store.login(), authorized.generations());
    Ok(match is_told {
        true => login.exchange_told(grant, checks, &event).await?,
        false => login.exchange(grant, checks, &event).await?,
    })
}

/// Removes a used code from the short-lived state and leaves a note of its grant. An error here loses
/// nothing: the store has the grant and accepts no second one.
async fn forget(parts: &LoginParts, key: &str, grant: &Grant) {
    let note = note(&grant.client_id, &grant.id.0);
    if let Err(error) = parts.volatile.take(CODE, key, parts.now(), note.as_bytes()).await {
        tracing::warn!(error = %Causes(&error), "a spent code could not be marked as spent");
    }
}

/// Without a refresh token the grant only has to outlive its access token.
fn family_lifetime(current: &Current, offline: bool) -> Millis {
    let tokens = &current.settings.tokens;
    if offline { tokens.refresh_absolute() } else { tokens.access_token().max(tokens.id_token()) }
}

async fn spent_or_unknown(request: ClientRequest<'_>, key: &str) -> Result<TokenError, TokenError> {
    let parts = request.parts;
    let grant = match parts.volatile.take(CODE, key, parts.now(), b"").await? {
        TakeResult::Again(note) => own_grant(&note, request.client),
        TakeResult::First(_) | TakeResult::Unknown => None,
    };
    match grant {
        Some(grant) => replayed(request, grant).await,
        None => Ok(OAuthError::invalid_grant("unknown or expired code").into()),
    }
}

/// The note that a used code leaves behind. A grant's id contains no space.
fn note(client_id: &str, grant_id: &str) -> String {
    format!("{grant_id} {client_id}")
}

/// The grant that a code gave to this client. Another client with the spent code must not end it.
fn own_grant(note: &[u8], client: &Client) -> Option<GrantId> {
    let (grant, owner) = std::str::from_utf8(note).ok()?.split_once(' ')?;
    (owner == client.client_id).then(|| GrantId(grant.to_owned()))
}

// RFC 6749 section 4.1.2: on a second use the server "SHOULD revoke (when possible) all tokens previously
// issued based on that authorization code".
async fn replayed(request: ClientRequest<'_>, grant: GrantId) -> Result<TokenError, TokenError> {
    let event = request.event(Decision::CodeReplayed);
    let until = event.at + family_lifetime(request.current, true);
    request.parts.store.login().revoke_grant(&grant, until, &event).await?;
    Ok(OAuthError::invalid_grant("the code was used before").into())
}
