//! Check the names and networks of the second factor, the throttle and the admin panel.

use ipnet::IpNet;

use super::super::read::quoted;
use super::super::report::{ProblemReport, SettingPath};
use crate::domain::dn::Dn;
use crate::domain::settings::{Required, Settings};

pub(super) fn check(settings: &Settings, report: &mut ProblemReport) {
    groups(settings, report);
    networks(settings, report);
}

fn groups(settings: &Settings, report: &mut ProblemReport) {
    let factor = &settings.second_factor;
    let place = SettingPath::section("second_factor");
    if factor.required == Required::Groups && factor.groups.is_empty() {
        let message = "\"groups\" means nobody while `groups` is empty; name at least one group";
        report.problem(&place.key("required"), message);
    }
    let bases: Vec<Dn> =
        settings.directories.iter().filter_map(|entry| Dn::parse(&entry.base_dn).ok()).collect();
    for (index, name) in factor.groups.iter().enumerate() {
        let at = place.key("groups").item(index);
        match Dn::parse(name) {
            Err(error) => report.problem(&at, format!("{} is not a DN: {error}", quoted(name))),
            Ok(dn) if !bases.iter().any(|base| dn.depth() > 0 && dn.is_within(base)) => {
                report
                    .problem(&at, format!("{} does not lie within the base_dn of a directory", quoted(name)));
            }
            Ok(_) => {}
        }
    }
}

fn networks(settings: &Settings, report: &mut ProblemReport) {
    let throttle = SettingPath::section("throttle").key("networks");
    for (index, network) in settings.throttle.networks.iter().enumerate() {
        is_network(&network.cidr, &throttle.item(index).key("cidr"), report);
    }
    let outbound = SettingPath::section("admin").key("outbound_networks");
    for (index, network) in settings.admin.outbound_networks.iter().enumerate() {
        is_network(network, &outbound.item(index), report);
    }
    for client in &settings.clients {
        let place = SettingPath::named("clients", &client.client_id).key("private_addresses");
        for (index, network) in client.private_addresses.iter().enumerate() {
            is_network(network, &place.item(index), report);
        }
    }
}

pub(super) fn is_network(text: &str, place: &SettingPath, report: &mut ProblemReport) {
    if text.parse::<IpNet>().is_err() {
        report.problem(place, format!("{} is not a network; for example 10.0.0.0/8", quoted(text)));
    }
}
