//! Find out who may write an attribute, from an entry's security descriptor (MS-DTYP 2.4.6; MS-ADTS 5.1.3.3).
//! Only rules that give people rights to their own entry are checked; unknown kinds of access rules grant
//! nothing.

use crate::domain::entry::Sid;

/// An attribute as access rules identify it.
pub(super) struct Target {
    /// `schemaIDGUID`.
    pub(super) attribute: [u8; 16],
    /// `attributeSecurityGUID`: the property set that contains it.
    pub(super) set: Option<[u8; 16]>,
}

/// Principal Self, Everyone, Authenticated Users, and Users: what every person has besides the own SID and
/// groups.
const EVERYBODY: [&str; 4] = ["S-1-5-10", "S-1-1-0", "S-1-5-11", "S-1-5-32-545"];
/// RIGHT_DS_WRITE_PROPERTY, and the generic rights that include it (MS-ADTS 5.1.3.2).
const WRITES: u32 = 0x20 | 0x1000_0000 | 0x4000_0000;
/// MS-DTYP 2.4.4.1.
const INHERIT_ONLY: u8 = 0x08;
/// MS-DTYP 2.4.6, the control bit for a present list of access rules.
const DACL_PRESENT: u16 = 0x0004;

/// The relevant parts of an access rule.
struct AccessRule<'a> {
    allows: bool,
    flags: u8,
    mask: u32,
    /// The attribute, property set or object class that it covers; `None` for all.
    object: Option<&'a [u8]>,
    who: Sid,
}

/// The SID through which a person with these SIDs may write the attribute of their own entry; `Some(None)` if
/// there is none, `None` when the descriptor can't be parsed.
pub(super) fn writer(descriptor: &[u8], target: &Target, own: &[Sid]) -> Option<Option<Sid>> {
    let control = u16::from_le_bytes(array(descriptor, 2)?);
    if control & DACL_PRESENT == 0 {
        return None;
    }
    let at = usize::try_from(u32::from_le_bytes(array(descriptor, 16)?)).ok()?;
    if at == 0 {
        // without a list everyone may do everything
        return Some(Some(Sid("S-1-1-0".to_owned())));
    }
    let rules = rules(descriptor.get(at..)?)?;
    // order matters: the first matching rule decides
    let decides = rules.into_iter().find(|rule| rule.speaks_of(target) && rule.is_about(own));
    Some(decides.filter(|rule| rule.allows).map(|rule| rule.who))
}

impl AccessRule<'_> {
    fn speaks_of(&self, target: &Target) -> bool {
        let object = |guid: &[u8]| guid == target.attribute || target.set.is_some_and(|set| guid == set);
        self.flags & INHERIT_ONLY == 0 && self.mask & WRITES != 0 && self.object.is_none_or(object)
    }

    fn is_about(&self, own: &[Sid]) -> bool {
        EVERYBODY.contains(&self.who.0.as_str()) || own.contains(&self.who)
    }
}

/// `ACL { revision, sbz, size u16, count u16, sbz u16, rules }` (MS-DTYP 2.4.5).
fn rules(list: &[u8]) -> Option<Vec<AccessRule<'_>>> {
    let size = usize::from(u16::from_le_bytes(array(list, 2)?));
    let count = u16::from_le_bytes(array(list, 4)?);
    let mut rest = list.get(8..size)?;
    let mut rules = Vec::new();
    for _ in 0..count {
        let size = usize::from(u16::from_le_bytes(array(rest, 2)?));
        let (one, after) = rest.split_at_checked(size).filter(|_| size >= 4)?;
        match one.first()? {
            0 | 1 | 5 | 6 => rules.push(rule(one)?),
            _ => {}
        }
        rest = after;
    }
    Some(rules)
}

