//! Tests of single sign-on. An admin signs in through a client of our own; each test belongs to one session
//! of the panel and one `state`, and its answer is accepted once. Whatever tokens came of it are revoked.

use crate::domain::account::AccountId;
use crate::domain::admin::{AdminHolder, AdminSession};
use crate::domain::audit::{Decision, Event};
use crate::domain::client::TEST_CLIENT_ID;
use crate::domain::gates::Judgement;
use crate::domain::grant::GrantId;
use crate::domain::secret::Plain;
use crate::domain::{HOUR, MINUTE, Millis};
use crate::flow::admin::session::CheckedAdmin;
use crate::flow::installation::context::{LoginParts, Visit};
use crate::flow::installation::fault::Fault;
use crate::flow::installation::test_client;
use crate::flow::person::rejudge;
use crate::flow::support::explain::ExplainedDecision;
use crate::keys::Label;
use crate::oidc::claims::{ACCESS_TOKEN_TYPE, AccessTokenClaims};
use crate::store::{AuditConditions, AuditFilter};
use crate::volatile::TakeResult;

pub use crate::flow::installation::test_client::TEST_CALLBACK;

/// How long a test waits for the sign-in.
const LIFETIME: Millis = 15 * MINUTE;

/// What the sealed content of a test is stored and sealed as.
const KIND: &str = "sso_test";

/// Among how many events of tests refused ones are looked for, and how many are shown.
const LATEST_EVENTS: u32 = 300;
const MOST_ATTEMPTS: usize = 10;
const RECENT: Millis = 60 * MINUTE;

/// The secret with which this process uses the client's codes.
#[must_use]
pub fn client_secret(parts: &LoginParts) -> Plain {
    test_client::test_client_secret(&parts.keys.sealer)
}

/// Begins a test: `content` is what the relying party needs when the answer with this `state` comes.
pub async fn begin(
    parts: &LoginParts,
    session: &AdminSession,
    state: &str,
    content: &[u8],
) -> Result<(), Fault> {
    let key = key(parts, state);
    let sealed = parts.keys.sealer.seal(KIND, &place(session, &key), content);
    Ok(parts.volatile.put(KIND, &key, sealed, parts.now() + LIFETIME, parts.now()).await?)
}

/// True if this session has begun a test with this `state`, and no answer has come.
pub async fn is_begun(parts: &LoginParts, session: &AdminSession, state: &str) -> Result<bool, Fault> {
    let key = key(parts, state);
    let found = parts.volatile.get(KIND, &key, parts.now()).await?;
    Ok(found.is_some_and(|sealed| parts.keys.sealer.open(KIND, &place(session, &key), &sealed).is_ok()))
}

/// What the relying party needs, once. `None` for a `state` of another session, and for one that was used or
/// is too old.
pub async fn take(parts: &LoginParts, session: &AdminSession, state: &str) -> Result<Option<Vec<u8>>, Fault> {
    // Somebody else's answer must not end the test.
    if !is_begun(parts, session, state).await? {
        return Ok(None);
    }
    let key = key(parts, state);
    match parts.volatile.take(KIND, &key, parts.now(), b"").await? {
        TakeResult::First(sealed) => Ok(parts.keys.sealer.open(KIND, &place(session, &key), &sealed).ok()),
        TakeResult::Again(_) | TakeResult::Unknown => Ok(None),
    }
}

/// Revokes the tokens of a test. False if this is no access token of ours.
pub async fn revoke(
    parts: &LoginParts,
    visit: &Visit,
    admin: &CheckedAdmin,
    access_token: &str,
) -> Result<bool, Fault> {
    let verified = parts.keys.ring().verify(access_token, ACCESS_TOKEN_TYPE).ok();
    let claims = verified.and_then(|payload| serde_json::from_slice::<AccessTokenClaims>(&payload).ok());
    let Some(claims) = claims else { return Ok(false) };
    let event = Event {
        client_id: Some(TEST_CLIENT_ID.to_owned()),
        ..visit.event(parts.now(), Decision::SsoTested).by(&admin.actor)
    };
    let until = event.at + parts.current().settings.tokens.refresh_absolute();
    parts.store.login().revoke_grant(&GrantId(claims.grant_id), until, &event).await?;
    Ok(true)
}

/// All gates of this person, by the directory as it is now. `None` if the account is gone.
pub async fn gates(parts: &LoginParts, subject: &str) -> Result<Option<Judgement>, Fault> {
    let account = parts.store.identity().account(&AccountId(subject.to_owned())).await?;
    let Some(account) = account else { return Ok(None) };
    let current = parts.current();
    let judged = rejudge::by_live_entry(&parts.store, &parts.clock, &current, &account, false).await?;
    Ok(Some(judged.judgement))
}

/// The refused sign-ins of tests in the last hour, the newest first.
pub async fn refused_attempts(parts: &LoginParts) -> Result<Vec<ExplainedDecision>, Fault> {
    let since = parts.now() - RECENT;
    let filter = AuditFilter::Where(AuditConditions {
        client: Some(TEST_CLIENT_ID.to_owned()),
        // Refusals of an hour may share the row of the first one.
        from: Some(since - HOUR),
        ..AuditConditions::default()
    });
    let rows = parts.store.login().audit_page(None, LATEST_EVENTS, &filter).await?;
    let recent = rows.into_iter().filter(|row| row.last_at.unwrap_or(row.at) >= since);
    Ok(recent.map(ExplainedDecision::from).filter(|one| one.refused).take(MOST_ATTEMPTS).collect())
}

fn key(parts: &LoginParts, state: &str) -> String {
    let state = [b"state ", state.as_bytes()].concat();
    hex::encode(parts.keys.sealer.hmac(Label::SsoTest, &state).0)
}

/// A sign-in of the same person in the same browser keeps the public id of the browser session, but not the
/// session of the panel.
fn place(session: &AdminSession, key: &str) -> String {
    match &session.holder {
        AdminHolder::Person { account, sid } => format!("person {} {sid} {key}", account.0),
        AdminHolder::Link { .. } | AdminHolder::Token => {
            format!("link {} {key}", hex::encode(session.id_hash.0))
        }
    }
}
