//! Read a directory into the mirror: nobody is judged, no account changes, and no object of the settings has to be
//! there. So a scope can be chosen, counted and previewed before anything is synced.

use super::feed::open;
use super::order::{RunOrder, RunReport, SyncError};
use super::read::MirrorReader;
use super::run_lease;
use super::run_log::Log;
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::store::{Fenced, RunTrigger};

/// Rules by which nobody is judged: the next run judges everybody by its own.
const NO_RULES: &str = "";

/// Brings the mirror up to date, by changes if possible. Also while the sync is paused.
pub async fn read_directory(parts: &SyncParts, site: &Site) -> Result<RunReport, SyncError> {
    let lease = run_lease::to_work(parts, site.id()).await?;
    let order = RunOrder::partial(RunTrigger::Read);
    let mut log = Log::new(parts, site, &order);
    let work = async {
        let state = parts.store.sync().mirror_state(site.id()).await?;
        let mut feed = open(parts, site, &state).await?;
        let reader = MirrorReader::new(&mut feed, state.version, &mut log);
        let version = Box::pin(reader.catch_up(state, None, None)).await?;
        site.refresh_groups(&parts.store).await?;
        // After the initial sync the next run reads everything again, since it checks more after a full read.
        if log.read.reason.is_some()
            && parts.store.sync().completed_at(site.id()).await?.is_none()
            && let Fenced::Overtaken =
                parts.store.sync().dirty_everybody(site.id(), version, NO_RULES).await?
        {
            return Err(SyncError::Overtaken);
        }
        Ok(())
    };
    let done = lease.spend(work).await;
    log.close(done).await
}
