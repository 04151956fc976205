//! Write secrets that were sealed under a new key. Each statement compares the value that was read before, so
//! that a concurrent change is never overwritten.

use crate::domain::Millis;
use crate::domain::audit::Event;
use crate::domain::factor::FactorId;
use crate::domain::secret::{Hashed, Sealed};
use crate::store::SettingsStore;

use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::value::values;
use crate::store::settings::versions::{SettingsVersion, version};
use crate::store::trail::audit;

/// The old and the new sealed bytes of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resealed {
    pub id: FactorId,
    pub old: Sealed,
    pub new: Sealed,
}

impl SettingsStore<'_> {
    /// A page of the sealed secrets of factors, by id, after `after`.
    pub async fn sealed_factors(&self, after: &str, limit: u32) -> Result<Vec<(FactorId, Sealed)>> {
        let sql = "SELECT id, sealed_secret FROM factors WHERE id > $1 ORDER BY id LIMIT $2";
        let rows = self.store.db.rows(sql, values![after, limit]).await?;
        let factor = |row: &crate::store::engine::sql::DbRow| {
            let cells = row.of("factors", "id");
            Ok((FactorId(cells.cell("id")?), Sealed(cells.cell("sealed_secret")?)))
        };
        rows.iter().map(factor).collect()
    }

    /// Replaces the secrets that have not changed since they were read, in one transaction; returns how many.
    pub async fn reseal_factors(&self, factors: &[Resealed]) -> Result<u64> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            let mut written = 0;
            for Resealed { id, old, new } in factors {
                let sql = "UPDATE factors SET sealed_secret = $3 WHERE id = $1 AND sealed_secret = $2";
                written += tx.execute(sql, values![id, old, new]).await?;
            }
            tx.commit().await?;
            Ok(written)
        })
        .await
    }

    /// The newest version of the settings before this generation.
    pub async fn settings_before(&self, generation: i64) -> Result<Option<SettingsVersion>> {
        let sql = "SELECT generation, policy_generation, document, mark FROM settings_versions \
             WHERE generation < $1 ORDER BY generation DESC LIMIT 1";
        self.store.db.row(sql, values![generation]).await?.as_ref().map(version).transpose()
    }

    /// Replaces document and mark of a version that has not changed since it was read. Its content and
    /// generation stay, so that sign-ins in progress are still judged by the same settings.
    pub async fn reseal_settings(
        &self,
        read: &SettingsVersion,
        document: &str,
        mark: &Hashed,
    ) -> Result<bool> {
        let sql = "UPDATE settings_versions SET document = $3, mark = $4 \
             WHERE generation = $1 AND document = $2 AND mark = $5";
        let values = values![read.generation, &read.document, document, mark, read.mark.clone()];
        Ok(self.store.db.execute(sql, values).await? == 1)
    }

    /// Records that nothing is sealed under this key any more, with the event; the first record stays.
    pub async fn retire_sealing_key(&self, id: &str, event: &Event) -> Result<()> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            let sql = "INSERT INTO facts (name, at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
            if tx.execute(sql, values![retired(id), event.at]).await? == 1 {
                audit::insert(&mut tx, event).await?;
            }
            tx.commit().await
        })
        .await
    }

    /// Since when nothing is sealed under this key.
    pub async fn sealing_key_retired_at(&self, id: &str) -> Result<Option<Millis>> {
        self.store.sync().fact(&retired(id)).await
    }
}

fn retired(id: &str) -> String {
    format!("sealing_key_retired:{id}")
}

#[cfg(test)]
mod tests {
    use crate::store::Store;

    /// The columns with sealed bytes. A new column must be resealed by `flow::support::sealing` and added here. (The
    /// documents of `settings_versions` contain sealed texts too.)
    const SEALED_COLUMNS: [(&str, &str); 2] =
        [("factors", "sealed_secret"), ("signing_keys", "sealed_private")];

    #[tokio::test]
    async fn every_column_of_sealed_bytes_is_known_to_the_rotation() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("idp.db");
        Store::open(&format!("sqlite:{}", path.display())).await.expect("a store");
        let file = rusqlite::Connection::open(path).expect("the file opens");
        let sql = "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND c.type = 'BLOB' \
             AND (c.name LIKE '%seal%' OR c.name LIKE '%secret%' OR c.name LIKE '%private%') ORDER BY 1, 2";
        let mut statement = file.prepare(sql).expect("a query");
        let columns = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
        let columns: Vec<(String, String)> = columns.collect::<std::result::Result<_, _>>().expect("names");
        assert_eq!(columns, SEALED_COLUMNS.map(|(table, column)| (table.to_owned(), column.to_owned())));
    }
}
