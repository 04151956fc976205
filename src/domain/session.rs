//! A browser signed in here.

use super::Millis;
use super::evidence::Evidence;
use super::place::Place;
use super::secret::Hashed;
use super::settings::SessionSettings;

/// One session as the store keeps it. The id itself is only in the browser's cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Digest of the id in the cookie.
    pub id_hash: Hashed,
    /// The public name of the session (claim `sid`).
    pub sid: String,
    /// What was proven when it was made.
    pub evidence: Evidence,
    /// When it was made.
    pub created_at: Millis,
    /// When it was last used.
    pub used_at: Millis,
    /// Where that was.
    pub place: Place,
}

impl Session {
    /// True while neither lifetime has run out.
    #[must_use]
    pub fn is_alive(&self, settings: &SessionSettings, now: Millis) -> bool {
        now < self.expires_at(settings)
    }

    /// When it ends if nobody uses it again.
    #[must_use]
    pub fn expires_at(&self, settings: &SessionSettings) -> Millis {
        (self.used_at + settings.idle()).min(self.created_at + settings.absolute())
    }
}
