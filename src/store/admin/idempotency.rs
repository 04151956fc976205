//! Requests of scripts that carry an idempotency key: the first one is carried out, later ones get its answer.

use crate::domain::Millis;
use crate::domain::secret::{Hashed, Sealed};
use crate::domain::{DAY, MINUTE};

use crate::store::AdminStore;
use crate::store::engine::counted::Counted;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::value::values;
use crate::store::login::sessions::hashed;

/// How long an answer is kept.
const KEEP: Millis = DAY;
/// How many keys of one actor are kept.
const MOST: i64 = 1_000;
/// How long a request may take; then its node has died, and nobody knows what it has done.
const LONGEST: Millis = 5 * MINUTE;

/// A request with an idempotency key.
#[derive(Clone, Copy, Debug)]
pub struct KeyedRequest<'a> {
    /// Who sends it, as in the audit log.
    pub actor: &'a str,
    pub key: &'a str,
    /// Digest of the path and the fields.
    pub request: &'a Hashed,
}

/// What is known of a request with this key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyedOutcome {
    /// It is the first one: carry it out.
    New,
    /// It was answered so.
    Answered(Sealed),
    /// It is being carried out, or its node has died.
    Running { abandoned: bool },
    /// Another request has this key.
    Other,
    /// So many keys of this actor are kept that there is no room for another.
    Full,
}

impl AdminStore<'_> {
    /// Begins a request, or finds the earlier one with the same key.
    pub async fn begin_keyed(&self, request: KeyedRequest<'_>, now: Millis) -> Result<KeyedOutcome> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            let KeyedRequest { actor, key, request } = request;
            tx.count_alone(Counted::Keyed).await?;
            let sql = "DELETE FROM admin_idempotency WHERE actor = $1 AND key = $2 AND made_at <= $3";
            tx.execute(sql, values![actor, key, now - KEEP]).await?;
            let sql = "INSERT INTO admin_idempotency (actor, key, request, made_at) SELECT $1, $2, $3, $4 \
                 WHERE (SELECT count(*) FROM admin_idempotency WHERE actor = $1) < $5 ON CONFLICT DO NOTHING";
            if tx.execute(sql, values![actor, key, request, now, MOST]).await? == 1 {
                tx.commit().await?;
                return Ok(KeyedOutcome::New);
            }
            let sql = "SELECT request, answer, made_at FROM admin_idempotency WHERE actor = $1 AND key = $2";
            let Some(row) = tx.row(sql, values![actor, key]).await? else {
                return Ok(KeyedOutcome::Full);
            };
            let cells = row.of("admin_idempotency", "made_at");
            if cells.parsed("request", hashed)? != *request {
                return Ok(KeyedOutcome::Other);
            }
            let made_at: Millis = cells.cell("made_at")?;
            Ok(match cells.cell::<Option<Vec<u8>>>("answer")? {
                Some(answer) => KeyedOutcome::Answered(Sealed(answer)),
                None => KeyedOutcome::Running { abandoned: now - made_at > LONGEST },
            })
        })
        .await
    }

    /// Keeps the answer. Without one the request was not carried out, and may be sent again.
    pub async fn end_keyed(&self, actor: &str, key: &str, answer: Option<&Sealed>) -> Result<()> {
        let (sql, values) = match answer {
            Some(answer) => {
                let sql = "UPDATE admin_idempotency SET answer = $3 WHERE actor = $1 AND key = $2";
                (sql, values![actor, key, answer.0.clone()])
            }
            None => ("DELETE FROM admin_idempotency WHERE actor = $1 AND key = $2", values![actor, key]),
        };
        self.store.db.execute(sql, values).await?;
        Ok(())
    }

    /// Removes old answers.
    pub(super) async fn expire_keyed(&self, now: Millis) -> Result<()> {
        self.store
            .db
            .execute("DELETE FROM admin_idempotency WHERE made_at <= $1", values![now - KEEP])
            .await?;
        Ok(())
    }
}
