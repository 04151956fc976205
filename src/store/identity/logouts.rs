//! Which clients know of a session, and which of them have not been told yet that it has ended (OpenID Connect
//! Back-Channel Logout 1.0).

use tokio::sync::watch;

use crate::domain::account::AccountId;
use crate::domain::audit::Event;
use crate::domain::evidence::Evidence;
use crate::domain::{DAY, Millis};

use crate::store::IdentityStore;
use crate::store::engine::error::{Result, StoreError};
use crate::store::engine::retry::retry;
use crate::store::engine::sql::{DbRow, Tx};
use crate::store::engine::value::{Value, values};
use crate::store::engine::wake::Wake;
use crate::store::trail::audit;

/// Wakes those who tell clients.
static TELLERS: Wake = Wake::new();

/// How long a client is remembered at least. It may have a longer session of its own than we have.
const KEEP: Millis = 7 * DAY;

/// An ended session of which a client has not been told yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingLogout {
    pub client_id: String,
    /// The session (claim `sid`).
    pub sid: String,
    pub account: AccountId,
    pub ended_at: Millis,
    /// How often it was tried.
    pub attempts: u32,
    not_before: Millis,
}

impl IdentityStore<'_> {
    /// What this client has to be told now, at most so many, the longest due first.
    pub async fn waiting_logouts(
        &self,
        client_id: &str,
        now: Millis,
        most: u32,
    ) -> Result<Vec<WaitingLogout>> {
        let sql = "SELECT client_id, sid, account, ended_at, attempts, not_before FROM logout_deliveries \
             WHERE client_id = $1 AND not_before <= $2 ORDER BY not_before, sid LIMIT $3";
        let rows = self.store.db.rows(sql, values![client_id, now, most]).await?;
        rows.iter().map(WaitingLogout::try_from).collect()
    }

    /// What clients have not been told yet of an account, due or not.
    pub async fn waiting_logouts_of(&self, account: &AccountId) -> Result<Vec<WaitingLogout>> {
        let sql = "SELECT client_id, sid, account, ended_at, attempts, not_before FROM logout_deliveries \
             WHERE account = $1 ORDER BY client_id, sid";
        self.store.db.rows(sql, values![account]).await?.iter().map(WaitingLogout::try_from).collect()
    }

    /// Changes each time this process has ended a session of which a client is told. What others have ended is found
    /// only by looking.
    #[must_use]
    pub fn logout_wake_ups(&self) -> watch::Receiver<()> {
        TELLERS.wake_ups()
    }

    /// Takes one for a try. False if another node has taken it; after a crash it is due again at `until`.
    pub async fn take_logout(&self, logout: &WaitingLogout, until: Millis) -> Result<bool> {
        let sql = "UPDATE logout_deliveries SET attempts = attempts + 1, not_before = $5 \
             WHERE client_id = $1 AND sid = $2 AND attempts = $3 AND not_before = $4";
        let WaitingLogout { client_id, sid, attempts, not_before, .. } = logout;
        let values = values![client_id, sid, *attempts, *not_before, until];
        Ok(self.store.db.execute(sql, values).await? == 1)
    }

    /// Has one that failed tried again later.
    pub async fn postpone_logout(&self, logout: &WaitingLogout, not_before: Millis) -> Result<()> {
        let sql = "UPDATE logout_deliveries SET not_before = $3 WHERE client_id = $1 AND sid = $2";
        self.store.db.execute(sql, values![&logout.client_id, &logout.sid, not_before]).await?;
        Ok(())
    }

    /// Removes one of which the client was told, or which is given up, with its event.
    pub async fn finish_logout(&self, logout: &WaitingLogout, event: &Event) -> Result<()> {
        retry(|| self.try_finish_logout(logout, event)).await
    }

    async fn try_finish_logout(&self, logout: &WaitingLogout, event: &Event) -> Result<()> {
        let mut tx = self.store.db.begin().await?;
        let sql = "DELETE FROM logout_deliveries WHERE client_id = $1 AND sid = $2";
        if tx.execute(sql, values![&logout.client_id, &logout.sid]).await? == 0 {
            return Ok(());
        }
        audit::insert(&mut tx, event).await?;
        tx.commit().await
    }
}

