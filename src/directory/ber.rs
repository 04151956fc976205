//! Read and write BER as LDAP restricts it (RFC 4511 section 5.1): tags of one byte and definite lengths. No
//! input makes the reader panic or allocate.

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTETS: u8 = 0x04;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// The bytes are in an encoding that LDAP forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotLdap;

/// The tag and the length at the beginning of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) tag: u8,
    /// Bytes of the content.
    pub(crate) length: u64,
    /// Bytes of the header itself.
    pub(crate) size: usize,
}

impl Header {
    /// Reads a header; `None` if the bytes end before it does.
    pub(crate) fn read(bytes: &[u8]) -> Result<Option<Self>, NotLdap> {
        let Some(&tag) = bytes.first() else { return Ok(None) };
        // tag number 31 would continue in further bytes
        if tag & 0x1f == 0x1f {
            return Err(NotLdap);
        }
        let more = match bytes.get(1) {
            None => return Ok(None),
            Some(&length @ 0..=0x7f) => return Ok(Some(Self { tag, length: length.into(), size: 2 })),
            Some(&count @ 0x81..=0x88) => usize::from(count & 0x7f),
            Some(_) => return Err(NotLdap),
        };
        let Some(length) = bytes.get(2..2 + more) else { return Ok(None) };
        let length = length.iter().fold(0, |length, byte| (length << 8) | u64::from(*byte));
        Ok(Some(Self { tag, length, size: 2 + more }))
    }

    pub(crate) fn is_constructed(self) -> bool {
        self.tag & 0x20 != 0
    }
}

/// The elements of a value, one after another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The elements inside the first element of `bytes`, which must have this tag.
    pub(crate) fn inside(tag: u8, bytes: &'a [u8]) -> Option<Self> {
        Self(bytes).take(tag).map(Self)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The tag and the content of the next element.
    pub(crate) fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let header = Header::read(self.0).ok()??;
        let (content, rest) = self.0.get(header.size..)?.split_at_checked(header.length.try_into().ok()?)?;
        self.0 = rest;
        Some((header.tag, content))
    }

    /// The content of the next element if it has this tag; otherwise nothing is read.
    pub(crate) fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let mut ahead = *self;
        let (_, content) = ahead.next().filter(|(known, _)| *known == tag)?;
        *self = ahead;
        Some(content)
    }
}

/// An element with this content.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes();
    let header =
        if content.len() < 0x80 { vec![tag, length[3]] } else { [&[tag, 0x84], &length[..]].concat() };
    [header.as_slice(), content].concat()
}

/// A sequence of these elements.
pub(crate) fn sequence(elements: &[Vec<u8>]) -> Vec<u8> {
    element(SEQUENCE, &elements.concat())
}

/// The bits of a signed 32-bit integer, which is how flags are sent.
pub(crate) fn integer(value: u32) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let small = bytes.iter().take_while(|byte| **byte == 0).count().min(3);
    // a positive number must not begin with a set bit
    let from = if small > 0 && bytes[small] >= 0x80 { small - 1 } else { small };
    element(INTEGER, &bytes[from..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Parsed = Result<Option<Header>, NotLdap>;

    #[test]
    fn a_header_is_read_as_soon_as_it_is_complete() {
        let header = |tag, length, size| Ok(Some(Header { tag, length, size }));
        let table: [(&[u8], Parsed); 9] = [
            (b"", Ok(None)),
            (b"\x30", Ok(None)),
            (b"\x30\x82\x01", Ok(None)),
            (b"\x30\x05rest", header(SEQUENCE, 5, 2)),
            (b"\x04\x82\x01\x00", header(OCTETS, 256, 4)),
            (b"\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff", header(SEQUENCE, u64::MAX, 10)),
            (b"\x30\x80", Err(NotLdap)),
            (b"\x30\x89", Err(NotLdap)),
            (b"\x3f", Err(NotLdap)),
        ];
        for (bytes, expected) in table {
            assert_eq!(Header::read(bytes), expected, "{bytes:x?}");
        }
    }

    #[test]
    fn an_element_with_another_tag_or_a_missing_end_is_not_taken() {
        let mut reader = Reader::inside(SEQUENCE, b"\x30\x07\x02\x01\x07\x04\x03ab").expect("a sequence");
        assert_eq!(reader.take(OCTETS), None);
        assert_eq!(reader.take(INTEGER), Some(&b"\x07"[..]));
        assert_eq!(reader.take(OCTETS), None, "it announces three bytes and has two");
        assert_eq!(reader.next(), None);
        assert!(Reader::inside(SET, b"\x30\x00").is_none());
    }

    #[test]
    fn a_positive_integer_begins_with_a_clear_bit() {
        let table: [(u32, &[u8]); 6] = [
            (0, b"\x00"),
            (0x7f, b"\x7f"),
            (0x80, b"\x00\x80"),
            (1_000, b"\x03\xe8"),
            (0x7fff_ffff, b"\x7f\xff\xff\xff"),
            (0x8000_0001, b"\x80\x00\x00\x01"),
        ];
        for (value, content) in table {
            assert_eq!(integer(value), element(INTEGER, content), "{value}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read(tag in 0u8..31, content in prop::collection::vec(any::<u8>(), 0..400)) {
            let bytes = [element(tag, &content), b"rest".to_vec()].concat();
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.next(), Some((tag, content.as_slice())));
            prop_assert_eq!(reader.0, b"rest");
            prop_assert_eq!(ldap3::asn1::parse_tag(&bytes).map(|(rest, _)| rest).ok(), Some(&b"rest"[..]));
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>) {
            let mut reader = Reader::new(&bytes);
            while reader.next().is_some() {}
        }
    }
}
