//! The password policy controls of OpenLDAP and 389-DS (draft-behera-ldap-password-policy-11 section 6).

use ldap3::controls::{Control, RawControl};

use super::control::{self, PASSWORD_POLICY};
use crate::directory::ber::{Reader, SEQUENCE};

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
    control::optional(PASSWORD_POLICY, None)
}

/// The policy error in a response, if there is one.
pub(crate) fn error_in(controls: &[Control]) -> Option<PolicyError> {
    read_error(control::value(controls, PASSWORD_POLICY)?)
}

/// `SEQUENCE { warning [0] ... OPTIONAL, error [1] ENUMERATED OPTIONAL }`.
fn read_error(value: &[u8]) -> Option<PolicyError> {
    const ERROR: u8 = 0x81;
    let mut parts = Reader::inside(SEQUENCE, value)?;
    while let Some((tag, content)) = parts.next() {
        if tag == ERROR {
            let [code] = content else { return None };
            return Some(match code {
                0 => PolicyError::PasswordExpired,
                1 => PolicyError::AccountLocked,
                2 => PolicyError::ChangeAfterReset,
                other => PolicyError::Other(*other),
            });
        }
    }
    None
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
