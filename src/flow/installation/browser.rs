//! What a browser brought along with one request.

use crate::domain::session::Session;
use crate::flow::installation::device::Device;

/// One browser.
pub struct Browser {
    /// The value of its login cookie, to which logins in progress are bound.
    pub id: String,
    pub session: Option<Session>,
    /// Who has completed a sign-in in it.
    pub device: Device,
    /// The value of the cookie by which it is remembered.
    pub remembered: Option<String>,
}
