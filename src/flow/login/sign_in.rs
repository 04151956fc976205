//! Check a typed user name and password: find, bind, read the groups, import the account, judge.
//!
//! This takes at most one bind. The groups, the filter of the scope and other entries with the email address are
//! searched only where they matter, and only after the right password.

mod gather;
mod refused;
mod turn;

use self::gather::{Gathered, OutOfAttempts, PasswordCheck, gather};
use self::refused::{refused, undecided};
use self::turn::NameTurn;
use crate::domain::Millis;
use crate::domain::entry::DirectoryId;
use crate::domain::gates::{self, GateInput, Judgement, JudgementMode, Renewal};
use crate::domain::lockout::{self, in_minutes};
use crate::domain::login::{PasswordProof, Progress};
use crate::domain::name::TypedName;
use crate::domain::routing::Route;
use crate::domain::schema::Schema;
use crate::domain::secret::Plain;
use crate::flow::installation::current::{Current, Site};
use crate::flow::installation::fault::Fault;
use crate::flow::limits::throttle;
use crate::flow::login::advance::advance;
use crate::flow::login::outcome::LoginOutcome;
use crate::flow::login::page::LoginPage;
use crate::flow::login::refusal::SignInRefusal;
use crate::flow::login::step::StepRequest;
use crate::flow::person::look::LiveDetails;
use crate::oidc::claim_set::Claim;

/// A typed name and password, with the chosen directory.
pub struct Credentials<'a> {
    /// In any of its forms.
    pub typed_name: &'a str,
    /// The chosen directory, if the page offered a choice.
    pub directory: Option<&'a DirectoryId>,
    pub password: Plain,
}

/// A name that is well-formed, and the one directory that it may belong to.
#[derive(Clone, Copy)]
struct Target<'a> {
    name: &'a TypedName,
    site: &'a Site,
}

/// Checks a typed name and password, and continues the login.
pub async fn sign_in(step: StepRequest<'_>, credentials: Credentials<'_>) -> Result<LoginOutcome, Fault> {
    let current = step.current;
    let name = TypedName::parse(credentials.typed_name);
    let lead = |name| step.browser.device.route(current, name, credentials.directory);
    let route = name.as_ref().map_or(Route::Nobody, lead);
    if current.settings.sso.enabled && matches!(route, Route::Choose(_)) {
        return Ok(LoginOutcome::refused(step, SignInRefusal::WhichDirectory));
    }
    let target = name.as_ref().zip(route.one()).map(|(name, site)| Target { name, site });
    decide(step, &credentials, target).await
}

/// Decides a name and password in this directory, whether or not the name exists.
async fn decide(
    step: StepRequest<'_>,
    credentials: &Credentials<'_>,
    target: Option<Target<'_>>,
) -> Result<LoginOutcome, Fault> {
    let parts = step.parts;
    let mut turn = NameTurn::begun();
    let admission = throttle::admit(parts, &step.asker(), credentials.typed_name).await?;
    let site = target.map(|target| target.site);
    let gathered = match target {
        Some(Target { name, site }) if step.current.settings.sso.enabled => {
            let is_known = admission.is_known() || step.pending.progress.factor.is_some();
            let by_name = lockout::Browser::known_if(is_known);
            gather(parts, &PasswordCheck { step, site, name, credentials, by_name }, &mut turn).await
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
            return Err(undecided(step, site, error).await);
        }
    };
    let judgement = judge(step.current, &gathered, parts.now());
    if judgement.password_proven() {
        turn.end(parts).await?;
        admission.give_back(parts).await?;
    }
    let Some(proof) = proof(&judgement, site, parts.now()) else {
        let refusal = refused(step, site, &gathered, &judgement).await?;
        if refusal == SignInRefusal::NotProven {
            turn.refused().await;
            turn.end(parts).await?;
            if let Some(out) = gathered.out_of_attempts {
                return out_of_attempts(step, credentials.typed_name, site, out);
            }
        }
        return Ok(LoginOutcome::refused(step, refusal));
    };
    advance(step, proven(step, credentials.typed_name, site, proof, gathered)).await
}

/// The proof of the password, if no gate is shut, or only the one that a new password opens.
fn proof(judgement: &Judgement, site: Option<&Site>, now: Millis) -> Option<PasswordProof> {
    let after_change = judgement.passed_after_change().filter(|passed| {
        site.zip(passed.needs_new_password()).is_some_and(|(site, why)| can_change(site, why))
    });
    judgement.passed().or(after_change).and_then(|passed| PasswordProof::new(passed, now))
}

/// The response if no attempt is left: a page that asks for a code first, or how long to wait.
fn out_of_attempts(
    step: StepRequest<'_>,
    typed_name: &str,
    site: Option<&Site>,
    out: OutOfAttempts,
) -> Result<LoginOutcome, Fault> {
    if !out.factor_first {
        let minutes = in_minutes(out.until, step.parts.now());
        let refusal = SignInRefusal::TooMany { minutes, known_browser: out.known_browser };
        return Ok(LoginOutcome::refused(step, refusal));
    }
    let (typed_name, directory) = (typed_name.to_owned(), site.map(|site| site.id().clone()));
    let again_at = Some(out.until);
    let progress = Progress { typed_name, directory, factor_first: true, again_at, ..Progress::default() };
    LoginOutcome::show(step, LoginPage::FactorFirst, &progress)
}

/// True if a new password may be set here: over TLS only, and not in OpenLDAP with an expired one, where the
/// person has to bind to change it.
fn can_change(site: &Site, why: Renewal) -> bool {
    let possible = site.settings.schema == Schema::ActiveDirectory || why == Renewal::MustChange;
    site.settings.password_change && site.directory.is_encrypted() && possible
}

/// The progress of the login after its password.
fn proven(
    step: StepRequest<'_>,
    typed_name: &str,
    site: Option<&Site>,
    proof: PasswordProof,
    gathered: Gathered,
) -> Progress {
    let confirmed_at = gathered.person.confirmed_at;
    let LiveDetails { in_policy_group, groups, .. } = gathered.person.looked;
    let groups = groups.filter(|_| step.pending.request.shown_claims().has(Claim::Groups));
    Progress {
        typed_name: typed_name.to_owned(),
        link: site.zip(gathered.entry).map(|(site, entry)| (site.id().clone(), entry.id)),
        in_policy_group,
        groups,
        confirmed_at,
        ..step.pending.progress.clone().with_password(proof)
    }
}

fn judge(current: &Current, gathered: &Gathered, now: Millis) -> Judgement {
    let found = match &gathered.entry {
        Some(entry) => gates::FoundEntry::One(entry),
        None if gathered.ambiguous => gates::FoundEntry::Ambiguous,
        None => gates::FoundEntry::Nobody,
    };
    let input = gathered.person.gate_input(found, JudgementMode::Password, current, now);
    gates::judge(&GateInput { bind: gathered.bind, ..input })
}
