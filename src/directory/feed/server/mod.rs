//! The one server that a feed reads from.

mod database;
mod link;
mod pages;
mod session;

pub(super) use database::DatabaseState;
pub(super) use link::{ANSWER_TIME, BATCH, ServerLink};
pub(super) use pages::{PAGE, Pages};
pub(super) use session::{DatabaseSession, deleted_objects, refusal};
