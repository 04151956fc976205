//! Ask a second owner for what one admin can't do alone. A request is first kept for its asker, who sees what it
//! does, says why, and asks for it; the decision is in [`super::approvals`].

use std::collections::HashSet;

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::admin::{
    APPROVAL_LIFETIME, Actor, Approval, ApprovalOrder, ApprovalState, Role, TaskKind, only_ends_four_eyes,
};
use crate::domain::audit::{Decision, Event};
use crate::flow::admin::acting::actor_name;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::fault::Fault;
use crate::flow::person::admin_role;
use crate::flow::settings::{WaitingSettings, prepare};
use crate::keys::Sealer;
use crate::store::{AuditConditions, AuditFilter, EndedApproval, SaveOutcome, Store, StoreError};

/// What the sealed order is sealed as.
const SEALED_AS: &str = "approval";
/// Among how many sign-ins to the panel owners are looked for.
const LATEST_SIGN_INS: u32 = 500;
/// Longer reasons are cut.
pub const LONGEST_REASON: usize = 500;

/// What became of something that needs two owners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Kept under this id: its asker can ask for it now.
    Kept(String),
    /// Done: a break-glass link has ended four-eyes.
    Ended,
    /// Refused: only a person with a role can ask.
    NotAPerson,
    /// Refused: too much waits already.
    Full,
    /// Refused: somebody else has saved meanwhile.
    Stale,
}

/// A request in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ApprovalLine {
    pub id: String,
    /// The kind of task; without it, settings are to be changed.
    #[schema(value_type = Option<String>)]
    pub kind: Option<TaskKind>,
    #[schema(value_type = String)]
    pub state: ApprovalState,
    /// The name of the person.
    pub asked_by: String,
    #[serde(skip)]
    pub asker: AccountId,
    pub why: String,
    pub made_at: Millis,
    pub expires_at: Millis,
    pub decided_by: Option<String>,
    pub decided_at: Option<Millis>,
    /// Why it was rejected.
    pub reason: Option<String>,
}

/// Keeps a change of the settings for its asker. A break-glass link may end four-eyes and nothing else, so that
/// nobody is locked out.
pub async fn keep_settings(
    parts: &LoginParts,
    event: Event,
    actor: &Actor,
    waiting: WaitingSettings,
) -> Result<Asked, Fault> {
    let WaitingSettings { generation, document, before, after } = waiting;
    if actor.is_break_glass() && only_ends_four_eyes(&before, &after) {
        return ended(parts, event, generation, document).await;
    }
    keep(parts, actor, generation, &ApprovalOrder::Settings { document }).await
}

async fn ended(parts: &LoginParts, event: Event, generation: i64, document: String) -> Result<Asked, Fault> {
    let prepared = prepare(&parts.store, &parts.keys.sealer, generation, document).await?;
    let Some(prepared) = prepared else { return Ok(Asked::Stale) };
    let cause = Some("four_eyes_ended_by_link".to_owned());
    let event = Event { cause, detail: Some(prepared.detail.to_string()), ..event };
    tracing::warn!(
        actor = event.actor,
        "a break-glass link has ended four-eyes: one owner alone decides again"
    );
    match parts.store.settings().save_settings(generation, prepared.version(), &event).await? {
        SaveOutcome::Saved(_) => Ok(Asked::Ended),
        SaveOutcome::Conflict => Ok(Asked::Stale),
    }
}

/// Keeps what is to be done for its asker. A script with a role of its own can't ask: whoever set it up could
/// then approve it.
pub(super) async fn keep(
    parts: &LoginParts,
    actor: &Actor,
    generation: i64,
    order: &ApprovalOrder,
) -> Result<Asked, Fault> {
    let (Some(account), Some(role)) = (actor.account(), actor.role()) else { return Ok(Asked::NotAPerson) };
    let id = parts.random_id();
    let approval = Approval {
        id: id.clone(),
        kind: order.kind(),
        content: None,
        generation,
        state: ApprovalState::Open,
        asked_by: account.clone(),
        role,
        why: String::new(),
        made_at: parts.now(),
        decided_by: None,
        decided_at: None,
        reason: None,
    };
    // An order contains texts, words and numbers only.
    let content = serde_json::to_vec(order).unwrap_or_default();
    let sealed = parts.keys.sealer.seal(SEALED_AS, &place(&approval), &content);
    let approval = Approval { content: Some(sealed), ..approval };
    let kept = parts.store.admin().keep_approval(&approval).await?;
    Ok(if kept { Asked::Kept(id) } else { Asked::Full })
}

