//! Preview and comparison of a service: they run beside the request, and the result is kept for some minutes for the
//! session that has ordered it. What is done is what the commands `delivery preview` and `delivery reconcile` do.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tokio::time::{Duration, MissedTickBehavior, interval};
use utoipa::ToSchema;

use crate::domain::admin::Actor;
use crate::domain::{MINUTE, Millis};
use crate::flow::admin::draft;
use crate::flow::admin::session::CheckedAdmin;
use crate::flow::delivery::compare::{
    self, CompareError, Comparison, FindingPages, FindingView, NumbersView, Reconciling,
};
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::{LoginParts, PanelParts};
use crate::flow::installation::fault::Fault;

/// What its result is kept as: no action has this path.
const COMPARISON: &str = "service_comparison";
/// How often a comparison reports that it runs.
const BEAT: Duration = Duration::from_secs(5);
/// A comparison reports more often than this, so one that is silent for longer was interrupted.
const LONGEST_SILENCE: Millis = MINUTE / 2;
/// How many differences are kept: the command lists all.
const MOST_LISTED: usize = 200;
/// How long to wait before ordering again where too many results are kept.
const NO_ROOM: Fault = Fault::Throttled { seconds: 60 };

/// What is ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComparisonOrder {
    /// What the delivery of everything would do.
    #[default]
    Preview,
    /// What differs; nothing is fixed.
    Report,
    /// What differs is delivered again.
    Fix,
}

/// A comparison, while it runs and when it has ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServiceComparison {
    /// The id of the service.
    pub service: String,
    pub order: ComparisonOrder,
    /// How many differ, by the word for it, as `delivery reconcile` shows it.
    pub findings: BTreeMap<String, u64>,
    pub same: u64,
    /// Being delivered, or refused: not compared.
    pub waiting: u64,
    /// So many are gone that they are not created again.
    pub emptied: bool,
    /// How many are delivered again; none if nothing was to be fixed.
    pub fixed: Option<u64>,
    /// The first of those who differ.
    pub differences: Vec<ListedDifference>,
    /// True if more differ than are listed.
    pub has_more: bool,
    /// `None` while it runs.
    pub end: Option<ComparisonEnd>,
}

/// One person or Team Share that differs, or somebody over there whom nobody here knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListedDifference {
    /// `create`, `adopt`, `change`, `suspend`, `erase`, `gone`, `conflict` or `unknown`.
    pub finding: String,
    pub account: Option<String>,
    pub team_share: Option<String>,
    /// The email address of a person, the name of a Team Share, or the name over there.
    pub name: Option<String>,
    /// The id over there.
    pub id: Option<String>,
    /// The attributes that differ.
    pub attributes: Vec<String>,
    /// How many members a Team Share lacks over there, and how many it has too many.
    pub joining: u32,
    pub leaving: u32,
    /// More about a conflict.
    pub words: Option<String>,
}

/// How a comparison ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComparisonEnd {
    Done,
    /// There is no result, for this reason in English.
    Failed(String),
    /// The process was stopped, or its store was not available.
    Interrupted,
}

impl From<&FindingView> for ListedDifference {
    fn from(found: &FindingView) -> Self {
        Self {
            finding: found.finding.to_owned(),
            account: found.account.clone(),
            team_share: found.team_share.clone(),
            name: found.name.clone(),
            id: found.id.clone(),
            attributes: found.attributes.iter().map(|name| (*name).to_owned()).collect(),
            joining: found.joining,
            leaving: found.leaving,
            words: found.words.clone(),
        }
    }
}

/// Begins a comparison, which goes on when the browser is gone. Returns the id of its result.
pub async fn begin(
    parts: &PanelParts,
    admin: &CheckedAdmin,
    service: &str,
    order: ComparisonOrder,
) -> Result<String, Fault> {
    let kept = draft::keep(&parts.login, admin, COMPARISON, service.as_bytes()).await?;
    let draft = kept.ok_or(NO_ROOM)?;
    let result = ServiceComparison { service: service.to_owned(), order, ..ServiceComparison::default() };
    let actor = admin.actor.clone();
    let running = RunningComparison { parts: parts.clone(), draft: draft.clone(), result, actor };
    running.write().await?;
    tokio::spawn(running.run());
    Ok(draft)
}

