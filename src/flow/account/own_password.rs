//! Change the directory password on the account page. This takes the current password and a recent sign-in
//! with every factor that the person has; a wrong current password is counted like any failed attempt. After
//! the change every earlier session and token ends, except in the browser that made it.

use tokio::time::Instant;

use crate::domain::Millis;
use crate::domain::audit::{Decision, Event};
use crate::domain::entry::Entry;
use crate::domain::evidence::{Evidence, Generations, Level};
use crate::domain::lockout;
use crate::domain::password::{ChangeOutcome, ChangeRefusal, PasswordRules};
use crate::domain::session::Session;
use crate::flow::account::change_password::{self, PasswordPair, site_of};
use crate::flow::account::owner::Owner;
use crate::flow::installation::context::{LoginParts, Visit};
use crate::flow::installation::current::{DIRECTORY_WAIT, Site};
use crate::flow::installation::device::Device;
use crate::flow::installation::fault::Fault;
use crate::flow::limits::throttle::{self, Admission, Asker};

/// The result of a change.
#[derive(Debug)]
pub enum OwnPasswordChange {
    /// Changed. `None`: the session of this browser ended too, because something else changed meanwhile.
    Done(Option<Box<Renewed>>),
    /// The current password is wrong, or no attempt is left.
    WrongOldPassword,
    Refused(ChangeRefusal),
    /// The person may not, or the sign-in is too old.
    NotNow,
}

/// The renewed session of the browser that made the change.
#[derive(Debug)]
pub struct Renewed {
    /// The session under its new id.
    pub session: Session,
    /// The id, for the cookie: a copy of the old one is worthless.
    pub session_id: String,
    /// The next value of the cookie that identifies a known browser.
    pub device: String,
}

/// The rules for the next password, for the page that asks for one.
pub async fn rules(parts: &LoginParts, owner: &Owner) -> Option<PasswordRules> {
    let link = owner.account.link.as_ref()?;
    change_password::rules(parts, &link.directory, link.entry).await
}

/// Changes the password of the owner of a session.
pub async fn change(
    parts: &LoginParts,
    visit: &Visit,
    owner: &Owner,
    device: &Device,
    passwords: PasswordPair<'_>,
) -> Result<OwnPasswordChange, Fault> {
    let current = parts.current();
    let site = site_of(&current, &owner.account).filter(|_| owner.may.change);
    let Some((site, link)) = site.zip(owner.account.link.as_ref()) else {
        return Ok(OwnPasswordChange::NotNow);
    };
    let asker = Asker { visit, client_id: "", device };
    let admission = throttle::admit(parts, &asker, owner.login_name()).await?;
    let deadline = Instant::now() + DIRECTORY_WAIT;
    let changed = async {
        let entry = site.directory.read(link.entry, deadline).await?.ok_or(Fault::LoginEnded)?;
        let browser = lockout_browser(parts, owner, device, site, &entry).await?;
        change_password::change_password(parts, site, &entry, passwords, browser, deadline).await
    };
    let outcome = settled(parts, admission, changed.await).await?;
    if outcome != ChangeOutcome::Accepted {
        let event = event(parts, visit, owner, Decision::PasswordChangeRefused);
        parts.store.login().append(&change_password::refused(event, outcome)).await?;
    }
    match outcome {
        ChangeOutcome::Accepted => {}
        ChangeOutcome::WrongOldPassword => return Ok(OwnPasswordChange::WrongOldPassword),
        ChangeOutcome::Refused(why) => return Ok(OwnPasswordChange::Refused(why)),
    }
    let renewed = end_all_else(parts, visit, owner, current.generation, device, site).await?;
    Ok(OwnPasswordChange::Done(renewed.map(Box::new)))
}

/// Gives the attempt back if the password was right, or could not be tried at all.
async fn settled(
    parts: &LoginParts,
    admission: Admission,
    outcome: Result<ChangeOutcome, Fault>,
) -> Result<ChangeOutcome, Fault> {
    if !matches!(outcome, Ok(ChangeOutcome::WrongOldPassword | ChangeOutcome::Refused(_))) {
        admission.give_back(parts).await?;
    }
    outcome
}

/// What the browser counts as for the lockout budget, as at a sign-in.
async fn lockout_browser(
    parts: &LoginParts,
    owner: &Owner,
    device: &Device,
    site: &Site,
    entry: &Entry,
) -> Result<lockout::Browser, Fault> {
    let factor = owner.session.evidence.level() == Level::Mfa;
    let known = factor || device.knows_entry(parts, site.id(), entry).await?;
    Ok(lockout::Browser::known_if(known))
}

async fn end_all_else(
    parts: &LoginParts,
    visit: &Visit,
    owner: &Owner,
    settings_generation: i64,
    device: &Device,
    site: &Site,
) -> Result<Option<Renewed>, Fault> {
    let Some(link) = &owner.account.link else { return Ok(None) };
    let session_id = parts.random_id();
    let old = &owner.session;
    let set_at = set_at(site, owner).await.or(old.evidence.password_set_at);
    let session = Session {
        id_hash: parts.session_hash(&session_id),
        evidence: Evidence {
            password_set_at: set_at,
            account_generation: owner.account.generation + 1,
            ..old.evidence.clone()
        },
        used_at: parts.now(),
        place: visit.place(),
        ..old.clone()
    };
    let checks = Generations { account: owner.account.generation, settings: settings_generation };
    let event = event(parts, visit, owner, Decision::PasswordChanged);
    let living = parts.store.identity().own_password_changed(&session, &old.id_hash, checks, &event).await?;
    let device = device.with(&link.directory, link.entry, owner.login_name(), &session.evidence);
    Ok(living.then_some(Renewed { session, session_id, device }))
}

/// The directory's time of the change. The change is done, so a missing response is no error.
async fn set_at(site: &Site, owner: &Owner) -> Option<Millis> {
    let link = owner.account.link.as_ref()?;
    let read = site.directory.read(link.entry, Instant::now() + DIRECTORY_WAIT).await;
    read.ok().flatten().and_then(|entry| entry.password_changed_at)
}

fn event(parts: &LoginParts, visit: &Visit, owner: &Owner, decision: Decision) -> Event {
    visit.event(parts.now(), decision).about(&owner.account.id, owner.account.directory())
}