/// The order of a request. `None` if it was decided, was changed in the database, or was sealed before the
/// sealing key was rotated: what is sealed within it would then be stored under a key that is forgotten.
pub(super) fn order_of(parts: &LoginParts, approval: &Approval) -> Option<(ApprovalOrder, Vec<u8>)> {
    let (sealer, sealed) = (&parts.keys.sealer, approval.content.as_ref()?);
    if Sealer::key_of(sealed) != Some(sealer.in_force()) {
        return None;
    }
    let content = sealer.open(SEALED_AS, &place(approval), sealed).ok()?;
    Some((serde_json::from_slice(&content).ok()?, content))
}

/// Who asked for it, in which role, and on which settings: none of it can be changed in the database alone.
fn place(approval: &Approval) -> String {
    let Approval { id, asked_by, role, generation, .. } = approval;
    format!("{id} {} {} {generation}", asked_by.0, role.as_str())
}

/// The event of a decision about a request.
pub(super) fn event(event: Event, approval: &Approval) -> Event {
    let what = approval.kind.map_or("settings", TaskKind::as_str);
    let detail = json!({ "approval": approval.id, "what": what, "asked_by": approval.asked_by.0 });
    Event { detail: Some(detail.to_string()), ..event }
}

/// All requests that were asked for, the newest first.
pub async fn lines(parts: &LoginParts) -> Result<Vec<ApprovalLine>, Fault> {
    let generation = parts.store.settings().settings_generation().await?;
    let mut lines = Vec::new();
    for approval in parts.store.admin().approvals().await? {
        lines.push(line(parts, &approval, generation).await?);
    }
    Ok(lines)
}

/// How many requests wait for this owner: for everybody but those who asked.
pub async fn waiting_for(parts: &LoginParts, owner: Option<&AccountId>) -> Result<u64, Fault> {
    let (now, generation) = (parts.now(), parts.store.settings().settings_generation().await?);
    let all = parts.store.admin().approvals().await?;
    let waits = |one: &&Approval| one.waits(generation, now) && Some(&one.asked_by) != owner;
    Ok(u64::try_from(all.iter().filter(waits).count()).unwrap_or_default())
}

/// A request in a list. One that can't be decided any more is shown as expired, before the job has noted it.
pub(super) async fn line(
    parts: &LoginParts,
    approval: &Approval,
    generation: i64,
) -> Result<ApprovalLine, Fault> {
    let waits = approval.waits(generation, parts.now());
    let decided_by = match &approval.decided_by {
        Some(by) => Some(actor_name(parts, by).await?),
        None => None,
    };
    Ok(ApprovalLine {
        id: approval.id.clone(),
        kind: approval.kind,
        state: if approval.state == ApprovalState::Waiting && !waits {
            ApprovalState::Expired
        } else {
            approval.state
        },
        asked_by: actor_name(parts, &Actor::name_of_person(&approval.asked_by)).await?,
        asker: approval.asked_by.clone(),
        why: approval.why.clone(),
        made_at: approval.made_at,
        expires_at: approval.made_at + APPROVAL_LIFETIME,
        decided_by,
        decided_at: approval.decided_at,
        reason: approval.reason.clone(),
    })
}

/// True if two people are owners who have signed in to the panel: only then four-eyes can begin.
pub(super) async fn has_two_owners(parts: &LoginParts) -> Result<bool, Fault> {
    let filter = AuditFilter::Where(AuditConditions {
        decision: Some(Decision::AdminEntered.as_str().to_owned()),
        ..AuditConditions::default()
    });
    let (current, mut seen, mut owners) = (parts.current(), HashSet::new(), 0);
    for row in parts.store.login().audit_page(None, LATEST_SIGN_INS, &filter).await? {
        let Some(id) = row.account_id.map(AccountId).filter(|id| seen.insert(id.clone())) else { continue };
        let Some(account) = parts.store.identity().account(&id).await? else { continue };
        let role = admin_role::by_mirror(&parts.store, &current, &account).await?;
        if account.is_usable(parts.now()) && role == Some(Role::Owner) {
            owners += 1;
        }
        if owners == 2 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Ends the requests that nobody can decide any more, each with its event.
pub async fn expire(store: &Store, now: Millis) -> Result<(), StoreError> {
    let generation = store.settings().settings_generation().await?;
    for approval in store.admin().overdue_approvals(generation, now).await? {
        let cause = if approval.generation == generation { "too_old" } else { "settings_changed" };
        let event = event(Event::new(now, Decision::ApprovalExpired), &approval);
        let end = EndedApproval { id: &approval.id, state: ApprovalState::Expired, reason: None };
        let event = Event { cause: Some(cause.to_owned()), ..event };
        store.admin().end_approval(end, &event).await?;
    }
    Ok(())
}