/// A comparison that this session has ordered. `None` if it is too old, or belongs to somebody else.
pub async fn read(
    parts: &LoginParts,
    admin: &CheckedAdmin,
    id: &str,
) -> Result<Option<ServiceComparison>, Fault> {
    let Some(found) = draft::tested(parts, admin, id, COMPARISON).await? else { return Ok(None) };
    let result: Option<ServiceComparison> =
        found.report.as_deref().and_then(|report| serde_json::from_str(report).ok());
    let is_silent = parts.now() - found.reported_at > LONGEST_SILENCE;
    Ok(result.map(|result| match result.end {
        None if is_silent => ServiceComparison { end: Some(ComparisonEnd::Interrupted), ..result },
        _ => result,
    }))
}

/// A comparison with its result so far.
struct RunningComparison {
    parts: PanelParts,
    draft: String,
    result: ServiceComparison,
    actor: Actor,
}

impl RunningComparison {
    async fn run(mut self) {
        let (parts, begun, actor) = (self.parts.clone(), self.result.clone(), self.actor.clone());
        let mut comparing = Box::pin(compared(&parts, &begun, &actor));
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let done = loop {
            tokio::select! {
                done = &mut comparing => break done,
                _ = beat.tick() => self.written().await,
            }
        };
        match done {
            Ok(result) => self.result = result,
            Err(CompareError::Fault(fault)) => {
                tracing::error!(error = %Causes(&fault), "a service could not be compared");
                self.result.end = Some(ComparisonEnd::Interrupted);
            }
            Err(error) => self.result.end = Some(ComparisonEnd::Failed(error.to_string())),
        }
        self.written().await;
    }

    async fn write(&self) -> Result<(), Fault> {
        // A result contains texts, numbers and lists only.
        let report = serde_json::to_string(&self.result).unwrap_or_default();
        let login = &self.parts.login;
        Ok(login.store.admin().report_draft(&self.draft, &report, login.now()).await?)
    }

    /// The same while it runs: what can't be written now is written with the next sign of life.
    async fn written(&self) {
        if let Err(error) = self.write().await {
            tracing::warn!(error = %Causes(&error), "the comparison of a service can't report");
        }
    }
}

async fn compared(
    parts: &PanelParts,
    begun: &ServiceComparison,
    actor: &Actor,
) -> Result<ServiceComparison, CompareError> {
    let report_only = begun.order == ComparisonOrder::Report;
    let comparison = match begun.order {
        ComparisonOrder::Preview => compare::preview(&parts.operation, &begun.service).await?,
        ComparisonOrder::Report | ComparisonOrder::Fix => {
            compare::reconcile(&parts.operation, &begun.service, Reconciling { report_only, actor }).await?
        }
    };
    let (differences, has_more) = listed(parts, &comparison).await?;
    let NumbersView { findings, same, waiting, emptied, .. } = NumbersView::from(&comparison.drift);
    Ok(ServiceComparison {
        findings: findings.into_iter().map(|(finding, number)| (finding.to_owned(), number)).collect(),
        same,
        waiting,
        emptied,
        fixed: comparison.fixed,
        differences,
        has_more,
        end: Some(ComparisonEnd::Done),
        ..begun.clone()
    })
}

/// The first of those who differ, and whether there are more. The list is removed from the store.
async fn listed(
    parts: &PanelParts,
    comparison: &Comparison,
) -> Result<(Vec<ListedDifference>, bool), CompareError> {
    let (mut pages, mut all) = (FindingPages::of(&parts.operation.store, comparison), Vec::new());
    while all.len() <= MOST_LISTED
        && let Some(page) = pages.next_page().await?
    {
        all.extend(page.iter().map(ListedDifference::from));
    }
    pages.close().await?;
    let has_more = all.len() > MOST_LISTED;
    all.truncate(MOST_LISTED);
    Ok((all, has_more))
}
