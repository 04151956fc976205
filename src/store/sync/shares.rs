//! Memberships of Team Shares. A row belongs to the group whose mapping created it; a person who has a Team
//! Share by two groups has two rows, and keeps the Team Share until both are gone. Each added or removed row
//! is a change in the account's history, in the same transaction.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::delivery::{Subject, Urgency};
use crate::domain::entry::{DirectoryId, EntryId};
use crate::domain::history::ChangeKind;
use crate::domain::team_share::{Share, ShareChange, ShareDiff};

use super::changes::{self, ChangeOrigin, ChangeRow, NewChange};
use super::ids::RunId;
use crate::store::SyncStore;
use crate::store::engine::bulk;
use crate::store::engine::columns::columns;
use crate::store::engine::error::Result;
use crate::store::engine::sql::{DbRow, Tx};
use crate::store::engine::value::{Value, values};

/// A membership as a change stores it: enough to restore it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareSnapshot {
    /// The directory of the group.
    pub directory: DirectoryId,
    /// The Team Share, and the group whose mapping created the membership.
    #[serde(flatten)]
    pub share: Share,
}

/// One membership of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareRow {
    pub account: AccountId,
    /// The directory of the group.
    pub directory: DirectoryId,
    /// The Team Share, and the group whose mapping created the membership.
    pub share: Share,
    pub since: Millis,
}

impl SyncStore<'_> {
    /// The memberships of an account, by Team Share.
    pub async fn shares_of(&self, account: &AccountId) -> Result<Vec<ShareRow>> {
        let sql = "SELECT account, directory, group_entry, team_share, since FROM share_memberships \
             WHERE account = $1 ORDER BY team_share, directory, group_entry";
        let rows = self.store.db.rows(sql, values![account]).await?;
        // Databases sort texts differently; here it is by code point.
        let mut shares = rows.iter().map(ShareRow::try_from).collect::<Result<Vec<_>>>()?;
        shares.sort_by(|one, other| one.share.cmp(&other.share));
        Ok(shares)
    }

    /// The names of the Team Shares of an active account, each once, sorted; none of any other account.
    pub async fn team_shares(&self, account: &AccountId) -> Result<Vec<String>> {
        let sql = "SELECT DISTINCT s.team_share AS team_share FROM share_memberships s \
             JOIN accounts a ON a.id = s.account WHERE s.account = $1 AND a.status = 'active'";
        let rows = self.store.db.rows(sql, values![account]).await?;
        let name = |row: &DbRow| row.of("share_memberships", "team_share").cell("team_share");
        let mut names = rows.iter().map(name).collect::<Result<Vec<String>>>()?;
        names.sort_unstable();
        Ok(names)
    }

    /// The Team Shares that these accounts have by groups of this directory; accounts without any are left
    /// out.
    pub async fn shares_by_account(
        &self,
        directory: &DirectoryId,
        accounts: &[AccountId],
    ) -> Result<HashMap<AccountId, BTreeSet<Share>>> {
        let sql = "SELECT account, directory, group_entry, team_share, since FROM share_memberships \
             WHERE directory = $1 AND account IN";
        let rows = self.store.db.rows_in(sql, values![directory], accounts.iter().map(Value::from)).await?;
        let mut shares: HashMap<AccountId, BTreeSet<Share>> = HashMap::new();
        for row in &rows {
            let ShareRow { account, share, .. } = ShareRow::try_from(row)?;
            shares.entry(account).or_default().insert(share);
        }
        Ok(shares)
    }
}

/// Writes the differences of accounts in the caller's transaction. Rows that exist or are gone already are no
/// change.
pub(in crate::store) async fn write(
    tx: &mut Tx,
    origin: ChangeOrigin<'_>,
    diffs: &[(&AccountId, &ShareDiff)],
) -> Result<()> {
    let each = diffs.iter().flat_map(|(account, diff)| diff.joined.iter().map(|change| (*account, change)));
    join(tx, origin, each.collect()).await?;
    for (account, diff) in diffs {
        for change in &diff.left {
            leave(tx, origin, account, change).await?;
        }
    }
    Ok(())
}

