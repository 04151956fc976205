//! Who has set up a second factor: lists of active accounts.

use std::collections::HashMap;

use crate::domain::Millis;
use crate::domain::account::{Account, AccountId};
use crate::domain::enrolment::EnrolmentList;

use super::accounts::{accounts, select_account};
use crate::store::IdentityStore;
use crate::store::engine::bulk;
use crate::store::engine::error::Result;
use crate::store::engine::value::{Value, values};

/// An active account with what it has for the second step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolmentRow {
    pub account: Account,
    pub factors: u32,
    /// When the first of the factors was added.
    pub since: Option<Millis>,
    pub used_at: Option<Millis>,
    /// The end of an unused code of the help desk.
    pub invited_until: Option<Millis>,
}

const ASCENDING: &str =
    "WHERE status = 'active' AND has_factor = $1 AND email_key > $2 ORDER BY email_key LIMIT $3";

const DESCENDING: &str =
    "WHERE status = 'active' AND has_factor = $1 AND email_key < $2 ORDER BY email_key DESC LIMIT $3";

/// Behind every email address.
const BEHIND_ALL: &str = "\u{10FFFF}";

impl IdentityStore<'_> {
    /// A page of such a list. It begins after the email address `after`; an empty one stands for the first page.
    pub async fn enrolment_page(
        &self,
        list: EnrolmentList,
        after: &str,
        limit: u32,
        now: Millis,
    ) -> Result<Vec<EnrolmentRow>> {
        let EnrolmentList { enrolled, descending } = list;
        let (rest, after) = match descending {
            true if after.is_empty() => (DESCENDING, BEHIND_ALL),
            true => (DESCENDING, after),
            false => (ASCENDING, after),
        };
        let values = values![i64::from(enrolled), after, limit];
        let page = accounts(&self.store.db.rows(select_account(rest), values).await?)?;
        let ids: Vec<Value> = page.iter().map(|account| Value::from(&account.id)).collect();
        let mut rows: Vec<EnrolmentRow> = page.into_iter().map(EnrolmentRow::without).collect();
        if enrolled {
            self.add_factors(&mut rows, ids).await?;
        } else {
            self.add_invitations(&mut rows, ids, now).await?;
        }
        Ok(rows)
    }

    async fn add_factors(&self, rows: &mut [EnrolmentRow], ids: Vec<Value>) -> Result<()> {
        let sql = "SELECT account, created_at, used_at FROM factors WHERE account IN";
        let mut found: HashMap<AccountId, Vec<(Millis, Option<Millis>)>> = HashMap::new();
        for row in bulk::read_in(&self.store.db, sql, Vec::new(), ids).await? {
            let cells = row.of("factors", "account");
            let times = (cells.cell("created_at")?, cells.cell("used_at")?);
            found.entry(AccountId(cells.cell("account")?)).or_default().push(times);
        }
        for row in rows {
            let times = found.remove(&row.account.id).unwrap_or_default();
            row.factors = u32::try_from(times.len()).unwrap_or(u32::MAX);
            row.since = times.iter().map(|(created_at, _)| *created_at).min();
            row.used_at = times.iter().filter_map(|(_, used_at)| *used_at).max();
        }
        Ok(())
    }

    async fn add_invitations(&self, rows: &mut [EnrolmentRow], ids: Vec<Value>, now: Millis) -> Result<()> {
        let sql = "SELECT account, expires_at FROM invitations \
             WHERE used_at IS NULL AND expires_at > $1 AND account IN";
        let mut found: HashMap<AccountId, Millis> = HashMap::new();
        for row in bulk::read_in(&self.store.db, sql, values![now], ids).await? {
            let cells = row.of("invitations", "account");
            found.insert(AccountId(cells.cell("account")?), cells.cell("expires_at")?);
        }
        for row in rows {
            row.invited_until = found.remove(&row.account.id);
        }
        Ok(())
    }
}

impl EnrolmentRow {
    fn without(account: Account) -> Self {
        Self { account, factors: 0, since: None, used_at: None, invited_until: None }
    }
}
