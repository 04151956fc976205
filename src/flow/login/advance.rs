//! Decide what comes after a step of a login: the next page, the end with a session and a code, or a refusal.

use std::ops::ControlFlow;

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::advice::Cause;
use crate::domain::audit::{Decision, Detail, Event};
use crate::domain::evidence::Level;
use crate::domain::gates::Judgement;
use crate::domain::login::{self, Authorized, LivingSession, LoginStep, Progress};
use crate::domain::session::Session;
use crate::flow::account::factors;
use crate::flow::installation::browser::Browser;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::{LoginParts, Visit};
use crate::flow::installation::current::Current;
use crate::flow::installation::fault::Fault;
use crate::flow::limits::throttle;
use crate::flow::login::changed_settings;
use crate::flow::login::issue::{self, IssueReason, Issued, RememberedCookie};
use crate::flow::login::pending::{self, Pending};
use crate::flow::login::sign_in::SignInRefusal;
use crate::flow::login::stale_proof::{self, WaitedLogin};
use crate::flow::login::standing::{self, DemandedBy};
use crate::flow::person::rejudge::{self, Groups};
use crate::oidc::claim_set::Claim;
use crate::oidc::error::ErrorCode;

/// The response to one step of a login.
#[derive(Debug)]
pub enum LoginOutcome {
    Show(LoginPage, Box<Pending>),
    /// The sign-in page, with the reason why the last attempt was refused.
    Refused(SignInRefusal, Box<Pending>),
    /// Redirect to where the person came from, with the session and the code.
    Issued(Issued),
    /// Redirect to the client with this error.
    Denied(ErrorCode),
}

/// A page of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginPage {
    SignIn,
    /// A code before the password: too many wrong passwords were tried with the name.
    FactorFirst,
    SecondFactor,
    Invitation {
        /// Until when the person may postpone the set-up, if at all.
        later: Option<Millis>,
    },
    Enrol {
        /// Until when the person may postpone the set-up, if at all.
        later: Option<Millis>,
    },
    NewPassword,
}

/// The session of the browser, judged again.
#[derive(Default)]
struct JudgedSession {
    session: Option<LivingSession>,
    groups: Vec<String>,
    in_policy_group: bool,
}

/// Decides what comes next. `pending` is the login as it was opened, `progress` what is proven by now.
pub async fn advance(
    parts: &LoginParts,
    (current, visit): (&Current, &Visit),
    pending: &Pending,
    progress: Progress,
    browser: &Browser,
) -> Result<LoginOutcome, Fault> {
    let progress = match changed_settings::apply(parts, (current, visit), pending, progress).await? {
        ControlFlow::Continue(progress) => progress,
        ControlFlow::Break(refusal) => return Ok(LoginOutcome::Refused(refusal, Box::new(pending.clone()))),
    };
    let progress =
        match stale_proof::judged_again(parts, (current, visit), pending, progress, &browser.id).await? {
            WaitedLogin::GoesOn(progress) => *progress,
            WaitedLogin::Refused(refusal, anew) => return Ok(LoginOutcome::Refused(refusal, anew)),
        };
    let living = living(parts, (current, visit), pending, &progress, browser).await?;
    let session = living.session.as_ref();
    let (ask, now) = (&pending.ask, parts.now());
    let standing = match login::login_owner(ask, &progress, session, now) {
        Some(account) => {
            let in_group = progress.in_policy_group || living.in_policy_group;
            let asked = DemandedBy { client: pending.request.client(&current.settings), acr: &ask.acr };
            let remembered = browser.remembered.as_deref();
            Some(standing::of(parts, current, asked, &account, in_group, remembered).await?)
        }
        None => None,
    };
    match login::next_step(ask, &progress, session, standing.as_ref(), now) {
        LoginStep::Issue(authorized) => {
            let done =
                finish(parts, (current, visit), (pending, &progress, living.groups), &authorized, browser);
            issued_or_denied(pending, done.await)
        }
        LoginStep::Password if progress.factor_first => {
            show(parts, LoginPage::FactorFirst, pending, progress, browser)
        }
        LoginStep::Password => show(parts, LoginPage::SignIn, pending, progress, browser),
        LoginStep::SecondFactor => show(parts, LoginPage::SecondFactor, pending, progress, browser),
        LoginStep::Invitation { later } => {
            show(parts, LoginPage::Invitation { later }, pending, progress, browser)
        }
        LoginStep::Enrol { later } => {
            let account = standing.map(|standing| standing.account);
            let progress = enrolling(parts, progress, account);
            show(parts, LoginPage::Enrol { later }, pending, progress, browser)
        }
        LoginStep::ChangePassword => show(parts, LoginPage::NewPassword, pending, progress, browser),
        LoginStep::LoginRequired => Ok(LoginOutcome::Denied(ErrorCode::LoginRequired)),
        LoginStep::InteractionRequired => Ok(LoginOutcome::Denied(ErrorCode::InteractionRequired)),
    }
}

