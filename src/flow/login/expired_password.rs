//! Change a password that is right but expired or reset during the login, once policy is satisfied, and end
//! every session and token that the old password opened.

use tokio::time::Instant;

use crate::domain::account::Account;
use crate::domain::audit::Decision;
use crate::domain::lockout;
use crate::domain::login::Progress;
use crate::domain::password::{ChangeOutcome, ChangeRefusal};
use crate::domain::secret::Plain;
use crate::flow::account::change_password::{self, PasswordPair};
use crate::flow::installation::current::DIRECTORY_WAIT;
use crate::flow::installation::fault::Fault;
use crate::flow::login::step::StepRequest;

/// The result of a password change during a login.
#[derive(Debug)]
pub enum ExpiredPasswordChange {
    /// The directory accepted it: the login continues with this progress.
    Done(Box<Progress>),
    WrongOldPassword,
    /// The directory refused the new password.
    Refused(ChangeRefusal),
}

/// Changes the password of a person who has proven the old one in this login.
pub async fn change(step: StepRequest<'_>, old: &Plain, new: &Plain) -> Result<ExpiredPasswordChange, Fault> {
    let parts = step.parts;
    let progress = &step.pending.progress;
    let needed = progress.password.as_ref().filter(|proof| proof.needs_new_password().is_some());
    let (Some(proof), Some((directory, entry))) = (needed, &progress.link) else {
        return Err(Fault::LoginEnded);
    };
    // After a suspension, a reset or a newer password, an earlier proof changes nothing.
    let account = step.account().await?;
    let site = step.current.site(directory).ok_or(Fault::LoginEnded)?;
    let deadline = Instant::now() + DIRECTORY_WAIT;
    let entry = site.directory.read(*entry, deadline).await?.ok_or(Fault::LoginEnded)?;
    let factor = progress.factor.as_ref().is_some_and(|factor| factor.account() == proof.account());
    let known = factor || step.browser.device.knows_entry(parts, directory, &entry).await?;
    let browser = lockout::Browser::known_if(known);
    let passwords = PasswordPair { old, new };
    let outcome = change_password::change_password(parts, site, &entry, passwords, browser, deadline).await?;
    record(step, &account, outcome).await?;
    match outcome {
        ChangeOutcome::Accepted => {}
        ChangeOutcome::WrongOldPassword => return Ok(ExpiredPasswordChange::WrongOldPassword),
        ChangeOutcome::Refused(why) => return Ok(ExpiredPasswordChange::Refused(why)),
    }
    // End everything now: some directories report only to the second when a password was set, so what the old
    // password opened within that second would count as newer.
    let generation =
        parts.store.identity().end_all_of(proof.account(), parts.now()).await?.ok_or(Fault::LoginEnded)?;
    // Use the directory's time of the change, so that this sign-in counts as one by the new password.
    let read = site.directory.read(entry.id, Instant::now() + DIRECTORY_WAIT).await?;
    let set_at = read.and_then(|entry| entry.password_changed_at);
    if let Some(set_at) = set_at {
        parts.store.login().passwords_changed(&[(proof.account().clone(), set_at)], parts.now()).await?;
    }
    Ok(ExpiredPasswordChange::Done(Box::new(progress.clone().with_new_password(
        set_at,
        generation,
        parts.now(),
    ))))
}

async fn record(step: StepRequest<'_>, account: &Account, outcome: ChangeOutcome) -> Result<(), Fault> {
    let event = |decision| step.event(decision).about(&account.id, account.directory());
    let event = match outcome {
        ChangeOutcome::Accepted => event(Decision::PasswordChanged),
        why => change_password::refused(event(Decision::PasswordChangeRefused), why),
    };
    Ok(step.parts.store.login().append(&event).await?)
}
