//! Store authenticators. A code is used up by one statement that compares and writes its time step: of two
//! nodes that see the same code at the same instant, one changes a row.

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::audit::{Decision, Event};
use crate::domain::audit_change::ValueChange;
use crate::domain::factor::{Factor, FactorId, FactorKind};
use crate::domain::secret::{Hashed, Sealed};

use super::{lock, recovery};
use crate::store::IdentityStore;
use crate::store::engine::error::{Result, StoreError};
use crate::store::engine::retry::retry;
use crate::store::engine::sql::{Cells, DbRow, Tx, locked};
use crate::store::engine::value::values;
use crate::store::trail::audit;

/// How a new factor relates to those that the account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adding {
    /// It must be the first.
    First,
    Another,
    /// It replaces all others: the phone is lost.
    Instead,
}

/// The result of adding a factor. Only `Added` and `AddedBesideCodes` wrote anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddOutcome {
    /// The factor and its recovery codes are written and valid.
    Added,
    /// The factor is written; the existing recovery codes stay valid.
    AddedBesideCodes,
    /// The account already has a factor.
    NotFirst,
    /// The account has changed since it was judged: suspended, reset, gone.
    Stale,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, account, kind, parameters, name, sealed_secret, last_step, created_at, used_at FROM factors ",
            $rest
        )
    };
}

const INSERT: &str = "INSERT INTO factors \
    (id, account, kind, parameters, name, sealed_secret, last_step, created_at, used_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/// RFC 6238 section 5.2: "The verifier MUST NOT accept the second attempt of the OTP after the successful
/// validation has been issued for the first OTP." Nor a code of an earlier step, also after the clock was set
/// back.
const SPEND: &str = "UPDATE factors SET last_step = $2, used_at = $3 \
    WHERE id = $1 AND (last_step IS NULL OR last_step < $2)";

impl IdentityStore<'_> {
    /// The factors of an account, the oldest first.
    pub async fn factors(&self, account: &AccountId) -> Result<Vec<Factor>> {
        let sql = select!("WHERE account = $1 ORDER BY created_at, id");
        self.store.db.rows(sql, values![account]).await?.iter().map(factor).collect()
    }

    /// Adds a factor to an active account of this generation, with the digests of its recovery codes, and
    /// writes the event: all in one transaction, during which the account is locked. Two factors can't both
    /// be the first.
    pub async fn add_factor(
        &self,
        factor: &Factor,
        adding: Adding,
        generation: i64,
        codes: &[Hashed],
        event: &Event,
    ) -> Result<AddOutcome> {
        retry(|| self.try_add_factor(factor, adding, generation, codes, event)).await
    }

    async fn try_add_factor(
        &self,
        factor: &Factor,
        adding: Adding,
        generation: i64,
        codes: &[Hashed],
        event: &Event,
    ) -> Result<AddOutcome> {
        let mut tx = self.store.db.begin().await?;
        if !lock::hold(&mut tx, &factor.account, generation).await? {
            return Ok(AddOutcome::Stale);
        }
        match adding {
            Adding::First if has_any(&mut tx, &factor.account).await? => return Ok(AddOutcome::NotFirst),
            Adding::Instead => {
                tx.execute("DELETE FROM factors WHERE account = $1", values![&factor.account]).await?;
            }
            Adding::First | Adding::Another => {}
        }
        insert(&mut tx, factor).await?;
        let keep = adding == Adding::Another && recovery::left(&mut tx, &factor.account).await? > 0;
        if !keep {
            recovery::replace(&mut tx, &factor.account, codes, event.at).await?;
        }
        audit::insert(&mut tx, event).await?;
        tx.commit().await?;
        Ok(if keep { AddOutcome::AddedBesideCodes } else { AddOutcome::Added })
    }

    /// Adds imported factors, each to an account that has none and with an event of its own; returns the accounts
    /// that got one.
    pub async fn import_factors(&self, factors: &[Factor], event: &Event) -> Result<Vec<AccountId>> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            let mut given = Vec::new();
            for factor in factors {
                let sql = locked!("SELECT id FROM accounts WHERE id = $1");
                if tx.row(sql, values![&factor.account]).await?.is_none()
                    || has_any(&mut tx, &factor.account).await?
                {
                    continue;
                }
                insert(&mut tx, factor).await?;
                let added = Event { decision: Decision::FactorAdded, detail: None, ..event.clone() };
                let added = added.about(&factor.account, None).changing([ValueChange::new("factors", 0, 1)]);
                audit::insert(&mut tx, &added).await?;
                given.push(factor.account.clone());
            }
            let added = ValueChange::added("added factors", given.len());
            audit::insert(&mut tx, &event.clone().changing([added])).await?;
            tx.commit().await?;
            Ok(given)
        })
        .await
    }

    /// Uses up the code of this step: true for one caller only, and only for a step newer than the last.
    pub async fn use_totp(&self, factor: &FactorId, step: i64, now: Millis) -> Result<bool> {
        Ok(self.store.db.execute(SPEND, values![factor, step, now]).await? == 1)
    }

    /// Renames a factor of this account.
    pub async fn rename_factor(&self, account: &AccountId, factor: &FactorId, name: &str) -> Result<bool> {
        let sql = "UPDATE factors SET name = $3 WHERE id = $2 AND account = $1";
        Ok(self.store.db.execute(sql, values![account, factor, name]).await? == 1)
    }

    /// Removes a factor of this account; with the last one, the recovery codes and the remembered browsers.
    /// The last one is removed only if `even_last`. False: nothing was removed.
    pub async fn remove_factor(
        &self,
        account: &AccountId,
        factor: &FactorId,
        even_last: bool,
        event: &Event,
    ) -> Result<bool> {
        retry(|| self.try_remove_factor(account, factor, even_last, event)).await
    }

    async fn try_remove_factor(
        &self,
        account: &AccountId,
        factor: &FactorId,
        even_last: bool,
        event: &Event,
    ) -> Result<bool> {
        let mut tx = self.store.db.begin().await?;
        lock::lock(&mut tx, account).await?;
        let sql = "DELETE FROM factors WHERE id = $2 AND account = $1";
        if tx.execute(sql, values![account, factor]).await? == 0 {
            return Ok(false);
        }
        if !has_any(&mut tx, account).await? {
            if !even_last {
                return Ok(false);
            }
            for sql in [
                "DELETE FROM recovery_codes WHERE account = $1",
                "DELETE FROM remembered_browsers WHERE account = $1",
            ] {
                tx.execute(sql, values![account]).await?;
            }
            note_has_factor(&mut tx, account).await?;
        }
        audit::insert(&mut tx, event).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Records that the account was asked to set up a factor, and returns when it first was.
    pub async fn factor_asked(&self, account: &AccountId, now: Millis) -> Result<Millis> {
        if let Some(at) = self.factor_asked_at(account).await? {
            return Ok(at);
        }
        let sql = "UPDATE accounts SET factor_asked_at = $2 WHERE id = $1 AND factor_asked_at IS NULL";
        self.store.db.execute(sql, values![account, now]).await?;
        Ok(self.factor_asked_at(account).await?.unwrap_or(now))
    }

    async fn factor_asked_at(&self, account: &AccountId) -> Result<Option<Millis>> {
        let sql = "SELECT id, factor_asked_at FROM accounts WHERE id = $1";
        let row = self.store.db.row(sql, values![account]).await?;
        row.map_or(Ok(None), |row| row.of("accounts", "id").cell("factor_asked_at"))
    }
}

