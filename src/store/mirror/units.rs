//! Read where people and containers lie, in the order of their paths: what an admin chooses a scope from.

use serde::Deserialize;

use crate::domain::dn::Dn;
use crate::domain::entry::{DirectoryId, EntryId};
use crate::store::SyncStore;
use crate::store::engine::error::Result;
use crate::store::engine::sql::DbRow;
use crate::store::engine::value::values;

use super::{MirroredKind, id_cell, id_value};

const PAGE: &str = "SELECT id, kind, dn, path, facts FROM mirror_objects \
     WHERE directory = $1 AND path >= $2 AND (path, id) > ($2, $3) AND gone = 0 AND kind <> 'group' \
     ORDER BY path, id LIMIT $4";

/// A person or a container, and where it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedObject {
    pub id: EntryId,
    pub path: Vec<u8>,
    pub what: PlacedKind,
}

/// What lies there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlacedKind {
    Container(Dn),
    Person { disabled: bool },
}

/// The one fact about a person that is counted.
#[derive(Default, Deserialize)]
#[serde(default)]
struct DisabledFact {
    disabled: bool,
}

impl SyncStore<'_> {
    /// People and containers by path, after `after`. A container comes before what lies below it.
    pub async fn placed_page(
        &self,
        directory: &DirectoryId,
        after: Option<&PlacedObject>,
        limit: u32,
    ) -> Result<Vec<PlacedObject>> {
        let (path, id) =
            after.map_or((Vec::new(), Vec::new().into()), |last| (last.path.clone(), id_value(last.id)));
        let rows = self.store.db.rows(PAGE, values![directory, path, id, limit]).await?;
        rows.iter().map(placed).collect()
    }
}

fn placed(row: &DbRow) -> Result<PlacedObject> {
    let cells = row.of("mirror_objects", "path");
    let what = match cells.parsed("kind", |word: String| MirroredKind::parse(&word))? {
        MirroredKind::Person => {
            let facts: DisabledFact =
                cells.parsed("facts", |facts: String| serde_json::from_str(&facts).ok())?;
            PlacedKind::Person { disabled: facts.disabled }
        }
        MirroredKind::Container | MirroredKind::Group => {
            PlacedKind::Container(cells.parsed("dn", |dn: String| Dn::parse(&dn).ok())?)
        }
    };
    Ok(PlacedObject { id: id_cell(cells, "id")?, path: cells.cell("path")?, what })
}
