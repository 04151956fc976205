//! Judge the owner of a session or refresh token again: by stored data while recent, then by a live read.

use tokio::time::Instant;

use crate::clock::Clock;
use crate::domain::Millis;
use crate::domain::account::{Account, AccountId};
use crate::domain::admin::Role;
use crate::domain::gates::{self, FoundEntry, GateInput, Judgement, JudgementMode};
use crate::flow::installation::current::{Current, DIRECTORY_WAIT, Site};
use crate::flow::installation::fault::Fault;
use crate::flow::person::look::{LiveDetails, LiveEntry};
use crate::store::Store;

/// A judgement, with what else was read for it.
#[derive(Clone, Debug)]
pub struct PersonJudgement {
    pub judgement: Judgement,
    /// The account after the judgement.
    pub account: Option<Account>,
    /// Names of the person's groups, if they were read.
    pub groups: Option<Vec<String>>,
    /// Whether the person is in a group of the policy, if that was checked.
    pub in_policy_group: bool,
    /// The person's role in the admin panel; none if the groups were not read.
    pub admin_role: Option<Role>,
}

/// Whether a caller needs the person's groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Groups {
    Unneeded,
    /// They are read, but the caller's copy is enough if the directory is unavailable.
    Wanted,
    /// The caller has none, so the person is read even if the stored data is recent.
    Needed,
}

/// Judges the owner of a session or refresh family.
pub async fn by_record_or_live(
    store: &Store,
    clock: &Clock,
    current: &Current,
    id: &AccountId,
    groups: Groups,
) -> Result<PersonJudgement, Fault> {
    let now = clock.now();
    let account = store.identity().account(id).await?;
    let Some(account) = account else { return Ok(refused_as_gone(current, now)) };
    let staleness = current.settings.login.max_staleness();
    let known = account.seen_at.is_some_and(|seen| (0..staleness).contains(&(now - seen)));
    if known && groups == Groups::Unneeded {
        return Ok(by_record(current, account, now));
    }
    match by_live_entry(store, clock, current, &account, groups != Groups::Unneeded).await {
        Err(Fault::Directory(_)) if known && groups == Groups::Wanted => Ok(by_record(current, account, now)),
        judged => judged,
    }
}

/// Judges the owner of an account by the live entry and the settings in force, however recent the data.
pub async fn by_live_entry(
    store: &Store,
    clock: &Clock,
    current: &Current,
    account: &Account,
    wants_groups: bool,
) -> Result<PersonJudgement, Fault> {
    let now = clock.now();
    if !account.is_usable(now) {
        return Ok(by_record(current, account.clone(), now));
    }
    let site = account.link.as_ref().and_then(|link| current.site(&link.directory));
    let Some(site) = site else { return Ok(refused_as_gone(current, now)) };
    read_and_judge(store, clock, current, site, account, wants_groups).await
}

fn by_record(current: &Current, account: Account, now: Millis) -> PersonJudgement {
    let judgement = gates::judge_known(&account, current.settings.sso.enabled, current.generation, now);
    let (groups, in_policy_group, admin_role) = (None, false, None);
    PersonJudgement { judgement, account: Some(account), groups, in_policy_group, admin_role }
}

async fn read_and_judge(
    store: &Store,
    clock: &Clock,
    current: &Current,
    site: &Site,
    account: &Account,
    wants_groups: bool,
) -> Result<PersonJudgement, Fault> {
    let deadline = Instant::now() + DIRECTORY_WAIT;
    let Some(link) = &account.link else { return Ok(refused_as_gone(current, clock.now())) };
    let Some(entry) = site.directory.read(link.entry, deadline).await? else {
        return Ok(refused_as_gone(current, clock.now()));
    };
    let live = LiveEntry { current, site, entry: &entry, deadline };
    let person = live.bring_up_to_date(store, clock, wants_groups).await?;
    let (found, mode) = (FoundEntry::One(&entry), JudgementMode::Living);
    let judgement = gates::judge(&person.gate_input(found, mode, current, clock.now()));
    let LiveDetails { groups, in_policy_group, admin_role, .. } = person.looked;
    Ok(PersonJudgement { judgement, account: person.account, groups, in_policy_group, admin_role })
}

/// The judgement if the entry or the account is gone.
fn refused_as_gone(current: &Current, now: Millis) -> PersonJudgement {
    let (sso_enabled, generation) = (current.settings.sso.enabled, current.generation);
    let judgement = gates::judge(&GateInput::without_entry(
        JudgementMode::Living,
        FoundEntry::Nobody,
        sso_enabled,
        generation,
        now,
    ));
    let (groups, in_policy_group, admin_role) = (None, false, None);
    PersonJudgement { judgement, account: None, groups, in_policy_group, admin_role }
}
