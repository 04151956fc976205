//! The use cases. A use case takes parts, decides by `domain`, and contains no HTTP or SQL.
//!
//! The rooms in order; each uses only those above it (`tests/architecture.rs`):
//!
//! 1. [`settings`]: read, check, plan and store what administrators set
//! 2. [`installation`]: what is in force, and the parts of a running process
//! 3. [`limits`]: throttles and the lockout budget, counted on all nodes together
//! 4. [`person`]: one person: looked up live, decided by the guard, written
//! 5. [`sync`]: runs, plans, the log, reverting a run
//! 6. [`account`]: what people do for themselves: password, factors, sessions, sign-out
//! 7. [`support`]: doctor, explain, set-up, the support bundle
//! 8. [`agents`]: the agents that dial out from behind firewalls: invited, let in, watched, revoked
//! 9. [`login`]: authorize, sign in, second factor, issue
//! 10. [`tokens`]: exchange, refresh, userinfo, revocation, introspection, back-channel logout
//! 11. [`delivery`]: what is decided here happens in other services
//! 12. [`admin`]: the admin panel: entering, sessions, break-glass links, overview

pub mod account;
pub mod admin;
pub mod agents;
pub mod delivery;
pub mod installation;
pub mod limits;
pub(crate) mod login;
pub(crate) mod person;
pub mod settings;
pub mod support;
pub mod sync;
pub(crate) mod tokens;
