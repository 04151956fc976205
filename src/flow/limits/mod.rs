//! Limits on attempts, counted on all nodes together: throttles, the lockout budget of a password, known browsers.

pub mod budget;
pub mod throttle;
