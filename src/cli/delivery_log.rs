//! `cloudsync-idp delivery log`: what was sent to services, and how it ended.

use anyhow::{Context, Result};

use super::output::{self, printable};
use super::table::Table;
use crate::domain::account::AccountId;
use crate::domain::delivery::Subject;
use crate::domain::timestamp;
use crate::flow::account::factors::{NameError, account_named};
use crate::flow::delivery::log::{self, LogQuery, LoggedView};
use crate::flow::installation::context::{LoginParts, OperationParts};

/// Which deliveries.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only to this service
    #[arg(long, value_name = "SERVICE")]
    service: Option<String>,
    /// Only this person: login name, email address or account id (also of an erased account)
    #[arg(long, value_name = "NAME", conflicts_with = "team_share")]
    person: Option<String>,
    /// Only this Team Share
    #[arg(long, value_name = "NAME")]
    team_share: Option<String>,
    /// At most this many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Go on after the previous page: the number at its end
    #[arg(long, value_name = "ID")]
    before: Option<i64>,
}

/// Prints a page.
pub(super) async fn run(
    (parts, login): (&OperationParts, &LoginParts),
    arguments: Arguments,
    json: bool,
) -> Result<u8> {
    let Arguments { service, person, team_share, limit, before } = arguments;
    let subject = match (person, team_share) {
        (Some(name), _) => Some(Subject::Person(named(login, &name).await?)),
        (None, share) => share.map(Subject::Share),
    };
    let page = log::read(parts, &LogQuery { service, subject, before, limit }).await?;
    if json {
        output::json(&page)?;
        return Ok(0);
    }
    print(&page.deliveries);
    if let Some(before) = page.next_before {
        errln!("there may be more; continue with: --before {before}");
    }
    Ok(0)
}

/// A name that nobody has any more may be the id of an erased account.
async fn named(login: &LoginParts, name: &str) -> Result<AccountId> {
    match account_named(login, name).await? {
        Ok(account) => Ok(account.id),
        Err(NameError::Nobody) => Ok(AccountId(name.to_owned())),
        Err(error) => Err(error).with_context(|| printable(name)),
    }
}

fn print(deliveries: &[LoggedView]) {
    let headers = &["at", "service", "who", "email", "action", "result", "attributes", "members", "words"];
    let mut table = Table::new(headers);
    for one in deliveries {
        let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).unwrap_or("-").to_owned();
        let who = match (&one.account, &one.team_share) {
            (Some(account), _) => account.clone(),
            (None, share) => format!("Team Share {}", share.as_deref().unwrap_or_default()),
        };
        let members = match (one.joined, one.left) {
            (0, 0) => "-".to_owned(),
            (joined, left) => format!("+{joined} -{left}"),
        };
        table.row([
            &timestamp(one.at),
            &one.service,
            &who,
            &text(one.email.as_deref()),
            one.action,
            one.result,
            &text(Some(&one.attributes.join(","))),
            &members,
            &text(one.words.as_deref()),
        ]);
    }
    table.finish();
}
