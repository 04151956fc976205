//! The controls that we use (RFC 4511 section 4.1.11), and their values in a response.

use ldap3::controls::{Control, MakeCritical, RawControl, RefreshMode, SyncRequest};

use crate::directory::ber;

/// RFC 2696.
pub(crate) const PAGED_RESULTS: &str = "1.2.840.113556.1.4.319";
/// Content synchronization (RFC 4533 section 2.2).
pub(crate) const SYNC_REQUEST: &str = "1.3.6.1.4.1.4203.1.9.1.1";
/// Password policy (draft-behera-ldap-password-policy-11 section 6), for request and response.
pub(crate) const PASSWORD_POLICY: &str = "1.3.6.1.4.1.42.2.27.8.5.1";
/// Suppresses continuation references (MS-ADTS 3.1.1.3.4.1.13).
pub(crate) const DOMAIN_SCOPE: &str = "1.2.840.113556.1.4.1339";
/// MS-ADTS 3.1.1.3.4.1.3, .5, .11 and .14.
pub(crate) const DIRSYNC: &str = "1.2.840.113556.1.4.841";
pub(crate) const EXTENDED_DN: &str = "1.2.840.113556.1.4.529";
const SD_FLAGS: &str = "1.2.840.113556.1.4.801";
pub(crate) const SHOW_DELETED: &str = "1.2.840.113556.1.4.417";

/// A control that a server without it must refuse.
pub(super) fn critical(name: &str, value: Option<Vec<u8>>) -> RawControl {
    RawControl { ctype: name.to_owned(), crit: true, val: value }
}

/// A control that a server without it ignores.
pub(super) fn optional(name: &str, value: Option<Vec<u8>>) -> RawControl {
    RawControl { ctype: name.to_owned(), crit: false, val: value }
}

/// The value of a control in a response.
pub(crate) fn value<'a>(controls: &'a [Control], name: &str) -> Option<&'a [u8]> {
    controls.iter().find(|control| control.1.ctype == name)?.1.val.as_deref()
}

/// Requests no continuation references, which a search from a domain's root returns.
pub(crate) fn domain_scope() -> RawControl {
    optional(DOMAIN_SCOPE, None)
}

/// Requests deleted objects too.
pub(crate) fn show_deleted() -> RawControl {
    critical(SHOW_DELETED, None)
}

/// Requests the access rules of a security descriptor only (DACL_SECURITY_INFORMATION).
pub(crate) fn access_rules_only() -> RawControl {
    critical(SD_FLAGS, Some(ber::sequence(&[ber::integer(4)])))
}

/// Requests the changes since a cookie (RFC 4533 section 2.2).
pub(crate) fn sync_request(mode: RefreshMode, cookie: Option<Vec<u8>>) -> RawControl {
    SyncRequest { mode, cookie, reload_hint: false }.critical().into()
}

/// What a server sends with a response.
#[cfg(test)]
pub(crate) fn answered(name: &str, value: &[u8]) -> Control {
    Control(None, optional(name, Some(value.to_vec())))
}
