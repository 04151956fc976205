//! Read the audit log: by person, attempt, decision, admin, directory and time. Commands and the panel show
//! the same events.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::admin::Actor;
use crate::domain::audit::{Decision, Event};
use crate::domain::entry::DirectoryId;
use crate::flow::account::factors::{NameError, account_named};
use crate::flow::account::views::{AccountNames, in_rfc_3339, maybe_in_rfc_3339};
use crate::flow::installation::context::LoginParts;
use crate::flow::settings::{ONLY_FOR_OWNERS, names_role_groups};
use crate::flow::support::explain::attempt_id;
use crate::store::{AuditConditions, AuditFilter, AuditRow, StoreError};

/// Nothing writes as many events under one id.
const MOST_OF_AN_ATTEMPT: u32 = 100;

/// Which events to read.
#[derive(Clone, Debug, Default)]
pub struct TrailQuery {
    /// Login name, email address or account id; also the id of an erased account.
    pub person: Option<String>,
    /// The id that a page showed.
    pub attempt: Option<String>,
    pub decision: Option<String>,
    /// The admin who did it: a name as for a person, or as the log shows it.
    pub actor: Option<String>,
    pub directory: Option<String>,
    /// At this time or later.
    pub from: Option<Millis>,
    /// Before this time.
    pub until: Option<Millis>,
    /// True to read the oldest first; the events of an attempt are read the newest first.
    pub oldest_first: bool,
    /// Beyond the event with this id: older, or newer if the oldest are first.
    pub before: Option<i64>,
    pub limit: u32,
    /// True for whoever may see which groups give a role: owners, and the command line.
    pub role_groups: bool,
}

