//! Check the structure of LDAP messages byte by byte before anything is kept. The LDAP library trusts
//! announced lengths and nests without limit, so a few bytes from a broken server would fill the memory or
//! the stack.

/// The size limit of one message, and so of one entry: a group with about 300,000 members.
pub(crate) const MOST_BYTES: u64 = 32 * 1_024 * 1_024;
/// LDAP needs at most ten levels, for a filter inside a control.
const DEEPEST: usize = 32;

/// Why a message is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Breach {
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
pub(crate) struct Elements {
    /// Bytes left in each open element, outermost first.
    open: Vec<u64>,
    next: Next,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Next {
    #[default]
    Type,
    Length {
        constructed: bool,
    },
    /// The remaining bytes of a long length.
    MoreLength {
        constructed: bool,
        left: u8,
        length: u64,
    },
    /// Bytes of a value.
    Value(u64),
}

impl Elements {
    /// Checks these bytes and advances.
    pub(crate) fn pass(&mut self, mut bytes: &[u8]) -> Result<(), Breach> {
        while let Some((first, rest)) = bytes.split_first() {
            if let Next::Value(left) = self.next {
                let taken = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                bytes = &bytes[taken..];
                self.value(left - taken as u64);
                continue;
            }
            bytes = rest;
            if let Some(left) = self.open.last_mut() {
                *left = left.checked_sub(1).ok_or(Breach::Overrun { inner: 1, outer: 0 })?;
            }
            self.header(*first)?;
        }
        Ok(())
    }

    fn value(&mut self, left: u64) {
        self.next = Next::Value(left);
        if left == 0 {
            self.close();
        }
    }

    /// Closes an element, and every parent that ends with it.
    fn close(&mut self) {
        self.next = Next::Type;
        while self.open.last() == Some(&0) {
            self.open.pop();
        }
    }

    fn header(&mut self, byte: u8) -> Result<(), Breach> {
        match self.next {
            // tag number 31 would continue in further bytes
            Next::Type if byte & 0x1f == 0x1f => return Err(Breach::NotLdap),
            Next::Type => self.next = Next::Length { constructed: byte & 0x20 != 0 },
            Next::Length { constructed } => match byte {
                0..=0x7f => return self.element(constructed, byte.into()),
                0x81..=0x88 => self.next = Next::MoreLength { constructed, left: byte & 0x7f, length: 0 },
                _ => return Err(Breach::NotLdap),
            },
            Next::MoreLength { constructed, left, length } => {
                let length = (length << 8) | u64::from(byte);
                match left - 1 {
                    0 => return self.element(constructed, length),
                    left => self.next = Next::MoreLength { constructed, left, length },
                }
            }
            Next::Value(_) => {}
        }
        Ok(())
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
                self.next = Next::Type;
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
            assert_eq!((elements.open.as_slice(), elements.next), (&[][..], Next::Type), "{message:x?}");
        }
        assert!(whole(b"\x30\x84\x02\x00\x00\x00").is_ok(), "just as long as may be");
    }

    fn element(kind: u8, content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len()).expect("short").to_be_bytes();
        let head =
            if content.len() < 0x80 { vec![kind, length[3]] } else { [&[kind, 0x84], &length[..]].concat() };
        [head, content.to_vec()].concat()
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
            prop_assert!(elements.open.is_empty() && elements.next == Next::Type);
            prop_assert!(parse_tag(&bytes).is_ok());
        }

        /// The library never waits for more than we accept.
        #[test]
        fn an_accepted_message_is_complete_for_the_library(bytes: Vec<u8>) {
            if let Ok(elements) = whole(&bytes)
                && elements.open.is_empty() && elements.next == Next::Type && !bytes.is_empty()
            {
                prop_assert!(parse_tag(&bytes).is_ok());
            }
        }
    }
}
