//! `cloudsync-idp accounts show NAME`: show one account, as stored; no directory is asked.

use anyhow::Result;
use serde::Serialize;

use crate::cli::shapes::{AccountShape, FactorShape, SessionShape};
use crate::cli::{output, printable, sync};
use crate::domain::account::Account;
use crate::domain::profile::ProfileAttribute;
use crate::domain::session::Session;
use crate::domain::timestamp;
use crate::flow::account::factors::{self, AccountFactors};
use crate::flow::installation::context::LoginParts;
use crate::flow::sync::history::ChangeView;
use crate::store::{ChangeFilter, ShareRow};

/// How many of the newest changes are shown.
const CHANGES: u32 = 10;

/// Everything that is stored for an account.
struct AccountDetails {
    standing: AccountFactors,
    invited_until: Option<String>,
    sessions: Vec<Session>,
    refresh_families: i64,
    team_shares: Vec<ShareRow>,
    held: bool,
    changes: Vec<ChangeView>,
}

#[derive(Serialize)]
struct DetailsShape<'a> {
    #[serde(flatten)]
    account: AccountShape<'a>,
    held_by_guard: bool,
    factors: Vec<FactorShape<'a>>,
    recovery_codes_left: u32,
    invited_until: Option<&'a str>,
    sessions: Vec<SessionShape>,
    refresh_families: i64,
    team_shares: Vec<ShareShape<'a>>,
    changes: &'a [ChangeView],
}

#[derive(Serialize)]
struct ShareShape<'a> {
    team_share: &'a str,
    directory: &'a str,
    since: String,
}

/// Shows the account.
pub async fn run(parts: &LoginParts, account: &Account, json: bool) -> Result<u8> {
    let details = read(parts, account).await?;
    let shape = AccountShape::new(account, parts.now());
    match json {
        true => output::json(&in_json(shape, &details))?,
        false => print(account, &shape, &details),
    }
    Ok(0)
}

async fn read(parts: &LoginParts, account: &Account) -> Result<AccountDetails> {
    let (store, id, now) = (&parts.store, &account.id, parts.now());
    let current = parts.current();
    let mut sessions = store.login().sessions_of(id).await?;
    sessions.retain(|session| session.is_alive(&current.settings.session, now));
    let changes =
        ChangeFilter { accounts: Some(vec![id.clone()]), limit: CHANGES, ..ChangeFilter::default() };
    Ok(AccountDetails {
        standing: factors::account_factors(parts, id).await?,
        invited_until: store.identity().invited_until(id, now).await?.map(timestamp),
        sessions,
        refresh_families: store.login().count_grants_of(id, None, now).await?,
        team_shares: store.sync().shares_of(id).await?,
        held: store.sync().is_held(id).await?,
        changes: store.sync().changes_of(&changes).await?.iter().map(ChangeView::from).collect(),
    })
}

fn in_json<'a>(account: AccountShape<'a>, details: &'a AccountDetails) -> DetailsShape<'a> {
    let share = |row: &'a ShareRow| ShareShape {
        team_share: &row.share.team_share,
        directory: &row.directory.0,
        since: timestamp(row.since),
    };
    DetailsShape {
        account,
        held_by_guard: details.held,
        factors: details.standing.factors.iter().map(FactorShape::from).collect(),
        recovery_codes_left: details.standing.recovery_left,
        invited_until: details.invited_until.as_deref(),
        sessions: details.sessions.iter().map(SessionShape::from).collect(),
        refresh_families: details.refresh_families,
        team_shares: details.team_shares.iter().map(share).collect(),
        changes: &details.changes,
    }
}

fn print(account: &Account, shape: &AccountShape<'_>, details: &AccountDetails) {
    let line = |name: &str, value: &str| outln!("  {name:<15} {}", printable(value));
    let profile = &account.profile;
    outln!("{}", printable(&account.id.0));
    line("name", profile.name().unwrap_or("-"));
    line("email", &profile.email);
    line("login name", profile.login_name.as_deref().unwrap_or("-"));
    for (row, value) in profile.attributes.rows().filter(|(row, _)| row.attribute != ProfileAttribute::Name) {
        value.iter().for_each(|value| line(&row.column.replace('_', " "), value));
    }
    let since = shape.suspended_since.as_ref().map_or(String::new(), |since| format!(" since {since}"));
    line("status", &format!("{}{since}", shape.status_text()));
    if let Some(link) = &account.link {
        line("entry", &format!("{} in {}", link.entry, link.directory));
    } else {
        line("entry", "not linked");
    }
    if let Some(end) = account.expires_at {
        line("ends", &timestamp(end));
    }
    line("confirmed", &account.seen_at.map_or("not since its last change".to_owned(), timestamp));
    if details.held {
        line("HELD", "by the guard; see: cloudsync-idp sync status");
    }
    print_second_factors(details);
    line("sessions", &format!("{}, {} refresh families", details.sessions.len(), details.refresh_families));
    let shares: Vec<&str> = details.team_shares.iter().map(|row| row.share.team_share.as_str()).collect();
    line("Team Shares", &if shares.is_empty() { "none".to_owned() } else { shares.join(", ") });
    if !details.changes.is_empty() {
        outln!("changes, newest first");
        details.changes.iter().for_each(|change| outln!("{}", sync::change_text(change)));
    }
}

fn print_second_factors(details: &AccountDetails) {
    let standing = &details.standing;
    let names: Vec<String> = standing.factors.iter().map(|factor| printable(&factor.name)).collect();
    let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    outln!("  {:<15} {names}; {} recovery codes left", "second factors", standing.recovery_left);
    if let Some(until) = &details.invited_until {
        outln!("  {:<15} until {until}", "invited");
    }
}
