//! Guard the accounts of a directory, for a sign-in and for a run alike: from how many people something may
//! still be taken today, and whether the sync is paused.

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::entry::DirectoryId;
use crate::domain::guard::{self, Allowance};
use crate::flow::installation::current::Site;
use crate::store::{Pause, Store, StoreError};

/// An administrator has reverted a run: no account changes until the sync is resumed, except by an approved plan.
#[derive(Debug, thiserror::Error)]
#[error("the sync of this directory is paused ({}); resume with: cloudsync-idp sync --resume", .0.why)]
pub struct Paused(pub Pause);

/// The pause of a directory's sync, if it is paused.
pub(in crate::flow) async fn pause(
    store: &Store,
    directory: &DirectoryId,
) -> Result<Option<Paused>, StoreError> {
    Ok(store.sync().paused(directory).await?.map(Paused))
}

/// Limits from how many people something may be taken.
pub(in crate::flow) enum Guard {
    /// A number of people a day; the rest waits for an administrator. Read only when something is to be taken
    /// for the first time, since most changes take nothing.
    Limited(Option<Allowance>),
    /// An administrator has seen and approved the changes.
    Approved,
}

impl Guard {
    /// A guard that has read nothing yet.
    pub(in crate::flow) fn limited() -> Self {
        Self::Limited(None)
    }

    /// Reads once how much may be taken, before [`Guard::allows`] is asked.
    pub(in crate::flow) async fn read(
        &mut self,
        store: &Store,
        site: &Site,
        now: Millis,
    ) -> Result<(), StoreError> {
        if matches!(self, Self::Limited(None)) {
            *self = Self::Limited(Some(allowance(store, site, now).await?));
        }
        Ok(())
    }

    /// Whether something may be taken from this account now. `waits`: an administrator has yet to decide.
    pub(in crate::flow) fn allows(&mut self, account: &AccountId, waits: bool) -> bool {
        match self {
            Self::Approved => true,
            Self::Limited(allowance) => {
                !waits && allowance.as_mut().is_some_and(|allowance| allowance.take(account))
            }
        }
    }
}

/// The limit, and the accounts from which something was taken in the last [`guard::WINDOW`].
pub(in crate::flow) async fn allowance(
    store: &Store,
    site: &Site,
    now: Millis,
) -> Result<Allowance, StoreError> {
    let settings = &site.settings.sync;
    let taken = store.sync().taken_since(site.id(), now - guard::WINDOW).await?;
    let people = store.sync().people_before(site.id(), &taken).await?;
    let limit = guard::limit(settings.guard_people, settings.guard_percent, people);
    Ok(Allowance::new(limit, taken))
}
