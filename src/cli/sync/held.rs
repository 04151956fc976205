//! Report the people that the guard holds, and how an administrator approves the changes.

use anyhow::Result;

use super::show;
use crate::cli::printable;
use crate::cli::terminal::{TextColour, paint};
use crate::domain::account::AccountId;
use crate::domain::entry::DirectoryId;
use crate::flow::installation::context::SyncParts;
use crate::flow::sync::history::HeldView;

/// The exit status of a successful sync if the guard holds people.
pub(super) const HELD: u8 = 3;

/// How many of them `sync status` names; JSON and `sync log` have more.
pub(super) const NAMED: u32 = 20;

/// Prints that the guard holds people, and what to do.
pub(super) fn print_notice(directory: &DirectoryId, many: i64) {
    let id = printable(&directory.0);
    let people = if many == 1 { "1 person".to_owned() } else { format!("{many} people") };
    let head = format!(
        "  HELD: the guard holds {people}: within a day, more people than allowed would lose an account or a Team Share"
    );
    outln!("{}", paint(&head, TextColour::Warning));
    outln!("  who is held:    cloudsync-idp sync status --directory {id}");
    outln!(
        "  what to do:     check a plan, and apply it if it is right; otherwise fix the directory or the settings"
    );
    outln!("                  cloudsync-idp sync --plan --directory {id}");
    outln!("                  cloudsync-idp sync --apply PLAN-ID");
    outln!(
        "                  or decide: cloudsync-idp sync held approve NAME (or --all), sync held reject NAME (or --all)"
    );
}

/// Prints the first of them, and how many more there are.
pub(super) fn list(rows: &[HeldView], all: i64) {
    for row in rows {
        let taking = show::taking(&row.what);
        let decided =
            row.rejected_by.as_ref().map_or(String::new(), |by| format!("; keeps it by decision of {by}"));
        outln!("    {}", printable(&format!("{} ({}): {taking}{decided}", row.login_name, row.account)));
    }
    let more = all - i64::try_from(rows.len()).unwrap_or(i64::MAX);
    if more > 0 {
        outln!("    and {more} more: cloudsync-idp sync held");
    }
}

/// Whether the guard holds a person of this name.
pub(super) async fn is_held(parts: &SyncParts, name: &str) -> Result<bool> {
    let accounts: Vec<AccountId> = parts.store.sync().accounts_named(name.trim()).await?;
    for account in &accounts {
        if parts.store.sync().is_held(account).await? {
            return Ok(true);
        }
    }
    Ok(false)
}
