//! Decide about what needs a second owner. The decision is about exactly what was shown: its digest is sent
//! with it, the request can't be changed, and a newer version of the settings voids it.

use serde_json::json;

use crate::domain::admin::{Actor, AdminHolder, Approval, ApprovalOrder, ApprovalState, Role, TaskOrder};
use crate::domain::audit::{Decision, Event};
use crate::domain::entry::DirectoryId;
use crate::flow::admin::approval_views::{decides_from, is_mine, seen_as};
use crate::flow::admin::four_eyes::{LONGEST_REASON, event as about, order_of};
use crate::flow::admin::session::CheckedAdmin;
use crate::flow::admin::settings::put_in_force;
use crate::flow::installation::context::{PanelParts, Visit};
use crate::flow::installation::fault::Fault;
use crate::flow::person::rejudge;
use crate::flow::settings::prepare;
use crate::flow::sync::pause::wait_for_import;
use crate::store::{ApprovedDeed, CarriedOut, EndedApproval, NewTask};

/// What became of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApprovalDone {
    Asked,
    /// The settings are in force.
    Saved,
    /// The id of the task that was ordered.
    Ordered(String),
    Rejected,
    Withdrawn,
    /// Nothing was done: it was decided, expired, or the settings were changed.
    NotWaiting,
    /// Nothing was done: it is not what was shown.
    NotSeen,
    /// Nothing was done: nobody decides about their own request.
    Own,
    /// Nothing was done: whoever has asked has let this admin in lately.
    LetInByAsker,
    /// Nothing was done: only a person in a browser decides, no script and no break-glass link.
    NotAPerson,
    /// Nothing was done: whoever asked has lost the right to.
    AskerLost,
    /// Nothing was done: a rejection needs a reason.
    NoReason,
}

/// An admin who decides about a request.
pub struct Deciding<'a> {
    pub parts: &'a PanelParts,
    pub visit: &'a Visit,
    pub admin: &'a CheckedAdmin,
    /// The id of the request.
    pub id: &'a str,
    /// What was shown, as [`super::approval_views::ApprovalView::seen`].
    pub seen: &'a str,
}

