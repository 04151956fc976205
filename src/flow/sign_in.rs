//! A typed name and password: find, bind, look, import on the spot, judge.
//!
//! At most two searches and one bind: the entry, its groups where they matter, and the bind. (A person who has no
//! account yet costs a third search, which makes sure that nobody else claims the mail.)

use tokio::time::{Duration, Instant, sleep_until};

use crate::directory::Found;
use crate::domain::Millis;
use crate::domain::advice::Cause;
use crate::domain::audit::{Budget, Decision, Detail, Event, Keep};
use crate::domain::bind::{BindOutcome, BindRefusal};
use crate::domain::entry::{DirectoryId, Entry};
use crate::domain::gates::{self, Facts, Gate, Judgement, Mode, Renewal};
use crate::domain::lockout;
use crate::domain::login::{PasswordProof, Progress};
use crate::domain::name::{TypedName, fold};
use crate::domain::routing::Route;
use crate::domain::secret::Plain;
use crate::domain::settings::{Required, Schema};
use crate::flow::advance::{self, Outcome, Page};
use crate::flow::browser::Browser;
use crate::flow::budget::{self, Reservation, Reserved, Subject, Tried};
use crate::flow::context::{Parts, Visit};
use crate::flow::estate::{Current, Site};
use crate::flow::fault::Fault;
use crate::flow::judge::BUDGET;
use crate::flow::pending::Pending;
use crate::flow::person::{self, Imported, Looked};
use crate::flow::shares;
use crate::flow::throttle::{self, Asker};
use crate::oidc::claim_set::Claim;

/// A refusal before the password is proven comes no sooner: the time would tell whether there was anybody to bind as, that
/// is, whether the name exists (2 ms without a bind, 5 to 40 ms with one).
pub const ALIKE: Duration = Duration::from_millis(300);

/// What was typed.
pub struct Credentials<'a> {
    /// The name, in any of its forms.
    pub name: &'a str,
    /// The directory that was chosen, where the page asked for it.
    pub directory: Option<&'a DirectoryId>,
    /// The password.
    pub password: Plain,
}

/// Why a sign-in was refused, as far as the person may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing was tried: the name could be in several directories, and the person has to say which.
    WhichDirectory,
    /// The password was not proven: every such refusal looks the same.
    NotProven,
    /// The password is right, and too old: [`Gate::PasswordUsable`] is shut for its age and not for a reset.
    PasswordExpired,
    /// The password is right; this gate is shut.
    Shut(Gate),
    /// The password is right; the entry could not be imported, because of its mail.
    MailTaken,
}

/// What the directory and the import had to say.
#[derive(Default)]
struct Gathered {
    entry: Option<Entry>,
    ambiguous: bool,
    bind: Option<BindOutcome>,
    server: Option<String>,
    budget: Option<Budget>,
    /// The password was not sent: too many wrong ones came before.
    spent: bool,
    /// A code may open the bind that was not made.
    factor_first: bool,
    looked: Option<Looked>,
    imported: Imported,
}

/// Decides a sign-in.
pub async fn sign_in(
    parts: &Parts,
    visit: &Visit,
    pending: &Pending,
    typed: Credentials<'_>,
    browser: &Browser,
) -> Result<Outcome, Fault> {
    let current = parts.current();
    let name = TypedName::parse(typed.name);
    let lead = |name| current.route(name, typed.directory, Some(&browser.device));
    let route = name.as_ref().map_or(Route::Nobody, lead);
    if current.settings.sso.enabled && matches!(route, Route::Choose(_)) {
        return Ok(Outcome::Refused(Refusal::WhichDirectory, Box::new(pending.clone())));
    }
    let meant = name.as_ref().zip(route.one().map(AsRef::as_ref));
    decide(parts, (&current, visit), pending, (typed, meant), browser).await
}

