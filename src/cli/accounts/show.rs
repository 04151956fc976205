//! `cloudsync-idp accounts show NAME`: show one account, as stored; no directory is asked.

use anyhow::Result;
use serde::Serialize;

use crate::cli::{output, printable, sync};
use crate::domain::account::Account;
use crate::domain::profile::ProfileAttribute;
use crate::domain::timestamp;
use crate::flow::installation::context::LoginParts;
use crate::flow::support::people::{self, PersonView};
use crate::flow::sync::history::ChangeView;
use crate::store::ChangeFilter;

/// How many of the newest changes are shown.
const CHANGES: u32 = 10;

/// A person with the recent changes, as JSON.
#[derive(Serialize)]
struct DetailsShape<'a> {
    #[serde(flatten)]
    person: &'a PersonView,
    changes: &'a [ChangeView],
}

/// Shows the account.
pub async fn run(parts: &LoginParts, account: &Account, json: bool) -> Result<u8> {
    let person = people::person(parts, account).await?;
    let accounts = Some(vec![account.id.clone()]);
    let filter = ChangeFilter { accounts, limit: CHANGES, ..ChangeFilter::default() };
    let changes = parts.store.sync().changes_of(&filter).await?;
    let changes: Vec<ChangeView> = changes.iter().map(ChangeView::from).collect();
    if json {
        output::json(&DetailsShape { person: &person, changes: &changes })?;
        return Ok(0);
    }
    print(account, &person);
    print_changes(&changes);
    Ok(0)
}

fn print(account: &Account, person: &PersonView) {
    let line = |name: &str, value: &str| outln!("  {name:<15} {}", printable(value));
    let (profile, view) = (&account.profile, &person.account);
    outln!("{}", printable(&account.id.0));
    line("name", profile.name().unwrap_or("-"));
    line("email", &profile.email);
    line("login name", profile.login_name.as_deref().unwrap_or("-"));
    for (row, value) in profile.attributes.rows().filter(|(row, _)| row.attribute != ProfileAttribute::Name) {
        value.iter().for_each(|value| line(&row.column.replace('_', " "), value));
    }
    let since = view.suspended_since.map_or(String::new(), |since| format!(" since {}", timestamp(since)));
    line("status", &format!("{}{since}", view.status_text()));
    if let Some(link) = &account.link {
        line("entry", &format!("{} in {}", link.entry, link.directory));
    } else {
        line("entry", "not linked");
    }
    if let Some(end) = account.expires_at {
        line("ends", &timestamp(end));
    }
    if let Some(since) = person.locked_down_at {
        line("locked down", &format!("since {}", timestamp(since)));
    }
    line("confirmed", &account.seen_at.map_or("not since its last change".to_owned(), timestamp));
    if person.held_by_guard {
        line("HELD", "by the guard; see: cloudsync-idp sync status");
    }
    print_second_factors(person);
    let held = &person.sessions;
    line("sessions", &format!("{}, {} refresh families", held.sessions.len(), held.refresh_families));
    let shares: Vec<&str> = person.team_shares.iter().map(|share| share.team_share.as_str()).collect();
    line("Team Shares", &if shares.is_empty() { "none".to_owned() } else { shares.join(", ") });
}

fn print_changes(changes: &[ChangeView]) {
    if !changes.is_empty() {
        outln!("changes, newest first");
        changes.iter().for_each(|change| outln!("{}", sync::change_text(change)));
    }
}

fn print_second_factors(person: &PersonView) {
    let names: Vec<String> = person.factors.iter().map(|factor| printable(&factor.name)).collect();
    let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    outln!("  {:<15} {names}; {} recovery codes left", "second factors", person.recovery_codes_left);
    if let Some(until) = person.invited_until {
        outln!("  {:<15} until {}", "invited", timestamp(until));
    }
}
