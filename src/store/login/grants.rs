//! Store grants. Single use is in the statement: a refresh token is exchanged by one conditional `UPDATE`,
//! and a replayed code leaves a row that blocks a late exchange.

use crate::domain::Millis;
use crate::domain::audit::{Decision, Event};
use crate::domain::evidence::Generations;
use crate::domain::grant::{Grant, GrantId, REFRESH_GRACE};
use crate::domain::secret::Hashed;

use super::sessions::{evidence, evidence_columns, hashed};
use super::unchanged::{newest_password, unchanged, unchanged_since};
use crate::store::LoginStore;
use crate::store::engine::columns::columns;
use crate::store::engine::error::{Result, StoreError};
use crate::store::engine::retry::retry;
use crate::store::engine::sql::{Cells, DbRow, Sql, Tx, held, locked};
use crate::store::engine::value::values;
use crate::store::identity::logouts;
use crate::store::trail::audit;

/// The result of exchanging a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExchangeOutcome {
    /// Written: the tokens may be sent.
    Exchanged,
    /// Account, settings or session have changed since they were judged; nothing was written.
    Stale,
    /// The grant was written before, or revoked before it was written: its code came twice.
    Again,
}

/// The result of a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshOutcome {
    /// The next token is valid; the presented one is used up.
    Rotated,
    /// The presented token came again within the grace period: the next one is valid already.
    Again,
    /// The presented token is not the valid one: this transaction revoked the family.
    Replayed,
    /// There is no such family, or it was revoked before.
    Unknown,
    /// The token or the family has expired.
    Expired,
    /// Account or settings have changed since they were judged; nothing was written, the token stays valid.
    Stale,
}

/// One exchange of a refresh token for the next.
#[derive(Clone, Copy, Debug)]
pub struct Rotation<'a> {
    pub id: &'a GrantId,
    /// Digest of the token that the client sent. The caller has verified that we issued it: any value except
    /// the valid one counts as a replay.
    pub presented: &'a Hashed,
    /// Digest of the token that the client will get.
    pub next: &'a Hashed,
    /// Digests of the tokens that another node, which seals with another key, may have issued for it.
    pub next_by_other_keys: &'a [Hashed],
    /// When the next token expires if it is not used.
    pub next_expires_at: Millis,
    /// Names of the person's groups, if read again: userinfo returns the same as the ID token beside it.
    pub groups: Option<&'a [String]>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, client_id, sid, account, scope, methods, auth_time, account_generation, policy_generation, ",
            "password_set_at, created_at, expires_at, refresh_hash, refresh_expires_at, refresh_rotated_at, revoked_at, groups, claims ",
            "FROM grants ",
            $rest
        )
    };
}

/// Account and session stay locked until the grant is written: a transaction that suspends the one or ends
/// the other finds the grant.
const IF_UNCHANGED: Sql = held!(
    concat!(
        "FROM accounts JOIN sessions ON sessions.account = accounts.id \
         WHERE accounts.id = :account AND sessions.sid = :sid AND ",
        unchanged!(),
        " AND ",
        newest_password!()
    ),
    "ON CONFLICT (id) DO NOTHING"
);

/// A grant that is valid, has this refresh token, and whose owner is unchanged.
macro_rules! with_token {
    ($token:literal) => {
        concat!(
            "WHERE id = :id AND refresh_hash = ",
            $token,
            " AND revoked_at IS NULL AND expires_at > :now AND refresh_expires_at > :now \
             AND EXISTS (SELECT 1 FROM accounts WHERE accounts.id = grants.account AND ",
            unchanged!(),
            ")"
        )
    };
}

const ROTATE: &str = concat!(
    "UPDATE grants SET refresh_hash = :next, refresh_expires_at = :next_expires_at, refresh_rotated_at = :now, \
     groups = coalesce(:groups, groups) ",
    with_token!(":presented")
);

/// The same for a token that comes twice within the grace period: nothing is replaced.
const AGAIN: &str = concat!(
    "UPDATE grants SET groups = coalesce(:groups, groups) ",
    with_token!(":next"),
    " AND refresh_rotated_at > :since"
);