/// Remembers that a client has an ID token of this session; `until` is when its grant ends.
pub(in crate::store) async fn remember(
    tx: &mut Tx,
    (client_id, sid): (&str, &str),
    evidence: &Evidence,
    until: Millis,
    now: Millis,
) -> Result<()> {
    let sql = "INSERT INTO client_sessions (account, sid, client_id, methods, auth_time, password_set_at, kept_until) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (account, sid, client_id) DO UPDATE SET \
         methods = excluded.methods, auth_time = excluded.auth_time, \
         password_set_at = excluded.password_set_at, kept_until = excluded.kept_until";
    let methods: Vec<&str> = evidence.methods.iter().map(|method| method.as_str()).collect();
    let kept_until = until.max(now + KEEP);
    let (account, auth_time, set_at) = (&evidence.account, evidence.auth_time, evidence.password_set_at);
    let row = values![account, sid, client_id, methods.join(" "), auth_time, set_at, kept_until];
    tx.execute(sql, row).await?;
    Ok(())
}

/// Has the clients told that these sessions of an account have ended. `condition` and `values` are those by which
/// the sessions end; the first value is the account.
pub(super) async fn queue(tx: &mut Tx, condition: &str, values: Vec<Value>, now: Millis) -> Result<()> {
    let sql = format!(
        "DELETE FROM client_sessions WHERE account = $1{condition} RETURNING account, sid, client_id"
    );
    for row in tx.rows(sql, values).await? {
        let cells = row.of("client_sessions", "sid");
        let (account, sid, client_id): (String, String, String) =
            (cells.cell("account")?, cells.cell("sid")?, cells.cell("client_id")?);
        let sql = "INSERT INTO logout_deliveries (client_id, sid, account, ended_at, attempts, not_before) \
             VALUES ($1, $2, $3, $4, 0, $4) ON CONFLICT (client_id, sid) DO NOTHING";
        tx.execute(sql, values![client_id, sid, account, now]).await?;
        tx.wakes(&TELLERS);
    }
    Ok(())
}

/// Has clients told now of what they have not confirmed of an account, and names these clients.
pub(in crate::store) async fn hurry(tx: &mut Tx, account: &AccountId, now: Millis) -> Result<Vec<String>> {
    let sql = "UPDATE logout_deliveries SET not_before = CASE WHEN not_before > $2 THEN $2 ELSE not_before END \
         WHERE account = $1 RETURNING client_id";
    let rows = tx.rows(sql, values![account, now]).await?;
    if !rows.is_empty() {
        tx.wakes(&TELLERS);
    }
    rows.iter().map(|row| row.of("logout_deliveries", "client_id").cell("client_id")).collect()
}

/// Forgets a client that was removed.
pub(in crate::store) async fn forget_client(tx: &mut Tx, client_id: &str) -> Result<()> {
    for sql in [
        "DELETE FROM client_sessions WHERE client_id = $1",
        "DELETE FROM logout_deliveries WHERE client_id = $1",
    ] {
        tx.execute(sql, values![client_id]).await?;
    }
    Ok(())
}

impl TryFrom<&DbRow> for WaitingLogout {
    type Error = StoreError;

    fn try_from(row: &DbRow) -> Result<Self> {
        let cells = row.of("logout_deliveries", "sid");
        Ok(Self {
            client_id: cells.cell("client_id")?,
            sid: cells.cell("sid")?,
            account: AccountId(cells.cell("account")?),
            ended_at: cells.cell("ended_at")?,
            attempts: cells.parsed("attempts", |count: i64| u32::try_from(count).ok())?,
            not_before: cells.cell("not_before")?,
        })
    }
}
