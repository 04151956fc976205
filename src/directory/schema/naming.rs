//! The differences between Active Directory and other directories: attributes to request, classes of people
//! and groups, and the names that a person can be found by.

use super::{active_directory, rfc2307bis};
use crate::directory::error::DirectoryError;
use crate::directory::message::{Attributes, LdapFilter};
use crate::domain::dn::Dn;
use crate::domain::email;
use crate::domain::entry::{Entry, EntryId};
use crate::domain::name::{TypedName, same_name};
use crate::domain::schema::Schema;
use crate::domain::settings::EmailAttribute;

/// The name by which an entry matches a typed one, highest rank first: only administrators write principal
/// and login names, and Active Directory also prefers an explicit principal name to the implicit one (MS-ADTS
/// 5.1.1.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answers {
    PrincipalName,
    Login,
    Mail,
}

/// How one directory names and classifies its objects.
pub(crate) struct Naming {
    pub(crate) schema: Schema,
    pub(crate) email: EmailAttribute,
    pub(crate) base: Dn,
    /// `corp.example.com` for `DC=corp,DC=example,DC=com`.
    pub(crate) domain_dns: Option<String>,
    pub(crate) netbios: String,
    /// Below the base, but without people.
    excluded: Vec<Dn>,
}

impl Naming {
    pub(crate) fn new(schema: Schema, email: EmailAttribute, base: Dn, netbios: &str) -> Self {
        let below = |container: &str| Dn::parse(&format!("{container},{base}")).ok();
        let excluded = match schema {
            Schema::ActiveDirectory => {
                ["CN=Configuration", "CN=Deleted Objects"].into_iter().filter_map(below).collect()
            }
            Schema::Rfc2307bis => Vec::new(),
        };
        Self {
            schema,
            email,
            domain_dns: base.dns_name(),
            base,
            netbios: netbios.trim().to_owned(),
            excluded,
        }
    }

    /// True for objects to use: within the base DN (checked again, whatever the server sent), and outside the
    /// containers that a domain keeps beside its people.
    pub(crate) fn holds(&self, dn: &Dn) -> bool {
        dn.is_within(&self.base) && !self.excluded.iter().any(|excluded| dn.is_within(excluded))
    }

    /// People: no computers, contacts or groups.
    pub(crate) fn people(&self) -> LdapFilter {
        match self.schema {
            Schema::ActiveDirectory => LdapFilter::all([
                LdapFilter::equals("objectCategory", "person"),
                LdapFilter::equals("objectClass", "user"),
            ]),
            Schema::Rfc2307bis => LdapFilter::equals("objectClass", "inetOrgPerson"),
        }
    }

    /// The person with this typed name; `None` when the name belongs to another domain.
    pub(crate) fn person_named(&self, name: &TypedName) -> Option<LdapFilter> {
        let named = match name {
            TypedName::Login(login) => LdapFilter::equals(self.login_attribute(), login),
            TypedName::InDomain { domain, login } if self.is_domain(domain) => {
                LdapFilter::equals(self.login_attribute(), login)
            }
            TypedName::InDomain { .. } => return None,
            TypedName::Address(address) => self.address(address),
        };
        Some(LdapFilter::all([self.people(), named]))
    }

    /// By address: the email address, and the principal name, explicit or derived from the login name.
    fn address(&self, address: &str) -> LdapFilter {
        let mut ways = self.emails(address);
        match self.schema {
            Schema::ActiveDirectory if self.email == EmailAttribute::UserPrincipalName => {
                ways.extend(self.implicit(address));
            }
            Schema::ActiveDirectory | Schema::Rfc2307bis => ways.extend(self.own_names(address)),
        }
        LdapFilter::any(ways)
    }

    /// The person whose own name this address is, no matter who has it as an email address; `None` for other
    /// forms of a name.
    pub(crate) fn person_by_own_name(&self, name: &TypedName) -> Option<LdapFilter> {
        let TypedName::Address(address) = name else { return None };
        Some(LdapFilter::all([self.people(), LdapFilter::any(self.own_names(address))]))
    }

    /// By the names that only administrators write: the principal name, explicit or implicit, or uid.
    fn own_names(&self, address: &str) -> Vec<LdapFilter> {
        match self.schema {
            Schema::ActiveDirectory => {
                let spellings = email::spellings(address);
                let principal = spellings.iter().map(|name| LdapFilter::equals("userPrincipalName", name));
                principal.chain(self.implicit(address)).collect()
            }
            Schema::Rfc2307bis => vec![LdapFilter::equals("uid", address)],
        }
    }

