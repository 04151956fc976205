//! Settings, keys, leases and cleaning up:
//!
//! - `agents`, `agent_tunnels`: the agents behind firewalls, and their connections
//! - `certificates`: certificates of directory servers
//! - `expire`: remove expired rows
//! - `keys`: signing keys
//! - `leases`: one process per job
//! - `nodes`: the running processes
//! - `resealing`: write secrets sealed under a new key
//! - `versions`: the settings document and its versions

pub(super) mod agent_tunnels;
pub(super) mod agents;
pub(super) mod certificates;
pub(super) mod expire;
pub(super) mod keys;
pub(super) mod leases;
pub(super) mod nodes;
pub(super) mod resealing;
pub(super) mod versions;
