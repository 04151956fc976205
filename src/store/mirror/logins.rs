//! The short names of people, by which groups of some directories list members. They are stored as groups
//! write them, so that a group's list and a person's names match.

use std::collections::HashSet;

use crate::domain::entry::{DirectoryId, EntryId};
use crate::store::engine::error::Result;
use crate::store::engine::sql::Tx;
use crate::store::engine::value::{Value, values};

use super::reported::ReportedRow;
use super::writer::PageWriter;
use super::{bulk, id_cell, id_value};

impl PageWriter<'_> {
    /// Replaces the names of people who are new or changed.
    pub(super) async fn write_logins(&mut self, reported: &[&ReportedRow<'_>]) -> Result<()> {
        let named: Vec<&&ReportedRow<'_>> =
            reported.iter().filter(|object| !object.logins.is_empty()).collect();
        if named.is_empty() {
            return Ok(());
        }
        self.forget_logins(named.iter().map(|object| object.id)).await?;
        let row = |object: &ReportedRow<'_>, login: &Vec<u8>| {
            values![self.directory, login.clone(), id_value(object.id)]
        };
        let rows: Vec<Vec<Value>> =
            named.iter().flat_map(|object| object.logins.iter().map(|login| row(object, login))).collect();
        let head = "INSERT INTO mirror_logins (directory, login, id) VALUES";
        bulk::execute_rows(&mut self.tx, head, "ON CONFLICT DO NOTHING", rows).await?;
        Ok(())
    }

    pub(super) async fn forget_logins(&mut self, ids: impl Iterator<Item = EntryId>) -> Result<()> {
        let sql = "DELETE FROM mirror_logins WHERE directory = $1 AND id IN";
        bulk::execute_in(&mut self.tx, sql, values![self.directory], ids.map(id_value).collect()).await?;
        Ok(())
    }
}

/// The people with one of these names.
pub(super) async fn people(
    tx: &mut Tx,
    directory: &DirectoryId,
    logins: Vec<Value>,
) -> Result<HashSet<EntryId>> {
    let sql = "SELECT id FROM mirror_logins WHERE directory = $1 AND login IN";
    let rows = bulk::rows_in(tx, sql, values![directory], logins).await?;
    rows.iter().map(|row| id_cell(row.of("mirror_logins", "id"), "id")).collect()
}
