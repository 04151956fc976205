//! Result codes (RFC 4511 section 4.1.9), and the Windows error code in a diagnostic text.

pub(crate) const SUCCESS: u32 = 0;
pub(crate) const OPERATIONS_ERROR: u32 = 1;
pub(crate) const PROTOCOL_ERROR: u32 = 2;
pub(crate) const SIZE_LIMIT_EXCEEDED: u32 = 4;
pub(crate) const REFERRAL: u32 = 10;
pub(crate) const UNAVAILABLE_CRITICAL_EXTENSION: u32 = 12;
pub(crate) const CONSTRAINT_VIOLATION: u32 = 19;
pub(crate) const NO_SUCH_OBJECT: u32 = 32;
pub(crate) const INAPPROPRIATE_AUTHENTICATION: u32 = 48;
pub(crate) const INVALID_CREDENTIALS: u32 = 49;
pub(crate) const INSUFFICIENT_ACCESS_RIGHTS: u32 = 50;
pub(crate) const BUSY: u32 = 51;
pub(crate) const UNAVAILABLE: u32 = 52;
pub(crate) const UNWILLING_TO_PERFORM: u32 = 53;

/// The `NNN` of `..., data NNN, ...` in Active Directory's diagnostic text (a Windows error code in
/// hexadecimal).
pub(crate) fn sub_code(text: &str) -> Option<u32> {
    let (_, after) = text.split_once(", data ")?;
    let digits = after.split(|c: char| !c.is_ascii_hexdigit()).next()?;
    u32::from_str_radix(digits, 16).ok()
}
