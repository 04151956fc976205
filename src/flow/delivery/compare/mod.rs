//! Compare what a service has with what it should have.
//!
//! The list of the service is read to its end into a sealed table of the store, and then everybody here is compared
//! with it, a page at a time: the memory does not grow with the people. What differs is shown (`preview`), or noted as
//! wishes in the outbox, by which everything is sent (`reconcile`, and once a day). Nothing is written to a service here.
//!
//! - `error`: why there is no result
//! - `work`: the comparison that is running, and its requests
//! - `read`: the list of the service
//! - `own`: people and Team Shares here, with what they are looked for by
//! - `people`, `shares`: one page after the other
//! - `fix`: wishes about those who differ
//! - `run`: all of it, as it is ordered
//! - `view`: what is shown
//! - `day`: once a day

mod day;
mod error;
mod fix;
mod own;
mod people;
mod read;
mod run;
mod shares;
mod view;
mod work;

pub(super) use self::day::daily;
pub use self::error::CompareError;
pub use self::run::{Comparison, Reconciling, preview, reconcile};
pub use self::view::{ComparisonView, FindingPages, FindingView, NewestComparisonView, NumbersView};
