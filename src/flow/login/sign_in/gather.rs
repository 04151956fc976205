//! Collect the entry, the result of the bind and the account for a typed name and password.

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
use crate::domain::schema::Schema;
use crate::domain::settings::Required;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::current::{Current, DIRECTORY_WAIT, Site};
use crate::flow::installation::fault::Fault;
use crate::flow::limits::budget::{
    self, AttemptBarred, AttemptResult, BudgetTally, PasswordAttempt, Reservation, Reserved, Subject,
    directory_for,
};
use crate::flow::login::step::StepRequest;
use crate::flow::person::look::LiveEntry;
use crate::flow::person::shares;
use crate::flow::person::up_to_date::LivePerson;

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
    pub out_of_attempts: Option<OutOfAttempts>,
    /// Looked up once the password is proven.
    pub person: LivePerson,
}

/// No attempt is left, and the page may say so.
#[derive(Clone, Copy)]
pub(super) struct OutOfAttempts {
    /// Until when wrong passwords count.
    pub until: Millis,
    /// A code may open the bind that was not made.
    pub factor_first: bool,
    /// The browser is known for the person, so no other browser has more attempts.
    pub known_browser: bool,
}

/// A password to check in one directory.
pub(super) struct PasswordCheck<'a> {
    pub step: StepRequest<'a>,
    pub site: &'a Site,
    pub name: &'a TypedName,
    pub credentials: &'a Credentials<'a>,
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
    parts: &LoginParts,
    check: &PasswordCheck<'_>,
    turn: &mut NameTurn,
) -> Result<Gathered, Fault> {
    let deadline = Instant::now() + DIRECTORY_WAIT;
    let folded = fold(check.credentials.typed_name);
    if check.by_name == lockout::Browser::Unknown {
        // Before the search: how long it takes must not show in when the attempt gets its turn.
        turn.take(parts, check.site.id(), &folded, deadline).await?;
    }
    let entry = match directory_for(check.site, check.by_name).find(check.name, deadline).await? {
        Found::One(entry) => *entry,
        found => {
            let subject = Subject::Name(&folded);
            let form = reserve_form(parts, check, subject, turn, deadline).await?;
            let ambiguous = matches!(found, Found::Ambiguous(_));
            return Ok(Gathered { ambiguous, ..form.settle(parts, AttemptResult::Refused).await? });
        }
    };
    let browser = lockout_browser(parts, check, &entry).await?;
    if browser == lockout::Browser::Known {
        return try_entry(parts, check, entry, browser, deadline).await;
    }
    // What a page says of attempts must not reveal whether the name exists. So it depends on the attempts
    // with this form of the name alone: not on those with other forms, which only a person has, nor on the
    // directory's own count (a locked account has no attempt left at the first one, a name that does not
    // exist has).
    let subject = Subject::Form(&entry, &folded);
    let form = reserve_form(parts, check, subject, turn, deadline).await?;
    if form.gathered.spent {
        return Ok(Gathered { entry: Some(entry), ..form.gathered });
    }
    let gathered = try_entry(parts, check, entry, browser, deadline).await;
    let refused =
        gathered.as_ref().is_ok_and(|gathered| !gathered.bind.is_some_and(BindOutcome::proves_password));
    form.settle(parts, if refused { AttemptResult::Refused } else { AttemptResult::Uncounted }).await?;
    gathered
}

/// The count of attempts from unknown browsers with one form of a name.
struct FormReservation {
    gathered: Gathered,
    reservation: Option<Reservation>,
}

impl FormReservation {
    fn spent(parts: &LoginParts, check: &PasswordCheck<'_>, tally: BudgetTally) -> Self {
        let factor_first = asks_for_factors(check.step.current) && tally.policy.leaves_the_owner_a_try();
        let until = tally.over_at(parts.now());
        let out_of_attempts = Some(OutOfAttempts { until, factor_first, known_browser: false });
        Self {
            gathered: Gathered { out_of_attempts, ..spent(tally, lockout::Browser::Unknown) },
            reservation: None,
        }
    }

    async fn settle(self, parts: &LoginParts, result: AttemptResult) -> Result<Gathered, Fault> {
        if let Some(reservation) = self.reservation {
            reservation.settle(parts, result).await?;
        }
        Ok(self.gathered)
    }
}

async fn reserve_form(
    parts: &LoginParts,
    check: &PasswordCheck<'_>,
    subject: Subject<'_>,
    turn: &mut NameTurn,
    deadline: Instant,
) -> Result<FormReservation, Fault> {
    let browser = lockout::Browser::Unknown;
    let attempt = PasswordAttempt { subject, browser, password: &check.credentials.password };
    if !turn.is_held() {
        turn.take(parts, check.site.id(), &fold(check.credentials.typed_name), deadline).await?;
    }
    Ok(match budget::reserve(parts, check.site, attempt, deadline).await? {
        Reserved::Go(reservation) => {
            FormReservation { gathered: Gathered::default(), reservation: Some(reservation) }
        }
        Reserved::Stopped(AttemptBarred::Repeated(_)) => {
            FormReservation { gathered: Gathered::default(), reservation: None }
        }
        Reserved::Stopped(AttemptBarred::Spent(tally)) => {
            // Nobody has to wait for a person who has no attempt left.
            turn.end(parts).await?;
            FormReservation::spent(parts, check, tally)
        }
    })
}