impl LoginStore<'_> {
    /// The grant with this id; `None` also for one of which only its revocation is stored.
    pub async fn grant(&self, id: &GrantId) -> Result<Option<Grant>> {
        let sql = select!("WHERE id = $1 AND client_id IS NOT NULL");
        let row = self.store.db.row(sql, values![id]).await?;
        row.as_ref().map(grant).transpose()
    }

    /// Writes the family of a code: compares account, settings (at the event's time) and session again, and
    /// writes the event, all in one transaction. Of all exchanges of one code, whose id is the grant's, one
    /// is written.
    pub async fn exchange(
        &self,
        grant: &Grant,
        checks: Generations,
        event: &Event,
    ) -> Result<ExchangeOutcome> {
        retry(|| self.try_exchange(grant, checks, event, false)).await
    }

    /// The same for a client that is told when the session ends.
    pub async fn exchange_told(
        &self,
        grant: &Grant,
        checks: Generations,
        event: &Event,
    ) -> Result<ExchangeOutcome> {
        retry(|| self.try_exchange(grant, checks, event, true)).await
    }

    async fn try_exchange(
        &self,
        grant: &Grant,
        checks: Generations,
        event: &Event,
        is_told: bool,
    ) -> Result<ExchangeOutcome> {
        let mut tx = self.store.db.begin().await?;
        if insert(&mut tx, grant, checks, event.at).await? == 0 {
            let there = tx.row("SELECT id FROM grants WHERE id = $1", values![&grant.id]).await?;
            return Ok(there.map_or(ExchangeOutcome::Stale, |_| ExchangeOutcome::Again));
        }
        if is_told {
            let of = (grant.client_id.as_str(), grant.sid.as_str());
            logouts::remember(&mut tx, of, &grant.evidence, grant.expires_at, event.at).await?;
        }
        audit::insert(&mut tx, event).await?;
        tx.commit().await?;
        Ok(ExchangeOutcome::Exchanged)
    }

    /// How many living grants a client has.
    pub async fn count_grants(&self, client_id: &str, now: Millis) -> Result<i64> {
        let sql = "SELECT count(*) AS many FROM grants \
             WHERE client_id = $1 AND revoked_at IS NULL AND expires_at > $2";
        let row = self.store.db.row(sql, values![client_id, now]).await?;
        row.map_or(Ok(0), |row| row.of("grants", "many").cell("many"))
    }

    /// Revokes a grant. If its exchange has not been written yet, a tombstone blocks it until `expires_at`.
    pub async fn revoke_grant(&self, id: &GrantId, expires_at: Millis, event: &Event) -> Result<()> {
        retry(|| self.try_revoke_grant(id, expires_at, event)).await
    }

    async fn try_revoke_grant(&self, id: &GrantId, expires_at: Millis, event: &Event) -> Result<()> {
        let mut tx = self.store.db.begin().await?;
        let sql = "INSERT INTO grants (id, expires_at, revoked_at) VALUES ($1, $2, $3) \
             ON CONFLICT (id) DO UPDATE SET revoked_at = coalesce(grants.revoked_at, excluded.revoked_at)";
        tx.execute(sql, values![id, expires_at, event.at]).await?;
        audit::insert(&mut tx, event).await?;
        tx.commit().await
    }

    /// Ends a grant and writes the event, unless it has ended before. True if it ended now.
    pub async fn end_grant(&self, id: &GrantId, event: &Event) -> Result<bool> {
        retry(|| self.try_end_grant(id, event)).await
    }

    async fn try_end_grant(&self, id: &GrantId, event: &Event) -> Result<bool> {
        let mut tx = self.store.db.begin().await?;
        let sql =
            "UPDATE grants SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL AND expires_at > $2";
        if tx.execute(sql, values![id, event.at]).await? == 0 {
            return Ok(false);
        }
        audit::insert(&mut tx, event).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Exchanges a refresh token for the next one, at the event's time. The event is written when the outcome
    /// is `Rotated` or `Again`, and as a replay when it is `Replayed`; other outcomes write nothing.
    pub async fn refresh(
        &self,
        rotation: Rotation<'_>,
        checks: Generations,
        event: &Event,
    ) -> Result<RefreshOutcome> {
        retry(|| self.try_refresh(&rotation, checks, event)).await
    }

    async fn try_refresh(
        &self,
        rotation: &Rotation<'_>,
        checks: Generations,
        event: &Event,
    ) -> Result<RefreshOutcome> {
        let mut tx = self.store.db.begin().await?;
        let groups = rotation.groups.map(|groups| serde_json::Value::from(groups).to_string());
        let both = || {
            columns! { "id" => rotation.id, "next" => rotation.next, "groups" => &groups }
                .and(unchanged_since(checks, event.at))
        };
        let (presented, next_expires_at) = (rotation.presented, rotation.next_expires_at);
        let rotate = columns! { "presented" => presented, "next_expires_at" => next_expires_at };
        let again = columns! { "since" => event.at - REFRESH_GRACE };
        for (sql, more, outcome) in
            [(ROTATE, rotate, RefreshOutcome::Rotated), (AGAIN, again, RefreshOutcome::Again)]
        {
            let (sql, values) = both().and(more).bind(sql);
            if tx.execute(sql, values).await? == 1 {
                audit::insert(&mut tx, event).await?;
                tx.commit().await?;
                return Ok(outcome);
            }
        }
        let outcome = why_not(&mut tx, rotation, event.at).await?;
        if outcome == RefreshOutcome::Replayed {
            let sql = "UPDATE grants SET revoked_at = $2 WHERE id = $1";
            tx.execute(sql, values![rotation.id, event.at]).await?;
            let replayed = Event { decision: Decision::RefreshReplayed, ..event.clone() };
            audit::insert(&mut tx, &replayed).await?;
            tx.commit().await?;
        }
        Ok(outcome)
    }
}

