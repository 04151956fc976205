//! Logins that came to their end. Their browsers still carry them, sealed, with all that was proven in them; this is why
//! none is finished twice, whatever became of the short-lived state.

use crate::domain::Millis;

use crate::store::LoginStore;
use crate::store::engine::again::again;
use crate::store::engine::error::Result;
use crate::store::engine::sql::Tx;
use crate::store::engine::value::values;

/// A login that is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpentLogin<'a> {
    pub serial: &'a str,
    /// When nobody could go on with it any more.
    pub expires_at: Millis,
}

impl LoginStore<'_> {
    /// Spends a login that gives nothing; false where it was spent before.
    pub async fn spend_login(&self, login: SpentLogin<'_>) -> Result<bool> {
        again(|| self.try_spend_login(login)).await
    }

    /// True where the login with this serial was spent.
    pub async fn is_spent(&self, serial: &str) -> Result<bool> {
        let row =
            self.store.db.row("SELECT serial FROM spent_logins WHERE serial = $1", values![serial]).await?;
        Ok(row.is_some())
    }

    async fn try_spend_login(&self, login: SpentLogin<'_>) -> Result<bool> {
        let mut tx = self.store.db.begin().await?;
        let first = spend(&mut tx, login).await?;
        tx.commit().await?;
        Ok(first)
    }
}

/// Of many who spend one login, one gets true.
pub(in crate::store) async fn spend(tx: &mut Tx, login: SpentLogin<'_>) -> Result<bool> {
    let sql = "INSERT INTO spent_logins (serial, expires_at) VALUES ($1, $2) ON CONFLICT (serial) DO NOTHING";
    Ok(tx.execute(sql, values![login.serial, login.expires_at]).await? == 1)
}