/// Rules 0 (allowed) and 1 (denied) name the SID; 5 and 6 name an object first (MS-DTYP 2.4.4.2 to 2.4.4.5).
fn rule(bytes: &[u8]) -> Option<AccessRule<'_>> {
    let kind = *bytes.first()?;
    let mask = u32::from_le_bytes(array(bytes, 4)?);
    let (mut at, mut object) = (8, None);
    if kind >= 5 {
        let present = u32::from_le_bytes(array(bytes, 8)?);
        at = 12;
        if present & 1 != 0 {
            object = Some(bytes.get(at..at + 16)?);
            at += 16;
        }
        if present & 2 != 0 {
            at += 16;
        }
    }
    let sid = bytes.get(at..)?;
    let length = 8 + 4 * usize::from(*sid.get(1)?);
    let who = Sid::from_bytes(sid.get(..length)?)?;
    Some(AccessRule { allows: matches!(kind, 0 | 5), flags: *bytes.get(1)?, mask, object, who })
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MAIL: [u8; 16] = [1; 16];
    const SET: [u8; 16] = [2; 16];
    const OTHER: [u8; 16] = [3; 16];
    const SELF: &[u8] = &[1, 1, 0, 0, 0, 0, 0, 5, 10, 0, 0, 0];
    const ADMINS: &[u8] = &[1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0];

    fn ace(kind: u8, flags: u8, mask: u32, object: Option<[u8; 16]>, who: &[u8]) -> Vec<u8> {
        let mut body = mask.to_le_bytes().to_vec();
        if kind >= 5 {
            body.extend(u32::from(object.is_some()).to_le_bytes());
            body.extend(object.iter().flatten());
        }
        body.extend(who);
        let size = u16::try_from(body.len() + 4).expect("short").to_le_bytes();
        [&[kind, flags, size[0], size[1]], body.as_slice()].concat()
    }

    fn descriptor(aces: &[Vec<u8>]) -> Vec<u8> {
        let list = aces.concat();
        let size = u16::try_from(list.len() + 8).expect("short").to_le_bytes();
        let count = u8::try_from(aces.len()).expect("few");
        let mut bytes = vec![1, 0, 4, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0];
        bytes.extend([4, 0, size[0], size[1], count, 0, 0, 0]);
        bytes.extend(list);
        bytes
    }

    fn may(aces: &[Vec<u8>]) -> Option<bool> {
        let target = Target { attribute: MAIL, set: Some(SET) };
        writer(&descriptor(aces), &target, &[Sid("S-1-5-21-1-2-3-1104".into())])
            .map(|writer| writer.is_some())
    }

    #[test]
    fn a_right_to_the_attribute_its_set_or_everything_counts() {
        let table = [
            ("nobody", vec![], false),
            ("the attribute", vec![ace(5, 0, 0x20, Some(MAIL), SELF)], true),
            ("its set", vec![ace(5, 0, 0x30, Some(SET), SELF)], true),
            ("another set", vec![ace(5, 0, 0x20, Some(OTHER), SELF)], false),
            ("every property", vec![ace(5, 0, 0x20, None, SELF)], true),
            ("everything", vec![ace(0, 0, 0x1000_0000, None, SELF)], true),
            ("reading", vec![ace(0, 0, 0x10, None, SELF)], false),
            ("administrators", vec![ace(0, 0, 0x20, None, ADMINS)], false),
            ("only what lies below", vec![ace(0, INHERIT_ONLY, 0x20, None, SELF)], false),
            ("denied first", vec![ace(1, 0, 0x20, None, SELF), ace(0, 0, 0x20, None, SELF)], false),
            ("allowed first", vec![ace(0, 0, 0x20, None, SELF), ace(1, 0, 0x20, None, SELF)], true),
            ("an unknown kind", vec![ace(9, 0, 0x20, None, SELF)], false),
        ];
        for (what, aces, expected) in table {
            assert_eq!(may(&aces), Some(expected), "{what}");
        }
    }

    #[test]
    fn an_unreadable_descriptor_is_not_reported_as_safe() {
        let whole = descriptor(&[ace(0, 0, 0x20, None, SELF)]);
        let target = Target { attribute: MAIL, set: None };
        for cut in 0..whole.len() {
            assert!(writer(&whole[..cut], &target, &[]).is_none(), "{cut}");
        }
        let mut absent = whole.clone();
        absent[2] = 0;
        assert!(writer(&absent, &target, &[]).is_none());
        let mut open = whole;
        open[16] = 0;
        assert_eq!(writer(&open, &target, &[]), Some(Some(Sid("S-1-1-0".into()))));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>) {
            let target = Target { attribute: MAIL, set: None };
            let _ = writer(&bytes, &target, &[]);
            let _ = rules(&bytes);
            let _ = rule(&bytes);
        }
    }
}
