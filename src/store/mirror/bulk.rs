//! Many rows by few statements. Their texts are few as well: each is prepared once, and a connection remembers 256.

use crate::store::error::Result;
use crate::store::sql::{Db, Row, Sql, Tx};
use crate::store::value::Value;

/// Rows of one statement at most, and items of one list.
const ROWS: usize = 128;
const LIST: usize = 512;

/// Runs `head (…), (…) tail` over rows of values.
pub(super) async fn execute_rows(
    tx: &mut Tx,
    head: &'static str,
    tail: &'static str,
    rows: Vec<Vec<Value>>,
) -> Result<u64> {
    let mut written = 0;
    let mut left = rows.len();
    let mut rows = rows.into_iter();
    while left > 0 {
        // Powers of two, so that there are eight texts and not a hundred.
        let many = if left >= ROWS { ROWS } else { 1 << left.ilog2() };
        let batch: Vec<Vec<Value>> = rows.by_ref().take(many).collect();
        let width = batch.first().map_or(0, Vec::len);
        let values = batch.into_iter().flatten().collect();
        written += tx.execute(over_rows(head, tail, many, width), values).await?;
        tokio::task::yield_now().await;
        left -= many;
    }
    Ok(written)
}

fn over_rows(head: &str, tail: &str, many: usize, width: usize) -> Sql {
    let one = format!("({})", vec!["?"; width].join(", "));
    let sqlite = format!("{head} {} {tail}", vec![one; many].join(", "));
    let mut postgres = String::with_capacity(sqlite.len() + 4 * many * width);
    let mut places = 1..;
    for part in sqlite.split_inclusive('?') {
        match (part.strip_suffix('?'), places.next()) {
            (Some(text), Some(place)) => postgres.push_str(&format!("{text}${place}")),
            _ => postgres.push_str(part),
        }
    }
    Sql { sqlite: sqlite.into(), postgres: postgres.into() }
}

/// Reads rows by a list of any length; `sql` ends in `IN`.
pub(super) async fn rows_in(
    tx: &mut Tx,
    sql: &'static str,
    values: Vec<Value>,
    list: Vec<Value>,
) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for list in list.chunks(LIST) {
        rows.extend(tx.rows_in(sql, values.clone(), list.iter().cloned()).await?);
        tokio::task::yield_now().await;
    }
    Ok(rows)
}

/// The same, outside of any transaction.
pub(super) async fn read_in(
    db: &Db,
    sql: &'static str,
    values: Vec<Value>,
    list: Vec<Value>,
) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for list in list.chunks(LIST) {
        rows.extend(db.rows_in(sql, values.clone(), list.iter().cloned()).await?);
    }
    Ok(rows)
}

/// Writes by a list of any length; `sql` ends in `IN`.
pub(super) async fn execute_in(
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
