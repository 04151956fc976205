//! Check a directory: whether it could be reached at all, and whether its DNs lie below the base DN. At the
//! end it is created as it will be in force, since a directory that can't be created would let nobody in.

use super::super::read::quoted;
use super::super::report::{ProblemReport, SettingPath};
use super::{certificate, server};
use crate::directory::{self, DirectoryConfigError, ExtraFilter};
use crate::domain::dn::Dn;
use crate::domain::schedule::{DayTime, Zone};
use crate::domain::schema::Schema;
use crate::domain::scope::{Pins, Scope};
use crate::domain::secret::Plain;
use crate::domain::settings::{Directory, ScopeSettings, Sync};

/// A NetBIOS name has sixteen bytes, and the last is its type.
const LONGEST_NETBIOS_NAME: usize = 15;
const LONGEST_ID: usize = 64;
const LONGEST_DOMAIN: usize = 253;
const LONGEST_LABEL: usize = 63;

pub(super) fn check(directory: &Directory, report: &mut ProblemReport) {
    let place = SettingPath::named("directories", &directory.id.0);
    identity(directory, &place, report);
    domains(directory, &place, report);
    server::check(directory, &place, report);
    sync(&directory.sync, &place.key("sync"), report);
    service_account(directory, &place, report);
    if let Some(pem) = &directory.ca_pem
        && let Err(message) = certificate::check(pem)
    {
        report.problem(&place.key("ca_pem"), message);
    }
    if let Some(base) = base_dn(directory, &place, report) {
        names(directory, &base, &place, report);
    }
    if report.is_sound(&place) {
        in_force(directory, &place, report);
    }
}

/// Creates what will be in force, with any password: the real one is checked elsewhere. Asks no server.
fn in_force(settings: &Directory, place: &SettingPath, report: &mut ProblemReport) {
    if let Err(error) = directory::Directory::new(settings, Plain::new("not the password")) {
        let at = match &error {
            DirectoryConfigError::ServerName(name) | DirectoryConfigError::NotLoopback(name) => {
                server::named(settings, name, place)
            }
            DirectoryConfigError::Certificates(_) => place.key("ca_pem"),
            _ => place.clone(),
        };
        report.problem(&at, error.to_string());
    }
    if let Err(error) = Scope::new(&settings.scope, &Pins::default()) {
        report.problem(&place.key("scope"), error.to_string());
    }
}

/// The id of a directory or of a service.
pub(super) fn id(id: &str, place: &SettingPath, report: &mut ProblemReport) {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if id.is_empty() || id.len() > LONGEST_ID || !id.bytes().all(allowed) {
        let message = format!(
            "{} is not allowed; use 1 to {LONGEST_ID} of the characters a to z, 0 to 9 and -",
            quoted(id)
        );
        report.problem(place, message);
    }
}

fn identity(directory: &Directory, place: &SettingPath, report: &mut ProblemReport) {
    id(&directory.id.0, &place.key("id"), report);
    if directory.name.trim().is_empty() {
        report.problem(&place.key("name"), "is missing; people read it, for example name = \"Example Corp\"");
    }
    let netbios = &directory.netbios_name;
    if netbios.chars().count() > LONGEST_NETBIOS_NAME
        || netbios.contains(|c: char| c.is_whitespace() || c == '\\')
    {
        let message = format!(
            "{} is not allowed; it is the part before the backslash in CORP\\alice, at most \
             {LONGEST_NETBIOS_NAME} characters",
            quoted(netbios)
        );
        report.problem(&place.key("netbios_name"), message);
    }
}

/// Checks the domains after an at sign. If several directories have one, the person is asked which.
fn domains(directory: &Directory, place: &SettingPath, report: &mut ProblemReport) {
    all_domains(&directory.domains, &place.key("domains"), report);
    all_domains(&directory.email_domains, &place.key("email_domains"), report);
}

fn all_domains(domains: &[String], at: &SettingPath, report: &mut ProblemReport) {
    for (index, domain) in domains.iter().enumerate() {
        if !is_domain(domain) {
            let message = format!(
                "{} is not a domain; write the part after the at sign, such as example.com",
                quoted(domain)
            );
            report.problem(&at.item(index), message);
        }
    }
}