/// What comes of a password for this name in this directory; for a name that is nobody's, what comes of any.
async fn decide(
    parts: &Parts,
    (current, visit): (&Current, &Visit),
    pending: &Pending,
    (typed, meant): (Credentials<'_>, Option<(&TypedName, &Site)>),
    browser: &Browser,
) -> Result<Outcome, Fault> {
    let began = Instant::now();
    let asker = Asker { visit, client_id: &pending.request.client_id, device: &browser.device };
    let admission = throttle::admit(parts, &asker, typed.name).await?;
    let site = meant.map(|(_, site)| site);
    let gathered = match meant {
        Some((name, site)) if current.settings.sso.enabled => {
            let asked = Asked { current, site, pending, browser };
            gather(parts, &asked, name, &typed).await
        }
        _ => Ok(Gathered::default()),
    };
    let facts = match gathered {
        Ok(facts) => facts,
        Err(error) => {
            admission.give_back(parts).await?;
            // Only where there is somebody to bind as can a bind fail.
            sleep_until(began + ALIKE).await;
            return Err(undecided(parts, visit, pending, site, error).await);
        }
    };
    let judgement = judge(current, &facts, parts.now());
    if judgement.password_proven() {
        admission.give_back(parts).await?;
    }
    let after_change = judgement.passed_after_change().filter(|passed| {
        site.zip(passed.needs_new_password()).is_some_and(|(site, why)| can_change(site, why))
    });
    let passed = judgement.passed().or(after_change);
    let Some(proof) = passed.and_then(|passed| PasswordProof::new(passed, parts.now())) else {
        let told = (site, &facts, &judgement);
        let refusal = refuse(parts, visit, pending, told).await?;
        if refusal == Refusal::NotProven {
            sleep_until(began + ALIKE).await;
            if facts.factor_first {
                let progress = code_first(typed.name, site);
                return advance::show(parts, Page::FactorFirst, pending, progress, browser);
            }
        }
        return Ok(Outcome::Refused(refusal, Box::new(pending.clone())));
    };
    let progress = proven(pending, typed.name, proof, facts, site);
    advance::advance(parts, (current, visit), pending, progress, browser).await
}

/// The login whose next page asks for a code, with what its last page asks for once more.
fn code_first(typed_name: &str, site: Option<&Site>) -> Progress {
    let (typed_name, directory) = (typed_name.to_owned(), site.map(|site| site.id().clone()));
    Progress { typed_name, directory, factor_first: true, ..Progress::default() }
}

/// True where a new password may be given here: over TLS only, and with OpenLDAP as the person, whom it does not let in with
/// an expired one.
fn can_change(site: &Site, why: Renewal) -> bool {
    let possible = site.settings.schema == Schema::ActiveDirectory || why == Renewal::MustChange;
    site.settings.password_change && site.directory.is_encrypted() && possible
}

/// The login after its password.
fn proven(
    pending: &Pending,
    typed_name: &str,
    proof: PasswordProof,
    facts: Gathered,
    site: Option<&Site>,
) -> Progress {
    let (in_policy_group, groups) =
        facts.looked.map_or((false, None), |looked| (looked.in_policy_group, looked.groups));
    let groups = groups.filter(|_| pending.request.shown_claims().has(Claim::Groups));
    Progress {
        typed_name: typed_name.to_owned(),
        link: site.zip(facts.entry).map(|(site, entry)| (site.id().clone(), entry.id)),
        in_policy_group,
        groups,
        ..pending.progress.clone().with_password(proof)
    }
}

/// True where anybody may have a factor, so that a code before the password can help its owner.
fn asks_for_factors(current: &Current) -> bool {
    current.settings.second_factor.required != Required::Nobody
        || current.settings.clients.iter().any(|client| client.require_second_factor)
}

/// Who is asked, for whom.
struct Asked<'a> {
    current: &'a Current,
    site: &'a Site,
    pending: &'a Pending,
    browser: &'a Browser,
}

