//! The chain over the audit log ([`crate::domain::audit_chain`]): its links and ends. Links are written after
//! their events, so that no sign-in waits for another one.

use crate::domain::Millis;
use crate::domain::audit_chain::{ChainCode, ChainEnd, ChainLink, ChainPlace, EventBytes, SealedEnd};

use super::audit::AuditRow;
use crate::store::LoginStore;
use crate::store::engine::bulk;
use crate::store::engine::error::Result;
use crate::store::engine::sql::{Cells, DbRow, Tx};
use crate::store::engine::value::values;

macro_rules! event {
    ($first:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $first,
            "audit.id, at, decision, attempt_id, account, directory, client_id, address, cause, detail, times, last_at, \
             actor, role, audit.kept_until AS event_kept_until FROM ",
            $rest
        )
    };
}

/// An event that has no link yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnlinkedEvent {
    pub id: i64,
    pub kept_until: Millis,
    pub bytes: EventBytes,
}

impl LoginStore<'_> {
    /// Events without a link, after the event with this id, the oldest first. Events are committed out of the
    /// order of their ids.
    pub async fn unlinked(&self, after: i64, now: Millis, limit: u32) -> Result<Vec<UnlinkedEvent>> {
        let sql = event!(
            "",
            "audit WHERE audit.id > $1 AND bucket IS NULL AND kept_until > $2 \
             AND NOT EXISTS (SELECT 1 FROM audit_chain WHERE audit_chain.event = audit.id) ORDER BY audit.id LIMIT $3"
        );
        let rows = self.store.db.rows(sql, values![after, now, limit]).await?;
        rows.iter().map(unlinked).collect()
    }

    /// How many events have no link.
    pub async fn count_unlinked(&self, now: Millis) -> Result<u64> {
        let sql = "SELECT count(*) AS many FROM audit WHERE bucket IS NULL AND kept_until > $1 \
             AND NOT EXISTS (SELECT 1 FROM audit_chain WHERE audit_chain.event = audit.id)";
        let row = self.store.db.row(sql, values![now]).await?;
        let many: i64 = row.map_or(Ok(0), |row| row.of("audit", "many").cell("many"))?;
        Ok(many.unsigned_abs())
    }

    /// The highest id of an event with a link, or 0.
    pub async fn highest_linked(&self) -> Result<i64> {
        let sql = "SELECT coalesce(max(event), 0) AS highest FROM audit_chain";
        let row = self.store.db.row(sql, Vec::new()).await?;
        row.map_or(Ok(0), |row| row.of("audit_chain", "highest").cell("highest"))
    }

    /// An end of the chain, as it was recorded.
    pub async fn chain_end(&self, end: ChainEnd) -> Result<Option<SealedEnd>> {
        let sql = "SELECT name, seq, mac, proof FROM audit_chain_ends WHERE name = $1";
        let row = self.store.db.row(sql, values![end.as_str()]).await?;
        row.map(|row| {
            let cells = row.of("audit_chain_ends", "name");
            let place = ChainPlace { seq: cells.cell("seq")?, mac: code(cells, "mac")? };
            Ok(SealedEnd { place, seal: code(cells, "proof")? })
        })
        .transpose()
    }

    /// Appends links. False, and nothing is written, if another process has appended some meanwhile.
    pub async fn append_links(&self, links: &[ChainLink], last: &SealedEnd) -> Result<bool> {
        let mut tx = self.store.db.begin().await?;
        let rows = links.iter().map(|link| {
            let (digest, mac) = (link.digest.to_vec(), link.mac.to_vec());
            values![link.seq, link.event, link.kept_until, digest, mac]
        });
        let head = "INSERT INTO audit_chain (seq, event, kept_until, digest, mac) VALUES";
        let written = bulk::execute_rows(&mut tx, head, "ON CONFLICT DO NOTHING", rows.collect()).await?;
        if written != links.len() as u64 {
            return Ok(false);
        }
        record_end(&mut tx, ChainEnd::Last, last).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Links after this place up to another, with their events as far as these are there.
    pub async fn links(
        &self,
        after: i64,
        up_to: i64,
        limit: u32,
    ) -> Result<Vec<(ChainLink, Option<EventBytes>)>> {
        let sql = event!(
            "audit_chain.seq, audit_chain.event, audit_chain.kept_until AS link_kept_until, digest, mac, ",
            "audit_chain LEFT JOIN audit ON audit.id = audit_chain.event AND audit.bucket IS NULL \
             WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3"
        );
        let rows = self.store.db.rows(sql, values![after, up_to, limit]).await?;
        rows.iter().map(|row| Ok((link(row)?, linked_event(row)?))).collect()
    }

    /// Removes the links up to this place, which becomes the beginning.
    pub async fn remove_links(&self, first: &SealedEnd) -> Result<()> {
        let mut tx = self.store.db.begin().await?;
        record_end(&mut tx, ChainEnd::First, first).await?;
        tx.execute("DELETE FROM audit_chain WHERE seq <= $1", values![first.place.seq]).await?;
        tx.commit().await
    }
}

async fn record_end(tx: &mut Tx, end: ChainEnd, sealed: &SealedEnd) -> Result<()> {
    let sql = "INSERT INTO audit_chain_ends (name, seq, mac, proof) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, mac = excluded.mac, proof = excluded.proof \
         WHERE audit_chain_ends.seq < excluded.seq";
    let (mac, seal) = (sealed.place.mac.to_vec(), sealed.seal.to_vec());
    tx.execute(sql, values![end.as_str(), sealed.place.seq, mac, seal]).await?;
    Ok(())
}

fn unlinked(row: &DbRow) -> Result<UnlinkedEvent> {
    let kept_until = row.of("audit", "id").cell("event_kept_until")?;
    let event = AuditRow::try_from(row)?;
    Ok(UnlinkedEvent { id: event.id, kept_until, bytes: bytes(&event, kept_until) })
}

fn linked_event(row: &DbRow) -> Result<Option<EventBytes>> {
    let is_there = row.of("audit", "seq").cell::<Option<i64>>("id")?.is_some();
    if is_there { unlinked(row).map(|event| Some(event.bytes)) } else { Ok(None) }
}

fn link(row: &DbRow) -> Result<ChainLink> {
    let cells = row.of("audit_chain", "seq");
    Ok(ChainLink {
        seq: cells.cell("seq")?,
        event: cells.cell("event")?,
        kept_until: cells.cell("link_kept_until")?,
        digest: code(cells, "digest")?,
        mac: code(cells, "mac")?,
    })
}

/// Everything that is stored of an event: a new column is added at the end, for events that have it.
fn bytes(event: &AuditRow, kept_until: Millis) -> EventBytes {
    EventBytes::default()
        .number(Some(event.id))
        .number(Some(event.at))
        .text(Some(&event.decision))
        .text(event.attempt_id.as_deref())
        .text(event.account_id.as_deref())
        .text(event.directory.as_deref())
        .text(event.client_id.as_deref())
        .text(event.address.as_deref())
        .text(event.cause.as_deref())
        .text(event.detail.as_deref())
        .number(Some(event.times))
        .number(event.last_at)
        .text(event.actor.as_deref())
        .text(event.role.as_deref())
        .number(Some(kept_until))
}

fn code(cells: Cells<'_>, column: &'static str) -> Result<ChainCode> {
    cells.parsed(column, |bytes: Vec<u8>| bytes.try_into().ok())
}
