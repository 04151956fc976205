//! Test Connection of a service: a test of what is stored or was typed runs beside the request, and its report is
//! written as it grows, so that any node can show it. Nothing is saved.

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::{Duration, MissedTickBehavior, interval};
use utoipa::ToSchema;

use crate::domain::admin::Actor;
use crate::domain::secret::Plain;
use crate::domain::service_test::ServiceStage;
use crate::domain::settings::{Provisioning, Settings};
use crate::domain::{MINUTE, Millis};
use crate::flow::admin::draft;
use crate::flow::admin::services::taken;
use crate::flow::admin::session::CheckedAdmin;
use crate::flow::admin::settings::{self, Saving, SettingsChange};
use crate::flow::delivery::service_test::{
    ReportedServiceFinding, ServiceTest, ServiceTestError, ServiceTestReport, test_service,
};
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::{LoginParts, PanelParts};
use crate::flow::installation::fault::Fault;
use crate::flow::settings::{ServiceSecret, TypedSecret};

/// What its report is kept as: no action has this path.
const SERVICE_TEST: &str = "service_test";
/// How often a test reports although nothing was found.
const BEAT: Duration = Duration::from_secs(5);
/// A test reports more often than this, so one that is silent for longer was interrupted.
const LONGEST_SILENCE: Millis = MINUTE / 2;

/// How long to wait before testing again where too many reports are kept.
const NO_ROOM: Fault = Fault::Throttled { seconds: 60 };

/// The report of a test, while it runs and when it has ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningServiceTest {
    /// The id of the service.
    pub service: String,
    pub base_url: String,
    /// Whether a test user is created, changed, suspended and deleted.
    pub round_trip: bool,
    pub findings: Vec<ReportedServiceFinding>,
    /// The user name of a test user that may still be in the service.
    pub remains: Option<String>,
    /// `None` while it runs.
    pub end: Option<ServiceTestEnd>,
}

/// How a test ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServiceTestEnd {
    Passed,
    /// This stage failed.
    Failed(ServiceStage),
    /// It took too long; no stage failed until then.
    TooSlow,
    /// It was not made, for this reason in English.
    NotMade(String),
    /// The process that tested was stopped, or its store was not available.
    Interrupted,
}

impl From<&ServiceTestReport> for ServiceTestEnd {
    fn from(report: &ServiceTestReport) -> Self {
        match report.failed_stage {
            Some(stage) => Self::Failed(stage),
            None if report.complete => Self::Passed,
            None => Self::TooSlow,
        }
    }
}

/// What to test: the stored service with what was typed over it. `is_new`: there is none with this id yet. Nothing is
/// saved. `None` without such a service.
pub async fn typed(
    parts: &PanelParts,
    (id, is_new): (&str, bool),
    change: &SettingsChange,
) -> Result<Option<Result<ServiceTest, Saving>>, Fault> {
    let stored = settings::stored(parts).await?;
    if is_new && let Some(problem) = taken(parts, id).await? {
        return Ok(Some(Err(Saving::Wrong(vec![problem]))));
    }
    if !is_new && stored.settings.service(id).is_none() {
        return Ok(None);
    }
    // A test overwrites nothing, whoever has saved meanwhile.
    let change = SettingsChange { expected: stored.generation, ..change.clone() };
    let put = |settings: &mut Settings| {
        if is_new {
            settings.provisioning.push(Provisioning { id: id.to_owned(), ..Provisioning::default() });
        }
    };
    let edited = match settings::review_with(parts, &change, &change.secrets, put).await {
        Ok(edited) => edited,
        Err(error) => return Ok(Some(Err(settings::refused(parts, &change, error).await?))),
    };
    let service = edited.after.service(id).cloned();
    Ok(service.map(|service| {
        let secret = typed_secret(&service, &change.secrets);
        Ok(ServiceTest { service, secret, round_trip: false, by_command: false })
    }))
}

/// The secret that the service would be sent; without one that was typed, the stored ones are tested.
fn typed_secret(service: &Provisioning, typed: &[TypedSecret]) -> Option<Plain> {
    let of = |wanted: ServiceSecret| {
        typed.iter().find_map(|secret| match secret {
            TypedSecret::OfService(_, kind, plain) if *kind == wanted => Some(plain.clone()),
            _ => None,
        })
    };
    match service.names_oauth() {
        true => of(ServiceSecret::ClientSecret),
        false => of(ServiceSecret::Token).or_else(|| of(ServiceSecret::NextToken)),
    }
}

