//! What people see and change of what lets them in: authenticators, recovery codes, sessions, remembered browsers.
//!
//! Looking at it takes a living session, and so does ending things, which only ever takes access away. A change of a factor
//! takes a sign-in of the last minutes, with the factor that is there already: neither an unlocked screen nor a stolen
//! password adds the thief's phone.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::domain::account::Account;
use crate::domain::audit::{Decision, Event};
use crate::domain::evidence::Level;
use crate::domain::factor::{Enrolling, FactorId, Remembered};
use crate::domain::login::LivingSession;
use crate::domain::secret::{Hashed, Sealed};
use crate::domain::session::Session;
use crate::domain::settings::{Enrolment, Required};
use crate::domain::{MINUTE, Millis};
use crate::flow::account::factors::{self, Enrolled, Standing};
use crate::flow::account::own_password;
use crate::flow::account::sign_out;
use crate::flow::installation::context::{Parts, Visit};
use crate::flow::installation::fault::Fault;
use crate::flow::person::rejudge::{self, Groups};
use crate::keys::Label;
use crate::store::Adding;

/// How young the sign-in has to be for a change.
pub const FRESH: Millis = 5 * MINUTE;

const KIND: &str = "new-authenticator";
/// How long a set-up may take.
const OPEN_FOR: Millis = 15 * MINUTE;

/// The owner of a living session, judged again.
#[derive(Clone, Debug)]
pub struct Owner {
    pub account: Account,
    /// The session through which they ask.
    pub session: Session,
    /// Their authenticators and recovery codes.
    pub standing: Standing,
    /// What they may do.
    pub may: May,
}

impl Owner {
    /// What the person types at sign-in.
    #[must_use]
    pub fn login_name(&self) -> &str {
        self.account.profile.login_name.as_deref().unwrap_or(&self.account.profile.email)
    }
}

/// What the owner of a session may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct May {
    /// Change a factor: the sign-in is young, and was as sure as this person's can be.
    pub change: bool,
    /// Have another authenticator. The first one is set up at sign-in where the help desk has a say.
    pub add: bool,
    pub remove_last: bool,
    /// Change the directory password, once the sign-in is young enough.
    pub password: bool,
}

/// Judges the owner of a session; `None` for one that opens nothing any more.
pub async fn owner(parts: &Parts, session: Session) -> Result<Option<Owner>, Fault> {
    let current = parts.current();
    let policy = &current.settings.second_factor;
    let groups = if policy.required == Required::Groups { Groups::Needed } else { Groups::Unneeded };
    let judged = rejudge::living(parts, &current, &session.evidence.account, groups).await?;
    let now = parts.now();
    let living = judged
        .judgement
        .passed()
        .and_then(|passed| LivingSession::new(passed, &session, &current.settings.session, now));
    let (Some(_), Some(account)) = (living, judged.account) else { return Ok(None) };
    let standing = factors::standing(parts, &account.id).await?;
    let may = May {
        change: is_fresh(&session, now) && is_sure(&session, &standing),
        add: standing.has_factor()
            || policy.required != Required::Nobody && policy.enrolment == Enrolment::Alone,
        remove_last: match policy.required {
            Required::Nobody | Required::Optional => true,
            Required::Groups => !judged.in_policy_group,
            Required::Everyone => false,
        },
        password: own_password::site_of(&current, &account).is_some(),
    };
    Ok(Some(Owner { account, session, standing, may }))
}

/// A clock that was set back ends it as well.
fn is_fresh(session: &Session, now: Millis) -> bool {
    (0..FRESH).contains(&(now - session.evidence.auth_time))
}

/// Who has a factor has proven it: a remembered browser is not enough here.
fn is_sure(session: &Session, standing: &Standing) -> bool {
    !standing.has_factor() || session.evidence.level() == Level::Mfa
}

/// What people see besides their factors.
#[derive(Clone, Debug)]
pub struct Places {
    /// Where they are signed in.
    pub sessions: Vec<Session>,
    /// Which browsers are not asked for a code.
    pub browsers: Vec<Remembered>,
    /// True when clients hold tokens that another session gave them, whether or not it is still there.
    pub tokens_elsewhere: bool,
}

/// Where the owner is signed in or remembered. A session that has run out is not told.
pub async fn places(parts: &Parts, owner: &Owner) -> Result<Places, Fault> {
    let (current, now) = (parts.current(), parts.now());
    let account = &owner.account.id;
    let mut sessions = parts.store.login().sessions_of(account).await?;
    sessions.retain(|session| {
        session.is_alive(&current.settings.session, now)
            && session.evidence.account_generation == owner.account.generation
    });
    sessions.sort_by_key(|session| session.id_hash != owner.session.id_hash);
    let browsers = match current.settings.second_factor.remembered() {
        Some(_) => parts.store.login().remembered_browsers(account, current.policy_generation, now).await?,
        None => Vec::new(),
    };
    let others = parts.store.login().count_grants_of(account, Some(&owner.session), now).await?;
    Ok(Places { sessions, browsers, tokens_elsewhere: others > 0 })
}

/// An authenticator that is being added, on its way through the page.
#[derive(Serialize, Deserialize)]
struct SealedSetUp {
    enrolling: Enrolling,
    expires_at: Millis,
}

