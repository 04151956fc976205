//! `cloudsync-idp accounts list`: list accounts.

use anyhow::Result;

use crate::cli::output;
use crate::cli::table::Table;
use crate::flow::account::views::AccountView;
use crate::flow::installation::context::LoginParts;
use crate::flow::support::people;

/// Which accounts to list.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only accounts that have a word with this beginning in their id, email address, name or login name; of
    /// several words each
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only accounts with this status; `ended`: the expiry date in the directory has passed
    #[arg(long, value_enum)]
    status: Option<StatusFilter>,
    /// Only this directory (its id in the settings)
    #[arg(long, value_name = "ID")]
    directory: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum StatusFilter {
    Active,
    Ended,
    Suspended,
}

impl StatusFilter {
    fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ended => "ended",
            Self::Suspended => "suspended",
        }
    }
}

const PAGE: u32 = 500;

/// Lists the accounts.
pub async fn run(parts: &LoginParts, arguments: &Arguments, json: bool) -> Result<u8> {
    let mut list = List::new(json);
    match &arguments.search {
        Some(search) => found(parts, arguments, search, &mut list).await?,
        None => all(parts, arguments, &mut list).await?,
    }
    list.finish();
    Ok(0)
}

async fn found(parts: &LoginParts, arguments: &Arguments, search: &str, list: &mut List) -> Result<()> {
    let mut after = None;
    loop {
        let page = people::search(parts, search, after, PAGE).await?;
        list.add_matching(&page.people, arguments)?;
        after = page.next;
        if after.is_none() || output::is_closed() {
            return Ok(());
        }
    }
}

async fn all(parts: &LoginParts, arguments: &Arguments, list: &mut List) -> Result<()> {
    let (mut after, now) = (None, parts.now());
    loop {
        let page = parts.store.identity().accounts_page(after.as_ref(), PAGE).await?;
        let Some(last) = page.last().filter(|_| !output::is_closed()) else { return Ok(()) };
        after = Some(last.id.clone());
        let page: Vec<AccountView> = page.iter().map(|account| AccountView::new(account, now)).collect();
        list.add_matching(&page, arguments)?;
    }
}

/// The list that is being written.
enum List {
    Json(output::JsonList),
    Table(Table),
}

impl List {
    fn new(json: bool) -> Self {
        match json {
            true => Self::Json(output::JsonList::default()),
            false => Self::Table(Table::new(&["account", "email", "name", "status", "directory"])),
        }
    }

    fn add_matching(&mut self, page: &[AccountView], arguments: &Arguments) -> Result<()> {
        page.iter().filter(|account| matches(account, arguments)).try_for_each(|account| self.add(account))
    }

    fn add(&mut self, account: &AccountView) -> Result<()> {
        match self {
            Self::Json(list) => list.item(account)?,
            Self::Table(table) => {
                let directory = account.directory.as_deref().unwrap_or("not linked");
                let (names, name) = (&account.names, account.name().unwrap_or("-"));
                table.row([&names.account, &names.email, name, &account.status_text(), directory]);
            }
        }
        Ok(())
    }

    fn finish(self) {
        match self {
            Self::Json(list) => list.finish(),
            Self::Table(table) => table.finish(),
        }
    }
}

fn matches(account: &AccountView, filter: &Arguments) -> bool {
    filter.directory.as_ref().is_none_or(|id| account.directory.as_ref() == Some(id))
        && filter.status.is_none_or(|status| status.as_str() == account.status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::{Account, Status, SuspendedBecause};
    use crate::domain::samples::{self, NOW};

    #[test]
    fn an_account_after_its_end_date_is_not_listed_as_active() {
        let listed = |status, account: &Account| {
            let filter = Arguments { search: None, status: Some(status), directory: None };
            matches(&AccountView::new(account, NOW), &filter)
        };
        let active = samples::account();
        let ended = Account { expires_at: Some(NOW), ..samples::account() };
        let status = Status::Suspended { because: SuspendedBecause::Expired, since: NOW };
        let suspended = Account { status, ..samples::account() };
        for (account, is) in [
            (&active, StatusFilter::Active),
            (&ended, StatusFilter::Ended),
            (&suspended, StatusFilter::Suspended),
        ] {
            for status in [StatusFilter::Active, StatusFilter::Ended, StatusFilter::Suspended] {
                assert_eq!(listed(status, account), status == is, "{status:?} {account:?}");
            }
        }
    }
}
