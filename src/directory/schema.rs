//! What differs between Active Directory and other directories: which attributes to ask for, which objects are people or
//! groups, and which names a person answers to.

use super::attributes::Attributes;
use super::error::DirectoryError;
use super::filter::Filter;
use super::{active_directory, rfc2307bis};
use crate::domain::dn::Dn;
use crate::domain::email;
use crate::domain::entry::{Entry, EntryId};
use crate::domain::name::{TypedName, same_name};
use crate::domain::settings::{EmailAttribute, Schema};

/// By which name an entry answers to a typed one. The first ranks first: administrators alone write principal and login
/// names, and Active Directory too prefers a written principal name to the implicit one (MS-ADTS 5.1.1.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answers {
    PrincipalName,
    Login,
    Mail,
}

/// The attribute that can't be read of a person, though it decides.
pub(crate) type Missing = &'static str;

/// One directory's way of saying things.
pub(crate) struct Naming {
    pub(crate) schema: Schema,
    pub(crate) email: EmailAttribute,
    pub(crate) base: Dn,
    /// `corp.example.com` for `DC=corp,DC=example,DC=com`.
    pub(crate) domain_dns: Option<String>,
    pub(crate) netbios: String,
    /// Below the base, and yet nobody's home.
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

    /// True for objects that may be looked at: in the base DN (checked again, whatever the server sent), and not among
    /// what a domain keeps beside its people.
    pub(crate) fn holds(&self, dn: &Dn) -> bool {
        dn.is_within(&self.base) && !self.excluded.iter().any(|excluded| dn.is_within(excluded))
    }

    /// People: no computers, contacts or groups.
    pub(crate) fn people(&self) -> Filter {
        match self.schema {
            Schema::ActiveDirectory => Filter::all([
                Filter::equals("objectCategory", "person"),
                Filter::equals("objectClass", "user"),
            ]),
            Schema::Rfc2307bis => Filter::equals("objectClass", "inetOrgPerson"),
        }
    }

    /// The person with this typed name; `None` when the name is of another domain.
    pub(crate) fn person_named(&self, name: &TypedName) -> Option<Filter> {
        let named = match name {
            TypedName::Login(login) => Filter::equals(self.login_attribute(), login),
            TypedName::InDomain { domain, login } if self.is_domain(domain) => {
                Filter::equals(self.login_attribute(), login)
            }
            TypedName::InDomain { .. } => return None,
            TypedName::Address(address) => self.address(address),
        };
        Some(Filter::all([self.people(), named]))
    }

    /// By address: the email, and the principal name that is written down or follows from the login name.
    fn address(&self, address: &str) -> Filter {
        let mut ways = self.emails(address);
        match self.schema {
            Schema::ActiveDirectory if self.email == EmailAttribute::UserPrincipalName => {
                ways.extend(self.implicit(address));
            }
            Schema::ActiveDirectory | Schema::Rfc2307bis => ways.extend(self.own_names(address)),
        }
        Filter::any(ways)
    }

    /// The person whose own name this address is, whoever has it for a mail; `None` for other forms of a name.
    pub(crate) fn person_by_own_name(&self, name: &TypedName) -> Option<Filter> {
        let TypedName::Address(address) = name else { return None };
        Some(Filter::all([self.people(), Filter::any(self.own_names(address))]))
    }

    /// By the names that administrators alone write: the principal name, written down or implicit, or uid.
    fn own_names(&self, address: &str) -> Vec<Filter> {
        match self.schema {
            Schema::ActiveDirectory => {
                let spellings = email::spellings(address);
                let principal = spellings.iter().map(|name| Filter::equals("userPrincipalName", name));
                principal.chain(self.implicit(address)).collect()
            }
            Schema::Rfc2307bis => vec![Filter::equals("uid", address)],
        }
    }

    fn implicit(&self, address: &str) -> Option<Filter> {
        self.implicit_login(address).map(|login| Filter::equals("sAMAccountName", login))
    }

    /// Who has this email, by the attribute that the settings name.
    pub(crate) fn email_is(&self, address: &str) -> Filter {
        Filter::any(self.emails(address))
    }

    fn emails(&self, address: &str) -> Vec<Filter> {
        let is = |address: &String| match self.email {
            EmailAttribute::Mail => Filter::equals("mail", address),
            EmailAttribute::ProxyAddresses => Filter::equals("proxyAddresses", &format!("SMTP:{address}")),
            EmailAttribute::UserPrincipalName => Filter::equals("userPrincipalName", address),
        };
        email::spellings(address).iter().map(is).collect()
    }

    /// The person with this id.
    pub(crate) fn person_with_id(&self, id: EntryId) -> Filter {
        Filter::all([self.people(), self.object_with_id(id)])
    }

    /// Whatever has this id.
    pub(crate) fn object_with_id(&self, id: EntryId) -> Filter {
        match self.schema {
            Schema::ActiveDirectory => Filter::equals_bytes("objectGUID", &id.object_guid()),
            Schema::Rfc2307bis => Filter::equals("entryUUID", &id.to_string()),
        }
    }

