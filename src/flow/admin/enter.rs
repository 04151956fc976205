//! Begin a session of the panel: after a recent sign-in with a second factor, by a person whom the directory
//! confirms as a member of a group with a role, now.

use crate::domain::admin::{Actor, AdminHolder, AdminSession, CLOCK_SKEW, FRESH_FACTOR, Role};
use crate::domain::audit::{Decision, Event, Keep};
use crate::domain::evidence::Level;
use crate::domain::login::LivingSession;
use crate::domain::session::Session;
use crate::domain::{MINUTE, Millis};
use crate::flow::admin::session::session_hash;
use crate::flow::installation::context::{LoginParts, Visit};
use crate::flow::installation::fault::Fault;
use crate::flow::limits::throttle;
use crate::flow::person::rejudge::{self, PersonJudgement};

/// A sign-in to the panel may take ten minutes after the password, for the set-up of a first factor.
const RECENT_PASSWORD: Millis = 11 * MINUTE;

/// What the throttle and its events call the panel: no client's id has a slash at the start.
const PANEL: &str = "/admin";

/// The result of an attempt to enter the panel.
#[derive(Debug)]
pub enum Entering {
    /// The id of the new session, for the cookie.
    Done { session_id: String },
    /// The browser's sign-in is too old, without a second factor, or no longer valid.
    SignIn,
    /// The person is signed in and has no role.
    NoRole,
}

/// Begins a session for the owner of the browser's session. It replaces the browser's earlier session of the
/// panel, if it has one.
pub async fn enter(
    parts: &LoginParts,
    visit: &Visit,
    browser: &Session,
    replaces: Option<&str>,
) -> Result<Entering, Fault> {
    let (current, now) = (parts.current(), parts.now());
    if !is_recent(browser, now) {
        return Ok(Entering::SignIn);
    }
    let Some(account) = parts.store.identity().account(&browser.evidence.account).await? else {
        return Ok(Entering::SignIn);
    };
    // The directory is asked, however recent our record is; so not as often as anybody likes.
    throttle::admit_issue(parts, visit, PANEL, &account.id).await?;
    let judged = rejudge::by_live_entry(&parts.store, &parts.clock, &current, &account, true).await?;
    let lifetimes = &current.settings.session;
    let living = |judged: &PersonJudgement| {
        let passed = judged.judgement.passed()?;
        LivingSession::new(passed, browser, lifetimes, parts.now())
    };
    if living(&judged).is_none() {
        return Ok(Entering::SignIn);
    }
    let Some(role) = judged.admin_role else {
        record_refusal(parts, visit, browser).await?;
        return Ok(Entering::NoRole);
    };
    let session_id = parts.random_id();
    let session = new_session(parts, &session_id, browser, role);
    let replaced = replaces.map(|id| session_hash(parts, id));
    let event = Event {
        account_id: Some(account.id.0.clone()),
        ..visit.event(now, Decision::AdminEntered).by(&Actor::person(account.id, role))
    };
    parts.store.admin().begin(&session, replaced.as_ref(), &event).await?;
    Ok(Entering::Done { session_id })
}

/// A real second factor was proven in the last minutes, and the password not much earlier. A remembered
/// browser is no factor, and a code can be older than the password.
fn is_recent(browser: &Session, now: Millis) -> bool {
    let young = |at: Millis, longest: Millis| (-CLOCK_SKEW..longest).contains(&(now - at));
    browser.evidence.level() == Level::Mfa
        && young(browser.evidence.auth_time, RECENT_PASSWORD)
        && browser.factor_at.is_some_and(|at| young(at, FRESH_FACTOR))
}

fn new_session(parts: &LoginParts, id: &str, browser: &Session, role: Role) -> AdminSession {
    let now = parts.now();
    AdminSession {
        id_hash: session_hash(parts, id),
        holder: AdminHolder::Person { account: browser.evidence.account.clone(), sid: browser.sid.clone() },
        role,
        factor_at: browser.factor_at.unwrap_or_default(),
        role_seen_at: now,
        created_at: now,
        used_at: now,
    }
}

/// Everybody with an account can cause this, any number of times.
async fn record_refusal(parts: &LoginParts, visit: &Visit, browser: &Session) -> Result<(), Fault> {
    let event = Event {
        account_id: Some(browser.evidence.account.0.clone()),
        cause: Some("no_role".to_owned()),
        keep: Keep::Short,
        ..visit.event(parts.now(), Decision::AdminRefused)
    };
    Ok(parts.store.login().append(&event).await?)
}
