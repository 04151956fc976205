//! Remember logins that are used up. Their browsers still carry them, sealed, with everything that was
//! verified in them, so this prevents that one is finished twice, even if the short-lived state is lost.

use crate::domain::Millis;

use crate::store::LoginStore;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::sql::Tx;
use crate::store::engine::value::values;

/// A login that is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpentLogin<'a> {
    pub serial: &'a str,
    /// When the login expires; after that it needs no row.
    pub expires_at: Millis,
}

impl LoginStore<'_> {
    /// Uses up a login that issues nothing; false if it was used up before.
    pub async fn spend_login(&self, login: SpentLogin<'_>) -> Result<bool> {
        retry(|| self.try_spend_login(login)).await
    }

    /// True if the login with this serial was used up.
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

/// Of several callers that use up one login, one gets true.
pub(in crate::store) async fn spend(tx: &mut Tx, login: SpentLogin<'_>) -> Result<bool> {
    let sql = "INSERT INTO spent_logins (serial, expires_at) VALUES ($1, $2) ON CONFLICT (serial) DO NOTHING";
    Ok(tx.execute(sql, values![login.serial, login.expires_at]).await? == 1)
}
