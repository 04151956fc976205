//! Exchange a refresh token for new tokens: the owner is judged again, and reuse of a token ends its family.

use crate::domain::Millis;
use crate::domain::account::Account;
use crate::domain::advice::Cause;
use crate::domain::audit::{Decision, Detail, Event};
use crate::domain::client::Client;
use crate::domain::evidence::Generations;
use crate::domain::grant::{Grant, GrantId};
use crate::domain::login::Authorized;
use crate::domain::policy::{AcrAsk, FactorRequest, FactorStatus};
use crate::domain::secret::Hashed;
use crate::flow::installation::context::LoginParts;
use crate::flow::login::mint::{self, MintInput};
use crate::flow::login::standing::{self, DemandedBy, FirstFactor};
use crate::flow::person::rejudge::{self, Groups, PersonJudgement};
use crate::flow::tokens::error::TokenError;
use crate::flow::tokens::request::ClientRequest;
use crate::keys::Label;
use crate::oidc::claim_set::{Claim, ClaimSet, NamedClaims};
use crate::oidc::error::{ErrorCode, OAuthError};
use crate::oidc::scope::{OAuthScope, ScopeSet};
use crate::oidc::token::{RefreshExchange, TokenResponse};
use crate::store::{RefreshOutcome, Rotation, StoreError};

/// The label under which refresh tokens are made and hashed.
const LABEL: Label = Label::Refresh;

/// A refresh token and its stored digest.
pub struct NewToken {
    pub token: String,
    pub hash: Hashed,
}

/// Makes a new token of this family.
#[must_use]
pub fn new_token(parts: &LoginParts, family: &GrantId) -> NewToken {
    let token = format!("{}.{}", family.0, parts.keys.sealer.new_token(LABEL, &family.0));
    let hash = hash(parts, &token);
    NewToken { token, hash }
}

/// The next token of this family. It is the same for every request that presents this one, so that two tabs
/// that refresh at once get the same token. During a rotation of the sealing key there is one for each key,
/// and another node may have issued one of the others: that one comes first.
fn next_tokens(parts: &LoginParts, grant: &Grant, presented: &str) -> Vec<NewToken> {
    let family = &grant.id.0;
    let new = |secret: String| {
        let token = format!("{family}.{secret}");
        let hash = hash(parts, &token);
        NewToken { token, hash }
    };
    let secrets = parts.keys.sealer.next_tokens(LABEL, family, presented);
    let mut tokens: Vec<NewToken> = secrets.into_iter().map(new).collect();
    tokens.sort_by_key(|token| !grant.was_just_given(&token.hash, parts.now()));
    tokens
}

fn hash(parts: &LoginParts, token: &str) -> Hashed {
    parts.keys.sealer.hmac(LABEL, token.as_bytes())
}

/// The digests of a token and of its successors, by each sealing key.
struct TokenHashes {
    presented: Hashed,
    next: Vec<Hashed>,
}

/// Exchanges a refresh token of an authenticated client.
pub async fn refresh(
    request: ClientRequest<'_>,
    exchange: &RefreshExchange,
) -> Result<TokenResponse, TokenError> {
    if let Some(tokens) = try_refresh(request, exchange).await? {
        return Ok(tokens);
    }
    // Another process changed the settings, or the account changed meanwhile. Nothing was consumed.
    let newer = request.parts.newer_than(request.current).await;
    let current = newer.as_deref().unwrap_or(request.current);
    let client = current.settings.client(&request.client.client_id);
    let client = client.ok_or_else(|| OAuthError::invalid_client("the client was removed"))?;
    let tokens = try_refresh(ClientRequest { current, client, ..request }, exchange).await?;
    tokens.ok_or_else(|| OAuthError::new(ErrorCode::TemporarilyUnavailable, "try again").into())
}

