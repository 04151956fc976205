//! The words under which accounts are found. They are written with the accounts.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::domain::account::{Account, AccountId, Profile};
use crate::domain::account_search::words_of;

use super::accounts::{accounts, select_account};
use crate::store::IdentityStore;
use crate::store::engine::bulk;
use crate::store::engine::error::Result;
use crate::store::engine::sql::{Db, DbRow, Tx};
use crate::store::engine::value::{Value, values};

/// The name in the table `facts` that says that every account has its words.
const DONE: &str = "account_words";

/// How many accounts get their words in one transaction, after an upgrade.
const PAGE: u32 = 500;

/// No text that begins with the same characters sorts behind it.
const LAST: char = char::MAX;

/// Each account at the first of its words with this beginning.
const FIND: &str = "SELECT hit.word, hit.account FROM account_words hit \
     WHERE hit.word >= $1 AND hit.word < $2 AND (hit.word, hit.account) > ($3, $4) \
     AND NOT EXISTS (SELECT 1 FROM account_words earlier \
     WHERE earlier.account = hit.account AND earlier.word >= $1 AND earlier.word < hit.word)";

/// Words with this beginning, as far as they are worth counting.
const COUNT: &str = "SELECT count(*) AS many FROM \
     (SELECT account FROM account_words WHERE word >= $1 AND word < $2 LIMIT 1000) few";

/// Where a page of a search ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchPlace {
    pub word: String,
    pub account: AccountId,
}

/// A page of accounts that a search has found, ordered by the words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundAccounts {
    pub accounts: Vec<Account>,
    /// Where the next page begins, if there may be one.
    pub next: Option<SearchPlace>,
}

impl IdentityStore<'_> {
    /// The accounts of which one of these is the id, the login name or the email address. The caller compares
    /// again: of a long name only the beginning counts here.
    pub async fn accounts_called(&self, names: &[String]) -> Result<Vec<Account>> {
        let sql = select_account(
            "JOIN account_words ON account_words.account = accounts.id WHERE is_name = 1 AND word IN",
        );
        let rows = self.store.db.rows_in(sql, Vec::new(), names.iter().map(Value::from)).await?;
        let mut found = accounts(&rows)?;
        found.sort_by(|one, other| one.id.cmp(&other.id));
        found.dedup_by(|one, other| one.id == other.id);
        Ok(found)
    }

    /// The accounts that have a word with each of these beginnings.
    pub async fn search(
        &self,
        terms: &[String],
        after: Option<&SearchPlace>,
        limit: u32,
    ) -> Result<FoundAccounts> {
        let rarest_first = self.rarest_first(terms).await?;
        let Some((first, others)) = rarest_first.split_first() else { return Ok(FoundAccounts::default()) };
        let (word, account) = after.map_or(("", ""), |place| (place.word.as_str(), place.account.0.as_str()));
        let (mut sql, mut bound) = (FIND.to_owned(), values![*first, end_of(first), word, account]);
        for term in others {
            bound.extend(values![*term, end_of(term)]);
            let end = bound.len();
            sql.push_str(&format!(
                " AND EXISTS (SELECT 1 FROM account_words other \
                 WHERE other.account = hit.account AND other.word >= ${} AND other.word < ${end})",
                end - 1
            ));
        }
        bound.push(limit.into());
        sql.push_str(&format!(" ORDER BY hit.word, hit.account LIMIT ${}", bound.len()));
        let rows = self.store.db.rows(sql, bound).await?;
        let hits = rows.iter().map(place).collect::<Result<Vec<SearchPlace>>>()?;
        let next = hits.last().filter(|_| hits.len() == limit as usize).cloned();
        Ok(FoundAccounts { accounts: self.in_order(&hits).await?, next })
    }

    /// The terms, the one with the fewest words first: the others are looked up for each of its words.
    async fn rarest_first<'t>(&self, terms: &'t [String]) -> Result<Vec<&'t str>> {
        let mut counted = Vec::with_capacity(terms.len());
        for term in terms {
            let row = self.store.db.row(COUNT, values![term, end_of(term)]).await?;
            let many: i64 = row.map_or(Ok(0), |row| row.of("account_words", "many").cell("many"))?;
            counted.push((many, Reverse(term.len()), term.as_str()));
        }
        counted.sort_unstable();
        Ok(counted.into_iter().map(|(.., term)| term).collect())
    }

    async fn in_order(&self, hits: &[SearchPlace]) -> Result<Vec<Account>> {
        let ids: Vec<AccountId> = hits.iter().map(|hit| hit.account.clone()).collect();
        let found =
            self.accounts_with_ids(&ids).await?.into_iter().map(|account| (account.id.clone(), account));
        let mut by_id: HashMap<AccountId, Account> = found.collect();
        Ok(hits.iter().filter_map(|hit| by_id.remove(&hit.account)).collect())
    }
}

fn end_of(beginning: &str) -> String {
    format!("{beginning}{LAST}")
}

fn place(row: &DbRow) -> Result<SearchPlace> {
    let cells = row.of("account_words", "account");
    Ok(SearchPlace { word: cells.cell("word")?, account: AccountId(cells.cell("account")?) })
}

/// Adds the words of new accounts.
pub(in crate::store) async fn add(tx: &mut Tx, accounts: &[(&AccountId, &Profile)]) -> Result<()> {
    let mut rows = Vec::with_capacity(accounts.len() * 8);
    for (id, profile) in accounts {
        let words = words_of(id, profile).into_iter();
        rows.extend(words.map(|word| values![word.text, *id, i64::from(word.is_name)]));
    }
    let head = "INSERT INTO account_words (word, account, is_name) VALUES";
    bulk::execute_rows(tx, head, "ON CONFLICT (word, account) DO NOTHING", rows).await?;
    Ok(())
}

/// Replaces the words of an account, if its names have changed.
pub(in crate::store) async fn replace(
    tx: &mut Tx,
    id: &AccountId,
    before: &Profile,
    after: &Profile,
) -> Result<()> {
    if before == after || words_of(id, before) == words_of(id, after) {
        return Ok(());
    }
    tx.execute("DELETE FROM account_words WHERE account = $1", values![id]).await?;
    add(tx, &[(id, after)]).await
}

/// Once, after an upgrade from a version without words: adds those of all accounts.
pub(in crate::store) async fn bring_up_to_date(db: &Db) -> Result<()> {
    if db.row("SELECT name FROM facts WHERE name = $1", values![DONE]).await?.is_some() {
        return Ok(());
    }
    let mut after = String::new();
    loop {
        let mut tx = db.begin().await?;
        let sql = select_account("WHERE id > $1 ORDER BY id LIMIT $2").locked();
        let page = accounts(&tx.rows(sql, values![&after, PAGE]).await?)?;
        let Some(last) = page.last() else {
            let sql = "INSERT INTO facts (name, at) VALUES ($1, 0) ON CONFLICT (name) DO NOTHING";
            tx.execute(sql, values![DONE]).await?;
            return tx.commit().await;
        };
        after.clone_from(&last.id.0);
        let named: Vec<_> = page.iter().map(|account| (&account.id, &account.profile)).collect();
        add(&mut tx, &named).await?;
        tx.commit().await?;
    }
}
