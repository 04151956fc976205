//! Calculate how many more people a sync may take something from today.

use crate::domain::Millis;
use crate::domain::guard::{self, Allowance};
use crate::flow::installation::current::Site;
use crate::store::{Store, StoreError};

/// The number of people, not counting those who already lost something today.
pub(crate) async fn allowance(store: &Store, site: &Site, now: Millis) -> Result<Allowance, StoreError> {
    let settings = &site.settings.sync;
    let taken = store.sync().taken_since(site.id(), now - guard::WINDOW).await?;
    let people = store.sync().people_before(site.id(), &taken).await?;
    let limit = guard::limit(settings.guard_people, settings.guard_percent, people);
    Ok(Allowance::new(limit, taken))
}
