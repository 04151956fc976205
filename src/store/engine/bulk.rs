//! Write and read many rows with few statements. There are few distinct statement texts as well: each is
//! prepared once, and a connection caches 256.

use super::columns::Columns;
use super::error::Result;
use super::sql::{Db, DbRow, Dialect, Sql, Tx};
use super::value::Value;

/// The most rows per statement, and the most values per `IN` list.
const ROWS: usize = 128;
const LIST: usize = 512;

/// Runs `head (…), (…) tail` over rows of values; returns how many rows it wrote.
pub(in crate::store) async fn execute_rows(
    tx: &mut Tx,
    head: &'static str,
    tail: &'static str,
    rows: Vec<Vec<Value>>,
) -> Result<u64> {
    let mut written = 0;
    for (many, width, values) in Batches(rows.into_iter()) {
        written += tx.execute(over_rows(tx.dialect(), head, tail, many, width), values).await?;
        tokio::task::yield_now().await;
    }
    Ok(written)
}

/// Inserts rows that all have the same columns, with a `tail` that returns rows (`RETURNING`).
pub(in crate::store) async fn insert_rows(
    tx: &mut Tx,
    table: &'static str,
    tail: &'static str,
    rows: Vec<Columns>,
) -> Result<Vec<DbRow>> {
    let Some(head) = rows.first().map(|row| row.insert_head(table)) else { return Ok(Vec::new()) };
    let rows: Vec<Vec<Value>> = rows.into_iter().map(Columns::into_values).collect();
    let mut returned = Vec::new();
    for (many, width, values) in Batches(rows.into_iter()) {
        returned.extend(tx.rows(over_rows(tx.dialect(), &head, tail, many, width), values).await?);
        tokio::task::yield_now().await;
    }
    Ok(returned)
}

/// Batches in powers of two, so that there are eight statement texts and not a hundred.
struct Batches(std::vec::IntoIter<Vec<Value>>);

impl Iterator for Batches {
    /// The number of rows, the length of each, and the values of all of them.
    type Item = (usize, usize, Vec<Value>);

    fn next(&mut self) -> Option<Self::Item> {
        let left = self.0.len();
        let many = if left >= ROWS { ROWS } else { 1 << left.checked_ilog2()? };
        let width = self.0.as_slice().first().map_or(0, Vec::len);
        Some((many, width, self.0.by_ref().take(many).flatten().collect()))
    }
}

fn over_rows(dialect: Dialect, head: &str, tail: &str, many: usize, width: usize) -> String {
    let mut text = format!("{head} ");
    for row in 0..many {
        text.push_str(if row == 0 { "(" } else { ", (" });
        dialect.placeholders(&mut text, row * width + 1, width);
        text.push(')');
    }
    text + " " + tail
}

/// Reads rows for a list of any length; `sql` ends in `IN`.
pub(in crate::store) async fn rows_in(
    tx: &mut Tx,
    sql: &'static str,
    values: Vec<Value>,
    list: Vec<Value>,
) -> Result<Vec<DbRow>> {
    let mut rows = Vec::new();
    for list in list.chunks(LIST) {
        rows.extend(tx.rows_in(sql, values.clone(), list.iter().cloned()).await?);
        tokio::task::yield_now().await;
    }
    Ok(rows)
}

/// The same, outside a transaction.
pub(in crate::store) async fn read_in(
    db: &Db,
    sql: impl Into<Sql>,
    values: Vec<Value>,
    list: Vec<Value>,
) -> Result<Vec<DbRow>> {
    let sql = sql.into();
    let mut rows = Vec::new();
    for list in list.chunks(LIST) {
        rows.extend(db.rows_in(sql.clone(), values.clone(), list.iter().cloned()).await?);
    }
    Ok(rows)
}

/// Writes for a list of any length; `sql` ends in `IN`.
pub(in crate::store) async fn execute_in(
    tx: &mut Tx,
    sql: &'static str,
    values: Vec<Value>,
    list: Vec<Value>,
) -> Result<u64> {
    let mut written = 0;
    for list in list.chunks(LIST) {
        written += tx.execute_in(sql, values.clone(), list.iter().cloned()).await?;
        tokio::task::yield_now().await;
    }
    Ok(written)
}
