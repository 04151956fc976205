//! Change a directory password with the old one. A wrong old password is counted like any failed attempt.

use tokio::time::{Duration, Instant};

use crate::domain::account::Account;
use crate::domain::advice::Cause;
use crate::domain::audit::{Detail, Event};
use crate::domain::entry::{DirectoryId, Entry, EntryId};
use crate::domain::lockout::Browser;
use crate::domain::password::{ChangeOutcome, ChangeRefusal, PasswordRules};
use crate::domain::secret::Plain;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::current::{Current, Site};
use crate::flow::installation::fault::Fault;
use crate::flow::limits::budget::{self, AttemptResult, PasswordAttempt, Reserved, Subject};

/// How long a page waits for the rules that it shows.
const RULES_WAIT: Duration = Duration::from_secs(1);

/// The directory of an account, if its owner may change the password there: over TLS only.
#[must_use]
pub fn site_of<'c>(current: &'c Current, account: &Account) -> Option<&'c Site> {
    let site = current.site(&account.link.as_ref()?.directory)?;
    (site.settings.password_change && site.directory.is_encrypted()).then_some(site)
}

/// The rules for this person's next password, for the page that asks for one. `None` if they can't be read in
/// time: the page then shows none.
pub async fn rules(parts: &LoginParts, directory: &DirectoryId, entry: EntryId) -> Option<PasswordRules> {
    let current = parts.current();
    let (site, deadline) = (current.site(directory)?, Instant::now() + RULES_WAIT);
    let read = async {
        match site.directory.read(entry, deadline).await? {
            Some(entry) => site.directory.password_rules(&entry, deadline).await,
            None => Ok(None),
        }
    };
    read.await.unwrap_or_else(|error| {
        tracing::warn!(%directory, %error, "the rules for passwords could not be read");
        None
    })
}

/// The two passwords of a change.
pub struct PasswordPair<'a> {
    pub old: &'a Plain,
    pub new: &'a Plain,
}

/// Changes the password of an entry that was just read. If no attempt is left the result is a wrong old
/// password, and the directory is not asked. After success the caller ends the account's other sessions.
pub async fn change_password(
    parts: &LoginParts,
    site: &Site,
    entry: &Entry,
    passwords: PasswordPair<'_>,
    browser: Browser,
    deadline: Instant,
) -> Result<ChangeOutcome, Fault> {
    if !site.settings.password_change {
        return Ok(ChangeOutcome::Refused(ChangeRefusal::NotAllowed));
    }
    let attempt = PasswordAttempt { subject: Subject::Entry(entry), browser, password: passwords.old };
    let reserved = budget::reserve(parts, site, attempt, deadline).await?;
    let Reserved::Go(reservation) = reserved else { return Ok(ChangeOutcome::WrongOldPassword) };
    let changed = site.directory.change_password(entry, passwords.old, passwords.new, deadline).await;
    reservation.settle(parts, AttemptResult::by_change(&changed)).await?;
    Ok(changed?)
}

/// The audit event of a change that was refused, with the reason.
pub(in crate::flow) fn refused(event: Event, why: ChangeOutcome) -> Event {
    let error = Some(words(why).to_owned());
    Event {
        cause: Some(Cause::ChangeRefused.word().to_owned()),
        detail: Detail { error, ..Detail::default() }.to_json(),
        ..event
    }
}

/// Why the directory refused the new password, for an administrator.
fn words(outcome: ChangeOutcome) -> &'static str {
    use ChangeRefusal as R;
    match outcome {
        ChangeOutcome::Accepted => "",
        ChangeOutcome::WrongOldPassword => "the old password is wrong, or too many wrong ones came before",
        ChangeOutcome::Refused(R::TooShortOrSimple) => "the new password is too short or too simple",
        ChangeOutcome::Refused(R::InHistory) => "the new password was used before (history)",
        ChangeOutcome::Refused(R::TooYoung) => "the password was changed too recently (minimum age)",
        ChangeOutcome::Refused(R::NotAllowed) => {
            "passwords can't be changed here (rights, encryption, settings)"
        }
        ChangeOutcome::Refused(R::Other) => "the directory refused the new password without saying why",
    }
}
