//! End sessions of an account with their grants, all or some; and raise its generation, so that no sign-in in
//! progress finishes.

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::audit::Event;
use crate::domain::audit_change::ValueChange;
use crate::domain::session::Session;

use super::logouts;
use crate::store::IdentityStore;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::sql::Tx;
use crate::store::engine::value::{Value, values};
use crate::store::trail::audit;

/// How many sessions and grants were ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndedCounts {
    pub sessions: u64,
    pub grants: u64,
}

impl EndedCounts {
    /// What was ended, for the audit log.
    fn changes(self) -> impl Iterator<Item = ValueChange> {
        let ended = [("sessions", self.sessions), ("refresh families", self.grants)];
        ended.into_iter().filter(|(_, many)| *many > 0).map(|(key, many)| ValueChange::removed(key, many))
    }
}

impl IdentityStore<'_> {
    /// Ends every session of an account except `except`, and revokes all grants of the account except those
    /// of that session: also grants of expired sessions, which could not be ended any other way. `except` and
    /// its grants move to the account's new generation.
    pub async fn end_sessions_of(
        &self,
        account: &AccountId,
        except: Option<&Session>,
        event: &Event,
    ) -> Result<EndedCounts> {
        retry(|| self.try_end_sessions_of(account, except, event)).await
    }

    async fn try_end_sessions_of(
        &self,
        account: &AccountId,
        except: Option<&Session>,
        event: &Event,
    ) -> Result<EndedCounts> {
        let mut tx = self.store.db.begin().await?;
        let generation = raise(&mut tx, account).await?;
        let ending = except.map_or(Ending::All, |kept| Ending::AllExcept(&kept.sid));
        let ended = end(&mut tx, account, ending, event.at).await?;
        if let (Some(kept), Some(generation)) = (except, generation) {
            move_to_generation(&mut tx, kept, generation).await?;
        }
        audit::insert(&mut tx, &event.clone().changing(ended.changes())).await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// Ends every session and revokes all grants of an account. Returns the account's new generation; `None`
    /// if there is no such account.
    pub async fn end_all_of(&self, account: &AccountId, now: Millis) -> Result<Option<i64>> {
        retry(|| self.try_end_all_of(account, now)).await
    }

    async fn try_end_all_of(&self, account: &AccountId, now: Millis) -> Result<Option<i64>> {
        let mut tx = self.store.db.begin().await?;
        let generation = raise(&mut tx, account).await?;
        end(&mut tx, account, Ending::All, now).await?;
        tx.commit().await?;
        Ok(generation)
    }
}

/// Which sessions of an account end, each with the grants that it gave. A session is named by its `sid`.
#[derive(Clone, Copy)]
pub(in crate::store) enum Ending<'a> {
    /// Also grants of sessions that have expired.
    All,
    AllExcept(&'a str),
    One(&'a str),
    /// What was opened by a password older than this.
    OlderPassword(Millis),
    /// What remembered browsers opened, except this session.
    RememberedExcept(&'a str),
}

impl Ending<'_> {
    /// The condition, which the tables of sessions, grants and sessions of clients understand, and the value of
    /// its `$2`.
    fn condition(self) -> (&'static str, Option<Value>) {
        match self {
            Self::All => ("", None),
            Self::AllExcept(sid) => (" AND sid <> $2", Some(sid.into())),
            Self::One(sid) => (" AND sid = $2", Some(sid.into())),
            Self::OlderPassword(set_at) => {
                (" AND coalesce(password_set_at, auth_time) < $2", Some(set_at.into()))
            }
            Self::RememberedExcept(sid) => {
                (" AND sid <> $2 AND methods LIKE '%remembered%'", Some(sid.into()))
            }
        }
    }
}

/// Ends sessions and revokes their grants, and has their clients told: the one place where this is done. The
/// caller has locked the account.
pub(in crate::store) async fn end(
    tx: &mut Tx,
    account: &AccountId,
    ending: Ending<'_>,
    now: Millis,
) -> Result<EndedCounts> {
    let (condition, value) = ending.condition();
    let mut values = values![account];
    values.extend(value);
    let sql = format!("DELETE FROM sessions WHERE account = $1{condition}");
    let sessions = tx.execute(sql, values.clone()).await?;
    let of_sessions = values.clone();
    values.push(now.into());
    let place = values.len();
    let sql = format!(
        "UPDATE grants SET revoked_at = ${place} WHERE account = $1{condition} AND revoked_at IS NULL"
    );
    let grants = tx.execute(sql, values).await?;
    logouts::queue(tx, condition, of_sessions, now).await?;
    Ok(EndedCounts { sessions, grants })
}

/// Raises the generation of an account, which locks its row, as every writer of an account's rows does first.
pub(in crate::store) async fn raise(tx: &mut Tx, account: &AccountId) -> Result<Option<i64>> {
    let sql = "UPDATE accounts SET generation = generation + 1 WHERE id = $1 RETURNING generation";
    let row = tx.row(sql, values![account]).await?;
    row.map(|row| row.of("accounts", "generation").cell("generation")).transpose()
}

/// Moves a session and its grants to the account's new generation, if they had the one before.
async fn move_to_generation(tx: &mut Tx, kept: &Session, generation: i64) -> Result<()> {
    let sql = "UPDATE sessions SET account_generation = $2 WHERE id_hash = $1 AND account_generation = $3";
    tx.execute(sql, values![&kept.id_hash, generation, generation - 1]).await?;
    let sql = "UPDATE grants SET account_generation = $3 \
         WHERE account = $1 AND sid = $2 AND account_generation = $4 AND revoked_at IS NULL";
    tx.execute(sql, values![&kept.evidence.account, &kept.sid, generation, generation - 1]).await?;
    Ok(())
}
