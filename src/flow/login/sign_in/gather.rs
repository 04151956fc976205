//! Collect what the directory and the import say about a typed name and password: the entry, the bind, the
//! account.

use tokio::time::Instant;

use super::Credentials;
use super::turn::NameTurn;
use crate::directory::{Directory, Found};
use crate::domain::Millis;
use crate::domain::audit::Budget;
use crate::domain::bind::{BindOutcome, BindRefusal};
use crate::domain::entry::Entry;
use crate::domain::lockout;
use crate::domain::name::{TypedName, fold};
use crate::domain::settings::{Required, Schema};
use crate::flow::installation::browser::Browser;
use crate::flow::installation::context::Parts;
use crate::flow::installation::current::{Current, Site};
use crate::flow::installation::fault::Fault;
use crate::flow::limits::budget::{
    self, AttemptBarred, AttemptResult, BudgetTally, PasswordAttempt, Reservation, Reserved, Subject, way_in,
};
use crate::flow::login::pending::Pending;
use crate::flow::person::live::{self, ImportedAccount, Looked};
use crate::flow::person::rejudge::BUDGET;
use crate::flow::person::shares;

#[derive(Default)]
pub(super) struct Gathered {
    pub entry: Option<Entry>,
    pub ambiguous: bool,
    pub bind: Option<BindOutcome>,
    pub server: Option<String>,
    pub budget: Option<Budget>,
    /// The password was not sent: too many wrong ones came before.
    pub spent: bool,
    /// The password was not sent: it is the same wrong one again.
    pub repeated: bool,
    /// `None` where the answer would reveal that the name exists.
    pub out: Option<OutOfTries>,
    pub looked: Option<Looked>,
    pub imported: ImportedAccount,
}

/// No attempt is left, and the page may say so.
#[derive(Clone, Copy)]
pub(super) struct OutOfTries {
    /// Until when wrong passwords count.
    pub until: Millis,
    /// A code may open the bind that was not made.
    pub factor_first: bool,
    /// The browser is known for the person, so no other browser has more attempts.
    pub known_browser: bool,
}

/// The login and the directory in which the password is checked.
pub(super) struct PasswordCheck<'a> {
    pub current: &'a Current,
    pub site: &'a Site,
    pub pending: &'a Pending,
    pub browser: &'a Browser,
    /// What the browser counts as by the name alone: known if the person has signed in with it here before,
    /// or has proven a code in this login.
    pub by_name: lockout::Browser,
}

/// True if anybody may have a factor, so that a code before the password can help the owner.
fn asks_for_factors(current: &Current) -> bool {
    current.settings.second_factor.required != Required::Nobody
        || current.settings.clients.iter().any(|client| client.require_second_factor)
}

