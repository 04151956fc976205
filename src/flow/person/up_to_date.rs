//! Bring the account of one person up to date by the live entry, so that nobody is refused because of an
//! outdated mirror.

use crate::clock::Clock;
use crate::domain::Millis;
use crate::domain::account::Account;
use crate::domain::gates::{FoundEntry, GateInput, JudgementMode};
use crate::domain::reconcile::{self, Action, Conflict};
use crate::flow::installation::current::Current;
use crate::flow::installation::fault::Fault;
use crate::flow::person::decided::{DecidedPerson, decide_live};
use crate::flow::person::guard::{Guard, Paused};
use crate::flow::person::look::{LiveDetails, LiveEntry};
use crate::flow::person::write::{DecidedBy, PersonWriter};
use crate::store::{Applied, Store, StoreError};

/// A person whose account is up to date with the live entry. The default is a person who was not looked up.
#[derive(Clone, Debug, Default)]
pub struct LivePerson {
    pub looked: LiveDetails,
    /// The account that is linked to the entry.
    pub account: Option<Account>,
    /// The conflict of the entry, if there is one.
    pub conflict: Option<Conflict>,
    /// Why the account was not created or updated, for an administrator: the conflict, or what it waits for.
    pub why_not_written: Option<String>,
    /// When the entry confirmed the account unchanged, if that is not stored yet.
    pub confirmed_at: Option<Millis>,
}

/// Why a suspension was not written.
const HELD: &str = "the suspension is held until an administrator has reviewed the plan";

impl LiveEntry<'_> {
    /// Looks the person up, and does for the account what a run would do, except that nobody is suspended for
    /// being out of scope, no Team Share is left, and the conflict of a person without an account is not recorded.
    pub async fn bring_up_to_date(
        &self,
        store: &Store,
        clock: &Clock,
        wants_groups: bool,
    ) -> Result<LivePerson, Fault> {
        let mut person = self.bring_up_to_date_in_login(store, clock, wants_groups).await?;
        if let (Some(account), Some(at)) = (&person.account, person.confirmed_at.take()) {
            store.identity().confirm_seen(&account.id, at).await?;
        }
        Ok(person)
    }

    /// The same, but that the entry has confirmed the account unchanged is left for the transaction that writes
    /// the session: a login needs one less.
    pub async fn bring_up_to_date_in_login(
        &self,
        store: &Store,
        clock: &Clock,
        wants_groups: bool,
    ) -> Result<LivePerson, Fault> {
        let looked = self.look(wants_groups).await?;
        let now = clock.now();
        let person = decide_live(store, self, &looked, now).await?;
        let confirmed_at = match (&person.account, person.confirms && person.outcome.conflict.is_none()) {
            // Nobody has an account, and nobody gets one.
            _ if matches!(person.outcome.action, Action::Ignore) => None,
            // Nearly every sign-in. An account that was not confirmed may be held.
            (Some(account), true) if person.is_unchanged() && account.seen_at.is_some() => Some(now),
            (Some(account), false) if person.is_unchanged() && account.seen_at.is_none() => None,
            _ => return Ok(self.write(store, looked, person, now).await?),
        };
        let unchanged = self.person(looked, person.account, person.outcome.conflict, None);
        Ok(LivePerson { confirmed_at, ..unchanged })
    }

    /// The same without writing: the account as it would be judged.
    pub async fn preview(&self, store: &Store, now: Millis) -> Result<LivePerson, Fault> {
        let looked = self.look(false).await?;
        let decided = decide_live(store, self, &looked, now).await?;
        let account = reconcile::preview(decided.subject(), &decided.outcome, now);
        Ok(self.person(looked, account, decided.outcome.conflict, None))
    }

    async fn write(
        &self,
        store: &Store,
        looked: LiveDetails,
        person: DecidedPerson,
        now: Millis,
    ) -> Result<LivePerson, StoreError> {
        let mut conflict = person.outcome.conflict.clone();
        let mut writer = PersonWriter::new(store, self.site, DecidedBy::LiveEntry, Guard::limited());
        let verdicts = writer.ask_guard(vec![person], now).await?.verdicts;
        let mut waits = (!verdicts.held.is_empty()).then(|| HELD.to_owned());
        match writer.write(None, verdicts, now).await? {
            Applied::Done(mut done) => conflict = done.pop().and_then(|one| one.conflict).or(conflict),
            Applied::Paused(pause) => waits = Some(Paused(pause).to_string()),
            Applied::Overtaken => {}
        }
        let account = store.identity().account_by_entry(self.site.id(), self.entry.id).await?;
        // The gates judge the live entry, so what waits lets nobody in.
        Ok(self.person(looked, account, conflict, waits))
    }

    fn person(
        &self,
        looked: LiveDetails,
        account: Option<Account>,
        conflict: Option<Conflict>,
        waits: Option<String>,
    ) -> LivePerson {
        let advice = conflict.as_ref().map(|conflict| conflict.advice(self.entry.id));
        let reasons: Vec<String> = advice.into_iter().chain(waits).collect();
        let why_not_written = (!reasons.is_empty()).then(|| reasons.join("; and "));
        LivePerson { looked, account, conflict, why_not_written, confirmed_at: None }
    }
}

impl LivePerson {
    /// Why the entry's email address prevents a sign-in, even with an existing account.
    #[must_use]
    pub fn mail_fault(&self) -> Option<&str> {
        let bars = self.conflict.as_ref().is_some_and(Conflict::bars_the_address);
        self.why_not_written.as_deref().filter(|_| bars)
    }

    /// What the gates judge by.
    #[must_use]
    pub fn gate_input<'a>(
        &'a self,
        found: FoundEntry<'a>,
        mode: JudgementMode,
        current: &Current,
        now: Millis,
    ) -> GateInput<'a> {
        let (sso_enabled, generation) = (current.settings.sso.enabled, current.generation);
        GateInput {
            scope: self.looked.scope.as_ref(),
            excluded: self.looked.excluded.as_ref(),
            account: self.account.as_ref(),
            why_not_written: self.why_not_written.as_deref(),
            mail_fault: self.mail_fault(),
            ..GateInput::without_entry(mode, found, sso_enabled, generation, now)
        }
    }
}
