//! A plan for people: the numbers first, then the rows by what is done, what takes from somebody before all others.

use std::collections::BTreeMap;

use anyhow::Result;

use super::plan::each_row;
use super::show;
use crate::cli::printable;
use crate::cli::terminal::{Colour, paint};
use crate::domain::timestamp;
use crate::flow::context::Parts;
use crate::flow::sync::plan::Made;
use crate::store::PlanRow;

/// The kinds of rows in the order in which they are shown.
const KINDS: [(&str, Sign, &str); 7] = [
    ("suspended", Sign::Takes, "suspend"),
    ("share_left", Sign::Takes, "take from a Team Share"),
    ("created", Sign::Gives, "create"),
    ("linked", Sign::Gives, "link"),
    ("reactivated", Sign::Gives, "reactivate"),
    ("share_joined", Sign::Gives, "add to a Team Share"),
    ("updated", Sign::Changes, "update"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Takes,
    Gives,
    Changes,
}

impl Sign {
    fn text(self) -> (&'static str, Colour) {
        match self {
            Self::Takes => ("−", Colour::Bad),
            Self::Gives => ("+", Colour::Good),
            Self::Changes => ("~", Colour::Warning),
        }
    }
}

/// Prints the plan.
pub(super) async fn print(parts: &Parts, made: &Made) -> Result<()> {
    let plan = &made.plan;
    outln!("plan {} for {}, of {}", plan.id.0, printable(&plan.directory.0), timestamp(plan.made_at));
    let mut many: BTreeMap<String, u64> = BTreeMap::new();
    let rows = each_row(parts, plan.id, |row| *many.entry(row.kind.clone()).or_default() += 1).await?;
    let groups = groups(&many);
    for (kind, sign, title) in &groups {
        line(*sign, &format!("{title}: {}", many.get(kind).copied().unwrap_or_default()));
    }
    let counts = plan.counts.unwrap_or_default();
    outln!("  {} seen, {} unchanged, {} held back by a conflict", counts.seen, counts.kept, counts.conflicts);
    if counts.held > 0 {
        let (held, takes) = (counts.held, made.takes);
        let text = format!(
            "the guard would hold {held} of the {takes} people from whom something would be taken, until a plan is applied"
        );
        outln!("  {}", paint(&text, Colour::Warning));
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
        0 => outln!("there is nothing to do"),
        _ => outln!("\nto do exactly this: cloudsync-idp sync --apply {}", plan.id.0),
    }
    Ok(())
}

/// The kinds that the plan has; one that a later version wrote comes last.
fn groups(many: &BTreeMap<String, u64>) -> Vec<(String, Sign, String)> {
    let known = KINDS.iter().filter(|(kind, ..)| many.contains_key(*kind));
    let known = known.map(|(kind, sign, title)| ((*kind).to_owned(), *sign, (*title).to_owned()));
    let other = many.keys().filter(|kind| !KINDS.iter().any(|(known, ..)| known == kind));
    known.chain(other.map(|kind| (kind.clone(), Sign::Changes, kind.clone()))).collect()
}

fn line(sign: Sign, text: &str) {
    let (sign, colour) = sign.text();
    outln!("  {}", paint(&format!("{sign} {}", printable(text)), colour));
}

fn print_row(sign: Sign, row: &PlanRow) {
    let account = row.account.as_ref().map_or(String::new(), |account| format!(" ({account})"));
    let more = match row.kind.as_str() {
        "created" => told(&row.after, &["email", "name"]),
        "share_joined" => told(&row.after, &["team_share"]),
        "share_left" => row.before.as_deref().map_or(String::new(), |before| told(before, &["team_share"])),
        _ => String::new(),
    };
    let why = row.why.iter().cloned();
    let more: Vec<String> = Some(more).filter(|more| !more.is_empty()).into_iter().chain(why).collect();
    let more = if more.is_empty() { String::new() } else { format!(": {}", more.join("; ")) };
    line(sign, &format!("{}{account}{more}", row.login_name));
    if matches!(row.kind.as_str(), "updated" | "linked") {
        let fields = show::with_fields("", row.before.as_deref(), &row.after);
        fields.lines().skip(1).for_each(|field| outln!("  {field}"));
    }
}

/// Some fields of a picture, one after the other.
fn told(picture: &str, fields: &[&str]) -> String {
    let picture = show::parsed(picture);
    let texts: Vec<&str> = fields.iter().filter_map(|field| picture[*field].as_str()).collect();
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_comes_first_and_no_kind_is_left_out() {
        let many = ["updated", "created", "suspended", "moon"].map(|kind| (kind.to_owned(), 1));
        let kinds: Vec<String> = groups(&many.into()).into_iter().map(|(kind, ..)| kind).collect();
        assert_eq!(kinds, ["suspended", "created", "updated", "moon"]);
    }
}
