//! Compare all Team Shares with their members, one after the other.

use std::collections::{BTreeSet, HashSet};

use super::error::CompareError;
use super::own::{Candidates, Judged, Own, PageResult};
use super::work::Work;
use crate::delivery::scim::{answer, message};
use crate::domain::delivery::{
    Answer, Compared, Difference, Drift, Finding, Kind, RemoteId, Request, Subject, Wish, compare_members,
};
use crate::flow::delivery::wish::share;

/// Compares the Team Shares that somebody has, or that were delivered. There are as many as mappings.
pub(super) async fn compare_shares(work: &Work<'_>, drift: &mut Drift) -> Result<(), CompareError> {
    for name in work.deliveries().shares_at(&work.run.target).await? {
        let own = own(work, name).await?;
        let page = [own];
        let candidates = Candidates::of(work, Kind::Group, &page).await?;
        let [mut own] = page;
        let mut judged = candidates.judge(work, &mut own);
        if let (Judged::Compared { compared, .. }, Some(wish)) = (&mut judged, &own.wish) {
            compare_its_members(work, &own, wish, compared).await?;
        }
        let mut result = PageResult::default();
        result.add(own, judged, drift);
        result.write(work, Kind::Group).await?;
    }
    Ok(())
}

async fn own(work: &Work<'_>, name: String) -> Result<Own, CompareError> {
    let subject = Subject::Share(name.clone());
    let mut rows = work.deliveries().deliveries_of(&work.run.target, std::slice::from_ref(&subject)).await?;
    let stored = rows.remove(&subject);
    let known = stored.as_ref().map(|stored| stored.known.clone()).unwrap_or_default();
    let wish = share(work.store(), work.channel.service, &name, &known).await?;
    Ok(Own { subject, name, account: None, stored, wish })
}

/// The list comes without members, so the group is read by itself.
async fn compare_its_members(
    work: &Work<'_>,
    own: &Own,
    wish: &Wish,
    compared: &mut Compared,
) -> Result<(), CompareError> {
    let Some(id) = compared.resource().cloned() else { return Ok(()) };
    let Some(there) = members(work, wish, &id).await? else { return Ok(()) };
    let mut ours: HashSet<RemoteId> = work.deliveries().ours(&work.run.target, &there).await?;
    // Whom we have made a member stays one of ours.
    ours.extend(own.known().members.into_iter().flatten().map(|(id, _)| id));
    let (joining, leaving) = compare_members(&wish.members, &there, &|id| ours.contains(id));
    if joining + leaving > 0 {
        let new = || Difference::new(Finding::Change, Some(id));
        let difference = compared.difference.get_or_insert_with(new);
        (difference.joining, difference.leaving) = (joining, leaving);
    }
    Ok(())
}

/// The members of a group; `None` if the service does not show them, or the group is gone by now.
async fn members(
    work: &Work<'_>,
    wish: &Wish,
    id: &RemoteId,
) -> Result<Option<BTreeSet<RemoteId>>, CompareError> {
    let request = Request::Read { id: id.clone(), members: true };
    let reply = work.send(&message(wish, &request, &work.channel.dialect, 1)).await?;
    match answer(Kind::Group, &request, &reply) {
        Answer::Read(seen) => Ok(seen.members),
        Answer::Failed(failure) if reply.status != 404 => Err(failure.into()),
        _ => Ok(None),
    }
}
