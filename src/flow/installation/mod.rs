//! What is in force, and the parts of a running process.
//!
//! - [`context`]: the parts that use cases need, and the visit of each request
//! - [`current`]: settings with their generation, and a connection to each directory
//! - [`fault`], [`causes`]: why a use case failed, and how errors are logged
//! - [`browser`], [`device`]: the cookies of a browser, and who has signed in in it
//! - `lease`: one process at a time does a piece of work
//! - [`rotation`]: read and rotate the signing keys
//! - [`nodes`]: register this process, with its sealing keys
//! - [`background`], [`readiness`]: whether the scheduled jobs run and the process can work
//! - [`process`]: this process and what it was started with
//! - `test_client`: the client with which an admin tests single sign-on
//! - [`units`]: the containers of a directory with the people in each

pub(crate) mod background;
pub(crate) mod browser;
pub(crate) mod causes;
pub mod context;
pub mod current;
pub mod device;
pub mod fault;
pub(in crate::flow) mod lease;
pub(crate) mod nodes;
pub(crate) mod process;
pub(crate) mod readiness;
pub mod rotation;
pub(in crate::flow) mod test_client;
pub mod units;
