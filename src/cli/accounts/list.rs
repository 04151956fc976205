//! `cloudsync-idp accounts list`.

use anyhow::Result;

use crate::cli::output;
use crate::cli::shapes::AccountShape;
use crate::cli::table::Table;
use crate::domain::Millis;
use crate::domain::account::{Account, Status};
use crate::domain::name::fold;
use crate::flow::context::Parts;

/// Which accounts.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only accounts with this text in their id, mail, name or login name
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only accounts that are in use, whose end date in the directory has passed, or that are suspended
    #[arg(long, value_enum)]
    status: Option<Which>,
    /// Only this directory (its id in the settings)
    #[arg(long, value_name = "ID")]
    directory: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Which {
    Active,
    Ended,
    Suspended,
}

impl Which {
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
pub async fn run(parts: &Parts, arguments: &Arguments, json: bool) -> Result<u8> {
    let mut list = List::new(json);
    let (mut after, now) = (None, parts.now());
    loop {
        let page = parts.store.accounts_page(after.as_ref(), PAGE).await?;
        let Some(last) = page.last().filter(|_| !output::is_closed()) else { break };
        after = Some(last.id.clone());
        for account in page.iter().filter(|account| fits(account, arguments, now)) {
            list.add(&AccountShape::new(account, now), account)?;
        }
    }
    list.finish();
    Ok(0)
}

/// Either form of the list, while it is being written.
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
                let name = account.profile.name.as_deref().unwrap_or("-");
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

fn fits(account: &Account, asked: &Arguments, now: Millis) -> bool {
    let profile = &account.profile;
    let holds = |wanted: &String| {
        let texts =
            [Some(&account.id.0), Some(&profile.email), profile.name.as_ref(), profile.login_name.as_ref()];
        let wanted = fold(wanted);
        texts.into_iter().flatten().any(|text| fold(text).contains(&wanted))
    };
    let lives_in = |id: &String| account.link.as_ref().is_some_and(|link| link.directory.0 == *id);
    let stands = |which: Which| Which::of(account, now) == which;
    asked.search.as_ref().is_none_or(holds)
        && asked.directory.as_ref().is_none_or(lives_in)
        && asked.status.is_none_or(stands)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::SuspendedBecause;
    use crate::domain::samples::{self, NOW};

    #[test]
    fn whose_end_has_come_is_not_listed_as_active() {
        let listed = |which, account: &Account| {
            let asked = Arguments { search: None, status: Some(which), directory: None };
            fits(account, &asked, NOW)
        };
        let active = samples::account();
        let ended = Account { expires_at: Some(NOW), ..samples::account() };
        let status = Status::Suspended { because: SuspendedBecause::Expired, since: NOW };
        let suspended = Account { status, ..samples::account() };
        for (account, is) in
            [(&active, Which::Active), (&ended, Which::Ended), (&suspended, Which::Suspended)]
        {
            for which in [Which::Active, Which::Ended, Which::Suspended] {
                assert_eq!(listed(which, account), which == is, "{which:?} {account:?}");
            }
        }
    }
}
