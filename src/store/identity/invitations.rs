//! Store invitations: one code per account, which the help desk reads out; valid once and for a limited time.

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::admin::Role;
use crate::domain::audit::Event;
use crate::domain::secret::Hashed;

use crate::store::IdentityStore;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::value::values;
use crate::store::trail::audit;

/// Who issued an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issuer {
    CommandLine,
    /// `None`: a role that this version does not know.
    Admin(Option<Role>),
}

impl IdentityStore<'_> {
    /// Creates an invitation by the role that the event names; an earlier one becomes invalid.
    pub async fn invite(
        &self,
        account: &AccountId,
        code: &Hashed,
        expires_at: Millis,
        event: &Event,
    ) -> Result<()> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            let sql = "INSERT INTO invitations (account, code_hash, created_at, expires_at, issuer_role) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account) DO UPDATE SET code_hash = excluded.code_hash, \
                 created_at = excluded.created_at, expires_at = excluded.expires_at, used_at = NULL, \
                 issuer_role = excluded.issuer_role";
            tx.execute(sql, values![account, code, event.at, expires_at, event.role]).await?;
            audit::insert(&mut tx, event).await?;
            tx.commit().await
        })
        .await
    }

    /// Uses up an invitation at the event's time and writes the event; false for a wrong, used or expired
    /// code.
    pub async fn use_invitation(&self, account: &AccountId, code: &Hashed, event: &Event) -> Result<bool> {
        retry(|| self.try_invitation(account, code, event)).await
    }

    async fn try_invitation(&self, account: &AccountId, code: &Hashed, event: &Event) -> Result<bool> {
        let mut tx = self.store.db.begin().await?;
        let sql = "UPDATE invitations SET used_at = $3 \
             WHERE account = $1 AND code_hash = $2 AND used_at IS NULL AND expires_at > $3";
        if tx.execute(sql, values![account, code, event.at]).await? == 0 {
            return Ok(false);
        }
        audit::insert(&mut tx, event).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Who issued the unused invitation with this code.
    pub async fn invitation_issuer(
        &self,
        account: &AccountId,
        code: &Hashed,
        now: Millis,
    ) -> Result<Option<Issuer>> {
        let sql = "SELECT account, issuer_role FROM invitations \
             WHERE account = $1 AND code_hash = $2 AND used_at IS NULL AND expires_at > $3";
        let Some(row) = self.store.db.row(sql, values![account, code, now]).await? else { return Ok(None) };
        let role: Option<String> = row.of("invitations", "account").cell("issuer_role")?;
        Ok(Some(role.map_or(Issuer::CommandLine, |role| Issuer::Admin(Role::parse(&role)))))
    }

    /// The expiry of an unused invitation.
    pub async fn invited_until(&self, account: &AccountId, now: Millis) -> Result<Option<Millis>> {
        let sql = "SELECT account, expires_at FROM invitations \
             WHERE account = $1 AND used_at IS NULL AND expires_at > $2";
        let row = self.store.db.row(sql, values![account, now]).await?;
        row.map_or(Ok(None), |row| row.of("invitations", "account").cell("expires_at").map(Some))
    }
}
