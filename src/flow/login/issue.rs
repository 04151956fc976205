//! Turn [`Authorized`] into a session and a code. A crash may interrupt anywhere: first store the code, which
//! nobody knows yet, then spend the login in one SQL transaction. If the code can't be stored nothing is
//! spent. A crash may lose a login but never grant one: without the session of that transaction the code is
//! worthless.

use serde::{Deserialize, Serialize};

use crate::domain::account::AccountId;
use crate::domain::audit::{Decision, Event, Keep};
use crate::domain::login::{Authorized, SealedAuthorized};
use crate::domain::session::Session;
use crate::domain::{MINUTE, Millis};
use crate::flow::installation::context::{LoginParts, Visit};
use crate::flow::installation::fault::Fault;
use crate::flow::login::pending::{self, Pending};
use crate::flow::login::step::StepRequest;
use crate::keys::Label;
use crate::oidc::token::CodeRequest;
use crate::store::{Issue, IssueOutcome, StoreError};
use crate::volatile::VolatileError;

/// The kind under which codes are stored and sealed.
pub const CODE: &str = "code";

/// The sealed content of a code.
#[derive(Serialize, Deserialize)]
pub struct CodeContent {
    /// The part of the request that the exchange needs.
    pub request: CodeRequest,
    pub authorized: SealedAuthorized,
    pub sid: String,
    /// The token family that the exchange will create.
    pub grant_id: String,
    pub groups: Vec<String>,
    /// The session was used within the last minute: see [`keep`].
    #[serde(rename = "again")]
    pub soon_after: bool,
}

/// What the browser receives.
#[derive(Debug)]
pub struct Issued {
    /// `None` if no client asked, or if there was no room for a code.
    pub code: Option<String>,
    /// The id of a new session, for the cookie; `None` if the session stays.
    pub session_id: Option<String>,
    /// The next value of the cookie that identifies a known browser, after a fresh sign-in.
    pub device: Option<String>,
    /// The cookie of a browser that is remembered from now on.
    pub remembered: Option<RememberedCookie>,
}

/// The cookie of a remembered browser.
#[derive(Debug)]
pub struct RememberedCookie {
    pub id: String,
    pub lifetime: Millis,
}

