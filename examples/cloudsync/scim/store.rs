//! People and Team Shares, in memory.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use openidconnect::CsrfToken;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::ScimError;
use super::filter::{fits, wanted};
use super::normal::Object;
use super::patch;
use super::query::Query;
use super::schema::Type;
use super::table::{Row, Table};

/// Everything that was delivered.
#[derive(Debug)]
pub struct Store {
    /// The address of the service, without a slash at its end.
    base: String,
    people: Table,
    shares: Table,
    changes: u64,
}

/// What has to outlive a restart, with rows or references to rows.
#[derive(Debug, Deserialize, Serialize)]
pub struct State<R> {
    changes: u64,
    people: Vec<R>,
    team_shares: Vec<R>,
}

/// A change of a resource that is there.
pub enum Change<'a> {
    Replace(Object),
    /// A message of PATCH.
    Patch(&'a Value),
}

impl Store {
    pub fn new(base: String) -> Self {
        let (people, shares) = (Table::new(Type::User), Table::new(Type::Group));
        Self { base, people, shares, changes: 0 }
    }

    pub fn state(&self) -> State<&Row> {
        let (people, team_shares) = (self.people.all().collect(), self.shares.all().collect());
        State { changes: self.changes, people, team_shares }
    }

    /// The store as it was. Refuses two people with one name.
    pub fn restored(base: String, state: State<Row>) -> Result<Self, ScimError> {
        let mut store = Self { changes: state.changes, ..Self::new(base) };
        state.people.into_iter().try_for_each(|row| store.people.put(row))?;
        state.team_shares.into_iter().try_for_each(|row| store.shares.put(row))?;
        Ok(store)
    }

    pub fn table(&self, of: Type) -> &Table {
        match of {
            Type::User => &self.people,
            Type::Group => &self.shares,
        }
    }

    fn table_mut(&mut self, of: Type) -> &mut Table {
        match of {
            Type::User => &mut self.people,
            Type::Group => &mut self.shares,
        }
    }

    /// Adds a resource. `now` is a date of RFC 3339.
    pub fn create(&mut self, of: Type, mut body: Object, now: &str) -> Result<Object, ScimError> {
        let row = Row {
            id: CsrfToken::new_random().into_secret(),
            created: now.to_owned(),
            changed: now.to_owned(),
            version: 1,
            change: self.changes + 1,
            members: self.members(&mut body)?,
            body,
        };
        let id = row.id.clone();
        self.table_mut(of).put(row)?;
        self.changes += 1;
        self.read(of, &id)
    }

    /// The resource as it is shown.
    pub fn read(&self, of: Type, id: &str) -> Result<Object, ScimError> {
        self.table(of).get(id).map(|row| self.shown(of, row)).ok_or_else(|| ScimError::not_found(id))
    }

    /// Changes a resource; what changes nothing makes no new version (RFC 7644 section 3.5.2).
    pub fn change(
        &mut self,
        of: Type,
        id: &str,
        change: Change<'_>,
        if_match: Option<&str>,
        now: &str,
    ) -> Result<Object, ScimError> {
        let old = self.checked(of, id, if_match)?.clone();
        let mut body = match change {
            Change::Replace(body) => body,
            Change::Patch(message) => patch::apply(of, &with_members(&old), message)?,
        };
        let members = self.members(&mut body)?;
        if body != old.body || members != old.members {
            let (version, change) = (old.version + 1, self.changes + 1);
            self.table_mut(of).put(Row { version, change, changed: now.to_owned(), body, members, ..old })?;
            self.changes = change;
        }
        self.read(of, id)
    }

    /// Removes a resource; a person leaves the Team Shares.
    pub fn delete(&mut self, of: Type, id: &str, if_match: Option<&str>, now: &str) -> Result<(), ScimError> {
        self.checked(of, id, if_match)?;
        self.table_mut(of).remove(id);
        for share in self.shares.all_mut().filter(|_| of == Type::User) {
            if share.members.remove(id) {
                share.version += 1;
                now.clone_into(&mut share.changed);
            }
        }
        Ok(())
    }

