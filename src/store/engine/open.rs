//! Open and migrate a database by its URL. A SQLite file, which contains sessions, is created with mode 0600.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use rusqlite::Connection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::{ConnectOptions, Connection as _};

use crate::domain::network::is_loopback;

use super::error::{Result, StoreError};
use super::migrations;
use super::retry::WAIT;
use super::sql::Db;
use super::sqlite::{Sqlite, SqliteOptions};

/// How long opening waits for another process that is opening the same file.
const BUSY: Duration = Duration::from_secs(5);
const POSTGRES_CONNECTIONS: u32 = 16;
/// More than we have statements, so that each is prepared once per connection.
const STATEMENTS: usize = 256;

pub(in crate::store) async fn open(url: &str) -> Result<Db> {
    if let Some(rest) = url.strip_prefix("sqlite:") {
        open_sqlite(SqliteUrl::parse(rest)?).await
    } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        open_postgres(url).await
    } else {
        Err(StoreError::Url("it must begin with sqlite: or postgres:".to_owned()))
    }
}

/// The part of the URL after `sqlite:`.
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

async fn open_sqlite(url: SqliteUrl) -> Result<Db> {
    let opened = tokio::task::spawn_blocking(move || {
        let file =
            protect(&url.path).map_err(|source| StoreError::File { path: url.path.clone(), source })?;
        let options = SqliteOptions { path: url.path, full: url.full };
        let mut connection = options.connect()?;
        connection.busy_timeout(BUSY)?;
        to_wal(&connection)?;
        migrations::run_sqlite(&mut connection)?;
        Ok(Db::Sqlite(Sqlite::new(options, connection, file)?))
    });
    opened.await.unwrap_or_else(|error| Err(StoreError::unavailable(error)))
}

/// Switches to WAL, which the file remembers. While another process does the same, SQLite may return "busy"
/// at once, whatever the timeout, so this is retried.
fn to_wal(connection: &Connection) -> Result<()> {
    for _ in 0..100 {
        if connection.pragma_update(None, "journal_mode", "wal").is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(connection.pragma_update(None, "journal_mode", "wal")?)
}

/// Creates the file before SQLite does (with the umask). Its `-wal` and `-shm` inherit the file's mode.
fn protect(path: &Path) -> std::io::Result<File> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
    let mode = file.metadata()?.permissions().mode();
    if mode & 0o077 != 0 {
        file.set_permissions(PermissionsExt::from_mode(0o600))?;
    }
    Ok(file)
}

async fn open_postgres(url: &str) -> Result<Db> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| StoreError::Url(error.to_string()))?
        .application_name("cloudsync-idp")
        .statement_cache_capacity(STATEMENTS)
        .disable_statement_logging();
    let options = without_brackets(options);
    if !is_protected(&options) {
        return Err(StoreError::Url(format!(
            "PostgreSQL on {} would be reached without verified TLS: an attacker on the network could read and change all \
             stored data. Add sslmode=verify-full to the URL (and sslrootcert=FILE for your own CA), or use a loopback \
             address or a socket",
            options.get_host()
        )));
    }
    let pool = PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(WAIT)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                // An idle connection may be dead (the server was restarted): ping it first.
                let fresh = meta.idle_for < Duration::from_secs(2);
                Ok::<_, sqlx::Error>(fresh || connection.ping().await.is_ok())
            })
        })
        .connect_with(options.clone())
        .await
        .map_err(|error| not_opened(error, options.get_host()))?;
    migrations::run_postgres(&pool).await?;
    Ok(Db::Postgres(pool))
}

/// A URL has an IPv6 address in brackets; a socket address has none.
fn without_brackets(options: PgConnectOptions) -> PgConnectOptions {
    let bare = options.get_host().strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    match bare.map(str::to_owned) {
        Some(bare) => options.host(&bare),
        None => options,
    }
}

/// Says what to do about a rejected certificate, or a CA file that is missing.
fn not_opened(error: sqlx::Error, host: &str) -> StoreError {
    if matches!(&error, sqlx::Error::Io(cause) if cause.kind() == std::io::ErrorKind::NotFound) {
        return StoreError::Url(
            "no such file: check the path of the socket and the file that sslrootcert names".to_owned(),
        );
    }
    let text = error.to_string();
    match text.split_once("invalid peer certificate: ") {
        Some((_, why)) => StoreError::Url(format!(
            "the certificate of PostgreSQL on {host} is not accepted ({why}). Set sslrootcert=FILE to the certificate of its CA, \
             and write the host as it is in the certificate"
        )),
        None => error.into(),
    }
}

/// True where nobody can listen, or respond in the server's place. Parts that the URL omits may come from
/// `PGHOST` and the like, so this reads the resolved options.
fn is_protected(options: &PgConnectOptions) -> bool {
    let here = options.get_socket().is_some() || options.get_host().starts_with('/');
    here || is_loopback(options.get_host()) || matches!(options.get_ssl_mode(), PgSslMode::VerifyFull)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_elsewhere_needs_verified_tls() {
        let protected = |url: &str| is_protected(&PgConnectOptions::from_str(url).expect("a URL"));
        for right in [
            "postgres://idp@localhost/idp",
            "postgres://idp@127.0.0.9:5433/idp?sslmode=disable",
            "postgres://idp@[::1]/idp",
            "postgres://idp@localhost/idp?host=/run/postgresql",
            "postgres://idp@db.example.com/idp?sslmode=verify-full",
            "postgres://idp@db.example.com/idp?sslmode=verify-full&sslrootcert=/etc/ca.pem",
        ] {
            assert!(protected(right), "{right}");
        }
        for wrong in [
            "postgres://idp@db.example.com/idp",
            "postgres://idp@10.0.0.1/idp?sslmode=require",
            "postgres://idp@db.example.com/idp?sslmode=verify-ca",
            "postgres://idp@localhost.example.com/idp?sslmode=prefer",
            "postgres://idp@localhost/idp?host=db.example.com",
            "postgres://idp@localhost/idp?hostaddr=10.0.0.1",
        ] {
            assert!(!protected(wrong), "{wrong}");
        }
    }

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
