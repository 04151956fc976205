//! Why a client gets no tokens.

use crate::flow::installation::fault::{Fault, carries_faults};
use crate::keys::KeyError;
use crate::oidc::bearer::BearerError;
use crate::oidc::error::OAuthError;
use crate::store::StoreError;
use crate::volatile::VolatileError;

/// Why there are no tokens.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The request is refused.
    #[error(transparent)]
    OAuth(#[from] OAuthError),
    /// Nothing was decided and nothing consumed: the client may try again.
    #[error(transparent)]
    Fault(#[from] Fault),
}

carries_faults!(TokenError: StoreError, VolatileError, KeyError);

/// Why an access token gives nothing.
#[derive(Debug, thiserror::Error)]
pub enum UserInfoError {
    #[error(transparent)]
    Bearer(#[from] BearerError),
    #[error(transparent)]
    Fault(#[from] Fault),
}

carries_faults!(UserInfoError: StoreError);
