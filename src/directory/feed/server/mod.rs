//! The one server that a feed reads from.

mod database;
mod link;
mod pages;
mod session;

pub(crate) use database::DatabaseState;
pub(crate) use link::{ANSWER_TIME, BATCH, ServerLink};
pub(crate) use pages::{PAGE, Pages};
pub(crate) use session::{DatabaseSession, deleted_objects, refusal, show_deleted};