async fn gather(
    parts: &Parts,
    asked: &Asked<'_>,
    name: &TypedName,
    typed: &Credentials<'_>,
) -> Result<Gathered, Fault> {
    let deadline = Instant::now() + BUDGET;
    let folded = fold(typed.name);
    let entry = match asked.site.directory.find(name, deadline).await? {
        Found::One(entry) => *entry,
        found => {
            let facts = by_form(parts, asked, Subject::Name(&folded), deadline).await?;
            let ambiguous = matches!(found, Found::Ambiguous(_));
            return Ok(Gathered { ambiguous, ..facts.settle(parts, Tried::Counted).await? });
        }
    };
    let browser = lockout_browser(parts, asked, &entry).await?;
    if browser == lockout::Browser::Known || !asks_for_factors(asked.current) {
        return try_entry(parts, asked, (entry, typed), browser, deadline).await;
    }
    // The page that asks for a code first must not tell whether anybody has the name. So it hangs on the tries with this
    // form of it alone: not on those with other forms, which only a person has, nor on what the directory has counted
    // (an account that is locked has nothing left at the first try, and a name that nobody has does).
    let form = by_form(parts, asked, Subject::Form(&entry, &folded), deadline).await?;
    if form.facts.spent {
        return Ok(Gathered { entry: Some(entry), ..form.facts });
    }
    let gathered = try_entry(parts, asked, (entry, typed), browser, deadline).await;
    let refused = gathered.as_ref().is_ok_and(|facts| !facts.bind.is_some_and(BindOutcome::proves_password));
    form.settle(parts, if refused { Tried::Counted } else { Tried::Uncounted }).await?;
    gathered
}

/// What a stranger's tries with one form of a name come to.
struct ByForm {
    facts: Gathered,
    reservation: Option<Reservation>,
}

impl ByForm {
    async fn settle(self, parts: &Parts, tried: Tried) -> Result<Gathered, Fault> {
        if let Some(reservation) = self.reservation {
            reservation.settle(parts, tried).await?;
        }
        Ok(self.facts)
    }
}

async fn by_form(
    parts: &Parts,
    asked: &Asked<'_>,
    form: Subject<'_>,
    deadline: Instant,
) -> Result<ByForm, Fault> {
    let stranger = lockout::Browser::Unknown;
    Ok(match budget::reserve(parts, asked.site, form, stranger, deadline).await? {
        Reserved::Go(reservation) => ByForm { facts: Gathered::default(), reservation: Some(reservation) },
        Reserved::Spent(tally) => {
            let budget = Some(tally.told(stranger));
            let factor_first = asks_for_factors(asked.current);
            let facts = Gathered { spent: true, factor_first, budget, ..Gathered::default() };
            ByForm { facts, reservation: None }
        }
    })
}