    /// By which of its names the entry answers to the typed one: compared as we compare names, since a directory may
    /// ignore accents and width.
    pub(crate) fn answers_by(&self, entry: &Entry, name: &TypedName) -> Option<Answers> {
        let is = |value: &Option<String>, typed: &str| {
            value.as_deref().is_some_and(|value| email::same(value, typed))
        };
        let own_login = |login: &str| goes_by(entry, login).then_some(Answers::Login);
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

    /// Those whom a typed name means, by the name that ranks first: whoever can write another's principal name into their
    /// own mail takes it from nobody, and is not found by it.
    pub(crate) fn meant(&self, entries: Vec<Entry>, name: &TypedName) -> Vec<Entry> {
        let ranked = entries.into_iter().filter_map(|entry| Some((self.answers_by(&entry, name)?, entry)));
        let ranked: Vec<(Answers, Entry)> = ranked.collect();
        let best = ranked.iter().map(|(by, _)| *by).min();
        ranked.into_iter().filter(|(by, _)| Some(*by) == best).map(|(_, entry)| entry).collect()
    }

    /// `alice` of `alice@corp.example.com`, which every account of the domain answers to (MS-ADTS 5.1.1.1.1).
    fn implicit_login<'a>(&self, address: &'a str) -> Option<&'a str> {
        let (login, domain) = address.rsplit_once('@')?;
        self.is_domain(domain).then_some(login)
    }

    pub(super) fn is_domain(&self, domain: &str) -> bool {
        (!self.netbios.is_empty() && same_name(domain, &self.netbios))
            || self.domain_dns.as_deref().is_some_and(|domain_dns| same_name(domain, domain_dns))
    }

    fn login_attribute(&self) -> &'static str {
        match self.schema {
            Schema::ActiveDirectory => "sAMAccountName",
            Schema::Rfc2307bis => "uid",
        }
    }

    /// What to ask for of a person. Operational attributes come only when they are named.
    pub(crate) fn person_attributes(&self) -> &'static [&'static str] {
        match self.schema {
            Schema::ActiveDirectory => active_directory::PERSON,
            Schema::Rfc2307bis => rfc2307bis::PERSON,
        }
    }

    /// What to ask for to know whose email is whose.
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

    /// The entry in the product's words; `None` for what is not a person to us.
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

    /// True for a person of whom the service account may not read what decides. Groups and containers have none of that.
    pub(crate) fn is_unreadable(&self, attributes: &Attributes) -> bool {
        matches!(self.person(attributes), Err(DirectoryError::Unreadable { .. }))
    }

    /// The same for somebody who reads many: one person who can't be read is told in the log and by the doctor, and holds
    /// back nobody else. Who is left out here is not taken for gone: nothing is known of them.
    pub(crate) fn readable_person(&self, attributes: &Attributes) -> Result<Option<Entry>, DirectoryError> {
        match self.person(attributes) {
            Err(DirectoryError::Unreadable { dn, attribute }) => {
                tracing::warn!(%dn, attribute, "the service account may not read this person, who is left as they are");
                Ok(None)
            }
            read => read,
        }
    }

    /// objectGUID or entryUUID, which every object has: where it is missing, the service account may not read.
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

    /// The email by the configured attribute; blank is none.
    pub(crate) fn email_of(&self, attributes: &Attributes) -> Option<String> {
        match self.email {
            EmailAttribute::Mail => attributes.owned("mail"),
            EmailAttribute::UserPrincipalName => attributes.owned("userPrincipalName"),
            // the primary address alone has its prefix in capitals
            EmailAttribute::ProxyAddresses => attributes
                .texts("proxyAddresses")
                .filter_map(|value| value.strip_prefix("SMTP:"))
                .map(|address| address.trim().to_owned())
                .find(|address| !address.is_empty()),
        }
    }
}

/// Each value of `uid` is a name of the person, whichever the server sends first.
fn goes_by(entry: &Entry, login: &str) -> bool {
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
    fn a_domain_is_looked_for_in_both_of_its_forms() {
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

    /// Whoever may write their own mail takes nobody's name by it.
    #[test]
    fn own_names_rank_before_the_mail() {
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
    fn what_a_domain_keeps_beside_its_people_is_not_held() {
        let ad = naming(Schema::ActiveDirectory, EmailAttribute::Mail);
        let holds = |dn: &str| ad.holds(&Dn::parse(dn).expect("a DN"));
        assert!(holds("CN=Alice,OU=Staff,dc=corp,dc=example,dc=com"));
        assert!(!holds("CN=Alice,OU=Staff,DC=other,DC=com"));
        assert!(!holds("CN=x\\0ADEL:1,CN=Deleted Objects,DC=corp,DC=example,DC=com"));
        assert!(!holds("CN=x,CN=Configuration,DC=corp,DC=example,DC=com"));
    }
}
