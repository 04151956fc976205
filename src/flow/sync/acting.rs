//! Name the admin who decides something, for other admins.

use crate::domain::admin::Actor;
use crate::flow::installation::context::SyncParts;
use crate::store::StoreError;

/// The login name or email address of a person, otherwise as in the audit log.
pub(super) async fn name(parts: &SyncParts, actor: &Actor) -> Result<String, StoreError> {
    let Some(id) = actor.account() else { return Ok(actor.to_string()) };
    let account = parts.store.identity().account(id).await?;
    let name = account.map(|account| account.profile.login_name.unwrap_or(account.profile.email));
    Ok(name.unwrap_or_else(|| actor.to_string()))
}
