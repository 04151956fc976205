//! `cloudsync-idp explain NAME`.

use anyhow::Result;

use super::{printable, sites};
use crate::domain::gates::{Judgement, Verdict};
use crate::flow::context::Parts;
use crate::flow::explain;

/// Whom to explain.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A name as it would be typed: alice, CORP\alice, alice@example.com
    name: String,
    /// Only this directory (its id in the settings)
    #[arg(long, value_name = "ID")]
    directory: Option<String>,
}

/// Prints all gates. Status 0 when every gate is open (the password was not tried), 1 when one is shut, 2 when the
/// directory can't be asked.
pub async fn run(parts: &Parts, arguments: Arguments) -> Result<u8> {
    let mut status = 0;
    for site in sites(parts, arguments.directory.as_deref())? {
        match explain::explain(parts, &site, &arguments.name).await {
            Ok(judgement) => {
                print(&arguments.name, &site.settings.name, &judgement);
                if parts.store.last_good_run(site.id()).await?.is_none() {
                    println!("never imported, so groups are not known yet; run: cloudsync-idp sync");
                }
                status = status.max(u8::from(judgement.refusal().is_some()));
            }
            Err(error) => {
                eprintln!("{}: {}", site.id(), printable(&error.to_string()));
                status = 2;
            }
        }
    }
    Ok(status)
}

fn print(name: &str, directory: &str, judgement: &Judgement) {
    println!("{} in {directory}", printable(name));
    for judged in judgement.gates() {
        let mark = match judged.verdict {
            Verdict::Passed => "open",
            Verdict::Failed => "SHUT",
            Verdict::NotTried => "-",
        };
        println!("  {:<16} {mark:<5} {}", judged.gate.as_str(), printable(&judged.evidence));
    }
    match judgement.refusal() {
        Some(gate) => println!("would be refused by: {}", gate.as_str()),
        None => println!("would be let in with the right password"),
    }
}
