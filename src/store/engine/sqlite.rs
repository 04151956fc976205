//! SQLite, on the caller's thread. A statement takes some ten microseconds, less than a hand-over to another
//! thread and back; slow work (waiting for another process, the disk) never blocks an async thread.
//!
//! One connection writes, and also reads while nothing is being written: it still caches what it wrote, while
//! every write invalidates the caches of other connections. During a write, other connections read. A long
//! transaction yields now and then.

use std::fmt;
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::types::Value as SqliteValue;
use rusqlite::{Connection, ErrorCode, ffi};
use tokio::sync::Mutex as AsyncMutex;
use tokio::time::{sleep, timeout};

use super::RESPONSE_TIMEOUT;
use super::checkpoint::{self, Checkpointer, LogMark};
use super::error::{Result, StoreError};
use super::turns::{Turn, Turns};
use super::value::Value;

/// How long a writer waits before it retries while another process (a command) writes.
const AGAIN: Duration = Duration::from_millis(2);
/// How long a reader may block its thread in the rare moments when SQLite locks readers out of a WAL.
const READER_BUSY: Duration = Duration::from_millis(500);
/// About a millisecond of statements.
const STATEMENTS_PER_YIELD: u32 = 64;
/// In kilobytes; each reader keeps SQLite's default of at most two megabytes.
const WRITER_CACHE: i64 = -8_000;
/// More than we have statements, so that each is prepared once per connection.
const STATEMENTS: usize = 256;
/// More idle readers than this are closed.
const READERS: usize = 8;

#[derive(Clone)]
pub(in crate::store) struct Sqlite(Arc<Connections>);

struct Connections {
    options: SqliteOptions,
    readers: Mutex<Vec<Connection>>,
    /// Locked by whoever has the turn.
    writer: Mutex<WriterConnection>,
    turns: Arc<Turns>,
    /// After the other connections: it closes the file, and must be the last.
    checkpointer: Arc<AsyncMutex<Checkpointer>>,
}

#[derive(Debug)]
pub(in crate::store) struct SqliteOptions {
    pub path: PathBuf,
    /// Whether a commit waits for the disk.
    pub full: bool,
}

struct WriterConnection {
    connection: Connection,
    checkpointed: LogMark,
}

pub(in crate::store) struct SqliteRow {
    columns: Arc<[String]>,
    cells: Vec<SqliteValue>,
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sqlite({})", self.0.options.path.display())
    }
}

impl SqliteOptions {
    pub fn connect(&self) -> Result<Connection, rusqlite::Error> {
        let connection = Connection::open(&self.path)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.busy_timeout(READER_BUSY)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "synchronous", if self.full { "full" } else { "normal" })?;
        // Checkpoints run beside the writes.
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        Ok(connection)
    }
}

impl Sqlite {
    /// The opened `file` stays open as long as the connections to it.
    pub fn new(options: SqliteOptions, writer: Connection, file: File) -> Result<Self> {
        writer.busy_timeout(Duration::ZERO)?;
        writer.pragma_update(None, "cache_size", WRITER_CACHE)?;
        writer.pragma_update(None, "journal_size_limit", checkpoint::LOG_FILE)?;
        checkpoint::watch_log(&writer);
        let checkpointer = Checkpointer::new(options.connect()?, file)?;
        let connections = Connections {
            options,
            readers: Mutex::default(),
            writer: Mutex::new(WriterConnection { connection: writer, checkpointed: LogMark::default() }),
            turns: Turns::new(),
            checkpointer: Arc::new(AsyncMutex::new(checkpointer)),
        };
        Ok(Self(Arc::new(connections)))
    }

    /// Reads outside a transaction.
    pub fn rows(&self, sql: &str, values: &[Value]) -> Result<Vec<SqliteRow>> {
        if let Some(_turn) = self.0.turns.try_take() {
            match query(&self.0.writer().connection, sql, values) {
                // The writer's connection never waits for a lock; a reader's does.
                Err(error) if is_busy(&error) => {}
                answer => return Ok(answer?),
            }
        }
        self.rows_beside(sql, values)
    }

    /// Reads beside the writes: for what may take long.
    pub fn rows_beside(&self, sql: &str, values: &[Value]) -> Result<Vec<SqliteRow>> {
        let connection = self.reader()?;
        let rows = query(&connection, sql, values)?;
        let mut idle = self.0.idle_readers();
        if idle.len() < READERS {
            idle.push(connection);
        }
        Ok(rows)
    }

    fn reader(&self) -> Result<Connection> {
        let idle = self.0.idle_readers().pop();
        if let Some(connection) = idle {
            return Ok(connection);
        }
        let connection = self.0.options.connect()?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(connection)
    }

    /// Begins a writing transaction, exclusive from its first statement.
    pub async fn begin(&self) -> Result<SqliteTx> {
        let begun = async {
            let turn = self.0.turns.take().await;
            loop {
                match run(&self.0.writer().connection, "BEGIN IMMEDIATE") {
                    Ok(()) => return Ok(turn),
                    Err(error) if is_busy(&error) => {}
                    Err(error) => return Err(error.into()),
                }
                sleep(AGAIN).await;
            }
        };
        let waited = timeout(RESPONSE_TIMEOUT, begun).await;
        let turn = waited.unwrap_or_else(|elapsed| Err(StoreError::unavailable(elapsed)))?;
        Ok(SqliteTx { connections: self.0.clone(), turn: Some(turn), statements: 0 })
    }
}

impl Connections {
    fn writer(&self) -> MutexGuard<'_, WriterConnection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Unless one is still being made: the disk is slow then, and the next commit asks again.
    fn checkpoint_if_due(&self, pages: u32) {
        let mut writer = self.writer();
        if writer.checkpointed.is_due(pages)
            && let Ok(checkpointer) = self.checkpointer.clone().try_lock_owned()
        {
            writer.checkpointed.begun(pages);
            checkpoint::start(checkpointer, self.turns.clone());
        }
    }

    fn idle_readers(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(in crate::store) struct SqliteTx {
    connections: Arc<Connections>,
    /// `None` after the commit.
    turn: Option<Turn>,
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
        query(&self.connections.writer().connection, sql, values)
    }

    pub fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, rusqlite::Error> {
        let writer = self.connections.writer();
        let mut statement = writer.connection.prepare_cached(sql)?;
        bind(&mut statement, values)?;
        Ok(statement.raw_execute()? as u64)
    }

    pub async fn commit(self) -> Result<()> {
        if !self.connections.options.full {
            return self.finish();
        }
        // The disk may be slow.
        let done = tokio::task::spawn_blocking(move || self.finish());
        done.await.unwrap_or_else(|error| Err(StoreError::unavailable(error)))
    }

    fn finish(mut self) -> Result<()> {
        // Dropped with its turn, the transaction is rolled back.
        run(&self.connections.writer().connection, "COMMIT")?;
        if let Some(pages) = checkpoint::log_after_commit() {
            self.connections.checkpoint_if_due(pages);
        }
        self.turn = None;
        Ok(())
    }
}

impl Drop for SqliteTx {
    fn drop(&mut self) {
        if self.turn.is_some()
            && let Err(error) = run(&self.connections.writer().connection, "ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }
}

fn run(connection: &Connection, sql: &str) -> Result<(), rusqlite::Error> {
    connection.prepare_cached(sql)?.raw_execute()?;
    Ok(())
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

#[cfg(test)]
mod tests;