    fn implicit(&self, address: &str) -> Option<LdapFilter> {
        self.implicit_login(address).map(|login| LdapFilter::equals("sAMAccountName", login))
    }

    /// People with this email address, by the attribute of the settings.
    pub(crate) fn email_is(&self, address: &str) -> LdapFilter {
        LdapFilter::any(self.emails(address))
    }

    fn emails(&self, address: &str) -> Vec<LdapFilter> {
        let is = |address: &String| match self.email {
            EmailAttribute::Mail => LdapFilter::equals("mail", address),
            EmailAttribute::ProxyAddresses => {
                LdapFilter::equals("proxyAddresses", &format!("SMTP:{address}"))
            }
            EmailAttribute::UserPrincipalName => LdapFilter::equals("userPrincipalName", address),
        };
        email::spellings(address).iter().map(is).collect()
    }

    pub(crate) fn person_with_id(&self, id: EntryId) -> LdapFilter {
        LdapFilter::all([self.people(), self.object_with_id(id)])
    }

    pub(crate) fn object_with_id(&self, id: EntryId) -> LdapFilter {
        match self.schema {
            Schema::ActiveDirectory => LdapFilter::equals_bytes("objectGUID", &id.object_guid()),
            Schema::Rfc2307bis => LdapFilter::equals("entryUUID", &id.to_string()),
        }
    }

    /// The highest-ranking name by which the entry matches the typed one. We compare by our own rules, since
    /// a directory may ignore accents and width.
    pub(crate) fn answers_by(&self, entry: &Entry, name: &TypedName) -> Option<Answers> {
        let is = |value: &Option<String>, typed: &str| {
            value.as_deref().is_some_and(|value| email::same(value, typed))
        };
        let own_login = |login: &str| has_login(entry, login).then_some(Answers::Login);
        match name {
            TypedName::Login(login) => own_login(login),
            TypedName::InDomain { domain, login } => own_login(login).filter(|_| self.is_domain(domain)),
            TypedName::Address(address) if is(&entry.principal_name, address) => Some(Answers::PrincipalName),
            TypedName::Address(address) => {
                let login = match self.schema {
                    Schema::ActiveDirectory => self.implicit_login(address),
                    Schema::Rfc2307bis => Some(address.as_str()),
                };
                login.and_then(own_login).or_else(|| is(&entry.email, address).then_some(Answers::Mail))
            }
        }
    }

    /// The people that a typed name means, by the name that ranks first: writing another person's principal
    /// name into one's own email attribute neither takes the name from that person nor makes one found by it.
    pub(crate) fn meant(&self, entries: Vec<Entry>, name: &TypedName) -> Vec<Entry> {
        let ranked = entries.into_iter().filter_map(|entry| Some((self.answers_by(&entry, name)?, entry)));
        let ranked: Vec<(Answers, Entry)> = ranked.collect();
        let best = ranked.iter().map(|(by, _)| *by).min();
        ranked.into_iter().filter(|(by, _)| Some(*by) == best).map(|(_, entry)| entry).collect()
    }

