//! Read the list of a service to its end.

use super::error::CompareError;
use super::work::Work;
use crate::delivery::scim::{list, page};
use crate::domain::delivery::{Attribute, Failure, Kind, Seen};
use crate::store::ListedResource;

/// A list that has more pages does not end.
const MOST_PAGES: usize = 20_000;

/// What an index of the store takes, in bytes. A longer name or external id is nobody's here.
const LONGEST_KEY: usize = 1_000;

/// Reads all users or groups into the store. A list that ends early is a failure: whoever is not on it would be made
/// there again.
pub(super) async fn read_list(work: &Work<'_>, kind: Kind) -> Result<(), CompareError> {
    let (mut start, mut total) = (1, None);
    for _ in 0..MOST_PAGES {
        let reply = work.send(&list(kind, &work.channel.dialect, start)).await?;
        let page = page(kind, start, &reply)?;
        let listed: Vec<ListedResource> = page.found.iter().map(|seen| listed(work, kind, seen)).collect();
        work.deliveries().add_listed(&work.run, kind, &listed, work.now()).await?;
        total = page.total.or(total);
        match page.next {
            Some(next) => start = next,
            None => return is_complete(work, kind, total).await,
        }
    }
    Err(Failure::Garbage("the list does not end".to_owned()).into())
}

async fn is_complete(work: &Work<'_>, kind: Kind, total: Option<u64>) -> Result<(), CompareError> {
    let listed = work.deliveries().count_listed(&work.run, kind).await?;
    match total {
        Some(total) if listed < total => Err(CompareError::Incomplete { listed, total }),
        _ => Ok(()),
    }
}

fn listed(work: &Work<'_>, kind: Kind, seen: &Seen) -> ListedResource {
    let value = |attribute: Attribute| {
        seen.values.get(&attribute).cloned().flatten().filter(|text| text.len() <= LONGEST_KEY)
    };
    ListedResource {
        id: seen.id.clone(),
        external_id: value(Attribute::ExternalId),
        name: value(kind.name()),
        content: work.sealed(&seen.id, &seen.values),
    }
}
