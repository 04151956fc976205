//! From a URL to an open, migrated database. A SQLite file is made with mode 0600: it holds everybody's sessions.

use std::fs::OpenOptions;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::error::{Result, StoreError};
use super::migrations;
use super::sql::Db;

/// How long a writer waits for another process (a command) to finish its transaction.
const BUSY: Duration = Duration::from_secs(5);
/// How long a request may wait for a connection before it is told that the store is unavailable.
const ACQUIRE: Duration = Duration::from_secs(4);
const READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 16;
/// More than we have statements, so that each is prepared once per connection.
const STATEMENTS: usize = 256;

pub(super) async fn open(url: &str) -> Result<Db> {
    if let Some(rest) = url.strip_prefix("sqlite:") {
        open_sqlite(&SqliteUrl::parse(rest)?).await
    } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        open_postgres(url).await
    } else {
        Err(StoreError::Url("it must begin with sqlite: or postgres:".to_owned()))
    }
}

/// What stands behind `sqlite:`.
#[derive(Debug, PartialEq)]
struct SqliteUrl {
    path: PathBuf,
    full: bool,
}

impl SqliteUrl {
    fn parse(rest: &str) -> Result<Self> {
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path.contains(":memory:") {
            return Err(StoreError::Url("sqlite: needs the path of a file".to_owned()));
        }
        let full = match query {
            "" | "synchronous=normal" => false,
            "synchronous=full" => true,
            other => {
                return Err(StoreError::Url(format!("{other:?}: only synchronous=normal|full is known")));
            }
        };
        Ok(Self { path: path.into(), full })
    }
}

async fn open_sqlite(url: &SqliteUrl) -> Result<Db> {
    protect(&url.path).map_err(|source| StoreError::File { path: url.path.clone(), source })?;
    let synchronous = if url.full { SqliteSynchronous::Full } else { SqliteSynchronous::Normal };
    let options = SqliteConnectOptions::new()
        .filename(&url.path)
        .busy_timeout(BUSY)
        .foreign_keys(true)
        .synchronous(synchronous)
        .statement_cache_capacity(STATEMENTS)
        .disable_statement_logging();
    to_wal(&options).await?;
    let pool = |connections| {
        // A file does not go away between two statements, so nothing is tested before use and nothing is closed.
        SqlitePoolOptions::new()
            .min_connections(connections)
            .max_connections(connections)
            .acquire_timeout(ACQUIRE)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
    };
    let writer = pool(1).connect_with(options.clone()).await?;
    migrations::run_sqlite(&writer).await?;
    let readers = pool(READERS).connect_with(options.pragma("query_only", "on")).await?;
    Ok(Db::Sqlite { writer, readers })
}

/// The mode stays in the file. While another process makes the same step SQLite may answer "busy" at once, whatever the
/// time-out, so that is asked again.
async fn to_wal(options: &SqliteConnectOptions) -> Result<()> {
    let mut tries = 0;
    loop {
        let opened =
            SqliteConnection::connect_with(&options.clone().journal_mode(SqliteJournalMode::Wal)).await;
        match opened {
            Ok(connection) => return Ok(connection.close().await?),
            Err(error) if tries >= 50 => return Err(error.into()),
            Err(_) => tries += 1,
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Makes the file before SQLite would (with the mode of the umask). Its `-wal` and `-shm` take over the file's mode.
fn protect(path: &Path) -> std::io::Result<()> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
    let mode = file.metadata()?.permissions().mode();
    if mode & 0o077 != 0 {
        file.set_permissions(PermissionsExt::from_mode(0o600))?;
    }
    Ok(())
}

async fn open_postgres(url: &str) -> Result<Db> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| StoreError::Url(error.to_string()))?
        .application_name("cloudsync-idp")
        .statement_cache_capacity(STATEMENTS)
        .disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(ACQUIRE)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                // One that lay idle may be dead (the server was restarted): ask it first.
                let fresh = meta.idle_for < Duration::from_secs(2);
                Ok::<_, sqlx::Error>(fresh || Connection::ping(connection).await.is_ok())
            })
        })
        .connect_with(options)
        .await?;
    migrations::run_postgres(&pool).await?;
    Ok(Db::Postgres(pool))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sqlite_url_is_a_path_and_one_switch() {
        let read = |rest| SqliteUrl::parse(rest).ok().map(|url| (url.path.display().to_string(), url.full));
        assert_eq!(read("/var/lib/x/idp.db"), Some(("/var/lib/x/idp.db".into(), false)));
        assert_eq!(read("///var/lib/x/idp.db"), Some(("/var/lib/x/idp.db".into(), false)));
        assert_eq!(read("idp.db?synchronous=full"), Some(("idp.db".into(), true)));
        assert_eq!(read("idp.db?mode=ro"), None);
        assert_eq!(read(":memory:"), None);
        assert_eq!(read(""), None);
    }
}
