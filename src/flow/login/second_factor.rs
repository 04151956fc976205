//! Check codes in a login: of an authenticator, recovery codes and help-desk codes. The store spends a right
//! code before there is a proof.

use tokio::time::{Instant, sleep_until};

use crate::directory::Found;
use crate::domain::account::{Account, AccountId};
use crate::domain::advice::Cause;
use crate::domain::audit::{Decision, Detail, Event, Keep};
use crate::domain::evidence::Method;
use crate::domain::factor::Enrolling;
use crate::domain::login::{FactorProof, Progress};
use crate::domain::name::TypedName;
use crate::flow::account::factors::{self, Checked, Enrolled, Means, NewAuthenticator};
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::current::DIRECTORY_WAIT;
use crate::flow::installation::fault::Fault;
use crate::flow::limits::throttle::{self, CodeSubject};
use crate::flow::login::pending::Pending;
use crate::flow::login::refusal::ALIKE;
use crate::flow::login::step::StepRequest;
use crate::store::Adding;

/// The result of a typed code.
#[derive(Debug)]
pub enum CodeResult {
    /// The login continues with this progress.
    Right {
        progress: Box<Progress>,
        /// How many recovery codes remain, after one was used.
        left: Option<u32>,
    },
    Wrong,
    /// The code was right but has been used before.
    AlreadyUsed,
}

/// The result of setting up an authenticator.
#[derive(Debug)]
pub enum SetUp {
    /// The recovery codes are shown once, then the login continues with this progress.
    Done { codes: Vec<String>, progress: Box<Progress> },
    /// The code is wrong; nothing is stored.
    WrongCode,
    /// There is an authenticator already, or the account has changed: the login continues without.
    NotHere,
}

/// Why a code was refused, for the audit trail.
struct CodeRefusal {
    cause: Cause,
    what: &'static str,
}

impl CodeRefusal {
    const fn wrong(what: &'static str) -> Self {
        Self { cause: Cause::WrongCode, what }
    }
}

const WRONG: CodeRefusal = CodeRefusal::wrong("the code is wrong");
const USED: CodeRefusal = CodeRefusal::wrong("the code was right but has been used before");
const WRONG_SET_UP: CodeRefusal = CodeRefusal::wrong("the code does not match the key of the set-up");
const WRONG_BEFORE: CodeRefusal = CodeRefusal::wrong("asked for before the password");
const NOT_INVITED: CodeRefusal =
    CodeRefusal { cause: Cause::InvitationNeeded, what: "the help-desk code is wrong, used or expired" };

/// Checks a code typed after the password, or on top of a session.
pub async fn submit_code(step: StepRequest<'_>, code: &str, remember: bool) -> Result<CodeResult, Fault> {
    let parts = step.parts;
    let account = step.account().await?;
    let attempt = throttle::admit_code(parts, &step.asker(), CodeSubject::Account(&account)).await?;
    let checked = check(step, &account.id, code).await;
    let (attempt, checked) = attempt.looked_at(parts, checked).await?;
    let (method, left) = match checked {
        Checked::Right(Means::Otp) => (Method::Otp, None),
        Checked::Right(Means::Recovery { left }) => (Method::Recovery, Some(left)),
        Checked::AlreadyUsed => {
            record_refusal(step, Some(&account), USED).await?;
            return Ok(CodeResult::AlreadyUsed);
        }
        Checked::Wrong => {
            record_refusal(step, Some(&account), WRONG).await?;
            return Ok(CodeResult::Wrong);
        }
    };
    attempt.right(parts).await;
    let factor = proven(parts, &account, method);
    // A recovery code, meant for a lost phone, counts once and for no browser.
    let remember = remember && method == Method::Otp;
    let progress = Box::new(Progress { factor, remember, ..step.pending.progress.clone() });
    Ok(CodeResult::Right { progress, left })
}

/// The proof of a code that was accepted just now.
fn proven(parts: &LoginParts, account: &Account, method: Method) -> Option<FactorProof> {
    FactorProof::new(account, method).map(|proof| proof.accepted_at(parts.now()))
}

/// Checks the account's own codes, then help-desk codes, which let a person without their phone sign in once.
/// For an account without a factor a help-desk code opens the set-up and does not replace it.
async fn check(step: StepRequest<'_>, account: &AccountId, code: &str) -> Result<Checked, Fault> {
    let checked = factors::check(step.parts, step.visit, account, code).await?;
    if checked != Checked::Wrong || step.parts.store.identity().factors(account).await?.is_empty() {
        return Ok(checked);
    }
    // Read before the code is spent: a later error would lose it.
    let left = step.parts.store.identity().recovery_codes_left(account).await?;
    let redeemed = factors::redeem_invitation(step.parts, step.visit, account, code).await?;
    Ok(if redeemed { Checked::Right(Means::Recovery { left }) } else { checked })
}

/// Redeems the help-desk code of an account that has no factor yet and needs the code to set one up.
pub async fn redeem(step: StepRequest<'_>, code: &str) -> Result<CodeResult, Fault> {
    let parts = step.parts;
    let account = step.account().await?;
    let attempt = throttle::admit_code(parts, &step.asker(), CodeSubject::Account(&account)).await?;
    let redeemed = factors::redeem_invitation(parts, step.visit, &account.id, code).await;
    let (attempt, redeemed) = attempt.looked_at(parts, redeemed).await?;
    if !redeemed {
        record_refusal(step, Some(&account), NOT_INVITED).await?;
        return Ok(CodeResult::Wrong);
    }
    attempt.right(parts).await;
    let invited = Some((account.id, account.generation));
    let progress = Box::new(Progress { invited, ..step.pending.progress.clone() });
    Ok(CodeResult::Right { progress, left: None })
}

