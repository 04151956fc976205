//! Shared by the integration tests: the lab's servers, and the actors that use the provider.

pub mod browser;
pub mod lab;
pub mod logout_server;
pub mod phone;
pub mod provider;
pub mod ranges;
pub mod relay;
pub mod relying_party;
pub mod rows;
pub mod scim_target;
pub mod stand_in;
pub mod story;
pub mod subtree;
pub mod token_endpoint;
pub mod visitor;

use std::io::Write as _;
use std::time::{Duration, Instant};

use cloudsync_idp::directory::{Bound, Directory, DirectoryError};
use cloudsync_idp::domain::admin::Actor;
use cloudsync_idp::domain::entry::Entry;
use cloudsync_idp::domain::secret::Plain;

/// How often a test repeats something: `full` times in `make verify`.
pub fn count(few: usize, full: usize) -> usize {
    if std::env::var("CLOUDSYNC_TEST_COUNTS").is_ok_and(|counts| counts == "full") { full } else { few }
}

/// A help desk that acts by commands.
pub fn desk() -> Actor {
    Actor::command("desk@test".to_owned())
}

/// Prints a measurement, whether the test passes or not: `make verify` keeps these lines.
pub fn measured(what: &str) {
    let _ = writeln!(std::io::stderr(), "measured: {what}");
}

/// Polls until the condition holds; a timeout fails with what was expected.
pub async fn until(what: &str, so: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !so().await {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Binds as a person, once.
pub async fn bind(
    directory: &Directory,
    entry: &Entry,
    password: &Plain,
    deadline: tokio::time::Instant,
) -> Result<Bound, DirectoryError> {
    let permit = directory.bind_permit(deadline).await?;
    directory.bind_in(permit, entry, password, deadline).await
}

/// Writes to the database past the store.
pub async fn raw_sql(url: &str, sql: &str) {
    match url.strip_prefix("sqlite:") {
        Some(path) => {
            let path = path.split('?').next().unwrap_or(path);
            rusqlite::Connection::open(path).expect("the file opens").execute_batch(sql).expect("it writes");
        }
        None => {
            let pool = sqlx::PgPool::connect(url).await.expect("a connection");
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&pool).await.expect("it writes");
        }
    }
}