async fn try_entry(
    parts: &Parts,
    asked: &Asked<'_>,
    (entry, typed): (Entry, &Credentials<'_>),
    browser: lockout::Browser,
    deadline: Instant,
) -> Result<Gathered, Fault> {
    match budget::reserve(parts, asked.site, Subject::Entry(&entry), browser, deadline).await? {
        Reserved::Go(reservation) => {
            let budget = Some(reservation.tally().told(browser));
            let facts = bind(parts, asked, (entry, typed), reservation, deadline).await?;
            Ok(Gathered { budget, ..facts })
        }
        Reserved::Spent(tally) => {
            let (entry, budget) = (Some(entry), Some(tally.told(browser)));
            Ok(Gathered { entry, budget, spent: true, ..Gathered::default() })
        }
    }
}

async fn bind(
    parts: &Parts,
    asked: &Asked<'_>,
    (entry, typed): (Entry, &Credentials<'_>),
    reservation: Reservation,
    deadline: Instant,
) -> Result<Gathered, Fault> {
    let site = asked.site;
    // A blank password and the service account are refused without asking a server (RFC 4513 section 5.1.2).
    let bound = site.directory.bind(&entry, &typed.password, deadline).await;
    reservation.settle(parts, Tried::by_bind(&bound)).await?;
    let bound = bound?;
    let mut facts = Gathered { bind: Some(bound.outcome), server: bound.server, ..Gathered::default() };
    if bound.outcome.proves_password() {
        let wants_groups = shares::wants_groups(asked.current, asked.pending.request.shown_claims());
        let looked = person::look(asked.current, site, &entry, wants_groups, deadline).await?;
        let now = parts.now();
        facts.imported = person::import(&parts.store, site, &entry, &looked, (now, deadline)).await?;
        shares::join(&parts.store, site.id(), &looked, facts.imported.account.as_ref(), now).await?;
        facts.looked = Some(looked);
    }
    facts.entry = Some(entry);
    Ok(facts)
}

/// What the browser is worth to the budget. A code that was asked for before the password opens one bind, once.
async fn lockout_browser(parts: &Parts, asked: &Asked<'_>, entry: &Entry) -> Result<lockout::Browser, Fault> {
    if asked.browser.device.knows_entry(parts, asked.site.id(), entry).await? {
        return Ok(lockout::Browser::Known);
    }
    let Some(proof) = &asked.pending.progress.factor else { return Ok(lockout::Browser::Unknown) };
    let Some(ticket) = proof.opens() else { return Ok(lockout::Browser::Unknown) };
    let account = parts.store.account_by_entry(asked.site.id(), entry.id).await?;
    let same = account.is_some_and(|account| account.id == *proof.account());
    let lifetime = asked.current.settings.login.pending();
    if same && parts.volatile.count(&format!("opened:{ticket}"), lifetime, parts.now()).await? == 1 {
        return Ok(lockout::Browser::Known);
    }
    Ok(lockout::Browser::Unknown)
}

fn judge(current: &Current, facts: &Gathered, now: Millis) -> Judgement {
    gates::judge(&Facts {
        mode: Mode::Password,
        sso_enabled: current.settings.sso.enabled,
        found: match &facts.entry {
            Some(entry) => gates::Found::One(entry),
            None if facts.ambiguous => gates::Found::Ambiguous,
            None => gates::Found::Nobody,
        },
        bind: facts.bind,
        scope: facts.looked.as_ref().and_then(|looked| looked.scope.as_ref()),
        excluded: facts.looked.as_ref().and_then(|looked| looked.excluded.as_ref()),
        account: facts.imported.account.as_ref(),
        held_back: facts.imported.held_back.as_deref(),
        settings_generation: current.generation,
        now,
    })
}

async fn refuse(
    parts: &Parts,
    visit: &Visit,
    pending: &Pending,
    (site, facts, judgement): (Option<&Site>, &Gathered, &Judgement),
) -> Result<Refusal, Fault> {
    let gate = judgement.refusal().unwrap_or(Gate::Bound);
    let account = facts.imported.account.as_ref();
    let mut detail = Detail {
        entry: facts.entry.as_ref().map(|entry| entry.dn.to_string()),
        budget: facts.budget.clone(),
        ..Detail::default()
    }
    .judged(judgement);
    if let Some(outcome) = facts.bind {
        detail = detail.bound(outcome, facts.server.clone());
    }
    let locked = facts.entry.as_ref().is_some_and(|entry| entry.locked);
    let cause = match facts.spent {
        true if locked => Gate::NotLocked.as_str(),
        true => Cause::BudgetSpent.word(),
        false => gate.as_str(),
    };
    parts
        .store
        .append(&Event {
            keep: if judgement.password_proven() { Keep::Long } else { Keep::Short },
            account_id: account.map(|account| account.id.0.clone()),
            directory: site.map(|site| site.id().0.clone()),
            client_id: Some(pending.request.client_id.clone()),
            cause: Some(cause.to_owned()),
            detail: detail.to_json(),
            ..visit.event(parts.now(), Decision::SignInRefused)
        })
        .await?;
    // What holds for everybody may be told to everybody.
    let told = judgement.password_proven() || gate == Gate::SsoEnabled;
    Ok(match facts.bind {
        _ if !told => Refusal::NotProven,
        Some(BindOutcome::Refused(BindRefusal::PasswordExpired)) if gate == Gate::PasswordUsable => {
            Refusal::PasswordExpired
        }
        _ if gate == Gate::AccountExists && facts.imported.contested => Refusal::MailTaken,
        _ => Refusal::Shut(gate),
    })
}

/// The directory or the store could not answer: audited, as far as the store still can.
async fn undecided(
    parts: &Parts,
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
    if let Err(unwritten) = parts.store.append(&event).await {
        tracing::error!(attempt_id = %visit.attempt_id, %unwritten, "an audit event could not be written");
    }
    error
}
