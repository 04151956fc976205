//! Codes in a login: of an authenticator, a recovery code, or the help desk's. A right one is spent by the store, and only
//! then is there a proof.

use tokio::time::{Instant, sleep_until};

use crate::directory::Found;
use crate::domain::account::{Account, AccountId};
use crate::domain::advice::Cause;
use crate::domain::audit::{Decision, Detail, Event, Keep};
use crate::domain::evidence::Method;
use crate::domain::factor::Enrolling;
use crate::domain::login::{FactorProof, Progress};
use crate::domain::name::TypedName;
use crate::flow::account::factors::{self, Checked, Enrolled, Means};
use crate::flow::installation::browser::Browser;
use crate::flow::installation::context::{Parts, Visit};
use crate::flow::installation::fault::Fault;
use crate::flow::limits::throttle::{self, Asker, Whose};
use crate::flow::login::pending::Pending;
use crate::flow::login::sign_in::ALIKE;
use crate::flow::person::rejudge::BUDGET;
use crate::store::Adding;

/// What a typed code came to.
#[derive(Debug)]
pub enum Answer {
    /// It was right: the login goes on with this progress. `left` says how many recovery codes remain after one was used.
    Right {
        /// What is proven now.
        progress: Box<Progress>,
        /// Recovery codes that remain.
        left: Option<u32>,
    },
    Wrong,
    /// It was right, and was used already.
    AlreadyUsed,
}

/// How a set-up was answered.
#[derive(Debug)]
pub enum SetUp {
    /// It is done: these recovery codes are shown once, then the login goes on with this progress.
    Done {
        codes: Vec<String>,
        /// What is proven now.
        progress: Box<Progress>,
    },
    /// The code is wrong; nothing is stored.
    WrongCode,
    /// There is an authenticator already, or the account has changed: the login goes on without this set-up.
    NotHere,
}

/// One request of a login in progress.
#[derive(Clone, Copy)]
pub struct Step<'a> {
    /// Attempt id and address.
    pub visit: &'a Visit,
    pub pending: &'a Pending,
    pub browser: &'a Browser,
}

impl Step<'_> {
    fn asker(&self) -> Asker<'_> {
        Asker { visit: self.visit, client_id: &self.pending.request.client_id, device: &self.browser.device }
    }

    /// Whose login it is: the password's owner, else that of the living session which is being raised.
    fn owner(&self) -> Result<AccountId, Fault> {
        let proven = self.pending.progress.password.as_ref().map(|proof| proof.account().clone());
        let session = || self.browser.session.as_ref().map(|session| session.evidence.account.clone());
        proven.or_else(session).ok_or(Fault::LoginEnded)
    }

    /// The owner's account.
    pub(in crate::flow) async fn account(&self, parts: &Parts) -> Result<Account, Fault> {
        let account = parts.store.identity().account(&self.owner()?).await?.ok_or(Fault::LoginEnded)?;
        // After a reset, a suspension or a newer password nothing is set up, and no code spent, by what was proven before.
        let holds = self.pending.progress.password.as_ref().is_none_or(|proof| proof.holds(&account));
        if holds { Ok(account) } else { Err(Fault::LoginEnded) }
    }

    /// One more code that was refused, for the trail.
    async fn tell(
        &self,
        parts: &Parts,
        account: Option<&AccountId>,
        (cause, what): (Cause, &str),
    ) -> Result<(), Fault> {
        let detail = Detail { factor: Some(what.to_owned()), ..Detail::default() };
        let event = Event {
            keep: if account.is_some() { Keep::Long } else { Keep::Short },
            account_id: account.map(|account| account.0.clone()),
            client_id: Some(self.pending.request.client_id.clone()),
            cause: Some(cause.word().to_owned()),
            detail: detail.to_json(),
            ..self.visit.event(parts.now(), Decision::FactorRefused)
        };
        Ok(parts.store.login().append(&event).await?)
    }
}

