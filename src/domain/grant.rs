//! What a client was given: a code, then a family of tokens. Each stage is a type of its own.

use super::evidence::Evidence;
use super::secret::Hashed;
use super::{Millis, SECOND};

/// How long a client that presents a refresh token once more is given the same next one: two tabs, or a client whose
/// answer was lost, sign nobody out. After that it is a replay, which ends the family.
pub const REFRESH_GRACE: Millis = 10 * SECOND;

/// The id of a grant: chosen with the code, kept by the family, named in every access token.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GrantId(pub String);

/// What the store keeps of an exchanged code: one row for the family of tokens that it gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Chosen when the code was made.
    pub id: GrantId,
    /// Who was given it.
    pub client_id: String,
    /// The session that it came from (claim `sid`).
    pub sid: String,
    /// Granted scopes, separated by spaces.
    pub scope: String,
    /// Claims that the request asked for by name, as `oidc::claim_set` writes them.
    pub claims: Option<String>,
    /// Names of the person's groups when they were last read, for the claim `groups`.
    pub groups: Vec<String>,
    /// What was proven.
    pub evidence: Evidence,
    /// When the code was exchanged.
    pub created_at: Millis,
    /// When the family ends, used or not.
    pub expires_at: Millis,
    /// Digest of the one refresh token that is good now; `None` without `offline_access`.
    pub refresh_hash: Option<Hashed>,
    /// When that token ends if it is not used.
    pub refresh_expires_at: Millis,
    /// When that token took the place of the one before; `None` for the first.
    pub refresh_rotated_at: Option<Millis>,
    /// Set once it is revoked.
    pub revoked_at: Option<Millis>,
}

impl Grant {
    /// True while what it gave may be used.
    #[must_use]
    pub fn is_alive(&self, now: Millis) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// True where `next` is the token in force, and has been for so short a time that the one before may come once more.
    /// Whoever waited for the row while another turned the token brings an older time than that turn.
    #[must_use]
    pub fn was_just_given(&self, next: &Hashed, now: Millis) -> bool {
        let rotated = self.refresh_rotated_at.is_some_and(|at| now - at < REFRESH_GRACE);
        rotated && self.refresh_hash.as_ref() == Some(next)
    }
}
