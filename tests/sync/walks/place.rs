//! A part of a real directory to walk in: its entries, and what an administrator does with them.

use std::collections::HashMap;

use crate::support::lab::{line, unique};
use crate::support::subtree::Subtree;

/// Descriptions of the entries that must stay or must be found again.
pub const UNIT: &str = "the selected unit";
pub const GROUP: &str = "the selected group";
pub const MAPPED: [&str; 2] = ["the first mapped group", "the second mapped group"];
pub const KEEPER: &str = "always in scope";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Unit,
    Group,
    Person,
}

/// An entry as it is in the directory now.
#[derive(Clone, Debug)]
pub struct Thing {
    pub dn: String,
    pub kind: Kind,
    description: String,
    members: Vec<String>,
    pub mail: Option<String>,
    login: Option<String>,
}

impl Thing {
    /// Whether a run fails without it, as it should.
    fn is_needed(&self) -> bool {
        [UNIT, GROUP, KEEPER].contains(&self.description.as_str())
    }

    pub fn is(&self, description: &str) -> bool {
        self.description == description
    }

    fn rdn(&self) -> &str {
        split(&self.dn).0
    }
}

pub struct Place<'a> {
    pub subtree: &'a Subtree,
    /// Unique to this walk.
    pub mark: String,
}

impl<'a> Place<'a> {
    /// Two OUs and a few groups. One of each is to be selected, two groups are to be mapped.
    pub fn new(subtree: &'a Subtree) -> Self {
        let place = Self { subtree, mark: unique("walk") };
        let inside = place.add_unit(&subtree.unit, UNIT);
        let outside = place.add_unit(&subtree.unit, "another unit");
        place.add_group(&outside, GROUP);
        place.add_group(&inside, MAPPED[0]);
        place.add_group(&outside, MAPPED[1]);
        let keeper = subtree.person_in(&inside);
        subtree.admin.replace(&keeper.dn, "description", &[KEEPER]);
        subtree.person_in(&inside);
        subtree.person_in(&outside);
        place
    }

    pub fn add_unit(&self, below: &str, description: &str) -> String {
        let dn = format!("OU={},{below}", unique("u"));
        self.subtree.admin.add(&dn, &[("objectClass", "organizationalUnit"), ("description", description)]);
        dn
    }

    pub fn add_group(&self, below: &str, description: &str) {
        let name = unique("g");
        self.group_at(&format!("CN={name},{below}"), &name, description);
    }

    fn group_at(&self, dn: &str, name: &str, description: &str) {
        let text = ("description", description);
        if self.subtree.is_ad {
            self.subtree.admin.add(dn, &[("objectClass", "group"), ("sAMAccountName", name), text]);
        } else {
            // A group needs a member (RFC 4519 section 3.5).
            let nobody = format!("cn=nobody,{}", self.subtree.base);
            self.subtree.admin.add(dn, &[("objectClass", "groupOfNames"), ("member", &nobody), text]);
        }
    }

    /// All entries, in no particular order.
    pub fn things(&self) -> Vec<Thing> {
        let classes = "(|(objectClass=organizationalUnit)(objectClass=group)(objectClass=groupOfNames)(objectClass=person))";
        let login = self.login_attribute();
        let attributes = ["objectClass", "description", "member", "mail", login];
        let found = self.subtree.admin.each(&self.subtree.unit, classes, &attributes);
        let root = self.subtree.unit.to_lowercase();
        let mut things: Vec<Thing> = found.into_iter().map(|entry| thing(entry, login)).collect();
        things.retain(|thing| thing.dn.to_lowercase() != root);
        things
    }

