//! Act as a directory's administrator with the `ldapmodify` and `ldapsearch` tools: no code of the product
//! prepares its own tests.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// An administrator of one directory.
pub struct Admin {
    url: String,
    pub name: String,
    pub password: String,
}

/// A person that a test has added.
#[derive(Clone, Debug)]
pub struct Person {
    pub dn: String,
    pub account: String,
    pub mail: String,
}

impl Admin {
    pub fn new(url: &str, name: &str, password: &str) -> Self {
        Self { url: url.to_owned(), name: name.to_owned(), password: password.to_owned() }
    }

    /// Adds an entry.
    pub fn add(&self, dn: &str, attributes: &[(&str, &str)]) {
        let mut ldif = format!("{}changetype: add\n", line("dn", dn));
        for (name, value) in attributes {
            ldif.push_str(&line(name, value));
        }
        self.apply(&ldif);
    }

    /// Replaces an attribute's values; none at all removes it.
    pub fn replace(&self, dn: &str, attribute: &str, values: &[&str]) {
        self.modify(dn, "replace", attribute, values);
    }

    /// Adds values to an attribute.
    pub fn add_values(&self, dn: &str, attribute: &str, values: &[&str]) {
        self.modify(dn, "add", attribute, values);
    }

    /// Removes values of an attribute.
    pub fn remove_values(&self, dn: &str, attribute: &str, values: &[&str]) {
        self.modify(dn, "delete", attribute, values);
    }

    fn modify(&self, dn: &str, how: &str, attribute: &str, values: &[&str]) {
        let mut ldif = format!("{}changetype: modify\n{how}: {attribute}\n", line("dn", dn));
        for value in values {
            ldif.push_str(&line(attribute, value));
        }
        self.apply(&ldif);
    }

    /// Deletes an entry.
    pub fn delete(&self, dn: &str) {
        self.apply(&format!("{}changetype: delete\n", line("dn", dn)));
    }

    /// Renames an entry (`rdn`: `CN=New Name`) or moves it below another parent, or both; returns its new DN.
    pub fn move_to(&self, dn: &str, rdn: &str, parent: &str) -> String {
        let (moved, below) = (line("newrdn", rdn), line("newsuperior", parent));
        self.apply(&format!("{}changetype: modrdn\n{moved}deleteoldrdn: 1\n{below}", line("dn", dn)));
        format!("{rdn},{parent}")
    }

    /// Resets a password in Active Directory.
    pub fn set_ad_password(&self, dn: &str, password: &str) {
        let value = BASE64_STANDARD.encode(ad_password(password));
        self.apply(&format!(
            "{}changetype: modify\nreplace: unicodePwd\nunicodePwd:: {value}\n",
            line("dn", dn)
        ));
    }

    /// Adds an enabled person below `unit` in Active Directory, with a unique name, email address and
    /// password.
    pub fn add_person(&self, unit: &str, password: &str) -> Person {
        let account = unique("p");
        let mail = format!("{account}@example.com");
        let dn = format!("CN=Person {account},{unit}");
        let mut ldif = format!("{}changetype: add\nobjectClass: user\n", line("dn", &dn));
        let upn = format!("{account}@corp.example.com");
        let fields = [("sAMAccountName", account.as_str()), ("userPrincipalName", &upn), ("mail", &mail)];
        for (name, value) in fields {
            ldif.push_str(&line(name, value));
        }
        let _ = writeln!(ldif, "displayName: Person {account}\ngivenName: Person\nsn: {account}");
        let _ = writeln!(ldif, "unicodePwd:: {}", BASE64_STANDARD.encode(ad_password(password)));
        ldif.push_str("userAccountControl: 66048\n"); // enabled, the password never expires
        self.apply(&ldif);
        Person { dn, account, mail }
    }

    /// Adds a person below `unit` in OpenLDAP.
    pub fn add_inet_person(&self, unit: &str, password: &str) -> Person {
        let account = unique("p");
        let mail = format!("{account}@example.org");
        let dn = format!("uid={account},{unit}");
        let name = format!("Person {account}");
        let class = ("objectClass", "inetOrgPerson");
        let fields = [class, ("uid", &account), ("cn", &name), ("sn", &account), ("mail", &mail)];
        self.add(&dn, &[fields.as_slice(), &[("userPassword", password)]].concat());
        Person { dn, account, mail }
    }

