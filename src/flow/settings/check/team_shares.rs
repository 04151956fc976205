//! Check the mappings of groups to Team Shares: their directory, group and name.

use std::collections::HashSet;

use super::super::read::quoted;
use super::super::report::{ProblemReport, SettingPath};
use super::directory::within;
use crate::domain::dn::Dn;
use crate::domain::settings::{Settings, TeamShareMapping};

const LONGEST_NAME: usize = 200;

pub(super) fn check(settings: &Settings, report: &mut ProblemReport) {
    let mut seen = HashSet::new();
    for (index, mapping) in settings.team_shares.iter().enumerate() {
        let place = SettingPath::section("team_shares").item(index);
        name(mapping, &place, report);
        group(settings, mapping, &place, report);
        let group = Dn::parse(&mapping.group).map_or_else(|_| mapping.group.clone(), |dn| dn.key());
        if !seen.insert((&mapping.directory, group, &mapping.team_share)) {
            report.problem(&place, "is a duplicate: the same group is mapped to the same Team Share twice");
        }
    }
}

fn name(mapping: &TeamShareMapping, place: &SettingPath, report: &mut ProblemReport) {
    let name = &mapping.team_share;
    if name.trim().is_empty() || name.chars().count() > LONGEST_NAME {
        let message = format!("{} is not allowed; use 1 to {LONGEST_NAME} characters", quoted(name));
        report.problem(&place.key("team_share"), message);
    }
}

fn group(settings: &Settings, mapping: &TeamShareMapping, place: &SettingPath, report: &mut ProblemReport) {
    let Some(directory) = settings.directory(&mapping.directory) else {
        let ids: Vec<&str> = settings.directories.iter().map(|directory| directory.id.0.as_str()).collect();
        let known = if ids.is_empty() {
            "there is none yet".to_owned()
        } else {
            format!("use one of {}", ids.join(", "))
        };
        let message = format!("{} is no directory here; {known}", quoted(&mapping.directory.0));
        report.problem(&place.key("directory"), message);
        return;
    };
    if let Ok(base) = Dn::parse(&directory.base_dn)
        && let Err(message) = within(&mapping.group, &base)
    {
        report.problem(&place.key("group"), message);
    }
}
