//! A typed name and password: find, bind, look, import on the spot, judge, issue.
//!
//! At most two searches and one bind: the entry, its groups where they matter, and the bind. (A person who has no
//! account yet costs a third search, which makes sure that nobody else claims the mail.)

use tokio::time::{Duration, Instant, sleep_until};

use crate::directory::Found;
use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::audit::{Decision, Event};
use crate::domain::bind::{BindOutcome, BindRefusal};
use crate::domain::entry::Entry;
use crate::domain::gates::{self, Facts, Gate, Judgement, Mode};
use crate::domain::login::{self, Ask, PasswordProof, Step};
use crate::domain::name::TypedName;
use crate::domain::secret::Plain;
use crate::domain::session::Session;
use crate::flow::context::{Parts, Visit};
use crate::flow::estate::{Current, Site};
use crate::flow::fault::Fault;
use crate::flow::issue::{self, Door, Issued};
use crate::flow::judge::BUDGET;
use crate::flow::pending::{self, Pending};
use crate::flow::person::{self, Imported, Looked};
use crate::oidc::scope::Scope;

/// A refusal before the password is proven comes no sooner: the time would tell whether there was anybody to bind as, that
/// is, whether the name exists (2 ms without a bind, 5 to 40 ms with one).
const ALIKE: Duration = Duration::from_millis(300);

/// What was typed.
pub struct Credentials<'a> {
    /// The name, in any of its forms.
    pub name: &'a str,
    /// The password.
    pub password: Plain,
}

/// How a sign-in ended.
#[derive(Debug)]
pub enum SignedIn {
    /// Back to the client with a code, and a new session.
    Issued(Issued),
    /// Back to the client with `login_required`: another person signed in than the client named.
    LoginRequired,
    /// Refused.
    Refused(Refusal),
}

/// Why a sign-in was refused, as far as the person may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The password was not proven: every such refusal looks the same.
    NotProven,
    /// The password is right, and too old: [`Gate::PasswordUsable`] is shut for its age and not for a reset.
    PasswordExpired,
    /// The password is right; this gate is shut.
    Shut(Gate),
}

/// What the directory and the import had to say.
#[derive(Default)]
struct Gathered {
    entry: Option<Entry>,
    ambiguous: bool,
    bind: Option<BindOutcome>,
    looked: Option<Looked>,
    imported: Imported,
}

/// Decides a sign-in. `session` is the living session of this browser, which a success replaces.
pub async fn sign_in(
    parts: &Parts,
    visit: &Visit,
    pending: &Pending,
    ask: &Ask,
    typed: Credentials<'_>,
    session: Option<&Session>,
) -> Result<SignedIn, Fault> {
    let began = Instant::now();
    let current = parts.current();
    let name = TypedName::parse(typed.name);
    let site = name.as_ref().and_then(|name| current.site_for(name));
    let wants_groups = pending.request.scope.has(Scope::Groups);
    let facts = match (site, &name) {
        (Some(site), Some(name)) if current.settings.sso.enabled => {
            match gather(parts, site, name, &typed.password, wants_groups).await {
                Ok(facts) => facts,
                Err(error) => return Err(undecided(parts, visit, pending, site, error).await),
            }
        }
        _ => Gathered::default(),
    };
    let judgement = judge(&current, &facts, parts.now());
    let proof = judgement.passed().and_then(|passed| PasswordProof::new(passed, parts.now()));
    let Some(proof) = proof else {
        let refused = refuse(parts, visit, pending, site, &facts, &judgement).await?;
        if matches!(refused, SignedIn::Refused(Refusal::NotProven)) {
            sleep_until(began + ALIKE).await;
        }
        return Ok(refused);
    };
    match login::next_step(ask, Some(&proof), None, parts.now()) {
        Step::Issue(authorized) => {
            pending::spend(parts, pending).await?;
            let replaces = keep_or_end(parts, visit, session, &authorized.evidence().account).await?;
            let groups =
                facts.looked.and_then(|looked| looked.groups).filter(|_| wants_groups).unwrap_or_default();
            let door = Door::Password { replaces };
            let to = (&*current, visit);
            Ok(SignedIn::Issued(issue::issue(parts, to, &pending.request, &authorized, groups, door).await?))
        }
        Step::LoginRequired | Step::Password => {
            pending::spend(parts, pending).await?;
            Ok(SignedIn::LoginRequired)
        }
    }
}

/// Another person's session in this browser ends; one's own is replaced.
async fn keep_or_end<'a>(
    parts: &Parts,
    visit: &Visit,
    session: Option<&'a Session>,
    account: &AccountId,
) -> Result<Option<&'a Session>, Fault> {
    let Some(session) = session else { return Ok(None) };
    let ended = issue::end_other(parts, visit, session, account).await?;
    Ok((!ended).then_some(session))
}

async fn gather(
    parts: &Parts,
    site: &Site,
    name: &TypedName,
    password: &Plain,
    wants_groups: bool,
) -> Result<Gathered, Fault> {
    let deadline = Instant::now() + BUDGET;
    let entry = match site.directory.find(name, deadline).await? {
        Found::One(entry) => *entry,
        Found::None => return Ok(Gathered::default()),
        Found::Ambiguous(_) => return Ok(Gathered { ambiguous: true, ..Gathered::default() }),
    };
    // A blank password and the service account are refused without asking a server (RFC 4513 section 5.1.2).
    let bind = site.directory.bind(&entry, password, deadline).await?.outcome;
    let mut facts = Gathered { bind: Some(bind), ..Gathered::default() };
    if bind.proves_password() {
        let looked = person::look(site, &entry, wants_groups, deadline).await?;
        facts.imported = person::import(&parts.store, site, &entry, &looked, (parts.now(), deadline)).await?;
        facts.looked = Some(looked);
    }
    facts.entry = Some(entry);
    Ok(facts)
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
    site: Option<&std::sync::Arc<Site>>,
    facts: &Gathered,
    judgement: &Judgement,
) -> Result<SignedIn, Fault> {
    let gate = judgement.refusal().unwrap_or(Gate::Bound);
    let account = facts.imported.account.as_ref();
    parts
        .store
        .append(&Event {
            account_id: account.map(|account| account.id.0.clone()),
            directory: site.map(|site| site.id().0.clone()),
            client_id: Some(pending.request.client_id.clone()),
            cause: Some(gate.as_str().to_owned()),
            detail: serde_json::to_string(judgement).ok(),
            ..visit.event(parts.now(), Decision::SignInRefused)
        })
        .await?;
    // What holds for everybody may be told to everybody.
    let told = judgement.password_proven() || gate == Gate::SsoEnabled;
    Ok(SignedIn::Refused(match facts.bind {
        _ if !told => Refusal::NotProven,
        Some(BindOutcome::Refused(BindRefusal::PasswordExpired)) if gate == Gate::PasswordUsable => {
            Refusal::PasswordExpired
        }
        _ => Refusal::Shut(gate),
    }))
}

/// The directory or the store could not answer: audited, as far as the store still can.
async fn undecided(parts: &Parts, visit: &Visit, pending: &Pending, site: &Site, error: Fault) -> Fault {
    let event = Event {
        directory: Some(site.id().0.clone()),
        client_id: Some(pending.request.client_id.clone()),
        cause: Some(error.to_string()),
        ..visit.event(parts.now(), Decision::SignInUndecided)
    };
    if let Err(unwritten) = parts.store.append(&event).await {
        tracing::error!(attempt_id = %visit.attempt_id, %unwritten, "an audit event could not be written");
    }
    error
}
