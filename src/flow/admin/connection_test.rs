//! Test Connection: a test of what was typed runs beside the request, and its report is written as it grows, so
//! that any node can show it. Save Configuration is such a test that saves once it has passed.

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Duration, MissedTickBehavior, interval};

use crate::domain::admin::Actor;
use crate::domain::audit::{Decision, Event};
use crate::domain::doctor::{Finding, FindingSink, Stage, StagedFinding};
use crate::domain::secret::Plain;
use crate::domain::settings::Directory;
use crate::flow::admin::connection::{ConnectionReport, TestEnd};
use crate::flow::admin::directory::{self, DirectoryChange};
use crate::flow::admin::four_eyes::Asked;
use crate::flow::admin::session::CheckedAdmin;
use crate::flow::admin::settings::Saving;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::{PanelParts, Visit};
use crate::flow::installation::fault::Fault;
use crate::flow::limits::outbound;
use crate::flow::support::doctor::{ConnectionTest, TestNotMade, test_connection};

/// How often a test reports although nothing was found.
const BEAT: Duration = Duration::from_secs(5);

/// What to test.
pub struct TestOrder {
    /// The id of the draft, which gets the report.
    pub draft: String,
    pub directory: Directory,
    /// As typed; `None`: the stored one.
    pub password: Option<Plain>,
    /// What to save once the test has passed.
    pub save: Option<DirectoryChange>,
}

/// Begins a test. It goes on when the browser is gone.
pub async fn begin(
    parts: &PanelParts,
    visit: &Visit,
    admin: &CheckedAdmin,
    order: TestOrder,
) -> Result<(), Fault> {
    let login = &parts.login;
    outbound::admit(&login.volatile, &admin.actor.to_string(), login.now()).await?;
    let report = ConnectionReport { saves: order.save.is_some(), ..ConnectionReport::default() };
    let event = directory::event(parts, visit, admin);
    let (draft, actor) = (order.draft.clone(), admin.actor.clone());
    let running = RunningTest { parts: parts.clone(), draft, report, event, actor };
    running.write().await?;
    tokio::spawn(running.run(order));
    Ok(())
}

/// A test with its report so far.
struct RunningTest {
    parts: PanelParts,
    draft: String,
    report: ConnectionReport,
    /// Of saving.
    event: Event,
    actor: Actor,
}

impl RunningTest {
    async fn run(mut self, order: TestOrder) {
        let tested = self.test(&order).await;
        let end = match (tested, self.report.failed()) {
            (Ok(()), Some(stage)) => TestEnd::Failed(stage),
            (Ok(()), None) => TestEnd::Passed,
            (Err(error @ TestNotMade::Volatile(_)), _) => {
                tracing::error!(error = %Causes(&error), "a connection test was not made");
                TestEnd::Interrupted
            }
            (Err(error), _) => TestEnd::NotMade(error.to_string()),
        };
        self.record(&order.directory, &end).await;
        self.report.end = Some(match (end, order.save) {
            (TestEnd::Passed, Some(change)) => self.save(change).await,
            (end, _) => end,
        });
        self.written().await;
    }

    async fn test(&mut self, order: &TestOrder) -> Result<(), TestNotMade> {
        let (sender, mut found) = unbounded_channel();
        let test = ConnectionTest {
            directory: &order.directory,
            password: order.password.clone(),
            by_command: false,
        };
        let (operation, volatile) = (self.parts.operation.clone(), self.parts.login.volatile.clone());
        let mut sink = Sender(sender);
        let mut testing = Box::pin(test_connection(&operation, &volatile, &test, &mut sink));
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let tested = loop {
            tokio::select! {
                tested = &mut testing => break tested,
                Some(one) = found.recv() => self.took(one, &mut found).await,
                _ = beat.tick() => self.written().await,
            }
        };
        while let Ok(one) = found.try_recv() {
            self.report.findings.push(one.into());
        }
        tested
    }

    /// Writes what was found until now at once.
    async fn took(&mut self, first: StagedFinding, found: &mut UnboundedReceiver<StagedFinding>) {
        self.report.findings.push(first.into());
        while let Ok(one) = found.try_recv() {
            self.report.findings.push(one.into());
        }
        self.written().await;
    }

    async fn save(&self, change: DirectoryChange) -> TestEnd {
        match directory::save(&self.parts, self.event.clone(), &self.actor, change).await {
            Ok(Saving::Saved(differences)) => {
                let forgotten = self.parts.login.store.admin().empty_draft(&self.draft).await;
                if let Err(error) = forgotten {
                    tracing::warn!(error = %Causes(&error), "a saved draft is forgotten only when it expires");
                }
                if differences.is_empty() { TestEnd::Unchanged } else { TestEnd::Saved }
            }
            Ok(Saving::Asked(Asked::Kept(id))) => TestEnd::Asked(id),
            Ok(Saving::Wrong(_) | Saving::Conflict(_) | Saving::Asked(_)) => TestEnd::NotSaved,
            Err(error) => {
                tracing::error!(error = %Causes(&error), "tested settings can't be saved");
                TestEnd::Interrupted
            }
        }
    }

    /// Records which servers were tested, and how it ended.
    async fn record(&self, tested: &Directory, end: &TestEnd) {
        let servers: Vec<&str> = tested.servers.iter().map(|server| server.host.as_str()).collect();
        let failed: Option<Stage> = self.report.failed();
        let detail = serde_json::json!({
            "servers": servers, "passed": matches!(end, TestEnd::Passed), "failed_stage": failed
        });
        let event = Event {
            at: self.parts.login.now(),
            decision: Decision::ConnectionTested,
            directory: Some(tested.id.0.clone()),
            detail: Some(detail.to_string()),
            ..self.event.clone()
        };
        if let Err(error) = self.parts.login.store.login().append(&event).await {
            tracing::warn!(error = %Causes(&error), "a connection test is not in the audit log");
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
            tracing::warn!(error = %Causes(&error), "a connection test can't report");
        }
    }
}

/// Hands findings to the loop that writes them.
struct Sender(UnboundedSender<StagedFinding>);

impl FindingSink for Sender {
    fn found(&mut self, stage: Stage, finding: Finding) {
        // It fails only when nobody listens any more.
        let _ = self.0.send(StagedFinding { stage, finding });
    }
}