/// Revokes all grants of a client.
pub(in crate::store) async fn end_of_client(tx: &mut Tx, client_id: &str, now: Millis) -> Result<()> {
    let sql = "UPDATE grants SET revoked_at = $2 WHERE client_id = $1 AND revoked_at IS NULL";
    tx.execute(sql, values![client_id, now]).await?;
    Ok(())
}

async fn insert(tx: &mut Tx, grant: &Grant, checks: Generations, now: Millis) -> Result<u64> {
    let row = columns! {
        "id" => &grant.id,
        "client_id" => &grant.client_id,
        "sid" => &grant.sid,
        "account" => &grant.evidence.account,
        "scope" => &grant.scope,
        "created_at" => grant.created_at,
        "expires_at" => grant.expires_at,
        "refresh_hash" => grant.refresh_hash.as_ref(),
        "refresh_expires_at" => grant.refresh_expires_at,
        "groups" => groups_text(&grant.groups),
        "claims" => grant.claims.as_deref(),
    };
    let row = row.and(evidence_columns(&grant.evidence));
    let (sql, values) = row.insert_select("grants", IF_UNCHANGED, unchanged_since(checks, now));
    tx.execute(sql, values).await
}

/// Why no row was rotated, under the transaction's lock: two refreshes must not each take the other for a
/// thief.
async fn why_not(tx: &mut Tx, rotation: &Rotation<'_>, now: Millis) -> Result<RefreshOutcome> {
    let found =
        tx.row(locked!(select!("WHERE id = $1 AND client_id IS NOT NULL")), values![rotation.id]).await?;
    let Some(grant) = found.as_ref().map(grant).transpose()? else { return Ok(RefreshOutcome::Unknown) };
    let Some(in_force) = grant.refresh_hash else { return Ok(RefreshOutcome::Unknown) };
    Ok(if grant.revoked_at.is_some() {
        RefreshOutcome::Unknown
    } else if rotation.next_by_other_keys.iter().any(|next| grant.was_just_given(next, now)) {
        // It was issued after the caller read the grant; the caller reads it again and finds that.
        RefreshOutcome::Stale
    } else if in_force != *rotation.presented && !grant.was_just_given(rotation.next, now) {
        // RFC 9700 section 4.14.2: one of two holders is a thief, and it is unknown which.
        RefreshOutcome::Replayed
    } else if now >= grant.expires_at || now >= grant.refresh_expires_at {
        RefreshOutcome::Expired
    } else {
        RefreshOutcome::Stale
    })
}

fn grant(row: &DbRow) -> Result<Grant> {
    GrantRow(row.of("grants", "id")).try_into()
}

/// A row that is no tombstone, not validated yet.
struct GrantRow<'r>(Cells<'r>);

impl TryFrom<GrantRow<'_>> for Grant {
    type Error = StoreError;

    fn try_from(GrantRow(cells): GrantRow<'_>) -> Result<Self> {
        let refresh_hash = match cells.cell::<Option<Vec<u8>>>("refresh_hash")? {
            Some(bytes) => Some(hashed(bytes).ok_or_else(|| cells.corrupt("refresh_hash is no digest"))?),
            None => None,
        };
        Ok(Self {
            id: GrantId(cells.cell("id")?),
            client_id: cells.cell("client_id")?,
            sid: cells.cell("sid")?,
            scope: cells.cell("scope")?,
            claims: cells.cell("claims")?,
            groups: groups(cells)?,
            evidence: evidence(cells)?,
            created_at: cells.cell("created_at")?,
            expires_at: cells.cell("expires_at")?,
            refresh_hash,
            refresh_expires_at: cells.cell("refresh_expires_at")?,
            refresh_rotated_at: cells.cell("refresh_rotated_at")?,
            revoked_at: cells.cell("revoked_at")?,
        })
    }
}

/// The claim as a JSON list; NULL while it is empty.
fn groups_text(groups: &[String]) -> Option<String> {
    (!groups.is_empty()).then(|| serde_json::Value::from(groups).to_string())
}

fn groups(cells: Cells<'_>) -> Result<Vec<String>> {
    let Some(text) = cells.cell::<Option<String>>("groups")? else { return Ok(Vec::new()) };
    serde_json::from_str(&text).map_err(|_| cells.corrupt("groups is no list"))
}
