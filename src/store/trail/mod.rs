//! The audit trail:
//!
//! - `audit`: write, read and clean up events
//! - `conditions`: which events to read
//! - `unwritten`: audit events that wait for an unreachable database

pub(super) mod audit;
pub(super) mod conditions;
pub(super) mod unwritten;
