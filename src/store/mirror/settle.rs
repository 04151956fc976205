//! Keep accounts and mirror consistent: record who was judged, mark everybody affected, and forget people.

use std::collections::HashSet;

use crate::domain::account::{Account, Link};
use crate::domain::entry::{DirectoryId, EntryId};
use crate::domain::mirror::PersonFacts;
use crate::store::engine::error::Result;
use crate::store::engine::sql::Tx;
use crate::store::engine::value::{Value, values};

use super::{bulk, id_value};

/// A person who has been judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettledPerson {
    pub entry: EntryId,
    /// See [`super::MirroredPerson::stamp`]. A person who changed since then stays dirty.
    pub stamp: i64,
    /// Whether they may have an account.
    pub entitled: bool,
}

/// Records who has been judged. A person who is gone from the directory is removed from the mirror then.
pub(in crate::store) async fn settle(
    tx: &mut Tx,
    directory: &DirectoryId,
    judged: &[SettledPerson],
) -> Result<()> {
    let row =
        |one: &SettledPerson| values![directory, id_value(one.entry), one.stamp, i64::from(one.entitled)];
    let head = "UPDATE mirror_objects SET dirty = -abs(dirty), in_scope = v.column4 FROM (VALUES";
    let tail = ") AS v WHERE directory = v.column1 AND id = v.column2 AND dirty = v.column3";
    bulk::execute_rows(tx, head, tail, judged.iter().map(row).collect()).await?;
    let sql = "DELETE FROM mirror_objects WHERE directory = $1 AND gone = 1 AND dirty <= 0 AND id IN";
    bulk::execute_in(tx, sql, values![directory], judged.iter().map(|one| id_value(one.entry)).collect())
        .await?;
    Ok(())
}

/// Marks people who must be judged again.
pub(in crate::store) async fn touch(tx: &mut Tx, directory: &DirectoryId, people: &[EntryId]) -> Result<()> {
    let sql =
        "UPDATE mirror_objects SET dirty = abs(dirty) + 1 WHERE directory = $1 AND kind = 'person' AND id IN";
    bulk::execute_in(tx, sql, values![directory], people.iter().map(|id| id_value(*id)).collect()).await?;
    Ok(())
}

/// Called when no account has these email addresses (folded) any more: marks people with one of them, who may
/// have had a conflict with it.
pub(in crate::store) async fn emails_freed(tx: &mut Tx, emails: HashSet<String>) -> Result<()> {
    let sql = "UPDATE mirror_objects SET dirty = abs(dirty) + 1 \
         WHERE directory IN (SELECT directory FROM mirror_cursors) AND mail_key IN";
    bulk::execute_in(tx, sql, Vec::new(), emails.into_iter().map(Value::from).collect()).await?;
    Ok(())
}

/// Forgets one person, in the caller's transaction, which erases the rest; returns how many there were.
pub(in crate::store) async fn forget(tx: &mut Tx, directory: &DirectoryId, id: EntryId) -> Result<u64> {
    let sql = "DELETE FROM mirror_members WHERE directory = $1 AND member = $2";
    tx.execute(sql, values![directory, id_value(id)]).await?;
    let sql = "DELETE FROM mirror_logins WHERE directory = $1 AND id = $2";
    tx.execute(sql, values![directory, id_value(id)]).await?;
    let sql = "DELETE FROM mirror_objects WHERE directory = $1 AND id = $2 AND kind = 'person'";
    tx.execute(sql, values![directory, id_value(id)]).await
}

/// Called when a revert changed an account: when the sync resumes, its person is judged again, and people who
/// had a conflict with its email address.
pub(in crate::store) async fn account_rewritten(
    tx: &mut Tx,
    before: &Account,
    after: &Account,
) -> Result<()> {
    for link in [&before.link, &after.link].into_iter().flatten() {
        let sql = "UPDATE mirror_objects SET dirty = abs(dirty) + 1 \
             WHERE directory = $1 AND id = $2 AND kind = 'person'";
        if tx.execute(sql, values![&link.directory, id_value(link.entry)]).await? == 0 {
            insert_gone(tx, link, after).await?;
        }
    }
    let (old, new) = (before.profile.email_key(), after.profile.email_key());
    let freed = if old == new { HashSet::new() } else { HashSet::from([old]) };
    emails_freed(tx, freed).await
}

/// A person who was judged as gone is no longer in the mirror, but has an account again: insert them as gone.
/// Before the first complete scan it is unknown who is gone.
async fn insert_gone(tx: &mut Tx, link: &Link, account: &Account) -> Result<()> {
    let login_name = account.profile.login_name.as_ref().unwrap_or(&account.profile.email).clone();
    let facts = PersonFacts { login_name, ..PersonFacts::default() };
    let facts = serde_json::to_string(&facts).unwrap_or_default();
    let sql = "INSERT INTO mirror_objects (directory, id, kind, dn, path, hash, facts, scan, dirty, gone) \
         SELECT directory, $2, 'person', '', $3, $3, $4, scan, 1, 1 FROM mirror_cursors \
         WHERE directory = $1 AND scanned_at IS NOT NULL";
    tx.execute(sql, values![&link.directory, id_value(link.entry), Vec::<u8>::new(), facts]).await?;
    Ok(())
}
