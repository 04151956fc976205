//! What the pages show of the people and Team Shares.

use std::collections::BTreeSet;

use serde_json::Value;

use super::normal::Object;
use super::schema::Type;
use super::store::Store;
use super::table::Row;

/// The newest people and Team Shares, and how many there are of each.
#[derive(Debug, Default)]
pub struct Overview {
    pub people: usize,
    pub active: usize,
    pub accounts: Vec<Account>,
    pub shares: usize,
    pub team_shares: Vec<TeamShare>,
}

/// A person.
#[derive(Debug, PartialEq, Eq)]
pub struct Account {
    pub user_name: String,
    pub name: String,
    pub email: String,
    pub external_id: String,
    pub active: bool,
    pub team_shares: Vec<String>,
    /// When it was last changed.
    pub changed: String,
}

/// A Team Share.
#[derive(Debug, PartialEq, Eq)]
pub struct TeamShare {
    pub name: String,
    pub external_id: String,
    /// User names of its people.
    pub members: BTreeSet<String>,
    pub changed: String,
}

impl Overview {
    /// At most so many of each type.
    pub fn of(store: &Store, most: usize) -> Self {
        let (people, shares) = (newest(store, Type::User), newest(store, Type::Group));
        Self {
            people: people.len(),
            active: people.iter().filter(|row| is_active(row)).count(),
            accounts: people.iter().take(most).map(|row| account(store, row)).collect(),
            shares: shares.len(),
            team_shares: shares.iter().take(most).map(|row| team_share(store, row)).collect(),
        }
    }
}

fn newest(store: &Store, of: Type) -> Vec<&Row> {
    let mut rows: Vec<&Row> = store.table(of).all().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.change));
    rows
}

/// A person of whom nothing is said is active.
fn is_active(row: &Row) -> bool {
    row.body.get("active") != Some(&Value::Bool(false))
}

fn account(store: &Store, row: &Row) -> Account {
    let shares = store.table(Type::Group).all().filter(|share| share.members.contains(&row.id));
    let emails = row.body.get("emails").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let work = emails.iter().find(|item| item.get("type").and_then(Value::as_str) == Some("work"));
    let email = work.or(emails.first()).and_then(|item| item.get("value")?.as_str());
    Account {
        user_name: text(&row.body, "userName"),
        name: text(&row.body, "displayName"),
        email: email.unwrap_or_default().to_owned(),
        external_id: text(&row.body, "externalId"),
        active: is_active(row),
        team_shares: shares.map(|share| text(&share.body, "displayName")).collect(),
        changed: row.changed.clone(),
    }
}

fn team_share(store: &Store, row: &Row) -> TeamShare {
    let people = row.members.iter().filter_map(|id| store.table(Type::User).get(id));
    TeamShare {
        name: text(&row.body, "displayName"),
        external_id: text(&row.body, "externalId"),
        members: people.map(|person| text(&person.body, "userName")).collect(),
        changed: row.changed.clone(),
    }
}

fn text(body: &Object, name: &str) -> String {
    body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}