fn spent(tally: BudgetTally, browser: lockout::Browser) -> Gathered {
    Gathered { spent: true, budget: Some(tally.for_audit(browser)), ..Gathered::default() }
}

async fn try_entry(
    parts: &LoginParts,
    check: &PasswordCheck<'_>,
    entry: Entry,
    browser: lockout::Browser,
    deadline: Instant,
) -> Result<Gathered, Fault> {
    let password = &check.credentials.password;
    let attempt = PasswordAttempt { subject: Subject::Entry(&entry), browser, password };
    let candidate = match budget::look(parts, check.site, attempt, deadline).await? {
        Ok(candidate) => candidate,
        Err(stop) => return Ok(stopped(parts, entry, stop, browser)),
    };
    // Take the connection first and reserve the attempt then: waiting for a connection with a reserved
    // attempt would block everybody else who tries the same account.
    let directory = directory_for(check.site, browser);
    let permit = directory.bind_permit(deadline).await?;
    let reservation = match candidate.reserve(parts, deadline).await? {
        Reserved::Go(reservation) => reservation,
        Reserved::Stopped(stop) => return Ok(stopped(parts, entry, stop, browser)),
    };
    let budget = Some(reservation.tally().for_audit(browser));
    // A blank password and the service account are refused without asking a server (RFC 4513 section 5.1.2).
    let bound = directory.bind_in(permit, &entry, password, deadline).await;
    let result =
        confirm_refusal(check.site, &directory, &entry, AttemptResult::by_bind(&bound), deadline).await;
    reservation.settle(parts, result).await?;
    let bound = bound?;
    let mut gathered =
        Gathered { bind: Some(bound.outcome), server: bound.server, budget, ..Gathered::default() };
    if bound.outcome.proves_password() {
        let (site, StepRequest { current, pending, .. }) = (check.site, check.step);
        let wants_groups = shares::wants_groups(current, pending.request.shown_claims());
        let live = LiveEntry { current, site, entry: &entry, deadline };
        gathered.person = live.bring_up_to_date_in_login(&parts.store, &parts.clock, wants_groups).await?;
    }
    Ok(Gathered { entry: Some(entry), ..gathered })
}

/// The result if no password was sent to an entry. Only a known browser may be shown why.
fn stopped(parts: &LoginParts, entry: Entry, stop: AttemptBarred, browser: lockout::Browser) -> Gathered {
    let gathered = match stop {
        AttemptBarred::Spent(tally) => {
            let until = tally.over_at(parts.now());
            let out_of_attempts = OutOfAttempts { until, factor_first: false, known_browser: true };
            let out_of_attempts = (browser == lockout::Browser::Known).then_some(out_of_attempts);
            Gathered { out_of_attempts, ..spent(tally, browser) }
        }
        AttemptBarred::Repeated(tally) => Gathered {
            bind: Some(BindOutcome::Refused(BindRefusal::InvalidCredentials)),
            budget: Some(tally.for_audit(browser)),
            repeated: true,
            ..Gathered::default()
        },
    };
    Gathered { entry: Some(entry), ..gathered }
}

/// Active Directory says by its code that the password is wrong. Other servers refuse a bind in the same
/// words while the account is locked or has to wait, with the right password too: such a password is on no
/// count, and must not be remembered.
async fn confirm_refusal(
    site: &Site,
    directory: &Directory,
    before: &Entry,
    result: AttemptResult,
    deadline: Instant,
) -> AttemptResult {
    if result != AttemptResult::Refused || site.settings.schema == Schema::ActiveDirectory {
        return result;
    }
    match directory.read(before.id, deadline).await {
        Ok(Some(after)) if after.wrong_tries.last_at > before.wrong_tries.last_at => AttemptResult::Refused,
        _ => AttemptResult::Counted,
    }
}

/// What the browser counts as for the budget. A code asked for before the password opens one bind, once.
async fn lockout_browser(
    parts: &LoginParts,
    check: &PasswordCheck<'_>,
    entry: &Entry,
) -> Result<lockout::Browser, Fault> {
    if check.step.browser.device.knows_entry(parts, check.site.id(), entry).await? {
        return Ok(lockout::Browser::Known);
    }
    let Some(proof) = &check.step.pending.progress.factor else { return Ok(lockout::Browser::Unknown) };
    let Some(ticket) = proof.opens() else { return Ok(lockout::Browser::Unknown) };
    let account = parts.store.identity().account_by_entry(check.site.id(), entry.id).await?;
    let same = account.is_some_and(|account| account.id == *proof.account());
    let lifetime = check.step.current.settings.login.pending();
    if same && parts.volatile.count(&format!("opened:{ticket}"), lifetime, parts.now()).await? == 1 {
        return Ok(lockout::Browser::Known);
    }
    Ok(lockout::Browser::Unknown)
}
