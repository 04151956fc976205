//! Remove expired rows. No decision depends on whether an expired row exists: every reader compares its
//! times.

use std::borrow::Cow;

use crate::domain::audit::Keep;
use crate::domain::entry::DirectoryId;
use crate::domain::settings::SessionSettings;
use crate::domain::{DAY, MINUTE, Millis};

use crate::store::SettingsStore;
use crate::store::delivery::{LOG_KEPT, LOG_MOST};
use crate::store::engine::error::Result;
use crate::store::engine::sql::Sql;
use crate::store::engine::value::{Value, values};
use crate::store::sync::undo::UNDO_WITHIN;
use crate::store::trail::audit::{MOST_ATTEMPTS, MOST_BUCKETS};

/// How long an expired grant is kept, longer than any code is valid: it prevents a second exchange of the
/// code.
const KEEP_GRANTS: Millis = 15 * MINUTE;
/// How long the log of a directory is kept that has left the settings.
const KEEP_RUNS: Millis = 180 * DAY;

/// How many rows were removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    pub sessions: u64,
    pub grants: u64,
    pub runs: u64,
    pub changes: u64,
    /// Events past their retention ([`crate::domain::audit::Keep`]).
    pub events: u64,
    /// Expired invitations, used or not.
    pub invitations: u64,
    pub browsers: u64,
    pub logins: u64,
    pub plans: u64,
}

/// A `DELETE` of rows of many accounts that skips locked rows, so that it can't deadlock (see [`super`]).
macro_rules! unlocked {
    ($delete:expr) => {
        Sql::Each {
            sqlite: Cow::Borrowed(concat!($delete, ")")),
            postgres: Cow::Borrowed(concat!($delete, " FOR UPDATE SKIP LOCKED)")),
        }
    };
}

const SESSIONS: Sql = unlocked!(
    "DELETE FROM sessions WHERE id_hash IN \
     (SELECT id_hash FROM sessions WHERE used_at <= $1 OR created_at <= $2 LIMIT 500"
);
const GRANTS: Sql =
    unlocked!("DELETE FROM grants WHERE id IN (SELECT id FROM grants WHERE expires_at <= $1 LIMIT 500");
const RUNS: &str = "DELETE FROM runs WHERE id IN \
     (SELECT id FROM runs WHERE directory = $1 AND finished_at <= $2 LIMIT 500)";
const CHANGES: &str = "DELETE FROM changes WHERE id IN \
     (SELECT id FROM changes WHERE directory = $1 AND at <= $2 LIMIT 500)";
const LOST_CHANGES: &str = "DELETE FROM changes WHERE id IN \
     (SELECT id FROM changes WHERE directory IS NULL AND at <= $1 LIMIT 500)";
/// Old names of accounts whose history is gone.
const FORMER_NAMES: &str = "DELETE FROM former_names \
     WHERE NOT EXISTS (SELECT 1 FROM changes WHERE changes.account = former_names.account)";
const EVENTS: &str = "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE kept_until <= $1 LIMIT 500)";
/// By number: a later row is newer.
const BUCKETS: &str = "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE bucket IS NOT NULL AND id <= \
     (SELECT id FROM audit WHERE bucket IS NOT NULL ORDER BY id DESC LIMIT 1 OFFSET $1) LIMIT 500)";
const ATTEMPTS: &str = "DELETE FROM attempts WHERE (attempt, bucket) IN \
     (SELECT attempt, bucket FROM attempts WHERE at <= $1 LIMIT 500)";
const MANY_ATTEMPTS: &str = "DELETE FROM attempts WHERE (attempt, bucket) IN \
     (SELECT attempt, bucket FROM attempts \
     WHERE at <= (SELECT at FROM attempts ORDER BY at DESC LIMIT 1 OFFSET $1) LIMIT 500)";
const INVITATIONS: &str = "DELETE FROM invitations WHERE account IN \
     (SELECT account FROM invitations WHERE expires_at <= $1 LIMIT 500)";
const BROWSERS: Sql = unlocked!(
    "DELETE FROM remembered_browsers WHERE id_hash IN \
     (SELECT id_hash FROM remembered_browsers WHERE expires_at <= $1 LIMIT 500"
);

const CLIENT_SESSIONS: Sql = unlocked!(
    "DELETE FROM client_sessions WHERE (account, sid, client_id) IN \
     (SELECT account, sid, client_id FROM client_sessions WHERE kept_until <= $1 LIMIT 500"
);
/// Of clients that are not told any more; the others are given up before.
const LOGOUTS: Sql = unlocked!(
    "DELETE FROM logout_deliveries WHERE (client_id, sid) IN \
     (SELECT client_id, sid FROM logout_deliveries WHERE ended_at <= $1 LIMIT 500"
);

