//! The only place that knows that there are two databases. Above it there is one text per statement, with values and
//! rows of three kinds: integers, texts and blobs.

use sqlx::postgres::{PgPool, PgRow};
use sqlx::query::Query;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{
    AssertSqlSafe, Database, Decode, Encode, Executor, Postgres, Row as _, SqlSafeStr, SqlStr, Sqlite,
    Transaction, Type,
};

use super::error::{Result, StoreError};
use super::value::Value;

/// An open database.
#[derive(Clone, Debug)]
pub(super) enum Db {
    /// One connection writes, a few read: SQLite's own rule, made visible so that writers queue in order.
    Sqlite {
        /// The one that writes.
        writer: SqlitePool,
        /// Those that read.
        readers: SqlitePool,
    },
    /// As many as the pool has.
    Postgres(PgPool),
}

/// A statement. Both databases read the same text, but for the clause that locks the rows of a `SELECT`: PostgreSQL
/// wants it, while SQLite, where a writing transaction is alone from its first word, has none.
#[derive(Clone, Copy)]
pub(super) struct Sql {
    pub sqlite: &'static str,
    pub postgres: &'static str,
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self { sqlite: text, postgres: text }
    }
}

/// A `SELECT` inside an `INSERT` whose rows must stay as they are until the transaction ends; with what follows it.
macro_rules! held {
    ($select:expr, $rest:expr) => {
        crate::store::sql::Sql {
            sqlite: concat!($select, " ", $rest),
            postgres: concat!($select, " FOR SHARE ", $rest),
        }
    };
}
pub(super) use held;

/// A `SELECT` of rows that this transaction is going to write.
macro_rules! locked {
    ($select:expr) => {
        crate::store::sql::Sql { sqlite: $select, postgres: concat!($select, " FOR NO KEY UPDATE") }
    };
}
pub(super) use locked;

impl Db {
    /// Reads rows, outside of any transaction.
    pub async fn rows(&self, sql: &'static str, values: Vec<Value>) -> Result<Vec<Row>> {
        self.rows_of(sql.into_sql_str(), values).await
    }

    /// Reads at most one row, outside of any transaction.
    pub async fn row(&self, sql: &'static str, values: Vec<Value>) -> Result<Option<Row>> {
        Ok(match self {
            Self::Sqlite { readers, .. } => {
                readers.fetch_optional(bound::<Sqlite>(sql.into_sql_str(), values)).await?.map(Row::Sqlite)
            }
            Self::Postgres(pool) => {
                pool.fetch_optional(bound::<Postgres>(sql.into_sql_str(), values)).await?.map(Row::Postgres)
            }
        })
    }

