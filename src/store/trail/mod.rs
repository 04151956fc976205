//! The audit trail:
//!
//! - `audit`: write, read and clean up events
//! - `chain`: links that prove that no event was changed or removed
//! - `checks`: checks of the chain and what they have found
//! - `conditions`: which events to read
//! - `hours`: counts and measured values for charts
//! - `let_in`: who has let a person in lately
//! - `unwritten`: audit events that wait for an unreachable database

pub(super) mod audit;
pub(super) mod chain;
pub(super) mod checks;
pub(super) mod conditions;
pub(super) mod hours;
mod let_in;
pub(super) mod unwritten;