const WRONG: (Cause, &str) = (Cause::WrongCode, "the code is wrong");
const USED: (Cause, &str) = (Cause::WrongCode, "the code was right, and was used before");
const WRONG_SET_UP: (Cause, &str) = (Cause::WrongCode, "the code does not fit the key of the set-up");
const NOT_INVITED: (Cause, &str) = (Cause::InvitationNeeded, "the help-desk code is wrong, used or too old");

/// A code that was typed after the password, or on top of a living session.
pub async fn answer(parts: &Parts, step: Step<'_>, typed: &str, remember: bool) -> Result<Answer, Fault> {
    let account = step.account(parts).await?;
    let attempt = throttle::admit_code(parts, &step.asker(), Whose::Account(&account)).await?;
    let checked = check(parts, step, &account.id, typed).await;
    let (attempt, checked) = attempt.looked_at(parts, checked).await?;
    let (method, left) = match checked {
        Checked::Right(Means::Otp) => (Method::Otp, None),
        Checked::Right(Means::Recovery { left }) => (Method::Recovery, Some(left)),
        Checked::AlreadyUsed => {
            step.tell(parts, Some(&account.id), USED).await?;
            return Ok(Answer::AlreadyUsed);
        }
        Checked::Wrong => {
            step.tell(parts, Some(&account.id), WRONG).await?;
            return Ok(Answer::Wrong);
        }
    };
    attempt.right(parts).await;
    let factor = FactorProof::new(&account, method);
    // A code for the day the phone is lost stands for this once, and for no browser.
    let remember = remember && method == Method::Otp;
    let progress = Box::new(Progress { factor, remember, ..step.pending.progress.clone() });
    Ok(Answer::Right { progress, left })
}

/// A code of the account's own, or else one of the help desk, which lets in once who has lost the phone. Who has set up
/// none has none to lose: there it opens the set-up, and is no way past it.
async fn check(parts: &Parts, step: Step<'_>, account: &AccountId, typed: &str) -> Result<Checked, Fault> {
    let checked = factors::check(parts, step.visit, account, typed).await?;
    if checked != Checked::Wrong || parts.store.identity().factors(account).await?.is_empty() {
        return Ok(checked);
    }
    // Read before the code is spent: what fails afterwards would lose it.
    let left = parts.store.identity().recovery_codes_left(account).await?;
    let redeemed = factors::redeem_invitation(parts, step.visit, account, typed).await?;
    Ok(if redeemed { Checked::Right(Means::Recovery { left }) } else { checked })
}

/// The help desk's code of somebody who has no factor yet and may set one up with it alone.
pub async fn redeem(parts: &Parts, step: Step<'_>, typed: &str) -> Result<Answer, Fault> {
    let account = step.account(parts).await?;
    let attempt = throttle::admit_code(parts, &step.asker(), Whose::Account(&account)).await?;
    let redeemed = factors::redeem_invitation(parts, step.visit, &account.id, typed).await;
    let (attempt, redeemed) = attempt.looked_at(parts, redeemed).await?;
    if !redeemed {
        step.tell(parts, Some(&account.id), NOT_INVITED).await?;
        return Ok(Answer::Wrong);
    }
    attempt.right(parts).await;
    let invited = Some((account.id, account.generation));
    let progress = Box::new(Progress { invited, ..step.pending.progress.clone() });
    Ok(Answer::Right { progress, left: None })
}

