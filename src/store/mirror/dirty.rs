//! Mark people who must be judged again. Every reason increments the person's stamp, also of people who are
//! marked already: a judge may just have read their earlier state.

use std::collections::{HashMap, HashSet};

use crate::domain::Millis;
use crate::domain::entry::{DirectoryId, EntryId};
use crate::store::SyncStore;
use crate::store::engine::error::Result;
use crate::store::engine::sql::Tx;
use crate::store::engine::value::{Value, values};

use super::state::fence;
use super::writer::PageWriter;
use super::{Fenced, MirroredKind, bulk, groups, id_cell, id_value, is_login, logins, member_id};

impl PageWriter<'_> {
    /// Marks everybody affected by the page.
    pub(super) async fn mark_affected(&mut self) -> Result<()> {
        self.mark_members().await?;
        self.mark_below().await?;
        self.mark_by_email().await
    }

    async fn mark_members(&mut self) -> Result<()> {
        let written = &self.affected.written;
        let touched = std::mem::take(&mut self.affected.members).into_iter();
        let fresh = |member: &Vec<u8>| member_id(member).is_some_and(|id| written.contains(&id));
        let (by_login, others): (Vec<_>, Vec<_>) =
            touched.filter(|member| !fresh(member)).partition(|member| is_login(member));
        let (by_id, by_name): (Vec<_>, Vec<_>) =
            others.into_iter().partition(|member| member_id(member).is_some());
        let values = |members: Vec<Vec<u8>>| members.into_iter().map(Value::from).collect();
        let (by_id, by_name, by_login) = (values(by_id), values(by_name), values(by_login));
        let sql = "SELECT id, kind FROM mirror_objects WHERE directory = $1 AND id IN";
        let mut rows = bulk::rows_in(&mut self.tx, sql, values![self.directory], by_id).await?;
        let sql = "SELECT id, kind FROM mirror_objects WHERE directory = $1 AND path IN";
        rows.extend(bulk::rows_in(&mut self.tx, sql, values![self.directory], by_name).await?);
        let mut persons = logins::people(&mut self.tx, self.directory, by_login).await?;
        for row in &rows {
            let cells = row.of("mirror_objects", "kind");
            let id = id_cell(cells, "id")?;
            match cells.parsed("kind", |word: String| MirroredKind::parse(&word))? {
                MirroredKind::Person => drop(persons.insert(id)),
                MirroredKind::Group => {
                    self.done.groups_changed = true;
                    self.affected.groups.insert(id);
                }
                MirroredKind::Container => {}
            }
        }
        let persons =
            persons.into_iter().filter(|id| !self.affected.written.contains(id)).map(id_value).collect();
        let sql = "UPDATE mirror_objects SET dirty = abs(dirty) + 1 WHERE directory = $1 AND id IN";
        bulk::execute_in(&mut self.tx, sql, values![self.directory], persons).await?;
        Ok(())
    }

    /// Marks the members, at any depth, of the groups affected, and people with one as primary group.
    async fn mark_below(&mut self) -> Result<()> {
        let groups = std::mem::take(&mut self.affected.groups);
        if !groups.is_empty() {
            let below: Vec<Value> =
                below(&mut self.tx, self.directory, groups).await?.into_iter().map(id_value).collect();
            for sql in [
                "UPDATE mirror_objects SET dirty = abs(dirty) + 1 WHERE directory = $1 AND kind = 'person' \
                 AND id IN (SELECT member FROM mirror_members WHERE directory = $1 AND group_id = $2)",
                "UPDATE mirror_objects SET dirty = abs(dirty) + 1 WHERE directory = $1 AND kind = 'person' \
                 AND path IN (SELECT member FROM mirror_members WHERE directory = $1 AND group_id = $2)",
                "UPDATE mirror_objects SET dirty = abs(dirty) + 1 WHERE directory = $1 AND kind = 'person' \
                 AND id IN (SELECT mirror_logins.id FROM mirror_members JOIN mirror_logins \
                 ON mirror_logins.directory = $1 AND mirror_logins.login = mirror_members.member \
                 WHERE mirror_members.directory = $1 AND mirror_members.group_id = $2)",
                "UPDATE mirror_objects SET dirty = abs(dirty) + 1 WHERE directory = $1 AND kind = 'person' \
                 AND group_sid IN (SELECT group_sid FROM mirror_objects WHERE directory = $1 AND id = $2)",
            ] {
                for group in &below {
                    self.tx.execute(sql, vec![self.directory.into(), group.clone()]).await?;
                }
            }
        }
        let sids = std::mem::take(&mut self.affected.sids).into_iter().map(Value::from).collect();
        let sql = "UPDATE mirror_objects SET dirty = abs(dirty) + 1 WHERE directory = $1 AND kind = 'person' \
             AND group_sid IN";
        bulk::execute_in(&mut self.tx, sql, values![self.directory], sids).await?;
        Ok(())
    }

    /// An email address that a person gave up is free for another; one that two people have counts for
    /// neither.
    async fn mark_by_email(&mut self) -> Result<()> {
        let taken = std::mem::take(&mut self.affected.emails_taken).into_iter().map(Value::from).collect();
        let mut emails = std::mem::take(&mut self.affected.emails_left);
        emails.extend(shared(&mut self.tx, self.directory, taken).await?);
        let emails = emails.into_iter().map(Value::from).collect();
        let sql = "UPDATE mirror_objects SET dirty = abs(dirty) + 1 WHERE directory = $1 AND mail_key IN";
        bulk::execute_in(&mut self.tx, sql, values![self.directory], emails).await?;
        Ok(())
    }
}