pub(super) async fn gather(
    parts: &Parts,
    asked: &PasswordCheck<'_>,
    (name, typed): (&TypedName, &Credentials<'_>),
    turn: &mut NameTurn,
) -> Result<Gathered, Fault> {
    let deadline = Instant::now() + BUDGET;
    let folded = fold(typed.name);
    if asked.by_name == lockout::Browser::Unknown {
        // Before the search: how long it takes must not show in when the attempt gets its turn.
        turn.take(parts, asked.site.id(), &folded, deadline).await?;
    }
    let entry = match way_in(asked.site, asked.by_name).find(name, deadline).await? {
        Found::One(entry) => *entry,
        found => {
            let subject = Subject::Name(&folded);
            let form = by_form(parts, asked, (subject, &folded, typed), turn, deadline).await?;
            let ambiguous = matches!(found, Found::Ambiguous(_));
            return Ok(Gathered { ambiguous, ..form.settle(parts, AttemptResult::Refused).await? });
        }
    };
    let browser = lockout_browser(parts, asked, &entry).await?;
    if browser == lockout::Browser::Known {
        return try_entry(parts, asked, (entry, typed), browser, deadline).await;
    }
    // What a page says of attempts must not reveal whether the name exists. So it depends on the attempts
    // with this form of the name alone: not on those with other forms, which only a person has, nor on the
    // directory's own count (a locked account has no attempt left at the first one, a name that does not
    // exist has).
    let subject = Subject::Form(&entry, &folded);
    let form = by_form(parts, asked, (subject, &folded, typed), turn, deadline).await?;
    if form.facts.spent {
        return Ok(Gathered { entry: Some(entry), ..form.facts });
    }
    let gathered = try_entry(parts, asked, (entry, typed), browser, deadline).await;
    let refused = gathered.as_ref().is_ok_and(|facts| !facts.bind.is_some_and(BindOutcome::proves_password));
    form.settle(parts, if refused { AttemptResult::Refused } else { AttemptResult::Uncounted }).await?;
    gathered
}

/// The count of attempts from unknown browsers with one form of a name.
struct ByForm {
    facts: Gathered,
    reservation: Option<Reservation>,
}

impl ByForm {
    fn spent(parts: &Parts, asked: &PasswordCheck<'_>, tally: BudgetTally) -> Self {
        let factor_first = asks_for_factors(asked.current) && tally.policy.leaves_the_owner_a_try();
        let until = tally.over_at(parts.now());
        let out = Some(OutOfTries { until, factor_first, known_browser: false });
        Self { facts: Gathered { out, ..spent(tally, lockout::Browser::Unknown) }, reservation: None }
    }

    async fn settle(self, parts: &Parts, tried: AttemptResult) -> Result<Gathered, Fault> {
        if let Some(reservation) = self.reservation {
            reservation.settle(parts, tried).await?;
        }
        Ok(self.facts)
    }
}

async fn by_form(
    parts: &Parts,
    asked: &PasswordCheck<'_>,
    (subject, name, typed): (Subject<'_>, &str, &Credentials<'_>),
    turn: &mut NameTurn,
    deadline: Instant,
) -> Result<ByForm, Fault> {
    let browser = lockout::Browser::Unknown;
    let attempt = PasswordAttempt { subject, browser, password: &typed.password };
    if !turn.is_held() {
        turn.take(parts, asked.site.id(), name, deadline).await?;
    }
    Ok(match budget::reserve(parts, asked.site, attempt, deadline).await? {
        Reserved::Go(reservation) => ByForm { facts: Gathered::default(), reservation: Some(reservation) },
        Reserved::Stopped(AttemptBarred::Repeated(_)) => {
            ByForm { facts: Gathered::default(), reservation: None }
        }
        Reserved::Stopped(AttemptBarred::Spent(tally)) => {
            // Nobody has to wait for a person who has no attempt left.
            turn.end(parts).await?;
            ByForm::spent(parts, asked, tally)
        }
    })
}

fn spent(tally: BudgetTally, browser: lockout::Browser) -> Gathered {
    Gathered { spent: true, budget: Some(tally.told(browser)), ..Gathered::default() }
}

async fn try_entry(
    parts: &Parts,
    asked: &PasswordCheck<'_>,
    (entry, typed): (Entry, &Credentials<'_>),
    browser: lockout::Browser,
    deadline: Instant,
) -> Result<Gathered, Fault> {
    let attempt = PasswordAttempt { subject: Subject::Entry(&entry), browser, password: &typed.password };
    let candidate = match budget::look(parts, asked.site, attempt, deadline).await? {
        Ok(candidate) => candidate,
        Err(stop) => return Ok(stopped(parts, entry, stop, browser)),
    };
    // Take the connection first and reserve the attempt then: waiting for a connection with a reserved
    // attempt would block everybody else who tries the same account.
    let directory = way_in(asked.site, browser);
    let turn = directory.bind_permit(deadline).await?;
    let reservation = match candidate.reserve(parts, deadline).await? {
        Reserved::Go(reservation) => reservation,
        Reserved::Stopped(stop) => return Ok(stopped(parts, entry, stop, browser)),
    };
    let budget = Some(reservation.tally().told(browser));
    // A blank password and the service account are refused without asking a server (RFC 4513 section 5.1.2).
    let bound = directory.bind_in(turn, &entry, &typed.password, deadline).await;
    let tried = certain(asked.site, &directory, &entry, AttemptResult::by_bind(&bound), deadline).await;
    reservation.settle(parts, tried).await?;
    let bound = bound?;
    let facts = Gathered { bind: Some(bound.outcome), server: bound.server, budget, ..Gathered::default() };
    bound_as(parts, asked, (entry, facts), deadline).await
}

/// The result if no password was sent to an entry. Only a known browser may be shown why.
fn stopped(parts: &Parts, entry: Entry, stop: AttemptBarred, browser: lockout::Browser) -> Gathered {
    let facts = match stop {
        AttemptBarred::Spent(tally) => {
            let until = tally.over_at(parts.now());
            let out = OutOfTries { until, factor_first: false, known_browser: true };
            let out = (browser == lockout::Browser::Known).then_some(out);
            Gathered { out, ..spent(tally, browser) }
        }
        AttemptBarred::Repeated(tally) => Gathered {
            bind: Some(BindOutcome::Refused(BindRefusal::InvalidCredentials)),
            budget: Some(tally.told(browser)),
            repeated: true,
            ..Gathered::default()
        },
    };
    Gathered { entry: Some(entry), ..facts }
}

/// Active Directory says by its code that the password is wrong. Other servers refuse a bind in the same
/// words while the account is locked or has to wait, with the right password too: such a password is on no
/// count, and must not be remembered.
async fn certain(
    site: &Site,
    directory: &Directory,
    before: &Entry,
    tried: AttemptResult,
    deadline: Instant,
) -> AttemptResult {
    if tried != AttemptResult::Refused || site.settings.schema == Schema::ActiveDirectory {
        return tried;
    }
    match directory.read(before.id, deadline).await {
        Ok(Some(after)) if after.wrong_tries.last_at > before.wrong_tries.last_at => AttemptResult::Refused,
        _ => AttemptResult::Counted,
    }
}

/// Reads the groups and imports the account once the password is proven.
async fn bound_as(
    parts: &Parts,
    asked: &PasswordCheck<'_>,
    (entry, mut facts): (Entry, Gathered),
    deadline: Instant,
) -> Result<Gathered, Fault> {
    if facts.bind.is_some_and(BindOutcome::proves_password) {
        let site = asked.site;
        let wants_groups = shares::wants_groups(asked.current, asked.pending.request.shown_claims());
        let looked = live::look(asked.current, site, &entry, wants_groups, deadline).await?;
        let now = parts.now();
        facts.imported = live::import(&parts.store, site, &entry, &looked, (now, deadline)).await?;
        shares::join(&parts.store, site.id(), &looked, facts.imported.account.as_ref(), now).await?;
        facts.looked = Some(looked);
    }
    facts.entry = Some(entry);
    Ok(facts)
}

/// What the browser counts as for the budget. A code asked for before the password opens one bind, once.
async fn lockout_browser(
    parts: &Parts,
    asked: &PasswordCheck<'_>,
    entry: &Entry,
) -> Result<lockout::Browser, Fault> {
    if asked.browser.device.knows_entry(parts, asked.site.id(), entry).await? {
        return Ok(lockout::Browser::Known);
    }
    let Some(proof) = &asked.pending.progress.factor else { return Ok(lockout::Browser::Unknown) };
    let Some(ticket) = proof.opens() else { return Ok(lockout::Browser::Unknown) };
    let account = parts.store.identity().account_by_entry(asked.site.id(), entry.id).await?;
    let same = account.is_some_and(|account| account.id == *proof.account());
    let lifetime = asked.current.settings.login.pending();
    if same && parts.volatile.count(&format!("opened:{ticket}"), lifetime, parts.now()).await? == 1 {
        return Ok(lockout::Browser::Known);
    }
    Ok(lockout::Browser::Unknown)
}
