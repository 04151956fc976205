//! Read which database a domain controller serves and its change counter. A restored database has another
//! invocationId (MS-ADTS 3.1.1.1.9); if a snapshot was restored unnoticed, the counter has gone back.

use tokio::time::Instant;
use uuid::Uuid;

use crate::directory::connection::{Connection, Query, root_dse};
use crate::directory::error::LdapFault;

/// The attribute of the root DSE with the change counter.
pub(super) const COUNTER: &str = "highestCommittedUSN";

/// The state of one database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DatabaseState {
    pub(crate) invocation_id: Uuid,
    /// Counts each change (MS-ADTS 3.1.1.1.9).
    pub(crate) usn: i64,
}

/// Reads it; `None` where it is unreadable. The counter comes first: what is read later is at least as new.
pub(crate) async fn database_state(
    connection: &mut Connection,
    until: Instant,
) -> Result<Option<DatabaseState>, LdapFault> {
    let dse = connection.search(&root_dse(&["dsServiceName", COUNTER]), until).await?;
    let dse = dse.entries.first();
    let Some((service, usn)) =
        dse.and_then(|dse| Some((dse.names("dsServiceName").pop()?, dse.number(COUNTER)?)))
    else {
        return Ok(None);
    };
    let settings = connection.search(&Query::read(service.as_str(), &["invocationId"]), until).await?;
    let id = settings.entries.first().and_then(|settings| settings.bytes("invocationId"));
    let id = id.and_then(|id| Uuid::from_slice_le(id).ok());
    Ok(id.map(|invocation_id| DatabaseState { invocation_id, usn }))
}
