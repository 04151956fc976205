//! The admin panel: its sessions, the break-glass links, what waits to be confirmed, and long work.

mod approvals;
mod drafts;
mod idempotency;
mod tasks;

pub use approvals::{ApprovedDeed, CarriedOut, EndedApproval};
pub use drafts::{DraftRow, NewDraft};
pub use idempotency::{KeyedOutcome, KeyedRequest};
pub use tasks::NewTask;

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::admin::{
    AdminHolder, AdminSession, CLOCK_SKEW, DRAFT_LIFETIME, LINK_NOTICE, LINK_SESSION, Role,
};
use crate::domain::audit::Event;
use crate::domain::audit_change::ValueChange;
use crate::domain::secret::Hashed;

use crate::store::AdminStore;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::sql::{DbRow, Tx};
use crate::store::engine::value::values;
use crate::store::login::sessions::hashed;
use crate::store::trail::audit;

/// A break-glass link that was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedLink {
    /// The user of the server who made it.
    pub made_by: String,
    pub used_at: Millis,
    /// The address that used it.
    pub used_from: String,
}

/// A new break-glass link.
#[derive(Clone, Debug)]
pub struct NewLink<'a> {
    pub token_hash: Hashed,
    pub made_by: &'a str,
    pub expires_at: Millis,
}

/// The use of a break-glass link.
#[derive(Clone, Debug)]
pub struct LinkUse<'a> {
    pub token_hash: &'a Hashed,
    pub at: Millis,
    /// The address that uses it.
    pub from: &'a str,
    /// The browser's earlier session of the panel, which ends.
    pub replaces: Option<&'a Hashed>,
}

/// The session of a person counts only together with the browser session that it came from and with the
/// account as it was judged.
const SESSION: &str = "SELECT admin_sessions.id_hash, admin_sessions.account, admin_sessions.sid, link_made_by, role, \
     admin_sessions.factor_at, role_seen_at, admin_sessions.created_at, admin_sessions.used_at, sessions.id_hash AS signed_in \
     FROM admin_sessions \
     LEFT JOIN accounts ON accounts.id = admin_sessions.account AND accounts.status = 'active' \
     AND (accounts.expires_at IS NULL OR accounts.expires_at > $2) \
     LEFT JOIN sessions ON sessions.sid = admin_sessions.sid AND sessions.account = accounts.id \
     AND sessions.account_generation = accounts.generation \
     WHERE admin_sessions.id_hash = $1";

const INSERT: &str = "INSERT INTO admin_sessions \
     (id_hash, account, sid, link_made_by, role, factor_at, role_seen_at, created_at, used_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/// Only the first of several requests uses the link. Of two links that were made at the same time, each of
/// which did not see the other yet, only the newer one is good.
const USE_LINK: &str = "UPDATE admin_links SET used_at = $2, used_from = $4 \
     WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2 AND made_at <= $3 \
     AND NOT EXISTS (SELECT 1 FROM admin_links AS newer WHERE newer.used_at IS NULL \
     AND (newer.made_at, newer.token_hash) > (admin_links.made_at, admin_links.token_hash)) RETURNING made_by";

/// A session of the panel, and the digest of the browser session behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundAdminSession {
    pub session: AdminSession,
    /// `None` if the person has signed out, or the account is suspended or was changed since; also for the
    /// session of a link.
    pub signed_in: Option<Hashed>,
}

