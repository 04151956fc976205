//! What is in force: settings with their generation, a connection to each directory, keys, and what went wrong.

pub mod background;
pub mod browser;
pub mod causes;
pub mod context;
pub mod current;
pub mod device;
pub mod fault;
pub mod nodes;
pub mod readiness;
pub mod rotation;
pub mod startup;
