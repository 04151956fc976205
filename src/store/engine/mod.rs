//! The SQL engine under all stores, for SQLite and PostgreSQL:
//!
//! - `retry`: retry while the database is unreachable
//! - `bulk`: write and read many rows with few statements
//! - `checkpoint`: write SQLite's log back into its file
//! - `columns`: build an `INSERT` or `UPDATE` from columns and values
//! - `commit`: commit a transaction, with what is to be delivered to other services
//! - `counted`: count rows and add one, so that a limit holds
//! - `dialect`: how the two databases write placeholders
//! - `error`: the errors of the store, by cause
//! - `select`: build a `SELECT` with optional conditions
//! - `growth`: refresh PostgreSQL's statistics of tables that grow fast
//! - `migrations`: the schema and its versions
//! - `open`: open a database from its URL
//! - `sql`: statements, rows and transactions for both databases
//! - `sqlite`: the SQLite connections
//! - `turns`: give the connection that writes to one task after the other
//! - `value`: the values that statements bind
//! - `wake`: wake what waits for a commit
//! - `wishes`: what a transaction has to note for delivery

pub(super) mod bulk;
pub(super) mod checkpoint;
pub(super) mod columns;
pub(super) mod commit;
pub(super) mod counted;
pub(super) mod dialect;
pub(super) mod error;
pub(super) mod growth;
pub(super) mod migrations;
pub(super) mod open;
pub(super) mod retry;
pub(super) mod select;
pub(super) mod sql;
pub(super) mod sqlite;
pub(super) mod turns;
pub(super) mod value;
pub(super) mod wake;
pub(super) mod wishes;

use std::time::Duration;

/// The longest wait for a response, or for a connection.
pub(in crate::store) const RESPONSE_TIMEOUT: Duration = Duration::from_secs(4);
