//! Hold one object of a search result: its DN and its values as bytes. The input is not trusted: anything
//! that is not a search entry gives `None`, never a panic. Attribute names are compared without regard to
//! case.

use ldap3::ResultEntry;
use ldap3::asn1::{PL, StructureTag};

use super::generalized_time::generalized_time;
use crate::domain::Millis;
use crate::domain::dn::Dn;

/// Milliseconds between 1601-01-01, where Windows time starts, and 1970-01-01.
const WINDOWS_EPOCH: Millis = 11_644_473_600_000;

/// One object of a search result.
#[derive(Debug)]
pub(crate) struct Attributes {
    pub(crate) dn: Dn,
    values: Vec<(String, Vec<Vec<u8>>)>,
}

/// One range of a value list that a server splits (MS-ADTS 3.1.1.3.1.3.3).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Slice {
    pub(crate) values: Vec<Vec<u8>>,
    /// Where the next range begins; `None` after the last one.
    pub(crate) next: Option<usize>,
}

impl Attributes {
    /// Reads a SearchResultEntry (RFC 4511 section 4.5.2): the DN, then pairs of a type and its set of
    /// values.
    pub(crate) fn read(entry: ResultEntry) -> Option<Self> {
        let StructureTag { id: 4, payload: PL::C(parts), .. } = entry.0 else { return None };
        let [name, list] = <[StructureTag; 2]>::try_from(parts).ok()?;
        let dn = Dn::parse(bare(&String::from_utf8(primitive(name)?).ok()?)).ok()?;
        let values = constructed(list)?.into_iter().map(read_attribute).collect::<Option<_>>()?;
        Some(Self { dn, values })
    }

    #[cfg(test)]
    pub(crate) fn of(dn: &str, values: &[(&str, &[u8])]) -> Self {
        let mut read: Vec<(String, Vec<Vec<u8>>)> = Vec::new();
        for (name, value) in values {
            match read.iter_mut().find(|(known, _)| known == name) {
                Some((_, list)) => list.push(value.to_vec()),
                None => read.push(((*name).to_owned(), vec![value.to_vec()])),
            }
        }
        Self { dn: Dn::parse(dn).expect("a DN"), values: read }
    }

    /// True when there are readable attributes: a directory may show an object and hide all its attributes.
    pub(crate) fn is_shown(&self) -> bool {
        !self.all("objectClass").is_empty()
    }

    pub(crate) fn all(&self, name: &str) -> &[Vec<u8>] {
        self.values
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map_or(&[], |(_, values)| values)
    }

