//! Lock an account until the transaction ends: before any row that belongs to it (see [`crate::store`]).

use crate::domain::account::AccountId;

use crate::store::engine::error::Result;
use crate::store::engine::sql::{Tx, locked};
use crate::store::engine::value::values;

/// Locks an account in any state.
pub(in crate::store) async fn lock(tx: &mut Tx, account: &AccountId) -> Result<()> {
    tx.row(locked!("SELECT id FROM accounts WHERE id = $1"), values![account]).await?;
    Ok(())
}

/// Locks an active account of this generation; false if it has changed since it was judged.
pub(in crate::store) async fn hold(tx: &mut Tx, account: &AccountId, generation: i64) -> Result<bool> {
    let sql = locked!("SELECT id FROM accounts WHERE id = $1 AND status = 'active' AND generation = $2");
    Ok(tx.row(sql, values![account, generation]).await?.is_some())
}
