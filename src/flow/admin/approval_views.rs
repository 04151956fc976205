//! What is asked for that needs a second owner: the list, and one request with all that it does.

use aws_lc_rs::digest::{SHA256, digest};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::admin::{
    self, AdminHolder, Approval, ApprovalOrder, ApprovalState, Capability, LET_IN, Role, TaskOrder,
};
use crate::domain::entry::DirectoryId;
use crate::domain::guard::SeenHeld;
use crate::flow::admin::four_eyes::{ApprovalLine, has_two_owners, line, lines, order_of};
use crate::flow::admin::session::CheckedAdmin;
use crate::flow::admin::settings::{Consequence, ReviewedChange, reviewed};
use crate::flow::installation::context::{LoginParts, PanelParts};
use crate::flow::installation::fault::Fault;
use crate::flow::settings::{PreparedSettings, SettingDifference, prepare};
use crate::flow::sync::plan::takes;
use crate::store::{PlanId, RunId, StoreError};

/// How many held people a request names.
pub const MOST_NAMES: usize = 100;

/// The requests that an admin sees.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct ApprovalsView {
    /// True if the settings demand two owners.
    pub four_eyes: bool,
    /// False if no second owner could decide.
    pub two_owners: bool,
    pub requests: Vec<ApprovalLine>,
}

/// One request with what it does.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ApprovalView {
    #[serde(flatten)]
    pub line: ApprovalLine,
    /// True for whoever has asked.
    pub is_mine: bool,
    /// True for an owner who may decide about it.
    pub may_decide: bool,
    /// When this owner may decide: whoever has asked has let them in lately.
    pub decides_from: Option<Millis>,
    /// Identifies what is shown: sent back with the decision.
    pub seen: String,
    /// Settings that change.
    pub changes: Vec<SettingDifference>,
    #[serde(skip)]
    pub consequences: Vec<Consequence>,
    pub effect: Option<ApprovalEffect>,
}

/// What a request does to people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ApprovalEffect {
    /// The id of the directory.
    pub directory: String,
    pub plan: Option<i64>,
    pub run: Option<i64>,
    /// How many people lose something, or are set back.
    pub people: u64,
    /// How many of them are beyond the guard's limit.
    pub beyond: u64,
    /// Login names of held people, at most [`MOST_NAMES`].
    pub names: Vec<String>,
}

/// All requests that were asked for.
pub async fn approvals(parts: &LoginParts) -> Result<ApprovalsView, Fault> {
    Ok(ApprovalsView {
        four_eyes: parts.current().settings.admin.four_eyes,
        two_owners: has_two_owners(parts).await?,
        requests: lines(parts).await?,
    })
}

/// One request. `None` if there is none of this id, or only its asker may see it yet.
pub async fn approval(
    parts: &PanelParts,
    admin: &CheckedAdmin,
    id: &str,
) -> Result<Option<ApprovalView>, Fault> {
    let login = &parts.login;
    let Some(found) = login.store.admin().approval(id).await? else { return Ok(None) };
    let is_mine = is_mine(admin, &found);
    if found.state == ApprovalState::Open && !is_mine {
        return Ok(None);
    }
    let generation = login.store.settings().settings_generation().await?;
    let line = line(login, &found, generation).await?;
    let decides = line.state == ApprovalState::Waiting && admin.session.role.can(Capability::Approve);
    let decider = match &admin.session.holder {
        AdminHolder::Person { account, .. } => Some(account).filter(|_| decides && !is_mine),
        AdminHolder::Link { .. } | AdminHolder::Token => None,
    };
    let decides_from = match decider {
        Some(account) => decides_from(login, account, &found).await?,
        None => None,
    };
    let may_decide = decider.is_some() && decides_from.is_none();
    let (seen, changes, consequences, effect) = (String::new(), Vec::new(), Vec::new(), None);
    let view = ApprovalView { line, is_mine, may_decide, decides_from, seen, changes, consequences, effect };
    let mut view = match order_of(login, &found) {
        Some((order, content)) => {
            shown(parts, &found, order, ApprovalView { seen: seen_as(&content), ..view }).await?
        }
        // What can't be opened can't be decided.
        None => ApprovalView { may_decide: false, ..view },
    };
    if admin.session.role != Role::Owner {
        view.changes = view.changes.into_iter().map(SettingDifference::without_role_groups).collect();
    }
    Ok(Some(view))
}

/// When an owner may decide about a request; `None` if they may now.
pub(super) async fn decides_from(
    parts: &LoginParts,
    owner: &AccountId,
    approval: &Approval,
) -> Result<Option<Millis>, StoreError> {
    let now = parts.now();
    let let_in = parts.store.login().let_in(owner, now - LET_IN).await?;
    Ok(admin::decides_from(&let_in, &approval.asked_by, now))
}

pub(super) fn is_mine(admin: &CheckedAdmin, approval: &Approval) -> bool {
    admin.actor.account() == Some(&approval.asked_by)
}

pub(super) fn seen_as(content: &[u8]) -> String {
    hex::encode(digest(&SHA256, content))
}

/// Adds what the order does.
async fn shown(
    parts: &PanelParts,
    approval: &Approval,
    order: ApprovalOrder,
    view: ApprovalView,
) -> Result<ApprovalView, Fault> {
    match order {
        ApprovalOrder::Settings { document } => {
            let login = &parts.login;
            let prepared = prepare(&login.store, &login.keys.sealer, approval.generation, document).await?;
            let Some(PreparedSettings { edited, .. }) = prepared else {
                return Ok(ApprovalView { may_decide: false, ..view });
            };
            let ReviewedChange { differences, consequences } = reviewed(parts, edited).await?;
            Ok(ApprovalView { changes: differences, consequences, ..view })
        }
        ApprovalOrder::Task { directory, order } => {
            Ok(ApprovalView { effect: Some(effect(parts, directory, &order).await?), ..view })
        }
    }
}

async fn effect(
    parts: &PanelParts,
    directory: DirectoryId,
    order: &TaskOrder,
) -> Result<ApprovalEffect, Fault> {
    let store = parts.login.store.sync();
    let mut effect = ApprovalEffect { directory: directory.0.clone(), ..ApprovalEffect::default() };
    match order {
        TaskOrder::ApplyPlan { plan } => {
            let takes = takes(&parts.sync, PlanId(*plan)).await?;
            (effect.plan, effect.people, effect.beyond) = (Some(*plan), takes.people, takes.beyond);
        }
        TaskOrder::Revert { run } => {
            (effect.run, effect.people) = (Some(*run), store.count_changed(RunId(*run)).await?);
        }
        TaskOrder::ApproveHeld { seen } => {
            let entries: Vec<_> =
                seen.iter().filter_map(|one| SeenHeld::parse(one)).map(|one| one.entry).collect();
            let held = store.held_among(&directory, &entries).await?;
            effect.people = u64::try_from(seen.len()).unwrap_or_default();
            effect.beyond = effect.people;
            let names = held.into_iter().map(|row| row.person.login_name);
            effect.names = names.take(MOST_NAMES).collect();
        }
        TaskOrder::ReadDirectory | TaskOrder::Plan | TaskOrder::Sync | TaskOrder::SyncPerson { .. } => {}
    }
    Ok(effect)
}
