//! Delivery to services by SCIM 2.0, as `domain::delivery` decides it.
//!
//! - `wish`: what should be at a service about one person or Team Share, from the store
//! - `headers`: what the headers of an answer say
//! - `tokens`: the access tokens of the settings, or of a token endpoint
//! - `link`: the connection to a service
//! - `exchange`: one request and its answer
//! - `control`: whether the service may be asked now
//! - `facts`: whose the resources in an answer are
//! - `channel`: the way to a service, with its state in this process
//! - `listing`, `listed`: who is on the list of a service without filters
//! - `names`: which names are on their way
//! - `attempt`: one person or Team Share is brought to the service
//! - [`compare`]: what a service has, compared with what it should have; and fixing that
//! - `sender`: all of them, as one process at a time does it
//! - [`service_test`]: Test Connection
//! - [`status`]: what waits, and trying again
//! - [`log`]: what was sent
//! - [`known`]: how one person stands at each service
//! - [`views`]: what commands and the panel show of it

mod attempt;
mod channel;
pub mod compare;
mod control;
mod exchange;
mod facts;
mod headers;
pub mod known;
mod link;
mod listed;
mod listing;
pub mod log;
mod names;
mod sender;
pub mod service_test;
pub mod status;
mod tokens;
pub mod views;
mod wish;

pub use sender::deliver;
