//! Answer a checked authorization request from the browser's session, or start a pending login.

use crate::domain::account::AccountId;
use crate::domain::login::{Ask, Progress};
use crate::domain::session::Session;
use crate::flow::account::sign_out;
use crate::flow::installation::browser::Browser;
use crate::flow::installation::context::{LoginParts, Visit};
use crate::flow::installation::current::Current;
use crate::flow::installation::fault::Fault;
use crate::flow::login::advance::advance;
use crate::flow::login::outcome::LoginOutcome;
use crate::flow::login::pending;
use crate::flow::login::step::StepRequest;
use crate::oidc::authorize::AuthorizeRequest;

/// Answers a checked request.
pub async fn authorize(
    parts: &LoginParts,
    visit: &Visit,
    request: &AuthorizeRequest,
    ask: &Ask,
    browser: &Browser,
) -> Result<LoginOutcome, Fault> {
    let current = parts.current();
    let decided = begin(parts, &current, visit, request, ask, browser).await;
    if !matches!(decided, Err(Fault::LoginEnded)) {
        return decided;
    }
    // Another process may have changed the settings since ours were read.
    match parts.newer_than(&current).await {
        Some(newer) => begin(parts, &newer, visit, request, ask, browser).await,
        None => decided,
    }
}

async fn begin(
    parts: &LoginParts,
    current: &Current,
    visit: &Visit,
    request: &AuthorizeRequest,
    ask: &Ask,
    browser: &Browser,
) -> Result<LoginOutcome, Fault> {
    let lifetime = current.settings.login.pending();
    let pending = pending::start(parts, request.clone(), ask.clone(), &browser.id, lifetime)?;
    let step = StepRequest { parts, current, visit, pending: &pending, browser };
    advance(step, Progress::default()).await
}

/// What a request demands of the authentication, its hint verified. `None`: we did not issue the hint.
#[must_use]
pub fn verified_ask(parts: &LoginParts, request: &AuthorizeRequest) -> Option<Ask> {
    match &request.id_token_hint {
        None => Some(request.ask(None)),
        Some(token) => Some(request.ask(Some(AccountId(sign_out::hint(parts, token)?.sub)))),
    }
}

/// The session of this browser, if its id is valid and neither lifetime has run out.
pub async fn load_session(parts: &LoginParts, session_id: &str) -> Result<Option<Session>, Fault> {
    let session = parts.store.login().session(&parts.session_hash(session_id)).await?;
    let current = parts.current();
    Ok(session.filter(|session| session.is_alive(&current.settings.session, parts.now())))
}
