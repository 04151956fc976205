//! Read all people below a base in pages (RFC 2696), with only the attributes that the doctor checks.

use ldap3::Scope;
use ldap3::controls::RawControl;

use super::session::{ProbeSession, result_text};
use crate::directory::connection::Query;
use crate::directory::message::control::{self, DOMAIN_SCOPE};
use crate::directory::message::paging::{cookie_in, paged};
use crate::directory::message::{Attributes, LdapFilter, code};
use crate::domain::dn::Dn;
use crate::domain::entry::{EntryId, Sid};
use crate::domain::schema::Schema;

pub(super) const PAGE: usize = 500;
/// Above this number, such entries are not counted.
const MOST_STRANGERS: usize = 1_000;
/// At most this many people with one email address are listed.
const MOST_NAMESAKES: usize = 10;

/// userAccountControl (MS-ADTS 2.2.16): disabled, smart card required, and the bits of accounts that are not
/// people.
const DISABLED: i64 = 0x2;
const SMARTCARD_REQUIRED: i64 = 0x4_0000;
const NOT_A_PERSON: i64 = 0x800 | 0x1000 | 0x2000;

/// A person as the doctor sees them.
#[derive(Clone, Debug)]
pub struct PersonSeen {
    /// objectGUID or entryUUID, if readable.
    pub id: Option<EntryId>,
    pub dn: Dn,
    /// From the email attribute of the settings.
    pub email: Option<String>,
    pub enabled: bool,
    /// Must sign in with a smart card.
    pub smart_card: bool,
    /// The groups that list the person directly.
    pub groups: Vec<Dn>,
    /// The group that `memberOf` never lists.
    pub primary_group: Option<Sid>,
    /// Attributes that everyone has, and that are hidden from us.
    pub hidden: Vec<&'static str>,
}

/// A part of the list.
#[derive(Debug)]
pub struct PeoplePage {
    pub people: Vec<PersonSeen>,
    /// The cookie for the next page; `None` after the last.
    pub next: Option<Vec<u8>>,
}

impl ProbeSession<'_> {
    /// The next page of the people below `base`; an empty cookie requests the first. An error means that the
    /// list is not complete.
    pub async fn people(&mut self, base: &Dn, cookie: Vec<u8>) -> Result<PeoplePage, String> {
        let naming = &self.probe.naming;
        let attributes: Vec<&str> =
            wanted(naming.schema).iter().chain(naming.email_attributes()).copied().collect();
        let filter = match &self.probe.extra {
            Some(extra) => extra.and(naming.people()),
            None => naming.people(),
        };
        let query = Query {
            base: base.as_str(),
            scope: Scope::Subtree,
            filter,
            attributes: &attributes,
            controls: self.page_controls(cookie),
            most: PAGE,
            stop_at_most: false,
        };
        let answer = self.search(&query).await?;
        if answer.result.rc != code::SUCCESS {
            return Err(result_text(&answer.result));
        }
        let cookie = cookie_in(&answer.result.ctrls).ok_or("a page came without a cookie")?;
        let people = answer.entries.iter().filter_map(|entry| self.person(entry)).collect();
        Ok(PeoplePage { people, next: Some(cookie).filter(|cookie| !cookie.is_empty()) })
    }

    /// The people with this email address, if they are few.
    pub async fn who_has(&mut self, mail: &str) -> Result<Vec<Dn>, String> {
        let naming = &self.probe.naming;
        let query = Query {
            scope: Scope::Subtree,
            filter: LdapFilter::all([naming.people(), naming.email_is(mail)]),
            most: MOST_NAMESAKES,
            stop_at_most: true,
            controls: self.no_references(),
            ..Query::read(self.probe.base().as_str(), &["1.1"])
        };
        Ok(self.read(&query).await?.into_iter().map(|entry| entry.dn).collect())
    }

    /// Entries below `base` that other systems treat as people, and whose class is not the one that we search
    /// for.
    pub async fn strangers(&mut self, base: &Dn) -> Result<Vec<Dn>, String> {
        let like_people =
            ["person", "posixAccount", "account"].map(|class| LdapFilter::equals("objectClass", class));
        let query = Query {
            scope: Scope::Subtree,
            filter: LdapFilter::all([
                LdapFilter::any(like_people),
                LdapFilter::not(&self.probe.naming.people()),
            ]),
            most: MOST_STRANGERS,
            stop_at_most: true,
            controls: self.no_references(),
            ..Query::read(base.as_str(), &["uid"])
        };
        let found = self.read(&query).await?;
        // Samba also keeps machines as accounts; their names end in `$`.
        let is_machine = |entry: &Attributes| entry.text("uid").is_some_and(|uid| uid.ends_with('$'));
        Ok(found.into_iter().filter(|entry| !is_machine(entry)).map(|entry| entry.dn).collect())
    }

    pub(super) fn page_controls(&self, cookie: Vec<u8>) -> Vec<RawControl> {
        self.no_references().into_iter().chain([paged(PAGE, cookie)]).collect()
    }

    fn no_references(&self) -> Vec<RawControl> {
        self.has(DOMAIN_SCOPE).then(control::domain_scope).into_iter().collect()
    }

    fn person(&self, entry: &Attributes) -> Option<PersonSeen> {
        let naming = &self.probe.naming;
        let windows = naming.schema == Schema::ActiveDirectory;
        let flags = entry.number("userAccountControl").unwrap_or(0);
        if !naming.holds(&entry.dn) || (windows && flags & NOT_A_PERSON != 0) {
            return None;
        }
        let sid = entry.bytes("objectSid").and_then(Sid::from_bytes);
        let group = entry.number("primaryGroupID").and_then(|rid| u32::try_from(rid).ok());
        let hidden = everybody_has(naming.schema).iter().filter(|name| entry.all(name).is_empty());
        Some(PersonSeen {
            id: naming.id(entry).ok(),
            dn: entry.dn.clone(),
            email: naming.email_of(entry),
            enabled: flags & DISABLED == 0,
            smart_card: flags & SMARTCARD_REQUIRED != 0,
            groups: entry.names("memberOf"),
            primary_group: sid.zip(group).and_then(|(sid, rid)| sid.sibling(rid)),
            hidden: hidden.copied().collect(),
        })
    }
}

/// The attributes to request besides the email address.
fn wanted(schema: Schema) -> &'static [&'static str] {
    match schema {
        Schema::ActiveDirectory => &[
            "sAMAccountName",
            "objectSid",
            "userAccountControl",
            "msDS-User-Account-Control-Computed",
            "accountExpires",
            "pwdLastSet",
            "memberOf",
            "primaryGroupID",
        ],
        Schema::Rfc2307bis => &["uid", "memberOf"],
    }
}

/// The attributes that every person has: a missing one means a missing permission.
fn everybody_has(schema: Schema) -> &'static [&'static str] {
    match schema {
        Schema::ActiveDirectory => &[
            "objectGUID",
            "objectSid",
            "sAMAccountName",
            "userAccountControl",
            "msDS-User-Account-Control-Computed",
            "accountExpires",
            "pwdLastSet",
            "primaryGroupID",
        ],
        Schema::Rfc2307bis => &["entryUUID"],
    }
}
