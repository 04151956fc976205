//! Lock down a person: one order that suspends the account here, ends everything that it has opened, has every client
//! told and every service told first. It may be ordered again, which repeats what is not confirmed.

use serde_json::json;

use crate::domain::Millis;
use crate::domain::account::{Account, AccountId};
use crate::domain::admin::Actor;
use crate::domain::audit::{Decision, Event};
use crate::flow::account::lock_down_view::{LockDownView, steps_of, view};
use crate::flow::account::suspension::SuspensionError;
use crate::flow::installation::context::LoginParts;
use crate::store::{LockDownRow, StoreError};

/// How many open lock-downs are looked at in one go.
const AT_ONCE: u32 = 20;

/// Where the next look at open lock-downs begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPlace {
    at: Millis,
    account: AccountId,
}

/// Locks a person down. What happens here has happened when it returns; clients and services are told by the running
/// servers, and [`super::lock_down_view::lock_down_of`] says how far they are.
pub async fn lock_down(
    parts: &LoginParts,
    account: &Account,
    actor: &Actor,
) -> Result<LockDownView, SuspensionError> {
    let event = Event::new(parts.now(), Decision::PersonLockedDown);
    let event = event.about(&account.id, account.directory()).by(actor);
    let row = parts.store.identity().lock_down(&account.id, &event).await?;
    Ok(view(parts, account, row.ok_or(SuspensionError::Unknown)?).await?)
}

/// Notes of some open lock-downs that each step was confirmed or given up, with an event that has the answers. Returns
/// where to go on; `None` at the end.
pub async fn conclude_some(
    parts: &LoginParts,
    after: Option<OpenPlace>,
) -> Result<Option<OpenPlace>, StoreError> {
    let after = after.as_ref().map(|place| (place.at, &place.account));
    let open = parts.store.identity().open_lock_downs(after, AT_ONCE).await?;
    for row in &open {
        conclude(parts, row).await?;
    }
    Ok(open.last().map(|row| OpenPlace { at: row.at, account: row.account.clone() }))
}

async fn conclude(parts: &LoginParts, row: &LockDownRow) -> Result<(), StoreError> {
    let steps = steps_of(parts, row).await?;
    if !steps.are_final() {
        return Ok(());
    }
    let detail = json!({ "ordered_by": row.by, "times": row.times, "clients": steps.clients, "services": steps.services });
    let event = Event {
        detail: Some(detail.to_string()),
        ..Event::new(parts.now(), Decision::LockDownEnded).about(&row.account, None)
    };
    parts.store.identity().conclude_lock_down(row, &event).await?;
    Ok(())
}
