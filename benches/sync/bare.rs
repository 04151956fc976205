//! The time that the directory itself needs to show everything: `ldapsearch` of the same entries and
//! attributes, in pages of the same size and over LDAPS like the provider, to /dev/null.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use cloudsync_idp::domain::profile::ldap_names;
use cloudsync_idp::domain::schema::Schema;

use crate::plan::Plan;

const PEOPLE_AND_GROUPS: &str =
    "(|(objectClass=inetOrgPerson)(objectClass=groupOfNames)(objectClass=organizationalUnit))";
const OF_THEM: &[&str] = &[
    "uid",
    "mail",
    "proxyAddresses",
    "userPrincipalName",
    "shadowExpire",
    "entryUUID",
    "pwdReset",
    "pwdAccountLockedTime",
    "nsAccountLock",
    "pwdChangedTime",
    "member",
];
const AD_PEOPLE_AND_GROUPS: &str = "(|(&(objectCategory=person)(objectClass=user))(objectCategory=group)(objectClass=organizationalUnit)(objectClass=container))";
const AD_OF_THEM: &[&str] = &[
    "objectClass",
    "objectCategory",
    "objectGUID",
    "objectSid",
    "sAMAccountName",
    "userPrincipalName",
    "mail",
    "proxyAddresses",
    "userAccountControl",
    "accountExpires",
    "pwdLastSet",
    "primaryGroupID",
    "groupType",
    "memberOf",
];

pub fn dump(plan: &Plan) -> Result<Duration> {
    let (filter, attributes, schema) = match plan.is_active_directory() {
        true => (AD_PEOPLE_AND_GROUPS, AD_OF_THEM, Schema::ActiveDirectory),
        false => (PEOPLE_AND_GROUPS, OF_THEM, Schema::Rfc2307bis),
    };
    let mut command = Command::new("ldapsearch");
    command
        .args([
            "-LLL",
            "-x",
            "-H",
            &format!("ldaps://{}", plan.ldaps),
            "-D",
            &plan.reader.0,
            "-w",
            &plan.reader.1,
        ])
        .args(["-b", &plan.base_dn, "-E", "pr=1000/noprompt", filter])
        .args(attributes)
        .args(ldap_names(schema))
        .env("LDAPTLS_REQCERT", "never")
        .stdout(Stdio::null());
    let started = Instant::now();
    let status = command.status()?;
    let took = started.elapsed();
    ensure!(status.success(), "ldapsearch: {status}");
    Ok(took)
}
