//! Convert objects of directories other than Active Directory to [`Item`]s: the attributes to request, what
//! is a person, a group or a container, a group's members, and reading single objects by entryUUID.
//!
//! Every object that is neither person nor group is a container, even with nothing below it. Any entry may
//! get children without changing itself: a leaf left out today would be an unknown parent tomorrow, and its
//! renaming would be missed. (Reading them costs 0.15 s beside 100,000 people, since the server has to check
//! every entry.)

use std::collections::HashSet;
use std::sync::LazyLock;

use super::items::{in_order, pass_only};
use super::unseen::hidden_in_ldap;
use crate::directory::connection::Query;
use crate::directory::error::DirectoryError;
use crate::directory::feed::server::{BATCH, ServerLink};
use crate::directory::message::{Attributes, ExtraFilter, LdapFilter, Slice};
use crate::directory::schema::{Naming, groups, mirrored};
use crate::domain::dn::Dn;
use crate::domain::entry::EntryId;
use crate::domain::mirror::{GroupItem, Item, Member, Members, Person};
use crate::domain::schema::Schema;
use crate::domain::selection::GROUP_CLASSES;

pub(crate) static PERSON: LazyLock<Vec<&str>> = LazyLock::new(|| mirrored(Schema::Rfc2307bis, &[]));
pub(crate) const GROUP: &[&str] = &["objectClass", "cn", "entryUUID", "member", "uniqueMember", "memberUid"];
pub(crate) const CONTAINER: &[&str] = &["objectClass", "entryUUID"];
pub(crate) const ID: &[&str] = &["entryUUID"];
/// The attributes to request when the kind of object is not known.
pub(crate) static ANY: LazyLock<Vec<&str>> = LazyLock::new(|| mirrored(Schema::Rfc2307bis, GROUP));
/// Attributes in which groups list their members' names.
pub(crate) const MEMBERS: [&str; 2] = ["member", "uniqueMember"];
/// The attribute with members' short names.
pub(crate) const LOGINS: &str = "memberUid";
/// Classes of plain containers. Other classes may be derived from a person's or a group's, which only the
/// server knows.
const CONTAINERS: &[&str] = &[
    "organizationalUnit",
    "organization",
    "domain",
    "dcObject",
    "country",
    "locality",
    "container",
    "nsContainer",
];

/// The kind of an object, by its classes as far as they show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LdapKind {
    Person,
    Group,
    Container,
    /// The server must be asked.
    Unknown,
}

pub(crate) fn kind(object: &Attributes) -> LdapKind {
    let is = |names: &[&str]| {
        object.texts("objectClass").any(|class| names.iter().any(|name| class.eq_ignore_ascii_case(name)))
    };
    if is(&["inetOrgPerson"]) {
        LdapKind::Person
    } else if is(&GROUP_CLASSES) {
        LdapKind::Group
    } else if is(CONTAINERS) {
        LdapKind::Container
    } else {
        LdapKind::Unknown
    }
}

pub(crate) fn is_group() -> LdapFilter {
    groups(Schema::Rfc2307bis)
}

/// Objects that do not look like people or groups of the core schema (RFC 4519): if a server does not know a
/// class, "not of this class" matches nothing (RFC 4511 section 4.5.1.7). Groups of other classes are
/// recognized by their attributes.
pub(crate) fn is_container(naming: &Naming) -> LdapFilter {
    let core = ["groupOfNames", "groupOfUniqueNames"].map(|class| LdapFilter::equals("objectClass", class));
    LdapFilter::not(&LdapFilter::any([naming.people()].into_iter().chain(core)))
}

/// `None` for one without a login name.
pub(crate) fn person(naming: &Naming, object: &Attributes) -> Result<Option<Item>, DirectoryError> {
    let entry = naming.readable_person(object)?;
    Ok(entry.map(|entry| Item::Person(Box::new(Person { entry, groups: None, passes_filter: true }))))
}

