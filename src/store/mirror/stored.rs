//! Read the stored objects that a page reports.

use std::collections::HashMap;

use crate::domain::dn::Dn;
use crate::domain::entry::{DirectoryId, EntryId};
use crate::store::engine::error::Result;
use crate::store::engine::sql::Tx;
use crate::store::engine::value::values;

use super::{MirroredKind, ScanId, bulk, id_cell, id_value};

pub(super) struct StoredObject {
    pub kind: MirroredKind,
    pub dn: String,
    pub path: Vec<u8>,
    pub hash: Vec<u8>,
    pub mail_key: Option<String>,
    pub group_sid: Option<String>,
    pub scan: ScanId,
    pub gone: bool,
}

impl StoredObject {
    pub fn name(&self) -> Option<Dn> {
        Dn::parse(&self.dn).ok()
    }
}

pub(super) async fn stored_objects(
    tx: &mut Tx,
    directory: &DirectoryId,
    ids: impl Iterator<Item = EntryId>,
) -> Result<HashMap<EntryId, StoredObject>> {
    let sql = "SELECT id, kind, dn, path, hash, mail_key, group_sid, scan, gone FROM mirror_objects \
         WHERE directory = $1 AND id IN";
    let rows = bulk::rows_in(tx, sql, values![directory], ids.map(id_value).collect()).await?;
    let mut stored = HashMap::with_capacity(rows.len());
    for row in &rows {
        let cells = row.of("mirror_objects", "dn");
        let one = StoredObject {
            kind: cells.parsed("kind", |word: String| MirroredKind::parse(&word))?,
            dn: cells.cell("dn")?,
            path: cells.cell("path")?,
            hash: cells.cell("hash")?,
            mail_key: cells.cell("mail_key")?,
            group_sid: cells.cell("group_sid")?,
            scan: ScanId(cells.cell("scan")?),
            gone: cells.cell::<i64>("gone")? == 1,
        };
        stored.insert(id_cell(cells, "id")?, one);
    }
    Ok(stored)
}