impl AdminStore<'_> {
    /// Begins a session of the panel; it replaces the browser's earlier one.
    pub async fn begin(
        &self,
        session: &AdminSession,
        replaces: Option<&Hashed>,
        event: &Event,
    ) -> Result<()> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            insert(&mut tx, session, replaces).await?;
            audit::insert(&mut tx, event).await?;
            tx.commit().await
        })
        .await
    }

    /// The session with this digest. The caller decides by its settings whether it has expired.
    pub async fn session(&self, id_hash: &Hashed, now: Millis) -> Result<Option<FoundAdminSession>> {
        let row = self.store.db.row(SESSION, values![id_hash, now]).await?;
        row.as_ref().map(found).transpose()
    }

    /// Records that a session was used, and when its role was confirmed last.
    pub async fn touch(&self, id_hash: &Hashed, used_at: Millis, role_seen_at: Millis) -> Result<()> {
        let sql = "UPDATE admin_sessions SET used_at = CASE WHEN used_at < $2 THEN $2 ELSE used_at END, \
             role_seen_at = CASE WHEN role_seen_at < $3 THEN $3 ELSE role_seen_at END WHERE id_hash = $1";
        self.store.db.execute(sql, values![id_hash, used_at, role_seen_at]).await?;
        Ok(())
    }

    /// Ends a session of the panel. True if there was one; only then an event is written.
    pub async fn end(&self, id_hash: &Hashed, event: Option<&Event>) -> Result<bool> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            let sql = "DELETE FROM admin_sessions WHERE id_hash = $1";
            if tx.execute(sql, values![id_hash]).await? == 0 {
                return Ok(false);
            }
            if let Some(event) = event {
                audit::insert(&mut tx, event).await?;
            }
            tx.commit().await?;
            Ok(true)
        })
        .await
    }

    /// Stores a link. Earlier ones that nobody has used become invalid; the sessions and the work of used ones end.
    pub async fn make_link(&self, link: &NewLink<'_>, event: &Event) -> Result<()> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            void_links(&mut tx, event).await?;
            let sql =
                "INSERT INTO admin_links (token_hash, made_by, made_at, expires_at) VALUES ($1, $2, $3, $4)";
            tx.execute(sql, values![&link.token_hash, link.made_by, event.at, link.expires_at]).await?;
            audit::insert(&mut tx, event).await?;
            tx.commit().await
        })
        .await
    }

    /// Makes all unused links invalid, and ends the sessions and the work of used ones; returns how many sessions.
    pub async fn end_links(&self, event: &Event) -> Result<u64> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            let ended = void_links(&mut tx, event).await?;
            let changes = (ended > 0).then(|| ValueChange::removed("sessions", ended));
            audit::insert(&mut tx, &event.clone().changing(changes)).await?;
            tx.commit().await?;
            Ok(ended)
        })
        .await
    }

    /// True if somebody could use a link now.
    pub async fn has_usable_link(&self, now: Millis) -> Result<bool> {
        let sql = "SELECT made_by FROM admin_links WHERE used_at IS NULL AND expires_at > $1 LIMIT 1";
        Ok(self.store.db.row(sql, values![now]).await?.is_some())
    }

    /// True if a session of a link by this user goes on: it was used after `idle`, and began after `absolute`.
    pub async fn has_link_session(&self, made_by: &str, idle: Millis, absolute: Millis) -> Result<bool> {
        let sql = "SELECT role FROM admin_sessions \
             WHERE link_made_by = $1 AND used_at > $2 AND created_at > $3 LIMIT 1";
        Ok(self.store.db.row(sql, values![made_by, idle, absolute]).await?.is_some())
    }

    /// True if there was such a link in the last days, used or not.
    pub async fn knows_link(&self, token_hash: &Hashed) -> Result<bool> {
        let sql = "SELECT made_by FROM admin_links WHERE token_hash = $1";
        Ok(self.store.db.row(sql, values![token_hash]).await?.is_some())
    }

    /// Uses a link, once, and begins the session that `begun` makes for the user who made the link. False,
    /// and nothing is written, if the link is unknown, used or too old.
    pub async fn use_link(
        &self,
        used: &LinkUse<'_>,
        begun: impl FnOnce(String) -> (AdminSession, Event),
    ) -> Result<bool> {
        // Not repeated after a commit whose result is unknown: the link is used then.
        let mut tx = self.store.db.begin().await?;
        let values = values![used.token_hash, used.at, used.at + CLOCK_SKEW, used.from];
        let Some(row) = tx.row(USE_LINK, values).await? else { return Ok(false) };
        let (session, event) = begun(row.of("admin_links", "made_by").cell("made_by")?);
        insert(&mut tx, &session, used.replaces).await?;
        audit::insert(&mut tx, &event).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Notes that somebody's use of a link was their own. False if there is no such use, or that is known already.
    pub async fn confirm_link(&self, made_by: &str, used_at: Millis, event: &Event) -> Result<bool> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            let sql = "UPDATE admin_links SET confirmed_by = $1 \
                 WHERE made_by = $2 AND used_at = $3 AND confirmed_by IS NULL";
            let by = event.actor.as_deref().unwrap_or_default();
            let confirmed = tx.execute(sql, values![by, made_by, used_at]).await? > 0;
            if confirmed {
                audit::insert(&mut tx, event).await?;
                tx.commit().await?;
            }
            Ok(confirmed)
        })
        .await
    }

    /// The links that were used since then and that nobody has confirmed, the newest first.
    pub async fn used_links(&self, since: Millis) -> Result<Vec<UsedLink>> {
        let sql = "SELECT made_by, used_at, used_from FROM admin_links \
             WHERE used_at > $1 AND confirmed_by IS NULL ORDER BY used_at DESC LIMIT 100";
        let used = |row: &DbRow| {
            let cells = row.of("admin_links", "made_by");
            let used_from: Option<String> = cells.cell("used_from")?;
            let (made_by, used_at) = (cells.cell("made_by")?, cells.cell("used_at")?);
            Ok(UsedLink { made_by, used_at, used_from: used_from.unwrap_or_default() })
        };
        self.store.db.rows(sql, values![since]).await?.iter().map(used).collect()
    }

    /// Removes sessions that have ended, links that nobody has to be told about any more, old drafts and tasks.
    pub async fn expire(&self, idle: Millis, absolute: Millis, now: Millis) -> Result<()> {
        let sql = "DELETE FROM admin_sessions WHERE used_at <= $1 OR created_at <= $2 \
             OR (link_made_by IS NOT NULL AND created_at <= $3)";
        let ended = values![now - idle, now - absolute, now - LINK_SESSION];
        self.store.db.execute(sql, ended).await?;
        let sql = "DELETE FROM admin_links WHERE expires_at <= $1 AND coalesce(used_at, 0) <= $2";
        self.store.db.execute(sql, values![now, now - LINK_NOTICE]).await?;
        let sql = "DELETE FROM admin_drafts WHERE made_at <= $1";
        self.store.db.execute(sql, values![now - DRAFT_LIFETIME]).await?;
        self.forget_approvals(now).await?;
        self.expire_tasks(now).await?;
        self.expire_keyed(now).await?;
        Ok(())
    }
}

