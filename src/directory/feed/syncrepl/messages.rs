//! Parse the messages of content synchronization (RFC 4533 section 2) and
//! compare the cookies of OpenLDAP.

use std::collections::BTreeMap;

use ldap3::asn1::{PL, StructureTag};
use ldap3::controls::Control;
use uuid::Uuid;

use crate::directory::ber::{BOOLEAN, ENUMERATED, OCTETS, Reader, SEQUENCE, SET};
use crate::directory::message::control;

const SYNC_STATE: &str = "1.3.6.1.4.1.4203.1.9.1.2";
const SYNC_DONE: &str = "1.3.6.1.4.1.4203.1.9.1.3";
const SYNC_INFO: &[u8] = b"1.3.6.1.4.1.4203.1.9.1.4";

/// What happened to an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryChange {
    Present,
    /// Added or modified: the entry is complete.
    Changed,
    Deleted,
}

/// Comes with each entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntryState {
    pub(crate) change: EntryChange,
    pub(crate) id: Uuid,
    pub(crate) cookie: Option<Vec<u8>>,
}

/// Comes between entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Info {
    NewCookie(Vec<u8>),
    /// Every deletion was reported. `done`: from here on changes come as they happen.
    RefreshDelete {
        cookie: Option<Vec<u8>>,
        done: bool,
    },
    /// Every entry that was not reported is deleted.
    RefreshPresent {
        cookie: Option<Vec<u8>>,
        done: bool,
    },
    /// `deleted`: these are deleted; otherwise these still exist.
    Ids {
        cookie: Option<Vec<u8>>,
        deleted: bool,
        ids: Vec<Uuid>,
    },
}

/// RFC 4533 section 2.3: `SEQUENCE { state ENUMERATED, entryUUID OCTET STRING, cookie OCTET STRING OPTIONAL
/// }`.
pub(crate) fn state(controls: &[Control]) -> Option<EntryState> {
    let mut parts = Reader::inside(SEQUENCE, control::value(controls, SYNC_STATE)?)?;
    let &[change] = parts.take(ENUMERATED)? else { return None };
    let id = Uuid::from_slice(parts.take(OCTETS)?).ok()?;
    let change = match change {
        0 => EntryChange::Present,
        1 | 2 => EntryChange::Changed,
        3 => EntryChange::Deleted,
        _ => return None,
    };
    Some(EntryState { change, id, cookie: cookie(&mut parts) })
}

/// RFC 4533 section 2.4: the cookie at the end of a refreshOnly search,
/// `SEQUENCE { cookie OCTET STRING OPTIONAL, refreshDeletes BOOLEAN DEFAULT FALSE }`.
pub(crate) fn last_cookie(controls: &[Control]) -> Option<Vec<u8>> {
    let mut parts = Reader::inside(SEQUENCE, control::value(controls, SYNC_DONE)?)?;
    cookie(&mut parts).filter(|cookie| !cookie.is_empty())
}

/// The value of a Sync Info message; `None` for an intermediate message of another kind (RFC 4511 section
/// 4.13: `[0] responseName, [1] responseValue`).
pub(crate) fn info_value(message: &StructureTag) -> Option<&[u8]> {
    let PL::C(parts) = &message.payload else { return None };
    let part = |id| {
        parts.iter().find_map(|part| match &part.payload {
            PL::P(bytes) if part.id == id => Some(bytes.as_slice()),
            _ => None,
        })
    };
    part(1).filter(|_| part(0) == Some(SYNC_INFO))
}

/// RFC 4533 section 2.5.
pub(crate) fn info(value: &[u8]) -> Option<Info> {
    let (tag, content) = Reader::new(value).next()?;
    let mut parts = Reader::new(content);
    match tag {
        0x80 => Some(Info::NewCookie(content.to_vec())),
        0xa1 => Some(Info::RefreshDelete { cookie: cookie(&mut parts), done: flag(&mut parts, true)? }),
        0xa2 => Some(Info::RefreshPresent { cookie: cookie(&mut parts), done: flag(&mut parts, true)? }),
        0xa3 => ids(parts),
        _ => None,
    }
}

