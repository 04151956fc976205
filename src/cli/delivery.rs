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
use crate::domain::delivery::{Kind, Subject};
use crate::domain::{Millis, SECOND, timestamp};
use crate::flow::delivery::compare::NewestComparisonView;
use crate::flow::delivery::status::{ServiceStatus, quarantine, retry, statuses};
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
struct ServiceShape<'a> {
    service: &'a str,
    base_url: &'a str,
    client: Option<&'a str>,
    enabled: bool,
    stopped: Option<StopShape<'a>>,
    failing: Option<FailureShape<'a>>,
    waiting: u64,
    lag_seconds: Option<Millis>,
    known: u64,
    filled: bool,
    quarantined: u64,
    quarantine: Vec<QuarantineShape>,
    comparison: Option<NewestComparisonView>,
}

/// Why a service is stopped, as JSON.
#[derive(Serialize)]
struct StopShape<'a> {
    why: &'static str,
    since: String,
    words: &'a str,
}

/// Why a service gets nothing for now, as JSON.
#[derive(Serialize)]
struct FailureShape<'a> {
    since: String,
    words: &'a str,
}

/// Somebody in quarantine, as JSON.
#[derive(Serialize)]
struct QuarantineShape {
    account: Option<String>,
    team_share: Option<String>,
    since: Option<String>,
    attempts: u32,
    words: String,
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

async fn in_json<'a>(
    parts: &OperationParts,
    status: &'a ServiceStatus,
    now: Millis,
) -> Result<ServiceShape<'a>> {
    let mut refused = Vec::new();
    each_refused(parts, &status.service.id, |one| refused.push(refused_in_json(one))).await?;
    let stop = status.stopped.as_ref();
    Ok(ServiceShape {
        service: &status.service.id,
        base_url: &status.service.base_url,
        client: status.service.client.as_deref(),
        enabled: status.service.enabled,
        stopped: stop.map(|stop| StopShape {
            why: stop.why.as_str(),
            since: timestamp(stop.at),
            words: &stop.words,
        }),
        failing: status
            .failing
            .as_ref()
            .map(|failing| FailureShape { since: timestamp(failing.since), words: &failing.words }),
        waiting: status.waiting.waiting,
        lag_seconds: status.lag(now).map(|lag| lag / SECOND),
        known: status.known,
        filled: status.is_filled,
        quarantined: status.waiting.quarantined,
        quarantine: refused,
        comparison: status.comparison.as_ref().map(NewestComparisonView::from),
    })
}

fn refused_in_json(one: &StoredDelivery) -> QuarantineShape {
    let id = one.subject.external_id().to_owned();
    let (account, team_share) = match one.subject.kind() {
        Kind::User => (Some(id), None),
        Kind::Group => (None, Some(id)),
    };
    let why = one.row.quarantine.as_ref();
    QuarantineShape {
        account,
        team_share,
        since: why.map(|why| timestamp(why.since)),
        attempts: one.row.attempts,
        words: why.map(|why| why.words.clone()).unwrap_or_default(),
    }
}

async fn in_text(parts: &OperationParts, status: &ServiceStatus, now: Millis) -> Result<()> {
    let ServiceStatus { service, waiting, known, is_filled, stopped, failing, comparison } = status;
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
