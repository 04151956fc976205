//! End everything that was opened before a person changed their password, except the session that changed it.

use crate::domain::audit::Event;
use crate::domain::evidence::Generations;
use crate::domain::secret::Hashed;
use crate::domain::session::Session;

use crate::store::IdentityStore;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::sql::Tx;
use crate::store::engine::value::values;
use crate::store::identity::endings::{self, Ending};
use crate::store::identity::lock;
use crate::store::login::sessions;
use crate::store::trail::audit;

impl IdentityStore<'_> {
    /// Ends every session of the account, revokes its grants and forgets its remembered browsers, writes the
    /// event, and replaces the session `from` by `renewed`. False if the person is not signed in any more:
    /// the account or the settings have changed, or the session was ended meanwhile. The account's generation
    /// rises; `renewed` has the new one.
    pub async fn own_password_changed(
        &self,
        renewed: &Session,
        from: &Hashed,
        checks: Generations,
        event: &Event,
    ) -> Result<bool> {
        retry(|| self.try_own_password_changed(renewed, from, checks, event)).await
    }

    async fn try_own_password_changed(
        &self,
        renewed: &Session,
        from: &Hashed,
        checks: Generations,
        event: &Event,
    ) -> Result<bool> {
        let (account, set_at) = (&renewed.evidence.account, renewed.evidence.password_set_at);
        let mut tx = self.store.db.begin().await?;
        // Even if the account has changed since it was judged: its sessions end in any case.
        lock::lock(&mut tx, account).await?;
        let holds = lock::hold(&mut tx, account, checks.account).await?;
        let living = holds && goes_on(&mut tx, renewed, from).await?;
        endings::end(&mut tx, account, Ending::All, event.at).await?;
        tx.execute("DELETE FROM remembered_browsers WHERE account = $1", values![account]).await?;
        if let Some(set_at) = set_at {
            sessions::end_older(&mut tx, account, set_at, event.at).await?;
        }
        // A sign-in that began with the old password can't finish, even if the directory does not say when
        // the new one was set.
        endings::raise(&mut tx, account).await?;
        let raised = Generations { account: checks.account + 1, ..checks };
        let written = match living {
            true => sessions::insert(&mut tx, renewed, raised, account, event.at).await?,
            false => 0,
        };
        audit::insert(&mut tx, event).await?;
        tx.commit().await?;
        Ok(written > 0)
    }
}

/// True while the session exists, or if it is gone only because the sync saw the new password before we did;
/// false if it was ended otherwise.
async fn goes_on(tx: &mut Tx, renewed: &Session, from: &Hashed) -> Result<bool> {
    let account = &renewed.evidence.account;
    let sql = "SELECT sid FROM sessions WHERE id_hash = $1 AND account = $2";
    if tx.row(sql, values![from, account]).await?.is_some() {
        return Ok(true);
    }
    let sql = "SELECT id FROM accounts WHERE id = $1 AND password_changed_at = $2";
    Ok(tx.row(sql, values![account, renewed.evidence.password_set_at]).await?.is_some())
}