/// `None` for one without a name.
pub(crate) fn group(naming: &Naming, object: &Attributes) -> Result<Option<Item>, DirectoryError> {
    let id = naming.id(object)?;
    let Some(name) = object.owned("cn").filter(|_| naming.holds(&object.dn)) else { return Ok(None) };
    let dn = object.dn.clone();
    let members = Members::All(members(object));
    let group = GroupItem { id, dn, sid: None, name, security: false, groups: None, members };
    Ok(Some(Item::Group(Box::new(group))))
}

/// `None` for objects outside the base DN, and for groups.
pub(crate) fn container(naming: &Naming, object: &Attributes) -> Result<Option<Item>, DirectoryError> {
    let id = naming.id(object)?;
    let is_container = naming.holds(&object.dn) && kind(object) != LdapKind::Group;
    Ok(is_container.then(|| Item::Container { id, dn: object.dn.clone() }))
}

/// Each member once. A value that is no name (the empty one, which stands for "no member" in a class that
/// must have one) is dropped. Names outside the base DN are kept, and match no one.
pub(crate) fn members(object: &Attributes) -> Vec<Member> {
    let values = MEMBERS.iter().flat_map(|name| object.all_with_options(name));
    let logins = object.texts(LOGINS).filter(|uid| !uid.trim().is_empty()).map(Member::by_login);
    let mut members: Vec<Member> = values.filter_map(member).chain(logins).collect();
    members.sort_unstable();
    members.dedup();
    members
}

fn member(value: &[u8]) -> Option<Member> {
    let dn = Dn::parse(without_uid(std::str::from_utf8(value).ok()?)).ok()?;
    (dn.depth() > 0).then(|| Member::by_dn(&dn))
}

/// RFC 4517 section 3.3.21: a `uniqueMember` may end in `#'0101'B`.
fn without_uid(value: &str) -> &str {
    let bits = |text: &str| text.bytes().all(|bit| matches!(bit, b'0' | b'1'));
    match value.strip_suffix("'B").and_then(|rest| rest.rsplit_once("#'")) {
        Some((name, uid)) if bits(uid) => name,
        _ => value,
    }
}

/// Reads the rest of a member list that the server splits.
pub(crate) async fn complete(link: &mut ServerLink, object: &mut Attributes) -> Result<(), DirectoryError> {
    for name in MEMBERS.into_iter().chain([LOGINS]) {
        let Some(Slice { mut values, mut next }) = object.slice(name) else { continue };
        while let Some(from) = next {
            let attribute = format!("{name};range={from}-*");
            let found = link.search(&Query::read(object.dn.as_str(), &[&attribute])).await?;
            let gone = || DirectoryError::Incomplete(format!("{} is gone", object.dn));
            let slice = found.first().ok_or_else(gone)?.slice_from(name, from);
            let slice = slice.ok_or_else(|| DirectoryError::Incomplete(format!("no {attribute}")))?;
            next = slice.next;
            values.extend(slice.values);
        }
        object.put(name, values);
    }
    Ok(())
}

/// The current state of these objects, groups with all their members; [`Item::Gone`] for each that does not
/// exist, and no item for an unreadable one. Each kind is requested with the filter of the full read, so
/// that both give the same.
pub(crate) async fn read(
    link: &mut ServerLink,
    extra: Option<&ExtraFilter>,
    ids: &[EntryId],
) -> Result<Vec<Item>, DirectoryError> {
    let mut items = Vec::with_capacity(ids.len());
    for batch in ids.chunks(BATCH) {
        items.extend(read_batch(link, extra, batch).await?);
    }
    in_order(&mut items);
    Ok(items)
}

