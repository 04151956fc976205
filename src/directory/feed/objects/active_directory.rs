//! Convert objects of Active Directory to [`Item`]s: the attributes to request, what is a person, a group or
//! a container, and reading objects by objectGUID. `memberOf` gives memberships completely, and ids identify
//! them, because names change without notice.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ldap3::Scope;

use super::items::{in_order, pass_only};
use super::unseen::hidden_in_ad;
use crate::directory::connection::Query;
use crate::directory::error::DirectoryError;
use crate::directory::feed::server::{BATCH, DatabaseSession};
use crate::directory::message::dirsync::{extended_names, guid};
use crate::directory::message::{Attributes, ExtraFilter, LdapFilter, Slice};
use crate::directory::schema::{self, Naming};
use crate::domain::dn::Dn;
use crate::domain::entry::{EntryId, Sid};
use crate::domain::mirror::{GroupItem, Item, Member, Members, Person};
use crate::domain::schema::Schema;

/// The attributes to request of any object.
pub(crate) static ANY: LazyLock<Vec<&str>> = LazyLock::new(|| {
    schema::mirrored(Schema::ActiveDirectory, &["objectClass", "objectCategory", "cn", "groupType"])
});
pub(crate) const ID: &[&str] = &["objectGUID"];
/// Classes that people and groups may lie below (their `possSuperiors`, and the superiors of those).
const CONTAINERS: &[&str] = &[
    "organizationalUnit",
    "container",
    "builtinDomain",
    "domainDNS",
    "lostAndFound",
    "msExchSystemObjectsContainer",
    "organization",
    "country",
    "locality",
];

/// Whether groups are read with all their members.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lists {
    Read,
    Skipped,
}

pub(crate) fn is_container() -> LdapFilter {
    LdapFilter::any(CONTAINERS.iter().map(|class| LdapFilter::equals("objectClass", class)))
}

pub(crate) fn is_group() -> LdapFilter {
    schema::groups(Schema::ActiveDirectory)
}

/// All objects that a mirror keeps.
pub(crate) fn is_any(naming: &Naming) -> LdapFilter {
    LdapFilter::any([naming.people(), is_group(), is_container()])
}

/// The same including deleted objects, which keep their classes but lose their category.
pub(crate) fn is_or_was_any() -> LdapFilter {
    let computer = LdapFilter::equals("objectClass", "computer");
    let user = LdapFilter::all([LdapFilter::equals("objectClass", "user"), LdapFilter::not(&computer)]);
    LdapFilter::any([user, is_group(), is_container()])
}

/// Converts an object; `None` if a mirror does not keep it.
pub(crate) fn item(naming: &Naming, object: &Attributes) -> Result<Option<Item>, DirectoryError> {
    if !naming.holds(&object.dn) {
        return Ok(None);
    }
    let classes: Vec<&str> = object.texts("objectClass").collect();
    let is = |name: &str| classes.iter().any(|class| class.eq_ignore_ascii_case(name));
    if is("group") {
        return group(naming, object);
    }
    if is("user") && is_person(object) {
        return person(naming, object);
    }
    let container = CONTAINERS.iter().any(|class| is(class));
    let id = naming.id(object)?;
    Ok(container.then(|| Item::Container { id, dn: object.dn.clone() }))
}

/// `objectCategory` is the name of a class in the schema, wherever in the forest that is.
fn is_person(object: &Attributes) -> bool {
    object.names("objectCategory").first().is_some_and(|category| category.key().starts_with("cn=person,"))
}

fn person(naming: &Naming, object: &Attributes) -> Result<Option<Item>, DirectoryError> {
    let Some(entry) = naming.readable_person(object)? else { return Ok(None) };
    let groups = Some(groups_of(naming, object));
    Ok(Some(Item::Person(Box::new(Person { entry, groups, passes_filter: true }))))
}

fn group(naming: &Naming, object: &Attributes) -> Result<Option<Item>, DirectoryError> {
    let id = naming.id(object)?;
    let Some(name) = object.owned("sAMAccountName").or_else(|| object.owned("cn")) else { return Ok(None) };
    Ok(Some(Item::Group(Box::new(GroupItem {
        id,
        dn: object.dn.clone(),
        sid: object.bytes("objectSid").and_then(Sid::from_bytes),
        name,
        security: schema::is_security(object),
        groups: Some(groups_of(naming, object)),
        members: Members::NotTold,
    }))))
}

