//! The time that the directory itself needs to show everything: `ldapsearch` of the same entries and
//! attributes, in pages of the same size and over LDAPS like the provider, to /dev/null.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use cloudsync_idp::directory::feed::attributes_kept;
use cloudsync_idp::domain::schema::Schema;

use crate::plan::Plan;

const PEOPLE_AND_GROUPS: &str =
    "(|(objectClass=inetOrgPerson)(objectClass=groupOfNames)(objectClass=organizationalUnit))";
const AD_PEOPLE_AND_GROUPS: &str = "(|(&(objectCategory=person)(objectClass=user))(objectCategory=group)(objectClass=organizationalUnit)(objectClass=container))";
/// What the provider reads of groups too; of Active Directory it reads the same of every object.
const OF_GROUPS: &[&str] = &["objectClass", "member"];

pub fn dump(plan: &Plan) -> Result<Duration> {
    let (filter, of_groups, schema) = match plan.is_active_directory() {
        true => (AD_PEOPLE_AND_GROUPS, &[][..], Schema::ActiveDirectory),
        false => (PEOPLE_AND_GROUPS, OF_GROUPS, Schema::Rfc2307bis),
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
        .args(of_groups)
        .args(attributes_kept(schema))
        .env("LDAPTLS_REQCERT", "never")
        .stdout(Stdio::null());
    let started = Instant::now();
    let status = command.status()?;
    let took = started.elapsed();
    ensure!(status.success(), "ldapsearch: {status}");
    Ok(took)
}
