//! `cloudsync-idp delivery preview` and `delivery reconcile`: what a service has, compared with what it should have.

use anyhow::Result;

use super::actor::actor;
use super::output::{self, printable};
use super::table::Table;
use crate::domain::delivery::{Drift, Finding};
use crate::domain::timestamp;
use crate::flow::delivery::compare::{
    self, Comparison, ComparisonView, FindingPages, FindingView, Reconciling,
};
use crate::flow::installation::context::OperationParts;
use crate::store::ComparisonRow;

/// Prints what a delivery would do: the numbers, then the list.
pub(super) async fn preview(parts: &OperationParts, service: &str, json: bool) -> Result<u8> {
    let comparison = compare::preview(parts, service).await?;
    print(parts, &comparison, json, &PREVIEW).await?;
    Ok(0)
}

/// Prints what differs, in the same way. 1: an administrator has to decide about something.
pub(super) async fn reconcile(
    parts: &OperationParts,
    service: &str,
    report_only: bool,
    json: bool,
) -> Result<u8> {
    let actor = actor();
    let comparison = compare::reconcile(parts, service, Reconciling { report_only, actor: &actor }).await?;
    print(parts, &comparison, json, &RECONCILE).await?;
    let drift = &comparison.drift;
    Ok(u8::from(drift.is_emptied() || drift.count(Finding::Conflict) > 0))
}

/// The words for each number.
type Words = [(Finding, &'static str); 8];

const PREVIEW: Words = [
    (Finding::Create, "would be created"),
    (Finding::Adopt, "are there already and would be taken over"),
    (Finding::Change, "would be changed"),
    (Finding::Suspend, "would be suspended"),
    (Finding::Erase, "would be deleted"),
    (Finding::Gone, "were there, are gone, and would be created again"),
    (Finding::Conflict, "can't be told apart"),
    (Finding::Unknown, "over there are known to nobody here and stay as they are"),
];

const RECONCILE: Words = [
    (Finding::Create, "are missing"),
    (Finding::Adopt, "are there, and were not known to be"),
    (Finding::Change, "differ"),
    (Finding::Suspend, "are active, and should not be"),
    (Finding::Erase, "are there, and should be deleted"),
    (Finding::Gone, "were there, and are gone"),
    (Finding::Conflict, "can't be told apart"),
    (Finding::Unknown, "over there are known to nobody here and stay as they are"),
];

async fn print(parts: &OperationParts, comparison: &Comparison, json: bool, words: &Words) -> Result<()> {
    match json {
        true => output::json(&ComparisonView::from(comparison))?,
        false => print_numbers(comparison, words),
    }
    let mut pages = FindingPages::of(&parts.store, comparison);
    let mut table = Table::new(&["what", "who", "name", "id there", "differs", "members", "more"]);
    while !output::is_closed()
        && let Some(page) = pages.next_page().await?
    {
        for one in &page {
            match json {
                true => output::json(one)?,
                false => print_finding(&mut table, one),
            }
        }
    }
    table.finish();
    pages.close().await?;
    Ok(())
}

fn print_numbers(comparison: &Comparison, words: &Words) {
    let Comparison { service, drift, fixed, .. } = comparison;
    outln!("{service}: {} are as they should be", drift.same);
    print_findings(drift, words);
    if drift.waiting > 0 {
        outln!(
            "  {} are being delivered, or are refused; see: cloudsync-idp delivery status {service}",
            drift.waiting
        );
    }
    if drift.is_emptied() {
        outln!(
            "  so many are gone that they are not created again: the service may have been emptied by mistake"
        );
    }
    let own_ways: Vec<&str> = drift.own_ways().into_iter().map(|attribute| attribute.as_str()).collect();
    if !own_ways.is_empty() {
        outln!("  written by the service in its own way, or not shown: {}", own_ways.join(", "));
    }
    if let Some(fixed) = fixed {
        outln!("  {fixed} are delivered again");
    }
}

fn print_findings(drift: &Drift, words: &Words) {
    for (finding, text) in words {
        let number = drift.count(*finding);
        if number > 0 {
            outln!("  {number} {text}");
        }
    }
}

fn print_finding(table: &mut Table, one: &FindingView) {
    let text = |text: Option<&str>| text.unwrap_or("-").to_owned();
    let who = match (&one.account, &one.team_share) {
        (Some(account), _) => format!("person {account}"),
        (None, Some(share)) => format!("Team Share {share}"),
        (None, None) => one.resource.to_owned(),
    };
    let members = match (one.joining, one.leaving) {
        (0, 0) => "-".to_owned(),
        (joining, leaving) => format!("+{joining} -{leaving}"),
    };
    let attributes = one.attributes.join(",");
    table.row([
        one.finding,
        &who,
        &text(one.name.as_deref()),
        &text(one.id.as_deref()),
        &text(Some(attributes.as_str()).filter(|names| !names.is_empty())),
        &members,
        &text(one.words.as_deref()),
    ]);
}

/// Prints the newest comparison, for `delivery status`.
pub(super) fn print_newest(comparison: &ComparisonRow) {
    let at = timestamp(comparison.begun_at);
    if let Some(failed) = &comparison.failed {
        outln!("  could not be compared at {at}: {}", printable(failed));
    }
    if let Some(drift) = &comparison.drift {
        let fixed = comparison.fixed;
        outln!("  compared at {at}: {} were as they should be, {fixed} were delivered again", drift.same);
        print_findings(drift, &RECONCILE);
    }
}