/// Begins a test, which goes on when the browser is gone. Returns the id of its report.
pub async fn begin(parts: &PanelParts, admin: &CheckedAdmin, test: ServiceTest) -> Result<String, Fault> {
    let service = &test.service;
    let kept = draft::keep(&parts.login, admin, SERVICE_TEST, service.id.as_bytes()).await?;
    let draft = kept.ok_or(NO_ROOM)?;
    let report = RunningServiceTest {
        service: service.id.clone(),
        base_url: service.base_url.clone(),
        round_trip: test.round_trip,
        ..RunningServiceTest::default()
    };
    let actor = admin.actor.clone();
    let running = RunningTest { parts: parts.clone(), draft: draft.clone(), report, actor };
    running.write().await?;
    tokio::spawn(running.run(test));
    Ok(draft)
}

/// The report of a test of this session. `None` if it is too old, or belongs to somebody else.
pub async fn read(
    parts: &LoginParts,
    admin: &CheckedAdmin,
    id: &str,
) -> Result<Option<RunningServiceTest>, Fault> {
    let Some(found) = draft::tested(parts, admin, id, SERVICE_TEST).await? else { return Ok(None) };
    let report: Option<RunningServiceTest> =
        found.report.as_deref().and_then(|report| serde_json::from_str(report).ok());
    let is_silent = parts.now() - found.reported_at > LONGEST_SILENCE;
    Ok(report.map(|report| match report.end {
        None if is_silent => RunningServiceTest { end: Some(ServiceTestEnd::Interrupted), ..report },
        _ => report,
    }))
}

/// A test with its report so far.
struct RunningTest {
    parts: PanelParts,
    draft: String,
    report: RunningServiceTest,
    actor: Actor,
}

impl RunningTest {
    async fn run(mut self, test: ServiceTest) {
        let end = match self.test(&test).await {
            Ok(report) => {
                let end = ServiceTestEnd::from(&report);
                self.report.findings = report.findings;
                self.report.remains = report.remains;
                end
            }
            Err(ServiceTestError::Fault(Fault::Throttled { seconds })) => ServiceTestEnd::NotMade(format!(
                "there were too many tests in the last minutes; try again in {seconds} seconds"
            )),
            Err(ServiceTestError::Fault(fault)) => {
                tracing::error!(error = %Causes(&fault), "a service could not be tested");
                ServiceTestEnd::Interrupted
            }
            Err(error) => ServiceTestEnd::NotMade(error.to_string()),
        };
        self.report.end = Some(end);
        self.written().await;
    }

    /// Makes the test, and writes each finding as it comes.
    async fn test(&mut self, test: &ServiceTest) -> Result<ServiceTestReport, ServiceTestError> {
        let (operation, volatile) = (self.parts.operation.clone(), self.parts.login.volatile.clone());
        let (actor, (sender, mut found)) = (self.actor.clone(), unbounded_channel());
        let mut show = move |one: &ReportedServiceFinding| {
            // It fails only when nobody listens any more.
            let _ = sender.send(one.clone());
        };
        let mut testing = Box::pin(test_service(&operation, &volatile, test, &actor, &mut show));
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                tested = &mut testing => return tested,
                Some(one) = found.recv() => {
                    self.report.findings.push(one);
                    while let Ok(one) = found.try_recv() {
                        self.report.findings.push(one);
                    }
                    self.written().await;
                }
                _ = beat.tick() => self.written().await,
            }
        }
    }

    async fn write(&self) -> Result<(), Fault> {
        // A report contains texts, words and lists only.
        let report = serde_json::to_string(&self.report).unwrap_or_default();
        let login = &self.parts.login;
        Ok(login.store.admin().report_draft(&self.draft, &report, login.now()).await?)
    }

    /// The same while the test runs: what can't be written now is written with the next finding.
    async fn written(&self) {
        if let Err(error) = self.write().await {
            tracing::warn!(error = %Causes(&error), "the test of a service can't report");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_for_the_way_of_the_service_is_tested() {
        use ServiceSecret::{ClientSecret, NextToken, Token};
        let oauth = Provisioning { oauth_client_id: Some("idp".into()), ..Provisioning::default() };
        let bearer = Provisioning::default();
        let secret =
            |kind: ServiceSecret| TypedSecret::OfService("x".into(), kind, Plain::new(kind_name(kind)));
        for (service, typed, expected) in [
            (&bearer, &[][..], None),
            (&bearer, &[NextToken, Token][..], Some("token")),
            (&bearer, &[NextToken][..], Some("next")),
            (&bearer, &[ClientSecret][..], None),
            (&oauth, &[Token, ClientSecret][..], Some("secret")),
            (&oauth, &[Token][..], None),
        ] {
            let typed: Vec<_> = typed.iter().map(|kind| secret(*kind)).collect();
            let found = typed_secret(service, &typed);
            assert_eq!(found.as_ref().map(Plain::expose), expected, "{typed:?}");
        }
    }

    fn kind_name(kind: ServiceSecret) -> &'static str {
        match kind {
            ServiceSecret::Token => "token",
            ServiceSecret::NextToken => "next",
            ServiceSecret::ClientSecret => "secret",
        }
    }
}
