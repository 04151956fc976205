//! Encode and parse the DirSync control (MS-ADTS 3.1.1.3.4.1.3) and extended names (3.1.1.3.4.1.5). The
//! parsers accept any bytes.

use ldap3::controls::{Control, RawControl};

use super::control::{self, DIRSYNC, EXTENDED_DN};
use crate::directory::ber::{self, INTEGER, OCTETS, Reader, SEQUENCE};
use crate::domain::entry::EntryId;

/// Only what the account may see. Without this flag the right to replicate is needed.
pub(crate) const OBJECT_SECURITY: u32 = 1;
/// Of a long list, only the added and removed values.
pub(crate) const INCREMENTAL_VALUES: u32 = 0x8000_0000;

/// What came at the end of a response.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DirSyncProgress {
    pub(crate) more: bool,
    pub(crate) cookie: Vec<u8>,
}

/// Requests the changes since the cookie; an empty cookie means from the beginning. Always critical: a server
/// without the control would return everything.
pub(crate) fn request(flags: u32, most_bytes: u32, cookie: &[u8]) -> RawControl {
    let parts = [ber::integer(flags), ber::integer(most_bytes), ber::element(OCTETS, cookie)];
    control::critical(DIRSYNC, Some(ber::sequence(&parts)))
}

/// Requests GUIDs beside names, as text (`SEQUENCE { Flag INTEGER }`).
pub(crate) fn extended_names() -> RawControl {
    control::optional(EXTENDED_DN, Some(ber::sequence(&[ber::integer(1)])))
}

/// `SEQUENCE { MoreResults INTEGER, unused INTEGER, CookieServer OCTET STRING }`.
pub(crate) fn progress(controls: &[Control]) -> Option<DirSyncProgress> {
    let mut parts = Reader::inside(SEQUENCE, control::value(controls, DIRSYNC)?)?;
    let more = parts.take(INTEGER)?.iter().any(|byte| *byte != 0);
    parts.take(INTEGER)?;
    let cookie = parts.take(OCTETS).filter(|cookie| !cookie.is_empty())?.to_vec();
    Some(DirSyncProgress { more, cookie })
}

/// The objectGUID in `<GUID=...>;<SID=...>;name`, dashed or as the hexadecimal bytes of the attribute.
pub(crate) fn guid(value: &[u8]) -> Option<EntryId> {
    let text = std::str::from_utf8(value).ok()?;
    let (guid, _) = text.strip_prefix("<GUID=")?.split_once('>')?;
    match guid.len() {
        32 => EntryId::from_object_guid(&hex::decode(guid).ok()?),
        _ => EntryId::from_entry_uuid(guid),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn answer(value: &[u8]) -> Vec<Control> {
        vec![control::answered(DIRSYNC, value)]
    }

    #[test]
    fn a_request_is_what_servers_expect() {
        let value = |flags, most| request(flags, most, b"ab").val.unwrap_or_default();
        assert_eq!(value(1, 1_000), b"\x30\x0b\x02\x01\x01\x02\x02\x03\xe8\x04\x02ab");
        assert_eq!(
            value(INCREMENTAL_VALUES | OBJECT_SECURITY, 200),
            b"\x30\x0e\x02\x04\x80\x00\x00\x01\x02\x02\x00\xc8\x04\x02ab"
        );
        let long = request(0, 0, &[7; 300]).val.unwrap_or_default();
        let inside = Reader::new(&long).take(SEQUENCE).map(<[u8]>::len);
        assert_eq!((inside, long.len()), (Some(3 + 3 + 6 + 300), 6 + 3 + 3 + 6 + 300));
        assert_eq!(extended_names().val.as_deref(), Some(&b"\x30\x03\x02\x01\x01"[..]));
    }

    #[test]
    fn an_answer_is_read() {
        let more = progress(&answer(b"\x30\x0a\x02\x01\x01\x02\x01\x00\x04\x02ab"));
        assert_eq!(more, Some(DirSyncProgress { more: true, cookie: b"ab".to_vec() }));
        let end = progress(&answer(b"\x30\x0a\x02\x01\x00\x02\x01\x00\x04\x02ab"));
        assert_eq!(end.map(|end| end.more), Some(false));
        assert_eq!(progress(&answer(b"\x30\x08\x02\x01\x00\x02\x01\x00\x04\x00")), None, "no cookie");
        assert_eq!(progress(&[]), None);
    }

    #[test]
    fn both_spellings_of_a_guid_are_read() {
        let id = EntryId(Uuid::from_u128(0x0201_92dc_0403_0605_0708_090a_0b0c_0d0e));
        let dashed = b"<GUID=020192dc-0403-0605-0708-090a0b0c0d0e>;<SID=S-1-5-21-1>;CN=a,DC=x";
        assert_eq!(guid(dashed), Some(id));
        assert_eq!(guid(b"<GUID=dc920102030405060708090a0b0c0d0e>;CN=a,DC=x"), Some(id));
        assert_eq!(guid(b"CN=<GUID=020192dc-0403-0605-0708-090a0b0c0d0e>,DC=x"), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_readers_panic(bytes: Vec<u8>) {
            let _ = progress(&answer(&bytes));
            let _ = progress(&answer(&[b"\x30\x84", bytes.as_slice()].concat()));
            let _ = guid(&bytes);
            let _ = guid(&[b"<GUID=", bytes.as_slice()].concat());
        }

        #[test]
        fn the_query_can_be_parsed(flags: u32, most in 0u32..0x7fff_ffff, cookie: Vec<u8>) {
            let value = request(flags, most, &cookie).val.unwrap_or_default();
            let mut parts = Reader::inside(SEQUENCE, &value).expect("a sequence");
            parts.take(INTEGER).expect("the flags");
            let bytes = parts.take(INTEGER).expect("the size");
            let read = bytes.iter().fold(0u32, |read, byte| (read << 8) | u32::from(*byte));
            prop_assert_eq!(read, most);
            prop_assert_eq!(parts.take(OCTETS), Some(cookie.as_slice()));
        }
    }
}
