//! Why a comparison has no result.

use crate::domain::delivery::Failure;
use crate::flow::delivery::link::LinkError;
use crate::flow::delivery::status::DeliveryStatusError;
use crate::flow::installation::fault::{Fault, carries_faults};
use crate::flow::installation::lease::LeaseLost;
use crate::keys::KeyError;
use crate::store::StoreError;

/// Why a comparison has no result. Nothing is concluded from a part of a list.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    #[error(transparent)]
    Service(#[from] DeliveryStatusError),
    #[error("{0} is stopped: fix the cause, then have it tried again")]
    Stopped(String),
    #[error("the first delivery to {0} has not begun for all people yet; its status shows how far it is")]
    NotFilled(String),
    #[error("another comparison of this service is running; try again later")]
    Busy,
    /// The service's own words, or those of the connection.
    #[error("the list of the service can't be read: {0}")]
    Failed(Failure),
    #[error("the service has shown {listed} of {total} resources, so nothing is concluded from its list")]
    Incomplete { listed: u64, total: u64 },
    #[error("the connection can't be set up: {0}")]
    Connection(String),
    #[error("another process has taken over")]
    Lost,
    #[error(transparent)]
    Fault(#[from] Fault),
}

carries_faults!(CompareError: StoreError, KeyError);

impl From<LeaseLost> for CompareError {
    fn from(_: LeaseLost) -> Self {
        Self::Lost
    }
}

impl From<Failure> for CompareError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl CompareError {
    /// A service can't be spoken to.
    pub(super) fn connection(error: &LinkError) -> Self {
        Self::Connection(error.to_string())
    }
}
