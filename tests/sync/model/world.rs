//! A directory in memory that reports as little as real ones do: no feed reports what moves with its
//! container, or what a server rewrites on its own in member lists.

use std::collections::{BTreeMap, BTreeSet};

use cloudsync_idp::domain::Millis;
use cloudsync_idp::domain::dn::Dn;
use cloudsync_idp::domain::entry::{Entry, EntryId, PasswordState, WrongTries};
use cloudsync_idp::domain::mirror::{GroupItem, Item, Member, Members, Person};
use cloudsync_idp::domain::profile::ProfileValues;
use uuid::Uuid;

pub const BASE: &str = "dc=model";

/// How groups store their members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberFormat {
    /// By link, as Active Directory does: a rename changes nothing, a deletion silently removes the link.
    Linked,
    /// By name: the entry with this name is the member.
    Named,
    /// By name, and an overlay rewrites the names without a report.
    NamedAndRewritten,
}

#[derive(Clone, Debug)]
pub enum What {
    Container,
    Person { mail: Option<String>, disabled: bool, expires_at: Option<Millis> },
    Group,
}

#[derive(Clone, Debug)]
struct Object {
    parent: Option<EntryId>,
    rdn: String,
    what: What,
    /// The number of the last change that a feed reports.
    changed_at: i64,
}

/// A member as the group stores it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Listed {
    Id(EntryId),
    Name(String),
}

pub struct World {
    kept: MemberFormat,
    run: u64,
    objects: BTreeMap<EntryId, Object>,
    deleted: BTreeMap<EntryId, i64>,
    members: BTreeMap<EntryId, BTreeSet<Listed>>,
    /// The last reported change of each link, and whether it was added or removed.
    links: BTreeMap<(EntryId, EntryId), (i64, bool)>,
    next: u128,
    pub usn: i64,
    pub invocation: Uuid,
    pub selected_unit: EntryId,
    pub selected_group: EntryId,
}

impl World {
    /// Two OUs, one of which is selected, a selected group, and a person in scope. `run` separates its people
    /// from those of other worlds in the same store.
    pub fn new(kept: MemberFormat, run: u64) -> Self {
        let mut world = Self {
            kept,
            run,
            objects: BTreeMap::new(),
            deleted: BTreeMap::new(),
            members: BTreeMap::new(),
            links: BTreeMap::new(),
            next: 1,
            usn: 1,
            invocation: Uuid::from_u128(u128::from(run) + 1),
            selected_unit: EntryId(Uuid::nil()),
            selected_group: EntryId(Uuid::nil()),
        };
        let base = world.add(None, BASE.to_owned(), What::Container);
        world.selected_unit = world.add(Some(base), "ou=in".to_owned(), What::Container);
        let outside = world.add(Some(base), "ou=out".to_owned(), What::Container);
        world.selected_group = world.add(Some(outside), "cn=selected".to_owned(), What::Group);
        world.add_person(world.selected_unit, Some(0));
        world
    }

    fn add(&mut self, parent: Option<EntryId>, rdn: String, what: What) -> EntryId {
        let id = EntryId(Uuid::from_u128((u128::from(self.run) << 64) | self.next));
        self.next += 1;
        self.usn += 1;
        self.objects.insert(id, Object { parent, rdn, what, changed_at: self.usn });
        id
    }

    /// Adds a person; `mail` picks one of a few addresses, so that some are shared.
    pub fn add_person(&mut self, parent: EntryId, mail: Option<u8>) -> EntryId {
        let mail = mail.map(|pick| self.mail(pick));
        let rdn = format!("uid=p{}", self.next);
        self.add(Some(parent), rdn, What::Person { mail, disabled: false, expires_at: None })
    }

    pub fn add_group(&mut self, parent: EntryId) -> EntryId {
        let rdn = format!("cn=g{}", self.next);
        self.add(Some(parent), rdn, What::Group)
    }

