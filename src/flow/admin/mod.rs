//! The admin panel: who enters it, what each request may do, and what its pages show.
//!
//! - [`session`]: check the session of each request, and end it
//! - [`enter`]: begin a session after a sign-in with a second factor
//! - [`link`]: break-glass links, for a start without an admin or without the directory
//! - [`clients`]: applications and their secrets
//! - [`services`], [`service_test`], [`service_comparison`]: whom accounts are delivered to, the test of a connection,
//!   and what is there compared with what should be
//! - [`draft`]: what was sent waits while the admin proves a fresh second factor
//! - `second_factor`: what a change of its policy does
//! - [`set_up`]: from nothing to the first sign-in, step by step
//! - [`settings`]: settings on pages, changed on the version that was shown
//! - [`four_eyes`], [`approval_views`], [`approvals`]: what needs a second owner: asked for, shown, and decided
//! - [`token`]: the access tokens of scripts
//! - [`idempotency`]: carry out a request of a script once
//! - [`task`]: long work that outlives the request and the node
//! - [`charts`]: what the charts of the overview show
//! - [`directory`], [`connection`], [`connection_test`], [`look`]: the connection to a directory, as typed, tested and saved
//! - [`fix`]: the one thing to do about a person who can't sign in
//! - [`overview`]: the state of directories, feeds and stores, and what waits for an admin
//! - [`held`]: decide about all people at once whom the guard holds
//! - [`support_bundle`]: one file for the support, without secrets
//! - [`sync_log`]: runs, changes, and decisions about the people who wait
//! - [`test_sso`]: tests of single sign-on
//! - [`person`]: what an admin does to one person
//! - [`hand_over`]: give an account to the person who has a conflict about it
//! - `protected`: admins from whom only an owner takes anything
//! - [`sync_settings`]: what of a directory is synced, and how often
//! - [`sync_plan`]: a plan of the sync
//! - [`troubleshooting`]: why people are not synced, and why the sync is slow

mod acting;
pub mod approval_views;
pub mod approvals;
pub mod charts;
pub mod clients;
pub mod connection;
pub mod connection_test;
pub mod directory;
pub mod draft;
pub mod enter;
pub mod fix;
pub mod four_eyes;
pub mod hand_over;
pub mod held;
pub mod idempotency;
pub mod link;
pub mod look;
pub mod overview;
pub mod person;
mod protected;
mod second_factor;
pub mod service_comparison;
pub mod service_test;
pub mod services;
pub mod session;
pub mod set_up;
pub mod settings;
pub mod support_bundle;
pub mod sync_log;
pub mod sync_plan;
pub mod sync_settings;
pub mod task;
pub mod test_sso;
pub mod token;
pub mod troubleshooting;