/// `cookie OCTET STRING OPTIONAL, refreshDeletes BOOLEAN DEFAULT FALSE, syncUUIDs SET OF OCTET STRING`.
fn ids(mut parts: Reader<'_>) -> Option<Info> {
    let (cookie, deleted) = (cookie(&mut parts), flag(&mut parts, false)?);
    let set = parts.take(SET)?;
    let mut ids = Vec::with_capacity(set.len() / 18);
    let mut set = Reader::new(set);
    while !set.is_empty() {
        ids.push(Uuid::from_slice(set.take(OCTETS)?).ok()?);
    }
    Some(Info::Ids { cookie, deleted, ids })
}

fn cookie(parts: &mut Reader<'_>) -> Option<Vec<u8>> {
    parts.take(OCTETS).map(<[u8]>::to_vec)
}

/// `None` for an invalid flag.
fn flag(parts: &mut Reader<'_>, default: bool) -> Option<bool> {
    match parts.take(BOOLEAN) {
        None => Some(default),
        Some(&[flag]) => Some(flag != 0),
        Some(_) => None,
    }
}

/// The cookie to continue from, after `old`, when `new` has come; an error text when the server did not
/// continue from there. RFC 4533 section 2.1.2 makes cookies opaque; those of OpenLDAP are known
/// (`rid=000,csn=...;...`): one time for each server that writes, and a message may contain only the one that
/// it concerns. OpenLDAP silently ignores a cookie that it can't parse, and sends everything as if it had got
/// none.
pub(crate) fn advanced(old: &[u8], new: Vec<u8>) -> Result<Vec<u8>, String> {
    let (mut times, new_times) = match (times(old), times(&new)) {
        (Some(times), Some(new_times)) => (times, new_times),
        (None, None) if !new.is_empty() => return Ok(new),
        _ => return Err("the server did not continue from the cookie".to_owned()),
    };
    let complete = times.keys().all(|server| new_times.contains_key(server));
    for (server, time) in new_times {
        if let Some(known) = times.get(server).filter(|known| time < **known) {
            return Err(format!("the server went back from {known} to {time}"));
        }
        times.insert(server, time);
    }
    let merged =
        || format!("rid=000,csn={}", times.values().copied().collect::<Vec<_>>().join(";")).into_bytes();
    Ok(if complete { new } else { merged() })
}

