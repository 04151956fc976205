//! Statements, rows and transactions for both databases. Code above this file has one text per statement, and
//! values of three kinds: integers, texts and blobs.

use std::borrow::Cow;
use std::time::Duration;

use rusqlite::types::FromSql;
use sqlx::postgres::{PgArguments, PgPool, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Decode, Executor, Postgres, Row as _, Transaction, Type};
use tokio::time::timeout;

use super::RESPONSE_TIMEOUT;
pub(in crate::store) use super::dialect::Dialect;
use super::error::{Result, StoreError};
use super::retry::retry;
use super::sqlite::{Sqlite, SqliteRow, SqliteTx, is_unique};
use super::value::Value;
use super::wake::Wake;
use super::wishes::Wishes;

/// How long [`Db::execute_soon`] waits for a connection.
const SOON: Duration = Duration::from_millis(300);

/// An open database.
#[derive(Clone, Debug)]
pub(in crate::store) enum Db {
    Sqlite(Sqlite),
    Postgres(PgPool),
}

/// A statement. Both databases get the same text, except for the clause that locks the rows of a `SELECT`:
/// PostgreSQL needs it; SQLite, where a writing transaction is exclusive from its first statement, has none.
#[derive(Clone)]
pub(in crate::store) enum Sql {
    /// A text for both, or one that was written for the database that will get it.
    One(Cow<'static, str>),
    /// A text for both whose conditions match one row or a million: PostgreSQL plans it for its values each time.
    /// A plan for any values reads the million to find the one. SQLite reads it beside the writes.
    Filtered(String),
    Each {
        sqlite: Cow<'static, str>,
        postgres: Cow<'static, str>,
    },
}

impl Sql {
    /// A `SELECT` of rows that this transaction will write.
    pub fn locked(self) -> Self {
        let postgres = format!("{} FOR NO KEY UPDATE", self.postgres()).into();
        Self::Each { sqlite: self.sqlite().to_owned().into(), postgres }
    }

    /// The statement with another text.
    pub fn map(self, rewrite: impl Fn(&str) -> String) -> Self {
        match self {
            Self::One(text) => Self::One(rewrite(&text).into()),
            Self::Filtered(text) => Self::Filtered(rewrite(&text)),
            Self::Each { sqlite, postgres } => {
                Self::Each { sqlite: rewrite(&sqlite).into(), postgres: rewrite(&postgres).into() }
            }
        }
    }

    fn sqlite(&self) -> &str {
        match self {
            Self::One(text) => text,
            Self::Filtered(text) => text,
            Self::Each { sqlite, .. } => sqlite,
        }
    }

    fn postgres(&self) -> Cow<'static, str> {
        match self {
            Self::One(text) => text.clone(),
            Self::Filtered(text) => text.clone().into(),
            Self::Each { postgres, .. } => postgres.clone(),
        }
    }
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self::One(text.into())
    }
}

impl From<String> for Sql {
    fn from(text: String) -> Self {
        Self::One(text.into())
    }
}

/// A `SELECT` inside an `INSERT` whose rows must not change until the transaction ends; with what follows it.
macro_rules! held {
    ($select:expr, $rest:expr) => {
        crate::store::engine::sql::Sql::Each {
            sqlite: std::borrow::Cow::Borrowed(concat!($select, " ", $rest)),
            postgres: std::borrow::Cow::Borrowed(concat!($select, " FOR SHARE ", $rest)),
        }
    };
}
pub(in crate::store) use held;

/// A `SELECT` of rows that this transaction will write.
macro_rules! locked {
    ($select:expr) => {
        crate::store::engine::sql::Sql::Each {
            sqlite: std::borrow::Cow::Borrowed($select),
            postgres: std::borrow::Cow::Borrowed(concat!($select, " FOR NO KEY UPDATE")),
        }
    };
}
pub(in crate::store) use locked;