    /// Reads rows by a list: `sql` ends in `IN`, the list is bound behind `values`.
    pub async fn rows_in(
        &self,
        sql: &'static str,
        values: Vec<Value>,
        list: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<Row>> {
        let (text, values) = with_list(sql, values, list);
        self.rows_of(text, values).await
    }

    async fn rows_of(&self, text: SqlStr, values: Vec<Value>) -> Result<Vec<Row>> {
        Ok(match self {
            Self::Sqlite { readers, .. } => {
                let rows = readers.fetch_all(bound::<Sqlite>(text, values)).await?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
            Self::Postgres(pool) => {
                let rows = pool.fetch_all(bound::<Postgres>(text, values)).await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// Runs one writing statement in a transaction of its own; the number of rows that it wrote.
    pub async fn execute(&self, sql: &'static str, values: Vec<Value>) -> Result<u64> {
        Ok(match self {
            Self::Sqlite { writer, .. } => {
                writer.execute(bound::<Sqlite>(sql.into_sql_str(), values)).await?.rows_affected()
            }
            Self::Postgres(pool) => {
                pool.execute(bound::<Postgres>(sql.into_sql_str(), values)).await?.rows_affected()
            }
        })
    }

    /// Begins a transaction that will write. Dropped without [`Tx::commit`], it leaves nothing behind.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { writer, .. } => Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }
}

/// A transaction that writes.
pub(super) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    /// Runs a writing statement; the number of rows that it wrote.
    pub async fn execute(&mut self, sql: impl Into<Sql>, values: Vec<Value>) -> Result<u64> {
        Ok(self.try_execute(sql.into(), values).await?)
    }

    /// Runs a writing statement that a unique constraint may refuse: `None` then, and the transaction goes on.
    pub async fn execute_unique(&mut self, sql: &'static str, values: Vec<Value>) -> Result<Option<u64>> {
        // PostgreSQL takes no further statement after a failed one, but behind a savepoint.
        self.execute("SAVEPOINT attempt", Vec::new()).await?;
        match self.try_execute(sql.into(), values).await {
            Ok(written) => {
                self.execute("RELEASE SAVEPOINT attempt", Vec::new()).await?;
                Ok(Some(written))
            }
            Err(error) if error.as_database_error().is_some_and(|error| error.is_unique_violation()) => {
                self.execute("ROLLBACK TO SAVEPOINT attempt", Vec::new()).await?;
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Runs a writing statement over a list: `sql` ends in `IN`, the list is bound behind `values`.
    pub async fn execute_in(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
        list: impl IntoIterator<Item = Value>,
    ) -> Result<u64> {
        let (text, values) = with_list(sql, values, list);
        Ok(match self {
            Self::Sqlite(tx) => (**tx).execute(bound::<Sqlite>(text, values)).await?.rows_affected(),
            Self::Postgres(tx) => (**tx).execute(bound::<Postgres>(text, values)).await?.rows_affected(),
        })
    }

    /// Reads rows (also those that a `RETURNING` gives).
    pub async fn rows(&mut self, sql: impl Into<Sql>, values: Vec<Value>) -> Result<Vec<Row>> {
        let sql = sql.into();
        Ok(match self {
            Self::Sqlite(tx) => {
                let rows = (**tx).fetch_all(bound::<Sqlite>(sql.sqlite.into_sql_str(), values)).await?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
            Self::Postgres(tx) => {
                let rows = (**tx).fetch_all(bound::<Postgres>(sql.postgres.into_sql_str(), values)).await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// Reads at most one row.
    pub async fn row(&mut self, sql: impl Into<Sql>, values: Vec<Value>) -> Result<Option<Row>> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// Makes it all true at once.
    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    async fn try_execute(&mut self, sql: Sql, values: Vec<Value>) -> Result<u64, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(tx) => {
                let query = bound::<Sqlite>(sql.sqlite.into_sql_str(), values);
                (**tx).execute(query).await?.rows_affected()
            }
            Self::Postgres(tx) => {
                let query = bound::<Postgres>(sql.postgres.into_sql_str(), values);
                (**tx).execute(query).await?.rows_affected()
            }
        })
    }
}

/// One row of an answer.
pub(super) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    /// Names the table and its key column, for the message if a cell can't be read.
    pub fn of(&self, table: &'static str, key: &'static str) -> Cells<'_> {
        Cells { row: self, table, key }
    }

    fn cell<T: Cell>(&self, column: &str) -> Result<T, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }
}

/// A row whose table is known.
#[derive(Clone, Copy)]
pub(super) struct Cells<'r> {
    row: &'r Row,
    table: &'static str,
    key: &'static str,
}

impl Cells<'_> {
    /// The value of a column.
    pub fn cell<T: Cell>(self, column: &'static str) -> Result<T> {
        self.row.cell(column).map_err(|error| self.corrupt(error.to_string()))
    }

    /// The value of a column, read further; `None` from `read` means that it can't be.
    pub fn parsed<T, P>(self, column: &'static str, parse: impl FnOnce(T) -> Option<P>) -> Result<P>
    where
        T: Cell,
    {
        parse(self.cell(column)?).ok_or_else(|| self.corrupt(format!("column {column} can't be read")))
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

/// What a cell may be read as.
pub(super) trait Cell:
    Type<Sqlite> + Type<Postgres> + for<'r> Decode<'r, Sqlite> + for<'r> Decode<'r, Postgres>
{
}

impl<T> Cell for T where
    T: Type<Sqlite> + Type<Postgres> + for<'r> Decode<'r, Sqlite> + for<'r> Decode<'r, Postgres>
{
}

fn bound<DB>(text: SqlStr, values: Vec<Value>) -> Query<'static, DB, DB::Arguments>
where
    DB: Database,
    Option<i64>: for<'q> Encode<'q, DB> + Type<DB>,
    Option<String>: for<'q> Encode<'q, DB> + Type<DB>,
    Option<Vec<u8>>: for<'q> Encode<'q, DB> + Type<DB>,
{
    values.into_iter().fold(sqlx::query(text), |query, value| match value {
        Value::Int(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
        Value::Blob(value) => query.bind(value),
    })
}

/// Nothing but placeholders is added to the text.
fn with_list(
    sql: &'static str,
    mut values: Vec<Value>,
    list: impl IntoIterator<Item = Value>,
) -> (SqlStr, Vec<Value>) {
    let first = values.len() + 1;
    values.extend(list);
    let places: Vec<String> = (first..=values.len()).map(|place| format!("${place}")).collect();
    // An empty list matches nothing: `IN ()` is not SQL to PostgreSQL, `IN (NULL)` is to both.
    let places = if places.is_empty() { "NULL".to_owned() } else { places.join(", ") };
    (AssertSqlSafe(format!("{sql} ({places})")).into_sql_str(), values)
}
