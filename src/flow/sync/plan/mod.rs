//! Preview what a sync would change, store it as a plan for an administrator, and apply exactly that plan:
//!
//! - `make`: judge everybody and store what would be done
//! - `tally`: count what would be done
//! - `apply`: compare a plan with what is due now, and carry it out

mod apply;
pub(in crate::flow::sync) mod make;
pub(in crate::flow::sync) mod tally;

pub use self::apply::{ApplyResult, PlanDifference, PlanRefused, Takes, apply, takes};
pub use self::make::{NewPlan, make};
