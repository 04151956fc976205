//! Sessions, grants and remembered browsers:
//!
//! - `grants`: authorization codes and refresh families
//! - `own_password`: end what was opened before a change of password
//! - `remembered`: browsers that skip the second factor for a while
//! - `sessions`: browser sessions
//! - `spent`: logins that are used up
//! - `unchanged`: account and settings are still as they were judged

pub(super) mod grants;
pub(super) mod own_password;
pub(super) mod remembered;
pub(super) mod sessions;
pub(super) mod spent;
mod unchanged;