    /// `alice` of `alice@corp.example.com`, which every account of the domain has implicitly (MS-ADTS
    /// 5.1.1.1.1).
    fn implicit_login<'a>(&self, address: &'a str) -> Option<&'a str> {
        let (login, domain) = address.rsplit_once('@')?;
        self.is_domain(domain).then_some(login)
    }

    fn is_domain(&self, domain: &str) -> bool {
        (!self.netbios.is_empty() && same_name(domain, &self.netbios))
            || self.domain_dns.as_deref().is_some_and(|domain_dns| same_name(domain, domain_dns))
    }

    fn login_attribute(&self) -> &'static str {
        match self.schema {
            Schema::ActiveDirectory => "sAMAccountName",
            Schema::Rfc2307bis => "uid",
        }
    }

    /// The attributes to request for a person. Operational attributes come only when named.
    pub(crate) fn person_attributes(&self) -> &'static [&'static str] {
        match self.schema {
            Schema::ActiveDirectory => &active_directory::PERSON,
            Schema::Rfc2307bis => &rfc2307bis::PERSON,
        }
    }

    /// The attributes to request to learn which person has which email address.
    pub(crate) fn email_attributes(&self) -> &'static [&'static str] {
        match (self.schema, self.email) {
            (Schema::ActiveDirectory, EmailAttribute::Mail) => &["objectGUID", "mail"],
            (Schema::ActiveDirectory, EmailAttribute::ProxyAddresses) => &["objectGUID", "proxyAddresses"],
            (Schema::ActiveDirectory, EmailAttribute::UserPrincipalName) => {
                &["objectGUID", "userPrincipalName"]
            }
            (Schema::Rfc2307bis, EmailAttribute::Mail) => &["entryUUID", "mail"],
            (Schema::Rfc2307bis, EmailAttribute::ProxyAddresses) => &["entryUUID", "proxyAddresses"],
            (Schema::Rfc2307bis, EmailAttribute::UserPrincipalName) => &["entryUUID", "userPrincipalName"],
        }
    }

    /// Converts an entry; `None` if it is not a person.
    pub(crate) fn person(&self, attributes: &Attributes) -> Result<Option<Entry>, DirectoryError> {
        if !self.holds(&attributes.dn) {
            return Ok(None);
        }
        let id = self.id(attributes)?;
        let email = self.email_of(attributes);
        let read = match self.schema {
            Schema::ActiveDirectory => active_directory::person(attributes, id, email),
            Schema::Rfc2307bis => rfc2307bis::person(attributes, id, email),
        };
        read.map_err(|attribute| DirectoryError::Unreadable { dn: attributes.dn.clone(), attribute })
    }

    /// True for a person with an unreadable attribute that a decision depends on. Groups and containers have
    /// no such attributes.
    pub(crate) fn is_unreadable(&self, attributes: &Attributes) -> bool {
        matches!(self.person(attributes), Err(DirectoryError::Unreadable { .. }))
    }

    /// The same for reads of many people: an unreadable person is reported in the log and by the doctor, and
    /// does not stop the read. A person left out here is not treated as deleted: nothing is known about them.
    pub(crate) fn readable_person(&self, attributes: &Attributes) -> Result<Option<Entry>, DirectoryError> {
        match self.person(attributes) {
            Err(DirectoryError::Unreadable { dn, attribute }) => {
                tracing::warn!(%dn, attribute, "the service account may not read this person; their account stays unchanged");
                Ok(None)
            }
            read => read,
        }
    }

    /// objectGUID or entryUUID. Every object has one: if it is missing, the service account may not read it.
    pub(crate) fn id(&self, attributes: &Attributes) -> Result<EntryId, DirectoryError> {
        let (id, attribute) = match self.schema {
            Schema::ActiveDirectory => {
                (attributes.bytes("objectGUID").and_then(EntryId::from_object_guid), "objectGUID")
            }
            Schema::Rfc2307bis => {
                (attributes.text("entryUUID").and_then(EntryId::from_entry_uuid), "entryUUID")
            }
        };
        id.ok_or_else(|| DirectoryError::Unreadable { dn: attributes.dn.clone(), attribute })
    }

    /// The email address from the configured attribute; blank means none.
    pub(crate) fn email_of(&self, attributes: &Attributes) -> Option<String> {
        match self.email {
            EmailAttribute::Mail => attributes.owned("mail"),
            EmailAttribute::UserPrincipalName => attributes.owned("userPrincipalName"),
            // only the primary address has its prefix in capitals
            EmailAttribute::ProxyAddresses => attributes
                .texts("proxyAddresses")
                .filter_map(|value| value.strip_prefix("SMTP:"))
                .map(|address| address.trim().to_owned())
                .find(|address| !address.is_empty()),
        }
    }
}