async fn join(tx: &mut Tx, origin: ChangeOrigin<'_>, joined: Vec<(&AccountId, &ShareChange)>) -> Result<u64> {
    let directory = origin.directory;
    let row = |(account, change): &(&AccountId, &ShareChange)| {
        columns! {
            "account" => *account,
            "directory" => directory,
            "group_entry" => change.share.group,
            "team_share" => &change.share.team_share,
            "since" => origin.at,
        }
    };
    let tail = "ON CONFLICT (account, directory, group_entry, team_share) DO NOTHING \
         RETURNING account, directory, group_entry, team_share, since";
    let rows = bulk::insert_rows(tx, "share_memberships", tail, joined.iter().map(row).collect()).await?;
    let whys: HashMap<(&AccountId, &Share), &str> =
        joined.iter().map(|(account, change)| ((*account, &change.share), change.why.as_str())).collect();
    let mut changes = Vec::with_capacity(rows.len());
    for row in &rows {
        let ShareRow { account, share, .. } = ShareRow::try_from(row)?;
        let why = whys.get(&(&account, &share)).copied();
        tx.wish(Subject::Share(share.team_share.clone()), Urgency::Change, origin.at);
        let (kind, after) = (ChangeKind::ShareJoined, snapshot(directory, &share));
        changes.push(NewChange { origin, account, kind, before: None, after, why });
    }
    changes::record_all(tx, &changes).await?;
    Ok(changes.len() as u64)
}

async fn leave(
    tx: &mut Tx,
    origin: ChangeOrigin<'_>,
    account: &AccountId,
    change: &ShareChange,
) -> Result<u64> {
    let directory = origin.directory;
    let Share { group, team_share } = &change.share;
    let sql = "DELETE FROM share_memberships \
         WHERE account = $1 AND directory = $2 AND group_entry = $3 AND team_share = $4";
    let written = tx.execute(sql, values![account, directory, *group, team_share]).await?;
    if written > 0 {
        tx.wish(Subject::Share(team_share.clone()), Urgency::Change, origin.at);
        let (before, after) = (Some(snapshot(directory, &change.share)), "null".to_owned());
        let (account, kind, why) = (account.clone(), ChangeKind::ShareLeft, Some(change.why.as_str()));
        changes::record_all(tx, &[NewChange { origin, account, kind, before, after, why }]).await?;
    }
    Ok(written)
}

/// Reverts the change of a membership, unless it was reverted already or the account was erased since.
pub(in crate::store) async fn revert(
    tx: &mut Tx,
    run: RunId,
    change: &ChangeRow,
    why: &str,
    now: Millis,
) -> Result<()> {
    let joined = change.kind == ChangeKind::ShareJoined;
    let text = if joined { Some(change.after.as_str()) } else { change.before.as_deref() };
    let snapshot = text.and_then(|text| serde_json::from_str::<ShareSnapshot>(text).ok());
    let sql = "SELECT id FROM accounts WHERE id = $1";
    let (Some(ShareSnapshot { directory, share }), Some(_)) =
        (snapshot, tx.row(sql, values![&change.account]).await?)
    else {
        return Ok(());
    };
    let origin = ChangeOrigin { run: Some(run), directory: &directory, at: now };
    let undone = ShareChange { share, why: why.to_owned() };
    match joined {
        true => leave(tx, origin, &change.account, &undone).await?,
        false => join(tx, origin, vec![(&change.account, &undone)]).await?,
    };
    Ok(())
}

/// A membership as a change stores it, as JSON.
#[must_use]
pub fn snapshot(directory: &DirectoryId, share: &Share) -> String {
    let snapshot = ShareSnapshot { directory: directory.clone(), share: share.clone() };
    serde_json::to_string(&snapshot).unwrap_or_default()
}

impl TryFrom<&DbRow> for ShareRow {
    type Error = crate::store::StoreError;

    fn try_from(row: &DbRow) -> Result<Self> {
        let cells = row.of("share_memberships", "account");
        Ok(Self {
            account: AccountId(cells.cell("account")?),
            directory: DirectoryId(cells.cell("directory")?),
            share: Share {
                team_share: cells.cell("team_share")?,
                group: cells.parsed("group_entry", |text: String| EntryId::from_entry_uuid(&text))?,
            },
            since: cells.cell("since")?,
        })
    }
}
