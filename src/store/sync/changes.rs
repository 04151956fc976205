//! The history of accounts: one row per change, with the account before and after; also found by former
//! names.

use std::collections::BTreeSet;

use crate::domain::Millis;
use crate::domain::account::{Account, AccountId};
use crate::domain::account_search::search_key;
use crate::domain::delivery::{Subject, Urgency};
use crate::domain::email;
use crate::domain::entry::DirectoryId;
use crate::domain::history::ChangeKind;
use crate::domain::name::fold;

use super::ids::RunId;
use crate::store::SyncStore;
use crate::store::engine::bulk;
use crate::store::engine::columns::{Columns, columns};
use crate::store::engine::error::{Result, StoreError};
use crate::store::engine::select::SelectBuilder;
use crate::store::engine::sql::{DbRow, Tx};
use crate::store::engine::value::{Value, values};

/// One change of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRow {
    /// Grows with time; pages go by it.
    pub id: i64,
    /// `None` outside a run: at a sign-in, or when an administrator hands an account over.
    pub run: Option<RunId>,
    pub directory: Option<DirectoryId>,
    pub account: AccountId,
    pub at: Millis,
    pub kind: ChangeKind,
    /// The account or the Team Share before, as JSON.
    pub before: Option<String>,
    /// The same after, as JSON.
    pub after: String,
    pub why: Option<String>,
}

/// Which changes to read.
#[derive(Clone, Debug, Default)]
pub struct ChangeFilter {
    pub accounts: Option<Vec<AccountId>>,
    pub run: Option<RunId>,
    pub directory: Option<DirectoryId>,
    pub kind: Option<ChangeKind>,
    /// At this time or later.
    pub from: Option<Millis>,
    /// Before this time.
    pub until: Option<Millis>,
    /// The oldest first, and not the newest.
    pub oldest_first: bool,
    /// Only those beyond this one in the order.
    pub before: Option<i64>,
    pub limit: u32,
}

/// Why an account was changed outside a sync.
pub(in crate::store) const BY_AN_ADMINISTRATOR: &str = "by an administrator";

/// Which run changes something, in which directory, and when.
#[derive(Clone, Copy)]
pub(in crate::store) struct ChangeOrigin<'a> {
    /// `None` outside a run.
    pub run: Option<RunId>,
    pub directory: &'a DirectoryId,
    pub at: Millis,
}

/// A change to be recorded.
pub(in crate::store) struct NewChange<'a> {
    pub origin: ChangeOrigin<'a>,
    pub account: AccountId,
    pub kind: ChangeKind,
    pub before: Option<String>,
    pub after: String,
    pub why: Option<&'a str>,
}

const SELECT: &str = "SELECT id, run, directory, account, at, kind, before, after, why FROM changes";

impl SyncStore<'_> {
    /// Changes, the newest first.
    pub async fn changes_of(&self, filter: &ChangeFilter) -> Result<Vec<ChangeRow>> {
        let accounts = filter.accounts.as_ref().map(|ids| ids.iter().map(Value::from).collect());
        let (beyond, order) = if filter.oldest_first { ("id >", "id") } else { ("id <", "id DESC") };
        let (sql, values) = SelectBuilder::new(SELECT)
            .and_in("account", accounts)
            .and("run =", filter.run.map(|run| run.0))
            .and("directory =", filter.directory.as_ref())
            .and("kind =", filter.kind.map(ChangeKind::as_str))
            .and("at >=", filter.from)
            .and("at <", filter.until)
            .and(beyond, filter.before)
            .order(order, filter.limit);
        self.store.db.rows(sql, values).await?.iter().map(ChangeRow::try_from).collect()
    }

    /// How many accounts a run has changed.
    pub async fn count_changed(&self, run: RunId) -> Result<u64> {
        let sql = "SELECT count(DISTINCT account) AS many FROM changes WHERE run = $1";
        let row = self.store.db.row(sql, values![run.0]).await?;
        row.map_or(Ok(0), |row| {
            row.of("changes", "many").parsed("many", |many: i64| u64::try_from(many).ok())
        })
    }

    /// The accounts of a directory that were suspended or lost Team Shares since then, each once. Changes
    /// that an administrator had reviewed (an applied plan, a revert) or made do not count.
    pub async fn taken_since(&self, directory: &DirectoryId, since: Millis) -> Result<Vec<AccountId>> {
        let sql = "SELECT DISTINCT account FROM changes WHERE directory = $1 AND at > $2 \
             AND kind IN ('suspended', 'share_left') \
             AND coalesce(why, '') <> $3 AND (run IS NULL OR run NOT IN (SELECT id FROM runs WHERE directory = $1 AND approved = 1))";
        let rows = self.store.db.rows(sql, values![directory, since, BY_AN_ADMINISTRATOR]).await?;
        rows.iter().map(|row| Ok(AccountId(row.of("changes", "account").cell("account")?))).collect()
    }

    /// How many people a directory had before these accounts lost something: the active ones, and those of
    /// `taken` that are not active any more.
    pub async fn people_before(&self, directory: &DirectoryId, taken: &[AccountId]) -> Result<u64> {
        let sql = "SELECT id FROM accounts WHERE directory = $1 AND status = 'active' AND id IN";
        let ids = taken.iter().map(Value::from).collect();
        let still = bulk::read_in(&self.store.db, sql, values![directory], ids).await?.len();
        let active = u64::try_from(self.store.identity().count_linked(directory).await?).unwrap_or_default();
        Ok(active + (taken.len() - still) as u64)
    }

    /// The accounts with this login name, email address or id, now or formerly. Also erased accounts, as long
    /// as their history is kept.
    pub async fn accounts_named(&self, name: &str) -> Result<Vec<AccountId>> {
        let (key, email_key) = (fold(name), email::key(name));
        let is_meant = |account: &Account| {
            let login = account.profile.login_name.as_deref().map(fold);
            account.id.0 == name
                || account.profile.email_key() == email_key
                || login.is_some_and(|it| it == key)
        };
        let words = [search_key(&key), search_key(&email_key)];
        let called = self.store.identity().accounts_called(&words).await?;
        let called = called.into_iter().filter(is_meant).map(|account| account.id.0);
        let mut found: BTreeSet<String> = called.collect();
        let table = [
            ("SELECT account AS id FROM former_names WHERE name_key = $1", key.as_str()),
            ("SELECT account AS id FROM former_names WHERE name_key = $1", &email_key),
            ("SELECT account AS id FROM changes WHERE account = $1 LIMIT 1", name),
        ];
        for (sql, value) in table {
            for row in self.store.db.rows(sql, values![value]).await? {
                found.insert(row.of("accounts", "id").cell::<String>("id")?);
            }
        }
        Ok(found.into_iter().map(AccountId).collect())
    }
}