/// Which of these email addresses several people have.
async fn shared(tx: &mut Tx, directory: &DirectoryId, emails: Vec<Value>) -> Result<Vec<String>> {
    let sql = "SELECT mail_key FROM mirror_objects WHERE directory = $1 AND mail_key IN";
    let (mut once, mut twice) = (HashSet::new(), Vec::new());
    for row in bulk::rows_in(tx, sql, values![directory], emails).await? {
        let key: String = row.of("mirror_objects", "mail_key").cell("mail_key")?;
        if !once.insert(key.clone()) {
            twice.push(key);
        }
    }
    Ok(twice)
}

/// These groups and all groups inside them, at any depth; safe with cycles.
pub(super) async fn below(
    tx: &mut Tx,
    directory: &DirectoryId,
    groups: HashSet<EntryId>,
) -> Result<HashSet<EntryId>> {
    let mut inside: HashMap<EntryId, Vec<EntryId>> = HashMap::new();
    for (inner, outer) in groups::nested(tx, directory).await? {
        inside.entry(outer).or_default().push(inner);
    }
    let mut open: Vec<EntryId> = groups.into_iter().collect();
    let mut seen = HashSet::new();
    while let Some(group) = open.pop() {
        if seen.insert(group) {
            open.extend(inside.get(&group).into_iter().flatten());
        }
    }
    Ok(seen)
}

impl SyncStore<'_> {
    /// Marks everybody. `judged_by` is the fingerprint of what they are to be judged by.
    pub async fn dirty_everybody(
        &self,
        directory: &DirectoryId,
        version: i64,
        judged_by: &str,
    ) -> Result<Fenced<()>> {
        let mut tx = self.store.db.begin().await?;
        if !fence(&mut tx, directory, version).await? {
            return Ok(Fenced::Overtaken);
        }
        // In sixteen parts, to stay below the database's response timeout.
        for part in 0..16_u8 {
            let sql = "UPDATE mirror_objects SET dirty = abs(dirty) + 1 \
                 WHERE directory = $1 AND kind = 'person' AND id >= $2 AND id < $3";
            let end = if part == 15 { vec![0xff; 17] } else { vec![(part + 1) << 4] };
            tx.execute(sql, values![directory, vec![part << 4], end]).await?;
            tokio::task::yield_now().await;
        }
        let sql = "UPDATE mirror_cursors SET judged_by = $2, owes = NULL WHERE directory = $1";
        tx.execute(sql, values![directory, judged_by]).await?;
        tx.commit().await?;
        Ok(Fenced::Done(()))
    }

    /// Marks people whose start or expiry date has passed since they were judged; returns how many.
    pub async fn dirty_expired(&self, directory: &DirectoryId, now: Millis) -> Result<u64> {
        let sql = "UPDATE mirror_objects SET dirty = abs(dirty) + 1, due_at = then_due_at, then_due_at = NULL \
             WHERE directory = $1 AND due_at <= $2";
        self.store.db.execute(sql, values![directory, now]).await
    }

    /// How many people wait to be judged.
    pub async fn count_dirty(&self, directory: &DirectoryId) -> Result<u64> {
        self.count(
            "SELECT count(*) AS many FROM mirror_objects WHERE directory = $1 AND dirty > 0",
            directory,
        )
        .await
    }

    /// How many people the mirror has.
    pub async fn count_people(&self, directory: &DirectoryId) -> Result<u64> {
        let sql = "SELECT count(*) AS many FROM mirror_objects WHERE directory = $1 AND kind = 'person' AND gone = 0";
        self.count(sql, directory).await
    }

    async fn count(&self, sql: &'static str, directory: &DirectoryId) -> Result<u64> {
        let row = self.store.db.row(sql, values![directory]).await?;
        row.map_or(Ok(0), |row| {
            row.of("mirror_objects", "many").parsed("many", |many: i64| u64::try_from(many).ok())
        })
    }
}