/// Groups of other domains and other naming contexts are ignored.
fn groups_of(naming: &Naming, object: &Attributes) -> Vec<Dn> {
    object.names("memberOf").into_iter().filter(|group| naming.holds(group)).collect()
}

/// Reads the current state of these objects; [`Item::Gone`] for each that does not exist, and no item for
/// an unreadable one.
pub(crate) async fn read(
    session: &mut DatabaseSession<'_>,
    extra: Option<&ExtraFilter>,
    ids: &[EntryId],
    lists: Lists,
) -> Result<Vec<Item>, DirectoryError> {
    let mut items = Vec::with_capacity(ids.len());
    for batch in ids.chunks(BATCH) {
        items.extend(read_batch(session, extra, batch).await?);
    }
    if lists == Lists::Read {
        read_members(session, &mut items, |_| true).await?;
    }
    in_order(&mut items);
    Ok(items)
}

async fn read_batch(
    session: &mut DatabaseSession<'_>,
    extra: Option<&ExtraFilter>,
    ids: &[EntryId],
) -> Result<Vec<Item>, DirectoryError> {
    let directory = session.link.directory.clone();
    let naming = directory.naming();
    let mut items = Vec::with_capacity(ids.len());
    let mut unreadable = HashSet::new();
    for mut object in session.find(ids, is_any(naming), &ANY).await? {
        complete(session, &mut object, "memberOf").await?;
        if naming.is_unreadable(&object) {
            unreadable.insert(naming.id(&object)?);
        }
        items.extend(item(naming, &object)?);
    }
    if let Some(extra) = extra {
        let found = session.find(ids, extra.and(naming.people()), ID).await?;
        let passing = found.iter().map(|object| naming.id(object)).collect::<Result<HashSet<_>, _>>()?;
        pass_only(&mut items, &passing);
    }
    // An object that exists but can't be read is not gone.
    let seen: HashSet<EntryId> = items.iter().map(Item::id).chain(unreadable).collect();
    let unseen = || ids.iter().filter(|id| !seen.contains(id)).copied();
    let hidden = hidden_in_ad(session, unseen()).await?;
    items.extend(unseen().filter(|id| !hidden.contains(id)).map(Item::Gone));
    Ok(items)
}

/// Reads the rest of a value list that the server splits (MS-ADTS 3.1.1.3.1.3.3).
pub(crate) async fn complete(
    session: &mut DatabaseSession<'_>,
    object: &mut Attributes,
    name: &str,
) -> Result<(), DirectoryError> {
    let Some(Slice { mut values, mut next }) = object.slice(name) else { return Ok(()) };
    while let Some(from) = next {
        let attribute = format!("{name};range={from}-*");
        let found = session.search(&Query::read(object.dn.as_str(), &[&attribute])).await?;
        let slice = found.first().and_then(|object| object.slice_from(name, from));
        let slice = slice.ok_or_else(|| cut(&object.dn, name))?;
        next = slice.next;
        values.extend(slice.values);
    }
    object.put(name, values);
    Ok(())
}

fn cut(dn: &Dn, name: &str) -> DirectoryError {
    DirectoryError::Incomplete(format!("{dn}: the rest of {name} can't be read"))
}

/// Reads all members of the groups among the items.
pub(crate) async fn read_members(
    session: &mut DatabaseSession<'_>,
    items: &mut [Item],
    wanted: impl Fn(EntryId) -> bool,
) -> Result<(), DirectoryError> {
    for item in items {
        if let Item::Group(group) = item
            && wanted(group.id)
        {
            group.members = Members::All(members(session, group.id, &group.dn).await?);
        }
    }
    Ok(())
}

/// All members of one group. The search uses the group's id, so a concurrent rename does no harm; each
/// further range is requested like the first, with GUIDs beside the names.
async fn members(
    session: &mut DatabaseSession<'_>,
    id: EntryId,
    dn: &Dn,
) -> Result<Vec<Member>, DirectoryError> {
    let base = format!("<GUID={id}>");
    let (mut values, mut from) = (Vec::new(), Some(0));
    while let Some(begin) = from {
        let ranged = format!("member;range={begin}-*");
        let attributes = [if begin == 0 { "member" } else { ranged.as_str() }];
        let controls = if session.link.features().extended_dn { vec![extended_names()] } else { Vec::new() };
        let query = Query { controls, ..Query::read(&base, &attributes) };
        let found = session.search(&query).await?;
        let object = found.first().ok_or_else(|| cut(dn, "member"))?;
        let Slice { values: more, next } = match object.slice("member") {
            Some(slice) => slice,
            None if begin == 0 => Slice { values: object.all("member").to_vec(), next: None },
            None => return Err(cut(dn, "member")),
        };
        values.extend(more);
        from = next.filter(|next| *next > begin);
    }
    let mut members = by_ids(session, &values).await?;
    members.sort_unstable();
    members.dedup();
    Ok(members)
}

