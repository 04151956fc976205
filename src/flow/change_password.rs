//! A person who changes the directory password by the old one. A wrong old password is a try like any other: it is
//! reserved and counted as one.

use tokio::time::Instant;

use crate::domain::entry::Entry;
use crate::domain::lockout::Browser;
use crate::domain::password::{ChangeOutcome, ChangeRefusal};
use crate::domain::secret::Plain;
use crate::flow::budget::{self, Reserved, Subject, Tried};
use crate::flow::context::Parts;
use crate::flow::estate::Site;
use crate::flow::fault::Fault;

/// What was typed.
pub struct Typed<'a> {
    /// The present password.
    pub old: &'a Plain,
    /// The one to come.
    pub new: &'a Plain,
}

/// Changes the password of a person who was just read. With no try left the answer is that of a wrong old password, and
/// the directory is not asked. Whoever calls ends the account's other sessions when it was accepted.
pub async fn change_password(
    parts: &Parts,
    site: &Site,
    entry: &Entry,
    typed: Typed<'_>,
    browser: Browser,
    deadline: Instant,
) -> Result<ChangeOutcome, Fault> {
    if !site.settings.password_change {
        return Ok(ChangeOutcome::Refused(ChangeRefusal::NotAllowed));
    }
    let reserved = budget::reserve(parts, site, Subject::Entry(entry), browser, deadline).await?;
    let Reserved::Go(reservation) = reserved else { return Ok(ChangeOutcome::WrongOldPassword) };
    let changed = site.directory.change_password(entry, typed.old, typed.new, deadline).await;
    reservation.settle(parts, Tried::by_change(&changed)).await?;
    Ok(changed?)
}
