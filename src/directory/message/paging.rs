//! Read long lists in pages (RFC 2696), and check that a list is complete. A list without a proper end is an
//! error: missing entries must never look deleted.

use ldap3::LdapResult;
use ldap3::controls::{Control, PagedResults, RawControl};

use super::code;
use super::control::{self, PAGED_RESULTS};
use crate::directory::ber::{INTEGER, OCTETS, Reader, SEQUENCE};
use crate::directory::error::DirectoryError;

/// Requests one page (RFC 2696 section 3).
pub(crate) fn paged(size: usize, cookie: Vec<u8>) -> RawControl {
    let size = i32::try_from(size).unwrap_or(i32::MAX);
    RawControl { crit: true, ..PagedResults { size, cookie }.into() }
}

/// Any result but success means a truncated list: a size limit, or a referral to another server.
pub(crate) fn whole(result: &LdapResult) -> Result<(), DirectoryError> {
    if result.rc == code::SUCCESS {
        return Ok(());
    }
    Err(DirectoryError::Incomplete(format!("the directory answered {}: {}", result.rc, result.text)))
}

/// The cookie of the next page, empty on the last. A page without a cookie is not a valid end.
pub(crate) fn checked(result: &LdapResult) -> Result<Vec<u8>, DirectoryError> {
    whole(result)?;
    cookie_in(&result.ctrls)
        .ok_or_else(|| DirectoryError::Incomplete("a page came without a cookie".to_owned()))
}

/// The cookie in a response: `SEQUENCE { size INTEGER, cookie OCTET STRING }` (RFC 2696 section 2).
pub(crate) fn cookie_in(controls: &[Control]) -> Option<Vec<u8>> {
    let mut parts = Reader::inside(SEQUENCE, control::value(controls, PAGED_RESULTS)?)?;
    parts.take(INTEGER)?;
    parts.take(OCTETS).map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn result(rc: u32, value: Option<&[u8]>) -> LdapResult {
        let ctrls = value.map(|value| control::answered(PAGED_RESULTS, value)).into_iter().collect();
        LdapResult { rc, matched: String::new(), text: String::new(), refs: Vec::new(), ctrls }
    }

    #[test]
    fn only_success_with_a_cookie_continues() {
        assert_eq!(checked(&result(0, Some(b"\x30\x05\x02\x01\x00\x04\x00"))), Ok(Vec::new()));
        assert_eq!(checked(&result(0, Some(b"\x30\x07\x02\x01\x00\x04\x02ab"))), Ok(b"ab".to_vec()));
        for cut in [
            result(4, Some(b"\x30\x05\x02\x01\x00\x04\x00")),
            result(10, None),
            result(0, None),
            result(0, Some(b"x")),
            result(88, None),
        ] {
            assert!(matches!(checked(&cut), Err(DirectoryError::Incomplete(_))), "{cut:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>) {
            let _ = checked(&result(0, Some(&bytes)));
        }
    }
}
