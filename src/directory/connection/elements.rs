//! Check the structure of LDAP messages byte by byte before anything is kept. The LDAP library trusts
//! announced lengths and nests without limit, so a few bytes from a broken server would fill the memory or
//! the stack.

use crate::directory::ber::{Header, NotLdap};

/// The size limit of one message, and so of one entry: a group with about 300,000 members.
pub(super) const MOST_BYTES: u64 = 32 * 1_024 * 1_024;
/// LDAP needs at most ten levels, for a filter inside a control.
const DEEPEST: usize = 32;

/// Why a message is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Breach {
    #[error("an LDAP message of {0} bytes; the limit is {MOST_BYTES}")]
    TooLong(u64),
    #[error("an LDAP element of {inner} bytes inside an element with {outer} bytes left")]
    Overrun { inner: u64, outer: u64 },
    #[error("an LDAP message nested more than {DEEPEST} levels deep")]
    TooDeep,
    #[error("an LDAP message in an encoding that LDAP forbids (RFC 4511 section 5.1)")]
    NotLdap,
}

/// The position in the stream: the open elements and what must come next.
#[derive(Debug, Default)]
pub(super) struct Elements {
    /// Bytes left in each open element, outermost first.
    open: Vec<u64>,
    /// The beginning of a header that is not complete.
    header: Vec<u8>,
    /// Bytes left of a value.
    value: u64,
}

impl Elements {
    /// Checks these bytes and advances.
    pub(super) fn pass(&mut self, mut bytes: &[u8]) -> Result<(), Breach> {
        while let Some((first, rest)) = bytes.split_first() {
            if self.value > 0 {
                let taken = usize::try_from(self.value).unwrap_or(usize::MAX).min(bytes.len());
                bytes = &bytes[taken..];
                self.value(self.value - taken as u64);
                continue;
            }
            bytes = rest;
            if let Some(left) = self.open.last_mut() {
                *left = left.checked_sub(1).ok_or(Breach::Overrun { inner: 1, outer: 0 })?;
            }
            self.header.push(*first);
            if let Some(header) = Header::read(&self.header).map_err(|NotLdap| Breach::NotLdap)? {
                self.header.clear();
                self.element(header.is_constructed(), header.length)?;
            }
        }
        Ok(())
    }

    /// Skips a value, and closes every element that ends with it.
    fn value(&mut self, left: u64) {
        self.value = left;
        while left == 0 && self.open.last() == Some(&0) {
            self.open.pop();
        }
    }

    fn element(&mut self, constructed: bool, length: u64) -> Result<(), Breach> {
        match self.open.last_mut() {
            None if length > MOST_BYTES => return Err(Breach::TooLong(length)),
            None => {}
            Some(left) => {
                let outer = *left;
                *left = outer.checked_sub(length).ok_or(Breach::Overrun { inner: length, outer })?;
            }
        }
        match constructed {
            true if length > 0 && self.open.len() == DEEPEST => return Err(Breach::TooDeep),
            true if length > 0 => {
                self.open.push(length);
            }
            _ => self.value(length),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ldap3::asn1::parse_tag;
    use proptest::prelude::*;

    use super::*;
    use crate::directory::ber::element;

    impl Elements {
        fn is_between_messages(&self) -> bool {
            self.open.is_empty() && self.header.is_empty() && self.value == 0
        }
    }

    fn whole(bytes: &[u8]) -> Result<Elements, Breach> {
        let mut elements = Elements::default();
        elements.pass(bytes).map(|()| elements)
    }

    #[test]
    fn an_impossible_element_is_rejected_at_its_header() {
        let table: [(&[u8], Breach); 8] = [
            (b"\x30\x84\x7f\xff\xff\xff", Breach::TooLong(0x7fff_ffff)),
            (b"\x30\x84\x02\x00\x00\x01", Breach::TooLong(MOST_BYTES + 1)),
            (b"\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff", Breach::TooLong(u64::MAX)),
            (b"\x30\x07\x04\x84\x7f\xff\xff\xff", Breach::Overrun { inner: 0x7fff_ffff, outer: 1 }),
            (b"\x30\x03\x04\x02", Breach::Overrun { inner: 2, outer: 1 }),
            (b"\x30\x80", Breach::NotLdap),
            (b"\x30\x89", Breach::NotLdap),
            (b"\x3f\x01", Breach::NotLdap),
        ];
        for (bytes, breach) in table {
            assert_eq!(whole(bytes).err(), Some(breach), "{bytes:x?}");
        }
        let deep = [0x30, 0x7e].into_iter().chain((0..62).flat_map(|level| [0x30, 0x7c - 2 * level]));
        assert_eq!(whole(&deep.collect::<Vec<u8>>()).err(), Some(Breach::TooDeep));
    }

    #[test]
    fn a_message_has_the_announced_length() {
        for message in [&b"\x30\x05\x02\x01\x01\x42\x00"[..], b"\x30\x00", b"\x04\x81\x01x"] {
            let two = [message, message].concat();
            let elements = whole(&two).expect("LDAP");
            assert!(elements.is_between_messages(), "{message:x?}");
        }
        assert!(whole(b"\x30\x84\x02\x00\x00\x00").is_ok(), "just as long as may be");
    }

    fn any_element() -> impl Strategy<Value = Vec<u8>> {
        let leaf = (0u8..31, prop::collection::vec(any::<u8>(), 0..300));
        let leaf = leaf.prop_map(|(kind, value)| element(kind, &value));
        leaf.prop_recursive(6, 40, 6, |inner| {
            let parts = prop::collection::vec(inner, 0..6);
            (0u8..31, parts).prop_map(|(kind, parts)| element(kind | 0x20, &parts.concat()))
        })
    }

    proptest! {
        /// However the network splits it.
        #[test]
        fn every_valid_element_passes(bytes in any_element(), cut in 0usize..1_000) {
            let (head, tail) = bytes.split_at(cut.min(bytes.len()));
            let mut elements = Elements::default();
            prop_assert_eq!(elements.pass(head), Ok(()));
            prop_assert_eq!(elements.pass(tail), Ok(()));
            prop_assert!(elements.is_between_messages());
            prop_assert!(parse_tag(&bytes).is_ok());
        }

        /// The library never waits for more than we accept.
        #[test]
        fn an_accepted_message_is_complete_for_the_library(bytes: Vec<u8>) {
            if whole(&bytes).is_ok_and(|elements| elements.is_between_messages()) && !bytes.is_empty() {
                prop_assert!(parse_tag(&bytes).is_ok());
            }
        }
    }
}