/// How a sign-in reached [`issue`].
pub enum IssueReason<'a> {
    /// By a fresh password.
    Password {
        /// The browser's session of the same person, which ends.
        replaces: Option<&'a Session>,
        /// When the directory confirmed the account, if that is not stored yet.
        confirmed_at: Option<Millis>,
    },
    /// By the browser's session as it is, which answers any number of requests: no login is spent.
    Session(&'a Session),
    /// By the browser's session and a factor on top of it: the session gets a new id, and the login is spent.
    Raised(&'a Session),
}

/// Creates the session and the code.
pub async fn issue(
    step: StepRequest<'_>,
    authorized: &Authorized,
    groups: Vec<String>,
    reason: IssueReason<'_>,
) -> Result<Issued, Fault> {
    let StepRequest { parts, current, visit, pending, .. } = step;
    let request = &pending.request;
    // An administrator may have removed the client or its redirect URI since the request was checked.
    if !request.is_ours() && request.client(&current.settings).is_none() {
        return Err(Fault::LoginEnded);
    }
    let now = parts.now();
    let soon_after = matches!(&reason, IssueReason::Session(session) if now - session.used_at < MINUTE);
    let login = (!matches!(reason, IssueReason::Session(_))).then_some(pending);
    let Prepared { session_id, sid, issue, decision } = prepare(parts, visit, authorized, reason);
    let content = CodeContent {
        request: request.into(),
        authorized: authorized.to_sealed(),
        sid,
        grant_id: parts.random_id(),
        groups,
        soon_after,
    };
    let code = match request.is_ours() {
        true => None,
        false => new_code(parts, &content, now + current.settings.tokens.code()).await?,
    };
    let account = &authorized.evidence().account;
    let event = Event { keep: keep(soon_after), ..step.event(decision).about(account, None) };
    // Compare the generations that were judged, not the current ones: a change in between ends the login.
    let (spent, checks) = (login.map(Pending::spent), authorized.generations());
    let written = parts.store.login().issue(issue, spent, checks, account, &event).await?;
    if written == IssueOutcome::Stale {
        return Err(Fault::LoginEnded);
    }
    if let Some(login) = login {
        pending::mark(parts, login).await;
    }
    Ok(Issued { code, session_id, device: None, remembered: None })
}

/// How long the use of a session is kept in the audit trail. Uses within a minute of the last one are kept
/// for a month only, since a session used many times a minute would fill the trail for a year.
#[must_use]
pub fn keep(soon_after: bool) -> Keep {
    if soon_after { Keep::Short } else { Keep::Long }
}

/// Ends the session of another person in the same browser, with its tokens: workstations are shared.
pub async fn end_other(
    parts: &LoginParts,
    visit: &Visit,
    session: &Session,
    account: &AccountId,
) -> Result<bool, StoreError> {
    if session.evidence.account == *account {
        return Ok(false);
    }
    let event = Event {
        cause: Some("another_person_signed_in".to_owned()),
        ..visit.event(parts.now(), Decision::SignedOut).about(&session.evidence.account, None)
    };
    parts.store.login().end_session(&session.id_hash, &event).await?;
    Ok(true)
}

/// The key under which a code is stored; only the client has the code itself.
#[must_use]
pub fn code_key(parts: &LoginParts, code: &str) -> String {
    hex::encode(parts.keys.sealer.hmac(Label::Code, code.as_bytes()).0)
}

/// What is written, and what the browser gets.
struct Prepared {
    /// The id of a new session.
    session_id: Option<String>,
    sid: String,
    issue: Issue,
    decision: Decision,
}

fn prepare(parts: &LoginParts, visit: &Visit, authorized: &Authorized, reason: IssueReason<'_>) -> Prepared {
    let (now, place) = (parts.now(), visit.place());
    match reason {
        IssueReason::Session(session) => {
            let issue = Issue::Existing { id_hash: session.id_hash, used_at: now, place };
            let sid = session.sid.clone();
            Prepared { session_id: None, sid, issue, decision: Decision::SessionUsed }
        }
        IssueReason::Raised(old) => {
            // A session that is raised gets a new id, and no longer lifetime.
            let id = parts.random_id();
            let session = Session {
                id_hash: parts.session_hash(&id),
                evidence: authorized.evidence().clone(),
                factor_at: authorized.factor_at().or(old.factor_at),
                used_at: now,
                place,
                ..old.clone()
            };
            let issue = Issue::Raised { session, from: old.id_hash };
            let sid = old.sid.clone();
            Prepared { session_id: Some(id), sid, issue, decision: Decision::SessionUsed }
        }
        IssueReason::Password { replaces, confirmed_at } => {
            // A new id at each sign-in: one that an attacker planted before is worthless (session fixation).
            let id = parts.random_id();
            let same = replaces.filter(|old| old.evidence.account == authorized.evidence().account);
            let sid = same.map_or_else(|| parts.random_id(), |old| old.sid.clone());
            let session = Session {
                id_hash: parts.session_hash(&id),
                sid: sid.clone(),
                evidence: authorized.evidence().clone(),
                factor_at: authorized.factor_at(),
                created_at: now,
                used_at: now,
                place,
            };
            let replaces = same.map(|old| old.id_hash);
            let issue = Issue::New { session, replaces, confirmed_at };
            Prepared { session_id: Some(id), sid, issue, decision: Decision::SignedIn }
        }
    }
}

/// Stores a new code. `None` if there is no room: the person is signed in anyway, so the client's next
/// request succeeds without a page.
async fn new_code(
    parts: &LoginParts,
    content: &CodeContent,
    expires_at: Millis,
) -> Result<Option<String>, Fault> {
    let code = parts.random_id();
    let key = code_key(parts, &code);
    let bytes = serde_json::to_vec(content).map_err(|_| Fault::LoginEnded)?;
    let sealed = parts.keys.sealer.seal(CODE, &key, &bytes);
    match parts.volatile.put(CODE, &key, sealed, expires_at, parts.now()).await {
        Ok(()) => Ok(Some(code)),
        Err(VolatileError::Full) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