/// Returns how many sessions ended.
async fn void_links(tx: &mut Tx, event: &Event) -> Result<u64> {
    tx.execute("DELETE FROM admin_links WHERE used_at IS NULL", Vec::new()).await?;
    drafts::drop_of_links(tx).await?;
    tasks::stop_of_links(tx, event).await?;
    tx.execute("DELETE FROM admin_sessions WHERE link_made_by IS NOT NULL", Vec::new()).await
}

async fn insert(tx: &mut Tx, session: &AdminSession, replaces: Option<&Hashed>) -> Result<()> {
    if let Some(old) = replaces {
        tx.execute("DELETE FROM admin_sessions WHERE id_hash = $1", values![old]).await?;
    }
    // One session of the panel for each browser session.
    if let AdminHolder::Person { sid, .. } = &session.holder {
        tx.execute("DELETE FROM admin_sessions WHERE sid = $1", values![sid]).await?;
    }
    let (account, sid, made_by) = match &session.holder {
        AdminHolder::Person { account, sid } => (Some(account.0.as_str()), Some(sid.as_str()), None),
        AdminHolder::Link { made_by } => (None, None, Some(made_by.as_str())),
        AdminHolder::Token => (None, None, None),
    };
    let values = values![
        &session.id_hash,
        account,
        sid,
        made_by,
        session.role.as_str(),
        session.factor_at,
        session.role_seen_at,
        session.created_at,
        session.used_at,
    ];
    tx.execute(INSERT, values).await?;
    Ok(())
}

fn found(row: &DbRow) -> Result<FoundAdminSession> {
    let cells = row.of("admin_sessions", "role");
    let (account, sid): (Option<String>, Option<String>) = (cells.cell("account")?, cells.cell("sid")?);
    let holder = match (account, sid, cells.cell("link_made_by")?) {
        (Some(account), Some(sid), None) => AdminHolder::Person { account: AccountId(account), sid },
        (None, None, Some(made_by)) => AdminHolder::Link { made_by },
        _ => return Err(cells.corrupt("it belongs neither to a person nor to a link")),
    };
    let session = AdminSession {
        id_hash: cells.parsed("id_hash", hashed)?,
        holder,
        role: cells.word("role", Role::parse)?,
        factor_at: cells.cell("factor_at")?,
        role_seen_at: cells.cell("role_seen_at")?,
        created_at: cells.cell("created_at")?,
        used_at: cells.cell("used_at")?,
    };
    let signed_in = cells.cell::<Option<Vec<u8>>>("signed_in")?;
    let signed_in =
        signed_in.map(|bytes| hashed(bytes).ok_or_else(|| cells.corrupt("signed_in can't be read")));
    Ok(FoundAdminSession { session, signed_in: signed_in.transpose()? })
}
