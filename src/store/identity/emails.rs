//! Update the keys of email addresses that an older version case-folded like names: once, so that an
//! international domain and its encoded form are one address.

use crate::domain::email;

use crate::store::engine::error::Result;
use crate::store::engine::sql::{Db, Tx};
use crate::store::engine::value::values;

/// The name in the table `facts` that says the update is done.
const DONE: &str = "email_keys";

pub(in crate::store) async fn bring_up_to_date(db: &Db) -> Result<()> {
    if db.row("SELECT name FROM facts WHERE name = $1", values![DONE]).await?.is_some() {
        return Ok(());
    }
    let mut tx = db.begin().await?;
    accounts(&mut tx).await?;
    mirror(&mut tx).await?;
    let sql = "INSERT INTO facts (name, at) VALUES ($1, 0) ON CONFLICT (name) DO NOTHING";
    tx.execute(sql, values![DONE]).await?;
    tx.commit().await
}

async fn accounts(tx: &mut Tx) -> Result<()> {
    let sql = "SELECT id, email, email_key FROM accounts \
         WHERE length(email_key) <> octet_length(email_key) OR email_key LIKE '%xn--%'";
    for row in tx.rows(sql, Vec::new()).await? {
        let cells = row.of("accounts", "id");
        let (id, key) = (cells.cell::<String>("id")?, email::key(&cells.cell::<String>("email")?));
        if key == cells.cell::<String>("email_key")? {
            continue;
        }
        let sql = "UPDATE accounts SET email_key = $2 WHERE id = $1";
        if tx.execute_unique(sql, values![&id, &key]).await?.is_none() {
            tracing::warn!(account = id, "another account has the same email address in another spelling");
        }
    }
    Ok(())
}

async fn mirror(tx: &mut Tx) -> Result<()> {
    let sql = "SELECT directory, id, mail_key FROM mirror_objects WHERE mail_key IS NOT NULL \
         AND (length(mail_key) <> octet_length(mail_key) OR mail_key LIKE '%xn--%')";
    for row in tx.rows(sql, Vec::new()).await? {
        let cells = row.of("mirror_objects", "mail_key");
        let key = email::key(&cells.cell::<String>("mail_key")?);
        let sql = "UPDATE mirror_objects SET mail_key = $3, dirty = abs(dirty) + 1 WHERE directory = $1 AND id = $2";
        let id = cells.cell::<Vec<u8>>("id")?;
        tx.execute(sql, values![cells.cell::<String>("directory")?, id, key]).await?;
    }
    Ok(())
}