impl Db {
    fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Reads rows, outside a transaction.
    pub async fn rows(&self, sql: impl Into<Sql>, values: Vec<Value>) -> Result<Vec<DbRow>> {
        let sql = sql.into();
        Ok(match self {
            Self::Sqlite(sqlite) => {
                let rows = match &sql {
                    Sql::Filtered(text) => sqlite.rows_beside(text, &values)?,
                    _ => sqlite.rows(sql.sqlite(), &values)?,
                };
                rows.into_iter().map(DbRow::Sqlite).collect()
            }
            Self::Postgres(pool) => {
                let rows =
                    retry(|| async { Ok(with_timeout(pool.fetch_all(bound(&sql, &values))).await?) }).await?;
                rows.into_iter().map(DbRow::Postgres).collect()
            }
        })
    }

    /// Reads at most one row, outside a transaction.
    pub async fn row(&self, sql: impl Into<Sql>, values: Vec<Value>) -> Result<Option<DbRow>> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// Reads rows for a list: `sql` ends in `IN`, the list is bound after `values`.
    pub async fn rows_in(
        &self,
        sql: impl Into<Sql>,
        values: Vec<Value>,
        list: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<DbRow>> {
        let (sql, values) = with_list(self.dialect(), &sql.into(), values, list);
        self.rows(sql, values).await
    }

    /// Runs one writing statement in a transaction of its own; returns how many rows it wrote.
    pub async fn execute(&self, sql: impl Into<Sql>, values: Vec<Value>) -> Result<u64> {
        let sql = sql.into();
        match self {
            Self::Sqlite(_) => {
                let mut tx = self.begin().await?;
                let written = tx.execute(sql, values).await?;
                tx.end().await?;
                Ok(written)
            }
            Self::Postgres(pool) => {
                retry(|| async {
                    let mut connection = pool.acquire().await?;
                    let done = with_timeout((*connection).execute(bound(&sql, &values))).await;
                    Ok(done.map_err(StoreError::unsure)?.rows_affected())
                })
                .await
            }
        }
    }

    /// Runs writing statements in a transaction of their own, without waiting for a database that is
    /// unreachable: for what can be written later.
    pub async fn execute_soon(&self, statements: Vec<(Sql, Vec<Value>)>) -> Result<()> {
        let mut tx = match self {
            Self::Sqlite(_) => self.begin().await?,
            Self::Postgres(pool) => {
                let begun = timeout(SOON, pool.begin()).await;
                TxBackend::Postgres(begun.map_err(|elapsed| StoreError::Unreachable(elapsed.into()))??).into()
            }
        };
        for (sql, values) in statements {
            tx.execute(sql, values).await?;
        }
        tx.end().await
    }

    /// Begins a writing transaction. Dropped without [`Tx::commit`], it is rolled back.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite(sqlite) => TxBackend::Sqlite(sqlite.begin().await?).into(),
            Self::Postgres(pool) => {
                TxBackend::Postgres(retry(|| async { Ok(with_timeout(pool.begin()).await?) }).await?).into()
            }
        })
    }
}

/// A writing transaction.
pub(in crate::store) struct Tx {
    backend: TxBackend,
    /// Written before the commit.
    pub(super) wishes: Wishes,
    /// Woken after it.
    pub(super) wakes: Vec<&'static Wake>,
}

