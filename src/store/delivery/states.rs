//! How one person stands at a service, for whoever asks about the person.

use crate::domain::Millis;
use crate::domain::delivery::Subject;

use super::rows::{COLUMNS, StoredDelivery};
use crate::store::DeliveryStore;
use crate::store::engine::commit::kind_word;
use crate::store::engine::error::{Result, StoreError};
use crate::store::engine::sql::DbRow;
use crate::store::engine::value::values;

/// What is known of one person at a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveredState {
    pub delivery: StoredDelivery,
    /// The service has confirmed it last; `None`: never.
    pub active: Option<bool>,
    /// Since when that is so.
    pub active_since: Option<Millis>,
}

impl DeliveryStore<'_> {
    /// How one person or Team Share stands at a service; `None` if it was never to be delivered there.
    pub async fn state(&self, target: &str, subject: &Subject) -> Result<Option<DeliveredState>> {
        let sql = format!(
            "SELECT {COLUMNS}, active, active_since FROM deliveries WHERE target = $1 AND kind = $2 AND subject = $3"
        );
        let values = values![target, kind_word(subject.kind()), subject.external_id()];
        self.store.db.row(sql, values).await?.as_ref().map(DeliveredState::try_from).transpose()
    }
}

impl TryFrom<&DbRow> for DeliveredState {
    type Error = StoreError;

    fn try_from(row: &DbRow) -> Result<Self> {
        let cells = row.of("deliveries", "subject");
        Ok(Self {
            delivery: StoredDelivery::try_from(row)?,
            active: cells.cell::<Option<i64>>("active")?.map(|active| active != 0),
            active_since: cells.cell("active_since")?,
        })
    }
}
