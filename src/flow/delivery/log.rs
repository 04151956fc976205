//! The log of deliveries: what was sent when, and how it ended.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::status::{DeliveryStatusError, service};
use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::delivery::Subject;
use crate::flow::account::views::in_rfc_3339;
use crate::flow::installation::context::OperationParts;
use crate::store::{DeliveryLogFilter, LoggedDelivery};

/// Which rows to read, the newest first.
#[derive(Clone, Debug, Default)]
pub struct LogQuery {
    pub service: Option<String>,
    pub subject: Option<Subject>,
    /// Only rows that are older than the one with this id.
    pub before: Option<i64>,
    pub limit: u32,
}

/// One attempt that has sent something, or was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LoggedView {
    pub id: i64,
    #[serde(serialize_with = "in_rfc_3339")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Millis,
    pub service: String,
    pub account: Option<String>,
    pub team_share: Option<String>,
    /// The email address of the person; none once the account was erased.
    pub email: Option<String>,
    /// `created`, `adopted`, `changed`, `suspended`, `reactivated`, `members`, `deleted`, or `checked` if nothing was
    /// written.
    pub action: &'static str,
    /// The attributes that were written.
    #[schema(value_type = Vec<String>)]
    pub attributes: Vec<&'static str>,
    /// How many members of a Team Share were added, and how many removed.
    pub joined: u32,
    pub left: u32,
    /// `done`; `failed`: it is tried again; `refused`: it waits for a change or an administrator.
    pub result: &'static str,
    /// The service's own words, or those of the connection.
    pub words: Option<String>,
}

/// A page of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeliveryLogPage {
    pub deliveries: Vec<LoggedView>,
    /// Where the next page begins, if there may be one.
    pub next_before: Option<i64>,
}

/// Reads a page. A service that left the settings still has its rows.
pub async fn read(parts: &OperationParts, query: &LogQuery) -> Result<DeliveryLogPage, DeliveryStatusError> {
    let filter = DeliveryLogFilter {
        target: query.service.clone(),
        subject: query.subject.clone(),
        before: query.before,
    };
    let rows = parts.store.delivery().log_page(&filter, query.limit).await?;
    if let (true, Some(id)) = (rows.is_empty(), &query.service) {
        service(parts, id)?;
    }
    let next_before = rows.last().map(|row| row.id).filter(|_| rows.len() == query.limit as usize);
    let emails = emails(parts, &rows).await?;
    let deliveries = rows.into_iter().map(|row| view(row, &emails)).collect();
    Ok(DeliveryLogPage { deliveries, next_before })
}

async fn emails(
    parts: &OperationParts,
    rows: &[LoggedDelivery],
) -> Result<HashMap<AccountId, String>, DeliveryStatusError> {
    let mut ids: Vec<AccountId> = Vec::new();
    for row in rows {
        if let Subject::Person(id) = &row.subject {
            ids.push(id.clone());
        }
    }
    ids.sort_unstable();
    ids.dedup();
    let accounts = parts.store.identity().accounts_with_ids(&ids).await?;
    Ok(accounts.into_iter().map(|account| (account.id, account.profile.email)).collect())
}

fn view(row: LoggedDelivery, emails: &HashMap<AccountId, String>) -> LoggedView {
    let email = match &row.subject {
        Subject::Person(id) => emails.get(id).cloned(),
        Subject::Share(_) => None,
    };
    let (account, team_share) = match row.subject {
        Subject::Person(id) => (Some(id.0), None),
        Subject::Share(id) => (None, Some(id)),
    };
    let entry = row.entry;
    LoggedView {
        id: row.id,
        at: row.at,
        service: row.target,
        account,
        team_share,
        email,
        action: entry.action.as_str(),
        attributes: entry.attributes.into_iter().map(|attribute| attribute.as_str()).collect(),
        joined: entry.joined,
        left: entry.left,
        result: entry.ending.as_str(),
        words: entry.words,
    }
}
