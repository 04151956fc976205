//! What people can change about their own factors.

use crate::domain::account::{Account, AccountId};
use crate::domain::audit::Decision;
use crate::domain::factor::{FactorId, factor_name};
use crate::flow::installation::context::{LoginParts, Visit};
use crate::flow::installation::fault::Fault;

use super::recovery_set;

/// Renames a factor; false if the name is invalid or the factor belongs to another account.
pub async fn rename(
    parts: &LoginParts,
    account: &AccountId,
    factor: &FactorId,
    name: &str,
) -> Result<bool, Fault> {
    let Some(name) = factor_name(name) else { return Ok(false) };
    Ok(parts.store.identity().rename_factor(account, factor, &name).await?)
}

/// Removes a factor; the last one only with `even_last`, which policy decides.
pub async fn remove(
    parts: &LoginParts,
    visit: &Visit,
    account: &AccountId,
    factor: &FactorId,
    even_last: bool,
) -> Result<bool, Fault> {
    let event = visit.event(parts.now(), Decision::FactorRemoved).about(account, None);
    Ok(parts.store.identity().remove_factor(account, factor, even_last, &event).await?)
}

/// Replaces the recovery codes by ten new ones. `None` if the account has changed since it was judged.
pub async fn new_recovery_codes(
    parts: &LoginParts,
    visit: &Visit,
    account: &Account,
) -> Result<Option<Vec<String>>, Fault> {
    let (codes, hashes) = recovery_set(&parts.keys.sealer, &account.id);
    let event = visit.event(parts.now(), Decision::RecoveryCodesMade).about(&account.id, None);
    let done = parts
        .store
        .identity()
        .replace_recovery_codes(&account.id, account.generation, &hashes, &event)
        .await?;
    Ok(done.then_some(codes))
}
