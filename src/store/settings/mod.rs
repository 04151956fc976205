//! The settings document and its versions, signing keys, leases, and cleaning up.

pub(super) mod expire;
pub(super) mod keys;
pub(super) mod leases;
pub(super) mod nodes;
pub(super) mod resealing;
pub(super) mod versions;
