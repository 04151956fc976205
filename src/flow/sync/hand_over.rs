//! Hand an account over to another entry: a person was deleted and hired again, or has the email address of a
//! person who left.

use std::sync::Arc;

use tokio::time::{Duration, Instant};

use crate::directory::{DirectoryError, Found};
use crate::domain::account::{Account, Link};
use crate::domain::admin::Actor;
use crate::domain::audit::{Decision, Event};
use crate::domain::audit_change::ValueChange;
use crate::domain::entry::{Entry, EntryId};
use crate::domain::name::TypedName;
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::store::{HandOverOutcome, StoreError};

/// How long a directory may take to find an entry.
const FINDING: Duration = Duration::from_secs(15);

/// Why no entry was found.
#[derive(Debug, thiserror::Error)]
pub enum NobodyFound {
    #[error(
        "no directory has a person with this id or name; give the objectGUID, the entryUUID or the login name"
    )]
    None,
    #[error(
        "several entries have this name; give the objectGUID or entryUUID, or the directory: --directory ID"
    )]
    Several,
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

/// Finds the entry with this id or name in one of these directories.
pub async fn find(sites: &[Arc<Site>], typed: &str) -> Result<(Arc<Site>, Entry), NobodyFound> {
    let deadline = Instant::now() + FINDING;
    let mut found = Vec::new();
    for site in sites {
        found.extend(in_site(site, typed, deadline).await?.map(|entry| (Arc::clone(site), entry)));
    }
    let one = found.pop().ok_or(NobodyFound::None)?;
    if found.is_empty() { Ok(one) } else { Err(NobodyFound::Several) }
}

async fn in_site(site: &Site, typed: &str, deadline: Instant) -> Result<Option<Entry>, NobodyFound> {
    if let Some(id) = EntryId::from_entry_uuid(typed.trim()) {
        return Ok(site.directory.read(id, deadline).await?);
    }
    let Some(name) = TypedName::parse(typed) else { return Ok(None) };
    match site.directory.find(&name, deadline).await? {
        Found::None => Ok(None),
        Found::One(entry) => Ok(Some(*entry)),
        Found::Ambiguous(_) => Err(NobodyFound::Several),
    }
}

/// Links the account to the entry.
pub async fn hand_over(
    parts: &SyncParts,
    account: &Account,
    (site, entry): (&Site, &Entry),
    actor: &Actor,
) -> Result<HandOverOutcome, StoreError> {
    let link = Link { directory: site.id().clone(), entry: entry.id, sid: entry.sid.clone() };
    let from = account.link.as_ref().map(|link| link.entry.to_string());
    let changed = ValueChange { before: from, ..ValueChange::added("entry", entry.id) };
    let event = Event::new(parts.now(), Decision::AccountHandedOver);
    let event = event.about(&account.id, Some(site.id())).by(actor).changing([changed]);
    parts.store.identity().hand_over(&account.id, &link, &event).await
}
