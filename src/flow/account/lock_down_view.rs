//! What of a lock-down is confirmed, read from the store each time.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::Millis;
use crate::domain::account::{Account, AccountId};
use crate::domain::audit::Decision;
use crate::domain::delivery::Subject;
use crate::domain::lock_down::{ClientFacts, EndedHere, LockDownState, LockDownStep, StepState};
use crate::flow::account::views::{AccountNames, in_rfc_3339, maybe_in_rfc_3339};
use crate::flow::installation::context::LoginParts;
use crate::store::{AuditConditions, AuditFilter, AuditRow, LockDownRow, StoreError};

/// How many answers of clients are read.
const ANSWERS: u32 = 500;

/// A lock-down of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LockDownView {
    #[serde(flatten)]
    pub names: AccountNames,
    /// `confirmed`, `waiting`, or `failed`: a step is refused, stopped or given up.
    #[schema(value_type = String)]
    pub state: LockDownState,
    /// When it was ordered first.
    #[serde(serialize_with = "in_rfc_3339")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Millis,
    /// Who ordered it first, as in the audit log.
    pub by: String,
    /// How often it was ordered.
    pub times: i64,
    /// What has ended here.
    #[serde(flatten)]
    pub ended: EndedHere,
    #[serde(flatten)]
    pub steps: LockDownSteps,
    /// By then the last access token has ended that an API accepts without asking here.
    #[serde(serialize_with = "in_rfc_3339")]
    #[schema(value_type = String, format = DateTime)]
    pub access_tokens_end: Millis,
    /// When every step was confirmed or given up.
    #[serde(serialize_with = "maybe_in_rfc_3339")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub concluded_at: Option<Millis>,
}

/// The steps that others have to confirm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LockDownSteps {
    /// The end of the sessions at each client that had tokens of the person.
    pub clients: Vec<LockDownStepView>,
    /// The suspension at each service.
    pub services: Vec<LockDownStepView>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LockDownStepView {
    /// The id of the client or service.
    pub id: String,
    /// `confirmed`, `not_there`, `waiting`, `refused`, `stopped`, `given_up` or `not_told`.
    #[schema(value_type = String)]
    pub state: StepState,
    /// The answer of the other side, or why there is none.
    pub words: Option<String>,
}

impl LockDownView {
    /// True while a step goes on by itself.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.steps.states().any(|state| state == StepState::Waiting)
    }

    /// True if nothing follows by itself.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.steps.are_final()
    }
}

impl LockDownSteps {
    /// The state of each step.
    pub fn states(&self) -> impl Iterator<Item = StepState> {
        self.clients.iter().chain(&self.services).map(|step| step.state)
    }

    /// True if nothing follows by itself.
    #[must_use]
    pub fn are_final(&self) -> bool {
        self.states().all(StepState::is_final)
    }
}

impl LockDownStepView {
    fn new(id: &str, step: LockDownStep) -> Self {
        Self { id: id.to_owned(), state: step.state, words: step.words }
    }
}

/// The lock-down of an account; `None` if there was none since it was reactivated.
pub async fn lock_down_of(parts: &LoginParts, account: &Account) -> Result<Option<LockDownView>, StoreError> {
    match parts.store.identity().locked_down(&account.id).await? {
        Some(row) => Ok(Some(view(parts, account, row).await?)),
        None => Ok(None),
    }
}

/// A stored lock-down with its steps.
pub(super) async fn view(
    parts: &LoginParts,
    account: &Account,
    row: LockDownRow,
) -> Result<LockDownView, StoreError> {
    let steps = steps_of(parts, &row).await?;
    Ok(LockDownView {
        names: account.into(),
        state: LockDownState::of(steps.states()),
        at: row.at,
        by: row.by,
        times: row.times,
        ended: row.ended,
        steps,
        access_tokens_end: row.at + parts.current().settings.tokens.access_token(),
        concluded_at: row.concluded_at,
    })
}

/// How far each step is.
pub(super) async fn steps_of(parts: &LoginParts, row: &LockDownRow) -> Result<LockDownSteps, StoreError> {
    Ok(LockDownSteps { clients: clients(parts, row).await?, services: services(parts, &row.account).await? })
}

async fn clients(parts: &LoginParts, row: &LockDownRow) -> Result<Vec<LockDownStepView>, StoreError> {
    let mut facts: BTreeMap<String, ClientFacts> =
        row.clients.iter().map(|client| (client.clone(), ClientFacts::default())).collect();
    if facts.is_empty() {
        return Ok(Vec::new());
    }
    // What waits is read first: an answer is written together with the end of the waiting.
    for logout in parts.store.identity().waiting_logouts_of(&row.account).await? {
        facts.entry(logout.client_id).or_default().waiting += 1;
    }
    for (client, answer) in answers(parts, row, Decision::BackchannelLogout).await? {
        if let Some(facts) = facts.get_mut(&client) {
            facts.confirmed.get_or_insert(answer);
        }
    }
    for (client, answer) in answers(parts, row, Decision::BackchannelLogoutFailed).await? {
        if let Some(facts) = facts.get_mut(&client) {
            facts.given_up.get_or_insert(answer);
        }
    }
    let step =
        |(id, facts): (&String, &ClientFacts)| LockDownStepView::new(id, LockDownStep::at_client(facts));
    Ok(facts.iter().map(step).collect())
}

/// Clients and their answers since the lock-down, the newest first.
async fn answers(
    parts: &LoginParts,
    row: &LockDownRow,
    decision: Decision,
) -> Result<Vec<(String, String)>, StoreError> {
    let filter = AuditFilter::Where(AuditConditions {
        decision: Some(decision.as_str().to_owned()),
        account: Some(row.account.clone()),
        from: Some(row.at),
        ..AuditConditions::default()
    });
    let rows = parts.store.login().audit_page(None, ANSWERS, &filter).await?;
    Ok(rows.into_iter().filter_map(answer).collect())
}

fn answer(row: AuditRow) -> Option<(String, String)> {
    let detail: serde_json::Value = serde_json::from_str(row.detail.as_deref()?).ok()?;
    Some((row.client_id?, detail["answer"].as_str()?.to_owned()))
}

async fn services(parts: &LoginParts, account: &AccountId) -> Result<Vec<LockDownStepView>, StoreError> {
    let (deliveries, person) = (parts.store.delivery(), Subject::Person(account.clone()));
    let mut steps = Vec::new();
    for service in &parts.current().settings.provisioning {
        let stored = deliveries.delivery(&service.id, &person).await?;
        let target = deliveries.target(&service.id).await?;
        let stopped = target.as_ref().and_then(|target| target.stopped.as_ref());
        let stopped = stopped.map(|stopped| format!("{}: {}", stopped.why, stopped.words));
        let failing = target.as_ref().and_then(|target| target.failing.as_ref());
        let delivery = stored.as_ref().map(|stored| (&stored.row, &stored.known));
        let failing = failing.map(|failing| failing.words.as_str());
        let step = LockDownStep::at_service(delivery, stopped.as_deref(), failing);
        steps.push(LockDownStepView::new(&service.id, step));
    }
    Ok(steps)
}
