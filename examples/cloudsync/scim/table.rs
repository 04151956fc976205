//! The resources of one type, with what has to be unique among them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::ScimError;
use super::normal::Object;
use super::schema::Type;

/// A resource.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Row {
    pub id: String,
    pub created: String,
    pub changed: String,
    pub version: u64,
    /// Rises with each change of any resource.
    pub change: u64,
    /// What the client has written, but for the members.
    pub body: Object,
    /// The people of a Team Share, by id.
    pub members: BTreeSet<String>,
}

/// The resources in the order of their creation.
#[derive(Debug)]
pub struct Table {
    of: Type,
    rows: BTreeMap<u64, Row>,
    next: u64,
    by_id: HashMap<String, u64>,
    by_name: HashMap<String, u64>,
    by_external_id: HashMap<String, u64>,
}

impl Table {
    pub fn new(of: Type) -> Self {
        Self {
            of,
            rows: BTreeMap::new(),
            next: 0,
            by_id: HashMap::new(),
            by_name: HashMap::new(),
            by_external_id: HashMap::new(),
        }
    }

    pub fn all(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }

    pub fn all_mut(&mut self) -> impl Iterator<Item = &mut Row> {
        self.rows.values_mut()
    }

    pub fn get(&self, id: &str) -> Option<&Row> {
        self.rows.get(self.by_id.get(id)?)
    }

    /// The resource with this `userName`, in any case.
    pub fn named(&self, name: &str) -> Option<&Row> {
        self.rows.get(self.by_name.get(&name.to_lowercase())?)
    }

    pub fn external(&self, id: &str) -> Option<&Row> {
        self.rows.get(self.by_external_id.get(id)?)
    }

    /// Adds a resource, or puts it in the place of the one with its id.
    pub fn put(&mut self, row: Row) -> Result<(), ScimError> {
        let known = self.by_id.get(&row.id).copied();
        let is_other = |number: Option<&u64>| number.is_some_and(|number| Some(*number) != known);
        let (name, external) = (self.name(&row), external_id(&row));
        if is_other(name.as_ref().and_then(|name| self.by_name.get(name))) {
            return Err(ScimError::uniqueness("userName"));
        }
        if is_other(external.as_ref().and_then(|id| self.by_external_id.get(id))) {
            return Err(ScimError::uniqueness("externalId"));
        }
        self.forget(&row.id);
        let number = known.unwrap_or(self.next);
        self.next = self.next.max(number + 1);
        self.by_id.insert(row.id.clone(), number);
        self.by_name.extend(name.map(|name| (name, number)));
        self.by_external_id.extend(external.map(|id| (id, number)));
        self.rows.insert(number, row);
        Ok(())
    }

    /// Removes a resource.
    pub fn remove(&mut self, id: &str) -> Option<Row> {
        self.forget(id);
        self.rows.remove(&self.by_id.remove(id)?)
    }

    /// Frees its unique values.
    fn forget(&mut self, id: &str) {
        let Some(row) = self.get(id) else { return };
        let (name, external) = (self.name(row), external_id(row));
        if let Some(name) = name {
            self.by_name.remove(&name);
        }
        if let Some(external) = external {
            self.by_external_id.remove(&external);
        }
    }

    /// Its name as it is compared; names of Team Shares need not be unique.
    fn name(&self, row: &Row) -> Option<String> {
        if self.of != Type::User {
            return None;
        }
        row.body.get("userName")?.as_str().map(str::to_lowercase)
    }
}

fn external_id(row: &Row) -> Option<String> {
    row.body.get("externalId").and_then(Value::as_str).map(str::to_owned)
}
