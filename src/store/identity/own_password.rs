//! What a person's own change of password ends: all that was opened before it, but for the session that made it.

use crate::domain::audit::Event;
use crate::domain::evidence::Generations;
use crate::domain::secret::Hashed;
use crate::domain::session::Session;

use super::{endings, factors};
use crate::store::IdentityStore;
use crate::store::engine::again::again;
use crate::store::engine::error::Result;
use crate::store::engine::sql::Tx;
use crate::store::engine::value::values;
use crate::store::login::{audit, sessions};

impl IdentityStore<'_> {
    /// Ends every session of the account, revokes what clients hold and forgets remembered browsers, writes the event, and
    /// puts `renewed` in the place of the session `from`. False when nobody is signed in any more: the account or the
    /// settings have changed, or the session was ended meanwhile. The account's generation rises; `renewed` is of the next.
    pub async fn own_password_changed(
        &self,
        renewed: &Session,
        from: &Hashed,
        checks: Generations,
        event: &Event,
    ) -> Result<bool> {
        again(|| self.try_own_password_changed(renewed, from, checks, event)).await
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
        // Also where it is not the one that was judged: its sessions end all the same.
        endings::lock(&mut tx, account).await?;
        let holds = factors::hold(&mut tx, account, checks.account).await?;
        let living = holds && goes_on(&mut tx, renewed, from).await?;
        tx.execute("DELETE FROM sessions WHERE account = $1", values![account]).await?;
        let sql = "UPDATE grants SET revoked_at = $2 WHERE account = $1 AND revoked_at IS NULL";
        tx.execute(sql, values![account, event.at]).await?;
        tx.execute("DELETE FROM remembered_browsers WHERE account = $1", values![account]).await?;
        if let Some(set_at) = set_at {
            sessions::end_older(&mut tx, account, set_at, event.at).await?;
        }
        // Whoever had begun to sign in with the old password comes to nothing, where the directory does not say when the
        // new one was set as well.
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

/// True while the session is there. One that is gone because the sync saw the new password sooner than we did goes on too;
/// one that somebody ended does not.
async fn goes_on(tx: &mut Tx, renewed: &Session, from: &Hashed) -> Result<bool> {
    let account = &renewed.evidence.account;
    let sql = "SELECT sid FROM sessions WHERE id_hash = $1 AND account = $2";
    if tx.row(sql, values![from, account]).await?.is_some() {
        return Ok(true);
    }
    let sql = "SELECT id FROM accounts WHERE id = $1 AND password_changed_at = $2";
    Ok(tx.row(sql, values![account, renewed.evidence.password_set_at]).await?.is_some())
}
