//! `cloudsync-idp delivery`: what waits for the services of `[[provisioning]]`, what was sent, tests, comparisons, and
//! trying again.

use anyhow::Result;
use serde::Serialize;

use super::actor::actor;
use super::delivery_test;
use super::output::{self, printable};
use super::table::Table;
use super::{delivery_compare, delivery_log};
use crate::domain::account::AccountId;
use crate::domain::delivery::Subject;
use crate::domain::{Millis, SECOND, timestamp};
use crate::flow::delivery::status::{ServiceStatus, quarantine, retry, statuses};
use crate::flow::delivery::views::{RefusedView, ServiceView};
use crate::flow::installation::context::{LoginParts, OperationParts};
use crate::store::StoredDelivery;
use crate::volatile::Volatile;

/// Commands for deliveries.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Show what waits for each service, and whom a service refuses
    Status {
        /// Only this service
        service: Option<String>,
    },
    /// Test the connection to a service, stage by stage
    Test {
        /// The id of the service
        service: String,
        /// Create a test user there, change, suspend and delete it
        #[arg(long)]
        round_trip: bool,
    },
    /// Resume a service that is stopped, and try again whom it has refused
    Retry {
        /// The id of the service
        service: String,
        /// Only this person
        #[arg(long, value_name = "ACCOUNT", conflicts_with = "team_share")]
        account: Option<String>,
        /// Only this Team Share
        #[arg(long, value_name = "NAME")]
        team_share: Option<String>,
    },
    /// Show what the delivery of everything would do at a service; nothing is changed
    Preview {
        /// The id of the service
        service: String,
    },
    /// Compare a service with what it should have, and deliver again what differs
    Reconcile {
        /// The id of the service
        service: String,
        /// Fix nothing
        #[arg(long)]
        report_only: bool,
    },
    /// List what was sent, the newest first
    Log(delivery_log::Arguments),
}

/// A service as JSON.
#[derive(Serialize)]
struct ServiceShape {
    #[serde(flatten)]
    service: ServiceView,
    quarantine: Vec<RefusedView>,
}

/// What was tried again, as JSON.
#[derive(Serialize)]
struct RetryShape<'a> {
    service: &'a str,
    resumed: bool,
    released: u64,
}

/// Runs the command.
pub async fn run(
    (parts, login): (&OperationParts, &LoginParts),
    volatile: &Volatile,
    command: Command,
    json: bool,
) -> Result<u8> {
    match command {
        Command::Test { service, round_trip } => {
            delivery_test::run(parts, volatile, (&service, round_trip), json).await
        }
        Command::Preview { service } => delivery_compare::preview(parts, &service, json).await,
        Command::Reconcile { service, report_only } => {
            delivery_compare::reconcile(parts, &service, report_only, json).await
        }
        Command::Log(arguments) => delivery_log::run((parts, login), arguments, json).await,
        Command::Status { service } => status(parts, service.as_deref(), json).await,
        Command::Retry { service, account, team_share } => {
            let only = account.map(|id| Subject::Person(AccountId(id))).or(team_share.map(Subject::Share));
            try_again(parts, &service, only.as_ref(), json).await
        }
    }
}

/// 1: a service is stopped, does not answer, or refuses somebody.
async fn status(parts: &OperationParts, only: Option<&str>, json: bool) -> Result<u8> {
    let (statuses, now) = (statuses(parts, only).await?, parts.now());
    if statuses.is_empty() && !json {
        outln!("the settings name no service; see [[provisioning]] in docs/settings.md");
    }
    for status in &statuses {
        match json {
            true => output::json(&in_json(parts, status, now).await?)?,
            false => in_text(parts, status, now).await?,
        }
    }
    Ok(u8::from(statuses.iter().any(ServiceStatus::is_wrong)))
}

async fn in_json(parts: &OperationParts, status: &ServiceStatus, now: Millis) -> Result<ServiceShape> {
    let mut quarantine = Vec::new();
    each_refused(parts, &status.service.id, |one| quarantine.push(RefusedView::from(one))).await?;
    Ok(ServiceShape { service: ServiceView::new(status, now), quarantine })
}

async fn in_text(parts: &OperationParts, status: &ServiceStatus, now: Millis) -> Result<()> {
    let ServiceStatus { service, waiting, known, is_filled, stopped, failing, comparison, .. } = status;
    outln!("{}  {}", service.id, service.base_url);
    if !service.enabled {
        outln!("  not enabled: nothing is sent");
    }
    if let Some(stop) = stopped {
        outln!("  stopped since {}: {}: {}", timestamp(stop.at), stop.why, printable(&stop.words));
        outln!("  once the cause is fixed: cloudsync-idp delivery retry {}", service.id);
    }
    if let Some(failing) = failing {
        outln!("  does not answer since {}: {}", timestamp(failing.since), printable(&failing.words));
    }
    let lag = status.lag(now).map_or_else(String::new, |lag| format!(", the oldest for {} s", lag / SECOND));
    outln!("  {} wait{lag}; {known} are there", waiting.waiting);
    if !is_filled {
        outln!("  not all people are noted yet");
    }
    if let Some(comparison) = comparison {
        delivery_compare::print_newest(comparison);
    }
    if waiting.quarantined > 0 {
        outln!("  {} are refused:", waiting.quarantined);
        let mut table = Table::new(&["who", "since", "words of the service"]);
        each_refused(parts, &service.id, |one| {
            let why = one.row.quarantine.as_ref();
            let since = why.map(|why| timestamp(why.since)).unwrap_or_default();
            let words = why.map(|why| why.words.as_str()).unwrap_or_default();
            table.row([&one.subject.to_string(), &since, words]);
        })
        .await?;
        table.finish();
    }
    Ok(())
}

async fn each_refused(
    parts: &OperationParts,
    service: &str,
    mut show: impl FnMut(&StoredDelivery),
) -> Result<()> {
    let mut after: Option<Subject> = None;
    while !output::is_closed() {
        let page = quarantine(parts, service, after.as_ref()).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.subject.clone());
        page.iter().for_each(&mut show);
    }
    Ok(())
}

async fn try_again(parts: &OperationParts, id: &str, only: Option<&Subject>, json: bool) -> Result<u8> {
    let done = retry(parts, id, only, &actor()).await?;
    let resumed = done.stopped.is_some();
    if json {
        output::json(&RetryShape { service: id, resumed, released: done.released })?;
        return Ok(0);
    }
    if resumed {
        outln!("{id} is resumed");
    }
    outln!("{} that were refused are tried again", done.released);
    Ok(0)
}