/// Every value of `uid` is a name of the person, in any order.
fn has_login(entry: &Entry, login: &str) -> bool {
    entry.login_names().any(|name| same_name(name, login))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naming(schema: Schema, email: EmailAttribute) -> Naming {
        Naming::new(schema, email, Dn::parse("DC=corp,DC=example,DC=com").expect("a DN"), "CORP")
    }

    fn filter(naming: &Naming, typed: &str) -> Option<String> {
        let name = TypedName::parse(typed).expect("a name");
        naming.person_named(&name).map(|filter| filter.as_str().to_owned())
    }

    #[test]
    fn each_form_of_a_name_has_its_filter() {
        let ad = naming(Schema::ActiveDirectory, EmailAttribute::Mail);
        let person = "(&(&(objectCategory=person)(objectClass=user))";
        let table = [
            ("alice", Some("(sAMAccountName=alice))")),
            ("corp\\alice", Some("(sAMAccountName=alice))")),
            ("corp.Example.com\\alice", Some("(sAMAccountName=alice))")),
            ("OTHER\\alice", None),
            ("a@example.com", Some("(|(mail=a@example.com)(userPrincipalName=a@example.com)))")),
            (
                "a@corp.example.com",
                Some("(|(mail=a@corp.example.com)(userPrincipalName=a@corp.example.com)(sAMAccountName=a)))"),
            ),
        ];
        for (typed, expected) in table {
            assert_eq!(filter(&ad, typed), expected.map(|tail| format!("{person}{tail}")), "{typed}");
        }
        let ldap = naming(Schema::Rfc2307bis, EmailAttribute::Mail);
        assert_eq!(filter(&ldap, "alice").as_deref(), Some("(&(objectClass=inetOrgPerson)(uid=alice))"));
    }

    #[test]
    fn a_domain_is_matched_by_netbios_and_dns_name() {
        let ad = naming(Schema::ActiveDirectory, EmailAttribute::Mail);
        let both = "(mail=a@b\\c3\\bccher.de)(mail=a@xn--bcher-kva.de)";
        let filter = ad.email_is("a@b\u{fc}cher.de");
        assert!(
            filter.as_str() == format!("(|{both})") || filter.as_str().contains("xn--bcher-kva.de"),
            "{}",
            filter.as_str()
        );
    }

    fn entry(number: u8, login: &str, principal: Option<&str>, mail: &str) -> Entry {
        Entry {
            id: EntryId::from_object_guid(&[number; 16]).expect("an id"),
            login_name: login.into(),
            principal_name: principal.map(str::to_owned),
            email: Some(mail.to_owned()),
            ..crate::domain::samples::entry()
        }
    }

    /// Writing a name into one's own email attribute takes it from nobody.
    #[test]
    fn own_names_rank_before_the_email_address() {
        let alice = entry(1, "alice", Some("alice@corp.example.com"), "a.adams@example.com");
        let thief = entry(2, "thief", Some("thief@corp.example.com"), "Alice@corp.example.com");
        let other = entry(3, "other", None, "a.adams@example.com");
        let implicit = entry(4, "bob", None, "bob@example.com");
        let written = entry(5, "robert", Some("bob@corp.example.com"), "robert@example.com");
        let ad = naming(Schema::ActiveDirectory, EmailAttribute::Mail);
        let table: [(&str, &[&Entry], &[&str]); 7] = [
            ("alice@corp.example.com", &[&alice, &thief], &["alice"]),
            ("alice@corp.example.com", &[&thief, &alice], &["alice"]),
            ("alice@corp.example.com", &[&thief], &["thief"]),
            ("a.adams@example.com", &[&alice, &other], &["alice", "other"]),
            ("bob@corp.example.com", &[&implicit, &written], &["robert"]),
            ("bob@corp.example.com", &[&implicit, &thief], &["bob"]),
            ("CORP\\alice", &[&alice, &thief], &["alice"]),
        ];
        for (typed, entries, expected) in table {
            let name = TypedName::parse(typed).expect("a name");
            let meant = ad.meant(entries.iter().map(|entry| (*entry).clone()).collect(), &name);
            let logins: Vec<&str> = meant.iter().map(|entry| entry.login_name.as_str()).collect();
            assert_eq!(logins, expected, "{typed}");
        }
        let ldap = naming(Schema::Rfc2307bis, EmailAttribute::Mail);
        let uid = entry(6, "carol@example.org", None, "carol@example.com");
        let thief = entry(7, "thief", None, "carol@example.org");
        let name = TypedName::parse("Carol@example.org").expect("a name");
        assert_eq!(ldap.meant(vec![thief, uid.clone()], &name), [uid]);
    }

    #[test]
    fn the_primary_proxy_address_is_the_email() {
        let ad = naming(Schema::ActiveDirectory, EmailAttribute::ProxyAddresses);
        let entry = |values: &[&str]| {
            let values: Vec<_> = values.iter().map(|value| ("proxyAddresses", value.as_bytes())).collect();
            ad.email_of(&Attributes::of("CN=a,DC=x", &values))
        };
        assert_eq!(entry(&["smtp:b@x.org", "SMTP:a@x.org", "X500:/o=x"]).as_deref(), Some("a@x.org"));
        assert_eq!(entry(&["smtp:b@x.org"]), None);
        assert_eq!(entry(&["SMTP: "]), None);
    }

    #[test]
    fn containers_without_people_are_excluded() {
        let ad = naming(Schema::ActiveDirectory, EmailAttribute::Mail);
        let holds = |dn: &str| ad.holds(&Dn::parse(dn).expect("a DN"));
        assert!(holds("CN=Alice,OU=Staff,dc=corp,dc=example,dc=com"));
        assert!(!holds("CN=Alice,OU=Staff,DC=other,DC=com"));
        assert!(!holds("CN=x\\0ADEL:1,CN=Deleted Objects,DC=corp,DC=example,DC=com"));
        assert!(!holds("CN=x,CN=Configuration,DC=corp,DC=example,DC=com"));
    }
}
