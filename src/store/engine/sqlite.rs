//! SQLite, on the caller's thread. A statement takes some ten microseconds, less than a hand-over to another
//! thread and back; slow work (waiting for another process, the disk) never blocks an async thread.
//!
//! One connection writes, and also reads while nothing is being written: it still caches what it wrote, while
//! every write invalidates the caches of other connections. During a write, other connections read. A long
//! transaction yields now and then.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::types::Value as SqliteValue;
use rusqlite::{Connection, ErrorCode, ffi};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use tokio::time::{sleep, timeout};

use super::RESPONSE_TIMEOUT;
use super::error::{Result, StoreError};
use super::value::Value;

/// How long a writer waits before it retries while another process (a command) writes.
const AGAIN: Duration = Duration::from_millis(2);
/// How long a reader may block its thread in the rare moments when SQLite locks readers out of a WAL.
const READER_BUSY: Duration = Duration::from_millis(500);
/// Transactions, about ten megabytes, before a checkpoint, which writes a page changed often only once.
const COMMITS_PER_CHECKPOINT: u32 = 400;
/// About a millisecond of statements.
const STATEMENTS_PER_YIELD: u32 = 64;
/// In kilobytes; each reader keeps SQLite's default of at most two megabytes.
const WRITER_CACHE: i64 = -8_000;
/// More than we have statements, so that each is prepared once per connection.
const STATEMENTS: usize = 256;
/// More idle readers than this are closed.
const READERS: usize = 8;

#[derive(Clone)]
pub(in crate::store) struct Sqlite {
    options: Arc<SqliteOptions>,
    writer: Arc<AsyncMutex<WriterConnection>>,
    readers: Arc<Mutex<Vec<Connection>>>,
}

#[derive(Debug)]
pub(in crate::store) struct SqliteOptions {
    pub path: PathBuf,
    /// Whether a commit waits for the disk.
    pub full: bool,
}

struct WriterConnection {
    connection: Connection,
    commits: u32,
}

pub(in crate::store) struct SqliteRow {
    columns: Arc<[String]>,
    cells: Vec<SqliteValue>,
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sqlite({})", self.options.path.display())
    }
}

impl SqliteOptions {
    pub fn connect(&self) -> Result<Connection, rusqlite::Error> {
        let connection = Connection::open(&self.path)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.busy_timeout(READER_BUSY)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "synchronous", if self.full { "full" } else { "normal" })?;
        // A fallback: checkpoints run separately, off the async threads.
        connection.pragma_update(None, "wal_autocheckpoint", 20_000)?;
        Ok(connection)
    }
}

impl Sqlite {
    pub fn new(options: SqliteOptions, writer: Connection) -> Result<Self> {
        writer.busy_timeout(Duration::ZERO)?;
        writer.pragma_update(None, "cache_size", WRITER_CACHE)?;
        let writer = WriterConnection { connection: writer, commits: 0 };
        Ok(Self {
            options: Arc::new(options),
            writer: Arc::new(AsyncMutex::new(writer)),
            readers: Arc::default(),
        })
    }

    /// Reads outside a transaction.
    pub fn rows(&self, sql: &str, values: &[Value]) -> Result<Vec<SqliteRow>> {
        if let Ok(writer) = self.writer.try_lock() {
            match query(&writer.connection, sql, values) {
                // The writer's connection never waits for a lock; a reader's does.
                Err(error) if is_busy(&error) => {}
                answer => return Ok(answer?),
            }
        }
        let connection = self.reader()?;
        let rows = query(&connection, sql, values)?;
        let mut idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < READERS {
            idle.push(connection);
        }
        Ok(rows)
    }

    fn reader(&self) -> Result<Connection> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(connection) = idle {
            return Ok(connection);
        }
        let connection = self.options.connect()?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(connection)
    }

    /// Begins a writing transaction, exclusive from its first statement.
    pub async fn begin(&self) -> Result<SqliteTx> {
        let begun = async {
            let writer = self.writer.clone().lock_owned().await;
            loop {
                match run(&writer.connection, "BEGIN IMMEDIATE") {
                    Ok(()) => return Ok(writer),
                    Err(error) if is_busy(&error) => {}
                    Err(error) => return Err(error.into()),
                }
                sleep(AGAIN).await;
            }
        };
        let waited = timeout(RESPONSE_TIMEOUT, begun).await;
        let writer = waited.unwrap_or_else(|elapsed| Err(StoreError::unavailable(elapsed)))?;
        Ok(SqliteTx { writer: Some(writer), full: self.options.full, statements: 0 })
    }
}

pub(in crate::store) struct SqliteTx {
    /// `None` after the commit.
    writer: Option<OwnedMutexGuard<WriterConnection>>,
    full: bool,
    statements: u32,
}

