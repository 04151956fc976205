//! Runs after few changes among very many people.

use std::time::Duration;

use anyhow::{Context, Result};

use crate::admin::Admin;
use crate::common::runs;
use crate::median;
use crate::plan::Plan;

/// The number of runs for the median.
const RUNS: usize = 5;

/// Of a hundred changes: names, email addresses, people who leave; the rest join a group.
const NAMES: usize = 60;
const MAILS: usize = 20;
const LEAVERS: usize = 5;
const HUNDRED: usize = 100;

/// A run after a hundred changes, each of another person.
pub async fn hundred(plan: &Plan, admin: &mut Admin) -> Result<Duration> {
    let mut each = Vec::with_capacity(RUNS);
    for run in 0..RUNS {
        // After the people that the other measurements change.
        let first = plan.people - (run + 1) * HUNDRED;
        for nth in 0..HUNDRED {
            change(plan, admin, nth, first + nth).await?;
        }
        let done = runs::sync(plan.installation())?;
        let done = done.expect(&[("updated", (NAMES + MAILS) as u64), ("suspended", LEAVERS as u64)])?;
        each.push(done.took);
    }
    Ok(median(each))
}

async fn change(plan: &Plan, admin: &mut Admin, nth: usize, person: usize) -> Result<()> {
    let dn = plan.dn(person);
    match nth {
        _ if nth < NAMES => admin.replace(&dn, "displayName", &format!("Renamed {person}")).await,
        _ if nth < NAMES + MAILS => {
            admin.replace(&dn, "mail", &format!("renamed-{}", plan.email(person))).await
        }
        _ if nth < NAMES + MAILS + LEAVERS => admin.delete(&dn).await,
        _ => admin.add_member(&format!("cn=g1,ou=groups,{}", plan.base_dn), dn).await,
    }
}

/// A run after one person left or joined the large group, which is mapped to a Team Share.
pub async fn big_group(plan: &Plan, admin: &mut Admin) -> Result<Duration> {
    let group = format!("cn=big,ou=groups,{}", plan.base_dn);
    let mut each = Vec::with_capacity(2 * RUNS);
    for person in 0..RUNS {
        let member = plan.dn(person * plan.big_group / RUNS);
        admin.remove_member(&group, member.clone()).await?;
        each.push(
            runs::sync(plan.installation())?
                .expect(&[("shares_left", 1), ("shares_joined", 0)])
                .context("left")?
                .took,
        );
        admin.add_member(&group, member).await?;
        each.push(
            runs::sync(plan.installation())?
                .expect(&[("shares_left", 0), ("shares_joined", 1)])
                .context("joined")?
                .took,
        );
    }
    Ok(median(each))
}
