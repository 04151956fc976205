//! Delivery to a target, decided purely: what is wished, what is known to be there, and from both the next
//! SCIM request; from its answer, what is known now. The caller sends, and notes before and after each request.
//!
//! A crash at any point is harmless: [`Known::before`] forgets what a request may change before it is sent, so
//! an answer that was lost leaves a doubt and never a wrong belief.

mod answer;
mod attribute;
mod backoff;
mod budget;
mod circuit;
mod compare;
mod dialect;
mod drift;
mod gone;
mod known;
mod members;
mod note;
mod plan;
mod queue;
mod refusal;
mod request;
mod sent;
#[cfg(test)]
mod sequences;
mod sight;
#[cfg(test)]
mod tests;
mod token;
mod wish;

pub use self::answer::{Answer, Failure};
pub use self::attribute::{Attribute, Values};
pub use self::backoff::backoff;
pub use self::budget::{Budget, Rate};
pub use self::circuit::{Circuit, Permit, Stop};
pub use self::compare::{Compared, Difference, Finding, compare, compare_members, left_behind};
pub use self::dialect::{ActiveForm, Dialect, PatchForm};
pub use self::drift::{Drift, FixOrder};
pub use self::gone::GoneGuard;
pub use self::known::{Known, Place};
pub use self::note::{Noted, Outcome, note};
pub use self::plan::{Step, next};
pub use self::queue::{Quarantine, Row, Urgency};
pub use self::refusal::RefusalCause;
pub use self::request::{By, Members, RemoteId, Request, Seen};
pub use self::sent::{Action, Ending, LogEntry, Sent};
pub use self::sight::{Sight, Terms};
pub use self::token::{TokenFailure, usable_until};
pub use self::wish::{Kind, Presence, Subject, Wish};
