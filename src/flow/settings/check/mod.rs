//! Check what the values mean together, after a file was merged with the stored settings. Certificates are
//! parsed and each directory is created, which reads the system's CAs if no others are named; no server is
//! asked. Types, words and ranges were checked when the file was read.

mod branding;
mod certificate;
mod client;
mod directory;
mod protection;
mod provisioning;
mod server;
mod team_shares;
mod uri;

use super::report::{ProblemReport, SettingPath};
use crate::domain::settings::{Provisioning, Settings};

/// Adds every problem of these settings to the report.
pub(super) fn check(settings: &Settings, report: &mut ProblemReport) {
    sso(settings, report);
    lifetimes(settings, report);
    branding::check(&settings.branding, report);
    protection::check(settings, report);
    for entry in &settings.directories {
        directory::check(entry, report);
    }
    team_shares::check(settings, report);
    for entry in &settings.clients {
        client::check(entry, report);
    }
    provisioning::check(settings, report);
}

/// Adds every problem of a service as it was typed, whatever else is in the settings.
pub(super) fn service(service: &Provisioning, report: &mut ProblemReport) {
    provisioning::alone(service, report);
}

fn sso(settings: &Settings, report: &mut ProblemReport) {
    let url = &settings.sso.forgot_password_url;
    if !url.is_empty()
        && let Err(message) = uri::page(url)
    {
        report.problem(&SettingPath::section("sso").key("forgot_password_url"), message);
    }
}

fn lifetimes(settings: &Settings, report: &mut ProblemReport) {
    let session = &settings.session;
    if session.idle() > session.absolute() {
        let longest = u64::from(session.absolute_hours) * 60;
        let message = format!("is longer than absolute_hours allows; use at most {longest}");
        report.problem(&SettingPath::section("session").key("idle_minutes"), message);
    }
    let admin = &settings.admin;
    if admin.idle() > admin.absolute() {
        let longest = u64::from(admin.session_hours) * 60;
        let message = format!("is longer than session_hours allows; use at most {longest}");
        report.problem(&SettingPath::section("admin").key("idle_minutes"), message);
    }
    let tokens = &settings.tokens;
    if tokens.refresh_idle_days > tokens.refresh_absolute_days {
        let longest = tokens.refresh_absolute_days;
        let message = format!("is longer than refresh_absolute_days allows; use at most {longest}");
        report.problem(&SettingPath::section("tokens").key("refresh_idle_days"), message);
    }
}