    pub fn add_unit(&mut self, parent: EntryId) -> EntryId {
        let rdn = format!("ou=u{}", self.next);
        self.add(Some(parent), rdn, What::Container)
    }

    fn mail(&self, pick: u8) -> String {
        format!("m{}.{}@model.example", pick % 12, self.run)
    }

    pub fn people(&self) -> Vec<EntryId> {
        self.of(|what| matches!(what, What::Person { .. }))
    }

    pub fn groups(&self) -> Vec<EntryId> {
        self.of(|what| matches!(what, What::Group))
    }

    pub fn units(&self) -> Vec<EntryId> {
        self.of(|what| matches!(what, What::Container))
    }

    fn of(&self, wanted: impl Fn(&What) -> bool) -> Vec<EntryId> {
        self.objects.iter().filter(|(_, object)| wanted(&object.what)).map(|(id, _)| *id).collect()
    }

    fn touch(&mut self, id: EntryId) {
        self.usn += 1;
        let usn = self.usn;
        if let Some(object) = self.objects.get_mut(&id) {
            object.changed_at = usn;
        }
    }

    pub fn set_mail(&mut self, id: EntryId, pick: Option<u8>) {
        let new = pick.map(|pick| self.mail(pick));
        if let Some(Object { what: What::Person { mail, .. }, .. }) = self.objects.get_mut(&id) {
            *mail = new;
        }
        self.touch(id);
    }

    pub fn set_disabled(&mut self, id: EntryId, now: bool) {
        if let Some(Object { what: What::Person { disabled, .. }, .. }) = self.objects.get_mut(&id) {
            *disabled = now;
        }
        self.touch(id);
    }

    pub fn set_expiry(&mut self, id: EntryId, at: Option<Millis>) {
        if let Some(Object { what: What::Person { expires_at, .. }, .. }) = self.objects.get_mut(&id) {
            *expires_at = at;
        }
        self.touch(id);
    }

    /// Renames an object, moves it, or both. Refused if it would be below itself or if the name is taken.
    pub fn move_to(&mut self, id: EntryId, parent: EntryId, rdn: Option<String>) -> bool {
        let Some(object) = self.objects.get(&id) else { return false };
        let rdn = rdn.unwrap_or_else(|| object.rdn.clone());
        let taken = self.objects.values().any(|other| other.parent == Some(parent) && other.rdn == rdn);
        if object.parent.is_none() || self.is_below(parent, id) || taken {
            return false;
        }
        let before = self.names_below(id);
        if let Some(object) = self.objects.get_mut(&id) {
            (object.parent, object.rdn) = (Some(parent), rdn);
        }
        self.touch(id);
        self.rewrite_members(&before);
        true
    }

    /// Its parent and its RDN.
    pub fn place_of(&self, id: EntryId) -> (Option<EntryId>, String) {
        self.objects.get(&id).map_or((None, String::new()), |object| (object.parent, object.rdn.clone()))
    }

    /// Swaps the places and names of two objects, unless one is below the other.
    pub fn swap(&mut self, one: EntryId, other: EntryId) {
        let (Some(a), Some(b)) = (self.objects.get(&one).cloned(), self.objects.get(&other).cloned()) else {
            return;
        };
        let (Some(to_a), Some(to_b)) = (b.parent, a.parent) else { return };
        let far = self.is_below(one, other) || self.is_below(other, one);
        if !far
            && self.move_to(one, to_b, Some(format!("{}x", a.rdn)))
            && self.move_to(other, to_b, Some(a.rdn))
        {
            self.move_to(one, to_a, Some(b.rdn));
        }
    }

