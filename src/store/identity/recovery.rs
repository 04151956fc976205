//! Store recovery codes: ten digests per account, each used up by one conditional update.

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::audit::Event;
use crate::domain::secret::Hashed;

use super::lock;
use crate::store::IdentityStore;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::sql::Tx;
use crate::store::engine::value::values;
use crate::store::trail::audit;

impl IdentityStore<'_> {
    /// How many unused recovery codes an account has.
    pub async fn recovery_codes_left(&self, account: &AccountId) -> Result<u32> {
        let row = self.store.db.row(COUNT_LEFT, values![account]).await?;
        row.map_or(Ok(0), |row| row.of("recovery_codes", "many").parsed("many", small))
    }

    /// Uses up a recovery code and writes the event; returns how many are left, `None` for an invalid code.
    pub async fn use_recovery_code(
        &self,
        account: &AccountId,
        code: &Hashed,
        event: &Event,
    ) -> Result<Option<u32>> {
        retry(|| self.try_recovery_code(account, code, event)).await
    }

    async fn try_recovery_code(
        &self,
        account: &AccountId,
        code: &Hashed,
        event: &Event,
    ) -> Result<Option<u32>> {
        let mut tx = self.store.db.begin().await?;
        let sql = "UPDATE recovery_codes SET used_at = $3 \
             WHERE account = $1 AND code_hash = $2 AND used_at IS NULL";
        if tx.execute(sql, values![account, code, event.at]).await? == 0 {
            return Ok(None);
        }
        let left = left(&mut tx, account).await?;
        audit::insert(&mut tx, event).await?;
        tx.commit().await?;
        Ok(Some(left))
    }

    /// Replaces the recovery codes of an active account of this generation; false: nothing was written.
    pub async fn replace_recovery_codes(
        &self,
        account: &AccountId,
        generation: i64,
        codes: &[Hashed],
        event: &Event,
    ) -> Result<bool> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            if !lock::hold(&mut tx, account, generation).await? {
                return Ok(false);
            }
            replace(&mut tx, account, codes, event.at).await?;
            audit::insert(&mut tx, event).await?;
            tx.commit().await?;
            Ok(true)
        })
        .await
    }
}

const COUNT_LEFT: &str = "SELECT count(*) AS many FROM recovery_codes WHERE account = $1 AND used_at IS NULL";

pub(in crate::store) async fn left(tx: &mut Tx, account: &AccountId) -> Result<u32> {
    let row = tx.row(COUNT_LEFT, values![account]).await?;
    row.map_or(Ok(0), |row| row.of("recovery_codes", "many").parsed("many", small))
}

pub(in crate::store) async fn replace(
    tx: &mut Tx,
    account: &AccountId,
    codes: &[Hashed],
    now: Millis,
) -> Result<()> {
    tx.execute("DELETE FROM recovery_codes WHERE account = $1", values![account]).await?;
    for code in codes {
        let sql = "INSERT INTO recovery_codes (account, code_hash, created_at) VALUES ($1, $2, $3)";
        tx.execute(sql, values![account, code, now]).await?;
    }
    Ok(())
}

fn small(many: i64) -> Option<u32> {
    u32::try_from(many).ok()
}