/// Begins to add an authenticator: what the page shows, and what its form brings back. Nothing is stored. `None` for who
/// may not.
pub fn begin(parts: &Parts, owner: &Owner) -> Option<(Enrolling, String)> {
    if !(owner.may.change && owner.may.add) {
        return None;
    }
    let enrolling = factors::begin_enrolment(parts);
    let travelling = SealedSetUp { enrolling: enrolling.clone(), expires_at: parts.now() + OPEN_FOR };
    let bytes = zeroize::Zeroizing::new(serde_json::to_vec(&travelling).ok()?);
    let Sealed(sealed) = parts.keys.sealer.seal(KIND, &place(owner), &bytes);
    Some((enrolling, BASE64_URL_SAFE_NO_PAD.encode(sealed)))
}

/// How adding an authenticator ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is there. New recovery codes, to be shown once; none where those of before stay in force.
    Done(Vec<String>),
    /// The code is wrong: the same secret is shown again.
    WrongCode(Enrolling),
    /// Nothing was changed: the page is too old, or not this session's, or the account has changed.
    Nothing,
}

/// Adds the authenticator that the form brings back, once a code proves that its owner has it.
pub async fn add(
    parts: &Parts,
    visit: &Visit,
    owner: &Owner,
    sealed: &str,
    (code, name): (&str, &str),
) -> Result<Added, Fault> {
    let opened = open(parts, owner, sealed).filter(|_| owner.may.change && owner.may.add);
    let Some(enrolling) = opened else { return Ok(Added::Nothing) };
    let adding = if owner.standing.has_factor() { Adding::Another } else { Adding::First };
    let (account, new) = (&owner.account, (&enrolling, name));
    Ok(match factors::finish_enrolment(parts, visit, account, new, adding, code).await? {
        Enrolled::Done(codes) => Added::Done(codes),
        Enrolled::WrongCode => Added::WrongCode(enrolling),
        Enrolled::NotFirst | Enrolled::Stale => Added::Nothing,
    })
}

fn open(parts: &Parts, owner: &Owner, sealed: &str) -> Option<Enrolling> {
    let sealed = Sealed(BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?);
    let bytes = parts.keys.sealer.open(KIND, &place(owner), &sealed).ok()?;
    let travelling: SealedSetUp = serde_json::from_slice(&zeroize::Zeroizing::new(bytes)).ok()?;
    (parts.now() < travelling.expires_at).then_some(travelling.enrolling)
}

/// A secret opens for the session that it was shown in, and for no other.
fn place(owner: &Owner) -> String {
    hex::encode(owner.session.id_hash.0)
}

/// Names an authenticator.
pub async fn rename(parts: &Parts, owner: &Owner, factor: &str, name: &str) -> Result<bool, Fault> {
    if !owner.may.change {
        return Ok(false);
    }
    factors::rename(parts, &owner.account.id, &FactorId(factor.to_owned()), name).await
}

/// Removes an authenticator.
pub async fn remove(parts: &Parts, visit: &Visit, owner: &Owner, factor: &str) -> Result<bool, Fault> {
    if !owner.may.change {
        return Ok(false);
    }
    let factor = FactorId(factor.to_owned());
    factors::remove(parts, visit, &owner.account.id, &factor, owner.may.remove_last).await
}

/// Ten new recovery codes in place of the old ones; `None` for who may not have any.
pub async fn new_recovery_codes(
    parts: &Parts,
    visit: &Visit,
    owner: &Owner,
) -> Result<Option<Vec<String>>, Fault> {
    if !(owner.may.change && owner.standing.has_factor()) {
        return Ok(None);
    }
    factors::new_recovery_codes(parts, visit, &owner.account).await
}

/// Ends one of the owner's sessions, by its public name.
pub async fn end(parts: &Parts, visit: &Visit, owner: &Owner, sid: &str) -> Result<bool, Fault> {
    let sessions = parts.store.login().sessions_of(&owner.account.id).await?;
    let Some(session) = sessions.iter().find(|session| session.sid == sid) else { return Ok(false) };
    sign_out::sign_out(parts, visit, session, None).await?;
    Ok(true)
}

/// Ends all of the owner's sessions but the one through which they ask, and what clients hold by any other: that of a
/// session which has run out is listed nowhere, and ends here too.
pub async fn end_others(parts: &Parts, visit: &Visit, owner: &Owner) -> Result<(), Fault> {
    let event = Event {
        account_id: Some(owner.account.id.0.clone()),
        ..visit.event(parts.now(), Decision::SessionsEnded)
    };
    parts.store.identity().end_sessions_of(&owner.account.id, Some(&owner.session), &event).await?;
    Ok(())
}

/// Has one browser, by the digest of its id, asked for a code again.
pub async fn forget(parts: &Parts, owner: &Owner, browser: &str) -> Result<bool, Fault> {
    let mut hash = [0; 32];
    if hex::decode_to_slice(browser, &mut hash).is_err() {
        return Ok(false);
    }
    Ok(parts.store.login().forget_browser(&owner.session, &Hashed(hash), parts.now()).await?)
}

/// Has all browsers asked for a code again.
pub async fn forget_all(parts: &Parts, owner: &Owner) -> Result<(), Fault> {
    parts.store.login().forget_browsers(&owner.session, parts.now()).await?;
    Ok(())
}

/// Marks a word as ours, for this session: what an address says was done is told only if it was.
#[must_use]
pub fn mark(parts: &Parts, owner: &Owner, word: &str) -> String {
    let said = format!("{}.{word}", place(owner));
    hex::encode(&parts.keys.sealer.hmac(Label::AccountNotice, said.as_bytes()).0[..16])
}