/// RFC 1035 section 2.3.4: a name has at most 253 characters and each part 63. Letters of every script are
/// allowed, as in a userPrincipalName.
fn is_domain(domain: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    let part = |part: &str| (1..=LONGEST_LABEL).contains(&part.chars().count()) && part.chars().all(allowed);
    domain.chars().count() <= LONGEST_DOMAIN && domain.split('.').all(part)
}

/// Checked for every frequency, since an invalid time would be noticed only when it is needed.
fn sync(sync: &Sync, place: &SettingPath, report: &mut ProblemReport) {
    if let Err(error) = DayTime::parse(&sync.at) {
        report.problem(&place.key("at"), format!("{} {error}", quoted(&sync.at)));
    }
    if let Err(error) = Zone::named(&sync.zone) {
        report.problem(&place.key("zone"), format!("{} {error}", quoted(&sync.zone)));
    }
}

fn service_account(directory: &Directory, place: &SettingPath, report: &mut ProblemReport) {
    let account = &directory.service_account;
    let at = place.key("service_account");
    if account.is_empty() {
        report.problem(&at, "is missing; give the DN of an account that may read the directory");
    } else if account.contains('=') || directory.schema == Schema::Rfc2307bis {
        if let Err(error) = Dn::parse(account) {
            report.problem(&at, format!("{} is not a DN: {error}", quoted(account)));
        }
    } else if !account.contains(['@', '\\']) {
        let message =
            format!("{} is neither a DN nor a user principal name (svc@corp.example.com)", quoted(account));
        report.problem(&at, message);
    }
    if directory.service_account_password.is_none() {
        let message = "is missing; give service_account_password_file, service_account_password_env or \
                       service_account_password";
        report.problem(&place.key("service_account_password"), message);
    }
}

fn base_dn(directory: &Directory, place: &SettingPath, report: &mut ProblemReport) -> Option<Dn> {
    let at = place.key("base_dn");
    match Dn::parse(&directory.base_dn) {
        Ok(base) if base.depth() > 0 => return Some(base),
        Ok(_) => report.problem(&at, "is missing; for example base_dn = \"DC=corp,DC=example,DC=com\""),
        Err(error) => {
            report.problem(&at, format!("{} is not a DN: {error}", quoted(&directory.base_dn)));
        }
    }
    None
}

fn names(directory: &Directory, base: &Dn, place: &SettingPath, report: &mut ProblemReport) {
    scope(&directory.scope, base, &place.key("scope"), report);
    for (key, groups) in Directory::ROLE_GROUPS.into_iter().zip(directory.role_groups()) {
        all_within(groups, base, &place.key(key), report);
    }
    if !directory.password_policy.is_empty()
        && let Err(message) = within(&directory.password_policy, base)
    {
        report.problem(&place.key("password_policy"), message);
    }
}

fn scope(scope: &ScopeSettings, base: &Dn, place: &SettingPath, report: &mut ProblemReport) {
    let units = place.key("organizational_units");
    for (index, unit) in scope.organizational_units.iter().enumerate() {
        if let Err(message) = within(&unit.dn, base) {
            report.problem(&units.item(index), message);
        }
    }
    all_within(&scope.groups, base, &place.key("groups"), report);
    let excluded = place.key("exclude_organizational_units");
    all_within(&scope.exclude_organizational_units, base, &excluded, report);
    all_within(&scope.exclude_groups, base, &place.key("exclude_groups"), report);
    if !scope.filter.is_empty() && ExtraFilter::parse(&scope.filter).is_err() {
        let message = format!(
            "{} is not an LDAP filter (RFC 4515); for example filter = \"(employeeType=internal)\"",
            quoted(&scope.filter)
        );
        report.problem(&place.key("filter"), message);
    }
    if scope.organizational_units.is_empty() && scope.groups.is_empty() {
        report.warning(
            place,
            "selects no organizational unit and no group: nobody in this directory can sign in",
        );
    }
}

fn all_within(names: &[String], base: &Dn, place: &SettingPath, report: &mut ProblemReport) {
    for (index, name) in names.iter().enumerate() {
        if let Err(message) = within(name, base) {
            report.problem(&place.item(index), message);
        }
    }
}

pub(super) fn within(name: &str, base: &Dn) -> Result<(), String> {
    let dn = Dn::parse(name).map_err(|error| format!("{} is not a DN: {error}", quoted(name)))?;
    if dn.depth() == 0 || !dn.is_within(base) {
        return Err(format!("{} does not lie within base_dn {}", quoted(name), quoted(base.as_str())));
    }
    Ok(())
}
