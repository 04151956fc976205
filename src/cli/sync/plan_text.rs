//! Print a plan as text: first the numbers, then the rows by kind, those that take something away first.

use std::collections::BTreeMap;

use anyhow::Result;

use super::show;
use crate::cli::terminal::{TextColour, paint};
use crate::cli::{output, printable};
use crate::domain::history::ChangeKind;
use crate::domain::timestamp;
use crate::flow::installation::context::SyncParts;
use crate::flow::sync::history::snapshot;
use crate::flow::sync::plan::NewPlan;
use crate::store::{PlanId, PlanRow};

/// How many rows are read at once.
const PAGE: u32 = 500;

/// How rows of a kind are shown: the sign, and what would be done.
fn shown(kind: ChangeKind) -> (Sign, &'static str) {
    match kind {
        ChangeKind::Suspended => (Sign::Takes, "suspend"),
        ChangeKind::Unlinked => (Sign::Takes, "unlink"),
        ChangeKind::ShareLeft => (Sign::Takes, "take from a Team Share"),
        ChangeKind::Created => (Sign::Gives, "create"),
        ChangeKind::Linked => (Sign::Gives, "link"),
        ChangeKind::Reactivated => (Sign::Gives, "reactivate"),
        ChangeKind::ShareJoined => (Sign::Gives, "add to a Team Share"),
        ChangeKind::HandedOver => (Sign::Changes, "hand over"),
        ChangeKind::Updated => (Sign::Changes, "update"),
    }
}

/// In the order in which the rows are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    Takes,
    Gives,
    Changes,
}

impl Sign {
    fn text(self) -> (&'static str, TextColour) {
        match self {
            Self::Takes => ("−", TextColour::Bad),
            Self::Gives => ("+", TextColour::Good),
            Self::Changes => ("~", TextColour::Warning),
        }
    }
}

/// Prints the plan.
pub(super) async fn print(parts: &SyncParts, made: &NewPlan) -> Result<()> {
    let plan = &made.plan;
    outln!("plan {} for {}, of {}", plan.id.0, printable(&plan.directory.0), timestamp(plan.made_at));
    let mut many: BTreeMap<ChangeKind, u64> = BTreeMap::new();
    let rows = each_row(parts, plan.id, |row| *many.entry(row.kind).or_default() += 1).await?;
    let groups = groups(&many);
    for (kind, sign, title) in &groups {
        line(*sign, &format!("{title}: {}", many.get(kind).copied().unwrap_or_default()));
    }
    let counts = plan.counts.unwrap_or_default();
    outln!("  {} seen, {} unchanged, {} with a conflict", counts.seen, counts.kept, counts.conflicts);
    if counts.held > 0 {
        let (held, takes) = (counts.held, made.takes);
        let text = format!(
            "the guard would hold {held} of the {takes} people who would lose something, until a plan is applied"
        );
        outln!("  {}", paint(&text, TextColour::Warning));
    }
    for (kind, sign, title) in &groups {
        outln!("\n{title}");
        each_row(parts, plan.id, |row| {
            if row.kind == *kind {
                print_row(*sign, row);
            }
        })
        .await?;
    }
    match rows {
        0 => outln!("nothing to change"),
        _ => outln!("\nto apply exactly this: cloudsync-idp sync --apply {}", plan.id.0),
    }
    Ok(())
}

/// Calls `visit` for each row of a plan, and returns their number.
pub(super) async fn each_row(
    parts: &SyncParts,
    plan: PlanId,
    mut visit: impl FnMut(&PlanRow),
) -> Result<usize> {
    let (mut rows, mut last) = (0, None);
    loop {
        let page = parts.store.sync().plan_rows(plan, last, PAGE).await?;
        page.iter().for_each(|(_, row)| visit(row));
        rows += page.len();
        let Some((number, _)) = page.last().filter(|_| !output::is_closed()) else { return Ok(rows) };
        last = Some(*number);
    }
}

/// The kinds in the plan, those that take something away first.
fn groups(many: &BTreeMap<ChangeKind, u64>) -> Vec<(ChangeKind, Sign, &'static str)> {
    let mut groups: Vec<_> = many.keys().map(|kind| (*kind, shown(*kind).0, shown(*kind).1)).collect();
    groups.sort_by_key(|(kind, sign, _)| (*sign, *kind));
    groups
}

fn line(sign: Sign, text: &str) {
    let (sign, colour) = sign.text();
    outln!("  {}", paint(&format!("{sign} {}", printable(text)), colour));
}

fn print_row(sign: Sign, row: &PlanRow) {
    let account = row.account.as_ref().map_or(String::new(), |account| format!(" ({account})"));
    let more = match row.kind {
        ChangeKind::Created => fields(&row.after, &["email", "name"]),
        ChangeKind::ShareJoined => fields(&row.after, &["team_share"]),
        ChangeKind::ShareLeft => {
            row.before.as_deref().map_or(String::new(), |before| fields(before, &["team_share"]))
        }
        _ => String::new(),
    };
    let why = row.why.iter().cloned();
    let more: Vec<String> = Some(more).filter(|more| !more.is_empty()).into_iter().chain(why).collect();
    let more = if more.is_empty() { String::new() } else { format!(": {}", more.join("; ")) };
    line(sign, &format!("{}{account}{more}", row.login_name));
    if matches!(row.kind, ChangeKind::Updated | ChangeKind::Linked) {
        let fields = show::with_fields("", row.before.as_deref(), &row.after);
        fields.lines().skip(1).for_each(|field| outln!("  {field}"));
    }
}

/// The values of some fields, separated by commas.
fn fields(picture: &str, names: &[&str]) -> String {
    let picture = snapshot(picture);
    let texts: Vec<&str> = names.iter().filter_map(|field| picture[*field].as_str()).collect();
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_take_something_come_first() {
        let many = [ChangeKind::Updated, ChangeKind::Created, ChangeKind::ShareLeft, ChangeKind::Suspended];
        let kinds: Vec<_> =
            groups(&many.map(|kind| (kind, 1)).into()).into_iter().map(|(kind, ..)| kind).collect();
        let expected =
            [ChangeKind::Suspended, ChangeKind::ShareLeft, ChangeKind::Created, ChangeKind::Updated];
        assert_eq!(kinds, expected);
    }
}
