//! `cloudsync-idp sync --plan` and `cloudsync-idp sync --apply PLAN-ID`: make, show and apply plans.

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::plan_text::{self, each_row};
use super::show;
use crate::cli::actor::actor;
use crate::cli::{printable, prompt, sites};
use crate::domain::admin::TaskOrder;
use crate::domain::timestamp;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::SyncParts;
use crate::flow::sync::history::PlannedView;
use crate::flow::sync::plan::{self, ApplyResult, NewPlan, PlanDifference, PlanRefused};
use crate::flow::sync::{SyncError, ordered};
use crate::store::{PlanId, PlanRow};

/// Makes a plan for each directory, and prints it. Status 1 if a directory could not be read.
pub(super) async fn make(parts: &SyncParts, directory: Option<&str>, json: bool) -> Result<u8> {
    let mut failed = false;
    for site in sites(&parts.current(), directory)? {
        ordered::record(parts, Some(site.id()), &TaskOrder::Plan, &actor()).await?;
        match plan::make(parts, &site).await {
            Ok(made) if json => print_json(parts, &made).await?,
            Ok(made) => plan_text::print(parts, &made).await?,
            Err(error) => {
                failed = true;
                print_error(&site.id().0, &error);
            }
        }
    }
    Ok(u8::from(failed))
}

/// Prints an error and what to do about it.
pub(in crate::cli) fn print_error(directory: &str, error: &SyncError) {
    errln!("{directory}: {}", printable(&Causes(error).to_string()));
    errln!("  what to do: {}", printable(&error.advice()));
}

async fn print_json(parts: &SyncParts, made: &NewPlan) -> Result<()> {
    let plan = &made.plan;
    let mut rows = Vec::new();
    each_row(parts, plan.id, |row| rows.push(PlannedView::from(row))).await?;
    outln!(
        "{}",
        json!({
            "plan": plan.id.0, "directory": plan.directory.0, "made_at": timestamp(plan.made_at),
            "counts": plan.counts, "takes": made.takes, "rows": rows,
        })
    );
    Ok(())
}

fn row_text(row: &PlanRow) -> String {
    let why = row.why.as_ref().map_or(String::new(), |why| format!(": {why}"));
    let account = row.account.as_ref().map_or(String::new(), |account| format!(" ({account})"));
    let head = format!("{}  {}{account}{why}", row.kind, row.login_name);
    show::with_fields(&head, row.before.as_deref(), &row.after)
}

/// Applies a plan, or does nothing. Status 1 if something has changed since it was made, or the answer is no.
pub(super) async fn apply(parts: &SyncParts, id: i64, yes: bool, json: bool) -> Result<u8> {
    if !yes && !confirmed(parts, id).await? {
        errln!("nothing was done");
        return Ok(1);
    }
    ordered::record_apply(parts, PlanId(id), &actor()).await?;
    let applying = match plan::apply(parts, PlanId(id)).await {
        Ok(applying) => applying,
        Err(error) => {
            print_error(&format!("plan {id}"), &error);
            return Ok(1);
        }
    };
    match applying {
        ApplyResult::Done(report) if json => {
            outln!("{}", json!({ "plan": id, "run": report.run.map(|run| run.0), "counts": report.counts }));
        }
        ApplyResult::Done(report) => {
            outln!("plan {id} is applied: {}", show::counts(&report.counts));
            if let Some(run) = report.run {
                outln!("to revert it: cloudsync-idp sync --undo {}", run.0);
            }
        }
        ApplyResult::Changed(differences) if json => {
            let changed: Vec<Value> = differences.iter().map(difference_json).collect();
            outln!("{}", json!({ "plan": id, "changed": changed }));
            return Ok(1);
        }
        ApplyResult::Changed(differences) => {
            print_differences(id, &differences);
            return Ok(1);
        }
        ApplyResult::Refused(refused) => bail!(words(id, refused)),
    }
    Ok(0)
}

/// Asks if the plan affects more people than the guard allows. A script must use --yes.
async fn confirmed(parts: &SyncParts, id: i64) -> Result<bool> {
    let takes = plan::takes(parts, PlanId(id)).await?;
    if takes.beyond == 0 {
        return Ok(true);
    }
    let text = format!(
        "plan {id} takes an account or a Team Share from {} people, {} more than the guard allows in a day",
        takes.people, takes.beyond
    );
    match prompt::confirm(&format!("{text}. Apply it?"))? {
        Some(answer) => Ok(answer),
        None => bail!("{text}; check it with: cloudsync-idp sync --plan; to apply it anyway: --yes"),
    }
}

fn print_differences(id: i64, differences: &[PlanDifference]) {
    outln!("nothing was done, because something has changed since plan {id} was made:");
    for PlanDifference { login_name, planned, now } in differences {
        outln!("{}", printable(login_name));
        planned.iter().for_each(|row| outln!("  planned: {}", row_text(row)));
        now.iter().for_each(|row| outln!("  now:     {}", row_text(row)));
        if now.is_empty() {
            outln!("  now:     nothing");
        }
    }
    outln!("make a new plan: cloudsync-idp sync --plan");
}

fn difference_json(difference: &PlanDifference) -> Value {
    json!({
        "login_name": difference.login_name,
        "planned": difference.planned.iter().map(PlannedView::from).collect::<Vec<_>>(),
        "now": difference.now.iter().map(PlannedView::from).collect::<Vec<_>>(),
    })
}

fn words(id: i64, refused: PlanRefused) -> String {
    match refused {
        PlanRefused::Unknown => format!("there is no plan {id}; plans are kept for a week"),
        PlanRefused::Unfinished => format!("plan {id} is incomplete; make a new one: sync --plan"),
        PlanRefused::Applied(at) => format!("plan {id} was already applied, at {}", timestamp(at)),
        PlanRefused::NoDirectory => format!("the directory of plan {id} is no longer in the settings"),
    }
}