impl NewChange<'_> {
    fn row(&self) -> Columns {
        let ChangeOrigin { run, directory, at } = self.origin;
        columns! {
            "run" => run.map(|run| run.0),
            "directory" => directory,
            "account" => &self.account,
            "at" => at,
            "kind" => self.kind.as_str(),
            "before" => &self.before,
            "after" => &self.after,
            "why" => self.why,
        }
    }
}

/// Records changes in this order, and that they are to be delivered. Every change of an account or of a membership
/// passes here, in the transaction that makes it; only an import of accounts, an erasure and the suspension of an
/// account without a link do not.
pub(in crate::store) async fn record_all(tx: &mut Tx, changes: &[NewChange<'_>]) -> Result<()> {
    for change in changes {
        if let Some(urgency) = urgency(change.kind) {
            tx.wish(Subject::Person(change.account.clone()), urgency, change.origin.at);
        }
    }
    bulk::insert_rows(tx, "changes", "", changes.iter().map(NewChange::row).collect()).await?;
    Ok(())
}

/// How urgently a change of an account is delivered; `None` for a membership, which is a change of its Team Share.
fn urgency(kind: ChangeKind) -> Option<Urgency> {
    match kind {
        ChangeKind::Suspended => Some(Urgency::Suspend),
        ChangeKind::Created
        | ChangeKind::Linked
        | ChangeKind::Unlinked
        | ChangeKind::HandedOver
        | ChangeKind::Updated
        | ChangeKind::Reactivated => Some(Urgency::Change),
        ChangeKind::ShareJoined | ChangeKind::ShareLeft => None,
    }
}

/// Records the former names of an account, if it has new ones.
pub(in crate::store) async fn renamed(tx: &mut Tx, before: &Account, after: &Account) -> Result<()> {
    let names = |account: &Account| {
        let login = account.profile.login_name.as_deref().map(fold);
        [Some(account.profile.email_key()), login]
    };
    for (old, new) in names(before).into_iter().zip(names(after)) {
        let Some(old) = old.filter(|old| Some(old) != new.as_ref()) else { continue };
        let sql = "INSERT INTO former_names (name_key, account) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        tx.execute(sql, values![old, &before.id]).await?;
    }
    Ok(())
}

impl TryFrom<&DbRow> for ChangeRow {
    type Error = StoreError;

    fn try_from(row: &DbRow) -> Result<Self> {
        let cells = row.of("changes", "id");
        Ok(Self {
            id: cells.cell("id")?,
            run: cells.cell::<Option<i64>>("run")?.map(RunId),
            directory: cells.cell::<Option<String>>("directory")?.map(DirectoryId),
            account: AccountId(cells.cell("account")?),
            at: cells.cell("at")?,
            kind: cells.word("kind", ChangeKind::parse)?,
            before: cells.cell("before")?,
            after: cells.cell("after")?,
            why: cells.cell("why")?,
        })
    }
}