    /// Deletes a leaf.
    pub fn delete(&mut self, id: EntryId) {
        let kept = [self.selected_unit, self.selected_group];
        let has_children = self.objects.values().any(|object| object.parent == Some(id));
        if kept.contains(&id)
            || has_children
            || self.objects.get(&id).is_none_or(|object| object.parent.is_none())
        {
            return;
        }
        let before = self.names_below(id);
        self.objects.remove(&id);
        self.members.remove(&id);
        self.usn += 1;
        self.deleted.insert(id, self.usn);
        self.links.retain(|(group, member), _| *group != id && *member != id);
        match self.kept {
            MemberFormat::Linked => self.cut(&Listed::Id(id)),
            MemberFormat::NamedAndRewritten => {
                before.into_iter().for_each(|(_, name)| self.cut(&Listed::Name(name)))
            }
            MemberFormat::Named => {}
        }
    }

    fn cut(&mut self, member: &Listed) {
        for listed in self.members.values_mut() {
            listed.remove(member);
        }
    }

    pub fn join(&mut self, group: EntryId, member: EntryId) {
        let listed = self.listed(member);
        if group != member && self.members.entry(group).or_default().insert(listed) {
            self.touch(group);
            self.links.insert((group, member), (self.usn, true));
        }
    }

    pub fn leave(&mut self, group: EntryId, member: EntryId) {
        let listed = self.listed(member);
        if self.members.get_mut(&group).is_some_and(|members| members.remove(&listed)) {
            self.touch(group);
            self.links.insert((group, member), (self.usn, false));
        }
    }

    fn listed(&self, member: EntryId) -> Listed {
        match self.kept {
            MemberFormat::Linked => Listed::Id(member),
            MemberFormat::Named | MemberFormat::NamedAndRewritten => Listed::Name(self.dn(member)),
        }
    }

    /// What the overlay does, without a report.
    fn rewrite_members(&mut self, before: &[(EntryId, String)]) {
        if self.kept != MemberFormat::NamedAndRewritten {
            return;
        }
        let now: Vec<(String, String)> = before
            .iter()
            .map(|(id, old)| (old.clone(), self.dn(*id)))
            .filter(|(old, new)| old != new)
            .collect();
        for members in self.members.values_mut() {
            let moved: Vec<_> =
                now.iter().filter(|(old, _)| members.remove(&Listed::Name(old.clone()))).collect();
            members.extend(moved.into_iter().map(|(_, new)| Listed::Name(new.clone())));
        }
    }

    fn names_below(&self, id: EntryId) -> Vec<(EntryId, String)> {
        self.objects
            .keys()
            .filter(|other| self.is_below(**other, id))
            .map(|other| (*other, self.dn(*other)))
            .collect()
    }

    /// An object counts as below itself.
    fn is_below(&self, id: EntryId, top: EntryId) -> bool {
        id == top
            || self.objects.get(&id).and_then(|object| object.parent).is_some_and(|up| self.is_below(up, top))
    }

    pub fn dn(&self, id: EntryId) -> String {
        let Some(object) = self.objects.get(&id) else { return String::new() };
        match object.parent {
            Some(parent) => format!("{},{}", object.rdn, self.dn(parent)),
            None => object.rdn.clone(),
        }
    }

    fn is_member(&self, group: EntryId, member: EntryId) -> bool {
        self.members.get(&group).is_some_and(|members| members.contains(&self.listed(member)))
    }

    /// At any depth.
    fn groups_above(&self, id: EntryId) -> BTreeSet<EntryId> {
        let mut above = BTreeSet::new();
        let mut open = vec![id];
        while let Some(member) = open.pop() {
            let direct = self.groups().into_iter().filter(|group| self.is_member(*group, member));
            open.extend(direct.filter(|group| above.insert(*group)).collect::<Vec<_>>());
        }
        above
    }

    /// The expected result, determined from the directory alone.
    pub fn should_have_account(&self, id: EntryId, now: Millis) -> bool {
        let Some(Object { what: What::Person { disabled, expires_at, .. }, .. }) = self.objects.get(&id)
        else {
            return false;
        };
        let ended = expires_at.is_some_and(|at| at <= now);
        !disabled && !ended && self.is_in_scope(id)
    }