/// Refuses a client with an error if its person or the address has been given too many codes.
fn issued_or_denied(pending: &Pending, done: Result<Issued, Fault>) -> Result<LoginOutcome, Fault> {
    match done {
        Err(Fault::Throttled { .. }) if !pending.request.is_ours() => {
            Ok(LoginOutcome::Denied(ErrorCode::TemporarilyUnavailable))
        }
        done => done.map(LoginOutcome::Issued),
    }
}

/// Shows a page of the login, which carries the progress so far.
pub fn show(
    parts: &LoginParts,
    page: LoginPage,
    pending: &Pending,
    progress: Progress,
    browser: &Browser,
) -> Result<LoginOutcome, Fault> {
    let same = pending.progress == progress;
    let pending =
        if same { pending.clone() } else { pending::advanced(parts, pending, &progress, &browser.id)? };
    Ok(LoginOutcome::Show(page, Box::new(pending)))
}

/// Makes the key that the set-up page shows: once for each login, so that the page can be opened again.
fn enrolling(parts: &LoginParts, progress: Progress, account: Option<AccountId>) -> Progress {
    let Some(account) = account else { return progress };
    if progress.enrolling.as_ref().is_some_and(|(owner, _)| *owner == account) {
        return progress;
    }
    Progress { enrolling: Some((account, factors::begin_enrolment(parts))), ..progress }
}

/// Judges the session's owner where the session would be enough: not beside a password.
async fn living(
    parts: &LoginParts,
    (current, visit): (&Current, &Visit),
    pending: &Pending,
    progress: &Progress,
    browser: &Browser,
) -> Result<JudgedSession, Fault> {
    let useful = browser.session.as_ref().filter(|_| !pending.ask.fresh && progress.password.is_none());
    let Some(session) = useful else { return Ok(JudgedSession::default()) };
    let client = pending.request.client(&current.settings);
    let needed = pending.request.shown_claims().has(Claim::Groups)
        || standing::depends_on_groups(current, client, &session.evidence);
    let groups = if needed { Groups::Needed } else { Groups::Unneeded };
    let judged =
        rejudge::living(&parts.store, &parts.clock, current, &session.evidence.account, groups).await?;
    let lifetimes = &current.settings.session;
    let living = judged
        .judgement
        .passed()
        .and_then(|passed| LivingSession::new(passed, session, lifetimes, parts.now()));
    if living.is_none() {
        refuse(parts, visit, pending, session, &judged.judgement).await?;
    }
    let groups = judged.groups.unwrap_or_default();
    Ok(JudgedSession { session: living, groups, in_policy_group: judged.in_policy_group })
}

async fn refuse(
    parts: &LoginParts,
    visit: &Visit,
    pending: &Pending,
    session: &Session,
    judgement: &Judgement,
) -> Result<(), Fault> {
    let cause = judgement.refusal().map_or(Cause::AccountChanged.word(), |gate| gate.as_str());
    let event = Event {
        account_id: Some(session.evidence.account.0.clone()),
        client_id: Some(pending.request.client_id.clone()),
        cause: Some(cause.to_owned()),
        detail: Detail::default().judged(judgement).to_json(),
        ..visit.event(parts.now(), Decision::SessionRefused)
    };
    Ok(parts.store.login().append(&event).await?)
}

