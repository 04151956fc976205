//! `cloudsync-idp sync held`: show the people whom the guard holds, and decide about them one by one.

use std::sync::Arc;

use anyhow::{Result, bail, ensure};
use serde::Serialize;
use serde_json::json;

use super::{plan, show};
use crate::cli::actor::actor;
use crate::cli::{output, printable, prompt, sites};
use crate::domain::guard::SeenHeld;
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::flow::sync::held::{HeldResult, approve, named, reject};
use crate::flow::sync::held_set::{self, HeldSet, LossCount};
use crate::flow::sync::history::{HeldView, held_page};
use crate::store::HeldRow;

/// How many people are read at once.
const PAGE: u32 = 1_000;

/// Whom to show, or what to decide.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    decision: Option<HeldCommand>,
    /// Only this directory (its id in the settings)
    #[arg(long, value_name = "ID")]
    directory: Option<String>,
}

#[derive(Debug, clap::Subcommand)]
enum HeldCommand {
    /// Take from these people what they would lose
    Approve(People),
    /// Keep everything for these people, as long as they would lose the same
    Reject(People),
}

#[derive(Debug, clap::Args)]
struct People {
    /// Login names, email addresses or account ids
    #[arg(required_unless_present = "all", conflicts_with = "all", value_name = "NAME")]
    names: Vec<String>,
    /// All about whom nobody has decided
    #[arg(long)]
    all: bool,
    /// With --all: do it without asking
    #[arg(long, requires = "all")]
    yes: bool,
    /// Only this directory (its id in the settings)
    #[arg(long, value_name = "ID")]
    directory: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Approve,
    Reject,
}

/// The decision about one person, as JSON.
#[derive(Serialize)]
struct DecidedShape {
    login_name: String,
    account: String,
    result: HeldResult,
}

/// Shows them, or decides. Status 1 if a decision could not be carried out, 2 if a person is not held.
pub async fn run(parts: &SyncParts, arguments: Arguments, json: bool) -> Result<u8> {
    match arguments.decision {
        None => list(parts, arguments.directory.as_deref(), json).await,
        Some(HeldCommand::Approve(people)) => decide(parts, &people, Deed::Approve, json).await,
        Some(HeldCommand::Reject(people)) => decide(parts, &people, Deed::Reject, json).await,
    }
}

async fn list(parts: &SyncParts, directory: Option<&str>, json: bool) -> Result<u8> {
    let mut list = output::JsonList::default();
    for site in sites(&parts.current(), directory)? {
        let mut after: Option<String> = None;
        loop {
            let page = held_page(parts, site.id(), after.as_deref(), PAGE).await?;
            for row in &page.held {
                match json {
                    true => list.item(row)?,
                    false => outln!("{}", show::held(row)),
                }
            }
            after = page.next_after;
            if after.is_none() {
                break;
            }
        }
    }
    if json {
        list.finish();
    }
    Ok(0)
}

async fn decide(parts: &SyncParts, people: &People, deed: Deed, json: bool) -> Result<u8> {
    let sites = sites(&parts.current(), people.directory.as_deref())?;
    if people.all {
        return decide_all(parts, &sites, (deed, people.yes), json).await;
    }
    let mut rows: Vec<HeldRow> = Vec::new();
    for name in &people.names {
        let mut found = named(parts, name).await?;
        found.retain(|row| sites.iter().any(|site| *site.id() == row.directory));
        ensure!(!found.is_empty(), "the guard holds nobody named {}", printable(name));
        ensure!(
            found.len() == 1,
            "the guard holds several people named {}; give the account id",
            printable(name)
        );
        if !rows.contains(&found[0]) {
            rows.append(&mut found);
        }
    }
    let mut all_done = true;
    for site in &sites {
        let of_site: Vec<&HeldRow> = rows.iter().filter(|row| row.directory == *site.id()).collect();
        if !of_site.is_empty() {
            all_done &= decide_in(parts, site, &of_site, deed, json).await?;
        }
    }
    Ok(u8::from(!all_done))
}