/// Why the log can't be read.
#[derive(Debug, thiserror::Error)]
pub enum TrailError {
    /// The name, and why it leads to nobody.
    #[error("{0}: {1}")]
    Name(String, NameError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One event of the log.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct EventView {
    pub id: i64,
    #[serde(serialize_with = "in_rfc_3339")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Millis,
    pub decision: String,
    pub cause: Option<String>,
    pub attempt: Option<String>,
    pub account: Option<String>,
    pub directory: Option<String>,
    pub client: Option<String>,
    pub address: Option<String>,
    /// How many events of the same kind this one stands for.
    pub times: i64,
    /// The time of the latest of them.
    #[serde(serialize_with = "maybe_in_rfc_3339", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_at: Option<Millis>,
    pub actor: Option<String>,
    pub role: Option<String>,
    pub detail: Option<Value>,
}

impl From<AuditRow> for EventView {
    fn from(row: AuditRow) -> Self {
        Self {
            id: row.id,
            at: row.at,
            decision: row.decision,
            cause: row.cause,
            attempt: row.attempt_id,
            account: row.account_id,
            directory: row.directory,
            client: row.client_id,
            address: row.address,
            times: row.times,
            last_at: row.last_at,
            actor: row.actor,
            role: row.role,
            detail: row.detail.as_deref().and_then(|detail| serde_json::from_str(detail).ok()),
        }
    }
}

impl EventView {
    /// The same for whoever is no owner: that the groups of a role have changed, not which they are.
    fn without_role_groups(mut self) -> Self {
        let Some(Value::Object(detail)) = &mut self.detail else { return self };
        if self.decision == Decision::AdminGroupFound.as_str() {
            detail.values_mut().for_each(|value| *value = ONLY_FOR_OWNERS.into());
        }
        let changes = detail.get_mut("differences").and_then(Value::as_array_mut);
        for change in changes.into_iter().flatten().filter_map(Value::as_object_mut) {
            if !change.get("key").and_then(Value::as_str).is_some_and(names_role_groups) {
                continue;
            }
            for side in ["before", "after"] {
                if let Some(value) = change.get_mut(side).filter(|value| !value.is_null()) {
                    *value = ONLY_FOR_OWNERS.into();
                }
            }
        }
        self
    }

    /// The account of the admin who did it, if it was a person.
    #[must_use]
    pub fn actor_account(&self) -> Option<&str> {
        Actor::account_in(self.actor.as_deref()?)
    }
}

/// A page of the log.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct TrailPage {
    pub decisions: Vec<EventView>,
    /// Where the next page begins, if there may be one.
    pub next_before: Option<i64>,
}

/// Reads a page.
pub async fn read(parts: &LoginParts, query: &TrailQuery) -> Result<TrailPage, TrailError> {
    let rows = match &query.attempt {
        Some(id) => of_attempt(parts, query, id).await?,
        None => {
            let filter = AuditFilter::Where(conditions(parts, query).await?);
            parts.store.login().audit_page(query.before, query.limit, &filter).await?
        }
    };
    let next_before = rows.last().map(|row| row.id).filter(|_| rows.len() == query.limit as usize);
    let seen = |row: AuditRow| {
        let event = EventView::from(row);
        if query.role_groups { event } else { event.without_role_groups() }
    };
    Ok(TrailPage { decisions: rows.into_iter().map(seen).collect(), next_before })
}

/// The few events of an attempt.
async fn of_attempt(parts: &LoginParts, query: &TrailQuery, id: &str) -> Result<Vec<AuditRow>, StoreError> {
    let filter = AuditFilter::Attempt(attempt_id(id));
    let mut rows = parts.store.login().audit_page(query.before, MOST_OF_AN_ATTEMPT, &filter).await?;
    rows.retain(|row| query.decision.as_ref().is_none_or(|decision| row.decision == *decision));
    rows.truncate(query.limit as usize);
    Ok(rows)
}

async fn conditions(parts: &LoginParts, query: &TrailQuery) -> Result<AuditConditions, TrailError> {
    let account = match &query.person {
        Some(name) => Some(person(parts, name).await?),
        None => None,
    };
    let actor = match &query.actor {
        Some(name) => Some(actor(parts, name).await?),
        None => None,
    };
    Ok(AuditConditions {
        decision: query.decision.clone(),
        actor,
        account,
        directory: query.directory.clone().map(DirectoryId),
        from: query.from,
        until: query.until,
        oldest_first: query.oldest_first,
        ..AuditConditions::default()
    })
}

async fn person(parts: &LoginParts, name: &str) -> Result<AccountId, TrailError> {
    // Of an erased account only the id is kept.
    let id = AccountId(name.trim().to_owned());
    let known = parts.store.login().audit_page(None, 1, &AuditFilter::Account(id.clone())).await?;
    if !known.is_empty() {
        return Ok(id);
    }
    let found = account_named(parts, name).await?;
    Ok(found.map_err(|error| TrailError::Name(name.to_owned(), error))?.id)
}

async fn actor(parts: &LoginParts, name: &str) -> Result<String, TrailError> {
    if Actor::is_named(name) {
        return Ok(name.to_owned());
    }
    Ok(format!("account {}", person(parts, name).await?))
}

/// The names of the accounts in these events, by their ids: of persons and of admins.
pub async fn people_in(
    parts: &LoginParts,
    events: &[EventView],
) -> Result<HashMap<String, AccountNames>, StoreError> {
    let ids = events.iter().flat_map(|event| [event.account.as_deref(), event.actor_account()]);
    let mut ids: Vec<AccountId> = ids.flatten().map(|id| AccountId(id.to_owned())).collect();
    ids.sort_unstable();
    ids.dedup();
    let accounts = parts.store.identity().accounts_with_ids(&ids).await?;
    Ok(accounts.iter().map(|account| (account.id.0.clone(), AccountNames::from(account))).collect())
}

/// Records that an admin downloads the log, and by which conditions.
pub async fn record_export(parts: &LoginParts, query: &TrailQuery, actor: &Actor) -> Result<(), StoreError> {
    let detail = serde_json::json!({
        "person": query.person, "attempt": query.attempt, "decision": query.decision, "actor": query.actor,
        "directory": query.directory, "from": query.from, "until": query.until,
    });
    let event = Event {
        detail: Some(detail.to_string()),
        ..Event::new(parts.now(), Decision::AuditExported).by(actor)
    };
    parts.store.login().append(&event).await
}
