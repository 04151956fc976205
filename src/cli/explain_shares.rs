//! `cloudsync-idp explain NAME --shares`: the groups that lead from a person to each of their Team Shares.

use anyhow::Result;
use serde_json::json;

use super::printable;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::current::Site;
use crate::flow::support::explain::{self, ExplainedShare, Shares};

/// Prints them. Status 1 unless exactly one person has the name, 2 if the directory does not answer.
pub async fn run(parts: &LoginParts, site: &Site, name: &str, as_json: bool) -> Result<u8> {
    match explain::shares(parts, site, name).await {
        Ok(Ok(shares)) => {
            if as_json {
                let mut document = serde_json::to_value(&shares)?;
                document["name"] = json!(name);
                document["directory"] = json!(site.id().0);
                outln!("{document}");
            } else {
                print(name, &site.settings.name, &shares);
            }
            Ok(0)
        }
        Ok(Err(why)) => {
            errln!("{}: {}: {why}", site.id(), printable(name));
            Ok(1)
        }
        Err(error) => {
            errln!("{}: {}", site.id(), printable(&Causes(&error).to_string()));
            Ok(2)
        }
    }
}

fn print(name: &str, directory: &str, shares: &Shares) {
    outln!("{} in {directory}: {}", printable(name), printable(&shares.entry));
    let scope = if shares.in_scope { "in scope" } else { "not in scope, so without any Team Share" };
    outln!("  {scope}: {}", printable(&shares.scope));
    if let Some(account) = &shares.account {
        outln!("  account {}", printable(account));
    }
    if shares.team_shares.is_empty() {
        outln!("no Team Share");
    }
    for share in &shares.team_shares {
        print_share(share, &shares.entry);
    }
    if !shares.not_matched.is_empty() {
        outln!("mappings that don't match");
    }
    for mapping in &shares.not_matched {
        outln!("  {}: {}: {}", printable(&mapping.team_share), printable(&mapping.group), mapping.why);
    }
}

fn print_share(share: &ExplainedShare, entry: &str) {
    let state = match (&share.since, share.leaving) {
        (_, true) => "the next sync removes it".to_owned(),
        (Some(since), false) => format!("since {since}"),
        (None, false) => "the next sync adds it".to_owned(),
    };
    outln!("{} ({state})", printable(&share.team_share));
    if share.chain.is_empty() {
        outln!("  from {}", printable(&share.group));
        return;
    }
    outln!("  {}", printable(entry));
    for (depth, group) in share.chain.iter().enumerate() {
        outln!("  {}is in {}", "  ".repeat(depth + 1), printable(group));
    }
}
