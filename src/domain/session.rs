//! Sessions: a browser that is signed in.

use super::Millis;
use super::evidence::Evidence;
use super::place::Place;
use super::secret::Hashed;
use super::settings::SessionSettings;

/// A session as stored. The id itself is only in the browser's cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Digest of the id in the cookie.
    pub id_hash: Hashed,
    /// The public id of the session (claim `sid`).
    pub sid: String,
    /// What was proven at the sign-in.
    pub evidence: Evidence,
    /// When a second factor was proven last.
    pub factor_at: Option<Millis>,
    pub created_at: Millis,
    pub used_at: Millis,
    /// The browser and network at that time.
    pub place: Place,
}

impl Session {
    /// True while neither lifetime has expired.
    #[must_use]
    pub fn is_alive(&self, settings: &SessionSettings, now: Millis) -> bool {
        now < self.expires_at(settings)
    }

    /// When it ends if it is not used again.
    #[must_use]
    pub fn expires_at(&self, settings: &SessionSettings) -> Millis {
        (self.used_at + settings.idle()).min(self.created_at + settings.absolute())
    }
}
