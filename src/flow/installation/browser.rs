//! The cookies that a browser sends with a request.

use crate::domain::session::Session;
use crate::flow::installation::device::Device;

/// One browser.
pub struct Browser {
    /// The value of its login cookie, to which logins in progress are bound.
    pub id: String,
    pub session: Option<Session>,
    pub device: Device,
    /// The value of the cookie of a remembered browser.
    pub remembered: Option<String>,
}
