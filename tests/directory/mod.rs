//! The directory code against real servers: Samba's Active Directory and OpenLDAP, working, frozen, killed
//! and silent.

mod binds;
mod budget;
mod change;
mod doctor;
mod elements;
mod encryption;
mod failover;
mod feeds_ad;
mod feeds_ldap;
mod groups;
mod hostile;
mod lockout;
mod people;
mod reported;
mod throughput;
mod unreadable;

use std::time::{Duration, Instant};

use cloudsync_idp::directory::{Directory, Found};
use cloudsync_idp::domain::dn::Dn;
use cloudsync_idp::domain::entry::{DirectoryId, Entry};
use cloudsync_idp::domain::name::TypedName;
use cloudsync_idp::domain::schema::Schema;
use cloudsync_idp::domain::secret::Plain;
use cloudsync_idp::domain::settings::{self, Encryption, Server};

use crate::support::lab::{AdLab, LdapLab};

/// The time limit of a whole request.
const BUDGET: Duration = Duration::from_secs(5);

fn deadline() -> tokio::time::Instant {
    (Instant::now() + BUDGET).into()
}

fn ad_settings(lab: &AdLab) -> settings::Directory {
    settings::Directory {
        id: DirectoryId("corp".into()),
        base_dn: lab.base_dn.clone(),
        netbios_name: lab.netbios_name.clone(),
        servers: vec![Server {
            host: lab.addr.clone(),
            port: None,
            tls_name: Some(lab.host_name.clone()),
            via: None,
        }],
        ca_pem: Some(std::fs::read_to_string(&lab.ca_pem_path).expect("the lab's CA")),
        service_account: lab.service_dn.clone(),
        ..settings::Directory::default()
    }
}

fn ldap_settings(lab: &LdapLab) -> settings::Directory {
    settings::Directory {
        id: DirectoryId("org".into()),
        schema: Schema::Rfc2307bis,
        base_dn: lab.base_dn.clone(),
        servers: vec![ldaps(lab)],
        ca_pem: Some(std::fs::read_to_string(&lab.ca_pem_path).expect("the lab's CA")),
        service_account: lab.service_dn.clone(),
        ..settings::Directory::default()
    }
}

fn ldaps(lab: &LdapLab) -> Server {
    Server {
        host: lab.addr.clone(),
        port: Some(lab.tls_port),
        tls_name: Some(lab.host_name.clone()),
        via: None,
    }
}

/// The same OpenLDAP in clear text, through these loopback ports.
fn plain_settings(lab: &LdapLab, ports: &[(&str, u16)]) -> settings::Directory {
    let server = |(host, port): &(&str, u16)| Server {
        host: (*host).into(),
        port: Some(*port),
        tls_name: None,
        via: None,
    };
    settings::Directory {
        encryption: Encryption::UnencryptedLoopbackOnly,
        servers: ports.iter().map(server).collect(),
        ..ldap_settings(lab)
    }
}

fn ad(lab: &AdLab) -> Directory {
    Directory::new(&ad_settings(lab), Plain::new(lab.service_password.clone())).expect("good settings")
}

fn ldap(lab: &LdapLab) -> Directory {
    open(lab, &ldap_settings(lab))
}

fn open(lab: &LdapLab, settings: &settings::Directory) -> Directory {
    Directory::new(settings, Plain::new(lab.service_password.clone())).expect("good settings")
}

fn name(typed: &str) -> TypedName {
    TypedName::parse(typed).expect("a name")
}

fn dn(text: &str) -> Dn {
    Dn::parse(text).expect("a DN")
}

async fn find(directory: &Directory, typed: &str) -> Found {
    directory.find(&name(typed), deadline()).await.expect("an answer")
}

async fn one(directory: &Directory, typed: &str) -> Entry {
    match find(directory, typed).await {
        Found::One(entry) => *entry,
        other => panic!("{typed}: {other:?}"),
    }
}