    fn login_attribute(&self) -> &'static str {
        if self.subtree.is_ad { "sAMAccountName" } else { "uid" }
    }

    /// Where the entry with this description is now.
    pub fn whereabouts(&self, description: &str) -> Option<String> {
        self.things().into_iter().find(|thing| thing.description == description).map(|thing| thing.dn)
    }

    pub fn pick(&self, number: u8, wanted: impl Fn(&Thing) -> bool) -> Option<Thing> {
        let mut all = self.things();
        all.retain(wanted);
        (!all.is_empty()).then(|| all.swap_remove(usize::from(number) % all.len()))
    }

    pub fn person(&self, number: u8) -> Option<Thing> {
        self.pick(number, |thing| thing.kind == Kind::Person && !thing.is_needed())
    }

    pub fn set(&self, thing: &Thing, attribute: &str, value: Option<&str>) {
        self.subtree.admin.replace(&thing.dn, attribute, value.as_slice());
    }

    pub fn disable(&self, thing: &Thing, off: bool) {
        let (attribute, value) = match (self.subtree.is_ad, off) {
            (true, true) => ("userAccountControl", Some("66050")),
            (true, false) => ("userAccountControl", Some("66048")),
            (false, true) => ("pwdAccountLockedTime", Some("000001010000Z")),
            (false, false) => ("pwdAccountLockedTime", None),
        };
        self.set(thing, attribute, value);
    }

    /// Refused if it is a member already.
    pub fn join(&self, group: &Thing, member: &Thing) -> Result<(), String> {
        self.member("add", group, &member.dn)
    }

    /// Removes the member with this number.
    pub fn leave(&self, group: &Thing, number: u8) -> Result<(), String> {
        let members: Vec<_> = group.members.iter().filter(|dn| !dn.starts_with("cn=nobody,")).collect();
        let Some(member) = members.get(usize::from(number) % members.len().max(1)) else {
            return Err("no member".to_owned());
        };
        self.member("delete", group, member)
    }

    fn member(&self, how: &str, group: &Thing, member: &str) -> Result<(), String> {
        let ldif =
            format!("{}changetype: modify\n{how}: member\n{}", line("dn", &group.dn), line("member", member));
        self.subtree.admin.attempt(&ldif)
    }

    /// Refused if it would be below itself, or if the name is taken.
    pub fn move_to(&self, thing: &Thing, unit: &str) -> Result<(), String> {
        self.modrdn(thing, thing.rdn(), unit)
    }

    pub fn rename(&self, thing: &Thing, name: &str) -> Result<(), String> {
        let (rdn, parent) = split(&thing.dn);
        let kind = rdn.split('=').next().unwrap_or_default();
        self.modrdn(thing, &format!("{kind}={name}"), parent)
    }

    fn modrdn(&self, thing: &Thing, rdn: &str, parent: &str) -> Result<(), String> {
        let (rdn, below) = (line("newrdn", rdn), line("newsuperior", parent));
        let dn = line("dn", &thing.dn);
        self.subtree.admin.attempt(&format!("{dn}changetype: modrdn\n{rdn}deleteoldrdn: 1\n{below}"))
    }

    /// Refused if it has children.
    pub fn delete(&self, thing: &Thing) -> Result<(), String> {
        self.subtree.admin.attempt(&format!("{}changetype: delete\n", line("dn", &thing.dn)))
    }

    /// Adds an entry with the same name, and for people with the same login name and email address.
    pub fn make_again(&self, thing: &Thing) -> Result<(), String> {
        self.delete(thing)?;
        let login = thing.login.as_deref().unwrap_or_default();
        match thing.kind {
            Kind::Group => self.group_at(&thing.dn, login, "made again"),
            Kind::Person => {
                let mut ldif = format!("{}changetype: add\n", line("dn", &thing.dn));
                let class = if self.subtree.is_ad { "user" } else { "inetOrgPerson" };
                ldif += &[line("objectClass", class), line(self.login_attribute(), login)].concat();
                ldif += &line("sn", "Again");
                if !self.subtree.is_ad {
                    ldif += &line("cn", "Made Again");
                }
                ldif += &thing.mail.as_ref().map(|mail| line("mail", mail)).unwrap_or_default();
                self.subtree.admin.apply(&ldif);
            }
            Kind::Unit => return Err("not units".to_owned()),
        }
        Ok(())
    }

    /// Picks an entry that may be deleted.
    pub fn loose(&self, number: u8) -> Option<Thing> {
        self.pick(number, |thing| !thing.is_needed())
    }
}

fn thing(mut entry: HashMap<String, Vec<String>>, login: &str) -> Thing {
    let mut take = |name: &str| entry.remove(name).unwrap_or_default();
    let classes = take("objectClass");
    let is = |class: &str| classes.iter().any(|found| found.eq_ignore_ascii_case(class));
    let kind = match (is("organizationalUnit"), is("person") || is("inetOrgPerson")) {
        (true, _) => Kind::Unit,
        (_, true) => Kind::Person,
        _ => Kind::Group,
    };
    Thing {
        dn: take("dn").pop().expect("a DN"),
        kind,
        description: take("description").pop().unwrap_or_default(),
        members: take("member"),
        mail: take("mail").pop(),
        login: take(login).pop(),
    }
}

/// The first part of a DN, and the rest.
fn split(dn: &str) -> (&str, &str) {
    let mut escaped = false;
    let comma = dn.find(|character| {
        let is_end = character == ',' && !escaped;
        escaped = character == '\\' && !escaped;
        is_end
    });
    comma.map_or((dn, ""), |at| (&dn[..at], &dn[at + 1..]))
}