/// Members by id. If the server has no extended names, each member's id is requested; a member that is not
/// found has been deleted and is dropped.
pub(crate) async fn by_ids(
    session: &mut DatabaseSession<'_>,
    values: &[Vec<u8>],
) -> Result<Vec<Member>, DirectoryError> {
    let mut members = Vec::with_capacity(values.len());
    let mut names = Vec::new();
    for value in values {
        match guid(value) {
            Some(id) => members.push(Member::by_id(id)),
            None => names.extend(std::str::from_utf8(value).ok().and_then(|name| Dn::parse(name).ok())),
        }
    }
    for batch in names.chunks(BATCH) {
        let ids = ids_of(session, batch).await?;
        members.extend(batch.iter().filter_map(|name| ids.get(name)).copied().map(Member::by_id));
    }
    Ok(members)
}

async fn ids_of(
    session: &mut DatabaseSession<'_>,
    names: &[Dn],
) -> Result<HashMap<Dn, EntryId>, DirectoryError> {
    let directory = session.link.directory.clone();
    let naming = directory.naming();
    let query = Query {
        base: naming.base.as_str(),
        scope: Scope::Subtree,
        filter: LdapFilter::any(
            names.iter().map(|name| LdapFilter::equals("distinguishedName", name.as_str())),
        ),
        attributes: ID,
        controls: directory.controls(),
        most: names.len(),
        stop_at_most: false,
    };
    let found = session.search(&query).await?;
    found.iter().map(|object| Ok((object.dn.clone(), naming.id(object)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::settings::EmailAttribute;

    const PERSON: &str = "CN=Person,CN=Schema,CN=Configuration,DC=x";

    fn seen(dn: &str, classes: &[&'static str], category: &'static str) -> Option<Item> {
        let base = Dn::parse("DC=x").expect("a DN");
        let naming = Naming::new(Schema::ActiveDirectory, EmailAttribute::Mail, base, "X");
        let mut values: Vec<(&str, &[u8])> =
            classes.iter().map(|class| ("objectClass", class.as_bytes())).collect();
        values.extend([
            ("objectGUID", [7; 16].as_slice()),
            ("objectCategory", category.as_bytes()),
            ("sAMAccountName", b"a"),
            ("userAccountControl", b"512"),
            ("accountExpires", b"0"),
            ("pwdLastSet", b"130000000000000000"),
            ("objectSid", &[1, 1, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0]),
            ("primaryGroupID", b"513"),
            ("memberOf", b"CN=g,DC=x"),
            ("memberOf", b"CN=h,DC=y"),
        ]);
        item(&naming, &Attributes::of(dn, &values)).expect("readable")
    }

    #[test]
    fn an_object_is_what_its_classes_say() {
        let user = &["top", "person", "organizationalPerson", "user"];
        let Some(Item::Person(person)) = seen("CN=a,DC=x", user, PERSON) else { panic!("a person") };
        assert_eq!(person.groups, Some(vec![Dn::parse("CN=g,DC=x").expect("a DN")]), "of this domain");
        let Some(Item::Group(group)) = seen("CN=g,DC=x", &["top", "Group"], "CN=Group") else {
            panic!("a group")
        };
        assert_eq!((group.members, group.groups.map(|groups| groups.len())), (Members::NotTold, Some(1)));
        let unit = seen("OU=u,DC=x", &["top", "organizationalUnit"], "CN=Organizational-Unit");
        assert!(matches!(unit, Some(Item::Container { .. })));
    }

    #[test]
    fn objects_of_other_kinds_are_not_kept() {
        let computer = &["top", "person", "organizationalPerson", "user", "computer"];
        assert_eq!(seen("CN=pc,DC=x", computer, "CN=Computer,CN=Schema,CN=Configuration,DC=x"), None);
        assert_eq!(seen("CN=c,DC=x", &["top", "contact"], PERSON), None);
        assert_eq!(seen("CN=a,CN=Deleted Objects,DC=x", &["user"], PERSON), None);
        assert_eq!(seen("OU=u,DC=y", &["organizationalUnit"], "CN=x"), None);
    }
}
