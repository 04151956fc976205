//! Bring the account of one person up to date by the live entry, so that nobody is refused because of an
//! outdated import.

use crate::clock::Clock;
use crate::domain::Millis;
use crate::domain::account::Account;
use crate::domain::entry::EntryId;
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
    pub imported: ImportedAccount,
}

/// The account of an entry after its import.
#[derive(Clone, Debug, Default)]
pub struct ImportedAccount {
    /// The account that is linked to the entry.
    pub account: Option<Account>,
    /// Why the account could not be created or updated, for an administrator.
    pub why_not_written: Option<String>,
    /// The conflict behind that, if there is one.
    pub conflict: Option<Conflict>,
    /// Why the entry's email address prevents a sign-in, even with an existing account.
    pub mail_fault: Option<String>,
}

impl LiveEntry<'_> {
    /// Looks the person up, and does for the account what a run would do, except that nobody is suspended for
    /// being out of scope, and no Team Share is left.
    pub async fn bring_up_to_date(
        &self,
        store: &Store,
        clock: &Clock,
        wants_groups: bool,
    ) -> Result<LivePerson, Fault> {
        let looked = self.look(wants_groups).await?;
        let now = clock.now();
        let decided = decide_live(store, self, &looked, now).await?;
        let imported = self.import(store, decided, now).await?;
        Ok(LivePerson { looked, imported })
    }

    /// The same without writing: the account as it would be judged.
    pub async fn preview(&self, store: &Store, now: Millis) -> Result<LivePerson, Fault> {
        let looked = self.look(false).await?;
        let decided = decide_live(store, self, &looked, now).await?;
        let account = reconcile::preview(decided.subject(), &decided.outcome, now);
        let imported = ImportedAccount::new(account, decided.outcome.conflict, self.entry.id);
        Ok(LivePerson { looked, imported })
    }

    async fn import(
        &self,
        store: &Store,
        person: DecidedPerson,
        now: Millis,
    ) -> Result<ImportedAccount, StoreError> {
        let (id, conflict) = (self.entry.id, person.outcome.conflict.clone());
        if matches!(person.outcome.action, Action::Ignore) {
            return Ok(ImportedAccount::new(None, conflict, id));
        }
        if let Some(account) = person.account.as_ref().filter(|_| person.is_unchanged()) {
            // Nearly every sign-in: one statement, or none. An account that was not confirmed may be held.
            match (account.seen_at.is_some(), person.confirms && conflict.is_none()) {
                (true, true) => store.identity().confirm_seen(&account.id, now).await?,
                (false, false) => {}
                _ => return self.write(store, person, now).await,
            }
            return Ok(ImportedAccount::new(person.account, conflict, id));
        }
        self.write(store, person, now).await
    }

    async fn write(
        &self,
        store: &Store,
        person: DecidedPerson,
        now: Millis,
    ) -> Result<ImportedAccount, StoreError> {
        let mut conflict = person.outcome.conflict.clone();
        let mut writer = PersonWriter::new(store, self.site, DecidedBy::LiveEntry, Guard::limited());
        let verdicts = writer.sort(vec![person], now).await?.verdicts;
        let mut waits = (!verdicts.held.is_empty()).then(|| HELD.to_owned());
        match writer.write(None, verdicts, now).await? {
            Applied::Done(mut done) => conflict = done.pop().and_then(|one| one.conflict).or(conflict),
            Applied::Paused(pause) => waits = Some(Paused(pause).to_string()),
            Applied::Overtaken => {}
        }
        let account = store.identity().account_by_entry(self.site.id(), self.entry.id).await?;
        let imported = ImportedAccount::new(account, conflict, self.entry.id);
        // The gates judge the live entry, so what waits lets nobody in.
        Ok(imported.waiting(waits))
    }
}

/// Why a suspension was not written.
const HELD: &str = "the suspension is held until an administrator has reviewed the plan";

impl LivePerson {
    /// What the gates judge by.
    #[must_use]
    pub fn gate_input<'a>(
        &'a self,
        found: FoundEntry<'a>,
        mode: JudgementMode,
        current: &Current,
        now: Millis,
    ) -> GateInput<'a> {
        let Self { looked, imported } = self;
        let (sso_enabled, generation) = (current.settings.sso.enabled, current.generation);
        GateInput {
            scope: looked.scope.as_ref(),
            excluded: looked.excluded.as_ref(),
            account: imported.account.as_ref(),
            why_not_written: imported.why_not_written.as_deref(),
            mail_fault: imported.mail_fault.as_deref(),
            ..GateInput::without_entry(mode, found, sso_enabled, generation, now)
        }
    }
}

impl ImportedAccount {
    fn new(account: Option<Account>, conflict: Option<Conflict>, entry: EntryId) -> Self {
        let advice = conflict.as_ref().map(|conflict| conflict.advice(entry));
        let bars = conflict.as_ref().is_some_and(Conflict::bars_the_address);
        Self { account, mail_fault: advice.clone().filter(|_| bars), why_not_written: advice, conflict }
    }

    /// Adds why something was not written. A fault of the entry itself is kept.
    fn waiting(mut self, why: Option<String>) -> Self {
        let reasons: Vec<String> = self.why_not_written.into_iter().chain(why).collect();
        self.why_not_written = (!reasons.is_empty()).then(|| reasons.join("; and "));
        self
    }
}
