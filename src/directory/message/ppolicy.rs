//! The password policy controls of OpenLDAP and 389-DS (draft-behera-ldap-password-policy-11 section 6). Our
//! own small parser of the response can't panic on any input.

use ldap3::controls::{Control, RawControl};

/// The same for request and response.
pub(crate) const OID: &str = "1.3.6.1.4.1.42.2.27.8.5.1";

/// The errors of the draft that affect a bind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PolicyError {
    PasswordExpired,
    AccountLocked,
    ChangeAfterReset,
    /// The others concern password changes.
    Other(u8),
}

/// Requests the response control. Not critical: a server without it must still process the bind.
pub(crate) fn request() -> RawControl {
    RawControl { ctype: OID.to_owned(), crit: false, val: None }
}

/// The policy error in a response, if there is one.
pub(crate) fn error_in(controls: &[Control]) -> Option<PolicyError> {
    let value = controls.iter().find(|control| control.1.ctype == OID)?.1.val.as_deref()?;
    read_error(value)
}

/// `SEQUENCE { warning [0] ... OPTIONAL, error [1] ENUMERATED OPTIONAL }`.
fn read_error(value: &[u8]) -> Option<PolicyError> {
    let (0x30, mut rest, _) = element(value)? else { return None };
    while !rest.is_empty() {
        let (tag, content, after) = element(rest)?;
        if tag == 0x81 {
            let [code] = content else { return None };
            return Some(match code {
                0 => PolicyError::PasswordExpired,
                1 => PolicyError::AccountLocked,
                2 => PolicyError::ChangeAfterReset,
                other => PolicyError::Other(*other),
            });
        }
        rest = after;
    }
    None
}

/// One BER element with a definite length: tag, content, and the bytes after it.
pub(crate) fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = bytes.split_first_chunk::<2>()?;
    if first < 0x80 {
        let (content, after) = rest.split_at_checked(usize::from(first))?;
        return Some((tag, content, after));
    }
    let count = usize::from(first & 0x7f);
    if count == 0 || count > 4 {
        return None;
    }
    let (length, rest) = rest.split_at_checked(count)?;
    let length = length.iter().fold(0usize, |length, byte| (length << 8) | usize::from(*byte));
    let (content, after) = rest.split_at_checked(length)?;
    Some((tag, content, after))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_responses_of_openldap_are_parsed() {
        let table: [(&[u8], Option<PolicyError>); 8] = [
            (b"\x30\x03\x81\x01\x01", Some(PolicyError::AccountLocked)),
            (b"\x30\x03\x81\x01\x00", Some(PolicyError::PasswordExpired)),
            (b"\x30\x03\x81\x01\x02", Some(PolicyError::ChangeAfterReset)),
            (b"\x30\x07\xa0\x05\x80\x03\x01\x51\x7e", None),
            (b"\x30\x0a\xa0\x05\x80\x03\x01\x51\x7e\x81\x01\x08", Some(PolicyError::Other(8))),
            (b"\x30\x00", None),
            (b"\x30\x05\x81\x01", None),
            (b"", None),
        ];
        for (bytes, expected) in table {
            assert_eq!(read_error(bytes), expected, "{bytes:x?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>) {
            let _ = read_error(&bytes);
            let _ = read_error(&[&[0x30, 0x82], bytes.as_slice()].concat());
        }
    }
}
