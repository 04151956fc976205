//! Runs, changes, plans, the mirror of a directory, and what waits for an administrator.

pub(super) mod applied;
pub(super) mod apply;
pub(super) mod bundles;
pub(super) mod changes;
pub(super) mod created;
pub(super) mod facts;
pub(super) mod feeds;
pub(super) mod groups;
pub(super) mod held;
pub(super) mod mirror;
pub(super) mod pins;
pub(super) mod plans;
pub(super) mod runs;
pub(super) mod shares;
pub(super) mod undo;