async fn read_batch(
    link: &mut ServerLink,
    extra: Option<&ExtraFilter>,
    ids: &[EntryId],
) -> Result<Vec<Item>, DirectoryError> {
    let directory = link.directory.clone();
    let naming = directory.naming();
    let mut items = Vec::with_capacity(ids.len());
    let mut unreadable = HashSet::new();
    for object in link.find(ids, naming.people(), &PERSON).await? {
        if naming.is_unreadable(&object) {
            unreadable.insert(naming.id(&object)?);
        }
        items.extend(person(naming, &object)?);
    }
    judge(link, extra, &mut items).await?;
    for mut object in link.find(ids, is_group(), GROUP).await? {
        complete(link, &mut object).await?;
        items.extend(group(naming, &object)?);
    }
    for object in link.find(ids, is_container(naming), CONTAINER).await? {
        items.extend(container(naming, &object)?);
    }
    // An object that exists but can't be read is not gone.
    let seen: HashSet<EntryId> = items.iter().map(Item::id).chain(unreadable).collect();
    let unseen: Vec<EntryId> = ids.iter().filter(|id| !seen.contains(id)).copied().collect();
    let hidden = hidden_in_ldap(link, &unseen).await?;
    items.extend(unseen.into_iter().filter(|id| !hidden.contains(id)).map(Item::Gone));
    Ok(items)
}

/// Sets [`Person::passes_filter`] by asking the server.
pub(crate) async fn judge(
    link: &mut ServerLink,
    extra: Option<&ExtraFilter>,
    items: &mut [Item],
) -> Result<(), DirectoryError> {
    let Some(extra) = extra else { return Ok(()) };
    let directory = link.directory.clone();
    let naming = directory.naming();
    for batch in items.chunks_mut(BATCH) {
        let people = || batch.iter().filter(|item| matches!(item, Item::Person(_)));
        let ids: Vec<EntryId> = people().map(Item::id).collect();
        if ids.is_empty() {
            continue;
        }
        let found = link.find(&ids, extra.and(naming.people()), ID).await?;
        let passing = found.iter().map(|object| naming.id(object)).collect::<Result<HashSet<_>, _>>()?;
        pass_only(batch, &passing);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn members_come_from_both_attributes_whatever_their_options() {
        let object = Attributes::of(
            "cn=g,dc=x",
            &[
                ("member", b"UID=a, dc=x"),
                ("member;binary", b"uid=b,dc=x"),
                ("member", b""),
                ("member", b"\xff"),
                ("uniqueMember", b"uid=a,dc=X"),
                ("uniqueMember", b"uid=c,dc=x#'0101'B"),
                ("uniqueMember", b"uid=d,dc=x#'02'B"),
                ("memberOf", b"cn=h,dc=x"),
                ("memberUid", b" Zoe "),
                ("memberUid", b""),
            ],
        );
        let named = |name: &str| Member(name.to_owned());
        let expected = ["uid:Zoe", "uid=a,dc=x", "uid=b,dc=x", "uid=c,dc=x", "uid=d,dc=x#'02'b"].map(named);
        assert_eq!(members(&object), expected);
    }

    #[test]
    fn the_kind_comes_from_the_classes_or_the_server() {
        let of = |classes: &[&'static str]| {
            let values: Vec<_> = classes.iter().map(|class| ("objectClass", class.as_bytes())).collect();
            kind(&Attributes::of("cn=a,dc=x", &values))
        };
        assert_eq!(of(&["top", "person", "INETORGPERSON"]), LdapKind::Person);
        for class in GROUP_CLASSES {
            assert_eq!(of(&["top", class]), LdapKind::Group, "{class}");
        }
        assert_eq!(of(&["organization", "dcObject"]), LdapKind::Container);
        assert_eq!(of(&["companyPerson"]), LdapKind::Unknown);
        assert_eq!(of(&[]), LdapKind::Unknown);
    }

    proptest! {
        #[test]
        fn no_bytes_make_a_member_panic(value: Vec<u8>) {
            let _ = member(&value);
        }

        #[test]
        fn no_text_makes_the_uid_reader_panic(text in "\\PC*") {
            let _ = without_uid(&format!("{text}#'{text}'B"));
        }
    }
}