/// One attempt; `None` if what was judged differs from what is stored.
async fn try_refresh(
    request: ClientRequest<'_>,
    exchange: &RefreshExchange,
) -> Result<Option<TokenResponse>, TokenError> {
    let ClientRequest { parts, current, client, .. } = request;
    let presented = exchange.refresh_token.expose();
    let grant = family(parts, client, presented).await?;
    // A scope that an administrator has removed from the client is no longer granted.
    let granted = ScopeSet::known_in(&grant.scope).and(ScopeSet::known_in(&client.scope));
    if !granted.has(OAuthScope::OfflineAccess) {
        return Err(OAuthError::invalid_grant("offline_access was removed from the client").into());
    }
    let scope = exchange.narrowed(granted)?;
    let next = next_tokens(parts, &grant, presented);
    let next_hashes = next.iter().map(|token| token.hash).collect();
    let hashes = TokenHashes { presented: hash(parts, presented), next: next_hashes };
    if grant.refresh_hash != Some(hashes.presented) && !grant.was_just_given(&hashes.next[0], parts.now()) {
        // A token of ours that is not the current one: the conditional update finds the replay and ends the
        // family, whether or not the directory responds.
        let generation = grant.evidence.account_generation;
        rotate(request, &grant, &hashes, generation, None).await?;
        return Err(OAuthError::invalid_grant("not the current refresh token").into());
    }
    let named = NamedClaims::from_text(grant.claims.as_deref());
    let shown = ClaimSet::of_scopes(granted).or(named.anywhere());
    let AuthorizedOwner { authorized, account, groups } = authorize(request, &grant, shown).await?;
    // Read before the token is rotated: an error of the store now costs the client nothing.
    let team_shares = mint::team_shares(parts, current, &account, shown).await?;
    let (generation, groups) = (authorized.generations().account, groups.as_deref());
    if !rotate(request, &grant, &hashes, generation, groups).await? {
        return Ok(None);
    }
    let input = MintInput {
        authorized: &authorized,
        account: &account,
        client,
        grant: &grant.id,
        sid: &grant.sid,
        acr: &AcrAsk::default(),
        scope,
        named: if scope == granted { named } else { NamedClaims::default() },
        nonce: None,
        groups: groups.unwrap_or(&grant.groups),
        team_shares: team_shares.as_deref(),
        refresh_token: next.into_iter().next().map(|token| token.token),
    };
    Ok(Some(mint::mint(parts, current, input)?))
}

/// The family of a refresh token that we issued, whether or not it is the current one.
pub(super) async fn family_of(parts: &LoginParts, token: &str) -> Result<Option<Grant>, StoreError> {
    let Some((id, secret)) = token.split_once('.') else { return Ok(None) };
    // Knowing a family's id must not be enough to end the family with an invalid token.
    if !parts.keys.sealer.is_token(LABEL, id, secret) {
        return Ok(None);
    }
    parts.store.login().grant(&GrantId(id.to_owned())).await
}

/// True for the token that was issued last in this family.
pub(super) fn is_current(parts: &LoginParts, family: &Grant, token: &str) -> bool {
    family.refresh_hash == Some(hash(parts, token))
}

/// The family of this token, if it belongs to this client.
async fn family(parts: &LoginParts, client: &Client, token: &str) -> Result<Grant, TokenError> {
    let grant = family_of(parts, token).await?;
    let grant = grant.ok_or_else(|| OAuthError::invalid_grant("unknown refresh token"))?;
    // RFC 6749 section 6: "the refresh token is bound to the client to which it was issued".
    if grant.client_id != client.client_id {
        return Err(OAuthError::invalid_grant("refresh token of another client").into());
    }
    if !grant.is_alive(parts.now()) {
        return Err(OAuthError::invalid_grant("the family has ended").into());
    }
    Ok(grant)
}

/// The owner of a family, who may have new tokens.
struct AuthorizedOwner {
    authorized: Authorized,
    account: Account,
    /// As read now; `None` if they were not needed or can't be read.
    groups: Option<Vec<String>>,
}

