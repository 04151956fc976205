//! An authorization request that has been checked: answered from the living session, or made a pending login.

use crate::domain::account::AccountId;
use crate::domain::audit::{Decision, Event};
use crate::domain::gates::Judgement;
use crate::domain::login::{self, Ask, LivingSession, Step};
use crate::domain::session::Session;
use crate::flow::context::{Parts, Visit};
use crate::flow::estate::Current;
use crate::flow::fault::Fault;
use crate::flow::issue::{self, Door, Issued};
use crate::flow::judge::{self, Groups};
use crate::flow::pending::{self, Pending};
use crate::flow::sign_out;
use crate::oidc::authorize::AuthorizeRequest;
use crate::oidc::scope::Scope;

/// What the browser is shown next.
#[derive(Debug)]
pub enum Next {
    /// The sign-in page of this pending login.
    SignIn(Box<Pending>),
    /// Back to the client with a code.
    Issue(Issued),
    /// Back to the client with `login_required`.
    LoginRequired,
}

/// Answers a checked request. `browser` is the value of the login cookie, `session` the living session, if any.
pub async fn authorize(
    parts: &Parts,
    visit: &Visit,
    request: AuthorizeRequest,
    ask: &Ask,
    browser: &str,
    session: Option<&Session>,
) -> Result<Next, Fault> {
    let current = parts.current();
    match decide(parts, (&current, visit), &request, ask, browser, session).await {
        Err(Fault::LoginEnded) => match parts.newer_than(&current).await {
            Some(newer) => decide(parts, (&newer, visit), &request, ask, browser, session).await,
            None => Err(Fault::LoginEnded),
        },
        decided => decided,
    }
}

async fn decide(
    parts: &Parts,
    (current, visit): (&Current, &Visit),
    request: &AuthorizeRequest,
    ask: &Ask,
    browser: &str,
    session: Option<&Session>,
) -> Result<Next, Fault> {
    // The owner is judged only where the session would do; most requests come without one.
    let useful = session.filter(|_| !ask.fresh);
    let judged = match useful {
        Some(session) => Some(judge_session(parts, current, visit, request, session).await?),
        None => None,
    };
    let (living, groups) = judged.unwrap_or_default();
    match login::next_step(ask, None, living.as_ref(), parts.now()) {
        Step::Issue(authorized) => {
            let Some(session) = useful else { return Ok(Next::LoginRequired) };
            let door = Door::Session(session);
            let issued = issue::issue(parts, (current, visit), request, &authorized, groups, door).await?;
            Ok(Next::Issue(issued))
        }
        Step::LoginRequired => Ok(Next::LoginRequired),
        Step::Password => {
            let lifetime = current.settings.login.pending();
            Ok(Next::SignIn(Box::new(pending::start(parts, request.clone(), browser, lifetime)?)))
        }
    }
}

/// What a request asks of the authentication, with its hint verified. `None`: the hint is not one of ours.
#[must_use]
pub fn ask(parts: &Parts, request: &AuthorizeRequest) -> Option<Ask> {
    match &request.id_token_hint {
        None => Some(request.ask(None)),
        Some(token) => Some(request.ask(Some(AccountId(sign_out::hint(parts, token)?.sub)))),
    }
}

/// The living session of this browser, if its id is good and neither lifetime has run out.
pub async fn session(parts: &Parts, session_id: &str) -> Result<Option<Session>, Fault> {
    let session = parts.store.session(&issue::session_hash(parts, session_id)).await?;
    let current = parts.current();
    Ok(session.filter(|session| session.is_alive(&current.settings.session, parts.now())))
}

async fn judge_session(
    parts: &Parts,
    current: &Current,
    visit: &Visit,
    request: &AuthorizeRequest,
    session: &Session,
) -> Result<(Option<LivingSession>, Vec<String>), Fault> {
    let groups = if request.scope.has(Scope::Groups) { Groups::Needed } else { Groups::Unneeded };
    let judged = judge::living(parts, current, &session.evidence.account, groups).await?;
    let living = judged
        .judgement
        .passed()
        .and_then(|passed| LivingSession::new(passed, session, &current.settings.session, parts.now()));
    if living.is_none() {
        refuse(parts, visit, request, session, &judged.judgement).await?;
    }
    Ok((living, judged.groups.unwrap_or_default()))
}

async fn refuse(
    parts: &Parts,
    visit: &Visit,
    request: &AuthorizeRequest,
    session: &Session,
    judgement: &Judgement,
) -> Result<(), Fault> {
    let cause = judgement.refusal().map_or("account_changed", |gate| gate.as_str());
    parts
        .store
        .append(&Event {
            account_id: Some(session.evidence.account.0.clone()),
            client_id: Some(request.client_id.clone()),
            cause: Some(cause.to_owned()),
            detail: serde_json::to_string(judgement).ok(),
            ..visit.event(parts.now(), Decision::SessionRefused)
        })
        .await?;
    Ok(())
}