    pub fn is_in_scope(&self, id: EntryId) -> bool {
        self.is_below(id, self.selected_unit) || self.groups_above(id).contains(&self.selected_group)
    }

    pub fn mail_of(&self, id: EntryId) -> Option<&str> {
        match &self.objects.get(&id)?.what {
            What::Person { mail, .. } => mail.as_deref(),
            What::Container | What::Group => None,
        }
    }

    /// What a feed reports of changes after `since`.
    pub fn changes_since(&self, since: i64) -> Vec<Item> {
        let changed = self.objects.iter().filter(|(_, object)| object.changed_at > since);
        let mut items: Vec<Item> = changed.filter_map(|(id, _)| self.item(*id, Some(since))).collect();
        items.extend(self.deleted.iter().filter(|(_, at)| **at > since).map(|(id, _)| Item::Gone(*id)));
        items
    }

    /// One object; with `since`, as a change after it.
    pub fn item(&self, id: EntryId, since: Option<i64>) -> Option<Item> {
        let object = self.objects.get(&id)?;
        let dn = Dn::parse(&self.dn(id)).expect("a DN");
        let groups = (self.kept == MemberFormat::Linked).then(|| {
            let direct = self.groups().into_iter().filter(|group| self.is_member(*group, id));
            direct.map(|group| Dn::parse(&self.dn(group)).expect("a DN")).collect()
        });
        Some(match &object.what {
            What::Container => Item::Container { id, dn },
            What::Group => {
                let name = object.rdn.clone();
                let members = self.reported_members(id, since);
                Item::Group(Box::new(GroupItem { id, dn, sid: None, name, security: false, groups, members }))
            }
            What::Person { mail, disabled, expires_at } => Item::Person(Box::new(Person {
                entry: entry(id, dn, &object.rdn, mail.clone(), *disabled, *expires_at),
                groups,
                passes_filter: true,
            })),
        })
    }

    fn reported_members(&self, group: EntryId, since: Option<i64>) -> Members {
        let listed = self.members.get(&group).into_iter().flatten();
        match (self.kept, since) {
            (MemberFormat::Linked, Some(since)) => {
                let (mut joined, mut left) = (Vec::new(), Vec::new());
                for ((_, member), (_, made)) in
                    self.links.iter().filter(|((of, _), (at, _))| *of == group && *at > since)
                {
                    if *made {
                        joined.push(Member::by_id(*member))
                    } else {
                        left.push(Member::by_id(*member))
                    }
                }
                Members::Changed { joined, left }
            }
            _ => Members::All(
                listed
                    .map(|listed| match listed {
                        Listed::Id(id) => Member::by_id(*id),
                        Listed::Name(name) => Member::by_dn(&Dn::parse(name).expect("a DN")),
                    })
                    .collect(),
            ),
        }
    }

    /// Everything, in the order in which a full read reports it.
    pub fn everything(&self) -> Vec<EntryId> {
        let mut all = self.units();
        all.extend(self.groups());
        all.extend(self.people());
        all
    }
}

fn entry(
    id: EntryId,
    dn: Dn,
    rdn: &str,
    email: Option<String>,
    disabled: bool,
    expires_at: Option<Millis>,
) -> Entry {
    Entry {
        id,
        dn,
        sid: None,
        login_name: rdn.to_owned(),
        principal_name: None,
        email,
        attributes: ProfileValues::default(),
        disabled,
        expires_at,
        smart_card_required: false,
        starts_at: None,
        idle_at: None,
        locked: Some(false),
        password_expires_at: None,
        other_login_names: Vec::new(),
        password: PasswordState::Usable,
        password_changed_at: None,
        wrong_tries: WrongTries::default(),
        password_policy: None,
        direct_groups: Vec::new(),
        primary_group: None,
    }
}
