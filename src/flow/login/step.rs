//! One request of a login in progress.

use crate::domain::account::{Account, AccountId};
use crate::domain::advice::Cause;
use crate::domain::audit::{Decision, Detail, Event};
use crate::domain::gates::Judgement;
use crate::flow::installation::browser::Browser;
use crate::flow::installation::context::{LoginParts, Visit};
use crate::flow::installation::current::Current;
use crate::flow::installation::fault::Fault;
use crate::flow::limits::throttle::Asker;
use crate::flow::login::pending::Pending;

/// One request of a login in progress, under the settings in force.
#[derive(Clone, Copy)]
pub struct StepRequest<'a> {
    pub parts: &'a LoginParts,
    pub current: &'a Current,
    pub visit: &'a Visit,
    /// The login as the request carried it.
    pub pending: &'a Pending,
    pub browser: &'a Browser,
}

impl<'a> StepRequest<'a> {
    pub(super) fn asker(&self) -> Asker<'a> {
        Asker { visit: self.visit, client_id: &self.pending.request.client_id, device: &self.browser.device }
    }

    /// An audit event of this request, about nobody yet.
    pub(super) fn event(&self, decision: Decision) -> Event {
        let client_id = Some(self.pending.request.client_id.clone());
        Event { client_id, ..self.visit.event(self.parts.now(), decision) }
    }

    /// The audit event for an owner who was judged again and refused.
    pub(super) fn refusal(&self, decision: Decision, judgement: &Judgement) -> Event {
        let cause = judgement.refusal().map_or(Cause::AccountChanged.word(), |gate| gate.as_str());
        Event {
            cause: Some(cause.to_owned()),
            detail: Detail::default().judged(judgement).to_json(),
            ..self.event(decision)
        }
    }

    /// The account of the login: the password's owner, otherwise that of the session being raised.
    fn owner(&self) -> Result<AccountId, Fault> {
        let proven = self.pending.progress.password.as_ref().map(|proof| proof.account().clone());
        let session = || self.browser.session.as_ref().map(|session| session.evidence.account.clone());
        proven.or_else(session).ok_or(Fault::LoginEnded)
    }

    /// The owner's account, if the proven password still counts.
    pub(super) async fn account(&self) -> Result<Account, Fault> {
        let account = self.parts.store.identity().account(&self.owner()?).await?.ok_or(Fault::LoginEnded)?;
        // After a reset, a suspension or a newer password, an earlier proof allows no set-up and no code.
        let holds = self.pending.progress.password.as_ref().is_none_or(|proof| proof.holds(&account));
        if holds { Ok(account) } else { Err(Fault::LoginEnded) }
    }
}
