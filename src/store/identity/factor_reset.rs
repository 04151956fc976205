//! Remove all second factors of an account, and end everything that they opened.

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::audit::Event;
use crate::domain::audit_change::ValueChange;

use super::endings::{self, Ending};
use super::factors;
use crate::store::IdentityStore;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::sql::Tx;
use crate::store::engine::value::values;
use crate::store::trail::audit;

/// What is removed: its name in the audit log, and the statement.
const RESET: [(&str, &str); 4] = [
    ("factors", "DELETE FROM factors WHERE account = $1"),
    ("recovery codes", "DELETE FROM recovery_codes WHERE account = $1"),
    ("invitations", "DELETE FROM invitations WHERE account = $1"),
    ("remembered browsers", "DELETE FROM remembered_browsers WHERE account = $1"),
];

impl IdentityStore<'_> {
    /// Removes factors, recovery codes, the invitation and remembered browsers, ends all sessions, revokes
    /// all grants and raises the account's generation, so that no sign-in in progress can finish: in one
    /// transaction with the event. The time when the account was first asked for a factor stays: a grace
    /// period does not restart.
    pub async fn reset_factors(&self, account: &AccountId, event: &Event) -> Result<()> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            let removed = reset(&mut tx, account, event.at).await?;
            audit::insert(&mut tx, &event.clone().changing(removed)).await?;
            tx.commit().await
        })
        .await
    }
}

/// Returns how many of what were removed.
pub(in crate::store) async fn reset(
    tx: &mut Tx,
    account: &AccountId,
    now: Millis,
) -> Result<Vec<ValueChange>> {
    endings::raise(tx, account).await?;
    endings::end(tx, account, Ending::All, now).await?;
    let mut removed = Vec::with_capacity(RESET.len());
    for (what, sql) in RESET {
        removed.push(ValueChange::new(what, tx.execute(sql, values![account]).await?, 0));
    }
    factors::note_has_factor(tx, account).await?;
    Ok(removed)
}