    /// The resources that fit a query, all of them and not only one page.
    pub fn find(&self, of: Type, query: &Query) -> Vec<Object> {
        let table = self.table(of);
        let Some(filter) = &query.filter else { return table.all().map(|row| self.shown(of, row)).collect() };
        let by_external_id = wanted(filter, "externalId").map(|id| table.external(id));
        let by_name = wanted(filter, "userName").filter(|_| of == Type::User).map(|name| table.named(name));
        if let Some(found) = by_external_id.or(by_name) {
            return found.map(|row| self.shown(of, row)).into_iter().collect();
        }
        let all = table.all().map(|row| self.shown(of, row));
        all.filter(|resource| fits(of, filter, resource)).collect()
    }

    /// The resource, if it still has the version that the client has seen (RFC 7644 section 3.14).
    fn checked(&self, of: Type, id: &str, if_match: Option<&str>) -> Result<&Row, ScimError> {
        let row = self.table(of).get(id).ok_or_else(|| ScimError::not_found(id))?;
        let version = version(row);
        let is_it =
            |tag: &str| tag == "*" || tag.trim_start_matches("W/") == version.trim_start_matches("W/");
        if if_match.is_none_or(|tags| tags.split(',').any(|tag| is_it(tag.trim()))) {
            return Ok(row);
        }
        Err(ScimError::new(StatusCode::PRECONDITION_FAILED, format!("the version is {version} now")))
    }

    /// Takes the members out of a body. Only people who are here can be members.
    fn members(&self, body: &mut Object) -> Result<BTreeSet<String>, ScimError> {
        let Some(Value::Array(items)) = body.remove("members") else { return Ok(BTreeSet::new()) };
        let id = |item: &Value| {
            let id = item.get("value").and_then(Value::as_str).unwrap_or_default();
            let person = self.people.get(id).map(|row| row.id.clone());
            person.ok_or_else(|| ScimError::value(format!("there is no person {id:?} to be a member")))
        };
        items.iter().map(id).collect()
    }

    fn shown(&self, of: Type, row: &Row) -> Object {
        let mut shown = row.body.clone();
        match of {
            Type::User => {
                let shares = self.shares.all().filter(|share| share.members.contains(&row.id));
                let shares: Vec<Value> = shares.map(|share| self.share(share)).collect();
                shown.extend((!shares.is_empty()).then(|| ("groups".to_owned(), Value::Array(shares))));
            }
            Type::Group => {
                let members: Vec<Value> = row.members.iter().map(|id| self.member(id)).collect();
                shown.extend((!members.is_empty()).then(|| ("members".to_owned(), Value::Array(members))));
            }
        }
        let meta = json!({"resourceType": of.name(), "created": row.created, "lastModified": row.changed,
            "location": self.location(of, &row.id), "version": version(row)});
        shown.insert("meta".to_owned(), meta);
        shown.insert("id".to_owned(), json!(row.id));
        shown
    }

    fn share(&self, row: &Row) -> Value {
        json!({"value": row.id, "$ref": self.location(Type::Group, &row.id), "type": "direct",
            "display": row.body.get("displayName")})
    }

    fn member(&self, id: &str) -> Value {
        json!({"value": id, "$ref": self.location(Type::User, id), "type": "User"})
    }

    fn location(&self, of: Type, id: &str) -> String {
        format!("{}{}/{id}", self.base, of.endpoint())
    }
}

fn version(row: &Row) -> String {
    format!("W/\"{}\"", row.version)
}

/// The body as the client may change it.
fn with_members(row: &Row) -> Object {
    let mut body = row.body.clone();
    if !row.members.is_empty() {
        let members = row.members.iter().map(|id| json!({"value": id}));
        body.insert("members".to_owned(), members.collect());
    }
    body
}
