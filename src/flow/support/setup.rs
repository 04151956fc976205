//! Set up a directory from nothing: what the domain announces, which CA its servers use, what the service
//! account sees. Nothing is changed anywhere, and the password is sent only to a server whose certificate is
//! trusted.

mod anchor;
mod choices;
mod connecting;
mod servers;
mod text;

use std::collections::HashMap;

pub use self::anchor::Anchor;
pub use self::choices::{containing, set_scope, with_dn};
pub use self::connecting::{
    NextStep, SentCertificate, ca_pem, chain_has, is_fingerprint, next_step, sent, set_tls_name,
};
pub use self::servers::{proposed, server, server_lines, servers};
pub use self::text::{SetupChoices, SetupSecrets, settings_text};
use crate::agent::Tunnels;
use crate::directory::probe::{PersonSeen, Probe, ProbeSession};
use crate::domain::dn::Dn;
use crate::domain::doctor::facts::{Reach, ServiceBind};
use crate::domain::entry::DirectoryId;
use crate::domain::outbound::AddressRule;
use crate::domain::schema::Schema;
use crate::domain::secret::Plain;
use crate::domain::settings::{Directory, Server};

/// The settings of a directory, as far as its domain gives them.
#[must_use]
pub fn draft(domain: &str, servers: Vec<Server>) -> Directory {
    let parts: Vec<String> = domain.split('.').map(|label| format!("DC={label}")).collect();
    let first = domain.split('.').next().unwrap_or_default().to_lowercase();
    let id: String = first.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(64).collect();
    Directory {
        id: DirectoryId(if id.is_empty() { "corp".to_owned() } else { id }),
        name: domain.to_owned(),
        base_dn: parts.join(","),
        servers,
        ..Directory::default()
    }
}

/// How far a connection to the first server gets. No password is sent.
pub async fn reach(directory: &Directory) -> Result<Reach, String> {
    reach_at(directory, 0, None, &Tunnels::default()).await
}

/// The same for one of the servers, if its address is allowed.
pub async fn reach_at(
    directory: &Directory,
    at: usize,
    rule: Option<AddressRule>,
    tunnels: &Tunnels,
) -> Result<Reach, String> {
    let probe = Probe::without_account(directory).and_then(|probe| probe.through(tunnels));
    let probe = probe.map_err(|error| error.to_string())?;
    let probe = match rule {
        Some(rule) => probe.guarded(rule),
        None => probe,
    };
    probe.reach(at).await.ok_or_else(|| "there is no server to ask".to_owned())
}

/// What a directory reports of itself once the service account is bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub schema: Schema,
    pub base_dn: String,
    /// What stands before the backslash.
    pub netbios_name: Option<String>,
    /// All base DNs that it names.
    pub heads: Vec<String>,
}

/// Binds as the service account and asks what the directory is. The inner error says how the bind failed.
pub async fn identify(
    directory: &Directory,
    password: &Plain,
) -> Result<Result<Identity, ServiceBind>, String> {
    identified(&probe(directory, password)?).await
}

/// The same by a probe.
pub(super) async fn identified(probe: &Probe) -> Result<Result<Identity, ServiceBind>, String> {
    let mut session = match bound(probe).await {
        Ok(session) => session,
        Err(bind) => return Ok(Err(bind)),
    };
    session.root_dse().await?;
    let directory = probe.settings();
    let schema = if session.is_active_directory() { Schema::ActiveDirectory } else { Schema::Rfc2307bis };
    let heads = session.heads();
    let own = heads.iter().find(|head| head.eq_ignore_ascii_case(&directory.base_dn)).or(heads.first());
    let base_dn = own.cloned().unwrap_or_else(|| directory.base_dn.clone());
    let netbios_name = session.netbios_name(&base_dn).await;
    Ok(Ok(Identity { schema, base_dn, netbios_name, heads }))
}

/// An OU or a group, and how many enabled people it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub dn: Dn,
    /// Enabled people: at any depth of an OU, direct members of a group.
    pub people: usize,
}

/// The OUs and groups to choose from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Enabled people below the base DN.
    pub people: usize,
    /// OUs, in the order of the tree.
    pub units: Vec<Choice>,
    /// Groups with people in them, the largest first.
    pub groups: Vec<Choice>,
}

/// Lists OUs and groups with their people.
pub async fn survey(directory: &Directory, password: &Plain) -> Result<Survey, String> {
    let probe = probe(directory, password)?;
    let mut session = bound(&probe).await.map_err(|_| "the service account is now refused".to_owned())?;
    session.root_dse().await?;
    let choice = |dn: Dn| Choice { dn, people: 0 };
    let mut counted = Survey {
        people: 0,
        units: session.units().await?.into_iter().map(choice).collect(),
        groups: session.group_names().await?.into_iter().map(choice).collect(),
    };
    let places: HashMap<String, usize> =
        counted.groups.iter().enumerate().map(|(at, group)| (group.dn.key(), at)).collect();
    let (base, mut cookie) = (session.base().clone(), Vec::new());
    loop {
        let page = session.people(&base, cookie).await?;
        page.people.iter().filter(|one| one.enabled).for_each(|one| count(&mut counted, &places, one));
        match page.next {
            Some(next) => cookie = next,
            None => break,
        }
    }
    counted.units.sort_by_cached_key(|unit| unit.dn.path());
    counted.groups.retain(|group| group.people > 0);
    counted.groups.sort_by(|one, other| {
        other.people.cmp(&one.people).then_with(|| one.dn.as_str().cmp(other.dn.as_str()))
    });
    Ok(counted)
}

fn count(survey: &mut Survey, places: &HashMap<String, usize>, person: &PersonSeen) {
    survey.people += 1;
    for unit in survey.units.iter_mut().filter(|unit| person.dn.is_within(&unit.dn)) {
        unit.people += 1;
    }
    for group in &person.groups {
        if let Some(group) = places.get(&group.key()).and_then(|at| survey.groups.get_mut(*at)) {
            group.people += 1;
        }
    }
}

fn probe(directory: &Directory, password: &Plain) -> Result<Probe, String> {
    Probe::new(directory, password.clone()).map_err(|error| error.to_string())
}

/// The first server that accepts the account. After one that refuses it no other is asked.
async fn bound(probe: &Probe) -> Result<ProbeSession<'_>, ServiceBind> {
    let mut last = ServiceBind::Failed("there is no server to ask".to_owned());
    for at in 0..probe.servers() {
        match probe.bind(at).await {
            (_, Some(session)) => return Ok(session),
            (failed @ ServiceBind::Failed(_), None) => last = failed,
            (bind, None) => return Err(bind),
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_names_its_base_and_its_key() {
        for (domain, id, base) in [
            ("corp.example.com", "corp", "DC=corp,DC=example,DC=com"),
            ("Example.org", "example", "DC=Example,DC=org"),
            ("_", "corp", "DC=_"),
        ] {
            let draft = draft(domain, Vec::new());
            assert_eq!((draft.id.0.as_str(), draft.base_dn.as_str()), (id, base), "{domain}");
        }
    }
}