enum TxBackend {
    Sqlite(SqliteTx),
    Postgres(Transaction<'static, Postgres>),
}

impl From<TxBackend> for Tx {
    fn from(backend: TxBackend) -> Self {
        Self { backend, wishes: Wishes::default(), wakes: Vec::new() }
    }
}

/// Why a statement wrote nothing.
enum ExecuteError {
    Unique,
    Failure(StoreError),
}

impl Tx {
    pub fn dialect(&self) -> Dialect {
        match self.backend {
            TxBackend::Sqlite(_) => Dialect::Sqlite,
            TxBackend::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Runs a writing statement; returns how many rows it wrote.
    pub async fn execute(&mut self, sql: impl Into<Sql>, values: Vec<Value>) -> Result<u64> {
        let sql = sql.into();
        Ok(match &mut self.backend {
            TxBackend::Sqlite(tx) => {
                tx.yield_sometimes().await;
                tx.execute(sql.sqlite(), &values)?
            }
            TxBackend::Postgres(tx) => {
                with_timeout((**tx).execute(bound(&sql, &values))).await?.rows_affected()
            }
        })
    }

    /// Runs a writing statement; `None` if it violates a unique constraint, and the transaction continues.
    pub async fn execute_unique(&mut self, sql: impl Into<Sql>, values: Vec<Value>) -> Result<Option<u64>> {
        // PostgreSQL rejects every statement after a failed one, unless there is a savepoint.
        self.execute("SAVEPOINT attempt", Vec::new()).await?;
        match self.try_execute(&sql.into(), values).await {
            Ok(written) => {
                self.execute("RELEASE SAVEPOINT attempt", Vec::new()).await?;
                Ok(Some(written))
            }
            Err(ExecuteError::Unique) => {
                self.execute("ROLLBACK TO SAVEPOINT attempt", Vec::new()).await?;
                Ok(None)
            }
            Err(ExecuteError::Failure(error)) => Err(error),
        }
    }

    /// Runs a writing statement for a list: `sql` ends in `IN`, the list is bound after `values`.
    pub async fn execute_in(
        &mut self,
        sql: impl Into<Sql>,
        values: Vec<Value>,
        list: impl IntoIterator<Item = Value>,
    ) -> Result<u64> {
        let (sql, values) = with_list(self.dialect(), &sql.into(), values, list);
        self.execute(sql, values).await
    }

    /// Reads rows, also those of a `RETURNING`.
    pub async fn rows(&mut self, sql: impl Into<Sql>, values: Vec<Value>) -> Result<Vec<DbRow>> {
        let sql = sql.into();
        Ok(match &mut self.backend {
            TxBackend::Sqlite(tx) => tx.rows(sql.sqlite(), &values)?.into_iter().map(DbRow::Sqlite).collect(),
            TxBackend::Postgres(tx) => {
                let rows = with_timeout((**tx).fetch_all(bound(&sql, &values))).await?;
                rows.into_iter().map(DbRow::Postgres).collect()
            }
        })
    }

    /// Reads rows for a list: `sql` ends in `IN`, the list is bound after `values`.
    pub async fn rows_in(
        &mut self,
        sql: impl Into<Sql>,
        values: Vec<Value>,
        list: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<DbRow>> {
        let (sql, values) = with_list(self.dialect(), &sql.into(), values, list);
        self.rows(sql, values).await
    }

    /// Reads at most one row.
    pub async fn row(&mut self, sql: impl Into<Sql>, values: Vec<Value>) -> Result<Option<DbRow>> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// Commits what was written by statements; [`Tx::commit`] writes the wishes before that.
    pub(super) async fn end(self) -> Result<()> {
        match self.backend {
            TxBackend::Sqlite(tx) => tx.commit().await,
            TxBackend::Postgres(tx) => with_timeout(tx.commit()).await.map_err(StoreError::unsure),
        }
    }

    async fn try_execute(&mut self, sql: &Sql, values: Vec<Value>) -> Result<u64, ExecuteError> {
        match &mut self.backend {
            TxBackend::Sqlite(tx) => tx.execute(sql.sqlite(), &values).map_err(|error| {
                if is_unique(&error) { ExecuteError::Unique } else { ExecuteError::Failure(error.into()) }
            }),
            TxBackend::Postgres(tx) => {
                let done = with_timeout((**tx).execute(bound(sql, &values))).await;
                done.map(|done| done.rows_affected()).map_err(|error| {
                    let unique = error.as_database_error().is_some_and(|error| error.is_unique_violation());
                    if unique { ExecuteError::Unique } else { ExecuteError::Failure(error.into()) }
                })
            }
        }
    }
}

/// A row of a result.
pub(in crate::store) enum DbRow {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl DbRow {
    /// Names the table and its key column, for the error message if a cell can't be read.
    pub fn of(&self, table: &'static str, key: &'static str) -> Cells<'_> {
        Cells { row: self, table, key }
    }

    fn cell<T: Cell>(&self, column: &str) -> Result<T, String> {
        match self {
            Self::Sqlite(row) => row.cell(column),
            Self::Postgres(row) => row.try_get(column).map_err(|error| error.to_string()),
        }
    }
}

/// A row whose table is known.
#[derive(Clone, Copy)]
pub(in crate::store) struct Cells<'r> {
    row: &'r DbRow,
    table: &'static str,
    key: &'static str,
}

impl Cells<'_> {
    pub fn cell<T: Cell>(self, column: &'static str) -> Result<T> {
        self.row.cell(column).map_err(|error| self.corrupt(error))
    }

    /// The value of a column after `parse`, which returns `None` for an invalid value.
    pub fn parsed<T, P>(self, column: &'static str, parse: impl FnOnce(T) -> Option<P>) -> Result<P>
    where
        T: Cell,
    {
        parse(self.cell(column)?).ok_or_else(|| self.corrupt(format!("column {column} can't be read")))
    }

    /// The value of a column that stores a word.
    pub fn word<P>(self, column: &'static str, parse: impl FnOnce(&str) -> Option<P>) -> Result<P> {
        self.parsed(column, |word: String| parse(&word))
    }

    /// An error that names this row.
    pub fn corrupt(self, what: impl Into<String>) -> StoreError {
        let text = self.row.cell::<String>(self.key);
        let row = text.or_else(|_| self.row.cell::<i64>(self.key).map(|number| number.to_string()));
        StoreError::Corrupt {
            table: self.table,
            row: row.unwrap_or_else(|_| "?".to_owned()),
            what: what.into(),
        }
    }
}

/// The types that a cell can be read as.
pub(in crate::store) trait Cell:
    FromSql + Type<Postgres> + for<'r> Decode<'r, Postgres>
{
}

impl<T: FromSql + Type<Postgres> + for<'r> Decode<'r, Postgres>> Cell for T {}

/// A frozen server keeps its connections and never responds: wait for it no longer than for one that is gone.
async fn with_timeout<T>(response: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    timeout(RESPONSE_TIMEOUT, response).await.unwrap_or_else(|elapsed| Err(sqlx::Error::Io(elapsed.into())))
}

/// The texts are ours: literals of this module, to which [`with_list`] adds only placeholders.
fn bound(sql: &Sql, values: &[Value]) -> Query<'static, Postgres, PgArguments> {
    let query = match sql.postgres() {
        Cow::Borrowed(text) => sqlx::query(text),
        Cow::Owned(text) => sqlx::query(AssertSqlSafe(text)),
    };
    let query = query.persistent(!matches!(sql, Sql::Filtered(_)));
    values.iter().fold(query, |query, value| match value {
        Value::Int(value) => query.bind(value),
        Value::Text(value) => query.bind(value.as_deref()),
        Value::Blob(value) => query.bind(value.as_deref()),
    })
}

/// A statement with a list: `sql` ends in `IN`, the list is bound after `values` (all of which `sql` uses).
fn with_list(
    dialect: Dialect,
    sql: &Sql,
    mut values: Vec<Value>,
    list: impl IntoIterator<Item = Value>,
) -> (Sql, Vec<Value>) {
    let first = values.len() + 1;
    values.extend(list);
    // Repeat the last value up to a power of two: with few distinct texts each stays in the cache.
    if let Some(last) = values.get(first - 1..).and_then(<[Value]>::last).cloned() {
        let many = values.len() + 1 - first;
        values.extend(std::iter::repeat_n(last, many.next_power_of_two() - many));
    }
    let many = values.len() + 1 - first;
    let head = match dialect {
        Dialect::Sqlite => sql.sqlite().into(),
        Dialect::Postgres => sql.postgres(),
    };
    let mut text = format!("{head} (");
    match many {
        // An empty list matches nothing: `IN ()` is not SQL to PostgreSQL, `IN (NULL)` is to both.
        0 => text.push_str("NULL"),
        _ => dialect.placeholders(&mut text, first, many),
    }
    text.push(')');
    (text.into(), values)
}
