//! Sessions, grants, remembered browsers, and the audit trail.

pub(super) mod audit;
pub(super) mod grants;
pub(super) mod remembered;
pub(super) mod sessions;
pub(super) mod spent;
pub(super) mod unwritten;