/// Judges the owner by the gates and by the policy for second factors.
async fn authorize(
    request: ClientRequest<'_>,
    grant: &Grant,
    shown: ClaimSet,
) -> Result<AuthorizedOwner, TokenError> {
    let parts = request.parts;
    let mut judged = owner(request, grant, shown).await?;
    let enrolling = FirstFactor::Nowhere;
    let demanded_by = DemandedBy { client: Some(request.client), acr: &AcrAsk::default(), enrolling };
    let (account, in_group) = (&grant.evidence.account, judged.in_policy_group);
    let status = standing::of(parts, request.current, demanded_by, account, in_group, None).await?;
    let passed = judged.judgement.passed();
    let authorized =
        passed.and_then(|passed| Authorized::by_refresh(passed, &grant.evidence, &status, parts.now()));
    match (authorized, judged.account.take()) {
        (Some(authorized), Some(account)) => {
            Ok(AuthorizedOwner { authorized, account, groups: judged.groups })
        }
        _ => {
            let cause = why(&judged, grant, &status, parts.now());
            Err(refuse(request, grant, &judged, cause).await?)
        }
    }
}

/// Judges the owner. If the directory is unavailable and the stored data too old, nothing is consumed.
async fn owner(
    request: ClientRequest<'_>,
    grant: &Grant,
    shown: ClaimSet,
) -> Result<PersonJudgement, TokenError> {
    let (parts, account) = (request.parts, &grant.evidence.account);
    let groups = if standing::depends_on_groups(request.current, Some(request.client), &grant.evidence) {
        Groups::Needed
    } else if shown.has(Claim::Groups) {
        Groups::Wanted
    } else {
        Groups::Unneeded
    };
    Ok(rejudge::by_record_or_live(&parts.store, &parts.clock, request.current, account, groups).await?)
}

/// Replaces the token by the next one if it is the current one or was a moment ago; false if account or
/// settings have changed since they were judged.
async fn rotate(
    request: ClientRequest<'_>,
    grant: &Grant,
    hashes: &TokenHashes,
    account_generation: i64,
    groups: Option<&[String]>,
) -> Result<bool, TokenError> {
    let ClientRequest { parts, current, .. } = request;
    let now = parts.now();
    let rotation = Rotation {
        id: &grant.id,
        presented: &hashes.presented,
        next: &hashes.next[0],
        next_by_other_keys: &hashes.next[1..],
        next_expires_at: now + current.settings.tokens.refresh_idle(),
        groups,
    };
    let checks = Generations { account: account_generation, settings: current.generation };
    let event = request.event(Decision::Refreshed).about(&grant.evidence.account, None);
    let refused = |why: &str| Err(OAuthError::invalid_grant(why).into());
    match parts.store.login().refresh(rotation, checks, &event).await? {
        RefreshOutcome::Rotated | RefreshOutcome::Again => Ok(true),
        RefreshOutcome::Replayed => refused("the refresh token was used before: the family is revoked"),
        RefreshOutcome::Unknown => refused("unknown refresh token"),
        RefreshOutcome::Expired => refused("the refresh token has expired"),
        RefreshOutcome::Stale => Ok(false),
    }
}

/// If all gates are open, the evidence is no longer enough.
fn why(judged: &PersonJudgement, grant: &Grant, status: &FactorStatus, now: Millis) -> &'static str {
    if let Some(gate) = judged.judgement.refusal() {
        return gate.as_str();
    }
    let cause = match status.of_evidence(&grant.evidence, now) {
        FactorRequest::Code => Cause::FactorAsked,
        FactorRequest::Enrol { .. } => Cause::FactorMissing,
        FactorRequest::Nothing => Cause::AccountChanged,
    };
    cause.word()
}

async fn refuse(
    request: ClientRequest<'_>,
    grant: &Grant,
    judged: &PersonJudgement,
    cause: &'static str,
) -> Result<TokenError, TokenError> {
    let event = Event {
        cause: Some(cause.to_owned()),
        detail: Detail::default().judged(&judged.judgement).to_json(),
        ..request.event(Decision::RefreshRefused).about(&grant.evidence.account, None)
    };
    request.parts.store.login().append(&event).await?;
    Ok(OAuthError::invalid_grant(format!("refused by {cause}: sign in again")).into())
}
