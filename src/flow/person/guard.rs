//! Guard the accounts of a directory, for a sign-in and for a run alike: from how many people something may
//! still be taken today, and whether the sync is paused.

use std::collections::BTreeSet;

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::entry::DirectoryId;
use crate::domain::guard::{self, Allowance};
use crate::domain::reconcile::Action;
use crate::domain::team_share::{Share, ShareDiff};
use crate::flow::installation::current::Site;
use crate::store::{Loss, Store, StoreError};

/// An administrator has reverted a run: nothing is written until the sync is resumed.
#[derive(Debug, thiserror::Error)]
#[error("the sync of this directory is paused ({why}); resume with: cloudsync-idp sync --resume")]
pub struct Paused {
    why: String,
}

/// The pause of a directory's sync, if it is paused.
pub(in crate::flow) async fn pause(
    store: &Store,
    directory: &DirectoryId,
) -> Result<Option<Paused>, StoreError> {
    Ok(store.sync().paused(directory).await?.map(|pause| Paused { why: pause.why }))
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

    /// Whether something may be taken from this account now. `waits`: an administrator has yet to decide.
    pub(in crate::flow) async fn lets(
        &mut self,
        store: &Store,
        site: &Site,
        account: &AccountId,
        waits: bool,
        now: Millis,
    ) -> Result<bool, StoreError> {
        match self {
            Self::Approved => Ok(true),
            Self::Limited(_) if waits => Ok(false),
            Self::Limited(Some(read)) => Ok(read.take(account)),
            Self::Limited(unread) => Ok(unread.insert(allowance(store, site, now).await?).take(account)),
        }
    }
}

/// How many more people may lose something today, not counting those who already have.
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

/// What a person would lose.
pub(in crate::flow) fn loss(action: &Action, shares: &ShareDiff) -> Loss {
    let suspend = match action {
        Action::Suspend(_, because, _) => Some(*because),
        _ => None,
    };
    let shares: BTreeSet<&Share> = shares.left.iter().map(|change| &change.share).collect();
    Loss { suspend, shares: shares.into_iter().map(|share| share.team_share.clone()).collect() }
}
