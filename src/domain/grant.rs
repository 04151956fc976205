//! Grants: what a client received: a code, then a family of tokens. Each stage is a type of its own.

use super::evidence::Evidence;
use super::secret::Hashed;
use super::{Millis, SECOND};

/// For this long, a client that presents the previous refresh token again gets the same successor: two tabs,
/// or a lost response, should not sign anybody out. Later it is a replay, which ends the family.
pub const REFRESH_GRACE: Millis = 10 * SECOND;

/// The id of a grant: chosen with the code, kept by the family, contained in every access token.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GrantId(pub String);

/// An exchanged code as stored: one row per family of tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub id: GrantId,
    pub client_id: String,
    /// The session that it belongs to (claim `sid`).
    pub sid: String,
    pub scope: String,
    /// Claims requested by name, as `oidc::claim_set` writes them.
    pub claims: Option<String>,
    /// The person's group names when last read, for the claim `groups`.
    pub groups: Vec<String>,
    pub evidence: Evidence,
    pub created_at: Millis,
    /// When the family ends, used or not.
    pub expires_at: Millis,
    /// Digest of the current refresh token; `None` without `offline_access`.
    pub refresh_hash: Option<Hashed>,
    /// When the current refresh token ends if it is not used.
    pub refresh_expires_at: Millis,
    /// When the current refresh token replaced the previous one; `None` for the first.
    pub refresh_rotated_at: Option<Millis>,
    pub revoked_at: Option<Millis>,
}

impl Grant {
    /// True while its tokens may be used.
    #[must_use]
    pub fn is_alive(&self, now: Millis) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// True if `next` is the current token and so recent that the previous one may still be presented. A
    /// request that waited for the row while another one rotated the token has an earlier `now` than that
    /// rotation.
    #[must_use]
    pub fn was_just_given(&self, next: &Hashed, now: Millis) -> bool {
        let rotated = self.refresh_rotated_at.is_some_and(|at| now - at < REFRESH_GRACE);
        rotated && self.refresh_hash.as_ref() == Some(next)
    }
}
