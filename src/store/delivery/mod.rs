//! The outbox: what is to be delivered to which target, and what each target has confirmed.

mod comparing;
mod comparisons;
mod counts;
mod log;
mod outbox;
mod rows;
mod states;
mod targets;
mod wishes;

pub use self::comparing::{ComparisonRun, FoundDifference, ListedKeys, ListedResource};
pub use self::comparisons::{ComparisonRow, Correction};
pub use self::log::{DeliveryLogFilter, LoggedDelivery};
pub(in crate::store) use self::log::{KEPT as LOG_KEPT, MOST as LOG_MOST};
pub use self::outbox::{AttemptNote, Waiting};
pub use self::rows::StoredDelivery;
pub use self::states::DeliveredState;
pub(in crate::store) use self::targets::set as set_targets;
pub use self::targets::{DeliveryTarget, FailingTarget, Retried, StoppedTarget, TargetState};
pub(in crate::store) use self::wishes::{erase, verify_everywhere};
