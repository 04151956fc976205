//! Delivery to services by SCIM 2.0, as `domain::delivery` decides it.
//!
//! - `wish`: what should be at a service about one person or Team Share, from the store
//! - `link`: the connection to a service, with its tokens
//! - `exchange`: one request and its answer
//! - `control`: whether the service may be asked now
//! - `facts`: whose the resources in an answer are
//! - `channel`: the way to a service, with its state in this process
//! - `listing`, `listed`: who is on the list of a service without filters
//! - `names`: which names are on their way
//! - `attempt`: one person or Team Share is brought to the service
//! - `sender`: all of them, as one process at a time does it
//! - [`status`]: what waits, and trying again

mod attempt;
mod channel;
mod control;
mod exchange;
mod facts;
mod link;
mod listed;
mod listing;
mod names;
mod sender;
pub mod status;
mod wish;

pub use sender::deliver;