/// The change sequence numbers of a cookie by the server that gave them (`time#count#server#modification`).
fn times(cookie: &[u8]) -> Option<BTreeMap<&str, &str>> {
    let mut times = BTreeMap::new();
    for part in std::str::from_utf8(cookie).ok()?.split(',') {
        match part.split_once('=')? {
            ("csn", list) => {
                for time in list.split(';') {
                    times.insert(time.split('#').nth(2)?, time);
                }
            }
            ("rid" | "sid", _) => {}
            _ => return None,
        }
    }
    (!times.is_empty()).then_some(times)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn controls(kind: &str, value: &[u8]) -> Vec<Control> {
        vec![control::answered(kind, value)]
    }

    #[test]
    fn the_sync_state_of_an_entry_is_parsed() {
        let bytes = |change: u8, rest: &[u8]| {
            let inside = [&[0x0a, 1, change, 0x04, 16], &[7; 16][..], rest].concat();
            [&[0x30, u8::try_from(inside.len()).expect("short")], inside.as_slice()].concat()
        };
        let read = |bytes: &[u8]| state(&controls(SYNC_STATE, bytes));
        let id = Uuid::from_bytes([7; 16]);
        assert_eq!(read(&bytes(2, b"")), Some(EntryState { change: EntryChange::Changed, id, cookie: None }));
        let cookie = Some(b"ab".to_vec());
        assert_eq!(
            read(&bytes(3, b"\x04\x02ab")),
            Some(EntryState { change: EntryChange::Deleted, id, cookie })
        );
        assert_eq!(read(&bytes(9, b"")), None);
        assert_eq!(read(b"\x30\x03\x0a\x01\x01"), None);
        assert_eq!(last_cookie(&controls(SYNC_DONE, b"\x30\x04\x04\x02ab")), Some(b"ab".to_vec()));
        assert_eq!(last_cookie(&controls(SYNC_DONE, b"\x30\x02\x04\x00")), None);
    }

    #[test]
    fn sync_info_messages_are_parsed() {
        assert_eq!(info(b"\x80\x02ab"), Some(Info::NewCookie(b"ab".to_vec())));
        assert_eq!(info(b"\xa1\x00"), Some(Info::RefreshDelete { cookie: None, done: true }));
        let present = Info::RefreshPresent { cookie: Some(b"a".to_vec()), done: false };
        assert_eq!(info(b"\xa2\x06\x04\x01a\x01\x01\x00"), Some(present));
        let set = [b"\xa3\x17\x01\x01\xff\x31\x12\x04\x10".as_slice(), &[7; 16]].concat();
        let ids = vec![Uuid::from_bytes([7; 16])];
        assert_eq!(info(&set), Some(Info::Ids { cookie: None, deleted: true, ids }));
        assert_eq!(info(b"\xa3\x04\x31\x02\x04\x00"), None);
        assert_eq!(info(b"\xa4\x00"), None);
    }

    #[test]
    fn a_cookie_advances_for_each_server_and_never_goes_back() {
        let csn =
            |second: u8, server: u8| format!("202601010000{second:02}.000000Z#000000#{server:03}#000000");
        let cookie = |list: &[String]| format!("rid=000,csn={}", list.join(";")).into_bytes();
        let both = cookie(&[csn(10, 1), csn(20, 2)]);
        let advance = |new: &[String]| advanced(&both, cookie(new));
        assert_eq!(advance(&[csn(11, 1)]), Ok(cookie(&[csn(11, 1), csn(20, 2)])));
        assert_eq!(advance(&[csn(1, 3)]), Ok(cookie(&[csn(10, 1), csn(20, 2), csn(1, 3)])));
        assert_eq!(advance(&[csn(10, 1), csn(21, 2)]), Ok(cookie(&[csn(10, 1), csn(21, 2)])));
        assert!(advance(&[csn(9, 1), csn(21, 2)]).is_err());
        assert_eq!(advanced(b"host:389#x#7", b"host:389#x#6".to_vec()), Ok(b"host:389#x#6".to_vec()));
        for not_understood in [b"garbage".as_slice(), b"rid=000", b"rid=000,csn=garbage"] {
            assert!(advanced(not_understood, both.clone()).is_err());
            assert!(advanced(not_understood, Vec::new()).is_err());
        }
        assert!(advanced(&both, b"garbage".to_vec()).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_a_reader_panic(bytes: Vec<u8>, tag in 0x80u8..0xa5) {
            let sequence = [&[0x30, u8::try_from(bytes.len() & 0x7f).unwrap_or(0)], bytes.as_slice()].concat();
            let _ = (state(&controls(SYNC_STATE, &bytes)), last_cookie(&controls(SYNC_DONE, &bytes)), info(&bytes));
            let _ = (state(&controls(SYNC_STATE, &sequence)), last_cookie(&controls(SYNC_DONE, &sequence)));
            let _ = info(&[&[tag], &sequence[1..]].concat());
            let _ = advanced(&bytes, sequence);
        }

        #[test]
        fn no_cookie_makes_the_comparison_panic(old in "[a-z=,;#0-9.]{0,40}", new in "[a-z=,;#0-9.]{0,40}") {
            let _ = advanced(format!("rid=000,csn={old}").as_bytes(), format!("csn={new}").into_bytes());
        }
    }
}
