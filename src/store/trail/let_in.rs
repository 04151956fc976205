//! Who has let a person in lately: by the events that are written together with the deed, so that every node knows
//! each of them.

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::admin::LetIn;
use crate::domain::audit::LETS_IN;

use crate::store::LoginStore;
use crate::store::engine::error::Result;
use crate::store::engine::sql::DbRow;
use crate::store::engine::value::{Value, values};

impl LoginStore<'_> {
    /// The admins who have let a person in after this time ([`LETS_IN`]).
    pub async fn let_in(&self, account: &AccountId, after: Millis) -> Result<Vec<LetIn>> {
        let sql = "SELECT actor, at FROM audit \
             WHERE account = $1 AND at > $2 AND actor IS NOT NULL AND decision IN";
        let words = LETS_IN.map(|decision| Value::Text(Some(decision.as_str().to_owned())));
        let let_in = |row: &DbRow| {
            let cells = row.of("audit", "actor");
            Ok(LetIn { by: cells.cell("actor")?, at: cells.cell("at")? })
        };
        self.store.db.rows_in(sql, values![account, after], words).await?.iter().map(let_in).collect()
    }
}