impl Deciding<'_> {
    /// Asks for what was kept, with a reason.
    pub async fn ask(&self, why: &str) -> Result<ApprovalDone, Fault> {
        let Some(found) = self.own(ApprovalState::Open).await? else { return Ok(ApprovalDone::NotWaiting) };
        if self.order(&found).is_none() {
            return Ok(ApprovalDone::NotSeen);
        }
        let event = about(self.event(Decision::ApprovalAsked), &found);
        let store = self.parts.login.store.admin();
        let asked = store.ask_approval(&found.id, &found.asked_by, &cut(why), &event).await?;
        Ok(if asked { ApprovalDone::Asked } else { ApprovalDone::NotWaiting })
    }

    /// Withdraws one's own request.
    pub async fn withdraw(&self) -> Result<ApprovalDone, Fault> {
        let Some(found) = self.own(ApprovalState::Waiting).await? else {
            return Ok(ApprovalDone::NotWaiting);
        };
        self.end(&found, Decision::ApprovalWithdrawn, ApprovalState::Withdrawn, None).await
    }

    /// Rejects another owner's request.
    pub async fn reject(&self, reason: &str) -> Result<ApprovalDone, Fault> {
        let reason = cut(reason);
        if reason.is_empty() {
            return Ok(ApprovalDone::NoReason);
        }
        match self.others().await? {
            Ok(found) => {
                self.end(&found, Decision::ApprovalRejected, ApprovalState::Rejected, Some(&reason)).await
            }
            Err(refused) => Ok(refused),
        }
    }

    /// Approves another owner's request, and carries it out.
    pub async fn approve(&self) -> Result<ApprovalDone, Fault> {
        let found = match self.others().await? {
            Ok(found) => found,
            Err(refused) => return Ok(refused),
        };
        let Some(order) = self.order(&found) else { return Ok(ApprovalDone::NotSeen) };
        if !self.asker_may(&found).await? {
            return Ok(ApprovalDone::AskerLost);
        }
        let carried = match order {
            ApprovalOrder::Settings { document } => self.save(&found, document).await?,
            ApprovalOrder::Task { directory, order } => self.order_task(&found, &directory, &order).await?,
        };
        Ok(match carried {
            CarriedOut::Saved => ApprovalDone::Saved,
            CarriedOut::Ordered(task) => ApprovalDone::Ordered(task),
            CarriedOut::TooLate => ApprovalDone::NotWaiting,
            CarriedOut::NoRoom => return Err(Fault::Throttled { seconds: 60 }),
        })
    }

    async fn save(&self, found: &Approval, document: String) -> Result<CarriedOut, Fault> {
        let login = &self.parts.login;
        let prepared = prepare(&login.store, &login.keys.sealer, found.generation, document).await?;
        let Some(prepared) = prepared else { return Ok(CarriedOut::TooLate) };
        for directory in &prepared.edited.after.directories {
            // First, so that no watch begins to import a directory that is new.
            wait_for_import(&self.parts.sync, &directory.id).await?;
        }
        let mut detail = prepared.detail.clone();
        detail["approved_by"] = json!(self.admin.actor.to_string());
        let deed = ApprovedDeed::Settings { expected: found.generation, version: prepared.version() };
        let done = self.of_asker(found, Decision::SettingsChanged, &detail);
        let carried = self.carry_out(found, deed, &done).await?;
        if carried == CarriedOut::Saved {
            put_in_force(self.parts).await;
        }
        Ok(carried)
    }

    async fn order_task(
        &self,
        found: &Approval,
        directory: &DirectoryId,
        order: &TaskOrder,
    ) -> Result<CarriedOut, Fault> {
        let (id, by) = (self.parts.login.random_id(), Actor::name_of_person(&found.asked_by));
        let task = NewTask { id: &id, directory, order, by: &by, role: Some(found.role) };
        let detail = json!({ "task": id, "order": order, "approved_by": self.admin.actor.to_string() });
        let done = self.of_asker(found, Decision::TaskOrdered, &detail);
        let done = Event { directory: Some(directory.0.clone()), ..done };
        self.carry_out(found, ApprovedDeed::Task(task), &done).await
    }

    async fn carry_out(
        &self,
        found: &Approval,
        deed: ApprovedDeed<'_>,
        done: &Event,
    ) -> Result<CarriedOut, Fault> {
        let decided = about(self.event(Decision::ApprovalApproved), found);
        Ok(self.parts.login.store.admin().carry_out(&found.id, deed, &decided, done).await?)
    }

    /// What is done is done by whoever asked for it.
    fn of_asker(&self, found: &Approval, decision: Decision, detail: &serde_json::Value) -> Event {
        Event {
            actor: Some(Actor::name_of_person(&found.asked_by)),
            role: Some(found.role.as_str()),
            detail: Some(detail.to_string()),
            ..self.visit.event(self.parts.login.now(), decision)
        }
    }

    async fn end(
        &self,
        found: &Approval,
        decision: Decision,
        state: ApprovalState,
        reason: Option<&str>,
    ) -> Result<ApprovalDone, Fault> {
        let event = about(self.event(decision), found);
        let end = EndedApproval { id: &found.id, state, reason };
        let ended = self.parts.login.store.admin().end_approval(end, &event).await?;
        Ok(match (ended, state) {
            (false, _) => ApprovalDone::NotWaiting,
            (true, ApprovalState::Rejected) => ApprovalDone::Rejected,
            (true, _) => ApprovalDone::Withdrawn,
        })
    }

    fn event(&self, decision: Decision) -> Event {
        self.visit.event(self.parts.login.now(), decision).by(&self.admin.actor)
    }

    /// What the request does, if it is what was shown.
    fn order(&self, found: &Approval) -> Option<ApprovalOrder> {
        let (order, content) = order_of(&self.parts.login, found)?;
        (seen_as(&content) == self.seen).then_some(order)
    }

    /// One's own request in this state.
    async fn own(&self, state: ApprovalState) -> Result<Option<Approval>, Fault> {
        let found = self.parts.login.store.admin().approval(self.id).await?;
        Ok(found.filter(|found| is_mine(self.admin, found) && found.state == state))
    }

    /// Another person's request that waits, for an owner in a browser.
    async fn others(&self) -> Result<Result<Approval, ApprovalDone>, Fault> {
        let login = &self.parts.login;
        let generation = login.store.settings().settings_generation().await?;
        let found = login.store.admin().approval(self.id).await?;
        let waits = |found: &Approval| found.waits(generation, login.now());
        let Some(found) = found.filter(waits) else { return Ok(Err(ApprovalDone::NotWaiting)) };
        Ok(match &self.admin.session.holder {
            AdminHolder::Link { .. } | AdminHolder::Token => Err(ApprovalDone::NotAPerson),
            AdminHolder::Person { account, .. } if found.asked_by == *account => Err(ApprovalDone::Own),
            AdminHolder::Person { account, .. } => match decides_from(login, account, &found).await? {
                Some(_) => Err(ApprovalDone::LetInByAsker),
                None => Ok(found),
            },
        })
    }

    /// True if whoever asked may sign in and has the role still, by the directory itself.
    async fn asker_may(&self, found: &Approval) -> Result<bool, Fault> {
        let (login, current) = (&self.parts.login, self.parts.login.current());
        let Some(account) = login.store.identity().account(&found.asked_by).await? else { return Ok(false) };
        let judged = rejudge::by_live_entry(&login.store, &login.clock, &current, &account, true).await?;
        let role = judged.admin_role.filter(|_| judged.judgement.passed().is_some());
        Ok(role == Some(found.role) || role == Some(Role::Owner))
    }
}

/// A reason as it is stored.
fn cut(reason: &str) -> String {
    reason.trim().chars().take(LONGEST_REASON).collect()
}
