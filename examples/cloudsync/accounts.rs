//! What was delivered by SCIM, as it arrives.

use std::fmt::Write as _;

use super::pages::{self, escape};
use super::scim::overview::{Account, Overview, TeamShare};

/// How many user names of a Team Share are listed.
const NAMES: usize = 12;

/// The numbers, for the other pages.
pub fn card(delivered: &Overview) -> String {
    format!(
        "<section class='card' id='delivered'><h2>Accounts and Team Shares</h2><p>Delivered by SCIM 2.0 until now: {}.</p>\
         <a class='button quiet' href='/accounts?live'>See them arrive</a></section>",
        numbers(delivered)
    )
}

/// The page that shows them, at most so many of each. It is read again by itself only for who has asked for that.
pub fn page(delivered: &Overview, most: usize, live: bool) -> String {
    let (note, button) = if live {
        ("This page is read again every three seconds.", "<a class='button quiet' href='/accounts'>Stop</a>")
    } else {
        ("", "<a class='button quiet' href='/accounts?live'>See them arrive</a>")
    };
    let body = format!(
        "<section class='hero'><h1>Accounts and Team Shares</h1><p>Delivered by SCIM 2.0: {}, the newest change first. {note}</p>\
         <p>{button}</p></section>\
         <section class='card'><h2>Accounts</h2>{}</section><section class='card'><h2>Team Shares</h2>{}</section>",
        numbers(delivered),
        accounts(delivered, most),
        team_shares(delivered, most)
    );
    let title = "Accounts and Team Shares in CloudSync";
    if live { pages::live_page(title, &body) } else { pages::page(title, &body) }
}

fn numbers(delivered: &Overview) -> String {
    let accounts = counted(delivered.people, "account", "accounts");
    let shares = counted(delivered.shares, "Team Share", "Team Shares");
    match delivered.people - delivered.active {
        0 => format!("{accounts} and {shares}"),
        suspended => format!("{accounts} ({suspended} suspended) and {shares}"),
    }
}

fn counted(number: usize, one: &str, many: &str) -> String {
    match number {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        number => format!("{number} {many}"),
    }
}

fn accounts(delivered: &Overview, most: usize) -> String {
    if delivered.accounts.is_empty() {
        return "<p>None has arrived yet.</p>".to_owned();
    }
    let mut html = head(&["Account", "Email", "State", "Team Shares", "Changed (UTC)"]);
    delivered.accounts.iter().for_each(|account| account_row(&mut html, account));
    html + "</tbody></table>" + &more(delivered.people, most)
}

fn account_row(html: &mut String, account: &Account) {
    let state = if account.active {
        "<span class='chip on'>active</span>"
    } else {
        "<span class='chip off'>suspended</span>"
    };
    let _ = write!(
        html,
        "<tr><th scope='row'>{}<small>{}</small><small><code>{}</code></small></th><td>{}</td><td>{state}</td><td>{}</td><td>{}</td></tr>",
        escape(&account.user_name),
        escape(&account.name),
        escape(&account.external_id),
        escape(&account.email),
        chips(&account.team_shares),
        time(&account.changed)
    );
}

fn team_shares(delivered: &Overview, most: usize) -> String {
    if delivered.team_shares.is_empty() {
        return "<p>None has arrived yet.</p>".to_owned();
    }
    let mut html = head(&["Team Share", "Members", "Changed (UTC)"]);
    delivered.team_shares.iter().for_each(|share| team_share_row(&mut html, share));
    html + "</tbody></table>" + &more(delivered.shares, most)
}

fn team_share_row(html: &mut String, share: &TeamShare) {
    let names: Vec<String> = share.members.iter().take(NAMES).cloned().collect();
    let rest = match share.members.len().saturating_sub(NAMES) {
        0 => String::new(),
        rest => format!("and {rest} more"),
    };
    let _ = write!(
        html,
        "<tr><th scope='row'>{}<small><code>{}</code></small></th><td>{}{rest}</td><td>{}</td></tr>",
        escape(&share.name),
        escape(&share.external_id),
        chips(&names),
        time(&share.changed)
    );
}

fn head(columns: &[&str]) -> String {
    let cells: String = columns.iter().map(|column| format!("<th scope='col'>{column}</th>")).collect();
    format!("<table class='list'><thead><tr>{cells}</tr></thead><tbody>")
}

fn chips(all: &[String]) -> String {
    all.iter().map(|one| format!("<span class='chip'>{}</span>", escape(one))).collect()
}

fn more(all: usize, most: usize) -> String {
    match all.saturating_sub(most) {
        0 => String::new(),
        more => format!("<p class='more'>And {more} more.</p>"),
    }
}

/// The time of a date; all are of today in a demo.
fn time(date: &str) -> String {
    escape(date.split_once('T').map_or(date, |(_, time)| time.trim_end_matches('Z')))
}
