//! Connections to the servers of a directory: dial and encrypt, one connection and its operations, pools of
//! them, and which server is tried when. Nothing here knows what a request is for.

mod breaker;
mod dial;
mod elements;
mod ldap;
mod pool;
mod pump;
mod queue;
mod servers;
pub(crate) mod start_tls;

pub use breaker::BreakerState;
pub(crate) use dial::{Dialer, Driver};
pub(crate) use ldap::{Connection, Follow, Following, Query, SearchResponse, root_dse};
pub use pool::PoolStats;
pub(crate) use pool::{PATIENCE, Pool, Slot};
pub(crate) use queue::Rank;
pub(crate) use servers::{DirectoryServer, Features, Servers};
