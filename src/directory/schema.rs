//! What differs between Active Directory and other directories: which attributes to ask for, which objects are people or
//! groups, and which names a person answers to.

use super::attributes::Attributes;
use super::error::DirectoryError;
use super::filter::Filter;
use super::{active_directory, rfc2307bis};
use crate::domain::dn::Dn;
use crate::domain::entry::{Entry, EntryId};
use crate::domain::name::{TypedName, same_name};
use crate::domain::settings::{EmailAttribute, Schema};

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
        let mut ways = vec![self.email_is(address)];
        match self.schema {
            Schema::ActiveDirectory => {
                if self.email != EmailAttribute::UserPrincipalName {
                    ways.push(Filter::equals("userPrincipalName", address));
                }
                ways.extend(
                    self.implicit_login(address).map(|login| Filter::equals("sAMAccountName", login)),
                );
            }
            Schema::Rfc2307bis => ways.push(Filter::equals("uid", address)),
        }
        Filter::any(ways)
    }

    /// Who has this email, by the attribute that the settings name.
    pub(crate) fn email_is(&self, address: &str) -> Filter {
        match self.email {
            EmailAttribute::Mail => Filter::equals("mail", address),
            EmailAttribute::ProxyAddresses => Filter::equals("proxyAddresses", &format!("SMTP:{address}")),
            EmailAttribute::UserPrincipalName => Filter::equals("userPrincipalName", address),
        }
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

    /// Whether the entry answers to the typed name: compared as we compare names, since a directory may ignore accents
    /// and width.
    pub(crate) fn answers_to(&self, entry: &Entry, name: &TypedName) -> bool {
        let is = |value: &Option<String>, typed: &str| {
            value.as_deref().is_some_and(|value| same_name(value, typed))
        };
        match name {
            TypedName::Login(login) => same_name(&entry.login_name, login),
            TypedName::InDomain { domain, login } => {
                self.is_domain(domain) && same_name(&entry.login_name, login)
            }
            TypedName::Address(address) => {
                is(&entry.email, address)
                    || is(&entry.principal_name, address)
                    || match self.schema {
                        Schema::ActiveDirectory => self
                            .implicit_login(address)
                            .is_some_and(|login| same_name(&entry.login_name, login)),
                        Schema::Rfc2307bis => same_name(&entry.login_name, address),
                    }
            }
        }
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
        Ok(match self.schema {
            // Every account has it; where it can't be read (hardened domains take the right from "Authenticated Users"),
            // a disabled or expired account would look like a good one.
            Schema::ActiveDirectory if attributes.number("userAccountControl").is_none() => {
                let (dn, attribute) = (attributes.dn.clone(), "userAccountControl");
                return Err(DirectoryError::Unreadable { dn, attribute });
            }
            Schema::ActiveDirectory => active_directory::person(attributes, id, email),
            Schema::Rfc2307bis => rfc2307bis::person(attributes, id, email),
        })
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
    fn whether_an_account_is_disabled_must_be_readable() {
        let ad = naming(Schema::ActiveDirectory, EmailAttribute::Mail);
        let read = |more: &[(&str, &[u8])]| {
            let id: (&str, &[u8]) = ("objectGUID", &[7; 16]);
            let values = [&[id, ("sAMAccountName", b"alice")], more].concat();
            ad.person(&Attributes::of("CN=Alice,DC=corp,DC=example,DC=com", &values))
        };
        assert!(matches!(read(&[("userAccountControl", b"512")]), Ok(Some(_))));
        let unreadable = |read| matches!(read, Err(DirectoryError::Unreadable { attribute, .. }) if attribute == "userAccountControl");
        assert!(unreadable(read(&[])));
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
