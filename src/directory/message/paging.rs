//! Read long lists in pages (RFC 2696), and check that a list is complete. A list without a proper end is an
//! error: missing entries must never look deleted.

use ldap3::LdapResult;
use ldap3::controls::{PagedResults, RawControl};
use tokio::time::Duration;

use super::ppolicy::element;
use crate::directory::error::{DirectoryError, LdapFault, ServerFault};
use crate::directory::message::code;

const PAGED_RESULTS: &str = "1.2.840.113556.1.4.319";
/// Time limit for one page.
pub(crate) const PAGE_TIME: Duration = Duration::from_secs(30);
/// Time limit for finding a server.
pub(crate) const START_TIME: Duration = Duration::from_secs(10);
/// Empty pages in a row before the read is given up.
pub(crate) const EMPTY_PAGES: u32 = 1_000;

/// Requests one page (RFC 2696 section 3).
pub(crate) fn paged(size: usize, cookie: Vec<u8>) -> RawControl {
    let size = i32::try_from(size).unwrap_or(i32::MAX);
    RawControl { crit: true, ..PagedResults { size, cookie }.into() }
}

pub(crate) fn broken(server: &str, fault: LdapFault) -> DirectoryError {
    DirectoryError::Unavailable(vec![ServerFault { server: server.to_owned(), fault }])
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
    let control = result.ctrls.iter().find(|control| control.1.ctype == PAGED_RESULTS);
    control
        .and_then(|control| cookie(control.1.val.as_deref()?))
        .ok_or_else(|| DirectoryError::Incomplete("a page came without a cookie".to_owned()))
}

/// `SEQUENCE { size INTEGER, cookie OCTET STRING }` (RFC 2696 section 2).
fn cookie(value: &[u8]) -> Option<Vec<u8>> {
    let (0x30, parts, _) = element(value)? else { return None };
    let (0x02, _, rest) = element(parts)? else { return None };
    let (0x04, cookie, _) = element(rest)? else { return None };
    Some(cookie.to_vec())
}

#[cfg(test)]
mod tests {
    use ldap3::controls::Control;
    use proptest::prelude::*;

    use super::*;

    fn result(rc: u32, value: Option<&[u8]>) -> LdapResult {
        let ctrls = value
            .map(|value| {
                Control(
                    None,
                    RawControl { ctype: PAGED_RESULTS.into(), crit: false, val: Some(value.to_vec()) },
                )
            })
            .into_iter()
            .collect();
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
            let _ = cookie(&bytes);
        }
    }
}
