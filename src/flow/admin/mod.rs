//! The admin panel: who enters it, what each request may do, and what its pages show.
//!
//! - [`session`]: check the session of each request, and end it
//! - [`enter`]: begin a session after a sign-in with a second factor
//! - [`link`]: break-glass links, for a start without an admin or without the directory
//! - [`overview`]: the state of directories, feeds and stores, and what waits for an admin
//! - [`sync_log`]: runs, changes, and decisions about the people who wait

pub mod enter;
pub mod link;
pub mod overview;
pub mod session;
pub mod sync_log;