async fn finish(
    parts: &LoginParts,
    context: (&Current, &Visit),
    (pending, progress, groups): (&Pending, &Progress, Vec<String>),
    authorized: &Authorized,
    browser: &Browser,
) -> Result<Issued, Fault> {
    let request = &pending.request;
    throttle::admit_issue(parts, context.1, &request.client_id, &authorized.evidence().account).await?;
    let Some(link) = progress.password.as_ref().and(progress.link.as_ref()) else {
        let session = browser.session.as_ref().ok_or(Fault::LoginEnded)?;
        let raised = session.evidence != *authorized.evidence();
        let reason =
            if raised { IssueReason::Raised(session, pending) } else { IssueReason::Session(session) };
        let mut issued = issue::issue(parts, context, request, authorized, groups, reason).await?;
        issued.remembered = remember(parts, context, progress, authorized).await;
        return Ok(issued);
    };
    let account = &authorized.evidence().account;
    let replaces = keep_or_end(parts, context.1, browser.session.as_ref(), account).await?;
    let reason = IssueReason::Password { replaces, login: pending };
    let groups = groups_of(parts, context.0, pending, progress, account).await?;
    let mut issued = issue::issue(parts, context, request, authorized, groups, reason).await?;
    issued.device = Some(browser.device.with((&link.0, link.1), &progress.typed_name, authorized.evidence()));
    issued.remembered = remember(parts, context, progress, authorized).await;
    Ok(issued)
}

/// The person's groups for the claim: as read beside the password, or now if that was an earlier request.
async fn groups_of(
    parts: &LoginParts,
    current: &Current,
    pending: &Pending,
    progress: &Progress,
    account: &AccountId,
) -> Result<Vec<String>, Fault> {
    match &progress.groups {
        Some(groups) => Ok(groups.clone()),
        None if pending.request.shown_claims().has(Claim::Groups) => {
            let judged =
                rejudge::living(&parts.store, &parts.clock, current, account, Groups::Needed).await?;
            Ok(judged.groups.unwrap_or_default())
        }
        None => Ok(Vec::new()),
    }
}

/// Ends another person's session in this browser; a session of the same person is replaced.
async fn keep_or_end<'a>(
    parts: &LoginParts,
    visit: &Visit,
    session: Option<&'a Session>,
    account: &AccountId,
) -> Result<Option<&'a Session>, Fault> {
    let Some(session) = session else { return Ok(None) };
    let ended = issue::end_other(parts, visit, session, account).await?;
    Ok((!ended).then_some(session))
}

/// Remembers the browser of a person who asked for it and has just proven both factors in it. The sign-in is
/// complete by now, so an error of the store only means that the browser is asked for a code next time.
async fn remember(
    parts: &LoginParts,
    context: (&Current, &Visit),
    progress: &Progress,
    authorized: &Authorized,
) -> Option<RememberedCookie> {
    let kept = try_remember(parts, context, progress, authorized).await;
    kept.unwrap_or_else(|error| {
        tracing::warn!(id = %context.1.attempt_id, error = %Causes(&error), "a browser could not be remembered");
        None
    })
}

async fn try_remember(
    parts: &LoginParts,
    (current, visit): (&Current, &Visit),
    progress: &Progress,
    authorized: &Authorized,
) -> Result<Option<RememberedCookie>, Fault> {
    let evidence = authorized.evidence();
    let proven = progress.factor_of(&evidence.account, evidence.account_generation).is_some()
        && evidence.level() == Level::Mfa;
    let lifetime = current.settings.second_factor.remembered().filter(|_| progress.remember && proven);
    let Some(lifetime) = lifetime else { return Ok(None) };
    let (id, now) = (parts.random_id(), parts.now());
    let known = crate::domain::factor::Remembered {
        id_hash: standing::browser_hash(parts, &id),
        account: evidence.account.clone(),
        policy_generation: current.policy_generation,
        account_generation: evidence.account_generation,
        password_as_of: evidence.password_set_at.unwrap_or(evidence.auth_time),
        created_at: now,
        expires_at: now + lifetime,
        place: visit.place(),
    };
    let kept = parts.store.login().remember_browser(&known).await?;
    Ok(kept.then_some(RememberedCookie { id, lifetime }))
}