    /// The values of one attribute of one entry, as text.
    pub fn read(&self, dn: &str, attribute: &str) -> Vec<String> {
        let search = ["-LLL", "-o", "ldif_wrap=no", "-s", "base", "-b", dn, "(objectClass=*)", attribute];
        let output = self.run("ldapsearch", &search, "");
        assert!(output.status.success(), "{dn}: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines().filter_map(|line| value_of(line, attribute)).collect()
    }

    /// The DN of the entry with this login name in Active Directory.
    pub fn dn_of(&self, base: &str, account: &str) -> String {
        let filter = format!("(sAMAccountName={account})");
        let output = self.run("ldapsearch", &["-LLL", "-o", "ldif_wrap=no", "-b", base, &filter, "1.1"], "");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines().find_map(|line| value_of(line, "dn")).expect("an entry")
    }

    /// Every entry below `base` that matches the filter: the values of these attributes, and of `dn`.
    pub fn each(&self, base: &str, filter: &str, attributes: &[&str]) -> Vec<HashMap<String, Vec<String>>> {
        let search = ["-LLL", "-o", "ldif_wrap=no", "-b", base, filter];
        let output = self.run("ldapsearch", &[search.as_slice(), attributes].concat(), "");
        assert!(output.status.success(), "{base}: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let entries = text.split("\n\n").filter(|entry| entry.starts_with("dn:"));
        let values = |entry: &str, name: &&str| {
            ((*name).to_owned(), entry.lines().filter_map(|line| value_of(line, name)).collect())
        };
        entries
            .map(|entry| attributes.iter().chain(&["dn"]).map(|name| values(entry, name)).collect())
            .collect()
    }

    /// Restores a deleted object of Active Directory from among the tombstones.
    pub fn undelete(&self, tombstone: &str, dn: &str) {
        let ldif = format!(
            "{}changetype: modify\ndelete: isDeleted\n-\nreplace: distinguishedName\n{}",
            line("dn", tombstone),
            line("distinguishedName", dn)
        );
        let output = self.run("ldapmodify", &["-e", "!1.2.840.113556.1.4.417"], &ldif);
        assert!(output.status.success(), "{}\n{ldif}", String::from_utf8_lossy(&output.stderr));
    }

    /// Applies LDIF change records; panics with the server's message.
    pub fn apply(&self, ldif: &str) {
        self.attempt(ldif).unwrap_or_else(|refusal| panic!("{refusal}\n{ldif}"));
    }

    /// The same when the server may refuse: returns its message.
    pub fn attempt(&self, ldif: &str) -> Result<(), String> {
        let output = self.run("ldapmodify", &[], ldif);
        let refusal = || String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(()) } else { Err(refusal()) }
    }

    fn run(&self, tool: &str, arguments: &[&str], input: &str) -> Output {
        let mut child = Command::new(tool)
            .args(["-x", "-H", &self.url, "-D", &self.name, "-w", &self.password])
            .args(arguments)
            .env("LDAPTLS_REQCERT", "never") // the tools dial an address, the certificate carries a name
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("ldap-utils is installed");
        let mut stdin = child.stdin.take().expect("piped");
        stdin.write_all(input.as_bytes()).expect("the tool reads");
        drop(stdin);
        child.wait_with_output().expect("the tool ends")
    }
}

/// A name that no other test of this process uses.
pub fn unique(prefix: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{prefix}{:04}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// One LDIF line, in base64, so that any value is allowed.
pub fn line(name: &str, value: &str) -> String {
    format!("{name}:: {}\n", BASE64_STANDARD.encode(value))
}

fn value_of(line: &str, attribute: &str) -> Option<String> {
    let (name, rest) = line.split_at_checked(attribute.len())?;
    if !name.eq_ignore_ascii_case(attribute) {
        return None;
    }
    match rest.strip_prefix(":: ") {
        Some(encoded) => Some(String::from_utf8_lossy(&BASE64_STANDARD.decode(encoded).ok()?).into_owned()),
        None => rest.strip_prefix(": ").map(str::to_owned),
    }
}

/// The form that `unicodePwd` requires: quoted, UTF-16.
fn ad_password(password: &str) -> Vec<u8> {
    format!("\"{password}\"").encode_utf16().flat_map(u16::to_le_bytes).collect()
}