/// Decides about everybody who is held now; whoever is held later stays held.
async fn decide_all(
    parts: &SyncParts,
    sites: &[Arc<Site>],
    (deed, is_agreed): (Deed, bool),
    json: bool,
) -> Result<u8> {
    let mut all_done = true;
    for site in sites {
        let set = held_set::undecided(parts, site.id()).await?;
        if set.rows.is_empty() {
            continue;
        }
        if !is_agreed && !agrees(site, &set, deed)? {
            return Ok(1);
        }
        all_done &= decide_in(parts, site, &set.rows.iter().collect::<Vec<_>>(), deed, json).await?;
    }
    Ok(u8::from(!all_done))
}

fn agrees(site: &Site, set: &HeldSet, deed: Deed) -> Result<bool> {
    let reasons = set.losses().into_iter().map(|LossCount { suspend, people }| match suspend {
        Some(why) => format!("{people} would be suspended ({})", why.as_str()),
        None => format!("{people} would leave Team Shares"),
    });
    let (id, many) = (printable(&site.id().0), set.rows.len());
    let reasons = reasons.collect::<Vec<_>>().join(", ");
    let question = format!("{id}: of {many} held people, {reasons}");
    let asked = match deed {
        Deed::Approve => "Take this from them?",
        Deed::Reject => "Let them keep everything?",
    };
    match prompt::confirm(&format!("{question}. {asked}"))? {
        Some(answer) => Ok(answer),
        None => bail!("{question}; to do it without this question: --yes"),
    }
}

/// True if all of it was done.
async fn decide_in(
    parts: &SyncParts,
    site: &Site,
    rows: &[&HeldRow],
    deed: Deed,
    as_json: bool,
) -> Result<bool> {
    let seen: Vec<SeenHeld> = rows.iter().map(|row| SeenHeld::from(*row)).collect();
    let actor = actor();
    let (run, decided) = match deed {
        Deed::Reject => (None, reject(parts, site.id(), &seen, &actor).await?),
        Deed::Approve => match approve(parts, site, &seen, &actor).await {
            Ok((report, decided)) => (report.run.map(|run| run.0), decided),
            Err(error) => {
                plan::print_error(&site.id().0, &error);
                return Ok(false);
            }
        },
    };
    let results: Vec<HeldResult> = decided.iter().map(|one| one.result).collect();
    match as_json {
        true => print_json(site, run, rows, &results)?,
        false => print(deed, run, rows, &results),
    }
    Ok(results.iter().all(|result| *result == HeldResult::Done))
}

fn print_json(site: &Site, run: Option<i64>, rows: &[&HeldRow], results: &[HeldResult]) -> Result<()> {
    let shape = |(row, result): (&&HeldRow, &HeldResult)| DecidedShape {
        login_name: row.person.login_name.clone(),
        account: row.person.account.0.clone(),
        result: *result,
    };
    let people: Vec<DecidedShape> = rows.iter().zip(results).map(shape).collect();
    Ok(output::json(&json!({ "directory": site.id().0, "run": run, "people": people }))?)
}

fn print(deed: Deed, run: Option<i64>, rows: &[&HeldRow], results: &[HeldResult]) {
    for (row, result) in rows.iter().zip(results) {
        let row = HeldView::from(*row);
        let HeldView { login_name, account, .. } = &row;
        let text = match (result, deed) {
            (HeldResult::Done, Deed::Approve) => format!("approved: {}", show::taking(&row.what)),
            (HeldResult::Done, Deed::Reject) => {
                format!("keeps everything, instead: {}", show::taking(&row.what))
            }
            (HeldResult::NotHeld, _) => "is not held any more".to_owned(),
            (HeldResult::Changed, _) => {
                "nothing was done: the directory shows something else by now; see: cloudsync-idp sync held"
                    .to_owned()
            }
        };
        outln!("{}", printable(&format!("{login_name} ({account}): {text}")));
    }
    if let Some(run) = run {
        outln!("to revert it: cloudsync-idp sync --undo {run}");
    }
}
