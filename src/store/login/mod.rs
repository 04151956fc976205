//! Sessions, grants, remembered browsers and the audit trail:
//!
//! - `audit`: the audit trail
//! - `grants`: authorization codes and refresh families
//! - `remembered`: browsers that skip the second factor for a while
//! - `sessions`: browser sessions
//! - `spent`: logins that are used up
//! - `unwritten`: audit events that wait for an unreachable database

pub(super) mod audit;
pub(super) mod grants;
pub(super) mod remembered;
pub(super) mod sessions;
pub(super) mod spent;
pub(super) mod unwritten;
