//! SQL for both databases: statements, values, transactions, waiting for a database that is away, migrations.

pub(super) mod again;
pub(super) mod bulk;
pub(super) mod error;
pub(super) mod filter;
pub(super) mod growth;
pub(super) mod migrations;
pub(super) mod open;
pub(super) mod sql;
pub(super) mod sqlite;
pub(super) mod value;