/// Checks the first code of the authenticator being set up. Policy decides in
/// [`crate::domain::login::next_step`] which login gets to the set-up; here only a login that was shown the
/// key continues.
pub async fn set_up(step: StepRequest<'_>, code: &str, factor_name: &str) -> Result<SetUp, Fault> {
    let parts = step.parts;
    let account = step.account().await?;
    let progress = &step.pending.progress;
    let enrolling = progress.enrolling.as_ref().filter(|(owner, _)| *owner == account.id);
    let Some((_, enrolling)) = enrolling else { return Ok(SetUp::NotHere) };
    let attempt = throttle::admit_code(parts, &step.asker(), CodeSubject::Account(&account)).await?;
    let new = NewAuthenticator { enrolling, name: factor_name, code };
    let enrolled = factors::finish_enrolment(parts, step.visit, &account, new, Adding::First).await;
    let (attempt, enrolled) = attempt.looked_at(parts, enrolled).await?;
    match enrolled {
        Enrolled::Done(codes) => {
            attempt.right(parts).await;
            let factor = proven(parts, &account, Method::Otp);
            let progress = Progress { factor, enrolling: None, ..progress.clone() };
            Ok(SetUp::Done { codes, progress: Box::new(progress) })
        }
        Enrolled::WrongCode => {
            record_refusal(step, Some(&account), WRONG_SET_UP).await?;
            Ok(SetUp::WrongCode)
        }
        Enrolled::NotFirst | Enrolled::Stale => {
            attempt.give_back(parts).await?;
            Ok(SetUp::NotHere)
        }
    }
}

/// Checks a code before the password, after too many wrong passwords with the typed name: a right one opens
/// one bind. The response does not reveal whether the name exists.
pub async fn submit_code_first(step: StepRequest<'_>, code: &str) -> Result<CodeResult, Fault> {
    let parts = step.parts;
    let began = Instant::now();
    let typed_name = &step.pending.progress.typed_name;
    let attempt = throttle::admit_code(parts, &step.asker(), CodeSubject::Name(typed_name)).await?;
    let proven = check_first(step, typed_name, code).await;
    let (attempt, proven) = attempt.looked_at(parts, proven).await?;
    let Some((proof, left)) = proven else {
        record_refusal(step, None, WRONG_BEFORE).await?;
        sleep_until(began + ALIKE).await;
        return Ok(CodeResult::Wrong);
    };
    attempt.right(parts).await;
    let factor = Some(proof.opening(parts.random_id()));
    let progress = Progress { factor, factor_first: false, ..step.pending.progress.clone() };
    Ok(CodeResult::Right { progress: Box::new(progress), left })
}

/// A used code is a wrong one here, since any other answer would reveal that the name exists. So is a
/// help-desk code for an account without a factor: it opens the set-up, which comes after the password.
async fn check_first(
    step: StepRequest<'_>,
    typed_name: &str,
    code: &str,
) -> Result<Option<(FactorProof, Option<u32>)>, Fault> {
    let Some(account) = named(step, typed_name).await? else { return Ok(None) };
    if step.parts.store.identity().factors(&account.id).await?.is_empty() {
        return Ok(None);
    }
    Ok(match check(step, &account.id, code).await? {
        Checked::Right(Means::Otp) => proven(step.parts, &account, Method::Otp).map(|proof| (proof, None)),
        Checked::Right(Means::Recovery { left }) => {
            proven(step.parts, &account, Method::Recovery).map(|proof| (proof, Some(left)))
        }
        Checked::AlreadyUsed | Checked::Wrong => None,
    })
}

/// The account of the one entry with this name, in the directory whose password was tried.
async fn named(step: StepRequest<'_>, typed_name: &str) -> Result<Option<Account>, Fault> {
    let Some(name) = TypedName::parse(typed_name) else { return Ok(None) };
    let directory = step.pending.progress.directory.as_ref();
    let route = step.browser.device.route(step.current, &name, directory);
    let Some(site) = route.one() else { return Ok(None) };
    match site.directory.find(&name, Instant::now() + DIRECTORY_WAIT).await? {
        Found::One(entry) => Ok(step.parts.store.identity().account_by_entry(site.id(), entry.id).await?),
        _ => Ok(None),
    }
}

/// Records a refused code in the audit trail.
async fn record_refusal(
    step: StepRequest<'_>,
    account: Option<&Account>,
    refusal: CodeRefusal,
) -> Result<(), Fault> {
    let event = step.event(Decision::FactorRefused);
    let event = match account {
        Some(account) => event.about(&account.id, account.directory()),
        None => Event { keep: Keep::Short, ..event },
    };
    let event = Event {
        cause: Some(refusal.cause.word().to_owned()),
        detail: Detail { factor: Some(refusal.what.to_owned()), ..Detail::default() }.to_json(),
        ..event
    };
    Ok(step.parts.store.login().append(&event).await?)
}

/// The key being set up in a login, for its page.
#[must_use]
pub fn enrolling(pending: &Pending) -> Option<&Enrolling> {
    pending.progress.enrolling.as_ref().map(|(_, enrolling)| enrolling)
}
