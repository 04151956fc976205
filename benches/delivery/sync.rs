//! How much longer an initial sync takes if what it decides is also to be delivered.

use anyhow::Result;

use crate::common::figures::{Figure, Figures};
use crate::common::runs;
use crate::median;
use crate::plan::Plan;

/// Without the service and with it by turns, so that other load on the machine affects both; medians.
pub fn measure(plan: &Plan) -> Result<Figures> {
    let mut took = [Vec::new(), Vec::new()];
    for round in 1..=plan.rounds {
        eprintln!("sync without and with a service, round {round} of {}", plan.rounds);
        for (folder, took) in plan.sync_homes.iter().zip(&mut took) {
            let run = runs::initial(plan.installation(folder), plan.people)?;
            took.push(run.took.as_secs_f64());
        }
    }
    let [without, with] = took.map(median);
    let slower = (with / without - 1.0) * 100.0;
    Ok(vec![
        Figure::new("sync_s", "initial sync without a service", "s", without),
        Figure::new("sync_with_delivery_s", "  with one", "s", with),
        Figure::new("sync_slower_percent", "  slower by", "%", slower),
    ])
}
