//! Check a typed user name and password: find, bind, read the groups, import the account, judge.
//!
//! This takes at most two searches and one bind: the entry, its groups if they matter, and the bind. A person
//! who has no account yet costs a third search, which checks that no other entry has the email address.

mod gather;
mod turn;

use tokio::time::Duration;

use self::gather::{Gathered, OutOfAttempts, PasswordCheck, gather};
use self::turn::NameTurn;
use crate::domain::Millis;
use crate::domain::advice::Cause;
use crate::domain::audit::{Decision, Detail, Event, Keep};
use crate::domain::bind::{BindOutcome, BindRefusal};
use crate::domain::entry::DirectoryId;
use crate::domain::gates::{self, Gate, GateInput, Judgement, JudgementMode, Renewal};
use crate::domain::lockout::{self, in_minutes};
use crate::domain::login::{PasswordProof, Progress};
use crate::domain::name::TypedName;
use crate::domain::reconcile::Conflict;
use crate::domain::routing::Route;
use crate::domain::secret::Plain;
use crate::domain::settings::Schema;
use crate::flow::installation::browser::Browser;
use crate::flow::installation::context::{LoginParts, Visit};
use crate::flow::installation::current::{Current, Site};
use crate::flow::installation::fault::Fault;
use crate::flow::limits::throttle::{self, Asker};
use crate::flow::login::advance::{self, LoginOutcome, LoginPage};
use crate::flow::login::pending::Pending;
use crate::oidc::claim_set::Claim;

/// A refusal before the password is proven takes at least this long: the time would reveal whether there was
/// an entry to bind as, that is, whether the name exists (2 ms without a bind, 5 to 40 ms with one).
pub const ALIKE: Duration = Duration::from_millis(300);

/// A typed name and password, with the chosen directory.
pub struct Credentials<'a> {
    /// In any of its forms.
    pub name: &'a str,
    /// The chosen directory, if the page offered a choice.
    pub directory: Option<&'a DirectoryId>,
    pub password: Plain,
}

/// Why a sign-in was refused, as far as the person may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInRefusal {
    /// Nothing was tried: the name could be in several directories, and the person has to choose.
    WhichDirectory,
    /// The password was not proven: every such refusal looks the same.
    NotProven,
    /// Nothing was tried: too many wrong passwords came before. Names that do not exist get this answer too.
    TooMany {
        /// Until the next attempt is allowed, if no other is made meanwhile.
        minutes: u32,
        /// The person has signed in in this browser before.
        known_browser: bool,
    },
    /// The password is right but expired: [`Gate::PasswordUsable`] is shut by its age and not by a reset.
    PasswordExpired,
    /// The password is right; this gate is shut.
    Shut(Gate),
    /// The password is right; another account or entry has the email address.
    MailTaken,
    /// The password is right; the entry's email address is invalid or in a foreign domain.
    MailUnusable,
    /// The password is right; an account that existed in CloudSync waits for an administrator to link it.
    LinkPending,
}

/// Checks a typed name and password, and continues the login.
pub async fn sign_in(
    parts: &LoginParts,
    visit: &Visit,
    pending: &Pending,
    credentials: Credentials<'_>,
    browser: &Browser,
) -> Result<LoginOutcome, Fault> {
    let current = parts.current();
    let name = TypedName::parse(credentials.name);
    let lead = |name| current.route(name, credentials.directory, Some(&browser.device));
    let route = name.as_ref().map_or(Route::Nobody, lead);
    if current.settings.sso.enabled && matches!(route, Route::Choose(_)) {
        return Ok(LoginOutcome::Refused(SignInRefusal::WhichDirectory, Box::new(pending.clone())));
    }
    let target = name.as_ref().zip(route.one().map(AsRef::as_ref));
    decide(parts, (&current, visit), pending, (credentials, target), browser).await
}

