//! `cloudsync-idp sync`.

use anyhow::Result;

use super::{printable, sites};
use crate::flow::causes::Causes;
use crate::flow::context::Parts;
use crate::flow::sync::{self, Report};
use crate::store::ConflictRow;

/// Which directory.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only this directory (its id in the settings)
    #[arg(long, value_name = "ID")]
    directory: Option<String>,
}

/// Imports, and says what was done. Status 1 when a run failed.
pub async fn run(parts: &Parts, arguments: Arguments) -> Result<u8> {
    let mut failed = false;
    for site in sites(parts, arguments.directory.as_deref())? {
        match sync::run(parts, &site, "command").await {
            Ok(report) => print(&site.settings.name, &report),
            Err(error) => {
                failed = true;
                eprintln!("{}: {}", site.id(), printable(&Causes(&error).to_string()));
            }
        }
    }
    Ok(u8::from(failed))
}

fn print(name: &str, report: &Report) {
    let counts = &report.counts;
    println!(
        "{name}: {} seen, {} created, {} linked, {} updated, {} suspended, {} reactivated, {} unchanged",
        counts.seen,
        counts.created,
        counts.linked,
        counts.updated,
        counts.suspended,
        counts.reactivated,
        counts.kept
    );
    for conflict in &report.conflicts {
        println!("  held back: {}: {}", printable(&conflict.login_name), printable(&mend(conflict)));
    }
}

/// What holds a person back, and what to do.
fn mend(conflict: &ConflictRow) -> String {
    let email = conflict.email.as_deref().unwrap_or("(none)");
    match (conflict.kind.as_str(), &conflict.taken_by) {
        ("mail_taken", Some(by)) => {
            format!(
                "{email} already belongs to account {by}; give one of the two another mail in the directory"
            )
        }
        ("mail_taken", None) => {
            format!(
                "{email} already belongs to another account; give one of the two another mail in the directory"
            )
        }
        ("mail_shared", _) => {
            format!("more than one entry has the mail {email}; give each a mail of its own in the directory")
        }
        ("no_mail", _) => "the entry has no mail; fill it in the directory".to_owned(),
        (other, _) => other.to_owned(),
    }
}