const DELIVERY_LOG: &str =
    "DELETE FROM delivery_log WHERE id IN (SELECT id FROM delivery_log WHERE at <= $1 LIMIT 500)";
/// By number: a later row is newer.
const MANY_DELIVERIES: &str = "DELETE FROM delivery_log WHERE id IN (SELECT id FROM delivery_log WHERE id <= \
     (SELECT id FROM delivery_log ORDER BY id DESC LIMIT 1 OFFSET $1) LIMIT 500)";
/// Of comparisons that a crash has ended.
const LISTED: &str = "DELETE FROM delivery_listed WHERE (target, run, kind, remote_id) IN \
     (SELECT target, run, kind, remote_id FROM delivery_listed WHERE at <= $1 LIMIT 500)";
const FINDINGS: &str = "DELETE FROM delivery_findings WHERE (target, run, finding, kind, subject) IN \
     (SELECT target, run, finding, kind, subject FROM delivery_findings WHERE at <= $1 LIMIT 500)";

const LOGINS: &str = "DELETE FROM spent_logins WHERE serial IN \
     (SELECT serial FROM spent_logins WHERE expires_at <= $1 LIMIT 500)";

impl SettingsStore<'_> {
    /// Removes expired rows, in small batches between which others may write.
    pub async fn expire(&self, sessions: &SessionSettings, now: Millis) -> Result<Expired> {
        self.in_batches(ATTEMPTS, values![now - Keep::Short.lifetime()]).await?;
        self.expire_attempts(MOST_ATTEMPTS).await?;
        self.in_batches(CLIENT_SESSIONS, values![now]).await?;
        self.in_batches(LOGOUTS, values![now - 2 * DAY]).await?;
        self.in_batches(LISTED, values![now - DAY]).await?;
        self.in_batches(FINDINGS, values![now - DAY]).await?;
        self.in_batches(DELIVERY_LOG, values![now - LOG_KEPT]).await?;
        self.expire_deliveries(LOG_MOST).await?;
        let lifetimes = values![now - sessions.idle(), now - sessions.absolute()];
        Ok(Expired {
            sessions: self.in_batches(SESSIONS, lifetimes).await?,
            grants: self.in_batches(GRANTS, values![now - KEEP_GRANTS]).await?,
            events: self.in_batches(EVENTS, values![now]).await? + self.expire_buckets(MOST_BUCKETS).await?,
            invitations: self.in_batches(INVITATIONS, values![now]).await?,
            browsers: self.in_batches(BROWSERS, values![now]).await?,
            // the clocks of nodes differ: for a slower one the login is still valid
            logins: self.in_batches(LOGINS, values![now - MINUTE]).await?,
            plans: self.store.sync().expire_plans(now).await?,
            ..Expired::default()
        })
    }

    /// Removes runs and changes that are older than each directory's settings keep them, but never those that
    /// can still be reverted. A directory that `kept` does not name has left the settings.
    pub async fn expire_log(&self, kept: &[(DirectoryId, Millis)], now: Millis) -> Result<Expired> {
        let mut expired = Expired::default();
        let logged =
            "SELECT DISTINCT directory FROM runs UNION SELECT DISTINCT directory FROM mirror_cursors";
        for row in self.store.db.rows(logged, Vec::new()).await? {
            let directory = DirectoryId(row.of("runs", "directory").cell("directory")?);
            let wanted = kept.iter().find(|(id, _)| *id == directory).map_or(KEEP_RUNS, |(_, kept)| *kept);
            let end = now - wanted.max(UNDO_WITHIN);
            expired.runs += self.in_batches(RUNS, values![&directory, end]).await?;
            expired.changes += self.in_batches(CHANGES, values![&directory, end]).await?;
        }
        expired.changes += self.in_batches(LOST_CHANGES, values![now - KEEP_RUNS]).await?;
        self.store.db.execute(FORMER_NAMES, Vec::new()).await?;
        Ok(expired)
    }

    /// Removes the oldest rows of events that anybody can cause, until `most` are left.
    pub async fn expire_buckets(&self, most: i64) -> Result<u64> {
        self.in_batches(BUCKETS, values![most]).await
    }

    /// Removes the oldest rows of the log of deliveries, until `most` are left.
    pub async fn expire_deliveries(&self, most: i64) -> Result<u64> {
        self.in_batches(MANY_DELIVERIES, values![most]).await
    }

    /// Removes the oldest numbers of refusals, until `most` are left.
    pub async fn expire_attempts(&self, most: i64) -> Result<u64> {
        self.in_batches(MANY_ATTEMPTS, values![most]).await
    }

    async fn in_batches(&self, sql: impl Into<Sql>, values: Vec<Value>) -> Result<u64> {
        let (sql, mut removed) = (sql.into(), 0);
        loop {
            match self.store.db.execute(sql.clone(), values.clone()).await? {
                0 => return Ok(removed),
                some => removed += some,
            }
        }
    }
}
