//! `cloudsync-idp accounts list`: list accounts.

use anyhow::Result;

use crate::cli::output;
use crate::cli::shapes::AccountShape;
use crate::cli::table::Table;
use crate::domain::Millis;
use crate::domain::account::{Account, Status};
use crate::domain::name::fold;
use crate::flow::installation::context::LoginParts;

/// Which accounts to list.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only accounts with this text in their id, email address, name or login name
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
    fn of(account: &Account, now: Millis) -> Self {
        match account.status {
            Status::Active if account.is_usable(now) => Self::Active,
            Status::Active => Self::Ended,
            Status::Suspended { .. } => Self::Suspended,
        }
    }
}

const PAGE: u32 = 500;

/// Lists the accounts.
pub async fn run(parts: &LoginParts, arguments: &Arguments, json: bool) -> Result<u8> {
    let mut list = List::new(json);
    let (mut after, now) = (None, parts.now());
    loop {
        let page = parts.store.identity().accounts_page(after.as_ref(), PAGE).await?;
        let Some(last) = page.last().filter(|_| !output::is_closed()) else { break };
        after = Some(last.id.clone());
        for account in page.iter().filter(|account| matches(account, arguments, now)) {
            list.add(&AccountShape::new(account, now), account)?;
        }
    }
    list.finish();
    Ok(0)
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

    fn add(&mut self, shape: &AccountShape<'_>, account: &Account) -> Result<()> {
        match self {
            Self::Json(list) => list.item(shape)?,
            Self::Table(table) => {
                let link = account.link.as_ref().map_or("not linked", |link| link.directory.0.as_str());
                let name = account.profile.name().unwrap_or("-");
                table.row([&account.id.0, &account.profile.email, name, &shape.status_text(), link]);
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

fn matches(account: &Account, filter: &Arguments, now: Millis) -> bool {
    let profile = &account.profile;
    let contains = |wanted: &String| {
        let texts = [
            Some(account.id.0.as_str()),
            Some(&profile.email),
            profile.name(),
            profile.login_name.as_deref(),
        ];
        let wanted = fold(wanted);
        texts.into_iter().flatten().any(|text| fold(text).contains(&wanted))
    };
    let is_in = |id: &String| account.link.as_ref().is_some_and(|link| link.directory.0 == *id);
    let has_status = |status: StatusFilter| StatusFilter::of(account, now) == status;
    filter.search.as_ref().is_none_or(contains)
        && filter.directory.as_ref().is_none_or(is_in)
        && filter.status.is_none_or(has_status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::SuspendedBecause;
    use crate::domain::samples::{self, NOW};

    #[test]
    fn an_account_after_its_end_date_is_not_listed_as_active() {
        let listed = |status, account: &Account| {
            let filter = Arguments { search: None, status: Some(status), directory: None };
            matches(account, &filter, NOW)
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
