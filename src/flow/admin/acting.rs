//! Name an admin for other admins.

use crate::domain::account::AccountId;
use crate::domain::admin::Actor;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::fault::Fault;

/// The name of whoever an actor of the audit log is.
pub(super) async fn actor_name(parts: &LoginParts, actor: &str) -> Result<String, Fault> {
    let Some(id) = Actor::account_in(actor) else { return Ok(actor.to_owned()) };
    let person = parts.store.identity().account(&AccountId(id.to_owned())).await?;
    Ok(person.map_or_else(|| actor.to_owned(), |person| person.profile.shown_name().to_owned()))
}