impl SqliteTx {
    /// Yields to other tasks of this thread after some statements: a batch may have thousands.
    pub async fn yield_sometimes(&mut self) {
        self.statements += 1;
        if self.statements.is_multiple_of(STATEMENTS_PER_YIELD) {
            tokio::task::yield_now().await;
        }
    }

    pub fn rows(&mut self, sql: &str, values: &[Value]) -> Result<Vec<SqliteRow>, rusqlite::Error> {
        query(self.connection()?, sql, values)
    }

    pub fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, rusqlite::Error> {
        let mut statement = self.connection()?.prepare_cached(sql)?;
        bind(&mut statement, values)?;
        Ok(statement.raw_execute()? as u64)
    }

    pub async fn commit(mut self) -> Result<()> {
        let Some(mut writer) = self.writer.take() else { return Ok(()) };
        let unwritten = SqliteTx { writer: None, full: self.full, statements: 0 };
        if !self.full {
            return unwritten.finish(writer);
        }
        // The disk may be slow.
        let done = tokio::task::spawn_blocking(move || {
            writer.commits = 0;
            unwritten.finish(writer)
        });
        done.await.unwrap_or_else(|error| Err(StoreError::unavailable(error)))
    }

    fn finish(mut self, mut writer: OwnedMutexGuard<WriterConnection>) -> Result<()> {
        let committed = run(&writer.connection, "COMMIT");
        if let Err(error) = committed {
            // Dropping rolls back.
            self.writer = Some(writer);
            return Err(error.into());
        }
        writer.commits += 1;
        if writer.commits >= COMMITS_PER_CHECKPOINT {
            writer.commits = 0;
            checkpoint(writer);
        }
        Ok(())
    }

    fn connection(&self) -> Result<&Connection, rusqlite::Error> {
        self.writer.as_ref().map(|writer| &writer.connection).ok_or(rusqlite::Error::InvalidQuery)
    }
}

impl Drop for SqliteTx {
    fn drop(&mut self) {
        if let Some(writer) = &self.writer
            && let Err(error) = run(&writer.connection, "ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }
}

fn run(connection: &Connection, sql: &str) -> Result<(), rusqlite::Error> {
    connection.prepare_cached(sql)?.raw_execute()?;
    Ok(())
}

/// Checkpoints the WAL. The writer is locked meanwhile, so that the WAL can be emptied and restarted.
fn checkpoint(writer: OwnedMutexGuard<WriterConnection>) {
    tokio::task::spawn_blocking(move || {
        let done = writer.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        if let Err(error) = done {
            tracing::warn!(%error, "the write-ahead log could not be written back");
        }
    });
}

fn query(connection: &Connection, sql: &str, values: &[Value]) -> Result<Vec<SqliteRow>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(sql)?;
    let columns: Arc<[String]> = statement.column_names().into_iter().map(str::to_owned).collect();
    bind(&mut statement, values)?;
    let mut rows = statement.raw_query();
    let mut read = Vec::new();
    while let Some(row) = rows.next()? {
        let cells = (0..columns.len()).map(|index| row.get(index)).collect::<Result<_, _>>()?;
        read.push(SqliteRow { columns: columns.clone(), cells });
    }
    Ok(read)
}

/// SQLite treats `$5` as a name and numbers the placeholders by first occurrence, so the number in the name
/// says which value is meant. A bare `?` is the value at its position; looking up names takes time that grows
/// with their number.
fn bind(statement: &mut rusqlite::CachedStatement<'_>, values: &[Value]) -> Result<(), rusqlite::Error> {
    for place in 1..=statement.parameter_count() {
        let number = match statement.parameter_name(place) {
            Some(name) => name.get(1..).and_then(|number| number.parse::<usize>().ok()),
            None => Some(place),
        };
        let value = number.and_then(|number| values.get(number.checked_sub(1)?));
        let value = value.ok_or(rusqlite::Error::InvalidParameterCount(values.len(), place))?;
        statement.raw_bind_parameter(place, value)?;
    }
    Ok(())
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

/// True for the violation of a unique constraint or a primary key.
pub(in crate::store) fn is_unique(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error().map(|error| error.extended_code);
    matches!(code, Some(ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY))
}

impl SqliteRow {
    pub fn cell<T: rusqlite::types::FromSql>(&self, column: &str) -> Result<T, String> {
        let index = self.columns.iter().position(|name| name == column);
        let cell =
            index.and_then(|index| self.cells.get(index)).ok_or_else(|| format!("no column {column}"))?;
        T::column_result(cell.into()).map_err(|error| format!("column {column}: {error}"))
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        match self {
            Self::Int(value) => value.to_sql(),
            Self::Text(value) => value.to_sql(),
            Self::Blob(value) => value.to_sql(),
        }
    }
}
