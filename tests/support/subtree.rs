//! A subtree of a real directory for one test: its own OU and people.

use super::lab::{self, AdLab, Admin, LdapLab, Person, unique};
use super::provider::{Provider, Setup, directory};

/// A test's own part of a shared directory.
pub struct Subtree {
    pub admin: &'static Admin,
    pub is_ad: bool,
    pub base: String,
    /// The OU in the scope of [`Subtree::provider`]; empty at first.
    pub unit: String,
    /// An OU outside the scope.
    pub outside: String,
    pub password: String,
    server: (String, u16, String),
    ca: std::path::PathBuf,
    service: (String, String),
}

impl Subtree {
    pub fn ad() -> Self {
        let lab: &AdLab = lab::ad();
        let subtree = Self {
            admin: &lab.admin,
            is_ad: true,
            base: lab.base_dn.clone(),
            unit: lab.dn(&format!("OU={}", unique("unit"))),
            outside: lab.dn("OU=Outside"),
            password: lab.user_password.clone(),
            server: (lab.addr.clone(), 636, lab.host_name.clone()),
            ca: lab.ca_pem_path.clone(),
            service: (lab.service_dn.clone(), lab.service_password.clone()),
        };
        subtree.add_unit(&subtree.unit);
        subtree
    }

    /// A subtree with its own base DN, because deletions by other tests would fail a run.
    pub fn ldap() -> Self {
        Self::of_ldap(lab::ldap())
    }

    /// The same in this server.
    pub fn of_ldap(lab: &'static LdapLab) -> Self {
        let root = lab.dn(&format!("ou={}", unique("root")));
        let subtree = Self {
            admin: &lab.admin,
            is_ad: false,
            unit: format!("ou=people,{root}"),
            outside: format!("ou=outside,{root}"),
            base: root,
            password: lab.user_password.clone(),
            server: (lab.addr.clone(), lab.tls_port, lab.host_name.clone()),
            ca: lab.ca_pem_path.clone(),
            service: (lab.service_dn.clone(), lab.service_password.clone()),
        };
        for unit in [&subtree.base, &subtree.unit, &subtree.outside] {
            subtree.add_unit(unit);
        }
        subtree
    }

    pub fn add_unit(&self, dn: &str) {
        self.admin.add(dn, &[("objectClass", "organizationalUnit")]);
    }

    /// Adds a person to the OU.
    pub fn person(&self) -> Person {
        self.person_in(&self.unit)
    }

    pub fn person_in(&self, unit: &str) -> Person {
        if self.is_ad {
            self.admin.add_person(unit, &self.password)
        } else {
            self.admin.add_inet_person(unit, &self.password)
        }
    }

    /// Adds a (security) group below the OU.
    pub fn group(&self, members: &[&str]) -> String {
        let name = unique("group");
        let class = if self.is_ad { "group" } else { "groupOfNames" };
        let dn = format!("CN={name},{}", self.unit);
        let mut attributes = vec![("objectClass", class)];
        attributes.extend(self.is_ad.then_some(("sAMAccountName", name.as_str())));
        attributes.extend(members.iter().map(|member| ("member", *member)));
        self.admin.add(&dn, &attributes);
        dn
    }

    pub fn disable(&self, person: &Person) {
        let (attribute, value) = if self.is_ad {
            ("userAccountControl", "66050")
        } else {
            ("pwdAccountLockedTime", "000001010000Z")
        };
        self.admin.replace(&person.dn, attribute, &[value]);
    }

    pub fn enable(&self, person: &Person) {
        match self.is_ad {
            true => self.admin.replace(&person.dn, "userAccountControl", &["66048"]),
            false => self.admin.replace(&person.dn, "pwdAccountLockedTime", &[]),
        }
    }

    pub fn mail(&self, person: &Person, mail: &str) {
        self.admin.replace(
            &person.dn,
            "mail",
            if mail.is_empty() { &[] } else { std::slice::from_ref(&mail) },
        );
    }

    /// Moves a person to another OU.
    pub fn move_to(&self, person: &Person, unit: &str) -> Person {
        let rdn = person.dn.split(',').next().expect("a DN");
        Person { dn: self.admin.move_to(&person.dn, rdn, unit), ..person.clone() }
    }

    /// The settings of a directory with this scope: an OU and a group, either may be empty.
    pub fn settings(&self, unit: &str, group: &str) -> String {
        let schema = if self.is_ad { "ActiveDirectory" } else { "Rfc2307bis" };
        let server = (self.server.0.as_str(), self.server.1, self.server.2.as_str());
        let service = (self.service.0.as_str(), self.service.1.as_str());
        directory(schema, &self.base, &[server], &self.ca, service, &[unit.to_owned(), group.to_owned()])
    }

    /// A provider with this OU in scope, before any sync.
    pub async fn provider(&self) -> Provider {
        Provider::start(Setup::new(&self.settings(&self.unit, ""))).await
    }

    /// A provider with this group in scope, before any sync.
    pub async fn provider_of_group(&self, group: &str) -> Provider {
        Provider::start(Setup::new(&self.settings("", group))).await
    }
}
