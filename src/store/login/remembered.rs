//! Store browsers that skip the second factor for a while.

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::factor::Remembered;
use crate::domain::secret::Hashed;
use crate::domain::session::Session;

use crate::store::LoginStore;
use crate::store::engine::bulk;
use crate::store::engine::columns::columns;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::sql::DbRow;
use crate::store::engine::value::{Value, values};
use crate::store::identity::endings::{self, Ending};
use crate::store::identity::lock;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id_hash, account, policy_generation, account_generation, password_as_of, created_at, expires_at, ",
            "label, system, network FROM remembered_browsers ",
            $rest
        )
    };
}

impl LoginStore<'_> {
    /// Remembers a browser, if the account is active and of this generation: not if it was reset meanwhile.
    pub async fn remember_browser(&self, browser: &Remembered) -> Result<bool> {
        retry(|| self.try_remember(browser)).await
    }

    async fn try_remember(&self, browser: &Remembered) -> Result<bool> {
        let mut tx = self.store.db.begin().await?;
        if !lock::hold(&mut tx, &browser.account, browser.account_generation).await? {
            return Ok(false);
        }
        // Invalid rows are removed, so that an account has few rows.
        let sql = "DELETE FROM remembered_browsers \
             WHERE account = $1 AND (expires_at <= $2 OR policy_generation <> $3 OR account_generation <> $4)";
        let (policy, generation) = (browser.policy_generation, browser.account_generation);
        tx.execute(sql, values![&browser.account, browser.created_at, policy, generation]).await?;
        let row = columns! {
            "id_hash" => &browser.id_hash,
            "account" => &browser.account,
            "policy_generation" => browser.policy_generation,
            "account_generation" => browser.account_generation,
            "password_as_of" => browser.password_as_of,
            "created_at" => browser.created_at,
            "expires_at" => browser.expires_at,
            "label" => browser.place.browser(),
            "system" => browser.place.system(),
            "network" => browser.place.network(),
        };
        bulk::insert_rows(&mut tx, "remembered_browsers", "", vec![row]).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The browser with this digest. The caller checks [`Remembered::is_good`].
    pub async fn remembered_browser(&self, id_hash: &Hashed) -> Result<Option<Remembered>> {
        let row = self.store.db.row(select!("WHERE id_hash = $1"), values![id_hash]).await?;
        row.as_ref().map(remembered).transpose()
    }

    /// The browsers remembered for an account of its present generation, under this policy, the newest first.
    pub async fn remembered_browsers(
        &self,
        account: &AccountId,
        policy_generation: i64,
        now: Millis,
    ) -> Result<Vec<Remembered>> {
        let sql = select!(
            "WHERE account = $1 AND policy_generation = $2 AND expires_at > $3 AND EXISTS (SELECT 1 FROM accounts \
             WHERE accounts.id = account AND generation = account_generation \
             AND (password_changed_at IS NULL OR password_changed_at <= password_as_of)) \
             ORDER BY created_at DESC, id_hash"
        );
        self.store
            .db
            .rows(sql, values![account, policy_generation, now])
            .await?
            .iter()
            .map(remembered)
            .collect()
    }

    /// Forgets one browser of the session's account; false if there is none. Sessions that remembered
    /// browsers have opened end, except `by`.
    pub async fn forget_browser(&self, by: &Session, id_hash: &Hashed, now: Millis) -> Result<bool> {
        let sql = "DELETE FROM remembered_browsers WHERE account = $1 AND id_hash = $2";
        Ok(self.forget(sql, values![&by.evidence.account, id_hash], by, now).await? == 1)
    }

    /// Forgets all browsers of the session's account; returns how many. Sessions that they opened end, except
    /// `by`.
    pub async fn forget_browsers(&self, by: &Session, now: Millis) -> Result<u64> {
        let sql = "DELETE FROM remembered_browsers WHERE account = $1";
        self.forget(sql, values![&by.evidence.account], by, now).await
    }

    async fn forget(&self, sql: &'static str, values: Vec<Value>, by: &Session, now: Millis) -> Result<u64> {
        let account = &by.evidence.account;
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            lock::lock(&mut tx, account).await?;
            let forgotten = tx.execute(sql, values.clone()).await?;
            if forgotten > 0 {
                endings::end(&mut tx, account, Ending::RememberedExcept(&by.sid), now).await?;
            }
            tx.commit().await?;
            Ok(forgotten)
        })
        .await
    }
}

fn remembered(row: &DbRow) -> Result<Remembered> {
    let cells = row.of("remembered_browsers", "account");
    Ok(Remembered {
        id_hash: cells.parsed("id_hash", super::sessions::hashed)?,
        account: AccountId(cells.cell("account")?),
        policy_generation: cells.cell("policy_generation")?,
        account_generation: cells.cell("account_generation")?,
        password_as_of: cells.cell("password_as_of")?,
        created_at: cells.cell("created_at")?,
        expires_at: cells.cell("expires_at")?,
        place: super::sessions::place(&cells.cell::<String>("label")?, cells)?,
    })
}