async fn has_any(tx: &mut Tx, account: &AccountId) -> Result<bool> {
    Ok(tx.row("SELECT id FROM factors WHERE account = $1 LIMIT 1", values![account]).await?.is_some())
}

async fn insert(tx: &mut Tx, factor: &Factor) -> Result<()> {
    let (kind, parameters) = kind_text(factor.kind);
    let values = values![
        &factor.id,
        &factor.account,
        kind,
        parameters,
        &factor.name,
        &factor.secret,
        factor.last_step,
        factor.created_at,
        factor.used_at,
    ];
    tx.execute(INSERT, values).await?;
    note_has_factor(tx, &factor.account).await
}

/// Notes in the account whether it has a factor. To be called whenever factors are added or removed.
pub(super) async fn note_has_factor(tx: &mut Tx, account: &AccountId) -> Result<()> {
    let sql = "UPDATE accounts SET has_factor = \
         (SELECT CASE WHEN count(*) = 0 THEN 0 ELSE 1 END FROM factors WHERE account = $1) WHERE id = $1";
    tx.execute(sql, values![account]).await?;
    Ok(())
}

fn kind_text(kind: FactorKind) -> (&'static str, String) {
    match kind {
        FactorKind::Totp(parameters) => ("totp", serde_json::json!(parameters).to_string()),
    }
}

fn kind(cells: Cells<'_>) -> Result<FactorKind> {
    let word: String = cells.cell("kind")?;
    match word.as_str() {
        "totp" => {
            cells.parsed("parameters", |text: String| serde_json::from_str(&text).ok()).map(FactorKind::Totp)
        }
        other => Err(cells.corrupt(format!("unknown kind {other:?}"))),
    }
}

fn factor(row: &DbRow) -> Result<Factor> {
    FactorRow(row.of("factors", "id")).try_into()
}

/// A row that is not validated yet.
struct FactorRow<'r>(Cells<'r>);

impl TryFrom<FactorRow<'_>> for Factor {
    type Error = StoreError;

    fn try_from(FactorRow(cells): FactorRow<'_>) -> Result<Self> {
        Ok(Self {
            id: FactorId(cells.cell("id")?),
            account: AccountId(cells.cell("account")?),
            kind: kind(cells)?,
            name: cells.cell("name")?,
            secret: Sealed(cells.cell("sealed_secret")?),
            last_step: cells.cell("last_step")?,
            created_at: cells.cell("created_at")?,
            used_at: cells.cell("used_at")?,
        })
    }
}
