//! The outbox: what is to be delivered to which target, and what each target has confirmed.

mod outbox;
mod rows;
mod targets;
mod wishes;

pub use self::outbox::Waiting;
pub use self::rows::StoredDelivery;
pub(in crate::store) use self::targets::set as set_targets;
pub use self::targets::{DeliveryTarget, FailingTarget, Retried, StoppedTarget, TargetState};
pub(in crate::store) use self::wishes::erase;
