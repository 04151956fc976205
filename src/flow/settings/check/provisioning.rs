//! Check the services that accounts are delivered to: their addresses, their secrets, and what they name.

mod oauth;

use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

use super::super::read::quoted;
use super::super::report::{ProblemReport, SettingPath};
use super::protection::is_network;
use super::{certificate, directory, uri};
use crate::domain::schedule::{DayTime, Zone};
use crate::domain::settings::{Provisioning, Settings};

pub(super) fn check(settings: &Settings, report: &mut ProblemReport) {
    for (index, service) in settings.provisioning.iter().enumerate() {
        let place = SettingPath::named("provisioning", &service.id);
        alone(service, report);
        if let Some(other) = settings.provisioning[..index].iter().find(|other| is_same(other, service)) {
            let message = format!("is the address of {} too: both would change the same accounts", other.id);
            report.problem(&place.key("base_url"), message);
        }
        named(settings, service, &place, report);
        daily(service, &place, report);
    }
}

/// Checks what is right or wrong whatever else is in the settings.
pub(super) fn alone(service: &Provisioning, report: &mut ProblemReport) {
    let place = SettingPath::named("provisioning", &service.id);
    directory::id(&service.id, &place.key("id"), report);
    address(service, &place, report);
    oauth::check(service, &place, report);
    certificates(service, &place, report);
}

fn is_same(one: &Provisioning, other: &Provisioning) -> bool {
    one.base_url.trim_end_matches('/') == other.base_url.trim_end_matches('/')
}

fn address(service: &Provisioning, place: &SettingPath, report: &mut ProblemReport) {
    let at = place.key("base_url");
    let networks = networks(service);
    if service.base_url.is_empty() {
        let message = "is missing; for example base_url = \"https://cloudsync.example.com/scim/v2\"";
        report.problem(&at, message);
    } else if let Err(message) = base_url(&service.base_url, &networks) {
        report.problem(&at, message);
    }
    for (index, network) in service.private_addresses.iter().enumerate() {
        is_network(network, &place.key("private_addresses").item(index), report);
    }
    if let Some(proxy) = &service.proxy
        && let Err(message) = proxy_url(proxy)
    {
        report.problem(&place.key("proxy"), message);
    }
}

fn networks(service: &Provisioning) -> Vec<IpNet> {
    service.private_addresses.iter().filter_map(|text| text.parse().ok()).collect()
}

fn base_url(text: &str, networks: &[IpNet]) -> Result<(), String> {
    let url = outbound(text, networks)?;
    match url.query() {
        Some(_) => Err(format!("{}: an address here must not have a query (?...)", quoted(text))),
        None => Ok(()),
    }
}

/// An address that requests may be sent to.
fn outbound(text: &str, networks: &[IpNet]) -> Result<Url, String> {
    uri::page(text)?;
    let url = Url::parse(text).map_err(|_| format!("{} is no address", quoted(text)))?;
    let address = match url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        Some(Host::Domain("localhost")) => Some(IpAddr::from([127, 0, 0, 1])),
        Some(Host::Domain(_)) | None => None,
    };
    match address.filter(IpAddr::is_loopback) {
        Some(address) if !networks.iter().any(|network| network.contains(&address)) => Err(format!(
            "{} is on this machine; name it in private_addresses, for example [\"127.0.0.0/8\"]",
            quoted(text)
        )),
        _ => Ok(url),
    }
}

fn proxy_url(text: &str) -> Result<(), String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let bare =
        |url: &Url| matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    match url {
        Some(url) if !url.username().is_empty() || url.password().is_some() => {
            Err("must not carry a user name or password".to_owned())
        }
        Some(url) if url.has_host() && bare(&url) => Ok(()),
        _ => Err(format!("{} is no proxy; for example http://proxy.example.com:3128", quoted(text))),
    }
}

fn named(settings: &Settings, service: &Provisioning, place: &SettingPath, report: &mut ProblemReport) {
    if let Some(client) = &service.client
        && settings.client(client).is_none()
    {
        report.problem(&place.key("client"), format!("{} is no client here", quoted(client)));
    }
    for (index, id) in service.directories.iter().enumerate() {
        if settings.directory(id).is_none() {
            let at = place.key("directories").item(index);
            report.problem(&at, format!("{} is no directory here", quoted(&id.0)));
        }
    }
}

/// When the daily comparison is.
fn daily(service: &Provisioning, place: &SettingPath, report: &mut ProblemReport) {
    if let Err(error) = DayTime::parse(&service.drift_at) {
        report.problem(&place.key("drift_at"), format!("{} {error}", quoted(&service.drift_at)));
    }
    if let Err(error) = Zone::named(&service.drift_zone) {
        report.problem(&place.key("drift_zone"), format!("{} {error}", quoted(&service.drift_zone)));
    }
}

fn certificates(service: &Provisioning, place: &SettingPath, report: &mut ProblemReport) {
    if let Some(pem) = &service.ca_pem
        && let Err(message) = certificate::check(pem)
    {
        report.problem(&place.key("ca_pem"), message);
    }
}