/// The first code of the authenticator that is being set up. Policy decides in [`crate::domain::login::next_step`] who
/// comes as far as the set-up; here only a login that was shown the key gets on.
pub async fn set_up(parts: &Parts, step: Step<'_>, typed: &str, name: &str) -> Result<SetUp, Fault> {
    let account = step.account(parts).await?;
    let progress = &step.pending.progress;
    let enrolling = progress.enrolling.as_ref().filter(|(whose, _)| *whose == account.id);
    let Some((_, enrolling)) = enrolling else { return Ok(SetUp::NotHere) };
    let attempt = throttle::admit_code(parts, &step.asker(), Whose::Account(&account)).await?;
    let new = (enrolling, name);
    let enrolled = factors::finish_enrolment(parts, step.visit, &account, new, Adding::First, typed).await;
    let (attempt, enrolled) = attempt.looked_at(parts, enrolled).await?;
    match enrolled {
        Enrolled::Done(codes) => {
            attempt.right(parts).await;
            let factor = FactorProof::new(&account, Method::Otp);
            let progress = Progress { factor, enrolling: None, ..progress.clone() };
            Ok(SetUp::Done { codes, progress: Box::new(progress) })
        }
        Enrolled::WrongCode => {
            step.tell(parts, Some(&account.id), WRONG_SET_UP).await?;
            Ok(SetUp::WrongCode)
        }
        Enrolled::NotFirst | Enrolled::Stale => {
            attempt.give_back(parts).await?;
            Ok(SetUp::NotHere)
        }
    }
}

/// A code before the password, where too many wrong passwords were tried with the typed name: a right one opens one bind.
/// Nobody learns here whether anybody has the name.
pub async fn answer_first(parts: &Parts, step: Step<'_>, typed: &str) -> Result<Answer, Fault> {
    let began = Instant::now();
    let name = &step.pending.progress.typed_name;
    let attempt = throttle::admit_code(parts, &step.asker(), Whose::Name(name)).await?;
    let proven = check_first(parts, step, name, typed).await;
    let (attempt, proven) = attempt.looked_at(parts, proven).await?;
    let Some((proof, left)) = proven else {
        step.tell(parts, None, (Cause::WrongCode, "asked for before the password")).await?;
        sleep_until(began + ALIKE).await;
        return Ok(Answer::Wrong);
    };
    attempt.right(parts).await;
    let factor = Some(proof.opening(parts.random_id()));
    let progress = Progress { factor, factor_first: false, ..step.pending.progress.clone() };
    Ok(Answer::Right { progress: Box::new(progress), left })
}

/// A code used before is a wrong one here: anything else would tell that the name is somebody's. So is the help desk's
/// for somebody who has no factor: that one opens the set-up, which comes after the password.
async fn check_first(
    parts: &Parts,
    step: Step<'_>,
    name: &str,
    typed: &str,
) -> Result<Option<(FactorProof, Option<u32>)>, Fault> {
    let Some(account) = named(parts, step, name).await? else { return Ok(None) };
    if parts.store.identity().factors(&account.id).await?.is_empty() {
        return Ok(None);
    }
    Ok(match check(parts, step, &account.id, typed).await? {
        Checked::Right(Means::Otp) => FactorProof::new(&account, Method::Otp).map(|proof| (proof, None)),
        Checked::Right(Means::Recovery { left }) => {
            FactorProof::new(&account, Method::Recovery).map(|proof| (proof, Some(left)))
        }
        Checked::AlreadyUsed | Checked::Wrong => None,
    })
}

/// The account of the one person who has a name, in the directory whose password was tried.
async fn named(parts: &Parts, step: Step<'_>, typed: &str) -> Result<Option<Account>, Fault> {
    let current = parts.current();
    let Some(name) = TypedName::parse(typed) else { return Ok(None) };
    let chosen = step.pending.progress.directory.as_ref();
    let Some(site) = current.route(&name, chosen, Some(&step.browser.device)).one() else { return Ok(None) };
    match site.directory.find(&name, Instant::now() + BUDGET).await? {
        Found::One(entry) => Ok(parts.store.identity().account_by_entry(site.id(), entry.id).await?),
        _ => Ok(None),
    }
}

/// The key that is being set up in a login, for its page.
#[must_use]
pub fn enrolling(pending: &Pending) -> Option<&Enrolling> {
    pending.progress.enrolling.as_ref().map(|(_, enrolling)| enrolling)
}