    /// All values of an attribute, with any options in its name (`member;binary`).
    pub(crate) fn all_with_options<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let same =
            move |known: &str| known.split(';').next().is_some_and(|bare| bare.eq_ignore_ascii_case(name));
        self.values
            .iter()
            .filter(move |(known, _)| same(known))
            .flat_map(|(_, values)| values)
            .map(Vec::as_slice)
    }

    /// True when the attribute is present, even without values.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    pub(crate) fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.all(name).first().map(Vec::as_slice)
    }

    /// All values that are valid text.
    pub(crate) fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        self.all(name).iter().filter_map(|value| std::str::from_utf8(value).ok())
    }

    /// The first value that is text and not blank, trimmed.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.texts(name).map(str::trim).find(|value| !value.is_empty())
    }

    /// [`Self::text`] as an owned string.
    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        self.text(name)?.parse().ok()
    }

    /// True for `TRUE` (RFC 4517 section 3.3.3).
    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.text(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    pub(crate) fn names(&self, name: &str) -> Vec<Dn> {
        self.texts(name).filter_map(|value| Dn::parse(value).ok()).collect()
    }

    /// The range that came as `name;range=from-to` or `name;range=from-*` (MS-ADTS 3.1.1.3.1.3.3), if there
    /// is one.
    pub(crate) fn slice(&self, name: &str) -> Option<Slice> {
        self.slices(name).next().map(|(_, slice)| slice)
    }

    /// The range that starts at `from`; `None` for another range or one that makes no progress. Taking that
    /// for the end of the list would end the memberships of everyone after it.
    pub(crate) fn slice_from(&self, name: &str, from: usize) -> Option<Slice> {
        let leads_on = |slice: &Slice| slice.next.is_none_or(|next| next > from);
        self.slices(name).find(|(start, slice)| *start == from && leads_on(slice)).map(|(_, slice)| slice)
    }

    /// The ranges of an attribute, each with its start.
    fn slices(&self, name: &str) -> impl Iterator<Item = (usize, Slice)> {
        self.values.iter().filter_map(move |(known, values)| {
            let (attribute, option) = known.split_once(';')?;
            let (start, end) = strip_prefix_ignoring_case(option, "range=")?.split_once('-')?;
            let next = match end {
                "*" => None,
                last => Some(last.parse::<usize>().ok()?.checked_add(1)?),
            };
            let slice = Slice { values: values.clone(), next };
            attribute.eq_ignore_ascii_case(name).then_some((start.parse().ok()?, slice))
        })
    }

    /// Adds values that were read in ranges.
    pub(crate) fn put(&mut self, name: &str, values: Vec<Vec<u8>>) {
        self.values
            .retain(|(known, _)| known.split(';').next().is_none_or(|bare| !bare.eq_ignore_ascii_case(name)));
        self.values.push((name.to_owned(), values));
    }

    /// All values that are generalized times, `20260131235959.123Z` (RFC 4517 section 3.3.13).
    pub(crate) fn times(&self, name: &str) -> Vec<Millis> {
        self.texts(name).filter_map(generalized_time).collect()
    }

    /// A time that a decision depends on: `None` when missing, an error when it can't be parsed.
    pub(crate) fn moment(&self, name: &'static str) -> Result<Option<Millis>, &'static str> {
        let Some(value) = self.bytes(name) else { return Ok(None) };
        let text = std::str::from_utf8(value).ok();
        text.and_then(generalized_time).map(Some).ok_or(name)
    }

    /// A Windows duration: 100 ns units, negative (MS-ADTS 2.2.14); the smallest number means "forever".
    pub(crate) fn windows_span(&self, name: &str) -> Option<Millis> {
        self.number(name).map(|span| span.saturating_neg().max(0) / 10_000)
    }

    /// A Windows time (100 ns since 1601); `None` when missing or "never" (0 or 2^63-1, MS-ADTS 2.2.14).
    pub(crate) fn windows_time(&self, name: &str) -> Option<Millis> {
        self.number(name)
            .filter(|time| *time > 0 && *time < i64::MAX)
            .map(|time| time / 10_000 - WINDOWS_EPOCH)
    }
}

/// The name in `<GUID=...>;<SID=...>;name` (MS-ADTS 3.1.1.3.4.1.5). No DN begins with `<`, and a deleted
/// object may have no name at all.
fn bare(mut text: &str) -> &str {
    while let Some((_, rest)) = text.strip_prefix('<').and_then(|inner| inner.split_once('>')) {
        text = rest.strip_prefix(';').unwrap_or(rest);
    }
    text
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

fn read_attribute(tag: StructureTag) -> Option<(String, Vec<Vec<u8>>)> {
    let [name, set] = <[StructureTag; 2]>::try_from(constructed(tag)?).ok()?;
    let values = constructed(set)?.into_iter().map(primitive).collect::<Option<_>>()?;
    Some((String::from_utf8(primitive(name)?).ok()?, values))
}

fn primitive(tag: StructureTag) -> Option<Vec<u8>> {
    tag.expect_primitive()
}

fn constructed(tag: StructureTag) -> Option<Vec<StructureTag>> {
    tag.expect_constructed()
}

#[cfg(test)]
mod tests {
    use ldap3::asn1::{TagClass, parse_tag};
    use proptest::prelude::*;

    use super::*;
    use crate::domain::SECOND;

    fn octets(text: &str) -> StructureTag {
        StructureTag { class: TagClass::Universal, id: 4, payload: PL::P(text.as_bytes().to_vec()) }
    }

    fn list(id: u64, parts: Vec<StructureTag>) -> StructureTag {
        StructureTag { class: TagClass::Universal, id, payload: PL::C(parts) }
    }

    #[test]
    fn an_entry_is_read_whatever_the_case_of_its_attributes() {
        let mail = list(16, vec![octets("MAIL"), list(17, vec![octets(" "), octets(" a@example.com ")])]);
        let entry = list(4, vec![octets("CN=a,DC=x"), list(16, vec![mail])]);
        let read = Attributes::read(ResultEntry::new(entry)).expect("an entry");
        assert_eq!(read.dn.as_str(), "CN=a,DC=x");
        assert_eq!(read.text("mail"), Some("a@example.com"));
        assert_eq!(read.text("cn"), None);
    }

    #[test]
    fn a_referral_is_no_entry() {
        let referral = list(19, vec![octets("ldap://other")]);
        assert!(Attributes::read(ResultEntry::new(referral)).is_none());
    }

    #[test]
    fn a_range_shows_where_the_next_one_begins() {
        let first = Attributes::of("DC=x", &[("Member;Range=0-1499", b"CN=a")]);
        assert_eq!(first.slice("member"), Some(Slice { values: vec![b"CN=a".to_vec()], next: Some(1500) }));
        let last = Attributes::of("DC=x", &[("member;range=1500-*", b"CN=b")]);
        assert_eq!(last.slice("member").map(|slice| slice.next), Some(None));
        assert_eq!(last.slice("memberOf"), None);
        assert_eq!(last.slice_from("member", 1500).map(|slice| slice.next), Some(None));
        assert_eq!(last.slice_from("member", 3000), None, "another one");
        assert_eq!(first.slice_from("member", 1500), None, "the first one again");
        let back = Attributes::of("DC=x", &[("member;range=1500-1400", b"CN=c")]);
        assert_eq!(back.slice_from("member", 1500), None, "it leads nowhere");
    }

    #[test]
    fn windows_time_starts_in_1601_and_has_two_values_for_never() {
        let time = |text: &str| Attributes::of("DC=x", &[("t", text.as_bytes())]).windows_time("t");
        assert_eq!(time("116444736000000000"), Some(0));
        assert_eq!(time("130000000000000000"), Some(1_355_526_400_000));
        assert_eq!([time("0"), time("9223372036854775807"), time("-1"), time("soon")], [None; 4]);
    }

    #[test]
    fn spans_are_negative_in_windows() {
        let span = |text: &str| Attributes::of("DC=x", &[("t", text.as_bytes())]).windows_span("t");
        assert_eq!(span("-18000000000"), Some(30 * 60 * SECOND));
        assert_eq!((span("0"), span("5"), span("x")), (Some(0), Some(0), None));
        assert!(span("-9223372036854775808").is_some_and(|span| span > i64::MAX / 20_000));
    }

    proptest! {
        #[test]
        fn no_message_makes_the_reader_panic(bytes: Vec<u8>) {
            if let Ok((_, tag)) = parse_tag(&bytes) {
                let _ = Attributes::read(ResultEntry::new(StructureTag { id: 4, ..tag }));
            }
        }

        #[test]
        fn no_range_option_makes_the_reader_panic(option in "\\PC*") {
            let _ = Attributes::of("DC=x", &[(format!("member;{option}").as_str(), b"")]).slice("member");
        }
    }
}