/// Decides a name and password in this directory, whether or not the name exists.
async fn decide(
    parts: &LoginParts,
    (current, visit): (&Current, &Visit),
    pending: &Pending,
    (credentials, target): (Credentials<'_>, Option<(&TypedName, &Site)>),
    browser: &Browser,
) -> Result<LoginOutcome, Fault> {
    let mut turn = NameTurn::begun();
    let asker = Asker { visit, client_id: &pending.request.client_id, device: &browser.device };
    let admission = throttle::admit(parts, &asker, credentials.name).await?;
    let site = target.map(|(_, site)| site);
    let gathered = match target {
        Some((name, site)) if current.settings.sso.enabled => {
            let is_known = admission.is_known() || pending.progress.factor.is_some();
            let by_name = if is_known { lockout::Browser::Known } else { lockout::Browser::Unknown };
            let check = PasswordCheck { current, site, pending, browser, by_name };
            gather(parts, &check, (name, &credentials), &mut turn).await
        }
        _ => Ok(Gathered::default()),
    };
    let gathered = match gathered {
        Ok(gathered) => gathered,
        Err(error) => {
            // Attempts that wait in vain count: otherwise one address could have any number of them wait.
            if !turn.turned_away {
                admission.give_back(parts).await?;
            }
            // A bind can fail only if there is an entry to bind as, so this takes as long as a refusal.
            turn.refused().await;
            turn.end(parts).await?;
            return Err(undecided(parts, visit, pending, site, error).await);
        }
    };
    let judgement = judge(current, &gathered, parts.now());
    if judgement.password_proven() {
        turn.end(parts).await?;
        admission.give_back(parts).await?;
    }
    let after_change = judgement.passed_after_change().filter(|passed| {
        site.zip(passed.needs_new_password()).is_some_and(|(site, why)| can_change(site, why))
    });
    let passed = judgement.passed().or(after_change);
    let Some(proof) = passed.and_then(|passed| PasswordProof::new(passed, parts.now())) else {
        let refusal = refuse(parts, visit, pending, (site, &gathered, &judgement)).await?;
        if refusal == SignInRefusal::NotProven {
            turn.refused().await;
            turn.end(parts).await?;
            if let Some(out) = gathered.out_of_attempts {
                return out_of_attempts(parts, (credentials.name, site), pending, out, browser);
            }
        }
        return Ok(LoginOutcome::Refused(refusal, Box::new(pending.clone())));
    };
    let progress = proven(pending, credentials.name, proof, gathered, site);
    advance::advance(parts, (current, visit), pending, progress, browser).await
}

/// The response if no attempt is left: a page that asks for a code first, or how long to wait.
fn out_of_attempts(
    parts: &LoginParts,
    (typed_name, site): (&str, Option<&Site>),
    pending: &Pending,
    out: OutOfAttempts,
    browser: &Browser,
) -> Result<LoginOutcome, Fault> {
    if !out.factor_first {
        let minutes = in_minutes(out.until, parts.now());
        let refusal = SignInRefusal::TooMany { minutes, known_browser: out.known_browser };
        return Ok(LoginOutcome::Refused(refusal, Box::new(pending.clone())));
    }
    let (typed_name, directory) = (typed_name.to_owned(), site.map(|site| site.id().clone()));
    let again_at = Some(out.until);
    let progress = Progress { typed_name, directory, factor_first: true, again_at, ..Progress::default() };
    advance::show(parts, LoginPage::FactorFirst, pending, progress, browser)
}

/// True if a new password may be set here: over TLS only, and not in OpenLDAP with an expired one, where the
/// person has to bind to change it.
fn can_change(site: &Site, why: Renewal) -> bool {
    let possible = site.settings.schema == Schema::ActiveDirectory || why == Renewal::MustChange;
    site.settings.password_change && site.directory.is_encrypted() && possible
}

/// The progress of the login after its password.
fn proven(
    pending: &Pending,
    typed_name: &str,
    proof: PasswordProof,
    gathered: Gathered,
    site: Option<&Site>,
) -> Progress {
    let (in_policy_group, groups) =
        gathered.looked.map_or((false, None), |looked| (looked.in_policy_group, looked.groups));
    let groups = groups.filter(|_| pending.request.shown_claims().has(Claim::Groups));
    Progress {
        typed_name: typed_name.to_owned(),
        link: site.zip(gathered.entry).map(|(site, entry)| (site.id().clone(), entry.id)),
        in_policy_group,
        groups,
        ..pending.progress.clone().with_password(proof)
    }
}

fn judge(current: &Current, gathered: &Gathered, now: Millis) -> Judgement {
    gates::judge(&GateInput {
        mode: JudgementMode::Password,
        sso_enabled: current.settings.sso.enabled,
        found: match &gathered.entry {
            Some(entry) => gates::FoundEntry::One(entry),
            None if gathered.ambiguous => gates::FoundEntry::Ambiguous,
            None => gates::FoundEntry::Nobody,
        },
        bind: gathered.bind,
        scope: gathered.looked.as_ref().and_then(|looked| looked.scope.as_ref()),
        excluded: gathered.looked.as_ref().and_then(|looked| looked.excluded.as_ref()),
        account: gathered.imported.account.as_ref(),
        held_back: gathered.imported.held_back.as_deref(),
        mail_fault: gathered.imported.mail_fault.as_deref(),
        settings_generation: current.generation,
        now,
    })
}

async fn refuse(
    parts: &LoginParts,
    visit: &Visit,
    pending: &Pending,
    (site, gathered, judgement): (Option<&Site>, &Gathered, &Judgement),
) -> Result<SignInRefusal, Fault> {
    let gate = judgement.refusal().unwrap_or(Gate::Bound);
    let account = gathered.imported.account.as_ref();
    let mut detail = Detail {
        entry: gathered.entry.as_ref().map(|entry| entry.dn.to_string()),
        budget: gathered.budget.clone(),
        error: gathered
            .repeated
            .then(|| "the same wrong password as before: it was not sent again".to_owned()),
        ..Detail::default()
    }
    .judged(judgement);
    if let Some(outcome) = gathered.bind {
        detail = detail.bound(outcome, gathered.server.clone());
    }
    if !judgement.password_proven() {
        detail = detail.in_brief();
    }
    let locked = gathered.entry.as_ref().is_some_and(|entry| entry.locked == Some(true));
    let cause = match gathered.spent {
        true if locked => Gate::NotLocked.as_str(),
        true => Cause::BudgetSpent.word(),
        false => gate.as_str(),
    };
    parts
        .store
        .login()
        .append(&Event {
            keep: if judgement.password_proven() { Keep::Long } else { Keep::Short },
            subject: detail.entry.clone(),
            account_id: account.map(|account| account.id.0.clone()),
            directory: site.map(|site| site.id().0.clone()),
            client_id: Some(pending.request.client_id.clone()),
            cause: Some(cause.to_owned()),
            detail: detail.to_json(),
            ..visit.event(parts.now(), Decision::SignInRefused)
        })
        .await?;
    // Only what holds for every name may be shown before the password is proven.
    let may_show = judgement.password_proven() || gate == Gate::SsoEnabled;
    Ok(match gathered.bind {
        _ if !may_show => SignInRefusal::NotProven,
        Some(BindOutcome::Refused(BindRefusal::PasswordExpired)) if gate == Gate::PasswordUsable => {
            SignInRefusal::PasswordExpired
        }
        _ if gate == Gate::MailPresent && gathered.imported.mail_fault.is_some() => {
            SignInRefusal::MailUnusable
        }
        _ if gate == Gate::AccountExists => no_account(gathered.imported.conflict.as_ref()),
        _ => SignInRefusal::Shut(gate),
    })
}

fn no_account(conflict: Option<&Conflict>) -> SignInRefusal {
    match conflict {
        Some(Conflict::MailTaken { .. } | Conflict::MailShared { .. }) => SignInRefusal::MailTaken,
        Some(Conflict::LinkPending { .. } | Conflict::LinkContested { .. }) => SignInRefusal::LinkPending,
        _ => SignInRefusal::Shut(Gate::AccountExists),
    }
}

/// Records in the audit trail, if the store still can, that the directory or the store gave no answer.
async fn undecided(
    parts: &LoginParts,
    visit: &Visit,
    pending: &Pending,
    site: Option<&Site>,
    error: Fault,
) -> Fault {
    let detail = Detail { error: Some(error.to_string()), ..Detail::default() };
    let event = Event {
        keep: Keep::Short,
        directory: site.map(|site| site.id().0.clone()),
        client_id: Some(pending.request.client_id.clone()),
        cause: Some(error.cause().word().to_owned()),
        detail: detail.to_json(),
        ..visit.event(parts.now(), Decision::SignInUndecided)
    };
    if let Err(unwritten) = parts.store.login().append(&event).await {
        tracing::error!(attempt_id = %visit.attempt_id, %unwritten, "an audit event could not be written");
    }
    error
}
